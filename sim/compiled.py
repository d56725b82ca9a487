"""How passes over customers are compiled, and where compiled code is kept.

`compiled` and `inlined` compile to machine code that releases Python's lock and counts no references to arrays: a pass
borrows the arrays that its caller holds, and must not allocate any. Counting references would cost more than the work
itself, because every `world.state[...]` in a rare branch takes and returns a reference (measured: 3 times the time of a
bill). What has to allocate uses `allocating`.

Compiled code is kept in the user's cache folder, in a folder named after the sources of all compiled modules: the
compiler's own key sees one file at a time and would go on using what another file's old version was built into.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import platformdirs

Function = TypeVar("Function", bound=Callable[..., Any])

_IMPORTED = re.compile(r"^from ((?:sim|agents)\.\w+) import", re.MULTILINE)

# Some versions of the compiler carry types, which know neither its settings nor `_nrt`.
_settings: Any = numba.config
_njit: Any = numba.njit


def _sources() -> str:
    """A digest of what compiled code comes from, and of the compiler's version.

    That are the modules of this package and of `agents` that compile something, and all that these import from the two.
    """
    root = Path(__file__).resolve().parent.parent
    texts = {
        f"{package}.{path.stem}": path.read_text("utf-8")
        for package in ("sim", "agents")
        for path in sorted((root / package).glob("*.py"))
    }
    found: set[str] = set()
    waiting = {name for name, text in texts.items() if "from sim.compiled import" in text}
    while waiting:
        found |= waiting
        imported = {name for one in waiting for name in _IMPORTED.findall(texts[one])}
        waiting = (imported & texts.keys()) - found
    digest = hashlib.sha256(numba.__version__.encode())
    for name in sorted(found):
        digest.update(name.encode() + texts[name].encode())
    return digest.hexdigest()[:16]


def _keep_compiled_code() -> Path:
    """Choose the folder of compiled code, below NUMBA_CACHE_DIR where the user names one; returns it."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folder = (Path(chosen) if chosen else platformdirs.user_cache_path("tenure")) / "compiled" / _sources()
    _settings.CACHE_DIR = str(folder)
    return folder


CACHE = _keep_compiled_code()
"""Where compiled code is kept."""


def is_cold() -> bool:
    """Whether nothing has been compiled yet, so that the first run will take a while."""
    return not CACHE.is_dir() or not any(CACHE.rglob("*.nbc"))


# Looked up as soon as the process has begun: those who compile for it may be at work before it comes to say so.
_news = is_cold()


def is_news() -> bool:
    """Whether nothing had been compiled when this process began; only the first who asks is told."""
    global _news
    told, _news = _news, False
    return told


def compiled(function: Function) -> Function:
    """Compile a pass that allocates nothing."""
    return _njit(cache=True, nogil=True, _nrt=False)(function)  # type: ignore[no-any-return]


def inlined(function: Function) -> Function:
    """Compile a small part of a pass, put into each caller: for what runs for many customers in every pulse."""
    return _njit(cache=True, nogil=True, _nrt=False, inline="always")(function)  # type: ignore[no-any-return]


def allocating(function: Function) -> Function:
    """Compile a function that makes arrays."""
    return _njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
