"""People for the peers: traits drawn by NumPy and SciPy from a customer mix, independently of `agents.traits`.

Only the traits that matter where nobody runs a strategy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, ndtr

from agents.market import Market
from agents.segments import Customers, Segment
from sim.quantities import DAYS_PER_MONTH

Floats = NDArray[np.float64]

MIXED = (
    "attention",
    "usage_rate",
    "spend",
    "price_weight",
    "quality_weight",
    "voice",
    "taste_help",
    "value_of_time",
    "hassle",
)
"""Traits whose normal variables are correlated."""


class Traits(NamedTuple):
    """What a person is born with; rates per day, money in currency, spans in days but for the horizon's months."""

    attention: float
    usage_rate: float
    spend: float
    price_weight: float
    quality_weight: float
    voice: float
    taste_help: float
    value_of_time: float
    hassle: float
    horizon: float
    position: float
    phase: float
    bill_phase: float
    need: float


def people(market: Market, customers: Customers, seed: int, batch: int = 1_000) -> Iterator[Traits]:
    """People without end, drawn in batches, because a call of a quantile function costs more than a person."""
    rng = np.random.default_rng(seed)
    while True:
        yield from draw(market, customers, rng, batch)


def draw(market: Market, customers: Customers, rng: np.random.Generator, number: int) -> list[Traits]:
    """Draw a number of people: a segment each, then correlated traits within it."""
    shares = np.array([segment.share for segment in customers.segments])
    kinds = rng.choice(len(shares), number, p=shares / shares.sum())
    z = rng.standard_normal((number, len(MIXED))) @ np.linalg.cholesky(_correlation(customers)).T
    rows = np.empty((number, len(Traits._fields)))
    for kind, segment in enumerate(customers.segments):
        chosen = kinds == kind
        rows[chosen, : len(MIXED)] = _traits(market, customers, segment, z[chosen])
        rows[chosen, Traits._fields.index("horizon")] = segment.horizon
    free = rng.random((number, 4)) * [2.0, market.choice.memory, DAYS_PER_MONTH, 1.0]
    rows[:, -4:] = free - [1.0, 0.0, 0.0, 0.0]
    return [Traits(*row) for row in rows.tolist()]


def _correlation(customers: Customers) -> Floats:
    matrix = np.eye(len(MIXED))
    names = {name.removesuffix("_rate"): n for n, name in enumerate(MIXED)} | {"usage_rate": 1}
    for pair in customers.correlations:
        if pair.first in names and pair.second in names:
            a, b = names[pair.first], names[pair.second]
            matrix[a, b] = matrix[b, a] = pair.value
    return matrix


def _traits(market: Market, customers: Customers, segment: Segment, z: Floats) -> Floats:
    """The traits of MIXED from their normal variables, float64 [people, len(MIXED)]."""
    price = market.money.price
    attention = market.gate.attention / sum(s.share * s.attention for s in customers.segments)
    usage = market.purchases.usage_rate / sum(s.share * s.usage for s in customers.segments)
    columns = [
        _gamma(attention * segment.attention, segment.spread_attention, z[:, 0]),
        _gamma(usage * segment.usage, segment.spread_usage, z[:, 1]),
        _lognormal(segment.spend, segment.spread_spend, z[:, 2]),
        _lognormal(segment.price_weight / price, segment.spread_weights, z[:, 3]),
        _lognormal(segment.quality_weight, segment.spread_weights, z[:, 4]),
        _beta(segment.voice, segment.spread_voice, z[:, 5]),
        segment.taste_help + segment.spread_taste * z[:, 6],
        _lognormal(segment.value_of_time, segment.spread_hassle, z[:, 7]),
        _lognormal(segment.hassle * price, segment.spread_hassle, z[:, 8]),
    ]
    return np.stack(columns, axis=1)


def _gamma(mean: float, spread: float, z: Floats) -> Floats:
    shape = spread**-2
    return np.asarray(gammaincinv(shape, ndtr(z)) * (mean / shape))


def _beta(mean: float, spread: float, z: Floats) -> Floats:
    size = (1.0 - mean) / (mean * spread**2) - 1.0
    return np.asarray(betaincinv(mean * size, (1.0 - mean) * size, ndtr(z)))


def _lognormal(mean: float, spread: float, z: Floats) -> Floats:
    variance = np.log1p(spread**2)
    return np.asarray(mean * np.exp(np.sqrt(variance) * z - variance / 2.0))
