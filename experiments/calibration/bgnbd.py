"""The BG/NBD: customers without a contract who buy at their own pace and at some purchase stop for good.

While active, a customer buys again at rate L ~ Gamma(r, rate alpha) per week. After every *repeat* purchase an
occasion to leave: the customer looks with probability P ~ Beta(a, b) and, looking, leaves with probability `choose`.
The first purchase is no such occasion: nobody drops out at joining. The BG/NBD of Fader, Hardie & Lee (2005,
Marketing Science 24(2), 275-284) is `choose` = 1. Their variant with a drop-out at joining (MBG/NBD) is another model.

With D(x) = E[(1 - q P)^x], the share still active after x occasions (`sbg.survival`), the likelihood of x repeat
purchases, the last at t_x, watched until T (all in weeks since joining), is

    Gamma(r + x) alpha^r / Gamma(r) * { D(x) (alpha + T)^-(r + x) + [x > 0] (D(x - 1) - D(x)) (alpha + t_x)^-(r + x) }
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.calibration import sbg
from experiments.calibration.errors import FitError
from experiments.calibration.estimate import Estimate, FloatArray, maximise
from experiments.calibration.purchases import Purchases

NAMES = ("r", "alpha", "a", "b")


@dataclass(frozen=True, slots=True, eq=False)
class BgNbdFit:
    """A BG/NBD fitted to the first `weeks` weeks of a log."""

    estimate: Estimate
    choose: float
    customers: int
    weeks: float

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        """r, alpha (in weeks), a, b."""
        r, alpha, a, b = (float(value) for value in self.estimate.values)
        return r, alpha, a, b

    @property
    def attention_mean(self) -> float:
        """Mean probability of looking after the first repeat purchase, a / (a + b)."""
        _, _, a, b = self.parameters
        return a / (a + b)

    @property
    def attention_shapes(self) -> tuple[float, float]:
        """The Beta law of attention: (a, b)."""
        return self.parameters[2], self.parameters[3]

    @property
    def rate_mean(self) -> float:
        """Mean purchases per week while active, r / alpha."""
        r, alpha, _, _ = self.parameters
        return r / alpha

    def expected_purchases(self, weeks: ArrayLike) -> FloatArray:
        """Repeat purchases expected of one new customer within `weeks` of joining."""
        return expected_purchases(weeks, *self.parameters, choose=self.choose)

    def expected_cumulative(self, purchases: Purchases, weeks: ArrayLike) -> FloatArray:
        """Repeat purchases expected of all customers by the end of each week, each from the own first purchase on."""
        return expected_cumulative(purchases, weeks, *self.parameters, choose=self.choose)

    def draws(self, count: int, seed: int) -> FloatArray:
        """Plausible (r, alpha, a, b), shape (count, 4): the calibrated ensemble."""
        return self.estimate.draws(count, seed)


def log_likelihood(
    purchases: Purchases, r: float, alpha: float, a: float, b: float, *, choose: float = 1.0
) -> FloatArray:
    """Log-likelihood of each customer, shape (customers,), in sums of logs so that no power overflows."""
    from scipy.special import gammaln, xlogy

    x = purchases.frequency
    counts, where = np.unique(x, return_inverse=True)
    curve = sbg.survival(counts, a, b, choose)
    if choose == 1.0:  # D(x - 1) - D(x) = D(x) a / (b + x - 1), without cancellation
        stopped = np.where(counts > 0, curve * a / (b + np.maximum(counts, 1.0) - 1.0), 0.0)
    else:
        stopped = np.where(counts > 0, sbg.survival(np.maximum(counts - 1.0, 0.0), a, b, choose) - curve, 0.0)
    with np.errstate(divide="ignore"):
        log_stopped = np.log(np.maximum(stopped, 0.0))
    active = np.log(curve)[where] - (r + x) * np.log(alpha + purchases.observed)
    gone = log_stopped[where] - (r + x) * np.log(alpha + purchases.recency)
    return np.asarray(gammaln(r + x) - gammaln(r) + xlogy(r, alpha) + np.logaddexp(active, gone))


def fit(purchases: Purchases, choose: float = 1.0) -> BgNbdFit:
    """The BG/NBD that makes `purchases` most likely.

    With `choose` below 1 the fitted Beta law is that of attention for customers of whom that share leaves on looking.

    Raises:
        FitError: nobody bought again, or too little to tell four parameters.
    """
    repeaters = int((purchases.frequency > 0).sum())
    if repeaters < 2:
        raise FitError(f"{repeaters} customers bought again, needed are 2 or more: give a longer log")
    scale = max(float(purchases.observed.mean()), 1e-9)
    scaled = Purchases(
        purchases.customer,
        purchases.frequency,
        purchases.recency / scale,
        purchases.observed / scale,
        purchases.first / scale,
        purchases.origin,
        purchases.weeks / scale,
    )
    # In units of the mean window each L^x loses a factor scale^x: put it back to quote the likelihood of the weeks.
    shift = -float(purchases.frequency.sum()) * float(np.log(scale))
    found = maximise(
        lambda p: float(log_likelihood(scaled, *p.tolist(), choose=choose).sum()) + shift,
        NAMES,
        start=np.array([0.5, 0.5, 0.8, 2.5]),
        units=np.array([1.0, scale, 1.0, 1.0]),
    )
    return BgNbdFit(found, choose, len(purchases), purchases.weeks)


def expected_purchases(
    weeks: ArrayLike, r: float, alpha: float, a: float, b: float, *, choose: float = 1.0
) -> FloatArray:
    """E[X(t)] of one new customer within t = `weeks` of joining, same shape as `weeks` (their equation 9).

    (a + b - 1) / (a - 1) * [1 - (alpha / (alpha + t))^r 2F1(r, b; a + b - 1; t / (alpha + t))], continued over its
    removable poles at a = 1 and a + b = 1. Since E[(1 - e^(-L q P t)) / (q P)] is what `choose` = q asks for,
    E_q[X(t)] = E[X(q t)] / q.

    Raises:
        ValueError: a time below 0, a parameter not positive, `choose` outside (0, 1].
    """
    t = np.asarray(weeks, dtype=np.float64) * choose
    if (t < 0).any() or min(r, alpha, a, b) <= 0 or not 0 < choose <= 1:
        raise ValueError(
            f"r {r}, alpha {alpha}, a {a}, b {b} must be positive, weeks from 0 and choose {choose} in (0, 1]"
        )
    near = min(abs(a - 1.0), abs(a + b - 1.0)) < 1e-4
    around = (a - 2e-4, a + 2e-4) if near else (a,)
    return np.asarray(sum(_expected(t, r, alpha, value, b) for value in around) / len(around) / choose)


def _expected(t: FloatArray, r: float, alpha: float, a: float, b: float) -> FloatArray:
    """The closed form of `expected_purchases`, away from its poles."""
    from scipy.special import hyp2f1

    tail = (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1.0, t / (alpha + t))
    return np.asarray((a + b - 1.0) / (a - 1.0) * (1.0 - tail))


def expected_cumulative(
    purchases: Purchases, weeks: ArrayLike, r: float, alpha: float, a: float, b: float, *, choose: float = 1.0
) -> FloatArray:
    """Repeat purchases expected of the cohort by the end of each week, same shape as `weeks`.

    Sum over customers of E[X(weeks since the own first purchase)]; nothing before it.
    """
    ends = np.asarray(weeks, dtype=np.float64)
    since, size = np.unique(purchases.observed - purchases.weeks, return_counts=True)
    ages = np.maximum(ends[..., None] + since, 0.0)
    return np.asarray((expected_purchases(ages, r, alpha, a, b, choose=choose) * size).sum(axis=-1))


def conditional_expectation(
    purchases: Purchases, weeks: float, r: float, alpha: float, a: float, b: float
) -> FloatArray:
    """Purchases expected of each customer in the `weeks` after the window, given its own past (their equation 10).

    Shape (customers,); for `choose` = 1.

    Raises:
        ValueError: as `expected_purchases`.
    """
    from scipy.special import hyp2f1

    if weeks < 0 or min(r, alpha, a, b) <= 0:
        raise ValueError(f"r {r}, alpha {alpha}, a {a}, b {b} must be positive and weeks {weeks} 0 or more")
    x, until = purchases.frequency, alpha + purchases.observed

    def future(a: float) -> FloatArray:
        z = weeks / (until + weeks)
        tail = (until / (until + weeks)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1.0, z)
        return np.asarray((a + b + x - 1.0) / (a - 1.0) * (1.0 - tail))

    near = min(abs(a - 1.0), abs(a + b - 1.0)) < 1e-4
    around = (a - 2e-4, a + 2e-4) if near else (a,)
    mean_future = sum(future(value) for value in around) / len(around)
    return np.asarray(mean_future * probability_active(purchases, r, alpha, a, b))


def probability_active(purchases: Purchases, r: float, alpha: float, a: float, b: float) -> FloatArray:
    """P(still active at the end of the window | own past), shape (customers,); 1 for who never bought again."""
    x = purchases.frequency
    growth = (r + x) * np.log((alpha + purchases.observed) / (alpha + purchases.recency))
    odds_gone = np.where(x > 0, a / (b + np.maximum(x, 1.0) - 1.0) * np.exp(growth), 0.0)
    return np.asarray(1.0 / (1.0 + odds_gone))


def count_probability(
    counts: ArrayLike, weeks: float, r: float, alpha: float, a: float, b: float
) -> FloatArray:
    """P(X(t) = x): share of new customers with exactly x repeat purchases in t = `weeks` (their equation 8).

    Same shape as `counts`; for `choose` = 1.
    """
    from scipy.special import betainc, betaln, gammaln, xlogy

    x = np.asarray(counts, dtype=np.float64)
    z = weeks / (alpha + weeks)
    log_negative_binomial = gammaln(r + x) - gammaln(r) - gammaln(x + 1) + r * np.log1p(-z) + xlogy(x, z)
    active = np.exp(betaln(a, b + x) - betaln(a, b) + log_negative_binomial)
    # 1 - the sum of their bracket is P(negative binomial >= x), a regularised incomplete beta function of z.
    positive = np.maximum(x, 1.0)
    gone = np.exp(betaln(a + 1.0, b + positive - 1.0) - betaln(a, b)) * betainc(positive, r, z)
    return np.asarray(active + np.where(x > 0, gone, 0.0))
