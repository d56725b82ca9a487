"""The choice against an independent computation, closed forms, and the promises about noise."""

from typing import Any

import numpy as np
import pytest

from agents.choice import choose
from agents.columns import NONE, C, L, S, T, V
from agents.miniature import FAMILY, QUIET, market, provider, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.world import Lookers, World
from sim.luck import Decision, bits, gumbel, unit, unit64
from sim.marketplace import Pulse
from sim.numeric import normal_quantile

THREE = {
    "providers": (
        provider({"availability": 0.3}),
        provider({"name": "rival", "quality": 0.9, "price": 1.1, "availability": 0.8, "profile": -0.3}),
        provider({"name": "third", "quality": 0.7, "price": 0.9, "availability": 0.5, "profile": 0.6}),
    )
}


def choosing(
    world: World, day: float, depth: float = 0.0, ids: np.ndarray | None = None, newcomer: bool = False
) -> Lookers:
    everyone = np.arange(len(world.people), dtype=np.int32)
    lookers = Lookers.of(everyone if ids is None else ids)
    lookers.depth[:], lookers.months[:] = depth, 6.0
    pace, rows = world.pace(Pulse(0, day, 7.0)), world._rooms[0].rows
    choose(
        world.arrays, world.rules, pace.beat, world.key, lookers.ids, lookers.depth, lookers.months,
        np.float32(not newcomer), *rows, lookers.destination, lookers.adopt, lookers.held,
    )  # fmt: skip
    return lookers


# --- against an independent computation ---------------------------------------------------------------


def window(world: World, i: int, end: float) -> int:
    phase = np.float32(world.arrays.traits[T.PHASE, i])
    return int(np.floor((np.float32(end) + phase) / np.float32(world.market.choice.memory)))


def plan_elsewhere(world: World, i: int, end: float) -> int:
    a, b, *_ = bits(
        world.key, int(Decision.PLAN), i, world.arrays.codes[C.GENERATION, i], window(world, i, end), 0
    )
    seen = world.arrays.traits[T.NEED, i] + world.market.people.plan_error * normal_quantile(unit64(a, b))
    return int(np.argmin(np.abs(world.arrays.plans[:, 0] - seen)))


def utilities(world: World, i: int, end: float, depth: float, months: float, newcomer: bool) -> np.ndarray:
    """V of each provider and of none, as MODEL.md writes it, in double precision."""
    m, w = world.market, world.arrays
    trait = {name.name: float(w.traits[name, i]) for name in T}
    state = {name.name: float(w.state[name, i]) for name in S}
    own, elsewhere = int(w.codes[C.PROVIDER, i]), plan_elsewhere(world, i, end)
    horizon = trait["HORIZON"]
    use = trait["USAGE_RATE"] * 30.4375 if m.contract == "none" else 1.0

    def price(j: int, plan: int) -> float:
        return m.money.price * m.providers[j].price * m.plans[plan].price * trait["SPEND"]

    def match(j: int, plan: int) -> float:
        misfit = m.choice.misfit * abs(trait["NEED"] - m.plans[plan].level)
        return float(np.clip(1.0 - abs(trait["POSITION"] - m.providers[j].profile) - misfit, -1.0, 1.0))

    once = 0.0
    if own >= 0:
        rest = max(0.0, state["CONTRACT_END"] - end) / 30.4375 if m.contract == "term" else 0.0
        once = m.money.exit_fee * rest * price(own, int(w.codes[C.PLAN, i])) + w.money[V.POINTS, i] / 1e6
    values = []
    for j, firm in enumerate(m.providers):
        if j == own:
            lasting = (
                min(1.0, max(0.0, state["DISCOUNT_END"] - end) / (30.4375 * horizon)) * state["DISCOUNT"]
            )
            cut = max(lasting, depth * min(1.0, months / horizon))
            plans = {int(w.codes[C.PLAN, i]), int(w.codes[C.OFFERED_PLAN, i]) - 1} - {-1}
            fits = [
                m.choice.match_scale * match(j, p) - trait["PRICE_WEIGHT"] * price(j, p) * use * (1.0 - cut)
                for p in plans
            ]
            v = (
                trait["QUALITY_WEIGHT"] * (state["SATISFACTION"] - m.gate.s_ref)
                + state["COMMITMENT"]
                + max(fits)
            )
            values.append(v + (np.log(firm.availability) if m.choice.own_availability else 0.0))
        else:
            row = w.levers[j]
            welcome = float(row[L.WELCOME_DEPTH]) * min(1.0, float(row[L.WELCOME_MONTHS]) / horizon)
            cost = (
                price(j, elsewhere) * use * (1.0 - welcome)
                + ((0.0 if newcomer else trait["HASSLE"]) + once) / horizon
            )
            v = trait["QUALITY_WEIGHT"] * (float(row[L.REPUTATION]) - m.gate.s_ref) + np.log(
                firm.availability
            )
            values.append(v + m.choice.match_scale * match(j, elsewhere) - trait["PRICE_WEIGHT"] * cost)
    return np.array([*values, m.choice.category_exit - trait["PRICE_WEIGHT"] * once / horizon])


