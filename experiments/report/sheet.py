"""Sheet: a page of an experiment that is no single comparison - a sentence, limits, and sections of tables and figures.

It looks as the report of a comparison does, and is one offline file as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from experiments.report.cells import spoken
from experiments.report.page import as_text, manifest_rows
from experiments.report.palette import MARKER_PATHS, Look, css_variables


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        anchor: its name in links.
        title: its heading.
        lead: sentences before it; plain text.
        body: tables and figures, as made by this module and `experiments.report.svg`.
    """

    anchor: str
    title: str
    lead: Sequence[str]
    body: Markup


@dataclass(frozen=True)
class Sheet:
    """What the page shows; texts are plain and get escaped.

    Attributes:
        title, question: heading, and what was asked.
        facts: name and value, in a line below.
        sentence: the answer.
        notes: sentences that limit it.
        sections: in order.
        manifest: how to run it again; see `experiments.report.inputs.ReportInput`.
    """

    title: str
    question: str
    facts: Sequence[tuple[str, str]]
    sentence: str
    notes: Sequence[str]
    sections: Sequence[Section]
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A row of a table: its heading, a note below it, and its cells."""

    name: Markup | str
    note: str
    cells: Sequence[Markup | str]


def render(sheet: Sheet) -> str:
    """The page as text; styles and figures are inside."""
    here = files("experiments.report")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(here.joinpath("sheet.html.j2").read_text("utf-8"))
    style = "".join(here.joinpath(name).read_text("utf-8") for name in ("style.css", "sheet.css"))
    return template.render(
        sheet=sheet,
        style=Markup(style),  # noqa: S704 - our own files
        light=css_variables(dark=False),
        dark=css_variables(dark=True),
        manifest=manifest_rows(sheet.manifest),
        configuration=as_text(sheet.manifest.get("configuration")),
    )


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Row],
    kind: str = "grid",
    groups: Sequence[tuple[str, int]] = (),
) -> Markup:
    """A table that scrolls where it is wider than the page; everything but `Markup` is escaped.

    Args:
        caption: what it shows.
        head: heading of each column, that of the rows first.
        rows: its rows.
        kind: class of the table, `grid` or `board`.
        groups: headings over several columns, with how many each covers; the first column stands apart.
    """
    above = Markup("")
    if groups:
        spans = _joined(
            Markup('<th scope="colgroup" colspan="{}">{}</th>').format(n, name) for name, n in groups
        )
        above = Markup("<tr><td></td>{}</tr>").format(spans)
    columns = _joined(Markup('<th scope="col">{}</th>').format(name) for name in head)
    body = _joined(_row(row) for row in rows)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table class="{1}"><caption>{0}</caption>'
        "<thead>{2}<tr>{3}</tr></thead><tbody>{4}</tbody></table></div>"
    ).format(caption, kind, above, columns, body)


def listed(lines: Iterable[str]) -> Markup:
    """Sentences as a list."""
    return Markup('<ul class="details">{}</ul>').format(
        _joined(Markup("<li>{}</li>").format(x) for x in lines)
    )


def folded(summary: str, body: Markup) -> Markup:
    """Something that opens on a click."""
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, body)


def scenario(name: str, look: Look, hollow: bool = False) -> Markup:
    """A scenario's name beside its marker."""
    return Markup(
        '<span class="scenario"><svg class="glyph{}" viewBox="-7 -7 14 14" aria-hidden="true"><path d="{}" '
        'style="--c:{}"/></svg><span>{}</span></span>'
    ).format(" hollow" if hollow else "", MARKER_PATHS[look.marker], look.shade.variable, spoken(name))


def word(text: str, tint: str, *more: str, title: str = "") -> Markup:
    """A word in the colour of its tint (`good`, `bad`, `calm`, `quiet`), with smaller words below it."""
    below = _joined(Markup('<span class="range">{}</span>').format(line) for line in more if line)
    return Markup('<span class="mark {}" title="{}">{}</span>{}').format(tint, title, text, below)


def figure(wide: Markup, narrow: Markup, caption: str) -> Markup:
    """A drawing for wide and one for narrow pages."""
    return Markup(
        '<figure><div class="wide">{}</div><div class="narrow">{}</div><figcaption>{}</figcaption></figure>'
    ).format(wide, narrow, caption)


def _row(row: Row) -> Markup:
    note = Markup(' <span class="note">{}</span>').format(row.note) if row.note else ""
    cells = _joined(Markup("<td>{}</td>").format(cell) for cell in row.cells)
    return Markup('<tr><th scope="row">{}{}</th>{}</tr>').format(row.name, note, cells)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
