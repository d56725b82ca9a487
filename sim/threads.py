"""Threads over spans of customers, for a market so large that one run is all a machine has to do.

Replicates side by side in processes are the better use of cores; `experiments.workers` allows threads where there are
fewer tasks than cores. Compiled passes release Python's lock. What a thread adds up, it adds up in whole numbers of its
own, and people affect each other in none of the passes that are split: results are the same to the bit on any number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

LARGE = 50_000
"""Customers per thread below which starting threads costs more than they save."""

_count = 1
_pool: ThreadPoolExecutor | None = None


def use(count: int) -> None:
    """Allow this process so many threads, 1 or more."""
    global _count, _pool
    if count != _count:
        if _pool is not None:
            _pool.shutdown()
        _count, _pool = count, None


def several() -> bool:
    """Whether this process may use more than one."""
    return _count > 1


def spans(size: int, block: int) -> list[tuple[int, int]]:
    """Cut [0, size) into one span for each thread that is worth it, at multiples of `block`; none is empty."""
    parts = max(1, min(_count, size // LARGE))
    if parts == 1:
        return [(0, size)]
    cuts = [size * part // parts // block * block for part in range(parts)] + [size]
    return list(pairwise(dict.fromkeys(cuts)))


def together(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """What a function gives for each item, in their order, computed side by side where there are several."""
    global _pool
    todo = list(items)
    if _count == 1 or len(todo) < 2:
        return [function(item) for item in todo]
    if _pool is None:
        _pool = ThreadPoolExecutor(_count - 1, thread_name_prefix="tenure")
    places = iter(range(len(todo)))
    done: dict[int, R] = {}

    def work() -> None:
        for place in places:
            done[place] = function(todo[place])

    # This thread works as well: to wake another takes as long as some thousand customers.
    others = [_pool.submit(work) for _ in range(min(_count, len(todo)) - 1)]
    try:
        work()
    finally:
        for other in others:
            other.result()
    return [done[place] for place in range(len(todo))]
