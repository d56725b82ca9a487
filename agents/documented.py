"""What the docstring of a strategy says: its first sentence and its parts, for the contract and for the catalogue."""

from __future__ import annotations

import inspect
import re

PARTS = ("Mechanism", "Costs", "Fails", "Sources")
"""What follows the first sentence, each as a paragraph that begins with the word and a colon."""
UNSOURCED = "no trustworthy source was found"
"""What is said in place of sources where there are none."""
NOTES = "Notes"
"""Part of what stands in paragraphs of its own behind the first part."""


def sections(cls: type) -> dict[str, str]:
    """What the docstring of a class says, by part, each as one line; "" is what comes before the first part.

    A part ends where the next one begins, or at an empty line. `Attributes:` and what follows it are left out.
    """
    text, _, _ = (inspect.getdoc(cls) or "").partition("\nAttributes:")
    found: dict[str, str] = {"": ""}
    for paragraph in text.split("\n\n"):
        pieces = re.split(rf"\b({'|'.join(PARTS)}):", paragraph)
        ahead = "" if len(found) == 1 else NOTES
        for part, said in zip((ahead, *pieces[1::2]), pieces[::2], strict=True):
            if said.strip():
                found[part] = " ".join(f"{found.get(part, '')} {said}".split())
    return found


def unsaid(cls: type) -> tuple[str, ...]:
    """The parts that a docstring owes; `UNSOURCED` does for the sources."""
    said = sections(cls)
    excused = {"Sources"} if UNSOURCED in " ".join(said.values()).lower() else set()
    return tuple(part for part in PARTS if part not in said and part not in excused)
