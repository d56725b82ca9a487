"""Compiled: orders found by dealing people to bins, without comparing everybody with everybody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import allocating

_BLOCK = 1_024
"""Slots whose columns fit into a processor's nearest memory."""


@allocating
def by_luck(ids: NDArray[np.int32], luck: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    """Positions of the first so many in the order of (luck, id).

    Luck is spread evenly, so that as many bins as there are people hold about one each: who is dealt to the bins in
    their order is nearly in order already, and whoever falls behind the bins that are needed is never looked at again.

    Args:
        ids, luck: by position, at least one; number: 1 to their number.
    """
    size = ids.size
    low, high = np.float64(luck[0]), np.float64(luck[0])
    for n in range(size):
        low, high = min(low, np.float64(luck[n])), max(high, np.float64(luck[n]))
    scale = size / (high - low) if high > low else 0.0
    ends = np.zeros(size, np.int32)
    for n in range(size):
        ends[min(int((luck[n] - low) * scale), size - 1)] += 1
    needed = 0
    begin = 0
    while begin < number:
        count = ends[needed]
        ends[needed] = begin
        begin += count
        needed += 1
    order = np.empty(begin, np.int64)
    for n in range(size):
        place = min(int((luck[n] - low) * scale), size - 1)
        if place < needed:
            order[ends[place]] = n
            ends[place] += 1
    for k in range(1, begin):
        n = order[k]
        at = k
        while at > 0:
            before = order[at - 1]
            if luck[before] < luck[n] or (luck[before] == luck[n] and ids[before] < ids[n]):
                break
            order[at] = before
            at -= 1
        order[at] = n
    return order[:number]


@allocating
def by_place(ids: NDArray[np.int32], people: int) -> NDArray[np.int64]:
    """Positions of some people, block by block of the slots; within a block in the order in which they stand.

    Who works through many people in another order waits for memory at each of them.

    Args:
        ids: slots below `people`.
    """
    ends = np.zeros(people // _BLOCK + 1, np.int64)
    for n in range(ids.size):
        ends[ids[n] // _BLOCK] += 1
    begin = 0
    for block in range(ends.size):
        count = ends[block]
        ends[block] = begin
        begin += count
    order = np.empty(ids.size, np.int64)
    for n in range(ids.size):
        block = ids[n] // _BLOCK
        order[ends[block]] = n
        ends[block] += 1
    return order
