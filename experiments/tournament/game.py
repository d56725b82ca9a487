"""Game: best replies and equilibria of two sides with a payoff matrix each (Nashpy).

Equilibria are those of the mean payoffs. How sure they are is told by a bootstrap over lucks: the share of resamples in
which a profile is a pure equilibrium.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES = 1000
SEED = 9_241


@dataclass(frozen=True)
class Equilibrium:
    """A profile from which neither side gains by leaving alone.

    Attributes:
        own, other: probability of each set, float64 [sets].
        sure: share of resamples over lucks in which it is one; NaN for mixed ones.
    """

    own: tuple[float, ...]
    other: tuple[float, ...]
    sure: float

    @property
    def is_pure(self) -> bool:
        """Whether both sides play one set for certain."""
        return max(self.own) == 1.0 and max(self.other) == 1.0


def best_replies(own: Floats, other: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which profiles are best replies of the first and of the second side, bool [sets, sets].

    Args:
        own: payoffs of the side that picks the row.
        other: payoffs of the side that picks the column.
    """
    return own == own.max(axis=0, keepdims=True), other == other.max(axis=1, keepdims=True)


def equilibria(own: Floats, other: Floats) -> list[Equilibrium]:
    """Every equilibrium that support enumeration finds, pure ones first.

    Args:
        own, other: payoffs, float64 [sets, sets, lucks].
    """
    import nashpy

    first, second = own.mean(axis=2), other.mean(axis=2)
    with warnings.catch_warnings():
        # Nashpy warns of an even number of equilibria; ties are what makes them so, and all are told.
        warnings.simplefilter("ignore", RuntimeWarning)
        found = [
            (tuple(float(p) for p in np.round(one, 9)), tuple(float(p) for p in np.round(two, 9)))
            for one, two in nashpy.Game(first, second).support_enumeration()
        ]
    sure = _sure(own, other)
    listed = [
        Equilibrium(
            one,
            two,
            float(sure[int(np.argmax(one)), int(np.argmax(two))])
            if max(one) == max(two) == 1.0
            else float("nan"),
        )
        for one, two in dict.fromkeys(found)
    ]
    return sorted(listed, key=lambda one: (not one.is_pure, -one.sure if one.is_pure else 0.0))


def _sure(own: Floats, other: Floats) -> Floats:
    """Share of resamples in which each profile is a pure equilibrium, float64 [sets, sets]."""
    lucks = own.shape[2]
    chosen = np.random.default_rng(SEED).integers(0, lucks, size=(RESAMPLES, lucks))
    found = np.zeros(own.shape[:2])
    for rows in chosen:
        one, two = best_replies(own[:, :, rows].mean(axis=2), other[:, :, rows].mean(axis=2))
        found += one & two
    return found / RESAMPLES
