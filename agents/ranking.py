"""Ranking: who comes first, without putting many in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


_FEW = 800
"""Up to so many people it takes less time to put all of them in order than to find out whom that spares."""


def foremost(ids: Ids, scores: NDArray[np.float64], luck: NDArray[np.float32], number: int) -> Ids:
    """So many of some people in the order of (score, highest first; luck; slot).

    Args:
        scores, luck: by position in `ids`; luck in [0, 1).
    """
    if number <= 0 or not ids.size:
        return ids[:0]
    if ids.size <= _FEW:
        return ids[np.lexsort((ids, luck, -scores))[:number]]
    return _of_many(ids, scores, luck, number)


def _of_many(ids: Ids, scores: NDArray[np.float64], luck: NDArray[np.float32], number: int) -> Ids:
    """The same among many: only those who are taken are ever sorted."""
    # Who reads what a strategy is needs no compiler.
    from sim.order import by_luck

    if scores.min() == scores.max():
        return ids[by_luck(ids, luck, min(number, ids.size))]
    if number < ids.size:
        last = np.partition(scores, ids.size - number)[ids.size - number]
        above, level = scores > last, np.flatnonzero(scores == last)
        level = level[by_luck(ids[level], luck[level], number - int(above.sum()))]
        chosen = np.concatenate([np.flatnonzero(above), level])
        ids, scores, luck = ids[chosen], scores[chosen], luck[chosen]
    order = by_luck(ids, luck, ids.size)
    return ids[order[np.argsort(-scores[order], kind="stable")]]
