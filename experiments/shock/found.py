"""Found: who holds under which shock, in tables and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.shock import Shock
from experiments.points.ask import Finding
from experiments.report.cells import spoken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class ShockFound(Finding):
    """What was found.

    Attributes:
        scenarios: names, in order.
        shocks: by name; rivals' answers are shocks of their own.
        table: `tables.COLUMNS` (`shock.csv`).
        holds: `tables.HOLD_COLUMNS` (`holds.csv`).
    """

    scenarios: tuple[str, ...]
    shocks: Mapping[str, Shock]
    table: pd.DataFrame
    holds: pd.DataFrame

    @property
    def goal(self) -> pd.DataFrame:
        """The table's rows of the goal's metric."""
        return self.table[self.table["metric"] == self.resolved.goal.metric]

    @property
    def sentence(self) -> str:
        """Who holds best under how many of the shocks, and how often the winner flips."""
        known = self.holds[self.holds["holds_best"] != ""]
        if known.empty:
            return "No shock was finished in every scenario, so nobody is known to hold."
        counts = known["holds_best"].value_counts()
        clear = known[known["decided"]]["holds_best"].value_counts()
        parts = [
            f"{spoken(str(n))} under {count} (clearly under {clear.get(n, 0)})" for n, count in counts.items()
        ]
        flips = known[known["flips"]]["shock"].tolist()
        tail = (
            f"the best scenario is another one under {', '.join(flips)}"
            if flips
            else "the best scenario stays the best under each"
        )
        return (
            f"For {self.resolved.goal.title}, of {len(known)} shocks the one that loses least is "
            f"{', '.join(parts)}; {tail}."
        )

    @property
    def value(self) -> float | None:
        """Share of the shocks under which the best scenario stays the best; None where none is known."""
        known = self.holds[self.holds["holds_best"] != ""]
        return None if known.empty else float(1.0 - known["flips"].mean())
