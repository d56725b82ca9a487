"""Intervals: how far luck moves a mean, and how far ignorance moves the true value.

Every function takes values y[d, r] of one quantity (a level, or the paired difference of two scenarios) for draws d
and replicates r. All draws share the same lucks, so the two are crossed:

    y[d, r] = mu + a[d] + b[r] + e[d, r]

a is ignorance (variance A), b the luck that all draws share (B), e the luck that acts differently in each draw (E).
The truth in draw d is mu + a[d]: its mean over all lucks. With bars for means, the mean squares of the two-way
analysis of variance and their expectations are

    MA = R sum_d (y[d,.] - y[.,.])^2 / (D - 1)                            R A + E
    MB = D sum_r (y[.,r] - y[.,.])^2 / (R - 1)                            D B + E
    ME = sum_dr (y[d,r] - y[d,.] - y[.,r] + y[.,.])^2 / ((D-1)(R-1))      E

(Scheffé, The Analysis of Variance, 1959, chapter 7; Searle, Casella and McCulloch, Variance Components, 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, stdtrit

from experiments.crossing import FloatArray

CONFIDENCE = 0.95


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of the two-way analysis of variance; NaN where one draw or one replicate cannot give them.

    Attributes:
        draw, replicate, interaction: MA, MB, ME of the module's docstring, shape of the values without (D, R).
        draws, replicates: D, R.
    """

    draw: FloatArray
    replicate: FloatArray
    interaction: FloatArray
    draws: int
    replicates: int

    def spread_of_truth(self) -> FloatArray:
        """A: the variance of the true value over plausible markets, from MA - ME.

        Only e varies between draw means, so only ME comes off. Cut at 0, the difference would too often say that all
        markets are alike. So here is the mean of the positive part of a normal variable around it:

            A = (x Phi(x / s) + s phi(x / s)) / R,   x = MA - ME,   s = ME sqrt(2 / (D - 1))

        s is the standard error of MA where markets are alike. Where they clearly differ A is x / R. With one
        replicate ME is unknown: nothing comes off, and A is too wide rather than too narrow.
        """
        if self.replicates == 1 or self.draws == 1:
            return self.draw
        excess, error = self.draw - self.interaction, self.interaction * np.sqrt(2.0 / (self.draws - 1))
        size = np.divide(excess, error, out=np.full_like(excess, np.inf), where=error > 0.0)
        density = np.exp(-0.5 * np.square(np.minimum(size, 40.0))) / np.sqrt(2.0 * np.pi)
        spread: FloatArray = np.maximum(excess * ndtr(size) + error * density, 0.0) / self.replicates
        return spread

    def luck_of_centre(self) -> FloatArray:
        """Variance of the grand mean over lucks, B / R + E / (D R), estimated by MB / (D R); 0 with one replicate."""
        if self.replicates == 1:
            return np.zeros_like(self.draw)
        return self.replicate / (self.draws * self.replicates)


