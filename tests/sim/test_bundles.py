"""Bundles: compiled code reads and writes the very arrays, by their names, and those of a copy that was replaced."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.bundles import Bundle
from sim.compiled import allocating, compiled


@dataclass(frozen=True, eq=False)
class Shelf(Bundle):
    """Two arrays of different shape and kind."""

    wide: NDArray[np.float32]
    counts: NDArray[np.int64]


@compiled
def move(shelf: Shelf, row: int) -> float:
    """Count a row and add its number to it; what stood at its end."""
    last = shelf.wide[row, shelf.wide.shape[1] - 1]
    shelf.counts[row] += 1
    for n in range(shelf.wide.shape[1]):
        shelf.wide[row, n] += np.float32(row)
    return float(last)


@allocating
def copied(shelf: Shelf) -> Any:
    """A copy made by code that counts references."""
    return shelf.counts.copy()


def shelf_of(rows: int, columns: int) -> Shelf:
    wide = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    return Shelf(wide, np.zeros(rows, np.int64))


@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (2, 1), (5, 7)])
def test_compiled_code_reads_and_writes_the_arrays_themselves(rows: int, columns: int) -> None:
    shelf = shelf_of(rows, columns)
    expected = shelf.wide.copy()
    assert move(shelf, 1) == expected[1, -1]
    expected[1] += 1.0
    np.testing.assert_array_equal(shelf.wide, expected)
    assert shelf.counts.tolist() == [0, 1, *[0] * (rows - 2)]
    assert copied(shelf).tolist() == shelf.counts.tolist()


def test_a_replaced_array_is_the_one_that_is_read() -> None:
    old = shelf_of(3, 4)
    new = replace(old, counts=np.full(3, 10, np.int64))
    move(new, 2)
    assert (old.counts.tolist(), new.counts.tolist()) == ([0, 0, 0], [10, 10, 11])
    assert new.wide is old.wide
    assert old.wide[2].tolist() == [10.0, 11.0, 12.0, 13.0]
    assert list(new.named()) == ["wide", "counts"]


def test_an_array_that_is_not_contiguous_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Shelf\.wide must be contiguous"):
        Shelf(np.zeros((4, 4), np.float32)[:, ::2], np.zeros(4, np.int64))
