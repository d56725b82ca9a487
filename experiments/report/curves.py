"""Retention over time as curves with bands, and the paired difference of each scenario to the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.report.inputs import RETENTION, ReportInput
from sim.quantities import DAYS_PER_MONTH

Band = Literal["draws", "replicates", "none"]

PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Curve:
    """One metric over time, shape (points,): months since the fork, mean, and the ends of its band."""

    months: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """A curve per scenario, for the level and for the difference to the baseline (without the baseline itself).

    `band` says what the bands run over: `draws` (95 % of the draws' means: what is not known of the market),
    `replicates` (95 % of single runs, where there is one draw), `none` (a single run has no band).
    """

    level: dict[str, Curve]
    difference: dict[str, Curve]
    band: Band


def curves(results: ReportInput, scenarios: Sequence[str], metric: str = RETENTION) -> Curves:
    """The curves of the focal provider.

    The difference is taken within each (draw, replicate), between twin worlds, before anything is averaged; its band
    is therefore far narrower than the distance of the level's bands suggests.
    """
    table = results.timeline
    if table.empty:
        return Curves({}, {}, "none")
    table = table[(table["metric"] == metric) & (table["provider"] == results.focal)]
    worlds = {name: _runs(table[table["scenario"] == name]) for name in scenarios}
    worlds = {name: runs for name, runs in worlds.items() if runs.size}
    level = {name: _curve(runs) for name, runs in worlds.items()}
    base = worlds.get(results.baseline)
    pairs = (
        {}
        if base is None
        else {name: _paired(runs, base) for name, runs in worlds.items() if runs is not base}
    )
    difference = {name: _curve(runs) for name, runs in pairs.items() if runs.size}
    return Curves(level, difference, _band(next(iter(worlds.values()), None)))


def _runs(table: pd.DataFrame) -> pd.DataFrame:
    """Days as rows, one column per (draw, replicate)."""
    return table.pivot_table(index="day", columns=["draw", "replicate"], values="value")


def _paired(runs: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Differences of the runs both have; what one of them lacks is no pair."""
    return (runs - base).dropna(axis="columns", how="all").dropna(axis="index", how="all")


def _band(runs: pd.DataFrame | None) -> Band:
    if runs is None or runs.shape[1] < 2:
        return "none"
    draws = runs.columns.get_level_values("draw")
    return "draws" if len(set(draws)) > 1 else "replicates"


def _curve(runs: pd.DataFrame) -> Curve:
    """Mean and band; draws weigh the same, however many of their replicates were computed."""
    by_draw = runs.T.groupby(level="draw").mean().to_numpy(dtype=np.float64)
    spread = by_draw if len(by_draw) > 1 else runs.to_numpy(dtype=np.float64).T
    low, high = np.nanpercentile(spread, PERCENTILES, axis=0)
    months = np.asarray(runs.index, dtype=np.float64) / DAYS_PER_MONTH
    return Curve(months, np.nanmean(by_draw, axis=0), low, high)


def at_month(curve: Curve, month: float) -> float:
    """The mean at a month, linear between the points; NaN outside of them."""
    if not len(curve.months) or not curve.months[0] <= month <= curve.months[-1]:
        return float("nan")
    return float(np.interp(month, curve.months, curve.mean))


def landmarks(months: float) -> tuple[float, ...]:
    """Months worth a column in a table: up to six, and the last one."""
    for step in (1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 60.0, 120.0):
        if months <= 6.0 * step:
            marks = tuple(float(m) for m in np.arange(step, months + 1e-9, step))
            return marks if marks and months - marks[-1] < 0.25 * step else (*marks, months)
    return (months,)
