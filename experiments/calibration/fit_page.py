"""Fit page: one offline file that shows how well a market repeats its data, and what the data cannot tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from experiments.report.palette import css_variables

DIGITS = 4


@dataclass(frozen=True)
class FitPage:
    """What the page shows; every text is plain and gets escaped.

    Attributes:
        title, said: heading, and how the file was read.
        headline: the outcome in a sentence.
        figure: SVG text; caption: what it shows.
        fits, unknown, use: sentences on the fit, on what cannot be identified, on how to use the market.
        scores, ridge, table: tables to print.
        command, rerun: commands to use the market and to fit it again.
    """

    title: str
    said: str
    headline: str
    figure: str
    caption: str
    fits: Sequence[str]
    unknown: Sequence[str]
    use: Sequence[str]
    scores: pd.DataFrame
    ridge: pd.DataFrame
    table: pd.DataFrame
    command: str
    rerun: str


def render(page: FitPage) -> str:
    """The page as text; styles and the figure are inside."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(files(__package__).joinpath("fit_page.html.j2").read_text("utf-8"))
    style = files("experiments.report").joinpath("style.css").read_text("utf-8")
    return template.render(
        page=page,
        figure=Markup(page.figure[page.figure.index("<svg") :]),  # noqa: S704 - drawn by us
        style=Markup(style),  # noqa: S704 - our own file
        light=css_variables(dark=False),
        dark=css_variables(dark=True),
        table=_table,
    )


def _table(frame: pd.DataFrame, caption: str) -> Markup:
    """A table as HTML, cells escaped."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(_spoken(name)) for name in frame.columns)
    rows = Markup("\n").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell(x)) for x in row))
        for row in frame.itertuples(index=False, name=None)
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table class="grid"><caption>{0}</caption>'
        "<thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>"
    ).format(escape(caption), head, rows)


def _spoken(name: object) -> str:
    return str(name).replace("_", " ")


def cell(value: object) -> str:
    """A cell for a reader: numbers to four figures, nothing for what is missing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if value != value else f"{value:.{DIGITS}g}"
    return _spoken(value)
