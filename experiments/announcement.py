"""Announcement: the verdict, the goal's table and where the report is, on the terminal."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from experiments.comparison import Comparison
from experiments.console import Console
from experiments.crossing import EQUAL_SPEND
from experiments.wording import amount

HEAD = ("scenario", "mean", "difference", "95 % by luck", "95 % over markets", "best with")


def announce(comparison: Comparison, console: Console) -> None:
    """Say what a comparison found."""
    asked = comparison.resolved
    console.say("")
    console.say(comparison.verdict.sentence)
    console.say("")
    console.table(
        f"{asked.goal.title.capitalize()} of {asked.focal}, difference to {asked.baseline}",
        HEAD,
        _rows(comparison),
    )
    console.say("")
    for note in comparison.notes:
        console.say(f"Note: {note}")
    report = comparison.folder / "report.html"
    shown = report.relative_to(Path.cwd()) if report.is_relative_to(Path.cwd()) else report
    console.say(f"The report is {shown}")


def _rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """The goal's rows of the summary, in the order the scenarios were listed, each at equal spend behind itself."""
    asked, table = comparison.resolved, comparison.summary
    goal = table[
        (table["provider"] == asked.focal)
        & (table["segment"] == "all")
        & (table["metric"] == asked.goal.metric)
    ]
    rows = {str(row["scenario"]): row for row in goal.to_dict(orient="records")}
    names = [f"{s.name}{suffix}" for suffix in ("", EQUAL_SPEND) for s in asked.world.scenarios]
    return [_row(name, rows[name]) for name in names if name in rows]


def _row(name: str, row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    unit = str(row["unit"])
    return (
        name.replace(EQUAL_SPEND, ", equal spend"),
        amount(row["mean"], unit),
        _signed(row["difference"], unit),
        _interval(row["difference_luck_low"], row["difference_luck_high"], unit),
        _interval(row["difference_low"], row["difference_high"], unit),
        "" if math.isnan(row["p_best"]) else f"{row['p_best']:.0%}",
    )


def _signed(value: float, unit: str) -> str:
    return "" if math.isnan(value) else amount(value, unit, signed=True)


def _interval(low: float, high: float, unit: str) -> str:
    return "" if math.isnan(low) else f"{_signed(low, unit)} to {_signed(high, unit)}"
