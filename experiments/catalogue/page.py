"""The page: the catalogue as one offline HTML file in the look of the report."""

from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from experiments import __version__
from experiments.catalogue.entries import Catalogue, Entry, Row, catalogue
from experiments.report.numerals import plain
from experiments.report.palette import css_variables

FILE = "catalogue.html"
FOLDER = Path("outputs") / "catalogue"
"""Where it goes unless a folder is named."""
GROUPS = (
    ("passive", "Passive", "Make leaving unnecessary: little contact, no pressure, cheap to start."),
    ("active", "Active", "Give reasons to stay: more contact, more cost, and able to backfire."),
    ("blend", "Blends", "Do both, and have to earn it."),
    ("placebo", "Control", "What spending alone looks like."),
)
"""Kind, heading and what the kind is about, in order."""
KIND_WORDS = {
    "source": "source",
    "assumption": "assumption",
    "user": "set by user",
    "dial": "dial",
    "choice": "choice",
}
PLACES = {"scenarios": "scenario", "market": "market", "strategy": "strategy", "experiment": "experiment"}


def write_catalogue(folder: Path | None = None) -> Path:
    """Write the catalogue into a folder, whole or not at all; returns its path.

    Raises:
        ConfigError: a YAML cannot be used.
        OSError: the folder cannot be made or written to.
    """
    text = render(catalogue())
    path = (folder or FOLDER) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{FILE}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def render(known: Catalogue) -> str:
    """The page as text; styles are inside, nothing outside is referred to."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"prose": prose, "plain": plain, "title": title, "sentence": sentence}
    template = environment.from_string(files(__package__).joinpath("catalogue.html.j2").read_text("utf-8"))
    style = files("experiments.report").joinpath("style.css").read_text("utf-8")
    return template.render(
        style=Markup(style),  # noqa: S704 - our own file
        light=css_variables(dark=False),
        dark=css_variables(dark=True),
        groups=groups(known),
        known=known,
        kinds=KIND_WORDS,
        places=PLACES,
        version=__version__,
        anchors={title(entry.name): f"strategy-{entry.name}" for entry in known.strategies},
        changed=changed,
    ).lstrip()


def groups(known: Catalogue) -> list[dict[str, Any]]:
    """The kinds that hold a strategy, with their entries; kinds that nobody foresaw come last."""
    told = {kind: (heading, about) for kind, heading, about in GROUPS}
    kinds = dict.fromkeys([*told, *(entry.kind for entry in known.strategies)])
    found = []
    for kind in kinds:
        entries = [entry for entry in known.strategies if entry.kind == kind]
        heading, about = told.get(kind, (kind.capitalize() or "Of no kind", ""))
        if entries:
            found.append({"kind": kind, "heading": heading, "about": about, "entries": entries})
    return found


def changed(entry: Entry, number: int) -> list[Row]:
    """The rows of a further YAML that are not as in the first one."""
    first = {row.name: row for row in entry.settings[0].rows}
    return [row for row in entry.settings[number].rows if first.get(row.name) != row]


def title(name: str) -> str:
    """A name as a heading: `ease_of_use` is `Ease of use`."""
    return name.replace("_", " ").capitalize()


def sentence(text: str) -> str:
    """A part of a docstring as it stands alone: its first letter is a capital."""
    return text[:1].upper() + text[1:]


def prose(text: str) -> Markup:
    """A docstring's sentence as HTML: escaped, with what stands in backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
