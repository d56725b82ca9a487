"""Tips: along each assumption, the nearest value at which the winner of the point values is overtaken.

The winner's lead over the best of the others is known at some values, under the same lucks at each. Where its sign
changes the tipping point is found between the two by a straight line, in the axis' own scale. Its interval is a
bootstrap over lucks, which are the unit: all values keep their luck together. A resample in which nothing flips puts
the tipping point beyond the range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.intervals import estimate

Floats = NDArray[np.float64]
RESAMPLES = 1000
SEED = 8_117
COLUMNS = (
    "axis", "unit", "low", "high", "point", "reading", "tips_at", "tips_low", "tips_high",
    "share_flipped", "overtaken_by", "lead_at_low", "lead_at_high", "lead_at_point",
)  # fmt: skip
"""Columns of `tipping_points.csv`. `reading`: FLIPS, MAY_FLIP, STAYS or UNCLEAR; `tips_at` with `tips_low`,
`tips_high`: the value and its 95 % interval, an empty end lies beyond the range; `share_flipped`: of the resamples;
leads in the goal's unit, positive where the winner of the point values is ahead."""
FLIPS, MAY_FLIP, STAYS, UNCLEAR = "flips", "may flip", "stays", "not distinguishable"


@dataclass(frozen=True)
class Tip:
    """What one assumption does to the winner.

    Attributes:
        reading: FLIPS: overtaken, and surely so at an end; MAY_FLIP: overtaken on average, not surely; STAYS: ahead,
            and surely so at both ends; UNCLEAR: ahead, not surely.
        at, low, high: share of the range at which it tips, with a 95 % interval; NaN: none, or beyond the range.
        flipped: share of resamples in which it tips.
        overtaken_by: place of the scenario that takes over; -1: none does.
        leads: mean lead at the lowest, the highest and the point value.
    """

    reading: str
    at: float
    low: float
    high: float
    flipped: float
    overtaken_by: int
    leads: tuple[float, float, float]


def lead_of(values: Floats, winner: int) -> Floats:
    """The winner's lead over the best of the others by mean, float64 [values, lucks].

    Args:
        values: better is higher, float64 [values, scenarios, lucks].
        winner: place of the scenario that leads at the point values.
    """
    others = [place for place in range(values.shape[1]) if place != winner]
    means = values.mean(axis=2)[:, others]
    best = np.array(others)[np.argmax(means, axis=1)]
    return np.asarray(values[:, winner] - values[np.arange(values.shape[0]), best])


def tip(shares: Floats, values: Floats, winner: int, point: float) -> Tip:
    """Where one assumption tips the winner.

    Args:
        shares: where the values stand in the range, ascending, float64 [values].
        values: of the goal, better is higher, float64 [values, scenarios, lucks]; no value undefined.
        winner: place of the scenario that leads at the point values.
        point: where the point value stands.
    """
    leads = lead_of(values, winner)
    means = leads.mean(axis=1)
    at = crossing(shares, means, point)
    lucks = leads.shape[1]
    chosen = np.random.default_rng(SEED).integers(0, lucks, size=(RESAMPLES, lucks))
    found = np.array([crossing(shares, leads[:, rows].mean(axis=1), point) for rows in chosen])
    flipped = float(np.isfinite(found).mean())
    behind = np.flatnonzero(means < 0.0)
    overtaken = int(np.argmax(values[behind[0]].mean(axis=1))) if behind.size else -1
    low, high = _ends(found, at if np.isfinite(at) else point, point)
    middle = int(np.argmin(np.abs(shares - point)))
    return Tip(
        _reading(leads, means),
        at,
        low,
        high,
        flipped,
        overtaken,
        (float(means[0]), float(means[-1]), float(means[middle])),
    )


def crossing(shares: Floats, means: Floats, point: float) -> float:
    """The share nearest to the point at which the lead changes its sign; NaN where it never does."""
    ahead = means >= 0.0
    places = np.flatnonzero(ahead[:-1] != ahead[1:])
    if places.size == 0:
        return float("nan")
    one, two = means[places], means[places + 1]
    at = shares[places] + (shares[places + 1] - shares[places]) * one / (one - two)
    return float(at[np.argmin(np.abs(at - point))])


def _ends(found: Floats, at: float, point: float) -> tuple[float, float]:
    """The 95 % interval of the tipping point; resamples that do not tip lie beyond the end on its side."""
    beyond = np.inf if at >= point else -np.inf
    low, high = np.quantile(np.where(np.isfinite(found), found, beyond), [0.025, 0.975], method="nearest")
    return tuple(float(end) if np.isfinite(end) else float("nan") for end in (low, high))  # type: ignore[return-value]


def _reading(leads: Floats, means: Floats) -> str:
    told = estimate(leads[:, None, :])
    if (told.luck_high < 0.0).any():
        return FLIPS
    if (means < 0.0).any():
        return MAY_FLIP
    return STAYS if (told.luck_low[[0, -1]] > 0.0).all() else UNCLEAR


def row(axis: Any, told: Tip, scenarios: Sequence[str]) -> tuple[Any, ...]:
    """A tip as a row of `COLUMNS`, in the axis' own unit."""

    def value(share: float) -> float:
        return float("nan") if np.isnan(share) else float(axis.at(np.array([share]))[0])

    point = float("nan") if axis.point is None else axis.point
    name = scenarios[told.overtaken_by] if told.overtaken_by >= 0 else ""
    ends = (value(told.at), value(told.low), value(told.high))
    return (
        axis.name,
        axis.unit,
        axis.low,
        axis.high,
        point,
        told.reading,
        *ends,
        told.flipped,
        name,
        *told.leads,
    )
