"""Uses: which scenarios run a strategy, which markets run it today, and which strategies come with a targeting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from experiments.options import folders

_PLACE = re.compile(r"^(?:override )?/?(?P<group>\w+)@(?P<place>[\w.]+)$")


@dataclass(frozen=True)
class Used:
    """A YAML that another one takes: the taker's group and name, and the place that it is put in."""

    group: str
    name: str
    place: str


Users = Mapping[tuple[str, str], tuple[Used, ...]]


def all_users() -> Users:
    """Who takes each file in its defaults list, by group and name of the taken; the user's own configuration included.

    Only what is put in a place of its own counts: `- /strategy@focal.save: promotions`, not a choice of a group.
    """
    found: dict[tuple[str, str], set[Used]] = {}
    for path in _files():
        for group, place, option in _defaults(path):
            found.setdefault((group, option), set()).add(Used(path.parent.name, path.stem, place))
    return {key: tuple(sorted(users, key=astuple)) for key, users in found.items()}


def _files() -> Iterator[Path]:
    """Every file of every group; of two files of one name, the one that is found first."""
    known: set[tuple[str, str]] = set()
    for folder in folders():
        for path in sorted(folder.glob("*/*.yaml")):
            if (path.parent.name, path.name) not in known:
                known.add((path.parent.name, path.name))
                yield path


def _defaults(path: Path) -> Iterator[tuple[str, str, str]]:
    """Group, place and option of each entry of a file's defaults list that puts something somewhere."""
    text = path.read_text("utf-8")
    content = yaml.safe_load(text) if "defaults:" in text else None
    for entry in (content.get("defaults") or ()) if isinstance(content, dict) else ():
        for key, option in entry.items() if isinstance(entry, dict) else ():
            match = _PLACE.match(str(key))
            if match:
                yield match["group"], match["place"], str(option)
