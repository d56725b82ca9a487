"""How passes over customers are compiled.

`compiled` and `inlined` compile to machine code that releases Python's lock and counts no references to arrays: a pass
borrows the arrays that its caller holds, and must not allocate any. Counting references would cost more than the work
itself, because every `world.state[...]` in a rare branch takes and returns a reference (measured: 3 times the time of a
bill). What has to allocate uses `allocating`.

Compiled code is kept where `sim.cache` says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

from sim.cache import CACHE

Function = TypeVar("Function", bound=Callable[..., Any])

# Some versions of the compiler carry types, which know neither its settings nor `_nrt`.
_settings: Any = numba.config
_njit: Any = numba.njit

_settings.CACHE_DIR = str(CACHE)


def compiled(function: Function) -> Function:
    """Compile a pass that allocates nothing."""
    return _njit(cache=True, nogil=True, _nrt=False)(function)  # type: ignore[no-any-return]


def inlined(function: Function) -> Function:
    """Compile a small part of a pass, put into each caller: for what runs for many customers in every pulse."""
    return _njit(cache=True, nogil=True, _nrt=False, inline="always")(function)  # type: ignore[no-any-return]


def allocating(function: Function) -> Function:
    """Compile a function that makes arrays."""
    return _njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
