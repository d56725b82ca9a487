"""Names: what a mistyped one was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 12
"""More names than this are cut: the sentence must stay one that people read."""


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that looks most like the given one, or None where none does."""
    by_fold = {n.casefold(): n for n in sorted(set(known))}
    found = difflib.get_close_matches(str(name).casefold(), list(by_fold), n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def hint(name: object, known: Iterable[str]) -> str:
    """The end of a sentence: the nearest known name if one is near, else the known ones."""
    names = sorted(set(known))
    if not names:
        return "there is none to choose from"
    near = nearest(name, names)
    if near:
        return f"did you mean {near}"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"known are {', '.join(names[:_LISTED])}{more}"
