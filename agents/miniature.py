"""A miniature market in code, for contract tests of strategies, for teaching and for trying things out.

A few people, two or three providers, every mechanism small but alive. Its numbers are made up to be easy to read and
quick to run, they describe no industry. Any parameter is changed by its dotted name:

    market({"customers": 100, "gate.per": "renewal", "contract": "term", **ISOLATED, **QUIET})
    warm({"customers": 100}, Scenario(name="gifts", focal={"gifts": MyGifts()}))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from agents.market import (
    Choice,
    Contacts,
    Experience,
    Gate,
    Market,
    Money,
    People,
    Plan,
    Product,
    Provider,
    Purchases,
    Service,
)
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.segments import Correlation, Customers, Segment
from agents.strategies.blend.blend import unfolded
from sim.luck import Luck

Parameters = TypeVar("Parameters")

ISOLATED: Mapping[str, Any] = {"service.desk": False, "contacts.cap": 1000}
"""Changes of a market after which nobody affects anybody: no waiting at a desk, no cap on contacts."""
QUIET: Mapping[str, Any] = {
    "service.friction": 0.0,
    "service.doubt": 0.0,
    "service.failure": 0.0,
    "people.involuntary": 0.0,
    "people.need_change": 0.0,
    "gate.p_advert": 0.0,
}
"""Changes after which nothing happens to anybody by itself: no incidents, moves, life events, advertisements."""
FAMILY: Mapping[str, Any] = {
    "spread_attention": 0.0,
    "spread_usage": 0.0,
    "spread_spend": 0.0,
    "spread_weights": 0.0,
    "spread_tolerance": 0.0,
    "spread_voice": 0.0,
    "spread_taste": 0.0,
    "spread_hassle": 0.0,
}
"""Changes of a segment after which its people are alike but for their needs and product tastes."""


def changed(parameters: Parameters, changes: Mapping[str, Any]) -> Parameters:
    """A frozen parameter object with some values changed, by their dotted names.

    Raises:
        TypeError: when a name is not one of its fields.
    """
    nested: dict[str, dict[str, Any]] = {}
    plain: dict[str, Any] = {}
    for name, value in changes.items():
        first, dot, rest = name.partition(".")
        if dot:
            nested.setdefault(first, {})[rest] = value
        else:
            plain[name] = value
    for first, inner in nested.items():
        plain[first] = changed(plain.get(first, getattr(parameters, first)), inner)
    return replace(parameters, **plain)  # type: ignore[type-var]


def market(changes: Mapping[str, Any] | None = None) -> Market:
    """The miniature market: a subscription with two providers, a desk, three plans; `changes` by dotted name."""
    return changed(_MARKET, changes or {})


def customers(changes: Mapping[str, Any] | None = None) -> Customers:
    """The miniature's people: calm and restless ones, half each; `changes` apply to both segments."""
    return replace(_PEOPLE, segments=tuple(changed(one, changes or {}) for one in _PEOPLE.segments))


def provider(changes: Mapping[str, Any] | None = None) -> Provider:
    """The miniature's focal provider; `changes` by name make a rival of it."""
    return changed(_MARKET.providers[0], changes or {})


def warm(
    changes: Mapping[str, Any] | None = None,
    *scenarios: Scenario,
    people: Mapping[str, Any] | None = None,
    today: Scenario | None = None,
    luck: Luck | None = None,
    learning: bool = False,
) -> MarketModel:
    """The miniature on the day of the fork, ready for these scenarios.

    Args:
        changes, people: of the market and of its segments, by dotted name.
        scenarios: what it will be forked to; today: what runs before.
        luck: by default that of seed 1, replicate 0.
        learning: whether providers whose strategies ask for it learn.
    """
    place, today = market(changes), today or Scenario(name="today")
    focal = place.providers[0].name
    runs = {p.name: [s.of(p.name, focal, today) for s in (today, *scenarios)] for p in place.providers}
    model = MarketModel(
        place,
        customers(people),
        today,
        luck or Luck(1, 0),
        focal,
        slots=frozenset(slot for programmes in runs.values() for one in programmes for slot in unfolded(one)),
        firms=frozenset(name for name, programmes in runs.items() if any(programmes)),
        learners=frozenset(
            name for name, programmes in runs.items()
            if learning and any(s.learns for programme in programmes for s in programme.values())
        ),
    )  # fmt: skip
    model.warm_up()
    return model


