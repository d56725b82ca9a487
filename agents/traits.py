"""Traits: tables of quantiles by segment, and the Gaussian copula that correlates them.

A trait of a person is `table[segment, trait](z)`, linear between knots of a grid in z, where z is a standard normal
variable of the person's own luck; the copula mixes these z. Tables are made once per market, rounded to single
precision, so that neither the tables nor the people depend on the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agents.columns import COPULA, NONE, C, S, T
from agents.market import Market
from agents.segments import Customers, Segment
from sim.compiled import compiled
from sim.luck import Decision, bits, exponential, unit, unit64
from sim.numeric import F, exp64, log64, normal_quantile
from sim.quantities import DAYS_PER_MONTH

KNOTS = 1025
"""Knots of a quantile table."""
REACH = 5.0
"""Tables reach from -REACH to REACH in z; beyond, the outermost value holds."""

_TRAIT = int(Decision.TRAIT)
_HIGHEST_MEAN = 0.99
_WIDEST = 0.95
"""Largest mean of attention per event, and its largest spread as a share of what a Beta with that mean can have."""


@dataclass(frozen=True)
class Traits:
    """Everything that a birth needs.

    Attributes:
        tables: quantiles, float32 [segments, COPULA, KNOTS].
        factor: lower Cholesky factor of the copula's correlation, float64 [COPULA, COPULA].
        shares: cumulated shares of the segments, float64 [segments].
        horizons: months over which a customer compares costs, float32 [segments].
        memory, bill, involuntary: days of the view's memory, days of a billing period, involuntary ends per day.
    """

    tables: NDArray[np.float32]
    factor: NDArray[np.float64]
    shares: NDArray[np.float64]
    horizons: NDArray[np.float32]
    memory: float
    bill: float
    involuntary: float


def monthly_price(market: Market) -> float:
    """What a typical customer pays a month at list: the unit in which segments state price weights and hassle."""
    if market.contract == "none":
        return market.money.price * market.purchases.usage_rate * DAYS_PER_MONTH
    return market.money.price


def traits_of(market: Market, customers: Customers) -> Traits:
    """The tables of a market's people.

    Raises:
        ValueError: when a Beta trait is asked for a spread that no Beta has, or correlations contradict one another.
    """
    segments = customers.segments
    shares = np.array([segment.share for segment in segments])
    attention = market.gate.attention / sum(s.share * s.attention for s in segments)
    usage = market.purchases.usage_rate / sum(s.share * s.usage for s in segments)
    return Traits(
        tables=np.stack([_tables(segment, market, attention, usage) for segment in segments]),
        factor=_cholesky(_correlation(customers)),
        shares=np.cumsum(shares / shares.sum()),
        horizons=np.array([segment.horizon for segment in segments], np.float32),
        memory=market.choice.memory,
        bill=DAYS_PER_MONTH,
        involuntary=market.people.involuntary / DAYS_PER_MONTH,
    )


def _tables(segment: Segment, market: Market, attention: float, usage: float) -> NDArray[np.float32]:
    typical = monthly_price(market)
    rows = np.empty((COPULA, KNOTS), np.float32)
    spread = segment.spread_weights
    mean, uneven = attention * segment.attention, segment.spread_attention * market.gate.spread
    if market.gate.per == "day":
        rows[T.ATTENTION] = _gamma(mean, uneven)
    else:
        rows[T.ATTENTION] = _beta(f"{segment.name}.attention", mean, uneven)
    rows[T.USAGE_RATE] = _gamma(usage * segment.usage, segment.spread_usage)
    rows[T.SPEND] = _lognormal(segment.spend, segment.spread_spend)
    rows[T.PRICE_WEIGHT] = _lognormal(segment.price_weight / typical, spread)
    rows[T.QUALITY_WEIGHT] = _lognormal(segment.quality_weight, spread)
    rows[T.CONTACT_TOLERANCE] = _gamma(segment.contact_tolerance, segment.spread_tolerance)
    rows[T.VOICE] = _beta(f"{segment.name}.voice", segment.voice, segment.spread_voice)
    rows[T.CANDOUR] = _beta(f"{segment.name}.candour", segment.candour, segment.spread_voice)
    rows[T.SOCIABILITY] = _gamma(segment.sociability, 0.5)
    for row, taste in (
        (T.TASTE_HELP, segment.taste_help),
        (T.TASTE_RECOGNITION, segment.taste_recognition),
        (T.TASTE_BELONGING, segment.taste_belonging),
        (T.TASTE_CONTENT, segment.taste_content),
        (T.TASTE_GIFT, segment.taste_gift),
    ):
        rows[row] = taste + segment.spread_taste * _grid()
    rows[T.VALUE_OF_TIME] = _lognormal(segment.value_of_time, segment.spread_hassle)
    rows[T.HASSLE] = _lognormal(segment.hassle * typical, segment.spread_hassle)
    return rows


def _grid() -> NDArray[np.float64]:
    return np.linspace(-REACH, REACH, KNOTS)


# A market's replicates ask for the same quantiles, and draws of it for many that differ in nothing but their mean.


def _gamma(mean: float, spread: float) -> NDArray[np.float64]:
    """Quantiles of a Gamma with a mean and a coefficient of variation."""
    if spread == 0.0 or mean == 0.0:
        return np.full(KNOTS, mean)
    return _standard_gamma(spread) * (mean / spread**-2)


@lru_cache(maxsize=512)
def _standard_gamma(spread: float) -> NDArray[np.float64]:
    """Quantiles of a Gamma with scale 1 and a coefficient of variation; both tails by the smaller probability."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    z, shape = _grid(), spread**-2
    lower = gammaincinv(shape, ndtr(np.minimum(z, 0.0)))
    upper = gammainccinv(shape, ndtr(-np.maximum(z, 0.0)))
    return np.asarray(np.where(z < 0.0, lower, upper))


