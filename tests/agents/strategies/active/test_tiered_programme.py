"""Tiered programme: levels by spend, a stake until the review, effort near a threshold, and demotion that hurts."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.choice import tier_stake
from agents.columns import A, C, K, L, N, S, T, V
from agents.contract import content
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.tiered_programme import TieredProgramme
from agents.strategies.placebo import Placebo
from agents.strategies.strategy import Strategy
from sim.luck import Luck
from sim.quantities import MICROS

MONTH = 30.4375
YEAR = 365.25
NONE = Scenario(name="none")
LOYAL: dict[str, Any] = {"customers": 300, "gate.attention": 1e-7, **QUIET, **ISOLATED}
"""Nobody looks, nothing happens by itself."""
SHOP: dict[str, Any] = {**LOYAL, "contract": "none", "gate.per": "purchase"}
TYPICAL = 600.0
"""What a typical customer of the miniature pays a year."""
Doing = Callable[..., Scenario]


def programme(**changes: Any) -> TieredProgramme:
    values: dict[str, Any] = {
        "threshold_1": 0.9, "threshold_2": 1.3, "threshold_3": 2.0, "benefit_1": 0.05, "benefit_2": 0.1,
        "benefit_3": 0.2, "gifts": 0.4, "cost": 0.5, "status": 0.05, "platform": 2.0, "running": 0.1,
    }  # fmt: skip
    return TieredProgramme(**{**values, **changes})


def scenario(strategy: Strategy) -> Scenario:
    return Scenario(name="tiers", focal={"tiers": strategy})


def lived(warmed: MarketModel, what: Scenario, days: float) -> MarketModel:
    twin = warmed.fork(what)
    twin.run(days)
    return twin


def both(changes: dict[str, Any], days: float, *strategies: Strategy) -> list[MarketModel]:
    """Twin worlds that differ in the strategy alone."""
    warmed = warm(changes, scenario(strategies[0]))
    return [lived(warmed, scenario(strategy), days) for strategy in strategies]


def members(model: MarketModel) -> np.ndarray:
    return np.flatnonzero(model.world.arrays.codes[C.PROVIDER] == 0)


def stakes(model: MarketModel) -> np.ndarray:
    """What each customer's level still promises until the review, in currency."""
    w, end = model.world.arrays, np.float32(model.marketplace.day)
    return np.array([tier_stake(w, np.int64(i), np.int64(0), end) for i in members(model)])


# --- off is off ---------------------------------------------------------------------------------------


def test_without_benefits_and_status_it_is_a_placebo() -> None:
    """People live the same lives to the byte; only labels and the yearly spend that labels rest on are kept."""
    empty = programme(benefit_1=0.0, benefit_2=0.0, benefit_3=0.0, status=0.0)
    tiers, placebo = both(
        {"customers": 200, "gate.attention": 0.01}, 400.0, empty, Placebo(upfront=2.0, per_month=0.1)
    )
    for name in ("traits", "state", "bonds", "books", "counts"):
        assert content(tiers.world)[name] == content(placebo.world)[name], name
    for name, labels in (
        ("money", [V.PAID_YEAR]),
        ("codes", [C.TIER]),
        ("levers", range(L.TIER_1, L.TIER_TAG + 1)),
    ):
        one, other = (getattr(model.world.arrays, name) for model in (tiers, placebo))
        axis = 1 if name == "levers" else 0
        assert np.array_equal(
            np.delete(one, list(labels), axis=axis), np.delete(other, list(labels), axis=axis)
        )
    kept = np.delete(np.arange(len(K)), [K.TIER, K.SPEND_YEAR])
    assert np.array_equal(tiers.world.arrays.crm[0, kept], placebo.world.arrays.crm[0, kept])
    assert tiers.world.arrays.codes[C.TIER].max() > 0
    assert tiers.world.counts[0, :, N.LEFT].sum() > 5


# --- levels -------------------------------------------------------------------------------------------


def test_everybody_starts_on_the_level_of_a_year_at_list_price() -> None:
    (model,) = both(LOYAL, 7.0, programme())
    w, own = model.world.arrays, members(model)
    yearly = 12.0 * w.crm[0, K.PRICE, own]
    expected = sum((yearly >= x * TYPICAL).astype(int) for x in (0.9, 1.3, 2.0))
    assert w.codes[C.TIER, own].tolist() == expected.tolist()
    assert w.crm[0, K.TIER, own].tolist() == expected.tolist()
    assert set(expected.tolist()) == {0, 1, 2, 3}


