"""Money changes hands: bills, purchases, discounts, points - against independent computations."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, L, N, S, T, V
from agents.miniature import FAMILY, ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.passive.points_programme import PointsProgramme
from agents.view import ProviderView
from sim.marketplace import Pulse

MONTH = 30.4375
NONE = Scenario(name="none")
LOYAL: dict[str, Any] = {"customers": 60, "gate.attention": 1e-7, **QUIET, **ISOLATED}
"""Nobody looks, nothing happens by itself."""
SHOP: dict[str, Any] = {"contract": "none", "gate.per": "purchase", **LOYAL}
Doing = Callable[..., Scenario]


def lived(warmed: MarketModel, scenario: Scenario, days: float) -> MarketModel:
    twin = warmed.fork(scenario)
    twin.run(days)
    return twin


def prices(model: MarketModel) -> np.ndarray:
    """List price of everyone's plan at its provider, in currency."""
    w, m = model.world.arrays, model.market
    own = np.array([p.price for p in m.providers] + [np.nan])[w.codes[C.PROVIDER]]
    return np.asarray(m.money.price * own * w.plans[w.codes[C.PLAN], 1] * w.traits[T.SPEND])


# --- bills --------------------------------------------------------------------------------------------


def test_everyone_is_billed_once_a_month_on_its_own_day() -> None:
    model = lived(warm(LOYAL), NONE, 100.0)
    w = model.world.arrays
    own = w.codes[C.PROVIDER] >= 0
    bills = np.floor((100.0 - w.traits[T.BILL_PHASE]) / MONTH) - np.floor(
        (0.0 - w.traits[T.BILL_PHASE]) / MONTH
    )
    assert set(bills.tolist()) == {3.0, 4.0}
    assert w.money[V.PAID, own] / 1e6 == pytest.approx((bills * prices(model))[own], rel=1e-6)
    assert (w.money[V.PAID, ~own] == 0).all()
    assert (
        w.crm[0, K.PURCHASES, w.codes[C.PROVIDER] == 0].tolist() == bills[w.codes[C.PROVIDER] == 0].tolist()
    )
    assert w.books[:, :, 0, A.REVENUE].sum() == w.money[V.PAID].sum()
    assert w.books[:, :, 0, A.SERVICE].sum() / w.books[:, :, 0, A.REVENUE].sum() == pytest.approx(
        0.4, abs=1e-6
    )


def test_a_discount_is_one_contra_entry_under_its_tag_until_it_ends(doing: Doing) -> None:
    scenario = doing(lambda view: view.offer(view.members, 0.25, 2.0))
    warmed = warm({**LOYAL, "gate.p_expiry": 0.0}, scenario)
    with_, without = lived(warmed, scenario, 140.0), lived(warmed, NONE, 140.0)
    w, plain = with_.world.arrays, without.world.arrays
    own = w.codes[C.PROVIDER] == 0
    tag = with_.tags["act_0"]
    assert w.books[:, :, 0].tobytes() == plain.books[:, :, 0].tobytes(), "revenue stays at list"
    given = w.books[0, :, tag, A.DISCOUNT].sum()
    assert given == (plain.money[V.PAID] - w.money[V.PAID]).sum()
    bills = np.floor((2.0 * MONTH - w.traits[T.BILL_PHASE]) / MONTH) + 1.0
    cut = (plain.money[V.PAID] - w.money[V.PAID]) / 1e6 / (0.25 * prices(with_))
    assert np.allclose(cut[own], np.round(cut[own]), atol=1e-4)
    assert (np.round(cut[own]) - bills[own] >= 0.0).all()
    assert (np.round(cut[own]) == bills[own]).mean() > 0.8, "but for bills in the pulse in which it ends"
    assert not w.books[0, :, tag, [a for a in A if a != A.DISCOUNT]].any()
    assert w.money[V.SPENT, own].sum() < given, "later discounts count less"


def test_a_better_running_discount_is_kept(doing: Doing) -> None:
    offers = {0.0: lambda v: v.offer(v.members, 0.4, 6.0), 14.0: lambda v: v.offer(v.members, 0.1, 1.0)}
    scenario = doing(offers)
    model = lived(warm(LOYAL, scenario), scenario, 28.0)
    own = model.world.arrays.codes[C.PROVIDER] == 0
    assert model.world.arrays.state[S.DISCOUNT, own] == pytest.approx(0.4)


def test_the_end_of_a_discount_makes_people_look(doing: Doing) -> None:
    scenario = doing(lambda view: view.offer(view.members, 0.25, 2.0))
    model = warm({**LOYAL, "gate.p_expiry": 1.0}, scenario).fork(scenario)
    looks = []
    for _ in range(12):
        model.step()
        looks.append(int(model.world.counts[0, :, N.LOOKS].sum()))
    fresh = np.diff([0, *looks])
    assert fresh[8] > 20, "day 60.9 lies in the ninth pulse"
    assert fresh[:8].sum() == 0


