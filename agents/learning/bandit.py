"""What a firm learns about its tactics: estimates from experiments, beliefs that they update, a budget that follows.

A tactic's lift is estimated from randomised holdouts (`lift_estimate`; a staged release among customers is one, too) or
from weeks in which it was on and off (`switchback`). Each estimate updates a normal belief per tactic and observed
segment. Thompson sampling (Thompson 1933; Russo et al. 2018, section 6 on forgetting) turns beliefs into budget shares:
one draw from each belief, and the tactic that looks best in the draw gets the money, so that a tactic is tried as often
as it may be the best. No generator here: the caller brings luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Estimate(NamedTuple):
    """An estimate.

    Attributes:
        value: the estimate.
        error: its standard error, positive.
    """

    value: float
    error: float


@dataclass
class Belief:
    """Normal beliefs about the lift per unit of money of each tactic in each segment; plain state, copied at a fork.

    Lift is what the firm wants more of, less what the tactic costs, per unit of money spent on it: a belief of 0 says
    that spending is no better than spending nothing.

    Attributes:
        mean, variance: of the posterior, float64 [arms, segments].
        prior_mean, prior_variance: of what was believed before any estimate; the same for all.
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    prior_mean: float
    prior_variance: float

    @classmethod
    def prior(cls, arms: int, segments: int, mean: float, variance: float) -> Belief:
        """What is believed before any estimate.

        Raises:
            ValueError: when the variance is not positive.
        """
        if not variance > 0.0:
            raise ValueError(f"the variance of a belief must be positive, it is {variance:g}")
        shape = (arms, segments)
        return cls(np.full(shape, float(mean)), np.full(shape, float(variance)), float(mean), float(variance))

    def copy(self) -> Belief:
        """The same belief in another world: arrays are replaced, never changed."""
        return replace(self)

    def update(self, arm: int, segment: int, estimate: Estimate) -> None:
        """Learn from an independent estimate: precisions add, the mean is weighted by them.

        1 / v' = 1 / v + 1 / s^2 and m' = v' (m / v + x / s^2), with belief (m, v) and estimate (x, s).

        Raises:
            ValueError: when the standard error is not positive: nothing is known for certain.
        """
        if not estimate.error > 0.0:
            raise ValueError(f"the standard error of an estimate must be positive, it is {estimate.error:g}")
        mean, variance = self.mean.copy(), self.variance.copy()
        precision = 1.0 / variance[arm, segment], 1.0 / estimate.error**2
        variance[arm, segment] = 1.0 / (precision[0] + precision[1])
        mean[arm, segment] = variance[arm, segment] * (
            precision[0] * mean[arm, segment] + precision[1] * estimate.value
        )
        self.mean, self.variance = mean, variance

    def forget(self, memory: float) -> None:
        """Let a review's time pass: what was learned counts `memory` as much, the prior fills the rest.

        Precision and precision times mean become `memory` x theirs + (1 - memory) x the prior's, so that tastes that
        drift are followed and ignorance never exceeds the prior's. `memory` 1 forgets nothing, 0 everything.

        Raises:
            ValueError: when `memory` is outside 0 to 1.
        """
        if not 0.0 <= memory <= 1.0:
            raise ValueError(f"memory must lie between 0 and 1, it is {memory:g}")
        precision = memory / self.variance + (1.0 - memory) / self.prior_variance
        weighted = memory * self.mean / self.variance + (1.0 - memory) * self.prior_mean / self.prior_variance
        self.mean, self.variance = weighted / precision, 1.0 / precision


