"""Rows: a tuple of numbers as one row of a table, which compiled code is handed in a twentieth of the time.

Each number of a tuple that is passed to compiled code is looked at anew in every call, while a row is one array.
`reader` makes what gives compiled code the tuple back, its numbers read where they are used.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba.core import cgutils as _cgutils
from numba.core import types as _types
from numpy.typing import NDArray

# The compiler annotates these in part only.
numba_types: Any = _types
build: Any = _cgutils

Row = NDArray[np.void]
"""One row of a table."""


def row_of(values: Any) -> Row:
    """A named tuple as one row: numbers by name, tuples among them as single-precision numbers side by side."""
    fields = tuple(
        (name, (np.float32, len(value))) if isinstance(value, tuple) else (name, np.asarray(value).dtype)
        for name, value in values._asdict().items()
    )
    row = np.zeros(1, _kind_of(fields))
    row[0] = tuple(values)
    return row


@lru_cache(maxsize=64)
def _kind_of(fields: tuple[tuple[str, Any], ...]) -> np.dtype[np.void]:
    """The kind of row that has some fields: one object for all such rows.

    Compiled code knows that one again at sight. One that only equals it is compared field by field in every call, which
    takes longer than all the rest of handing it over.
    """
    return np.dtype(list(fields), align=True)


def numbers_in(row: Row, kind: Any) -> list[Any]:
    """The numbers of a row in the order in which a kind of named tuple takes them."""
    only = row[0]
    return [tuple(only[name]) if only[name].ndim else only[name] for name in kind._fields]


def reader(kind: Any) -> Any:
    """What an intrinsic of compiled code needs to turn a row into a kind of named tuple."""

    def type_of(record: Any, name: str) -> Any:
        found = record.typeof(name)
        return (
            numba_types.UniTuple(found.dtype, found.nitems)
            if isinstance(found, numba_types.NestedArray)
            else found
        )

    def read_in(_context: Any, rows: Any) -> Any:
        record = rows.dtype
        values_of = numba_types.NamedTuple([type_of(record, name) for name in kind._fields], kind)

        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            array = context.make_array(rows)(context, builder, arguments[0])
            row = builder.bitcast(array.data, context.get_data_type(numba_types.voidptr))

            def read(offset: int, what: Any) -> Any:
                place = build.pointer_add(builder, row, offset)
                stored = builder.bitcast(place, context.get_data_type(what).as_pointer())
                return context.unpack_value(builder, what, stored)

            values = []
            for name, what in zip(kind._fields, values_of.types):
                at = record.offset(name)
                if isinstance(what, numba_types.UniTuple):
                    parts = [read(at + 4 * n, what.dtype) for n in range(what.count)]
                    values.append(context.make_tuple(builder, what, parts))
                else:
                    values.append(read(at, what))
            return context.make_tuple(builder, values_of, values)

        return values_of(rows), generate

    return read_in
