"""The books: every amount of money once, in whole millionths, by provider, segment, tag and account.

Compiled passes add to `books` directly; everything else goes through `Ledger.book`, which spreads an amount over the
segments by weights and loses nothing to rounding. A tag is 0 for ordinary business, else the strategy that caused the
booking. Fixed amounts are those of the real firm; the simulated customers are a sample of it, therefore `scale` firm
customers stand behind one simulated customer and `book` divides by it.

`close` discounts what a pulse booked to the day of the fork: discounted = sum of round(amount * (1 + rate)^(-years)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, inlined
from sim.numeric import Whole
from sim.quantities import MICROS

Books = NDArray[np.int64]


@compiled
def share_out(total: int, weights: NDArray[np.int64], parts: NDArray[np.int64]) -> None:
    """Split a whole amount by non-negative weights so that the parts sum to it exactly (largest remainders first).

    With all weights 0 the first part gets everything. The weights sum to less than 3e9, so that nothing overflows.

    Args:
        parts: written, one for each weight.
    """
    whole = np.int64(0)
    for k in range(weights.size):
        whole += weights[k]
        parts[k] = 0
    if whole == 0:
        parts[0] = total
        return
    sign = np.int64(-1 if total < 0 else 1)
    each, rest = divmod(abs(total), whole)
    left = abs(total)
    for k in range(weights.size):
        parts[k] = each * weights[k] + rest * weights[k] // whole
        left -= parts[k]
    for _ in range(left):  # fewer than there are weights
        best = 0
        for k in range(1, weights.size):
            if _remainder(total, weights, parts, whole, k) > _remainder(total, weights, parts, whole, best):
                best = k
        parts[best] += 1
    for k in range(weights.size):
        parts[k] *= sign


@inlined
def _remainder(
    total: int, weights: NDArray[np.int64], parts: NDArray[np.int64], whole: Whole, k: Whole
) -> np.int64:
    """What part k still lacks, in `whole`ths of the smallest unit; below 0 for who got one of those left."""
    each, rest = divmod(abs(total), whole)
    return np.int64(rest * weights[k] - (parts[k] - each * weights[k]) * whole)


@compiled
def _book(
    books: NDArray[np.int64], spread: NDArray[np.int64], parts: NDArray[np.int64], provider: int, tag: int,
    account: int, total: int, weights: NDArray[np.int64],
) -> None:  # fmt: skip
    """Book a whole amount over a provider's segments."""
    share_out(total, weights, parts)
    for segment in range(parts.size):
        books[provider, segment, tag, account] += parts[segment]
        spread[provider, segment] += parts[segment]


@compiled
def _book_all(
    books: NDArray[np.int64], spread: NDArray[np.int64], parts: NDArray[np.int64], bookings: NDArray[np.int64],
    weights: NDArray[np.int64],
) -> None:  # fmt: skip
    """Book whole amounts, each over the segments of its provider."""
    for n in range(bookings.shape[0]):
        _book(
            books,
            spread,
            parts,
            bookings[n, 0],
            bookings[n, 1],
            bookings[n, 2],
            bookings[n, 3],
            weights[bookings[n, 0]],
        )


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
        self._flat = books.reshape(-1), self._closed.reshape(-1), self.discounted.reshape(-1)
        self._parts = np.empty(books.shape[1], np.int64)

    def book(self, provider: int, tag: int, account: int, amount: float, weights: NDArray[np.int64]) -> int:
        """Book an amount of the real firm, in currency, over segments by weight; returns the sample's millionths."""
        total = self.total(amount)
        _book(self.books, self.spread, self._parts, provider, tag, int(account), total, weights)
        return total

    def total(self, amount: float) -> int:
        """The sample's millionths of an amount of the real firm, in currency."""
        return round(amount / self.scale * MICROS)

    def book_all(self, bookings: NDArray[np.int64], weights: NDArray[np.int64]) -> None:
        """Book several amounts over segments by weight.

        Args:
            bookings: rows of (provider, tag, account, amount), amounts as `total` gives them; int64 [n, 4].
            weights: [providers, segments].
        """
        _book_all(self.books, self.spread, self._parts, bookings, weights)

    def close(self, factor: float) -> None:
        """Close a pulse: discount what it booked by a factor."""
        _discount(*self._flat, factor)
        self.spread[:] = 0

    def restart(self) -> None:
        """Forget everything booked so far: the day of the fork."""
        self.books[:] = 0
        self._closed[:] = 0
        self.discounted[:] = 0
        self.spread[:] = 0