def test_the_stake_is_what_the_level_still_promises_until_the_review() -> None:
    (model,) = both(LOYAL, 70.0, programme())
    level = model.world.arrays.codes[C.TIER, members(model)]
    benefits = np.array([0.0, 0.05, 0.1, 0.2])[level] * TYPICAL
    assert stakes(model) == pytest.approx(benefits * (YEAR - 70.0) / YEAR, rel=1e-5)


def test_doubling_the_benefits_doubles_the_stake_and_moves_nothing_else_at_once() -> None:
    doubled = programme(benefit_1=0.1, benefit_2=0.2, benefit_3=0.4)
    once, twice = both(LOYAL, 28.0, programme(), doubled)
    assert stakes(twice) == pytest.approx(2.0 * stakes(once))
    assert stakes(once).max() > 0.0
    differing = {
        name for name in content(once.world) if content(once.world)[name] != content(twice.world)[name]
    }
    assert differing == {"levers", "counts"}
    looked_at = np.flatnonzero((once.world.counts != twice.world.counts).any(axis=(0, 1)))
    assert set(looked_at) <= {N.FREEDOM, N.VULNERABLE, N.SURPLUS, N.BETTER_ELSEWHERE}, (
        "what leaving would cost"
    )
    rows = np.flatnonzero((once.world.levers != twice.world.levers).any(axis=0))
    assert rows.tolist() == [L.BENEFIT_1, L.BENEFIT_2, L.BENEFIT_3]
    for model in (once, twice):
        model.run(70.0)
    paid = [model.world.arrays.books[0, :, model.tags["tiers"], A.FIXED].sum() for model in (once, twice)]
    standing = 0.1 * once.providers[0].firm_customers / once.world.ledger.scale * 70.0 / MONTH * 1e6
    assert paid[1] - standing == pytest.approx(2.0 * (paid[0] - standing), rel=1e-4)


def test_benefits_are_delivered_each_month_at_their_cost_to_whom_they_are_promised() -> None:
    """Two monthly dates in ten weeks: every member of a level has had two twelfths of its yearly benefits."""
    (model,) = both(LOYAL, 70.0, programme(running=0.0))
    w, own = model.world.arrays, members(model)
    worth = np.array([0.0, 0.05, 0.1, 0.2])[w.codes[C.TIER, own]] * TYPICAL
    booked = w.books[0, :, model.tags["tiers"], A.FIXED].sum() / 1e6
    assert booked == pytest.approx(worth.sum() * 0.5 * 2.0 / 12.0, rel=1e-5)
    assert (w.state[S.COMMITMENT, own[worth == 0.0]] == 0.0).all()
    assert (w.state[S.COMMITMENT, own[worth > 0.0]] > 0.0).mean() > 0.9


def test_it_pays_heavy_users_who_would_have_stayed_anyway() -> None:
    tiers, placebo = both(LOYAL, 364.0, programme(), Placebo(upfront=2.0, per_month=0.1))
    assert content(tiers.world)["codes"] != content(placebo.world)["codes"]
    assert np.array_equal(tiers.world.arrays.codes[C.PROVIDER], placebo.world.arrays.codes[C.PROVIDER])
    costs = [model.world.arrays.books[0, :, model.tags["tiers"]].sum() for model in (tiers, placebo)]
    assert costs[0] > 1.2 * costs[1] > 0


# --- the review ---------------------------------------------------------------------------------------


def test_each_review_promises_another_year() -> None:
    (model,) = both(LOYAL, 400.0, programme())
    assert model.world.levers[0, L.TIER_REVIEW] == pytest.approx(2.0 * YEAR)
    assert (model.world.arrays.money[V.PAID_YEAR, members(model)] / MICROS < 0.25 * 2.5 * TYPICAL).all()
    model.run(740.0)
    assert model.world.levers[0, L.TIER_REVIEW] == pytest.approx(3.0 * YEAR)


def test_the_review_comes_once_however_often_the_run_is_restarted() -> None:
    what = scenario(programme())
    warmed = warm({"customers": 200}, what)
    whole, parts = warmed.fork(what), warmed.fork(what)
    for day in (357.0, 364.0, 371.0, 378.0, 735.0):
        whole.run(day)
        parts.run(day)
        assert content(whole.world) == content(parts.world), day
        parts = parts.fork(what)


def demoted(
    status: float, doing: Doing, days: tuple[float, float]
) -> tuple[MarketModel, np.ndarray, np.ndarray]:
    """A year at half the price costs most people their level: levels and commitment before and after the review."""
    half = doing(lambda view: view.offer(view.members, 0.5, 24.0)).focal
    what = Scenario(name="both", focal={"tiers": programme(status=status), **half})
    model = warm(LOYAL, what).fork(what)
    readings = []
    for day in days:
        model.run(day)
        w = model.world.arrays
        readings.append(
            np.stack([w.codes[C.TIER], w.state[S.COMMITMENT], w.state[S.EXPECTATION]]).astype(float)
        )
    before, after = readings
    return model, before, after


