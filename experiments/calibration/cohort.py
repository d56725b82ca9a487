"""Cohort: the customers of a market who all start on day 0, simulated with every strategy off.

The market runs as any experiment runs it: whole pulses of its own length, its own luck for each replicate. Replicates
are added until luck hardly moves the end of the curve.
"""

from collections.abc import Callable, Iterator
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
MOST = 200
"""No more replicates than this are added, whatever luck still does."""
_WEEK = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What customers did by age, over all replicates.

    Attributes:
        mean, variance: over the customers of each segment, float64 [segments, ages].
        customers: how many there were, float64 [segments].
        lucks: replicates.
    """

    mean: FloatArray
    variance: FloatArray
    customers: FloatArray
    lucks: int

    @property
    def error(self) -> float:
        """Standard error of the mean at the highest age, as a share of it; the largest of any segment that has one."""
        mean = self.mean[:, -1]
        errors = np.sqrt(self.variance[:, -1] / np.maximum(self.customers, 1.0))
        known = mean > 0.0
        return float((errors[known] / mean[known]).max()) if known.any() else 0.0

    def distance(self, expected: FloatArray) -> float:
        """Largest distance to a law's means, float64 [segments, ages], in standard errors of luck."""
        errors = np.sqrt(self.variance / np.maximum(self.customers, 1.0)[:, None])
        known = errors > 0.0
        return float((np.abs(self.mean - expected)[known] / errors[known]).max()) if known.any() else 0.0


@dataclass(frozen=True, slots=True)
class Simulation:
    """How to simulate a cohort.

    Attributes:
        market, customers: as any experiment runs them.
        seed: of all luck.
        replicates: lucks to begin with.
        tolerance: standard error of the end of the curve, as a share of it, below which no luck is added.
    """

    market: Market
    customers: Customers
    seed: int
    replicates: int
    tolerance: float

    def survival(self, periods: int) -> Curve:
        """Share of joiners whose stay is unbroken after 0, 1, ..., `periods` terms."""
        return self._curve(lambda model: _stays(model, periods))

    def repeat_purchases(self, weeks: int) -> Curve:
        """Purchases per joiner within 0, 1, ..., `weeks` weeks; joining is itself a purchase and is not counted."""
        return self._curve(lambda model: _purchases(model, weeks))

    def _curve(self, sums: Callable[[MarketModel], FloatArray]) -> Curve:
        """Add replicates up until luck is small; `sums` gives [2, segments, ages]: the sum and the sum of squares."""
        curve, total, people = None, np.zeros(0), np.zeros(len(self.customers.segments))
        while curve is None or (curve.lucks < MOST and not self._enough(curve)):
            replicate = curve.lucks if curve else 0
            model = self._joined(replicate)
            people = people + model.starters[model.focal]
            run = sums(model)
            total = run if replicate == 0 else total + run
            count = np.maximum(people, 1.0)[:, None]
            mean = total[0] / count
            curve = Curve(mean, total[1] / count - mean**2, people, replicate + 1)
        return curve

    def _enough(self, curve: Curve) -> bool:
        return curve.lucks >= self.replicates and curve.error <= self.tolerance

    def _joined(self, replicate: int) -> MarketModel:
        """The market on the day everybody has joined."""
        focal = self.market.providers[0].name
        luck = Luck(self.seed, replicate)
        model = assemble(self.market, self.customers, OFF, (), focal, luck, learning=False)
        model.warm_up()
        return model


def _stays(model: MarketModel, periods: int) -> FloatArray:
    term = model.market.term_months * DAYS_PER_MONTH
    there = [model.starters[model.focal].astype(np.float64)]
    for period in range(1, periods + 1):
        model.run(period * term)
        there.append(model.world.counts[model.focal, :, N.UNBROKEN].astype(np.float64))
    found = np.stack(there, axis=1)
    return np.stack([found, found])


def _purchases(model: MarketModel, weeks: int) -> FloatArray:
    size = len(model.customers.segments)
    segment = model.world.arrays.codes[C.SEGMENT].astype(np.int64)
    return np.stack(list(_by_week(model, segment, size, weeks)), axis=2)


def _by_week(model: MarketModel, segment: np.ndarray, size: int, weeks: int) -> Iterator[FloatArray]:
    """Sum and sum of squares of purchases since joining, [2, segments], at the end of weeks 0, 1, ..."""
    yield np.zeros((2, size))
    for week in range(1, weeks + 1):
        model.run(week * _WEEK)
        bought = model.world.arrays.state[S.USES].astype(np.float64)
        yield np.stack([np.bincount(segment, bought, size), np.bincount(segment, bought**2, size)])
