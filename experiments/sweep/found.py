"""Found: what a sweep came to, in a table and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.points.ask import Finding
from experiments.points.design import Design
from experiments.report.cells import spoken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SweepFound(Finding):
    """What was found.

    Attributes:
        design: the points.
        scenarios: names, in order.
        table: `world`, `point`, one column for each axis, `points.table.COLUMNS` (`sweep.csv`).
    """

    design: Design
    scenarios: tuple[str, ...]
    table: pd.DataFrame

    def of(self, metric: str) -> pd.DataFrame:
        """The table's rows of a metric."""
        return self.table[self.table["metric"] == metric]

    @property
    def goal(self) -> pd.DataFrame:
        """The table's rows of the goal's metric."""
        return self.of(self.resolved.goal.metric)

    @property
    def sentence(self) -> str:
        """Who is best at how many points, and at how many of them surely."""
        best = self.goal[self.goal["best"]]
        told = len(best)
        if told == 0:
            return "No point was finished in every scenario, so there is no winner anywhere."
        counts = best["scenario"].value_counts()
        parts = [f"{spoken(str(name))} at {count:,}" for name, count in counts.items()]
        sure = int(best["decided"].sum())
        return (
            f"For {self.resolved.goal.title}, of {told:,} points the best is {', '.join(parts)}; "
            f"at {sure:,} it is distinguishable from every other scenario."
        )

    @property
    def value(self) -> float | None:
        """The goal's mean of the last listed scenario over all points; None where it has none."""
        means = self.goal.loc[self.goal["scenario"] == self.scenarios[-1], "mean"].dropna()
        return None if means.empty else float(means.mean())
