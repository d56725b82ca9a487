"""Records: copies, and sums over tags."""

import numpy as np

from sim.records import History


def test_a_reading_is_a_copy_summed_over_tags() -> None:
    counts = np.ones((2, 1, 3), np.int64)
    books = np.arange(1 * 2 * 3 * 2).reshape(1, 2, 3, 2)
    history = History()
    history.note(30.0, counts, books, 2 * books)
    counts[:] = 0
    books_then = history.books.copy()
    books[:] = 0
    reading = history.readings[0]
    assert reading.day == 30.0
    assert reading.counts.all()
    assert reading.books[0].tolist() == [[0 + 2 + 4, 1 + 3 + 5], [6 + 8 + 10, 7 + 9 + 11]]
    assert reading.spent[0].tolist() == [[2 + 4, 3 + 5], [8 + 10, 9 + 11]]
    assert (reading.discounted == 2 * reading.books).all()
    assert (reading.spent_discounted == 2 * reading.spent).all()
    assert (history.books == books_then).all()
    assert books_then.any()
