"""Precision: what pairing was worth, how many replicates a wish costs, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from experiments.crossing import FloatArray, crossing
from experiments.intervals import CONFIDENCE

PAIRING_COLUMNS = (
    "scenario",
    "metric",
    "unit",
    "variance_ratio",
    "half_width",
    "target_half_width",
    "replicates",
    "replicates_needed",
)


@dataclass(frozen=True)
class TargetPrecision:
    """A wished half-width of the luck interval, and the two steps that reach it.

    Looking after every replicate and stopping when the interval is short enough makes it cover too rarely. So there
    is one look (Stein, Annals of Mathematical Statistics 16, 1945): run `pilot` replicates, let `plan` name the
    total, run the rest, and compute the luck interval with `intervals.luck_interval(..., pilot=pilot)`. It then has
    the wished half-width and covers with 95 % whatever the variance, as exactly as Student's t does. A relative wish
    is turned into an absolute one at the look, with the baseline's mean of that time.

    Attributes:
        half_width: wished half-width, in the metric's unit, or as a share of the baseline's mean if `relative`.
        relative: how `half_width` is meant.
        pilot: replicates before the look, at least 2; 8 or more keep Student's t near the normal.
        cap: most replicates that may be run; a wish beyond stays unmet, and the interval stays exact.

    Raises:
        ValueError: `half_width` is not above 0, `pilot` is below 2, or `cap` is below `pilot`.
    """

    half_width: float
    relative: bool = False
    pilot: int = 8
    cap: int = 256

    def __post_init__(self) -> None:
        if not 0.0 < self.half_width < np.inf:
            raise ValueError(f"half_width is {self.half_width}; allowed is any positive number.")
        if self.pilot < 2:
            raise ValueError(f"pilot is {self.pilot}; at least 2 replicates are needed to see luck.")
        if self.cap < self.pilot:
            raise ValueError(f"cap is {self.cap}; allowed is the pilot's {self.pilot} or more.")

    def absolute(self, reference: FloatArray) -> FloatArray:
        """The wished half-width in the metric's unit, given the baseline's mean; NaN where that is 0 or unknown."""
        if not self.relative:
            return np.full_like(reference, self.half_width)
        wished = self.half_width * np.abs(reference)
        return np.where(wished > 0.0, wished, np.nan)

    def plan(
        self, runs: pd.DataFrame, baseline: str, metric: str, provider: str, segment: str = "all"
    ) -> Plan:
        """How many replicates to run in all, judged by the first `pilot` of them.

        The largest number any scenario's difference to the baseline asks for counts.

        Args:
            runs: the runs table of at least `pilot` replicates.
            baseline: scenario that differences are taken against.
            metric, provider, segment: which value; usually the goal's, of the focal provider.

        Raises:
            ValueError: too few replicates, an unknown name, or a value that is undefined in some run.
        """
        crossed = crossing(runs).narrowed(metric=metric, provider=provider, segment=segment)
        if len(crossed.replicates) < self.pilot:
            raise ValueError(
                f"replicates is {len(crossed.replicates)}; the look needs pilot={self.pilot} or more."
            )
        values = crossed.values[0, :, :, : self.pilot]
        home = crossed.position(baseline, "baseline")
        others = [i for i in range(len(crossed.scenarios)) if i != home]
        needed = replicates_needed(values[others] - values[home], self.absolute(values[home].mean()))
        if np.isnan(needed).any():
            raise ValueError(
                f"metric {metric!r} has no precision to plan for; it is undefined or its baseline is 0."
            )
        most = max(float(needed.max(initial=0.0)), float(self.pilot))
        return Plan(replicates=int(min(most, self.cap)), wanted=int(min(most, 2**62)))


@dataclass(frozen=True)
class Plan:
    """Replicates to run in all, and how many the wish asked for before the cap."""

    replicates: int
    wanted: int

    @property
    def reached(self) -> bool:
        """Whether the planned replicates meet the wish."""
        return self.replicates >= self.wanted


def luck_deviation(values: FloatArray) -> FloatArray:
    """Standard deviation over replicates of the mean over draws; values (..., D, R), NaN with one replicate."""
    by_replicate = values.mean(axis=-2)
    if by_replicate.shape[-1] == 1:
        return np.full(by_replicate.shape[:-1], np.nan)
    deviation: FloatArray = by_replicate.std(axis=-1, ddof=1)
    return deviation


def replicates_needed(
    values: FloatArray, half_width: FloatArray, confidence: float = CONFIDENCE
) -> FloatArray:
    """Replicates, in all, for a luck interval of a wished half-width h: max(R, ceil((t(R - 1) s / h)^2)).

    s is the standard deviation over the R replicates at hand and t their Student quantile: Stein's number, which
    guarantees the width for whoever computes the interval with the same s. NaN with one replicate or where undefined.

    Args:
        values: shape (..., D, R), usually a paired difference.
        half_width: h > 0, broadcast against the leading shape.
        confidence: of the interval.
    """
    replicates = values.shape[-1]
    deviation = luck_deviation(values)
    if replicates == 1:
        return deviation
    student = float(stdtrit(replicates - 1, 0.5 + confidence / 2.0))
    needed: FloatArray = np.ceil(np.square(student * deviation / half_width))
    return np.maximum(needed, float(replicates))


def variance_ratio(one: FloatArray, other: FloatArray) -> FloatArray:
    """What pairing gained: (s^2(one) + s^2(other)) / s^2(one - other), variances over replicates of means over draws.

    So many times the replicates would be needed, with lucks of its own for each scenario, for the same precision.
    Infinite where luck cancels completely, NaN where there is no luck at all.

    Args:
        one, other: shape (..., D, R), two scenarios under the same lucks.
    """
    unpaired = np.square(luck_deviation(one)) + np.square(luck_deviation(other))
    paired = np.square(luck_deviation(one - other))
    empty = np.where(unpaired > 0.0, np.inf, np.nan)
    np.divide(unpaired, paired, out=empty, where=paired > 0.0)
    return empty


def pairing(
    runs: pd.DataFrame, baseline: str, target: TargetPrecision, provider: str, segment: str = "all"
) -> pd.DataFrame:
    """What pairing gained and what precision costs, per scenario and metric: `PAIRING_COLUMNS`, sorted.

    `half_width` is that of the luck interval of the difference to the baseline, `replicates_needed` the total number
    for `target_half_width`; NaN where undefined or not estimable.

    Raises:
        ValueError: the baseline was not run, or there is no such provider or segment.
    """
    crossed = crossing(runs).narrowed(provider=provider, segment=segment)
    home = crossed.position(baseline, "baseline")
    reference = crossed.values[:, home]
    wished = target.absolute(reference.mean(axis=(1, 2)))
    count = len(crossed.replicates)
    student = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2.0)) if count > 1 else np.nan
    parts = []
    for position, scenario in enumerate(crossed.scenarios):
        values = crossed.values[:, position]
        difference = values - reference
        part = crossed.cells[["metric", "unit"]].assign(
            scenario=scenario,
            variance_ratio=variance_ratio(values, reference),
            half_width=student * luck_deviation(difference) / np.sqrt(count),
            target_half_width=wished,
            replicates=count,
            replicates_needed=replicates_needed(difference, wished),
        )
        if position != home:
            parts.append(part[crossed.listed[:, position]])
    if not parts:
        return pd.DataFrame({column: [] for column in PAIRING_COLUMNS})
    table = pd.concat(parts, ignore_index=True)[list(PAIRING_COLUMNS)]
    return table.sort_values(["scenario", "metric", "unit"], ignore_index=True)
