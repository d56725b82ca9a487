"""Announcement: the verdict, the goal's table and where the report is, on the terminal."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from experiments.comparison import Comparison
from experiments.console import Console
from experiments.report.numerals import NOTHING, Measure, measure, write
from experiments.tasks import EQUAL_SPEND
from experiments.wording import probability

HEAD = ("", "mean", "difference", "95 % by luck", "95 % over markets", "best with")


def announce(comparison: Comparison, console: Console) -> None:
    """Say what a comparison found."""
    asked = comparison.resolved
    console.say(f"\n{comparison.verdict.sentence}\n")
    title = f"{asked.goal.title.capitalize()} of {asked.focal}, and its difference to {asked.baseline}"
    console.table(title, HEAD, _rows(comparison))
    console.say("")
    for note in comparison.notes:
        console.say(f"Note: {note}")
    report = comparison.folder / "report.html"
    if not asked.experiment.report:
        return
    console.say(f"Report: {report.relative_to(Path.cwd()) if report.is_relative_to(Path.cwd()) else report}")


def _rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """The goal's rows of the summary, in the order the scenarios were listed, then those at equal spend."""
    asked, table = comparison.resolved, comparison.summary
    goal = table[
        (table["provider"] == asked.focal)
        & (table["segment"] == "all")
        & (table["metric"] == asked.goal.metric)
    ].set_index("scenario")
    names = [f"{s.name}{suffix}" for suffix in ("", EQUAL_SPEND) for s in asked.world.scenarios]
    goal = goal.loc[[name for name in names if name in goal.index]]
    unit = measure(str(goal["unit"].iloc[0]), asked.world.market.currency)
    columns = (
        [str(name).replace(EQUAL_SPEND, ", equal spend") for name in goal.index],
        write(goal["mean"].tolist(), unit),
        write(goal["difference"].tolist(), unit, signed=True),
        _intervals(goal, "difference_luck", unit),
        _intervals(goal, "difference", unit),
        [NOTHING if math.isnan(p) else probability(p) for p in goal["p_best"]],
    )
    return list(zip(*columns, strict=True))


def _intervals(goal: pd.DataFrame, name: str, unit: Measure) -> list[str]:
    low, high = goal[f"{name}_low"].tolist(), goal[f"{name}_high"].tolist()
    texts = write([*low, *high], unit, signed=True)
    return [
        NOTHING if a == NOTHING else f"{a} to {b}"
        for a, b in zip(texts[: len(low)], texts[len(low) :], strict=True)
    ]