@dataclass(frozen=True)
class Estimate:
    """A mean with both its intervals; NaN where undefined or not estimable.

    Attributes:
        mean: over all draws and replicates.
        low, high: 95 % range of the true value in one plausible market (`plausible_range`).
        luck_low, luck_high: 95 % interval of the mean at these draws (`luck_interval`).
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    luck_low: FloatArray
    luck_high: FloatArray


def estimate(values: FloatArray, pilot: int | None = None) -> Estimate:
    """Mean and intervals of values of shape (..., D, R); all NaN where any run is undefined.

    A mean over the runs where a metric happens to be defined would be a mean over survivors, so there is none.

    Args:
        values: shape (..., D, R).
        pilot: see `luck_interval`.
    """
    by_replicate = values.mean(axis=-2)
    return Estimate(by_replicate.mean(axis=-1), *plausible_range(values), *luck_interval(values, pilot=pilot))


def mean_squares(values: FloatArray) -> MeanSquares:
    """Mean squares of values of shape (..., D, R)."""
    draws, replicates = values.shape[-2:]
    by_draw, by_replicate = values.mean(axis=-1), values.mean(axis=-2)
    centre = by_replicate.mean(axis=-1)
    rest = values - by_draw[..., :, None] - by_replicate[..., None, :] + centre[..., None, None]
    return MeanSquares(
        _ratio(replicates * _squares(by_draw - centre[..., None]), draws - 1),
        _ratio(draws * _squares(by_replicate - centre[..., None]), replicates - 1),
        _ratio(np.square(rest).sum(axis=(-2, -1)), (draws - 1) * (replicates - 1)),
        draws,
        replicates,
    )


def luck_interval(
    values: FloatArray, confidence: float = CONFIDENCE, pilot: int | None = None
) -> tuple[FloatArray, FloatArray]:
    """Interval of the mean at these draws: only luck is taken to vary.

    The replicate is the unit. z[r] is the mean over draws of replicate r, the interval z[.] -+ t(R - 1) s(z) / sqrt(R)
    with Student's t; exact for normal z. NaN with one replicate.

    Args:
        values: shape (..., D, R).
        confidence: probability that the interval covers.
        pilot: where the number of replicates was chosen by looking at the first `pilot` of them
            (`precision.TargetPrecision`), s and the degrees of freedom come from those alone. The interval stays
            exact, which with all replicates it would not (Stein, Annals of Mathematical Statistics 16, 1945).

    Raises:
        ValueError: `pilot` is below 2 or above R.
    """
    by_replicate = values.mean(axis=-2)
    replicates = by_replicate.shape[-1]
    looked_at = replicates if pilot is None else pilot
    if pilot is not None and not 2 <= pilot <= replicates:
        raise ValueError(f"pilot is {pilot}; allowed is 2 to the number of replicates, {replicates}.")
    mean = by_replicate.mean(axis=-1)
    first = by_replicate[..., :looked_at]
    variance = _ratio(_squares(first - first.mean(axis=-1, keepdims=True)), looked_at - 1)
    half = _student(np.float64(looked_at - 1), confidence) * np.sqrt(variance / replicates)
    return mean - half, mean + half


def plausible_range(values: FloatArray, confidence: float = CONFIDENCE) -> tuple[FloatArray, FloatArray]:
    """Range of the true value in one plausible market: a prediction interval for mu + a of a new draw.

    The grand mean misses that truth by a[new] - a[.] - b[.] - e[.,.], of variance A (1 + 1/D) + B/R + E/(DR):

        V = V1 + V2,   V1 = (1 + 1/D) A (`MeanSquares.spread_of_truth`),   V2 = MB / (D R)
        mean -+ t(df) sqrt(V),   df = V^2 / (V1^2 / f + V2^2 / (R - 1)),   f = (D - 1) min(1, A R / MA), at least 1

    The degrees of freedom are Satterthwaite's (Biometrics Bulletin 2, 1946) on the two terms; f is the D - 1 degrees
    of MA, in the proportion in which it is made of ignorance. Where luck is small, V1 and D - 1 remain, the textbook
    interval. More replicates narrow V2, which is how well the centre is known, and the doubt about A; never A.

    Simulated for 6 to 50 draws, 3 to 20 replicates, and any shared luck, it covers 93 to 97 % where A is at least the
    E / R that luck leaves in a draw's mean, and no less where A is smaller; but more, up to 99.9 %, where all markets
    are alike, which few draws cannot prove. With one replicate V1 = (1 + 1/D) MA: luck is left in, and the luck that
    all draws share cannot be seen. NaN with one draw.

    Args:
        values: shape (..., D, R).
        confidence: probability that the range holds the truth of a new draw.
    """
    squares = mean_squares(values)
    centre = values.mean(axis=-2).mean(axis=-1)
    if squares.draws == 1:
        return np.full_like(centre, np.nan), np.full_like(centre, np.nan)
    spread, luck = squares.spread_of_truth(), squares.luck_of_centre()
    new = (1.0 + 1.0 / squares.draws) * spread
    seen = np.divide(
        spread * squares.replicates, squares.draw, out=np.ones_like(spread), where=squares.draw > 0.0
    )
    truthful = np.clip((squares.draws - 1) * seen, 1.0, squares.draws - 1)
    total = new + luck
    doubt = np.square(new) / truthful + np.square(luck) / max(squares.replicates - 1, 1)
    degrees = np.divide(np.square(total), doubt, out=np.ones_like(total), where=doubt > 0.0)
    half = _student(degrees, confidence) * np.sqrt(total)
    return centre - half, centre + half


def _squares(deviations: FloatArray) -> FloatArray:
    total: FloatArray = np.square(deviations).sum(axis=-1)
    return total


def _ratio(numerator: FloatArray, degrees: int) -> FloatArray:
    return numerator / degrees if degrees > 0 else np.full_like(numerator, np.nan)


def _student(degrees: FloatArray | np.float64, confidence: float) -> FloatArray:
    """Two-sided quantile of Student's t; NaN without degrees of freedom."""
    quantile: FloatArray = stdtrit(np.where(degrees > 0.0, degrees, np.nan), 0.5 + confidence / 2.0)
    return quantile
