"""Records: what a run remembers of itself, month by month, bounded whatever the number of customers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.compiled import allocating


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
        (whole, spent), (discounted_whole, discounted_spent) = _over_tags(books), _over_tags(discounted)
        self.readings.append(Reading(day, counts.copy(), whole, discounted_whole, spent, discounted_spent))


@allocating
def _over_tags(books: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Books summed over all tags, and over those of strategies: int64 [providers, segments, accounts] each."""
    providers, segments, tags, accounts = books.shape
    spent = np.zeros((providers, segments, accounts), np.int64)
    whole = books[:, :, 0].copy()
    for provider in range(providers):
        for segment in range(segments):
            for tag in range(1, tags):
                for account in range(accounts):
                    spent[provider, segment, account] += books[provider, segment, tag, account]
            for account in range(accounts):
                whole[provider, segment, account] += spent[provider, segment, account]
    return whole, spent
