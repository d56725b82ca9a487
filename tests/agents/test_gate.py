"""The attention gate against an independent computation: P(look) = 1 - (1 - P_s) prod(1 - p_prompt)."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from agents.columns import C, L, N, S, T
from agents.market import Market
from agents.miniature import QUIET, warm
from agents.world import World
from sim.luck import Decision, uniforms
from sim.marketplace import Pulse

PULSE = Pulse(3, 21.0, 7.0)
TIE = 2e-6
"""Single precision: nearer to its luck than this a probability may fall on either side."""


def stirred(changes: dict[str, Any], people: int = 300) -> World:
    """A quiet market whose people are in all sorts of states, a few with prompts waiting."""
    world = warm({"customers": people, **QUIET, "gate.p_advert": 0.05, **changes}).world
    rng = np.random.default_rng(5)
    n = len(world.people)
    s = world.arrays.state
    s[S.GRIEVANCE] = rng.exponential(0.5, n)
    s[S.SATISFACTION] = rng.uniform(0.1, 1.0, n)
    s[S.COMMITMENT] = rng.normal(0.2, 0.5, n)
    s[S.PEER_EXITS] = rng.exponential(0.3, n)
    s[S.UNPROMPTED] = np.where(rng.random(n) < 0.3, rng.uniform(0.2, 1.0, n), 1.0)
    s[S.DISCOUNT_END] = np.where(rng.random(n) < 0.2, 25.0, 100.0)
    s[S.DISCOUNT] = np.where(rng.random(n) < 0.7, 0.1, 0.0)
    s[S.CONTRACT_END] = np.where(rng.random(n) < 0.4, 24.0, 100.0)
    return world


def multiplier(world: World) -> np.ndarray:
    gate, s = world.market.gate, world.arrays.state.astype(np.float64)
    return np.asarray(
        np.exp(
            gate.g_grievance * s[S.GRIEVANCE]
            + gate.g_dissatisfaction * np.maximum(0.0, gate.s_ref - s[S.SATISFACTION])
            + gate.g_peers * s[S.PEER_EXITS]
            - gate.g_commitment * s[S.COMMITMENT]
        )
    )


def unseen_of(market: Market, world: World, unprompted: np.ndarray, purchases: np.ndarray) -> np.ndarray:
    """Everyone's probability not to look, from states as they are after the pulse's life, in January."""
    gate, days = market.gate, PULSE.days
    s, own = world.arrays.state, world.arrays.codes[C.PROVIDER]
    attention, m = world.arrays.traits[T.ATTENTION].astype(np.float64), multiplier(world)
    unseen = unprompted.astype(np.float64)
    with_one = own >= 0
    ends = with_one & (s[S.CONTRACT_END] == 24.0) & (market.contract == "term")
    adverts = np.array([provider.adverts / 30.4375 for provider in market.providers])
    by_rivals = (adverts.sum() - np.append(adverts, 0.0))[own] * gate.p_advert * days
    unseen *= np.where(
        with_one & (s[S.DISCOUNT_END] == 25.0) & (s[S.DISCOUNT] > 0.0), 1.0 - gate.p_expiry, 1.0
    ) * np.exp(-by_rivals)
    if gate.per == "renewal":
        unseen *= np.where(ends, (1.0 - attention) ** m, 1.0)
    else:
        unseen *= np.where(ends, 1.0 - gate.p_notice, 1.0)
    if gate.per == "purchase":
        unseen *= (1.0 - attention) ** (m * purchases)
    season = gate.season.january / np.mean([getattr(gate.season, f.name) for f in fields(gate.season)])
    if gate.per == "day":
        unseen *= np.where(with_one, np.exp(-attention * season * m * days), 1.0)
    return np.where(with_one, unseen, unseen * np.exp(-gate.attention_none * season * days))


@pytest.mark.parametrize(
    "form",
    [
        {"gate.per": "day", "gate.attention": 0.03, "contract": "subscription"},
        {"gate.per": "day", "gate.attention": 0.03, "contract": "subscription", "gate.season.january": 3.0},
        {"gate.per": "day", "gate.attention": 0.03, "contract": "term"},
        {"gate.per": "renewal", "gate.attention": 0.4, "contract": "term"},
        {"gate.per": "purchase", "gate.attention": 0.3, "contract": "none", "purchases.u0": 40.0},
    ],
    ids=["per day", "per day, in season", "per day, notices", "per renewal", "per purchase"],
)
def test_who_looks(form: dict[str, Any]) -> None:
    people = 3_000  # So many that a sign or a factor that is wrong moves some of them.
    world = stirred({"gate.p_notice": 0.5, "choice.category_exit": 0.0, **form}, people)
    before = world.arrays.state.copy()
    _, lookers, renewers = (found.copy() for found in world.live_and_look(world.pace(PULSE)))
    purchases = (
        world.arrays.state[S.USES] - before[S.USES] if form["contract"] == "none" else np.zeros(people)
    )
    unseen = unseen_of(world.market, world, before[S.UNPROMPTED], np.round(purchases))
    ids = np.arange(people, dtype=np.int32)
    luck = uniforms(world.key, int(Decision.LOOK), ids, world.arrays.codes[C.GENERATION], PULSE.number, 0)
    sure = np.abs(luck - unseen) > TIE
    assert sure.sum() >= people - 2
    assert set(lookers[sure[lookers]].tolist()) == set(np.flatnonzero(sure & (luck >= unseen)).tolist())
    assert len(set(lookers.tolist())) == lookers.size, "at most one look per pulse"
    assert 200 < lookers.size < people - 200
    assert world.counts[:, :, N.LOOKS].sum() == lookers.size
    if form["contract"] == "term":
        own = world.arrays.codes[C.PROVIDER]
        assert set(renewers.tolist()) == set(
            np.flatnonzero((own >= 0) & (before[S.CONTRACT_END] == 24.0)).tolist()
        )
    else:
        assert not renewers.size, "what has no term does not renew"


@pytest.mark.slow
@pytest.mark.parametrize("per", ["day", "purchase"])
def test_single_precision_decides_like_double_for_all_but_one_in_a_hundred_thousand(per: str) -> None:
    people = 200_000
    form = {"contract": "none", "purchases.u0": 40.0} if per == "purchase" else {"contract": "subscription"}
    world = stirred({"gate.per": per, "gate.attention": 0.03, "choice.category_exit": 0.0, **form}, people)
    before = world.arrays.state.copy()
    _, lookers, _ = (found.copy() for found in world.live_and_look(world.pace(PULSE)))
    purchases = world.arrays.state[S.USES] - before[S.USES] if per == "purchase" else np.zeros(people)
    unseen = unseen_of(world.market, world, before[S.UNPROMPTED], np.round(purchases))
    ids = np.arange(people, dtype=np.int32)
    luck = uniforms(world.key, int(Decision.LOOK), ids, world.arrays.codes[C.GENERATION], PULSE.number, 0)
    assert np.setxor1d(lookers, np.flatnonzero(luck >= unseen)).size <= people / 100_000
    assert lookers.size > people / 100


def test_what_fades_is_plain_arithmetic_to_the_bit() -> None:
    """The blocked pass against whole columns in NumPy, term by term as the model writes them."""
    world = stirred({"gate.per": "day", "contract": "subscription"}, 3_000)
    a, pace = world.arrays, world.pace(PULSE)
    rng = np.random.default_rng(6)
    for column in (S.EXPERIENCE, S.EXPECTATION, S.SALIENCE, S.UNTOLD_DROP, S.UNTOLD_HURT, S.LAST_GRIEVANCE,
                   S.PRESSURE):  # fmt: skip
        a.state[column] = rng.exponential(0.3, 3_000)
    s = a.state.copy()
    one = np.float32(1.0)
    v = s[S.EXPERIENCE] * (one / pace.days)
    surprise = v - s[S.EXPECTATION]
    quality = a.levers[a.codes[C.PROVIDER], L.QUALITY]
    kept = pace.satisfaction_kept
    expected = {
        S.SATISFACTION: s[S.SATISFACTION] * kept + quality * (one - kept),
        S.COMMITMENT: s[S.COMMITMENT] * pace.commitment_kept + surprise * pace.experience_gain,
        S.EXPECTATION: v - surprise * pace.expectation_kept,
        S.GRIEVANCE: s[S.GRIEVANCE] * pace.grievance_kept,
        S.LAST_GRIEVANCE: s[S.LAST_GRIEVANCE] * pace.grievance_kept,
        S.SALIENCE: s[S.SALIENCE] * pace.salience_kept,
        S.USES: s[S.USES] + pace.needing_days * a.traits[T.USAGE_RATE],
        S.PEER_EXITS: s[S.PEER_EXITS] * pace.peers_kept,
        S.UNTOLD_DROP: s[S.UNTOLD_DROP] * kept,
        S.UNTOLD_HURT: s[S.UNTOLD_HURT] * pace.grievance_kept,
        S.PRESSURE: s[S.PRESSURE] * pace.pressure_kept,
        S.EXPERIENCE: np.zeros(3_000, np.float32),
        S.UNPROMPTED: np.ones(3_000, np.float32),
    }
    world.live_and_look(pace)
    for column, value in expected.items():
        assert a.state[column].tobytes() == value.tobytes(), column.name


def test_prompts_are_spent_in_their_pulse() -> None:
    world = stirred({"gate.attention": 1e-6, "gate.p_advert": 0.0})
    world.live_and_look(world.pace(PULSE))
    assert (world.arrays.state[S.UNPROMPTED] == 1.0).all()
    own = world.arrays.codes[C.PROVIDER]
    _, lookers, _ = world.live_and_look(world.pace(Pulse(4, 28.0, 7.0)))
    assert (own[lookers] < 0).all()


def test_people_without_a_provider_look_on_their_own_account_or_never() -> None:
    for returns in (True, False):
        world = stirred({"choice.returns": returns, "choice.category_exit": 0.0, "gate.attention_none": 0.9})
        none = np.flatnonzero(world.arrays.codes[C.PROVIDER] < 0)
        _, lookers, _ = world.live_and_look(world.pace(PULSE))
        looking = set(lookers.tolist()) & set(none.tolist())
        assert len(none) > 10
        assert bool(looking) is returns


def test_half_the_days_half_the_hazard() -> None:
    """Per day, two half pulses leave as many unseen as one whole."""
    world = stirred({"gate.attention": 0.02})
    m, attention = multiplier(world), world.arrays.traits[T.ATTENTION].astype(np.float64)
    whole = np.exp(-attention * m * 7.0)
    assert np.allclose(np.exp(-attention * m * 3.5) ** 2, whole)


def test_more_advertising_by_rivals_brings_more_looks_and_none_by_the_own() -> None:
    world = warm({"customers": 50, **QUIET, "gate.p_advert": 0.1}).world
    before = world.levers[:, L.PROMPT_RATE].copy()
    from agents.world import spread_adverts

    world.levers[0, L.ADVERTS] *= 3.0
    spread_adverts(world.levers, 0.1)
    after = world.levers[:, L.PROMPT_RATE]
    assert after[0] == before[0]
    assert after[1] > before[1]
    assert after[2] > before[2]
