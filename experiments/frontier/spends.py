"""Spends: what a budget is spent on, and what that brings, as searched and on fresh luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.intervals import estimate
from experiments.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Resolved
    from experiments.frontier.box import Box
    from experiments.points.found import Floats

SPANS = ("low", "high", "luck_low", "luck_high")
COLUMNS = (
    "budget", "passive", "active", "treated", "targeting", "metric", "unit", "mean", *SPANS, "difference",
    *(f"difference_{name}" for name in SPANS), "searched", "shrinkage", "marginal", "marginal_luck_low",
    "marginal_luck_high",
)  # fmt: skip
"""Columns of `frontier.csv`, on fresh luck; budgets in currency per customer of the firm and month. `difference` is to
spending nothing; `searched` the difference on the luck of the search, `shrinkage` what fresh luck takes off it;
`marginal` the change per unit spent more than at the budget below: of the firm's amounts per unit of its cost, of other
metrics per unit a customer and month."""


@dataclass(frozen=True)
class Spend:
    """How a budget is spent.

    Attributes:
        budget: the cap, currency per customer of the firm and month.
        values: of the box's axes: intensity of the passive and of the active programme, share treated.
        kind: whom the active programme aims at.
        held: whether its cost has been seen to stay within the cap under every luck and draw tried.
    """

    budget: float
    values: tuple[float, ...]
    kind: str
    held: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether neither programme runs."""
        return self.values[0] == 0.0 and self.values[1] == 0.0

    def cut(self, factor: float) -> Spend:
        """The same spend with both intensities cut by a factor."""
        return replace(self, values=(self.values[0] * factor, self.values[1] * factor, *self.values[2:]))

    def point(self, box: Box) -> dict[str, float]:
        """What it sets, by dotted key."""
        found: dict[str, float] = {}
        for axis, value in zip(box.axes, self.values, strict=True):
            found.update(axis.set_to(value))
        return found


def table(
    resolved: Resolved, box: Box, spends: Sequence[Spend], searched: Sequence[Floats], fresh: Sequence[Floats]
) -> pd.DataFrame:
    """The frontier, `COLUMNS`.

    Args:
        resolved: the question.
        box: what money is spent on.
        spends: by budget, ascending.
        searched, fresh: for each of `metrics_of(resolved)`, float64 [spends, scenarios, draws, replicates].
    """
    import pandas as pd

    currency = resolved.world.market.currency
    names = metrics_of(resolved)
    cost = fresh[names.index("cost")] if spends else np.zeros((0, 1, 1, 1))
    rows: list[tuple[Any, ...]] = []
    for metric, before, after in zip(names, searched, fresh, strict=True):
        known = METRICS[metric]
        for place, spend in enumerate(spends):
            kind = box.place(spend)
            level = after[place, kind]
            gain = level - after[place, 0]
            told, difference = estimate(level), estimate(gain)
            promised = float((before[place, kind] - before[place, 0]).mean())
            rows.append(
                (
                    spend.budget,
                    *spend.values,
                    spend.kind,
                    metric,
                    known.unit.replace("currency", currency),
                    float(told.mean),
                    *(float(getattr(told, name)) for name in SPANS),
                    float(difference.mean),
                    *(float(getattr(difference, name)) for name in SPANS),
                    promised,
                    promised - float(difference.mean),
                    *_marginal(
                        box,
                        spends,
                        after,
                        cost / (1.0 if known.unit == "currency" else box.customer_months),
                        place,
                    ),
                )
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _marginal(
    box: Box, spends: Sequence[Spend], values: Floats, cost: Floats, place: int
) -> tuple[float, float, float]:
    """What one more unit of money brings, with its luck interval; NaN where no more is spent than a budget below."""
    kind, below = box.place(spends[place]), box.place(spends[place - 1]) if place else 0
    row = place - 1 if place else place
    more = float((cost[place, kind] - cost[row, below]).mean())
    if more <= 0.0:
        return (float("nan"),) * 3
    told = estimate((values[place, kind] - values[row, below]) / more)
    return float(told.mean), float(told.luck_low), float(told.luck_high)


def metrics_of(resolved: Resolved) -> list[str]:
    """The goal's metric, cost, lifetime value, churn and profit, each once."""
    return list(dict.fromkeys([resolved.goal.metric, "cost", "lifetime_value", "churn_rate", "profit"]))
