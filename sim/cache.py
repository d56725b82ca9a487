"""Where compiled code is kept, and whether any is there: known without loading the compiler.

It is in the user's cache folder, in a folder named after the sources of all compiled modules: the compiler's own key
sees one file at a time and would go on using what another file's old version was built into.
"""

from __future__ import annotations

import hashlib
import os
import re
from importlib.metadata import version
from pathlib import Path

import platformdirs

_IMPORTED = re.compile(r"^from ((?:sim|agents)\.\w+) import", re.MULTILINE)


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
    digest = hashlib.sha256(version("numba").encode())
    for name in sorted(found):
        digest.update(name.encode() + texts[name].encode())
    return digest.hexdigest()[:16]


def _folder() -> Path:
    """The folder of compiled code, below NUMBA_CACHE_DIR where the user names one."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("tenure")) / "compiled" / _sources()


CACHE = _folder()
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