def _market() -> Market:
    focal = Provider(
        name="focal", quality=0.8, profile=0.2, price=1.0, availability=0.6, adverts=0.5, incidents=1.0
    )
    return Market(
        title="Miniature",
        currency="EUR",
        contract="subscription",
        term_months=12.0,
        pulse=7.0,
        warm_up=0.0,
        start="stock",
        customers=200,
        firm_customers=1000.0,
        churn_target=None,
        gate=_gate(),
        choice=Choice(
            rule="compare", returns=True, match_scale=1.5, misfit=1.5, category_exit=-8.0, memory=90.0,
            own_availability=False, in_person=0.5,
        ),
        experience=Experience(
            kappa=0.1, tau=12.0, h=4.0, rho=0.5, worth_help=0.1, worth_recognition=0.1, worth_belonging=0.1,
            worth_content=0.2, worth_gift=0.1,
        ),
        service=_service(),
        product=Product(ceiling=0.5, scale=4.0, delay=30.0, decay=0.02),
        contacts=Contacts(
            weight_message=0.3, weight_call=1.0, weight_post=0.3, half_life=2.0, cost_message=0.01, cost_call=10.0,
            cost_post=0.9, cap=6,
        ),
        purchases=Purchases(
            usage_rate=0.1, u0=1.0, price_elasticity=3.0, salience_jump=0.3, salience_half_life=2.0,
            reference_half_life=3.0, inactive_after=3.0, advance=0.2,
        ),
        money=Money(
            price=50.0, margin=0.6, acquisition=100.0, wage=28.0, discount_rate=0.1, exit_fee=0.5, breakage=0.3
        ),
        people=People(involuntary=0.01, need_change=0.5, plan_error=0.15, signal_error=0.5),
        plans=(
            Plan(name="small", level=0.2, price=0.75),
            Plan(name="medium", level=0.5, price=1.0),
            Plan(name="large", level=0.8, price=1.35),
        ),
        providers=(focal, replace(focal, name="rival", quality=0.78, profile=-0.2, price=0.98, incidents=1.1)),
    )  # fmt: skip


def _gate() -> Gate:
    return Gate(
        per="day", attention=0.004, attention_none=0.02, g_grievance=0.9, g_dissatisfaction=1.5, g_peers=0.5,
        g_commitment=0.6, s_ref=0.7, p_notice=0.1, p_price_rise=0.1, p_expiry=0.2, p_contact=0.1, p_advert=0.002,
    )  # fmt: skip


def _service() -> Service:
    return Service(
        friction=0.6, doubt=0.5, failure=0.2, novelty=1.5, learn=6.0, drop_friction=0.05, drop_doubt=0.03,
        drop_failure=0.2, grievance_friction=0.08, grievance_doubt=0.06, satisfaction_half_life=3.0,
        grievance_half_life=5.0, recovery=1.0, heal=0.5, wait_cost=0.01, abandon_grievance=0.3, patience=8.0,
        minutes=8.0, solved=0.7, team_customers=500.0, load=0.8, hours=10.0, desk=True,
    )  # fmt: skip


def _people() -> Customers:
    calm = Segment(
        name="calm", share=0.5, attention=0.5, spread_attention=0.6, usage=0.9, spread_usage=0.5, spend=1.0,
        spread_spend=0.3, price_weight=3.0, quality_weight=3.0, spread_weights=0.3, contact_tolerance=0.8,
        spread_tolerance=0.5, voice=0.4, candour=0.5, spread_voice=0.3, sociability=1.0, taste_help=0.5,
        taste_recognition=0.5, taste_belonging=0.2, taste_content=0.5, taste_gift=0.8, spread_taste=0.4,
        value_of_time=15.0, hassle=1.5, spread_hassle=0.5, horizon=12.0,
    )  # fmt: skip
    restless = replace(calm, name="restless", attention=1.5, usage=1.1, price_weight=5.0, hassle=0.6)
    return Customers(
        title="Calm and restless",
        segments=(calm, restless),
        correlations=(
            Correlation(first="attention", second="price_weight", value=0.3),
            Correlation(first="value_of_time", second="hassle", value=0.4),
        ),
    )


_MARKET = _market()
_PEOPLE = _people()
