"""The shifted-beta-geometric (sBG): customers who differ in how likely they are to leave at each renewal.

Each customer looks at a renewal with an own probability A ~ Beta(alpha, beta) and leaves with probability `choose`
when looking. The sBG of Fader & Hardie (2007, Journal of Interactive Marketing 21(1), 76-90) is `choose` = 1: who
looks leaves. Nobody changes with age; retention rises because those likely to leave are gone.

    S(t) = B(alpha, beta + t) / B(alpha, beta)                  r(t) = (beta + t - 1) / (alpha + beta + t - 1)

With `choose` = q below 1 each renewal is an occasion that counts with probability q, hence

    S_q(t) = sum over k of Binomial(k; t, q) S(k)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.calibration.durations import Durations, Period
from experiments.calibration.errors import FitError
from experiments.calibration.estimate import Estimate, FloatArray, maximise

NAMES = ("alpha", "beta")


@dataclass(frozen=True, slots=True, eq=False)
class SbgFit:
    """An sBG fitted to the first `periods` periods of a cohort of `customers`."""

    estimate: Estimate
    choose: float
    customers: float
    periods: int
    period: Period

    @property
    def alpha(self) -> float:
        """First shape of the Beta law of attention: grows with looking."""
        return self.estimate["alpha"]

    @property
    def beta(self) -> float:
        """Second shape of the Beta law of attention: grows with not looking."""
        return self.estimate["beta"]

    @property
    def attention_mean(self) -> float:
        """Mean probability of looking at the first renewal, alpha / (alpha + beta)."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def attention_shapes(self) -> tuple[float, float]:
        """The Beta law of attention: (alpha, beta)."""
        return self.alpha, self.beta

    def survival(self, periods: ArrayLike) -> FloatArray:
        """Share still there after whole numbers of periods, same shape as `periods`."""
        return survival(periods, self.alpha, self.beta, self.choose)

    def retention(self, periods: ArrayLike) -> FloatArray:
        """Share of those there after t - 1 periods who are there after t, for t >= 1."""
        return retention(periods, self.alpha, self.beta, self.choose)

    def draws(self, count: int, seed: int) -> FloatArray:
        """Plausible (alpha, beta), shape (count, 2): the calibrated ensemble."""
        return self.estimate.draws(count, seed)


def survival(periods: ArrayLike, alpha: float, beta: float, choose: float = 1.0) -> FloatArray:
    """S_q(t) for whole t >= 0, same shape as `periods`; the sBG where `choose` is 1.

    Raises:
        ValueError: a period below 0 or not whole, a shape not positive, `choose` outside (0, 1].
    """
    from scipy.special import betaln, gammaln, xlog1py

    t = np.asarray(periods, dtype=np.float64)
    if (t < 0).any() or (t != np.floor(t)).any():
        raise ValueError(f"periods are {t.tolist()}, allowed are whole numbers from 0")
    if not (alpha > 0 and beta > 0 and 0 < choose <= 1):
        raise ValueError(f"alpha {alpha} and beta {beta} must be positive and choose {choose} in (0, 1]")
    if choose == 1.0:
        return np.asarray(np.exp(betaln(alpha, beta + t) - betaln(alpha, beta)))
    last = int(t.max(initial=0.0))
    k, n = np.arange(last + 1.0), np.arange(last + 1.0)[:, None]
    idle = np.maximum(n - k, 0.0)
    log_binomial = (
        gammaln(n + 1) - gammaln(k + 1) - gammaln(idle + 1) + k * np.log(choose) + xlog1py(idle, -choose)
    )
    weights = np.where(k <= n, np.exp(log_binomial), 0.0)
    table: FloatArray = weights @ np.exp(betaln(alpha, beta + k) - betaln(alpha, beta))
    return table[t.astype(np.int64)]


def retention(periods: ArrayLike, alpha: float, beta: float, choose: float = 1.0) -> FloatArray:
    """r(t) = S(t) / S(t - 1) for whole t >= 1, same shape as `periods`.

    Raises:
        ValueError: a period below 1, or as `survival`.
    """
    t = np.asarray(periods, dtype=np.float64)
    if (t < 1).any():
        raise ValueError(f"periods are {t.tolist()}, allowed are whole numbers from 1")
    if choose == 1.0:
        return (beta + t - 1.0) / (alpha + beta + t - 1.0)
    return survival(t, alpha, beta, choose) / survival(t - 1.0, alpha, beta, choose)


def log_likelihood(durations: Durations, alpha: float, beta: float, choose: float = 1.0) -> float:
    """Log-likelihood: sum of lost(t) ln[S(t - 1) - S(t)] + still(t) ln S(t); minus infinity where impossible."""
    from scipy.special import xlogy

    curve = survival(np.arange(durations.periods + 1), alpha, beta, choose)
    if choose == 1.0:  # S(t - 1) - S(t) = S(t - 1) (1 - r(t)), without cancellation
        left = curve[:-1] * (1.0 - retention(np.arange(1, durations.periods + 1), alpha, beta))
    else:
        left = curve[:-1] - curve[1:]
    return float(xlogy(durations.lost, left).sum() + xlogy(durations.still, curve[1:]).sum())


def fit(durations: Durations, choose: float = 1.0) -> SbgFit:
    """The sBG that makes `durations` most likely; hold periods out by `durations.until(7)`.

    With `choose` below 1 the fitted Beta law is that of attention for customers of whom that share leaves on looking.

    Raises:
        FitError: fewer than two periods with customers, or nobody left.
    """
    observed: NDArray[np.bool_] = durations.at_risk > 0
    if observed.sum() < 2:
        raise FitError(
            f"the data hold {int(observed.sum())} {durations.period}, needed are 2 or more to see sorting"
        )
    if durations.lost.sum() <= 0:
        raise FitError(
            f"nobody left within {durations.periods} periods: there is no churn to fit; give a longer window"
        )
    rate = durations.lost.sum() / durations.at_risk.sum() / choose
    start = np.array([min(rate, 0.9), 1.0 - min(rate, 0.9)]) * 2.0
    found = maximise(lambda p: log_likelihood(durations, float(p[0]), float(p[1]), choose), NAMES, start)
    return SbgFit(found, choose, durations.customers, durations.periods, durations.period)


def residual_lifetime(renewals: ArrayLike, alpha: float, beta: float, discount: float) -> FloatArray:
    """Discounted expected residual lifetime, in payments, of a customer about to face renewal number `renewals` + 1.

    The next payment, if made, counts in full: sum over t >= 1 of S(k + t) / S(k) / (1 + discount)^(t - 1) after
    k = `renewals` renewals made (Fader & Hardie 2010, Marketing Science 29(1), equation 3).

    Raises:
        ValueError: `discount` is not positive.
    """
    from scipy.special import hyp2f1

    if not discount > 0:
        raise ValueError(f"discount is {discount}, allowed is a positive rate per period")
    k = np.asarray(renewals, dtype=np.float64)
    tail = hyp2f1(1.0, beta + k + 1.0, alpha + beta + k + 1.0, 1.0 / (1.0 + discount))
    return np.asarray((beta + k) / (alpha + beta + k) * tail, dtype=np.float64)