def noise(world: World, i: int, end: float, size: int) -> np.ndarray:
    words = bits(
        world.key, int(Decision.CHOICE), i, world.arrays.codes[C.GENERATION, i], window(world, i, end), 0
    )
    return np.array([gumbel(unit(word)) for word in words[:size]], np.float64)


def unsettled(changes: dict[str, Any]) -> World:
    """People with discounts, offered plans, points, commitments, at all stages of a term."""
    world = warm({"customers": 150, "choice.category_exit": -4.0, **THREE, **changes}).world
    rng, n, w = np.random.default_rng(8), 150, world.arrays
    w.state[S.SATISFACTION], w.state[S.COMMITMENT] = rng.uniform(0.2, 1.0, n), rng.normal(0.3, 0.5, n)
    w.state[S.DISCOUNT], w.state[S.DISCOUNT_END] = rng.uniform(0.0, 0.5, n), rng.uniform(-50.0, 400.0, n)
    w.state[S.CONTRACT_END] = rng.uniform(-10.0, 300.0, n)
    w.codes[C.OFFERED_PLAN] = rng.integers(0, 4, n)
    w.money[V.POINTS] = rng.integers(0, 40_000_000, n)
    w.levers[1, L.WELCOME_DEPTH], w.levers[1, L.WELCOME_MONTHS] = 0.3, 5.0
    return world


def test_lookers_choose_with_the_whole_effort_and_new_people_settle_in_where_they_choose_without() -> None:
    world = unsettled({})
    pace, ids = world.pace(Pulse(0, 30.0, 7.0)), np.arange(150, dtype=np.int32)
    lookers = Lookers.of(ids)
    world.choose(pace, lookers)
    assert lookers.destination.tolist() == choosing(world, 30.0).destination.tolist()
    world.arrays.codes[C.PROVIDER] = NONE
    wanted = choosing(world, 30.0, newcomer=True).destination
    for people in (ids[:10], ids[10:]):  # Room for them grows.
        world.settle_in(pace, people)
    assert world.arrays.codes[C.PROVIDER].tolist() == wanted.tolist()
    assert len(set(wanted.tolist())) == 4


@pytest.mark.parametrize("newcomer", [False, True])
@pytest.mark.parametrize(
    "form",
    [{}, {"contract": "term"}, {"contract": "none"}, {"choice.own_availability": True}],
    ids=["subscription", "term", "none", "own availability"],
)
def test_everyone_takes_the_best(form: dict[str, Any], newcomer: bool) -> None:
    world = unsettled(form)
    depth = 0.2
    chosen = choosing(world, 30.0, depth, newcomer=newcomer).destination
    clear = 0
    for i in range(len(world.people)):
        offer = depth if world.arrays.codes[C.PROVIDER, i] >= 0 else 0.0
        total = utilities(world, i, 37.0, offer, 6.0, newcomer) + noise(world, i, 37.0, 4)
        first, second = np.sort(total)[-2:][::-1]
        if first - second > 1e-3:
            clear += 1
            assert chosen[i] == (best if (best := int(np.argmax(total))) < 3 else NONE), i
    assert clear > 140
    assert len(set(chosen.tolist())) == 4


# --- closed forms -------------------------------------------------------------------------------------


def alike(own_availability: bool, start: str, people: int) -> MarketModel:
    """People who are all alike, have no hassle and look at every renewal, each time with fresh views."""
    return warm(
        {
            **QUIET, **THREE, "customers": people, "contract": "term", "gate.per": "renewal", "term_months": 2.0,
            "gate.attention": 1.0, "choice.memory": 30.0, "choice.match_scale": 0.0, "choice.category_exit": -40.0,
            "choice.own_availability": own_availability, "plans": market().plans[1:2], "start": start,
        },
        people={**FAMILY, "attention": 1.0, "price_weight": 3.0, "hassle": 0.0},
    )  # fmt: skip


