"""Interaction: what two programmes do alone, together, and beyond their sum; and what their order does.

For a metric y in twin worlds, with the scenarios neither, passive, active and both,

    interaction = y[both] - y[passive] - y[active] + y[neither]

run by run, so that the luck they share goes out. It is 0 where effects add up. Times the metric's direction it is a
synergy where it is above 0 and an overlap where it is below: both heal the same wound, and nobody can be kept twice. It
is on the scale of the metric: what adds up in rates does not in money.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from experiments.crossing import Crossing, FloatArray
from experiments.intervals import estimate
from experiments.metrics import METRICS
from experiments.settings import SynergySettings
from experiments.tasks import EQUAL_SPEND

EFFECT, INTERACTION, ORDER = "effect", "interaction", "order"
SYNERGY, OVERLAP, ADDITIVE, UNCLEAR, UNDEFINED = "synergy", "overlap", "additive", "unclear", "undefined"
COLUMNS = (
    "part",
    "metric",
    "unit",
    "direction",
    "scenario",
    "other",
    "basis",
    "difference",
    "low",
    "high",
    "luck_low",
    "luck_high",
    "reading",
    "on_average",
)
"""Columns of `synergy.csv`. `part` is `effect` (of a scenario on the one with neither), `interaction`, or `order`;
`reading` is by the 95 % range over plausible markets, `on_average` by the luck interval; with one draw both by luck."""


def effects(
    crossed: Crossing, asked: SynergySettings, metrics: Sequence[str], pilot: int | None
) -> pd.DataFrame:
    """Effects of the three scenarios on each metric, and their interaction: `COLUMNS`.

    Args:
        crossed: the focal provider's values for everyone.
        asked: which scenarios are which.
        metrics: to tell of, in order.
        pilot: see `intervals.luck_interval`.
    """
    rows = []
    for metric in metrics:
        cell = crossed.narrowed(metric=metric)
        y = {name: cell.values[0, cell.position(name)] for name in arms(asked)}
        neither = y[asked.neither]
        rows += [
            _row(cell, EFFECT, name, asked.neither, y[name] - neither, pilot)
            for name in (asked.passive, asked.active, asked.both)
        ]
        alone = f"{asked.passive} + {asked.active} - {asked.neither}"
        beyond = (y[asked.both] - y[asked.passive]) - (y[asked.active] - neither)
        rows.append(_row(cell, INTERACTION, asked.both, alone, beyond, pilot))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def orders(
    crossed: Crossing, names: Sequence[str], metrics: Sequence[str], pilot: int | None
) -> pd.DataFrame:
    """All paired differences between scenarios that differ in order, as configured and at equal spend: `COLUMNS`.

    Args:
        crossed: the focal provider's values for everyone.
        names: the scenarios; equal spend where each of two was brought to it.
        metrics: to tell of, in order.
        pilot: see `intervals.luck_interval`.
    """
    rows = [
        _row(cell, ORDER, one, other, _values(cell, one) - _values(cell, other), pilot)
        for metric in metrics
        for cell in [crossed.narrowed(metric=metric)]
        for one, other in _pairs(crossed, names)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def arms(asked: SynergySettings) -> tuple[str, str, str, str]:
    """The four scenarios of the interaction: neither, passive, active, both."""
    return asked.neither, asked.passive, asked.active, asked.both


def _pairs(crossed: Crossing, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for suffix in ("", EQUAL_SPEND):
        there = [f"{name}{suffix}" for name in names if f"{name}{suffix}" in crossed.scenarios]
        yield from combinations(there, 2)


def _values(cell: Crossing, scenario: str) -> FloatArray:
    values: FloatArray = cell.values[0, cell.position(scenario)]
    return values


def _row(
    cell: Crossing, part: str, scenario: str, other: str, values: FloatArray, pilot: int | None
) -> dict[str, Any]:
    metric, unit = (str(cell.cells[name].iloc[0]) for name in ("metric", "unit"))
    direction = METRICS[metric].direction
    found = estimate(values, pilot)
    ends = {name: float(getattr(found, name)) for name in ("low", "high", "luck_low", "luck_high")}
    average = _reading(part, values, ends["luck_low"], ends["luck_high"], direction)
    alone = math.isnan(ends["low"])
    return {
        "part": part,
        "metric": metric,
        "unit": unit,
        "direction": direction,
        "scenario": scenario.removesuffix(EQUAL_SPEND),
        "other": other.removesuffix(EQUAL_SPEND),
        "basis": "equal_spend" if scenario.endswith(EQUAL_SPEND) else "as_configured",
        "difference": float(found.mean),
        **ends,
        "reading": average if alone else _reading(part, values, ends["low"], ends["high"], direction),
        "on_average": average,
    }


def _reading(part: str, values: FloatArray, low: float, high: float, direction: int) -> str:
    """A difference in a word: which side of 0 its interval lies on, seen from the metric's good side."""
    if not np.isfinite(values).all():
        return UNDEFINED
    if (values == 0.0).all():
        return ADDITIVE if part == INTERACTION else "identical"
    if math.isnan(low) or low <= 0.0 <= high:
        return UNCLEAR
    above = low > 0.0
    if direction == 0:
        return "higher" if above else "lower"
    good = above == (direction > 0)
    if part == INTERACTION:
        return SYNERGY if good else OVERLAP
    return "better" if good else "worse"
