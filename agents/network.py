"""The network: sparse, homophilous ties between slots, and what passes along them - exits, recommendations, community.

Ties belong to addresses: a person who replaces another inherits its ties, but nothing that passed along them before.
An exit raises `peer_exits` of ties who are customers of the provider that was left; it fades with the network's
half-life. A content customer recommends its provider at the rate

    r * max(0, satisfaction - s_ref + commitment + price_weight * reward / horizon)

to one of its ties, who looks with a probability and would move with less hassle. In a community, and among those who
met at events, further weak ties link people: they are keyed by the two persons, so that a replacement inherits none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import BLOCK, Arrays, by_place
from agents.columns import B, C, L, N, S, T
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.market import Network
from sim.compiled import allocating, compiled
from sim.luck import Decision, bits, unit, unit64
from sim.numeric import F, Whole

ROUNDS = 24
"""Rounds in which members of a circle may be linked: in each a person has one possible partner."""
_REACH = 12
_TIE = int(Decision.TIE)
_RECOMMEND = int(Decision.RECOMMEND)
_CIRCLE = int(Decision.CIRCLE)


def no_ties(people: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """A network without ties: starts, ties, weights."""
    return np.zeros(people + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)


def network_of(
    law: Network, key: np.uint64, sociability: NDArray[np.float32], segment: NDArray[np.int8],
    position: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:  # fmt: skip
    """The ties of some people: starts, ties and weights, as in `agents.arrays.Arrays`.

    Each person starts `ties / 2 * sociability` ties (a fraction by luck): the share `homophily` with one of its nearest
    in (segment, product taste), the others with anyone. A tie is strong with probability `strong`; a weak one weighs
    `weak` times as much, and all weigh 1 on average. Ties are mutual, and nobody is tied to anybody twice.

    Args:
        law: the network's parameters.
        key: the replicate's luck.
        sociability, segment, position: traits of the people, by slot.
    """
    people = sociability.size
    if law.ties == 0.0 or people < 2:
        return no_ties(people)
    ranked = np.lexsort((position, segment)).astype(np.int32)
    rank = np.empty(people, np.int32)
    rank[ranked] = np.arange(people, dtype=np.int32)
    wish = sociability.astype(np.float64) * (law.ties / 2.0 / max(float(sociability.mean()), 1e-9))
    first, second, strong = _start(key, wish, ranked, rank, law.homophily, law.strong)
    weak, full = np.float32(law.weak / law.mean_weight), np.float32(1.0 / law.mean_weight)
    return _adjacent(first, second, np.where(strong, full, weak), people)


@allocating
def _start(
    key: np.uint64, wish: NDArray[np.float64], ranked: NDArray[np.int32], rank: NDArray[np.int32], homophily: float,
    strong: float,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:  # fmt: skip
    """The ties that everybody starts: both ends, and whether they are strong."""
    people = wish.size
    room = people
    for i in range(people):
        room += int(wish[i])
    first, second = np.empty(room, np.int32), np.empty(room, np.int32)
    is_strong = np.empty(room, np.bool_)
    number = 0
    for i in range(people):
        wanted = int(wish[i])
        if unit(bits(key, _TIE, i, 0, 1, 0)[0]) < wish[i] - wanted:
            wanted += 1
        for sub in range(wanted):
            alike, where, weight, more = bits(key, _TIE, i, 0, 0, sub)
            if unit(alike) < homophily:
                step = 1 + int(unit(where) * F(2 * _REACH))
                other = ranked[(rank[i] + (step if step <= _REACH else _REACH - step)) % people]
            else:
                other = np.int32(unit64(where, more) * people)
            if other != i:
                first[number], second[number] = i, other
                is_strong[number] = unit(weight) < strong
                number += 1
    return first[:number], second[:number], is_strong[:number]


@allocating
def _adjacent(
    first: NDArray[np.int32], second: NDArray[np.int32], weight: NDArray[np.float32], people: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Ties as starts, ties and weights, each in both directions; of those who are tied twice the first tie counts.

    By counting: ties are dealt to their lower end, sorted there by the higher one, and dealt to both ends.
    """
    number = first.size
    begins = np.zeros(people + 1, np.int64)
    for n in range(number):
        begins[min(first[n], second[n]) + 1] += 1
    for i in range(people):
        begins[i + 1] += begins[i]
    dealt, place = np.empty(number, np.int64), begins.copy()
    for n in range(number):
        low, high = min(first[n], second[n]), max(first[n], second[n])
        at = place[low]
        while at > begins[low] and max(first[dealt[at - 1]], second[dealt[at - 1]]) > high:
            dealt[at] = dealt[at - 1]
            at -= 1
        dealt[at] = n
        place[low] += 1
    starts = np.zeros(people + 1, np.int64)
    kept = 0
    for low in range(people):
        before = -1
        for at in range(begins[low], begins[low + 1]):
            n = dealt[at]
            high = max(first[n], second[n])
            if high != before:
                dealt[kept] = n
                kept += 1
                starts[low + 1] += 1
                starts[high + 1] += 1
            before = high
    for i in range(people):
        starts[i + 1] += starts[i]
    ties, weights, place = np.empty(2 * kept, np.int32), np.empty(2 * kept, np.float32), starts.copy()
    for other in range(2):
        for m in range(kept):
            n = dealt[m]
            low, high = min(first[n], second[n]), max(first[n], second[n])
            own, friend = (high, low) if other else (low, high)
            ties[place[own]], weights[place[own]] = friend, weight[n]
            place[own] += 1
    return starts, ties, weights


