"""Table: a stage as a tidy table, one row for each point, scenario and metric, differences paired by luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.intervals import Estimate, estimate
from experiments.metrics import METRICS
from experiments.points.design import Design
from experiments.points.found import Found
from experiments.points.winners import winners

if TYPE_CHECKING:
    import pandas as pd

SPANS = ("low", "high", "luck_low", "luck_high")
COLUMNS = (
    "scenario",
    "metric",
    "unit",
    "direction",
    "mean",
    *SPANS,
    "difference",
    *(f"difference_{name}" for name in SPANS),
    "p_best",
    "best",
    "lead",
    "lead_luck_low",
    "lead_luck_high",
    "decided",
)
"""Columns behind `world`, `point` and one for each axis. Intervals as in `summary.csv`; `best`: whether no scenario has
a better mean; `lead`: of the best over the next best, positive where it is better; `decided`: whether the best one is
distinguishable from all others by luck."""


def tidy(found: Found, metrics: Sequence[str], currency: str) -> pd.DataFrame:
    """The table of a stage.

    Args:
        found: the stage.
        metrics: which.
        currency: of its amounts.
    """
    import pandas as pd

    base = found.stage.base
    parts = []
    for metric, values in zip(metrics, found.columns(metrics), strict=True):
        known = METRICS[metric]
        against = values[:, [base.scenarios.index(base.baseline)]]
        judged = winners(values, known.direction or 1)
        level, difference = estimate(values), estimate(values - against)
        points, scenarios = values.shape[:2]
        columns: dict[str, Any] = {
            "point": np.repeat(np.arange(points), scenarios),
            "scenario": np.tile(np.array(base.scenarios), points),
            "metric": metric,
            "unit": known.unit.replace("currency", currency),
            "direction": known.direction,
            "mean": level.mean.ravel(),
            **_spans(level, ""),
            "difference": difference.mean.ravel(),
            **_spans(difference, "difference_"),
            "p_best": judged.p_best.ravel() if known.direction else np.nan,
            "best": (judged.best[:, None] == np.arange(scenarios)).ravel(),
            "lead": np.repeat(judged.lead.mean, scenarios),
            "lead_luck_low": np.repeat(judged.lead.luck_low, scenarios),
            "lead_luck_high": np.repeat(judged.lead.luck_high, scenarios),
            "decided": np.repeat(judged.decided, scenarios),
        }
        frame = pd.DataFrame(columns)
        own = frame["scenario"] == base.baseline
        frame.loc[own, ["difference", *(f"difference_{name}" for name in SPANS)]] = np.nan
        parts.append(frame)
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "world", base.name)
    if isinstance(found.stage.points, Design):
        design = found.stage.points
        for place, axis in enumerate(design.axes):
            table.insert(2 + place, axis.name, design.table[table["point"].to_numpy(), place])
    return table


def _spans(told: Estimate, prefix: str) -> dict[str, Any]:
    return {f"{prefix}{name}": getattr(told, name).ravel() for name in SPANS}
