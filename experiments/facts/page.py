"""Page: the facts as a table, on the terminal, as `facts.csv` and as one offline page."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from experiments.facts.verdict import Finding
from experiments.report.palette import css_variables

if TYPE_CHECKING:
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.facts.run import Checked

HEAD = ("", "figure", "simulated", "95 % by luck", "accepted", "verdict")
COLUMNS = (
    "fact", "number", "role", "measure", "figure", "source", "accepted_low", "accepted_high", "simulated", "low",
    "high", "verdict", "reason", "parameters", "market", "replicates",
)  # fmt: skip


def table_of(findings: Sequence[Finding]) -> pd.DataFrame:
    """A row per figure; columns `COLUMNS`. Open ends of what is accepted are infinite, parameters divided by spaces."""
    rows = [
        (
            f.fact.name, f.fact.number, f.figure.role, f.figure.name, f.figure.published, f.fact.source, f.figure.low,
            f.figure.high, f.simulated, f.low, f.high, f.verdict, f.reason, " ".join(f.fact.parameters), f.market,
            f.replicates,
        )
        for f in findings
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def number(value: float) -> str:
    """Three figures, for a reader."""
    return "undefined" if math.isnan(value) else f"{value:.3g}"


def accepted(finding: Finding) -> str:
    """The accepted range in words."""
    figure = finding.figure
    if figure.absent:
        return "not above 0"
    if math.isinf(figure.low):
        return f"below {number(figure.high)}"
    if math.isinf(figure.high):
        return f"above {number(figure.low)}"
    return f"{number(figure.low)} to {number(figure.high)}"


def interval(finding: Finding) -> str:
    """The simulated interval in words."""
    return f"{number(finding.low)} to {number(finding.high)}"


def announce(checked: Checked, console: Console) -> None:
    """Say what was found."""
    rows = [
        (
            f"{f.fact.name}: {f.figure.name}",
            f.figure.published,
            number(f.simulated),
            interval(f),
            accepted(f),
            f.verdict,
        )
        for f in checked.findings
    ]
    console.table("Published effects and what the market does", HEAD, rows)
    console.say("")
    for fact in dict.fromkeys(f.fact for f in checked.findings):
        console.say(f"{fact.name}: {fact.source}. Able to move it: {', '.join(fact.parameters)}.")
    console.say("")
    for f in checked.findings:
        if not f.good:
            console.say(f"{f.fact.name} {f.verdict}: {f.figure.name}: {f.reason}.")
    console.say(f"\n{checked.sentence}")


def write(checked: Checked, resolved: Resolved) -> None:
    """Write table and page."""
    from experiments.facts.run import REPORT, TABLE

    table_of(checked.findings).to_csv(checked.folder / TABLE, index=False, lineterminator="\n")
    if resolved.experiment.report:
        text = render(checked, shlex.join(["tenure", *resolved.overrides]))
        (checked.folder / REPORT).write_text(text, "utf-8")


def render(checked: Checked, rerun: str) -> str:
    """The page as text; its styles are inside.

    Args:
        rerun: the command that makes it again.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(files(__package__).joinpath("facts_page.html.j2").read_text("utf-8"))
    style = files("experiments.report").joinpath("style.css").read_text("utf-8")
    return template.render(
        sentence=checked.sentence,
        findings=checked.findings,
        facts=list(dict.fromkeys(f.fact for f in checked.findings)),
        number=number,
        accepted=accepted,
        interval=interval,
        rerun=rerun,
        style=Markup(style),  # noqa: S704 - our own file
        light=css_variables(dark=False),
        dark=css_variables(dark=True),
    )