# --- purchases ----------------------------------------------------------------------------------------


def bought(
    changes: dict[str, Any], scenario: Scenario = NONE, days: float = 28.0, people: int = 1500
) -> tuple[int, float]:
    """Purchases at the focal provider, and the needs that were to be expected."""
    changes = {**SHOP, "customers": people, "purchases.usage_rate": 0.3, "purchases.advance": 0.0, **changes}
    model = lived(warm(changes, scenario), scenario, days)
    own = model.world.arrays.codes[C.PROVIDER] == 0
    return int(model.world.counts[0, :, N.PURCHASES].sum()), float(
        model.world.arrays.traits[T.USAGE_RATE, own].sum() * days
    )


def logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))


@pytest.mark.parametrize("u0", [-1.0, 0.0, 1.5, 40.0])
def test_a_need_becomes_a_purchase_by_a_logistic_law(u0: float) -> None:
    flat = {"purchases.u0": u0, "purchases.price_elasticity": 0.0, "purchases.salience_jump": 0.0}
    purchases, needs = bought(flat)
    expected = needs * logistic(u0)
    assert abs(purchases - expected) < 4.0 * np.sqrt(expected)


def test_a_discount_sells_more_at_first_and_then_becomes_the_reference(doing: Doing) -> None:
    law = {"purchases.u0": 0.0, "purchases.price_elasticity": 4.0, "purchases.salience_jump": 0.0}
    scenario = doing(lambda view: view.offer(view.members, 0.3, 36.0))
    slow, needs = bought({**law, "purchases.reference_half_life": 50.0}, scenario, 7.0, 4000)
    assert abs(slow - needs * logistic(4.0 * 0.3)) < 4.0 * np.sqrt(slow)
    quick, needs = bought({**law, "purchases.reference_half_life": 0.5}, scenario, 140.0)
    assert abs(quick - needs * 0.5) < 0.1 * needs, "what is usual is no gain"


def test_the_reference_price_learns_by_half_lives(doing: Doing) -> None:
    scenario = doing(lambda view: view.offer(view.members, 0.4, 36.0))
    model = lived(warm({**LOYAL, "purchases.reference_half_life": 2.0}, scenario), scenario, 150.0)
    w = model.world.arrays
    own = np.flatnonzero(w.codes[C.PROVIDER] == 0)
    expected = 0.6 + 0.4 * 2.0 ** (-w.crm[0, K.PURCHASES, own] / 2.0)
    assert w.state[S.REFERENCE_PRICE, own] == pytest.approx(expected, rel=1e-4)


def test_a_contact_that_fits_only_brings_a_purchase_forward(doing: Doing) -> None:
    """With an advance of 1 the next need is skipped: in the long run nobody buys more."""

    def fitting(view: ProviderView) -> None:
        view.send(view.members, "message", positions[view.members])

    scenario = doing(fitting)
    changes = {
        **SHOP,
        "purchases.u0": 40.0,
        "purchases.advance": 1.0,
        "purchases.usage_rate": 0.1,
        "gate.p_contact": 0.0,
    }
    warmed = warm(changes, scenario, people=FAMILY)
    positions = warmed.world.arrays.traits[T.POSITION].copy()
    own = warmed.at_fork.provider == 0
    uses = warmed.world.arrays.state[S.USES]
    after = {
        name: lived(warmed, s, 7.0).world.arrays.state for name, s in (("sent", scenario), ("not", NONE))
    }
    first = after["sent"][S.USES] - uses
    assert (first[own] >= 1.0).all()
    assert (after["not"][S.USES] - uses)[own].mean() < 0.9
    late = {name: lived(warmed, s, 210.0).world.arrays for name, s in (("sent", scenario), ("not", NONE))}
    assert late["sent"].state[S.USES, own].tolist() == late["not"].state[S.USES, own].tolist()
    assert (late["sent"].codes[C.ADVANCED, own] == 0).all()


def test_salience_rises_with_a_fitting_contact_and_fades(doing: Doing) -> None:
    def fitting(view: ProviderView) -> None:
        view.send(view.members, "message", positions[view.members])

    scenario = doing(fitting)
    warmed = warm({**LOYAL, "purchases.salience_jump": 0.8}, scenario)
    positions = warmed.world.arrays.traits[T.POSITION].copy()
    w = lived(warmed, scenario, 28.0).world.arrays
    own = w.codes[C.PROVIDER] == 0
    assert w.state[S.SALIENCE, own] == pytest.approx(0.8 * 2.0 ** (-28.0 / 14.0), rel=1e-5)
    assert (w.state[S.SALIENCE, ~own] == 0.0).all()


# --- points -------------------------------------------------------------------------------------------


def programme(**changes: Any) -> Scenario:
    values = {"earn": 0.1, "burn_at": 12.0, "hassle_hours": 0.0, "platform": 0.0, "running": 0.0, **changes}
    return Scenario(name="points", focal={"points": PointsProgramme(**values)})


