"""Cohort: the customers of a market who all start on day 0, simulated with every strategy off.

The market runs as any experiment runs it: whole pulses of its own length, its own luck for each replicate.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agents.columns import C, N, S
from agents.market import Market
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.assembly import assemble
from experiments.calibration.estimate import FloatArray
from sim.luck import Luck
from sim.quantities import DAYS_PER_MONTH

OFF = Scenario(name="none", focal={}, rivals={})
"""Every strategy off."""
_WEEK = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Mean and variance over a segment's customers, by age: float64 [segments, ages], and how many customers there were."""

    mean: FloatArray
    variance: FloatArray
    customers: FloatArray


def cohorts(market: Market, customers: Customers, seed: int, replicates: int) -> Iterator[MarketModel]:
    """The market on the day everybody has joined, once for each replicate's luck."""
    focal = market.providers[0].name
    for replicate in range(replicates):
        model = assemble(market, customers, OFF, (), focal, Luck(seed, replicate), learning=False)
        model.warm_up()
        yield model


def survival(market: Market, customers: Customers, periods: int, seed: int, replicates: int) -> Curve:
    """Share of each segment's joiners whose stay is unbroken after 0, 1, ..., `periods` terms, all replicates together."""
    size = len(customers.segments)
    there, joined = np.zeros((size, periods + 1)), np.zeros(size)
    for model in cohorts(market, customers, seed, replicates):
        joined += model.starters[model.focal]
        there[:, 0] += model.starters[model.focal]
        for period in range(1, periods + 1):
            model.run(period * market.term_months * DAYS_PER_MONTH)
            there[:, period] += model.world.counts[model.focal, :, N.UNBROKEN]
    share = there / np.maximum(joined, 1.0)[:, None]
    return Curve(share, share * (1.0 - share), joined)


def repeat_purchases(market: Market, customers: Customers, weeks: int, seed: int, replicates: int) -> Curve:
    """Purchases per customer of each segment within 0, 1, ..., `weeks` weeks of joining, all replicates together.

    Joining is itself the first purchase and is not counted.
    """
    size = len(customers.segments)
    total, squares, joined = np.zeros((size, weeks + 1)), np.zeros((size, weeks + 1)), np.zeros(size)
    for model in cohorts(market, customers, seed, replicates):
        segment = model.world.arrays.codes[C.SEGMENT].astype(np.int64)
        joined += np.bincount(segment, minlength=size)
        for week in range(1, weeks + 1):
            model.run(week * _WEEK)
            bought = model.world.arrays.state[S.USES].astype(np.float64)
            total[:, week] += np.bincount(segment, bought, size)
            squares[:, week] += np.bincount(segment, bought**2, size)
    people = np.maximum(joined, 1.0)[:, None]
    mean = total / people
    return Curve(mean, squares / people - mean**2, joined)