def stationary_shares(own_availability: bool) -> np.ndarray:
    """Shares at rest, from the transition matrix of looks: every own provider is available."""
    m = market(THREE)
    pull = np.array([3.0 * (p.quality - m.gate.s_ref) - 3.0 * p.price for p in m.providers])
    log_availability = np.log([p.availability for p in m.providers])
    v = pull + log_availability + (0.0 if own_availability else -np.diag(log_availability))
    moves = (
        np.exp(v) / np.exp(v).sum(axis=1, keepdims=True)
        if v.ndim == 2
        else np.tile(np.exp(v) / np.exp(v).sum(), (3, 1))
    )
    return np.asarray(np.linalg.matrix_power(moves, 200)[0])


def shares(model: MarketModel) -> np.ndarray:
    return np.bincount(model.world.arrays.codes[C.PROVIDER], minlength=3) / len(model.world.people)


def test_with_availability_everywhere_shares_are_logit() -> None:
    expected = stationary_shares(own_availability=True)
    m = market(THREE)
    v = np.array(
        [3.0 * (p.quality - m.gate.s_ref) - 3.0 * p.price + np.log(p.availability) for p in m.providers]
    )
    assert np.allclose(expected, np.exp(v) / np.exp(v).sum())
    assert_shares(own_availability=True)


def test_without_it_shares_are_those_of_the_chain_at_rest() -> None:
    gap = stationary_shares(True) - stationary_shares(False)
    assert np.abs(gap).max() > 0.04
    assert_shares(own_availability=False)


def assert_shares(own_availability: bool, people: int = 6000) -> None:
    """A cohort comes to rest at these shares, and a stock starts there."""
    expected = stationary_shares(own_availability)
    error = np.sqrt(expected * (1.0 - expected) / people)
    cohort = alike(own_availability, "cohort", people).fork(Scenario(name="none"))
    assert shares(cohort)[0] == 1.0
    cohort.run(20 * 2 * 30.4375)
    for model in (cohort, alike(own_availability, "stock", people)):
        assert (np.abs(shares(model) - expected) < 3.5 * error).all(), (shares(model), expected)


# --- promises about noise -----------------------------------------------------------------------------


def test_a_second_look_in_the_same_window_meets_the_same_noise() -> None:
    world = warm({"customers": 120, "choice.memory": 90.0, **QUIET}).world
    first = choosing(world, 10.0).destination
    for day in (11.0, 38.0, 66.0):
        second = choosing(world, day).destination
        same = [window(world, i, 17.0) == window(world, i, day + 7.0) for i in range(120)]
        assert (first == second)[same].all()
        assert sum(same) > 30
    later = choosing(world, 110.0).destination
    assert (first != later).mean() > 0.1, "a view does not last for ever"


def test_windows_of_different_people_do_not_change_together() -> None:
    world = warm({"customers": 120, **QUIET}).world
    changes = [
        sum(window(world, i, day) != window(world, i, day + 7.0) for i in range(120))
        for day in range(0, 90, 7)
    ]
    assert max(changes) < 30
    assert sum(changes) >= 120


def test_a_save_offer_never_makes_anyone_leave_and_saves_some() -> None:
    world = unsettled({})
    own = world.arrays.codes[C.PROVIDER]
    stays = [choosing(world, 30.0, depth).destination == own for depth in (0.0, 0.2, 0.5, 0.9)]
    for less, more in zip(stays, stays[1:]):
        assert not (less & ~more)[own >= 0].any()
    assert (stays[-1] & ~stays[0])[own >= 0].sum() > 5


def test_choosing_reads_and_never_writes() -> None:
    world = unsettled({})
    before = {name: array.tobytes() for name, array in world.arrays.named().items()}
    choosing(world, 30.0, 0.3)
    assert {name: array.tobytes() for name, array in world.arrays.named().items()} == before


def test_under_the_rule_leave_whoever_looks_leaves() -> None:
    world = warm({"customers": 60, "choice.rule": "leave"}).world
    own = world.arrays.codes[C.PROVIDER]
    assert (choosing(world, 0.0).destination[own >= 0] == NONE).all()