def test_demotion_lowers_commitment_by_what_status_is_worth(doing: Doing) -> None:
    """Twins with and without status: their difference takes one step down, by the equation of experience."""
    model, before, after = demoted(0.1, doing, (371.0, 378.0))
    _, before_0, after_0 = demoted(0.0, doing, (371.0, 378.0))
    w, pace, own = model.world.arrays, model.pace, members(model)
    assert np.array_equal(before[0], before_0[0])
    assert np.array_equal(after[0], after_0[0])
    steps = (after[0] - before[0])[own]
    assert (steps < 0).sum() > 20
    felt = w.traits[T.TASTE_RECOGNITION, own] * 0.1 * steps * 0.1 * TYPICAL / 7.0
    expected = (before - before_0)[1, own] * pace.commitment_kept
    expected += pace.experience_gain * (felt - (before - before_0)[2, own])
    assert (after - after_0)[1, own] == pytest.approx(expected, abs=2e-4)
    assert (after[1, own] - before[1, own])[steps < 0].mean() < (after[1, own] - before[1, own])[
        steps == 0
    ].mean()


def left_after_the_review(what: Scenario, base: Scenario, luck: Luck) -> float:
    """Of the focal customers who are there in both worlds at the review: share that leaves in the year after, more."""
    people = {"taste_recognition": 0.8}
    changes = {
        "customers": 1500, "gate.attention": 0.002, "gate.g_commitment": 1.5, **QUIET, **ISOLATED, "gate.p_expiry": 0.0,
    }  # fmt: skip
    warmed = warm(changes, what, base, people=people, luck=luck)
    models = [lived(warmed, one, 378.0) for one in (what, base)]
    there = np.logical_and(*(m.world.arrays.codes[C.UNBROKEN] == 1 for m in models))
    there &= warmed.world.arrays.codes[C.PROVIDER] == 0
    for model in models:
        model.run(700.0)
    gone = [(model.world.arrays.codes[C.UNBROKEN, there] == 0).mean() for model in models]
    return float(gone[0] - gone[1])


@pytest.mark.slow
def test_a_programme_that_demotes_its_customers_drives_them_away(doing: Doing) -> None:
    """Discounts cost most people the level that the launch had given them: after the review more leave than without."""
    half = doing(lambda view: view.offer(view.members, 0.5, 36.0)).focal
    tiny = programme(benefit_1=0.0, benefit_2=0.0, benefit_3=0.0, status=0.3)
    what, base = Scenario(name="both", focal={"tiers": tiny, **half}), Scenario(name="half", focal=half)
    gaps = np.array([left_after_the_review(what, base, Luck(1, n)) for n in range(6)])
    assert gaps.mean() - 2.571 * gaps.std(ddof=1) / np.sqrt(6) > 0.0


# --- near a threshold ---------------------------------------------------------------------------------


def test_near_a_threshold_people_buy_more_and_light_customers_do_not_by_one_bit() -> None:
    """The same programme with and without benefits: effort is the only road from benefits to purchases."""
    empty = programme(benefit_1=0.0, benefit_2=0.0, benefit_3=0.0)
    changes = {**SHOP, "customers": 1500, "purchases.advance": 0.0, "purchases.u0": 0.0}
    tiers, none = both(changes, 350.0, programme(), empty)
    w, plain = tiers.world.arrays, none.world.arrays
    own = members(tiers)
    threshold = float(tiers.world.levers[0, L.TIER_1])
    light = own[(w.codes[C.TIER, own] == 0) & (2.0 * w.money[V.PAID_YEAR, own] / MICROS < threshold)]
    assert light.size > 50
    for one, other in (
        (w.state, plain.state),
        (w.money, plain.money),
        (w.codes, plain.codes),
        (w.crm[0], plain.crm[0]),
    ):
        assert one[:, light].tobytes() == other[:, light].tobytes()
    others = np.setdiff1d(own, light)
    more = w.crm[0, K.PURCHASES, others].astype(float) - plain.crm[0, K.PURCHASES, others]
    assert (more >= 0.0).mean() > 0.95
    assert more.mean() > 4.0 * more.std(ddof=1) / np.sqrt(more.size)
    assert w.money[V.PAID, own].sum() > plain.money[V.PAID, own].sum()
