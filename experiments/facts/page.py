"""Page: the facts as a table, on the terminal, as `facts.csv` and as one offline page."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from importlib.resources import files
from string import ascii_lowercase
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

HEAD = ("", "role", "simulated", "95 % by luck", "accepted", "verdict")
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


def labels(findings: Sequence[Finding]) -> list[str]:
    """A short label of each figure: the fact's name, with a letter where the fact has several."""
    found = []
    for f in findings:
        several = len(f.fact.figures) > 1
        letter = f" {ascii_lowercase[f.fact.figures.index(f.figure)]}" if several else ""
        found.append(f.fact.name.replace("_", " ") + letter)
    return found


def announce(checked: Checked, console: Console) -> None:
    """Say what was found: a table, then what each line means, then why some are not where they have to be."""
    named = list(zip(labels(checked.findings), checked.findings, strict=True))
    rows = [
        (label, f.figure.role, number(f.simulated), interval(f), accepted(f), f.verdict) for label, f in named
    ]
    console.table("Published effects and what the market does", HEAD, rows)
    console.say("")
    for label, f in named:
        console.say(f"{label}: {f.figure.name}. Figure: {f.figure.published}; accepted: {f.figure.why}.")
    console.say("")
    for fact in dict.fromkeys(f.fact for f in checked.findings):
        moved = ", ".join(fact.parameters)
        console.say(f"{fact.name.replace('_', ' ')}: {fact.source}. Able to move it: {moved}.")
    console.say("")
    for label, f in named:
        if not f.good:
            console.say(f"{label} {f.verdict}: {f.reason}.")
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
