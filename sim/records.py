"""Records: what a run remembers of itself, month by month, bounded whatever the number of customers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Reading:
    """The state of the counts and books at the end of a day.

    Attributes:
        day: days since the fork.
        counts: int64 [providers + 1, segments, counts], cumulated since the fork.
        books, discounted: int64 [providers, segments, accounts], cumulated since the fork, summed over tags.
        spent, spent_discounted: int64 [providers, segments, accounts], the part booked under a strategy's tag.
    """

    day: float
    counts: NDArray[np.int64]
    books: NDArray[np.int64]
    discounted: NDArray[np.int64]
    spent: NDArray[np.int64]
    spent_discounted: NDArray[np.int64]


@dataclass
class History:
    """The readings of a run, in order of time.

    Attributes:
        readings: one per month, and one at the end.
        books: int64 [providers, segments, tags, accounts] at the last reading.
    """

    readings: list[Reading] = field(default_factory=list)
    books: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0, 0, 0), np.int64))

    def note(
        self, day: float, counts: NDArray[np.int64], books: NDArray[np.int64], discounted: NDArray[np.int64]
    ) -> None:
        """Remember the counts and books of a day; arrays are [providers, segments, tags, accounts] and copied."""
        self.books = books.copy()
        spent, spent_discounted = books[:, :, 1:].sum(axis=2), discounted[:, :, 1:].sum(axis=2)
        self.readings.append(
            Reading(
                day,
                counts.copy(),
                books[:, :, 0] + spent,
                discounted[:, :, 0] + spent_discounted,
                spent,
                spent_discounted,
            )
        )
