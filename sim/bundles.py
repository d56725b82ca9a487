"""Bundles: many arrays under one name, which compiled code is handed in the time of one.

Every array that is passed to compiled code is looked at anew in every call. A bundle looks at its arrays once, when it
is made, and hands on where it wrote down what it saw. In compiled code its arrays are read by their names.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numba
import numpy as np
from numba import extending as _extending
from numba.core import imputils as _imputils
from numba.core import types as _types
from numba.core.typing import templates as _templates
from numpy.typing import NDArray

# The compiler annotates these in part only.
extending: Any = _extending
typeof: Any = numba.typeof
imputils: Any = _imputils
numba_types: Any = _types
templates: Any = _templates


class Bundle:
    """The base of frozen dataclasses whose fields are arrays, each of them contiguous."""

    def __post_init__(self) -> None:
        arrays = self.named()
        # What compiled code keeps of an array: owner and parent (nobody), items, bytes of one, address, shape, strides.
        seen = [
            (0, 0, array.size, array.itemsize, array.ctypes.data, *array.shape, *array.strides)
            for array in arrays.values()
        ]
        written = np.array([number for each in seen for number in each], np.int64)
        kind = BundleType(type(self), tuple((name, typeof(array)) for name, array in arrays.items()))
        for name, value in (("_written", written), ("_place", written.ctypes.data), ("_numba_type_", kind)):
            object.__setattr__(self, name, value)

    def named(self) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


class BundleType(numba_types.Type):  # type: ignore[misc]
    """What compiled code knows of a bundle: the names and types of its arrays.

    Raises:
        ValueError: for an array that is not contiguous, the last dimension first.
    """

    def __init__(self, kind: type, members: tuple[tuple[str, Any], ...]) -> None:
        for name, array in members:
            if array.layout != "C":
                raise ValueError(f"{kind.__name__}.{name} must be contiguous")
        self.members = members
        super().__init__(f"{kind.__name__}({', '.join(f'{name}: {array}' for name, array in members)})")


@extending.register_model(BundleType)
class _Model(extending.models.StructModel):  # type: ignore[misc]
    def __init__(self, manager: Any, bundle: BundleType) -> None:
        super().__init__(manager, bundle, list(bundle.members))


@extending.infer_getattr
class _Attributes(templates.AttributeTemplate):  # type: ignore[misc]
    key = BundleType

    def generic_resolve(self, bundle: BundleType, name: str) -> Any:
        return dict(bundle.members).get(name)


@extending.lower_getattr_generic(BundleType)  # type: ignore[untyped-decorator]
def _read(context: Any, builder: Any, bundle: BundleType, value: Any, name: str) -> Any:
    place = [member for member, _ in bundle.members].index(name)
    return imputils.impl_ret_borrowed(
        context, builder, bundle.members[place][1], builder.extract_value(value, place)
    )


@extending.unbox(BundleType)  # type: ignore[untyped-decorator]
def _unbox(bundle: BundleType, handed: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(handed, "_place")
    place = c.pyapi.long_as_voidptr(number)
    c.pyapi.decref(number)
    stored = c.builder.bitcast(place, c.context.get_value_type(bundle).as_pointer())
    return extending.NativeValue(c.builder.load(stored))
