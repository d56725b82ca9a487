"""Ranking: who comes first among many, without putting all of them in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


def foremost(ids: Ids, scores: NDArray[np.float64], luck: NDArray[np.float32], number: int) -> Ids:
    """So many of some people in the order of (score, highest first; luck; slot); only these are ever sorted.

    Args:
        scores, luck: by position in `ids`; luck in [0, 1).
    """
    if number <= 0 or not ids.size:
        return ids[:0]
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