RESTLESS: dict[str, Any] = {"customers": 60, "gate.attention": 0.004, **ISOLATED, "choice.memory": 30.0}


@pytest.mark.parametrize(
    "form",
    [{}, {"contract": "none", "gate.per": "purchase", "gate.attention": 0.1}],
    ids=["bills", "purchases"],
)
def test_points_earned_are_burnt_forfeited_or_still_owed(form: dict[str, Any]) -> None:
    """And what was expensed is exactly what was burnt plus the liability on what is still owed."""
    scenario = programme()
    model = lived(warm({**RESTLESS, **form}, scenario), scenario, 400.0)
    account = model.world.arrays.books[0, :, model.tags["points"]].sum(axis=0)
    owed = model.world.arrays.money[V.POINTS]
    earned, burnt, forfeited = (int(account[a]) for a in (A.EARNED, A.BURNT, A.FORFEITED))
    assert min(earned, burnt, forfeited, int(owed.sum())) > 0
    assert earned == burnt + forfeited + int(owed.sum())
    assert int(account[A.REWARDS]) == burnt + int(owed.sum()) * 700 // 1000
    assert (owed[model.world.arrays.codes[C.PROVIDER] != 0] == 0).all(), "a leaver's points are forfeited"
    assert (owed % 1000 == 0).all()
    assert (owed < 12_000_000).all(), "at the threshold they are burnt"


def test_breakage_is_the_share_never_expensed_while_nothing_is_burnt() -> None:
    scenario = programme(burn_at=10_000.0, earn=0.5)
    for breakage in (0.0, 0.3, 1.0):
        changes = {**LOYAL, "money.breakage": breakage}
        warmed = warm(changes, scenario)
        twin = warmed.fork(scenario)
        twin.run(7.0)
        twin.world.arrays.codes[C.MEMBER, twin.world.arrays.codes[C.PROVIDER] == 0] = 1
        twin.run(100.0)
        account = twin.world.arrays.books[0, :, twin.tags["points"]].sum(axis=0)
        assert account[A.REWARDS] == round((1.0 - breakage) * account[A.EARNED])
        assert account[A.EARNED] > 0


def test_who_opts_in_expects_to_burn_more_than_the_hassle_is_worth() -> None:
    members = []
    for hours in (0.0, 1.0, 3.0, 10.0, 100.0):
        scenario = programme(hassle_hours=hours)
        w = lived(warm({**RESTLESS, "customers": 150}, scenario), scenario, 7.0).world.arrays
        members.append(set(np.flatnonzero(w.codes[C.MEMBER]).tolist()))
    for easier, harder in zip(members, members[1:]):
        assert harder <= easier
    assert len(members[0]) > len(members[2]) > len(members[-1])
    spend, attention = w.traits[T.SPEND], w.traits[T.ATTENTION]  # type: ignore[possibly-undefined]
    some = sorted(members[2])
    others = sorted(set(np.flatnonzero(w.codes[C.PROVIDER] == 0).tolist()) - members[2])
    assert spend[some].mean() > spend[others].mean(), "light customers stay out"
    assert attention[some].mean() < attention[others].mean(), "restless ones stay out"


def test_a_programme_that_ends_pays_out_what_it_owes() -> None:
    today = Scenario(name="today", focal=programme(burn_at=10_000.0).focal)
    warmed = warm({**LOYAL, "warm_up": 6.0}, today=today)
    warmed.world.arrays.money[V.POINTS, 3] += 0
    owed = int(warmed.world.arrays.money[V.POINTS].sum())
    ended = warmed.fork(NONE)
    account = ended.world.arrays.books[0, :, ended.tags["points"]].sum(axis=0)
    assert owed >= 0
    assert int(account[A.BURNT]) == owed
    assert int(account[A.REWARDS]) == owed - owed * 700 // 1000
    assert not ended.world.arrays.codes[C.MEMBER].any()
    assert not ended.world.arrays.money[V.POINTS].any()
    assert ended.world.levers[0, L.EARN] == 0.0


def test_points_make_a_purchase_worth_more() -> None:
    law = {"purchases.u0": -1.0, "purchases.price_elasticity": 4.0, "purchases.salience_jump": 0.0}
    scenario = programme(earn=0.3, burn_at=0.01)
    with_, _ = bought(law, scenario, 14.0, 3000)
    without, _ = bought(law, NONE, 14.0, 3000)
    assert with_ > without + 4.0 * np.sqrt(without)


def test_a_bill_of_the_pulse_uses_the_pulses_discount_factor() -> None:
    """A year later an amount is worth 1 / 1.1 of itself."""
    world = warm({**LOYAL, "money.discount_rate": 0.1}).world
    assert world.pace(Pulse(0, 365.25 - 7.0, 7.0)).discount_factor == pytest.approx(1.0 / 1.1, rel=1e-12)
    assert world.pace(Pulse(0, -100.0, 7.0)).discount_factor == 1.0
