"""Found: the spends, and what they say in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.frontier.spends import Spend
from experiments.points.ask import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class FrontierFound(Finding):
    """What was found.

    Attributes:
        spends: the best within each budget that holds its cap.
        table: `spends.COLUMNS` (`frontier.csv`).
    """

    spends: tuple[Spend, ...]
    table: pd.DataFrame

    @property
    def goal(self) -> pd.DataFrame:
        """The table's rows of the goal's metric."""
        return self.table[self.table["metric"] == self.resolved.goal.metric]

    @property
    def sentence(self) -> str:
        """What the most useful budget buys, and whether fresh luck confirms that it beats spending nothing."""
        if not self.spends:
            return "No spend is known to hold its cap, so there is no frontier."
        direction = 1 if self.goal["difference"].max() > 0.0 else -1
        buys = [spend for spend in self.spends if not spend.is_nothing]
        title = self.resolved.goal.title
        if not buys:
            return f"For {title}, within every budget it is best to spend nothing."
        best = self.goal.iloc[int((self.goal["difference"] * direction).to_numpy().argmax())]
        sure = best["difference_luck_low"] * best["difference_luck_high"] > 0.0
        return (
            f"For {title}, of the budgets tried {best['budget']:.3g} a customer and month buys most: passive at "
            f"{best['passive']:.0%}, active at {best['active']:.0%} of their configured size, treating "
            f"{best['treated']:.0%} by {str(best['targeting']).replace('_', ' ')}; on fresh luck that "
            f"{'is' if sure else 'is not'} distinguishable from spending nothing."
        )

    @property
    def value(self) -> float | None:
        """The goal's best difference to spending nothing, on fresh luck; None where there is no frontier."""
        found = self.goal["difference"].dropna()
        return None if found.empty else float(found.max())