def shares(
    belief: Belief, normals: ArrayLike, floor: float, weights: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Budget shares by Thompson sampling, float64 [arms, segments]; they sum to at most 1, the rest is not spent.

    Each segment has its part of the budget, `weights`. In it every arm gets the floor of exploration; what is left goes
    to the arm with the highest drawn lift (arms with equal draws share it), or stays unspent where no drawn lift is
    positive: spending nothing is an arm, too.

    Args:
        belief: about lift per unit of money.
        normals: standard normal luck, [arms, segments], or [draws, arms, segments] for the mean over several draws,
            which approaches the probability that an arm is the best.
        floor: share of the budget that each arm gets in any case, spread like `weights`.
        weights: the segments' parts of the budget, at least 0, sum 1: their shares of customers, say. Equal if None.

    Raises:
        ValueError: when the floors exceed the budget, or shapes or weights do not fit.
    """
    arms, segments = belief.mean.shape
    part = np.full(segments, 1.0 / segments) if weights is None else np.asarray(weights, np.float64)
    if not 0.0 <= floor * arms <= 1.0:
        raise ValueError(f"a floor of {floor:g} for each of {arms} arms does not fit into the budget")
    if part.shape != (segments,) or (part < 0.0).any() or abs(part.sum() - 1.0) > 1e-9:
        raise ValueError(f"weights must be {segments} shares that sum to 1, they are {part.tolist()}")
    luck = np.asarray(normals, np.float64)
    if luck.ndim not in (2, 3) or luck.shape[-2:] != (arms, segments):
        raise ValueError(f"normals must end with the shape {(arms, segments)}, theirs is {luck.shape}")
    drawn = belief.mean + np.sqrt(belief.variance) * luck.reshape(-1, arms, segments)
    best = (drawn == drawn.max(axis=1, keepdims=True)) & (drawn > 0.0)
    won = (best / np.maximum(best.sum(axis=1, keepdims=True), 1)).mean(axis=0)
    return np.asarray(part * (floor + (1.0 - arms * floor) * won), np.float64)


def lift_estimate(outcome: ArrayLike, treated: ArrayLike, propensity: ArrayLike) -> Estimate | None:
    """The mean effect of a randomised treatment with known propensity, by Hajek's weighted difference of means.

    mean_1 - mean_0, each weighted by 1 / probability of the own arm; the standard error is that of the linearised
    weighted means, and with one propensity for all it is Welch's: sqrt(s_1^2 / n_1 + s_0^2 / n_0).

    Args:
        outcome: per customer, [n].
        treated: whether treated rather than held out, [n].
        propensity: probability of treatment, above 0 and below 1, [n] or one number.

    Returns:
        None where nothing can be said: an arm of fewer than two, or outcomes that are all alike within both arms.

    Raises:
        ValueError: when lengths differ or a propensity is not inside 0 to 1.
    """
    y, arm = np.asarray(outcome, np.float64), np.asarray(treated, bool)
    p = np.broadcast_to(np.asarray(propensity, np.float64), y.shape)
    if arm.shape != y.shape or y.ndim != 1:
        raise ValueError(f"outcomes {y.shape} and treatments {arm.shape} must be as many")
    if ((p <= 0.0) | (p >= 1.0)).any():
        raise ValueError(
            "a propensity must lie above 0 and below 1: whoever is compared could have been in either arm"
        )
    means, variance = [], 0.0
    for chosen, probability in ((arm, p[arm]), (~arm, 1.0 - p[~arm])):
        number = int(chosen.sum())
        if number < 2:
            return None
        weight = 1.0 / probability
        weight /= weight.sum()
        means.append(float(weight @ y[chosen]))
        if np.ptp(y[chosen]) > 0.0:  # else rounding of the mean would pass for a spread
            variance += number / (number - 1) * float(np.sum((weight * (y[chosen] - means[-1])) ** 2))
    return Estimate(means[0] - means[1], float(np.sqrt(variance))) if variance > 0.0 else None


def shrunk(estimates: Sequence[Estimate | None]) -> list[Estimate | None]:
    """Estimates of related groups, drawn to their common mean as far as they do not differ: random effects.

    With x_i and s_i of k groups and w_i = 1 / s_i^2, the variance between groups is that of DerSimonian and Laird 1986,
    t^2 = max(0, (Q - k + 1) / (sum w - sum w^2 / sum w)), Q = sum w (x - m)^2 about the weighted mean m. With weights
    1 / (s_i^2 + t^2), mean M and its variance V, a group becomes b x_i + (1 - b) M, b = t^2 / (t^2 + s_i^2), with
    variance b s_i^2 + (1 - b)^2 V; a group without an estimate becomes M with variance t^2 + V.

    Returns:
        as many estimates; all None where there is none at all.
    """
    known = [one for one in estimates if one is not None]
    if not known:
        return [None] * len(estimates)
    x, squares = np.array([one.value for one in known]), np.array([one.error for one in known]) ** 2
    w = 1.0 / squares
    spread = w.sum() - (w**2).sum() / w.sum()
    q = float(np.sum(w * (x - w @ x / w.sum()) ** 2))
    between = max(0.0, (q - (x.size - 1)) / spread) if x.size > 1 else 0.0
    wide = 1.0 / (squares + between)
    mean, variance = float(wide @ x / wide.sum()), float(1.0 / wide.sum())

    def drawn(one: Estimate | None) -> Estimate:
        if one is None:
            return Estimate(mean, (between + variance) ** 0.5)
        own = between / (between + one.error**2)
        return Estimate(
            own * one.value + (1.0 - own) * mean, (own * one.error**2 + (1.0 - own) ** 2 * variance) ** 0.5
        )

    return [drawn(one) for one in estimates]


def switchback(outcomes_by_week: ArrayLike, on_by_week: ArrayLike, before: bool = False) -> Estimate | None:
    """The effect of what is on in some weeks and off in others, for tactics that cannot be withheld from customers.

    The difference between mean on and off weeks; the first week after each switch is left out, because it carries over
    what the week before has left behind. Weeks are the units: s sqrt(1 / a + 1 / b) with the pooled standard deviation
    s on d = a + b - 2 degrees of freedom. It is widened by sqrt(d / (d - 2)), the standard deviation of Student's t,
    because beliefs take errors as normal and weeks are few: 1.96 errors then cover within a percent or two of 95 %.
    Source of the design: Bojinov, Simchi-Levi and Zhao 2023.

    Args:
        outcomes_by_week: one number per week, in order.
        on_by_week: whether it was on.
        before: whether it was on before the first week.

    Returns:
        None where nothing can be said: no on or no off week is left, fewer than five in all, or all weeks alike.

    Raises:
        ValueError: when lengths differ.
    """
    y, on = np.asarray(outcomes_by_week, np.float64), np.asarray(on_by_week, bool)
    if on.shape != y.shape or y.ndim != 1:
        raise ValueError(f"outcomes {y.shape} and switches {on.shape} must be as many")
    settled = on == np.concatenate([[before], on[:-1]])
    a, b = y[settled & on], y[settled & ~on]
    freedom = a.size + b.size - 2
    if min(a.size, b.size) < 1 or freedom < 3 or np.ptp(a) == np.ptp(b) == 0.0:
        return None
    pooled = (np.sum((a - a.mean()) ** 2) + np.sum((b - b.mean()) ** 2)) / (freedom - 2)
    error = float(np.sqrt(pooled * (1.0 / a.size + 1.0 / b.size)))
    return Estimate(float(a.mean() - b.mean()), error)
