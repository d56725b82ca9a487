"""Fitted market: a market and its customers that repeat the data when every strategy is off, with evidence per number.

All joined one provider on day 0 and look as the fit says, and nothing else makes them look: no incidents, no rivals, no
adverts, nobody moves away. That is an exact special case of the model, so that the simulated cohort follows the fitted
curve whatever the length of a pulse.

Where all who look leave (`choose_share` 1), every effect is off as well: a strategy spends and changes nothing. Below 1
one who looks compares staying with leaving, of which

    V_own = - price_weight,  V_none = category_exit = ln(q / (1 - q)) - price_weight,  P(leave | look) = q,

with price weights in typical monthly prices, and everything by which a strategy acts on that is live: prices and
offers, contacts, experience, the save desk. None of it acts by itself: without a strategy the cohort is the same.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from agents.segments import Segment
from experiments.calibration.ensemble import category_exit, ensemble, mean_of, relative, rounded
from experiments.calibration.fitted import Fitted, Group
from experiments.calibration.template import Evidence, Template
from sim.quantities import DAYS_PER_MONTH, quantities

PROVIDER = "firm"
PLAN = "standard"
EFFECTS = ("g_commitment", "p_price_rise", "p_expiry", "p_contact")
"""Of the gate: what strategies set off; held at 0 where all who look leave."""
CAUSES = ("attention_none", "g_grievance", "g_dissatisfaction", "g_peers", "p_notice", "p_advert")
"""Of the gate: what would make customers look without any strategy; always 0."""
LONGEST_PULSE = 92.0

Node = dict[str, Any]


@dataclass(frozen=True)
class FittedMarket:
    """Plain configuration of a market and of its customers, evidence and ensemble included."""

    market: Node
    customers: Node


class _Sheet:
    """Values by dotted key, each with its evidence."""

    def __init__(self) -> None:
        self.values: Node = {}
        self.evidence: dict[str, Evidence] = {}

    def put(self, key: str, value: Any, evidence: Evidence | None = None) -> None:
        *path, last = key.split(".")
        node = self.values
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
        if evidence is not None:
            self.evidence[key] = evidence

    def hold(self, key: str, value: float, why: str) -> None:
        """A value that no draw moves."""
        self.put(key, value, {"assumption": f"{why}; held.", "range": [value, value]})

    def node(self) -> Node:
        return {**self.values, "evidence": self.evidence}


def fitted_market(fitted: Fitted, template: Template) -> FittedMarket:
    """The market and customers of a fit.

    Args:
        fitted: what the data say.
        template: where everything else comes from.
    """
    market = _market(fitted, template)
    customers = _customers(fitted, template)
    return FittedMarket({**market, "ensemble": ensemble(fitted, template)}, customers)


# The market.


def _market(fitted: Fitted, template: Template) -> Node:
    sheet = _Sheet()
    _frame(sheet, fitted, template)
    for section in (
        "gate",
        "choice",
        "experience",
        "service",
        "product",
        "contacts",
        "purchases",
        "money",
        "people",
    ):
        _inherit(sheet, template, section)
    _gate(sheet, fitted)
    _choice(sheet, fitted, template)
    _silence(sheet, fitted, template)
    _economy(sheet, fitted)
    _provider(sheet, template)
    return sheet.node()


def _frame(sheet: _Sheet, fitted: Fitted, template: Template) -> None:
    """What kind of market it is, and its size."""
    known = template.resolved.world.market
    renewed = fitted.occasion == "renewal"
    sheet.put("title", fitted.title)
    sheet.put("currency", known.currency)
    sheet.put("contract", "term" if renewed else "none")
    months = fitted.term_months
    sheet.hold("term_months", months, "The period of the data" if renewed else "Without contract no effect")
    sheet.hold("pulse", *_pulse(fitted, known.pulse))
    sheet.hold("warm_up", 0.0, "The data are of customers from their first day on")
    sheet.put("start", "cohort")
    sheet.put("customers", known.customers, template.evidence("customers"))
    counted = sum(group.customers for group in fitted.groups)
    size = max(float(known.customers), float(round(counted)))
    sheet.hold("firm_customers", size, "The size of the firm is not in the data, it scales money only")
    sheet.put("churn_target", None)


def _pulse(fitted: Fitted, wished: float) -> tuple[float, str]:
    """Length of a pulse, and why: shorter terms are cut into whole pulses, so that renewals keep their distance."""
    term = fitted.term_months * DAYS_PER_MONTH
    if fitted.occasion == "purchase" or term > 2.0 * LONGEST_PULSE:
        return wished, "A numerical choice, not an assumption about the world"
    return rounded(term / max(1, round(term / wished))), "A numerical choice: a whole part of the term"


def _inherit(sheet: _Sheet, template: Template, section: str) -> None:
    """A section of the market as in the template, but for its season: a fit knows one rate for all year."""
    part = getattr(template.resolved.world.market, section)
    known = quantities(type(part))
    for name, value in asdict(part).items():
        if isinstance(value, dict):
            continue
        numeric = known[name].low is not None
        sheet.put(f"{section}.{name}", value, template.evidence(f"{section}.{name}") if numeric else None)


def _gate(sheet: _Sheet, fitted: Fitted) -> None:
    sheet.put("gate.per", fitted.occasion)
    mean = rounded(mean_of(fitted, "attention", [group.point for group in fitted.groups]))
    sheet.put("gate.attention", mean, {"source": _sources(fitted)})
    sheet.hold("gate.spread", 1.0, "The fit's own heterogeneity stands in the segments")
    for name in CAUSES:
        sheet.hold(f"gate.{name}", 0.0, "Off: customers look as the fit says and for no other reason")
    if fitted.leaves:
        for name in EFFECTS:
            sheet.hold(f"gate.{name}", 0.0, "Off: all who look leave, and no strategy changes who looks")
    sheet.hold("gate.s_ref", sheet.values["gate"]["s_ref"], "Without effect: satisfaction stays there")


def _choice(sheet: _Sheet, fitted: Fitted, template: Template) -> None:
    known = template.resolved.world.market.choice
    sheet.put("choice.rule", "leave" if fitted.leaves else "compare")
    sheet.put("choice.returns", False)
    sheet.put("choice.own_availability", False)
    one = "The data show one provider and no plans: there is no fit to tell"
    sheet.hold("choice.match_scale", 0.0, one)
    sheet.hold("choice.misfit", 0.0, one)
    if fitted.leaves:
        for name in ("category_exit", "in_person"):
            sheet.hold(f"choice.{name}", 0.0, "Without effect: all who look leave")
        sheet.hold("choice.memory", known.memory, "Without effect: all who look leave")
        return
    weight, _ = template.mean_trait("price_weight")
    text = (
        f"Makes {fitted.choose:.0%} of those who look leave, as asked for: ln(q / (1 - q)) less the price weight. The "
        "data fix only look x choose; the ensemble moves it with attention and price weight"
    )
    sheet.hold("choice.category_exit", category_exit(fitted.choose, weight), text)
    memory = min(known.memory, 30.0 * (fitted.term_months * DAYS_PER_MONTH // 30.0), 365.0)
    sheet.hold("choice.memory", memory, "At most a term, so that each renewal is looked at afresh")


def _silence(sheet: _Sheet, fitted: Fitted, template: Template) -> None:
    """Nothing happens to customers but what strategies do."""
    service, people = template.resolved.world.market.service, template.resolved.world.market.people
    sheet.put("service.desk", False)
    for name, value in asdict(service).items():
        if name in ("friction", "doubt", "failure"):
            sheet.hold(
                f"service.{name}", 0.0, "Off: the data hold no incidents; those there were are in the fit"
            )
        elif name != "desk":
            sheet.hold(f"service.{name}", value, "Without effect: no incidents")
    for name, value in asdict(template.resolved.world.market.product).items():
        sheet.hold(f"product.{name}", value, "Without effect: there are no incidents to design away")
    sheet.hold(
        "people.involuntary", 0.0, "Off: the data do not tell who had to leave, and the fit holds them"
    )
    sheet.hold("people.need_change", 0.0, "Off: the fit says that nobody changes with age")
    sheet.hold("people.plan_error", 0.0, "There is one plan")
    sheet.put("people.signal_error", people.signal_error, template.evidence("people.signal_error"))
    if fitted.leaves:
        for name, value in asdict(template.resolved.world.market.experience).items():
            off = 0.0 if name == "kappa" else value
            sheet.hold(
                f"experience.{name}", off, "Off: all who look leave, and no strategy changes who looks"
            )


def _economy(sheet: _Sheet, fitted: Fitted) -> None:
    """Purchases, and the price where the data hold it."""
    if fitted.occasion == "renewal":
        for name, value in sheet.values["purchases"].items():
            if name != "reference_half_life":
                neutral = {"u0": 40.0, "price_elasticity": 0.0, "salience_jump": 0.0, "advance": 0.0}
                sheet.hold(f"purchases.{name}", neutral.get(name, value), "Without effect under a contract")
        return
    rate = rounded(mean_of(fitted, "usage", [group.point for group in fitted.groups]))
    sheet.put("purchases.usage_rate", rate, {"source": _sources(fitted)})
    sheet.hold("purchases.u0", 40.0, "Every need is a purchase: the log shows no others")
    for name in ("price_elasticity", "salience_jump", "advance"):
        sheet.hold(f"purchases.{name}", 0.0, "Off: the log does not tell what moves a purchase")
    if fitted.basket is not None:
        value, source = fitted.basket
        sheet.put("money.price", value, {"source": source})


def _provider(sheet: _Sheet, template: Template) -> None:
    sheet.hold(f"plans.{PLAN}.level", 0.5, "There is one plan")
    sheet.hold(f"plans.{PLAN}.price", 1.0, "There is one plan")
    alone = "The data show one provider, and nothing that happens there but leaving"
    resting = {
        "quality": template.resolved.world.market.gate.s_ref,
        "profile": 0.0,
        "price": 1.0,
        "availability": 1.0,
        "adverts": 0.0,
        "incidents": 1.0,
    }
    for name, value in resting.items():
        sheet.hold(f"providers.{PROVIDER}.{name}", value, alone)


# The customers.


def _customers(fitted: Fitted, template: Template) -> Node:
    sheet = _Sheet()
    sheet.put("title", fitted.title)
    for group in fitted.groups:
        _segment(sheet, fitted, group, template)
    return sheet.node()


def _segment(sheet: _Sheet, fitted: Fitted, group: Group, template: Template) -> None:
    """One segment: fitted habits, and for the rest the mean of the template's segments."""
    key = f"segments.{group.name}"
    for field in fields(Segment):
        if field.name not in ("name", "share"):
            sheet.put(f"{key}.{field.name}", *template.mean_trait(field.name))
    sheet.put(f"{key}.share", group.share, {"source": f"Share of the customers in the data: {group.source}"})
    for name, value in relative(fitted, group.point).items():
        sheet.put(f"{key}.{name}", value, {"source": group.source})
    if fitted.occasion == "renewal":
        sheet.hold(f"{key}.usage", 1.0, "Without effect under a contract")
        sheet.hold(f"{key}.spread_usage", 0.0, "Without effect under a contract")
    sheet.hold(f"{key}.spend", 1.0, "The unit: the list price")
    if not fitted.leaves:
        weight, _ = template.mean_trait("price_weight")
        sheet.hold(f"{key}.price_weight", weight, "Not in the data; the ensemble moves it with category_exit")
        same = "Alike in the choice, so that the choose share is the same for all"
        sheet.hold(f"{key}.spread_weights", 0.0, same)
        sheet.hold(f"{key}.spread_spend", 0.0, same)


def _sources(fitted: Fitted) -> str:
    return " ".join(group.source for group in fitted.groups)