@lru_cache(maxsize=512)
def _beta(name: str, mean: float, spread: float) -> NDArray[np.float64]:
    """Quantiles of a Beta with a mean and a coefficient of variation."""
    from scipy.special import betaincinv, ndtr

    if spread == 0.0 or mean in (0.0, 1.0):
        return np.full(KNOTS, mean)
    size = (1.0 - mean) / (mean * spread**2) - 1.0
    if not 0.0 < mean < 1.0 or size <= 0.0:
        limit = ((1.0 - mean) / mean) ** 0.5 if 0.0 < mean < 1.0 else 0.0
        raise ValueError(
            f"{name}: a probability with mean {mean:g} allows a spread below {limit:g}, not {spread:g}; "
            "lower the spread"
        )
    z, a, b = _grid(), mean * size, (1.0 - mean) * size
    lower = betaincinv(a, b, ndtr(np.minimum(z, 0.0)))
    upper = 1.0 - betaincinv(b, a, ndtr(-np.maximum(z, 0.0)))
    return np.asarray(np.where(z < 0.0, lower, upper))


def _lognormal(mean: float, spread: float) -> NDArray[np.float64]:
    """Quantiles of a lognormal with a mean and a coefficient of variation."""
    if spread == 0.0 or mean == 0.0:
        return np.full(KNOTS, mean)
    return mean * _standard_lognormal(spread)


@lru_cache(maxsize=512)
def _standard_lognormal(spread: float) -> NDArray[np.float64]:
    """Quantiles of a lognormal with mean 1 and a coefficient of variation."""
    variance = log64(1.0 + spread**2)
    return np.array([exp64(variance**0.5 * z - variance / 2.0) for z in _grid()])


def _correlation(customers: Customers) -> NDArray[np.float64]:
    matrix = np.eye(COPULA)
    names = {trait.name.lower(): int(trait) for trait in T if trait < COPULA}
    for pair in customers.correlations:
        for name in (pair.first, pair.second):
            if name not in names:
                raise ValueError(f"customers.correlations: no trait {name!r}; allowed are {', '.join(names)}")
        a, b = names[pair.first], names[pair.second]
        matrix[a, b] = matrix[b, a] = pair.value
    return matrix


def _cholesky(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower factor, by plain loops: the library's own depends on the processor in its last bits."""
    size = len(matrix)
    factor = np.zeros_like(matrix)
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i, j] - sum(float(factor[i, k]) * float(factor[j, k]) for k in range(j))
            if i == j and rest <= 1e-9:
                raise ValueError(
                    "customers.correlations: the correlations contradict one another; lower their absolute values"
                )
            factor[i, j] = rest**0.5 if i == j else rest / factor[j, j]
    return factor


@compiled
def bear(
    i: int, key: np.uint64, day: np.float32, traits: NDArray[np.float32], state: NDArray[np.float32],
    codes: NDArray[np.int8], tables: NDArray[np.float32], factor: NDArray[np.float64], shares: NDArray[np.float64],
    horizons: NDArray[np.float32], memory: float, bill: float, involuntary: float, z: NDArray[np.float64],
) -> None:  # fmt: skip
    """Let the person of slot i, of the generation in its codes, be born on a day: segment, traits, need, no past.

    `z` is room to work in, float64 [COPULA].
    """
    generation = codes[C.GENERATION, i]
    a, b, c, d = bits(key, _TRAIT, i, generation, 0, 0)
    segment = 0
    u = unit64(a, b)
    while segment < shares.size - 1 and u > shares[segment]:
        segment += 1
    codes[C.SEGMENT, i] = segment
    codes[C.LAST_PROVIDER, i] = NONE
    codes[C.ORIGIN, i] = NONE
    codes[C.UNBROKEN, i] = 0
    codes[C.OFFERED_PLAN, i] = 0
    codes[C.RECOMMENDED, i] = 0
    traits[T.POSITION, i] = F(2.0) * unit(c) - F(1.0)
    state[:, i] = F(0.0)
    state[S.UNPROMPTED, i] = F(1.0)
    state[S.REFERENCE_PRICE, i] = F(1.0)
    traits[T.NEED, i] = unit(d)
    a, b, c, d = bits(key, _TRAIT, i, generation, 1, 0)
    traits[T.PHASE, i] = F(memory) * unit(a)
    traits[T.BILL_PHASE, i] = F(bill) * unit(b)
    traits[T.LEAVES_MARKET, i] = (
        F(day + exponential(unit(c)) / involuntary) if involuntary > 0.0 else F(3.0e38)
    )
    traits[T.HORIZON, i] = horizons[segment]
    for block in range(COPULA // 2):
        a, b, c, d = bits(key, _TRAIT, i, generation, 2 + block, 0)
        z[2 * block] = normal_quantile(unit64(a, b))
        z[2 * block + 1] = normal_quantile(unit64(c, d))
    for row in range(COPULA):
        mixed = 0.0
        for k in range(row + 1):
            mixed += factor[row, k] * z[k]
        place = (min(max(mixed, -REACH), REACH) + REACH) * ((KNOTS - 1) / (2.0 * REACH))
        knot = min(int(place), KNOTS - 2)
        low = tables[segment, row, knot]
        traits[row, i] = F(low + (tables[segment, row, knot + 1] - low) * F(place - knot))