@compiled
def spread_exit(w: Arrays, law: Law, key: np.uint64, i: Whole, provider: Whole) -> None:
    """A person left a provider by choice: ties among the provider's customers notice; so do its circles."""
    for n in range(w.starts[i], w.starts[i + 1]):
        j = w.ties[n]
        if w.codes[C.PROVIDER, j] == provider:
            w.state[S.PEER_EXITS, j] += w.weights[n]
    if w.codes[C.CIRCLE, i] != 0:
        for turn in range(ROUNDS):
            j = partner(w, key, i, turn)
            if j >= 0 and w.codes[C.PROVIDER, j] == provider:
                w.state[S.PEER_EXITS, j] += law.weak


@compiled
def partner(w: Arrays, key: np.uint64, i: Whole, turn: Whole) -> int:
    """Whom a member of a circle is linked to in a round, -1 for nobody.

    In a round everybody has one possible partner, the other way round too: slots whose sum is a keyed number. They are
    linked where both are in one circle and the luck of the two persons says so: with the probability that goes with the
    provider's community, or with its events.
    """
    people = w.codes.shape[1]
    centre = np.int64(bits(key, _CIRCLE, turn, 0, 0, 0)[0]) % people
    j = (centre - i) % people
    provider, shared = np.int64(w.codes[C.PROVIDER, i]), w.codes[C.CIRCLE, i] & w.codes[C.CIRCLE, j]
    if j == i or provider < 0 or shared == 0:
        return -1
    chance = F(0.0)
    if (shared & 1) != 0:
        chance = w.levers[provider, L.CIRCLE_TIES]
    if (shared & 2) != 0:
        chance = max(chance, w.levers[provider, L.EVENT_TIES])
    low, high = min(i, j), max(i, j)
    luck = unit(bits(key, _CIRCLE, low, w.codes[C.GENERATION, low], w.codes[C.GENERATION, high], 1 + turn)[0])
    return j if luck < chance else -1


@compiled
def recommend(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, luck: NDArray[np.float32], chance: NDArray[np.float32],
    some: NDArray[np.int32], rewards: NDArray[np.float32],
) -> None:  # fmt: skip
    """Everybody may recommend its provider to one of its ties, who looks in the next pulse, or remembers it till then.

    Four people share the words of one draw; a person's successor draws on other occasions.

    Args:
        luck, chance, some, rewards: room to work in: float32 [BLOCK] twice, int32 [BLOCK], float32 [providers + 1].
    """
    law, pace = law_in(rules), pace_in(beat)
    by_place(w, np.int64(L.REFERRAL_REWARD), rewards)
    for lo in range(0, w.codes.shape[1], BLOCK):
        n = min(BLOCK, w.codes.shape[1] - lo)
        for four in range((n + 3) // 4):
            words = bits(key, _RECOMMEND, lo // 4 + four, 0, pace.occasion, 0)
            for lane in range(4):
                luck[4 * four + lane] = unit(words[lane])
        be_willing(w, law, pace, rewards, chance, lo, n)
        told = 0
        for k in range(n):
            some[told] = k
            told += luck[k] < chance[k]
        for m in range(told):
            i = lo + some[m]
            if w.codes[C.PROVIDER, i] >= 0 and w.starts[i + 1] > w.starts[i]:
                _tell(w, law, pace, key, i, np.int64(w.codes[C.PROVIDER, i]))


@compiled
def be_willing(
    w: Arrays,
    law: Law,
    pace: Pace,
    rewards: NDArray[np.float32],
    chance: NDArray[np.float32],
    lo: int,
    n: int,
) -> None:
    """How probably the people of a block recommend a provider if they have one: by contentment and a reward's pull."""
    hi = lo + n
    provider, price_weight = w.codes[C.PROVIDER, lo:hi], w.traits[T.PRICE_WEIGHT, lo:hi]
    horizon = w.traits[T.HORIZON, lo:hi]
    satisfaction, commitment = w.state[S.SATISFACTION, lo:hi], w.state[S.COMMITMENT, lo:hi]
    rate = law.recommend * pace.days
    for k in range(n):
        chance[k] = rewards[provider[k] + 1]
    for k in range(n):
        pull = price_weight[k] * chance[k] / horizon[k]
        chance[k] = rate * max(F(0.0), satisfaction[k] - law.s_ref + commitment[k] + pull)


@compiled
def _tell(w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, provider: Whole) -> None:
    """One of the ties hears of a provider, if it is not there already."""
    which = unit(bits(key, _RECOMMEND, i, w.codes[C.GENERATION, i], pace.occasion, 1)[0])
    n = w.starts[i] + min(int(which * F(w.starts[i + 1] - w.starts[i])), w.starts[i + 1] - w.starts[i] - 1)
    j = w.ties[n]
    w.counts[provider, w.codes[C.SEGMENT, i], N.ENGAGED] += 1
    if w.codes[C.PROVIDER, j] != provider:
        w.state[S.UNPROMPTED, j] *= max(F(0.0), F(1.0) - law.p_recommend * w.weights[n])
        w.codes[C.RECOMMENDED, j] = provider + 1
        w.bonds[B.RECOMMENDER, j] = i
