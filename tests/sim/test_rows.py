"""Rows: compiled code reads from a row the very numbers that the tuple holds, in Python and out of it."""

from typing import Any, NamedTuple

import numba
import numpy as np
from numba.extending import intrinsic

from sim.rows import numbers_in, reader, row_of


class Mixed(NamedTuple):
    """Numbers of every kind that a law or a pace has, in an order that leaves gaps between them."""

    flag: bool
    single: np.float32
    few: tuple[np.float32, np.float32, np.float32]
    off: bool
    double: float
    whole: int


MIXED = Mixed(
    True, np.float32(0.1), (np.float32(1.5), np.float32(-2.0), np.float32(3e-7)), False, 0.1, -(2**40)
)
_read: Any = intrinsic(reader(Mixed))


@numba.njit
def _single_times_whole(rows: Any) -> Any:
    values = _read(rows)
    return values.single * values.whole if values.flag and not values.off else 0.0


@numba.njit
def _all(rows: Any) -> Any:
    values = _read(rows)
    return values.flag, values.single, values.few, values.off, values.double, values.whole


def test_a_row_gives_back_what_it_was_made_of() -> None:
    assert Mixed(*numbers_in(row_of(MIXED), Mixed)) == MIXED


def test_compiled_code_reads_the_same_numbers_of_the_same_width() -> None:
    assert Mixed(*_all(row_of(MIXED))) == MIXED
    assert _single_times_whole(row_of(MIXED)) == np.float64(np.float32(0.1)) * -(2**40)


def test_what_is_read_is_what_the_row_holds_now() -> None:
    row = row_of(MIXED)
    row["double"] = 7.0
    assert _all(row)[4] == 7.0


def test_rows_of_one_kind_share_it() -> None:
    """Compiled code knows a kind of row at sight only where it is the very object that it has met before."""
    other = MIXED._replace(double=0.7, few=(np.float32(0.0),) * 3)
    assert row_of(other).dtype is row_of(MIXED).dtype
    fewer = MIXED._replace(few=(np.float32(1.0),) * 2)  # type: ignore[arg-type]
    assert row_of(fewer).dtype != row_of(MIXED).dtype
