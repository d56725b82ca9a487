"""Uses: which scenarios run a strategy, which markets run it today, and which strategies come with a targeting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omegaconf import OmegaConf

from experiments.options import folders

_PLACE = re.compile(r"^(?:override )?/?(?P<group>\w+)@(?P<place>[\w.]+)$")


@dataclass(frozen=True)
class Used:
    """A YAML that another one takes: the taker's group and name, and the place that it is put in."""

    group: str
    name: str
    place: str


def users(group: str, name: str) -> tuple[Used, ...]:
    """Who takes a file of a group in its defaults list, sorted; the user's own configuration included.

    Args:
        group: `strategy` or `targeting`.
        name: the file's name without its ending.
    """
    found = {
        Used(path.parent.name, path.stem, place)
        for path in _files()
        for taken, place, option in _defaults(path)
        if (taken, option) == (group, name)
    }
    return tuple(sorted(found, key=lambda one: (one.group, one.name, one.place)))


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
    content = OmegaConf.load(path)
    for entry in (OmegaConf.select(content, "defaults") or ()) if OmegaConf.is_dict(content) else ():
        for key, option in entry.items() if OmegaConf.is_dict(entry) else ():
            match = _PLACE.match(str(key))
            if match:
                yield match["group"], match["place"], str(option)
