"""Compiled: whom a strategy means among a firm's customers, from what its CRM knows of them, in one pass over these."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.columns import K
from sim.compiled import allocating
from sim.luck import Decision, uniforms
from sim.numeric import F

_TARGET = int(Decision.TARGET)


@allocating
def luck_of(
    key: np.uint64, generations: NDArray[np.int8], ids: NDArray[np.int32], occasion: int, sub: int
) -> NDArray[np.float32]:  # fmt: skip
    """A strategy's luck for each of some customers, float32 [ids], uniform in (0, 1).

    Args:
        generations: of the people, by slot; occasion, sub: of the luck.
    """
    born = np.empty(ids.size, np.int8)
    for n in range(ids.size):  # Alone, because a loop that looks people up draws no luck of several at once.
        born[n] = generations[ids[n]]
    return uniforms(key, _TARGET, ids, born, occasion, sub)


@allocating
def part_of(
    key: np.uint64, generations: NDArray[np.int8], ids: NDArray[np.int32], share: float, occasion: int, sub: int
) -> NDArray[np.int32]:  # fmt: skip
    """A share of some customers, each by its own luck (see `luck_of`), in their order."""
    luck = luck_of(key, generations, ids, occasion, sub)
    out = np.empty(ids.size, np.int32)
    number = 0
    for n in range(ids.size):
        out[number] = ids[n]
        number += luck[n] < F(share)
    return out[:number].copy()


@allocating
def newcomers(
    crm: NDArray[np.float32], ids: NDArray[np.int32], since: float
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:  # fmt: skip
    """Those of some customers who joined after a day and have not answered since; and those who joined before.

    Args:
        crm: float32 [len(K), N], the provider's CRM.
    """
    unheard, others = np.empty(ids.size, np.int32), np.empty(ids.size, np.int32)
    few, many = 0, 0
    for n in range(ids.size):
        joined = crm[K.JOINED, ids[n]]
        is_new = joined > F(since)
        unheard[few], others[many] = ids[n], ids[n]
        many += not is_new
        few += is_new and crm[K.ANSWERED, ids[n]] < joined
    return unheard[:few].copy(), others[:many].copy()


@allocating
def in_turn(
    key: np.uint64, generations: NDArray[np.int8], ids: NDArray[np.int32], occasion: int, sub: int, rounds: float,
    share: float,
) -> NDArray[np.int32]:  # fmt: skip
    """Those of some customers whose turn has come within the last `share` of a round.

    A round begins at a moment of each customer's own, spread evenly over the rounds of all by luck u: the turn has come
    where rounds - u is less than `share` above a whole number.

    Args:
        generations: of the people, by slot; occasion, sub: of the luck.
        rounds: that are over; share: of a round, 0 to 1.
    """
    luck = luck_of(key, generations, ids, occasion, sub)
    out = np.empty(ids.size, np.int32)
    number = 0
    for n in range(ids.size):
        ahead = F(rounds) - luck[n]
        out[number] = ids[n]
        number += ahead - np.floor(ahead) < F(share)
    return out[:number].copy()


@allocating
def better_plans(
    crm: NDArray[np.float32], levels: NDArray[np.float32], ids: NDArray[np.int32], misfit: float
) -> NDArray[np.int64]:
    """The plan whose level comes nearest to each customer's estimated need, int64 [ids]; -1 where nothing is wrong.

    Wrong is another plan than the nearest one whose level lies further than `misfit` from the need, where at least one
    signal stands behind the estimate.

    Args:
        crm: float32 [len(K), N], the provider's CRM; levels: of need that each plan fits.
    """
    plans = np.full(ids.size, -1, np.int64)
    for n in range(ids.size):
        need, current = crm[K.NEED_SEEN, ids[n]], np.int64(crm[K.PLAN, ids[n]])
        best = 0
        for plan in range(1, levels.size):
            if abs(levels[plan] - need) < abs(levels[best] - need):
                best = plan
        if best != current and abs(levels[current] - need) > F(misfit) and crm[K.SIGNALS, ids[n]] > F(0.0):
            plans[n] = best
    return plans
