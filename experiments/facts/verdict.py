"""Verdict: a figure from its replicates, with its interval, and whether it lies where it has to.

A figure is a function g of means over replicates: a difference, a ratio, a hazard ratio. Its interval comes from the
jackknife (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 11): with g[-r] from all but r,

    z[r] = R g - (R - 1) g[-r]

are values whose mean is the estimate and whose spread is its error; `intervals.luck_interval` takes them like any other
values of replicates. For a mean z[r] are the replicates' own values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.intervals import luck_interval

VERDICTS = {True: {True: "calibrated", False: "held"}, False: {True: "not calibrated", False: "failed"}}
"""By whether the figure is where it has to be, and whether parameters may be set by it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One figure of a fact, measured and judged.

    Attributes:
        fact, figure: of what.
        market: where.
        simulated, low, high: the figure, and its 95 % interval over lucks.
        verdict: `calibrated` or `not calibrated` of a CAL figure, `held` or `failed` of a VAL one.
        reason: why not, else "".
        replicates: lucks behind it.
    """

    fact: Fact
    figure: Figure
    market: str
    simulated: float
    low: float
    high: float
    verdict: str
    reason: str
    replicates: int

    @property
    def good(self) -> bool:
        """Whether the figure is where it has to be."""
        return self.verdict in VERDICTS[True].values()


def means(seen: Sequence[Observed]) -> dict[str, float]:
    """Means over replicates, by name."""
    return {name: math.fsum(one[name] for one in seen) / len(seen) for name in seen[0]}


def pseudo_values(figure: Figure, seen: Sequence[Observed]) -> NDArray[np.float64]:
    """The jackknife's values z[r], float64 [R]; NaN where the figure is undefined.

    Raises:
        ValueError: fewer than 2 replicates.
    """
    number = len(seen)
    if number < 2:
        raise ValueError(f"{number} replicate gives no interval; at least 2 are needed")
    whole = _value(figure, means(seen))
    without = [_value(figure, means([*seen[:r], *seen[r + 1 :]])) for r in range(number)]
    return number * whole - (number - 1) * np.array(without)


def _value(figure: Figure, observed: Observed) -> float:
    """The figure; NaN where it divides by nothing."""
    try:
        return float(figure.of(observed))
    except ZeroDivisionError:
        return math.nan


def judge(fact: Fact, figure: Figure, market: str, seen: Sequence[Observed]) -> Finding:
    """Measure a figure and judge it: good where its whole interval lies in the accepted range.

    A figure that asks for absence is good where its interval does not lie wholly above 0.

    Args:
        fact, figure: what is judged; market: where; seen: its replicates.
    """
    values = pseudo_values(figure, seen)
    low, high = (float(end) for end in luck_interval(values[None, :]))
    simulated = float(values.mean())
    good = (low <= 0.0) if figure.absent else bool(figure.low < low and high < figure.high)
    return Finding(
        fact=fact,
        figure=figure,
        market=market,
        simulated=simulated,
        low=low,
        high=high,
        verdict=VERDICTS[good][figure.role == CAL],
        reason="" if good else _reason(figure, low, high, means(seen)),
        replicates=len(seen),
    )


def _reason(figure: Figure, low: float, high: float, observed: Observed) -> str:
    """Where the interval lies, and what is known or computed of why."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "undefined: nobody left, or nobody was there"
    if figure.absent:
        place = "the gain is there"
    elif low > figure.high or high < figure.low:
        place = "the interval lies outside what is accepted"
    else:
        place = "the interval reaches beyond what is accepted; more replicates may decide"
    more = figure.reason(observed)
    return f"{place}; {more}" if more else place
