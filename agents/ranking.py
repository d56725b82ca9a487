"""Ranking: who comes first, without putting many in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


_FEW = 2_500
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
    if number < ids.size:
        last = np.partition(scores, ids.size - number)[ids.size - number]
        above, level = scores > last, np.flatnonzero(scores == last)
        level = level[_by_luck(ids[level], luck[level])[: number - int(above.sum())]]
        chosen = np.concatenate([np.flatnonzero(above), level])
        ids, scores, luck = ids[chosen], scores[chosen], luck[chosen]
    by_luck = _by_luck(ids, luck)
    if scores.min() == scores.max():
        return ids[by_luck]
    return ids[by_luck[np.argsort(-scores[by_luck], kind="stable")]]


def _by_luck(ids: Ids, luck: NDArray[np.float32]) -> NDArray[np.int64]:
    """Positions in the order of (luck, slot): numbers from 0 on are ordered as their bits are."""
    return np.argsort(luck.view(np.uint32).astype(np.uint64) << np.uint64(32) | ids.view(np.uint32))
