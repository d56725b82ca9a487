"""Whom strategies mean: compiled passes say what plain arithmetic over the same columns says."""

from functools import cache

import numpy as np
import pytest

from agents.choice import leavers_met
from agents.columns import C, K
from agents.miniature import warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.placebo import Placebo
from agents.view import ProviderView
from sim.luck import Decision, uniforms

MONTH = 30.4375


@cache
def market() -> MarketModel:
    """Some hundred days after the fork; nobody writes to it."""
    scenario = Scenario(name="placebo", focal={"placebo": Placebo(upfront=0.0, per_month=0.0)})
    model = warm({"customers": 800, "gate.attention": 0.01}, scenario).fork(scenario)
    model.run(100.0)
    return model


@pytest.fixture
def view() -> ProviderView:
    provider = market().providers[0]
    return ProviderView(provider, provider.running["placebo"])


def test_turns_come_once_a_round_and_are_spread_over_it(view: ProviderView) -> None:
    ids, every = view.members, 3.0
    rounds = np.float32(view.day / (every * MONTH))  # Launched on day 0.
    ahead = rounds - view.uniform(ids, 7)
    for during in (0.25, 1.0, every):
        wanted = ids[ahead - np.floor(ahead) < np.float32(during / every)]
        assert view.in_turn(ids, every, during, 7).tolist() == wanted.tolist()
    assert view.in_turn(ids, every, every, 7).tolist() == ids.tolist(), (
        "in a whole round everybody has a turn"
    )
    share = view.in_turn(ids, every, 1.0, 7).size / ids.size
    assert share == pytest.approx(1.0 / 3.0, abs=4.0 * np.sqrt(2.0 / 9.0 / ids.size))


def test_a_part_is_whose_luck_falls_below_the_share(view: ProviderView) -> None:
    ids = view.members[::-1].copy()
    luck = view.uniform(ids, 9)
    for share in (0.0, 0.3, 1.0):
        assert view.part_of(ids, share, 9).tolist() == ids[luck < np.float32(share)].tolist()
    assert view.part_of(ids, 1.0, 9).size == ids.size


def test_luck_is_keyed_by_the_person_and_the_strategy(view: ProviderView) -> None:
    world, ids = market().world, view.members
    generations = world.arrays.codes[C.GENERATION, ids]
    plain = uniforms(world.key, int(Decision.TARGET), ids, generations, 9, view._running.identity)
    assert view.uniform(ids, 9).tolist() == plain.tolist()


def test_newcomers_have_not_answered_since_they_joined(view: ProviderView) -> None:
    columns, ids = market().world.arrays.crm[0], view.members
    answered = columns[K.ANSWERED].copy()
    columns[K.ANSWERED, ids[::2]] = np.float32(view.day)
    try:
        crm, new = view.crm, view.crm.joined[ids] > view.day - 60.0
        unheard, others = view.newcomers(ids, 60.0)
        assert unheard.tolist() == ids[new & (crm.answered[ids] < crm.joined[ids])].tolist()
        assert others.tolist() == ids[~new].tolist()
        assert 0 < unheard.size < new.sum()
    finally:
        columns[K.ANSWERED] = answered


def test_a_better_plan_is_the_nearest_where_the_present_one_is_far_from_what_signals_say(
    view: ProviderView,
) -> None:
    crm, ids = view.crm, view.members
    gaps = np.abs(view.plan_levels[None, :] - crm.need_seen[ids, None])
    best, current = gaps.argmin(axis=1), crm.plan[ids].astype(np.int64)
    far = gaps[np.arange(ids.size), current]
    seen = []
    for misfit in (0.0, 0.25):
        wrong = (best != current) & (far > np.float32(misfit)) & (crm.signals[ids] > 0.0)
        assert view.better_plans(ids, misfit).tolist() == np.where(wrong, best, -1).tolist()
        seen.append(int(wrong.sum()))
    assert seen[0] > seen[1] > 0


def test_leavers_are_met_who_leave_the_provider_and_must_cancel_in_person() -> None:
    world = market().world
    rng = np.random.default_rng(1)
    ids = np.sort(rng.permutation(800)[:500]).astype(np.int32)
    own = world.arrays.codes[C.PROVIDER, ids]
    destination = np.where(rng.random(ids.size) < 0.5, own, -1).astype(np.int8)
    generations = world.arrays.codes[C.GENERATION, ids]
    luck = uniforms(world.key, int(Decision.SAVE), ids, generations, 5, 0)
    for provider in range(len(market().providers)):
        for in_person in (0.0, 0.4, 1.0):
            met = leavers_met(
                world.arrays.codes, world.key, 5, np.float32(in_person), provider, ids, destination
            )
            wanted = (own == provider) & (destination != own) & (luck < np.float32(in_person))
            assert met.tolist() == np.flatnonzero(wanted).tolist()


def test_members_are_found_anew_in_every_pulse(view: ProviderView) -> None:
    """Between two pulses nobody comes or goes, within a pulse people do."""
    scenario = Scenario(name="placebo", focal={"placebo": Placebo(upfront=0.0, per_month=0.0)})
    model = warm({"customers": 300, "gate.attention": 0.05}, scenario).fork(scenario)
    provider = model.providers[0]
    seen = []

    def look(_: object) -> None:
        seen.append(provider.members().tolist())
        assert seen[-1] == provider.crm(0.0).members().tolist()

    model.watchers.append(look)
    for _ in range(8):
        model.step()
        before = provider.members()
        before[:] = -1  # What a strategy does to its copy is its own affair.
        look(None)
    assert len({tuple(one) for one in seen}) > 4
