"""Differences: which rows of two worlds' arrays are not the same, to the byte, and when they first were not.

A row is named as in code: `state.COMMITMENT`, `books.DISCOUNT`, `levers.FRICTION`. An array whose rows have no names
counts as one row under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import A, B, C, K, L, N, S, T, V
from agents.model import MarketModel
from agents.world import World
from sim.marketplace import Phase, Pulse

NAMED: Mapping[str, tuple[type[IntEnum], int]] = {
    "traits": (T, 0),
    "state": (S, 0),
    "codes": (C, 0),
    "money": (V, 0),
    "crm": (K, 1),
    "levers": (L, 1),
    "books": (A, 3),
    "counts": (N, 2),
    "bonds": (B, 0),
}
"""Arrays whose rows have names: the names, and the axis that they count."""

Copies = dict[str, NDArray[Any]]
"""The arrays of a world by name, copied."""


@dataclass(frozen=True)
class Difference:
    """Where two worlds part: the week from 1, the phase after which it shows, and the rows in which it does."""

    week: int
    phase: str
    rows: tuple[str, ...]


def copies(world: World) -> Copies:
    """A world's arrays as they are now."""
    return {name: array.copy() for name, array in world.arrays.named().items()}


def differing(left: Copies, right: Copies, aside: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the rows that are not the same, sorted, those set aside left out."""
    names = [
        name
        for array in left
        if not _alike(left[array], right[array])
        for name, axis, row in _rows(array)
        if row is None or not _alike(np.take(left[array], row, axis), np.take(right[array], row, axis))
    ]
    return tuple(sorted(set(names) - set(aside)))


def _alike(left: NDArray[Any], right: NDArray[Any]) -> bool:
    return left.tobytes() == right.tobytes()


def _rows(array: str) -> Iterator[tuple[str, int, int | None]]:
    """Name, axis and number of each row of an array; one without number where rows have no names."""
    if array not in NAMED:
        yield array, 0, None
        return
    members, axis = NAMED[array]
    for row in members:
        yield f"{array}.{row.name}", axis, int(row)


def first_difference(
    left: MarketModel, right: MarketModel, weeks: int, aside: Collection[str] = ()
) -> Difference | None:
    """Run two twins side by side until they differ, and say where they do; None where they never do.

    Args:
        left, right: two forks of one warm market; they end in the pulse of the first difference.
        weeks: how many pulses to look through, at most.
        aside: names of rows that may differ.
    """
    seen = _watched(left), _watched(right)
    for week in range(1, weeks + 1):
        for model, states in zip((left, right), seen, strict=True):
            states.clear()
            model.step()
        for phase, state in seen[0].items():
            names = differing(state, seen[1][phase], aside)
            if names:
                return Difference(week, phase, names)
    return None


def _watched(model: MarketModel) -> dict[str, Copies]:
    """Have a model note, after each phase of a pulse, its arrays by the phase's name."""
    seen: dict[str, Copies] = {}

    def noting(phase: Phase) -> Callable[[Pulse], None]:
        def act(pulse: Pulse) -> None:
            phase.act(pulse)
            seen[phase.name] = copies(model.world)

        return act

    model.marketplace.phases = tuple(Phase(p.name, noting(p)) for p in model.marketplace.phases)
    return seen
