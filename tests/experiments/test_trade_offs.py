"""The metrics of the trade-off table: closed forms in tiny worlds, and 0 where the mechanism is off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from agents.choice import plan_taken, utilities
from agents.columns import C, K, L, N, S, T
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.observe import SURPLUS_EVERY
from agents.scenario import Scenario
from agents.strategies.placebo import Placebo
from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView
from experiments.measure import runs_of
from experiments.metrics import METRICS

pytestmark = pytest.mark.slow

METRIC = {name: n for n, name in enumerate(METRICS)}
MONTH = 30.4375
YEAR = 365.25
NONE = Scenario(name="none")
LOYAL: dict[str, Any] = {"customers": 400, "gate.attention": 1e-7, "gate.p_contact": 0.0, **QUIET, **ISOLATED}
"""Nobody looks, nothing happens by itself."""
TRADE_OFFS = (
    "engagement", "loyalty", "proactivity", "relationship_share", "trust", "vulnerability", "effort",
    "better_off_elsewhere", "freedom_to_leave", "knowledge", "personalisation", "referrals", "cost_first_year", "cost_later",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Deeds(Strategy):
    """Does something on some days.

    Mechanism: whatever levers are pulled. Costs: theirs. Fails: like them.
    """

    kind: ClassVar[str] = "active"

    deeds: tuple[tuple[float, Callable[[ProviderView], None]], ...]

    def calendar(self, view: ProviderView) -> Calendar:
        for day, deed in self.deeds:
            yield view.wait(day - view.day)
            deed(view)


def doing(*deeds: tuple[float, Callable[[ProviderView], None]]) -> Scenario:
    return Scenario(name="doing", focal={"act": Deeds(deeds=deeds)})


def lived(warmed: MarketModel, what: Scenario, days: float) -> MarketModel:
    twin = warmed.fork(what)
    twin.run(days)
    return twin


def value(model: MarketModel, name: str, provider: int = 0) -> float:
    return float(runs_of(model)[provider, -1, METRIC[name]])


def members(model: MarketModel) -> np.ndarray:
    return np.flatnonzero(model.world.arrays.codes[C.PROVIDER] == 0)


# --- off is 0 -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spent() -> tuple[MarketModel, MarketModel]:
    """Two and a half years with a placebo and with none, in a market where everything else happens."""
    what = Scenario(name="placebo", focal={"placebo": Placebo(upfront=2.0, per_month=0.5)})
    warmed = warm(
        {
            "customers": 200,
            "network.ties": 4.0,
            "network.strong": 1.0,
            "network.recommend": 2.0,
            "network.p_recommend": 0.5,
            "gate.s_ref": 0.4,
        },
        what,
    )
    return lived(warmed, what, 30 * MONTH), lived(warmed, NONE, 30 * MONTH)


@pytest.mark.parametrize("name", TRADE_OFFS)
def test_a_placebo_moves_no_trade_off_but_its_own_cost(
    name: str, spent: tuple[MarketModel, MarketModel]
) -> None:
    placebo, none = (runs_of(model)[..., METRIC[name]] for model in spent)
    if name.startswith("cost"):
        assert (none == 0.0).all()
        assert placebo[0, -1] > 0.0
        assert (placebo[1] == 0.0).all()
    else:
        assert np.array_equal(placebo, none, equal_nan=True)


def test_what_happens_without_strategies_is_measured_where_it_happens(
    spent: tuple[MarketModel, MarketModel],
) -> None:
    """In the market with none, what only a strategy can bring about is 0, and what people do and meet is not."""
    runs = dict(zip(METRICS, runs_of(spent[1])[0, -1]))
    nothing = {name for name in TRADE_OFFS if runs[name] == 0.0}
    assert nothing == {"proactivity", "trust", "personalisation", "cost_first_year", "cost_later"}


@pytest.mark.parametrize(
    "name", ["engagement", "loyalty", "relationship_share", "trust", "effort", "personalisation"]
)
def test_where_nothing_happens_there_is_nothing_to_measure(name: str) -> None:
    model = lived(warm({**LOYAL, "gate.attention": 0.002}), NONE, 3 * MONTH)
    assert value(model, "looks") > 0.0
    assert value(model, name) == 0.0


# --- money --------------------------------------------------------------------------------------------


def test_running_cost_of_the_first_year_and_of_a_later_one(spent: tuple[MarketModel, MarketModel]) -> None:
    """What is paid at the start is in neither; a month costs the same in both years."""
    placebo = spent[0]
    yearly = 0.5 * 12.0 * placebo.providers[0].firm_customers
    assert value(placebo, "cost_first_year") == pytest.approx(yearly, rel=1e-5)
    assert value(placebo, "cost_later") == pytest.approx(yearly, rel=1e-5)
    assert value(placebo, "cost_upfront") == pytest.approx(
        2.0 * placebo.providers[0].firm_customers, rel=1e-5
    )
    total = (
        value(placebo, "cost_first_year")
        + 1.5 * value(placebo, "cost_later")
        + value(placebo, "cost_upfront")
    )
    assert total == pytest.approx(value(placebo, "cost"), rel=1e-9)


def test_a_run_of_less_than_a_year_has_no_later_cost() -> None:
    what = Scenario(name="placebo", focal={"placebo": Placebo(upfront=2.0, per_month=0.5)})
    model = lived(warm({"customers": 60}, what), what, 6 * MONTH)
    assert value(model, "cost_first_year") == pytest.approx(
        0.5 * 6 * model.providers[0].firm_customers, rel=1e-5
    )
    assert np.isnan(value(model, "cost_later"))


# --- what customers do and feel -----------------------------------------------------------------------


def test_engagement_counts_what_customers_do() -> None:
    """Purchases; in a subscription answers to a survey that everybody answers."""
    shop = {**LOYAL, "contract": "none", "gate.per": "purchase"}
    warmed = warm(shop)
    before = warmed.world.arrays.crm[0, K.PURCHASES].copy()
    model = lived(warmed, NONE, 4 * MONTH)
    own = members(model)
    bought = (model.world.arrays.crm[0, K.PURCHASES, own] - before[own]).sum()
    assert value(model, "engagement") == pytest.approx(bought / own.size / 4.0, rel=1e-5)
    asked = doing((0.0, lambda view: view.ask(view.members, "message")))
    model = lived(warm({**LOYAL, "dialogue.response_message": 1.0}, asked), asked, 4 * MONTH)
    assert value(model, "engagement") == pytest.approx(0.25)


def test_loyalty_is_mean_commitment_over_the_readings() -> None:
    what = doing((0.0, lambda v: v.serve(v.members, "help", np.full(v.members.size, 40.0, np.float32), 1.0)))
    model = warm(LOYAL, what).fork(what)
    means = []
    for month in range(1, 6):
        model.run(month * MONTH)
        means.append(model.world.arrays.state[S.COMMITMENT, members(model)].astype(float).mean())
    assert means[0] > 0.01
    assert value(model, "loyalty") == pytest.approx(np.mean(means), abs=1e-6)
    assert value(model, "loyalty", provider=1) == 0.0


def test_effort_is_the_time_that_incidents_and_answers_take() -> None:
    """Ten minutes an incident, three an answer; nobody calls."""
    what = doing((14.0, lambda view: view.ask(view.members, "message")))
    changes = {**LOYAL, "service.friction": 1.0, "dialogue.response_message": 1.0, "gate.g_grievance": 0.0}
    model = lived(warm(changes, what, people={"voice": 0.0, "spread_voice": 0.0}), what, 2 * MONTH)
    own = members(model).size
    incidents = model.world.counts[0, :, N.INCIDENTS].sum()
    assert incidents > 0.5 * own
    assert value(model, "effort") == pytest.approx((10.0 * incidents + 3.0 * own) / own / 2.0, rel=1e-6)


# --- what the firm does -------------------------------------------------------------------------------

TOLD = {"candour": 1.0, "voice": 0.0, "spread_voice": 0.0}


def troubled(model: MarketModel) -> MarketModel:
    """The same world in which everybody has kept one incident to himself."""
    state = model.world.arrays.state
    state[S.UNTOLD_DROP], state[S.UNTOLD_HURT] = 0.1, 0.3
    return model


def ask(view: ProviderView) -> None:
    view.ask(view.members, "message")


def follow(view: ProviderView) -> None:
    view.employ(1e6)
    view.follow_up(view.members, 10.0)


@pytest.mark.parametrize(("acts", "expected"), [(True, 6.0), (False, -6.0)])
def test_trust_is_promises_kept_less_promises_broken_a_year(acts: bool, expected: float) -> None:
    """One promise each in two months: six a year."""
    what = doing((0.0, ask), (14.0, follow)) if acts else doing((0.0, ask))
    changes = {**LOYAL, "dialogue.response_message": 1.0, "gate.g_grievance": 0.0}
    model = lived(troubled(warm(changes, what, people=TOLD)), what, 2 * MONTH)
    assert value(model, "trust") == pytest.approx(expected)
    assert value(model, "trust", provider=1) == 0.0


def test_proactivity_is_the_share_of_incidents_solved_before_a_complaint() -> None:
    what = doing(
        (0.0, lambda v: v.train(1.0)), *((7.0 * n, deed) for n in range(1, 12) for deed in (ask, follow))
    )
    changes = {
        **LOYAL, "service.failure": 0.2, "dialogue.response_message": 1.0, "gate.g_grievance": 0.0,
        "dialogue.promise_days": 30.0,
    }  # fmt: skip
    model = lived(warm(changes, what, people=TOLD), what, 84.0)
    incidents = model.world.counts[0, :, N.INCIDENTS].sum()
    solved = model.world.arrays.crm[0, K.SOLVED, members(model)].sum()
    assert value(model, "proactivity") == pytest.approx(solved / incidents)
    assert value(model, "proactivity") > 0.5


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_personalisation_is_the_match_of_what_was_sent(offset: float) -> None:
    def send(view: ProviderView) -> None:
        position = view._provider.world.arrays.traits[T.POSITION, view.members]
        view.send(view.members, "message", (position + np.float32(offset)).astype(np.float32))

    what = doing((0.0, send), (35.0, send))
    sent = lived(warm(LOYAL, what), what, 2 * MONTH)
    assert value(sent, "personalisation") == pytest.approx(1.0 - offset, abs=1e-5)
    noticed = doing((0.0, lambda view: view.notify(view.members, "message")))
    assert value(lived(warm(LOYAL, what), noticed, 2 * MONTH), "personalisation") == 0.0


@pytest.mark.parametrize("error", [0.0, 0.5])
def test_knowledge_is_the_share_of_records_that_are_right(error: float) -> None:
    """Exact readings are right; others as often as two estimates lie within a quarter, here recomputed at one reading."""
    model = lived(warm({**LOYAL, "people.signal_error": error}), NONE, MONTH)
    w, own = model.world.arrays, members(model)
    right = np.abs(w.crm[0, K.NEED_SEEN, own] - w.traits[T.NEED, own]) < 0.25
    right &= np.abs(w.crm[0, K.POSITION_SEEN, own] - w.traits[T.POSITION, own]) < 0.25
    assert value(model, "knowledge") == pytest.approx(right.mean())
    assert value(model, "knowledge") == 1.0 if error == 0.0 else 0.05 < value(model, "knowledge") < 0.4
    assert np.isnan(value(model, "knowledge", provider=1)), "the rival keeps no records"


# --- what holds customers -----------------------------------------------------------------------------


def test_relationship_share_is_who_would_have_gone_without_commitment() -> None:
    """Twin worlds of one pulse, the same looks and noise: stays with commitment that are exits without any."""
    changes = {**LOYAL, "gate.attention": 0.1, "gate.g_commitment": 0.0, "customers": 1500}
    warmed = warm(changes)
    bound, free = warmed.fork(NONE), warmed.fork(NONE)
    bound.world.arrays.state[S.COMMITMENT], free.world.arrays.state[S.COMMITMENT] = 1.5, 0.0
    kept = np.float32(1.5) * bound.pace.commitment_kept
    assert 1.4 < kept < 1.5
    for model in (bound, free):
        model.run(7.0)
    stayed = [model.world.arrays.codes[C.UNBROKEN] == 1 for model in (bound, free)]
    held = int((stayed[0] & ~stayed[1]).sum())
    looked_and_stayed = bound.world.counts[0, :, N.STAYED].sum()
    focal = int((stayed[0] & ~stayed[1] & (bound.at_fork.provider == 0)).sum())
    assert held > focal > 30
    assert value(bound, "relationship_share") == pytest.approx(focal / looked_and_stayed)
    assert value(free, "relationship_share") == 0.0


def weighed(model: MarketModel) -> dict[str, float]:
    """Vulnerability, better elsewhere and freedom at the last reading, anew in double precision."""
    w, law, pace, key, m = model.world.arrays, model.world.law, model.pace, model.world.key, model.market
    rows = []
    for i in range(1, w.codes.shape[1], SURPLUS_EVERY):  # Whose turn it is after one month.
        if w.codes[C.PROVIDER, i] != 0:
            continue
        v = np.empty(len(m.providers) + 1, np.float32)
        who, zero = np.int64(i), np.float32(0.0)
        plan = plan_taken(w, law, pace, key, who)
        utilities(w, law, pace, who, plan, zero, zero, np.float32(1.0), v)
        u = v.astype(float)
        weight, horizon = float(w.traits[T.PRICE_WEIGHT, i]), float(w.traits[T.HORIZON, i])
        hassle, tier = float(w.traits[T.HASSLE, i]), int(w.codes[C.TIER, i])
        once = hassle + (0.0, 40.0, 80.0, 160.0)[tier] * (YEAR - model.marketplace.day) / YEAR
        price = m.money.price * m.providers[1].price * m.plans[plan].price * float(w.traits[T.SPEND, i])
        own = u[0] - float(w.state[S.COMMITMENT, i])
        rival = u[1] - float(w.levers[1, L.LOG_AVAILABILITY]) + weight * once / horizon
        stay = 1.0 / np.exp(u - u[0]).sum()
        u[1] += weight * 0.2 * price
        rows.append((stay - 1.0 / np.exp(u - u[0]).sum(), max(0.0, rival - own) / weight, once))
    means = np.mean(rows, axis=0)
    return dict(zip(("vulnerability", "better_off_elsewhere", "freedom_to_leave"), means.tolist()))


def test_what_holds_customers_is_recomputed_from_their_choice_sets() -> None:
    """Hassle and the benefits of a level, in a market in which people commit, know their plans badly and look around."""
    levels = doing(
        (0.0, lambda view: view.levels((300.0, 600.0, 900.0), (40.0, 80.0, 160.0), 0.0, YEAR)),
        (0.0, lambda view: view.review_levels(first=True)),
    )
    model = lived(warm({"customers": 500, **ISOLATED}, levels), levels, MONTH)
    assert set(model.world.arrays.codes[C.TIER, members(model)]) == {0, 1, 2, 3}
    for name, expected in weighed(model).items():
        assert expected > 0.0
        assert value(model, name) == pytest.approx(expected, rel=1e-3), name


def test_customers_are_free_where_nothing_stands_in_the_way_and_well_off_where_the_rival_is_worse() -> None:
    free = lived(warm(LOYAL, people={"hassle": 0.0, "spread_hassle": 0.0}), NONE, MONTH)
    assert value(free, "freedom_to_leave") == 0.0
    assert value(lived(warm(LOYAL), NONE, MONTH), "freedom_to_leave") > 0.0
    changes = {**LOYAL, "choice.match_scale": 0.0, "start": "cohort", "people.plan_error": 0.0}
    model = warm(changes).fork(NONE)
    model.world.levers[1, [L.REPUTATION, L.PRICE]] = 0.0, 3.0
    model.run(MONTH)
    assert value(model, "better_off_elsewhere") == 0.0
    assert value(lived(warm(changes), NONE, MONTH), "better_off_elsewhere") > 0.0


def test_who_does_not_care_for_money_is_not_vulnerable_to_promotions() -> None:
    for price_weight, limit in ((0.05, 0.01), (4.0, None)):
        people = {"price_weight": price_weight, "spread_weights": 0.0}
        found = value(lived(warm(LOYAL, people=people), NONE, MONTH), "vulnerability")
        assert found > 0.0
        assert found < limit if limit else found > 0.02
