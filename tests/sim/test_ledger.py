"""The books: nothing is lost to rounding, every amount is discounted once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ledger import Ledger, share_out
from sim.quantities import MICROS


def ledger(scale: float = 1.0) -> Ledger:
    return Ledger(np.zeros((2, 3, 4, 5), np.int64), scale)


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 3 * 10**8), min_size=1, max_size=9))
def test_parts_sum_to_the_whole_and_follow_the_weights(total: int, weights: list[int]) -> None:
    out = np.empty(len(weights), np.int64)
    share_out(total, np.array(weights, np.int64), out)
    parts = out.tolist()
    assert sum(parts) == total
    if sum(weights):
        assert all(
            abs(part - total * w / sum(weights)) <= 1.0 + abs(total) * 1e-15
            for part, w in zip(parts, weights)
        )
        assert all(part == 0 for part, w in zip(parts, weights) if w == 0)
    else:
        assert parts[0] == total


def test_the_largest_remainders_get_what_is_left() -> None:
    out = np.empty(4, np.int64)
    share_out(-10, np.array([1, 2, 3, 1]), out)  # exact shares 1.43, 2.86, 4.29, 1.43
    assert out.tolist() == [-2, -3, -4, -1]


def test_a_booking_is_spread_over_segments_and_lands_once() -> None:
    books = ledger(scale=10.0)
    booked = books.book(1, 2, 3, 70.0, np.array([2, 0, 5]))
    assert booked == 7 * MICROS
    assert books.books[1, :, 2, 3].tolist() == [2 * MICROS, 0, 5 * MICROS]
    assert books.books.sum() == booked
    assert books.spread[1].tolist() == [2 * MICROS, 0, 5 * MICROS]


def test_each_pulse_is_discounted_by_its_own_factor_and_once() -> None:
    books = ledger()
    books.book(0, 0, 0, 1.0, np.array([1, 0, 0]))
    books.close(0.5)
    assert books.discounted.sum() == MICROS // 2
    books.book(0, 0, 0, 3.0, np.array([1, 0, 0]))
    books.close(0.1)
    assert books.discounted.sum() == MICROS // 2 + 3 * MICROS // 10
    books.close(1.0)
    assert books.discounted.sum() == MICROS // 2 + 3 * MICROS // 10
    assert books.spread.sum() == 0


def test_what_compiled_passes_book_is_discounted_too() -> None:
    shared = np.zeros((1, 1, 1, 1), np.int64)
    books = Ledger(shared, 1.0)
    shared[0, 0, 0, 0] += 8
    books.close(0.25)
    assert books.discounted.item() == 2
    shared[0, 0, 0, 0] -= 8
    books.close(0.5)
    assert books.discounted.item() == 2 - 4


def test_restart_forgets_everything() -> None:
    books = ledger()
    books.book(0, 0, 0, 5.0, np.array([1, 1, 1]))
    books.close(0.9)
    books.restart()
    assert not books.books.any()
    books.close(1.0)
    assert not books.discounted.any()


@pytest.mark.parametrize("amount", [0.0, -12.5, 1e-7])
def test_small_and_negative_amounts_round_to_nearest(amount: float) -> None:
    assert ledger().book(0, 0, 0, amount, np.array([1, 1, 1])) == round(amount * MICROS)


def test_each_of_several_bookings_is_the_one_it_would_have_been_alone() -> None:
    together, alone = ledger(scale=3.0), ledger(scale=3.0)
    weights = np.array([[2, 0, 5], [1, 1, 1]])
    bookings = ((0, 2, 3, 70.0), (1, 2, 3, 0.1), (1, 1, 0, 5.0), (1, 2, 3, 2.5))
    together.book_all(np.array([(*where, together.total(amount)) for *where, amount in bookings]), weights)
    for provider, tag, account, amount in bookings:
        alone.book(provider, tag, account, amount, weights[provider])
    assert together.books.tolist() == alone.books.tolist()
    assert together.spread.tolist() == alone.spread.tolist()
    assert together.books.sum() > 0
