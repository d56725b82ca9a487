"""The books: every amount of money once, in whole millionths, by provider, segment, tag and account.

Compiled passes add to `books` directly; everything else goes through `Ledger.book`, which spreads an amount over the
segments by weights and loses nothing to rounding. A tag is 0 for ordinary business, else the strategy that caused the
booking. Fixed amounts are those of the real firm; the simulated customers are a sample of it, therefore `scale` firm
customers stand behind one simulated customer and `book` divides by it.

`close` discounts what a pulse booked to the day of the fork: discounted = sum of round(amount * (1 + rate)^(-years)).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled
from sim.quantities import MICROS

Books = NDArray[np.int64]


def shares_of(total: int, weights: Sequence[int] | NDArray[np.int64]) -> list[int]:
    """Split a whole amount by non-negative weights so that the parts sum to it exactly (largest remainders first).

    With all weights 0 the first part gets everything.
    """
    parts_of = [int(weight) for weight in weights]  # Python's: a product may need more than 64 bits.
    whole = sum(parts_of)
    if whole == 0:
        return [total] + [0] * (len(parts_of) - 1)
    sign = -1 if total < 0 else 1
    quotients = [divmod(abs(total) * weight, whole) for weight in parts_of]
    parts = [quotient for quotient, _ in quotients]
    left = abs(total) - sum(parts)
    if left:
        for k in sorted(range(len(parts)), key=lambda k: (-quotients[k][1], k))[:left]:
            parts[k] += 1
    return [sign * part for part in parts]


@compiled
def _discount(
    books: NDArray[np.int64], closed: NDArray[np.int64], discounted: NDArray[np.int64], factor: float
) -> None:
    """Add what was booked since the last time, discounted by a factor, and remember that it was."""
    for n in range(books.size):
        flow = books[n] - closed[n]
        if flow != 0:
            discounted[n] += np.int64(np.floor(np.float64(flow) * factor + 0.5))
            closed[n] = books[n]


class Ledger:
    """The books of all providers of one world.

    Args:
        books: int64 [providers, segments, tags, accounts], shared with the compiled passes.
        scale: customers of the real firm behind one simulated customer.

    Attributes:
        discounted: the books discounted to the day of the fork, pulse by pulse.
        spread: int64 [providers, segments], what `book` has booked since the last close: no single customer's cost.
    """

    def __init__(self, books: Books, scale: float) -> None:
        self.books = books
        self.scale = scale
        self.discounted: Books = np.zeros_like(books)
        self.spread = np.zeros(books.shape[:2], np.int64)
        self._closed: Books = books.copy()

    def book(self, provider: int, tag: int, account: int, amount: float, weights: NDArray[np.int64]) -> int:
        """Book an amount of the real firm, in currency, over segments by weight; returns the sample's millionths."""
        total = round(amount / self.scale * MICROS)
        parts = shares_of(total, weights.tolist())
        self.books[provider, :, tag, account] += parts
        self.spread[provider] += parts
        return total

    def close(self, factor: float) -> None:
        """Close a pulse: discount what it booked by a factor."""
        _discount(self.books.reshape(-1), self._closed.reshape(-1), self.discounted.reshape(-1), factor)
        self.spread[:] = 0

    def restart(self) -> None:
        """Forget everything booked so far: the day of the fork."""
        self.books[:] = 0
        self._closed[:] = 0
        self.discounted[:] = 0
        self.spread[:] = 0
