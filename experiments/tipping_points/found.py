"""Found: what flips the winner, how much of the box it holds, and the rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.points.ask import Finding
from experiments.report.cells import spoken
from experiments.tipping_points.tips import FLIPS, MAY_FLIP

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class TippingFound(Finding):
    """What was found.

    Attributes:
        scenarios: names, in order.
        winner: the best at the point values; `""` where that is not known.
        table: `tips.COLUMNS`, what flips first (`tipping_points.csv`).
        rules: `rules.COLUMNS` (`rules.csv`).
        stays: share of the plausible box in which the winner stays, with its 95 % interval.
    """

    scenarios: tuple[str, ...]
    winner: str
    table: pd.DataFrame
    rules: pd.DataFrame
    stays: tuple[float, float, float]

    @property
    def sentence(self) -> str:
        """Who wins, how much of the box it holds, and what flips it."""
        if not self.winner or math.isnan(self.stays[0]):
            return "Nobody is known to win yet: points are missing."
        share, low, high = self.stays
        flips = self.table[self.table["reading"] == FLIPS]
        maybe = self.table[self.table["reading"] == MAY_FLIP]
        if flips.empty and maybe.empty:
            tail = "no assumption alone flips that within its range"
        elif flips.empty:
            tail = f"no assumption alone surely flips that; {_first(maybe)} may"
        else:
            tail = f"what flips it alone: {_first(flips)}"
        return (
            f"For {self.resolved.goal.title}, {spoken(self.winner)} is best at the point values and in {share:.0%} "
            f"({low:.0%} to {high:.0%}) of the plausible box; {tail}."
        )

    @property
    def value(self) -> float | None:
        """Share of the plausible box in which the winner stays; None where it is not known."""
        return None if math.isnan(self.stays[0]) else self.stays[0]


def _first(rows: pd.DataFrame) -> str:
    """The first three, each with the value at which it tips."""
    parts = [
        f"{row['axis'].replace('_', ' ')} at {row['tips_at']:.3g} ({spoken(row['overtaken_by'])})"
        for row in rows.head(3).to_dict(orient="records")
    ]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return ", ".join(parts) + more
