"""Buying: how often customers without a contract buy, read from a transaction log, and fitted."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibration import bgnbd
from experiments.calibration.bgnbd import BgNbdFit
from experiments.calibration.cohort import Curve, Simulation
from experiments.calibration.data import load_transactions
from experiments.calibration.errors import DataError
from experiments.calibration.estimate import FloatArray
from experiments.calibration.fit_table import purchases_table, with_simulation
from experiments.calibration.fitted import Fitted, Group, Habits
from experiments.calibration.names import EVERYONE
from experiments.calibration.purchases import Purchases, last_week, summarise
from experiments.calibration.shares import Shares
from experiments.settings import CalibrateSettings

_NORMAL_95 = 1.96


@dataclass(frozen=True)
class Buying:
    """A transaction log, its first weeks summarised by customer, and how it was read.

    Attributes:
        transactions: all of the log.
        purchases: what its first weeks say of each customer who was new in them.
        weeks: of the whole log.
        source, said: the file with its window; how it was read, in a sentence.
    """

    transactions: pd.DataFrame
    purchases: Purchases
    weeks: int
    source: str
    said: str


def read_buying(path: Path, asked: CalibrateSettings) -> Buying:
    """Read a transaction log and summarise the weeks to be fitted.

    Raises:
        DataError: it cannot be read as that, or holds too little.
    """
    frame = load_transactions(path, asked.columns, "drop" if asked.refunds == "drop" else "reject")
    origin = _day(asked.since)
    weeks = last_week(frame, origin)
    wished = float(weeks // 2) if asked.holdout is None else asked.holdout
    if wished != int(wished) or weeks - wished < 2:
        raise DataError(
            f"experiment.holdout={wished:g} is not allowed: of {weeks} weeks in the log whole ones can be held out, "
            "and two or more must be left"
        )
    purchases = summarise(frame, weeks - wished, origin)
    dates = frame.loc[frame["date"] >= pd.Timestamp(purchases.origin), "date"]
    return Buying(
        transactions=frame,
        purchases=purchases,
        weeks=weeks,
        source=f"{path.name}, {purchases.weeks:g} weeks from {purchases.origin}",
        said=(
            f"{path.name}: {len(dates):,} purchases from {purchases.origin} to {dates.max().date()}, {weeks} whole "
            f"weeks; {len(purchases):,} customers first bought in the {purchases.weeks:g} weeks of the fit."
        ),
    )


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as problem:
        raise DataError(f"experiment.since={text} is not a day, allowed is YYYY-MM-DD") from problem


@dataclass(frozen=True)
class BuyingFit:
    """Buying fitted, with the ridge beside it."""

    buying: Buying
    shares: Shares
    fitted: Fitted

    @property
    def fit(self) -> BgNbdFit:
        """The BG/NBD at the point values."""
        found = self.shares.fit(EVERYONE, self.fitted.choose)
        assert isinstance(found, BgNbdFit)
        return found

    def simulate(self, simulation: Simulation) -> Curve:
        """The cohort of a market that was made from this fit."""
        return simulation.repeat_purchases(self.buying.weeks)

    def distance(self, curve: Curve) -> float:
        """How far a simulated cohort is from the fitted law at most, in standard errors of luck."""
        return curve.distance(self.fit.expected_purchases(np.arange(self.buying.weeks + 1))[None])

    def table(self, curve: Curve) -> pd.DataFrame:
        """Cumulative repeat purchases by week: data, fitted model and simulated cohort.

        Each customer of the data runs along the simulated curve by its own clock, from its first purchase on. The band
        holds 95 % of such cohorts, if the fitted law is true: luck alone.
        """
        held = self.buying
        table = purchases_table(EVERYONE, held.transactions, held.purchases, self.fit, held.weeks)
        weeks = table["period"].to_numpy(np.float64)
        mean = _by_own_clocks(curve.mean[0], held.purchases, weeks)
        wide = _NORMAL_95 * np.sqrt(_by_own_clocks(curve.variance[0], held.purchases, weeks))
        return with_simulation(table, mean, np.maximum(mean - wide, 0.0), mean + wide)

    def sentences(self) -> list[str]:
        """The fit, for a reader."""
        return [f"BG/NBD on {self.buying.source}: {self.fit.estimate.sentence()}"]


def _by_own_clocks(curve: FloatArray, purchases: Purchases, weeks: FloatArray) -> FloatArray:
    """Sum over customers of a curve by age in weeks, at the end of each week; nothing before the first purchase."""
    since, size = np.unique(purchases.observed - purchases.weeks, return_counts=True)
    ages = np.maximum(weeks[:, None] + since, 0.0)
    found: FloatArray = (np.interp(ages, np.arange(len(curve)), curve) * size).sum(axis=1)
    return found


def fit_buying(buying: Buying, title: str, asked: CalibrateSettings, seed: int) -> BuyingFit:
    """Fit the BG/NBD to the first weeks.

    Raises:
        DataError: a choose share below 1, with which no market repeats the BG/NBD.
        FitError: the data hold too little for it.
    """
    if asked.choose_share < 1.0:
        raise DataError(
            f"experiment.choose_share={asked.choose_share:g} is not allowed with transactions, allowed is 1: there "
            "each purchase would need a choice of its own, while a customer's view of a provider lasts "
            "market.choice.memory, 30 days or more"
        )
    shares = Shares({EVERYONE: partial(bgnbd.fit, buying.purchases)})
    fit = shares.fit(EVERYONE, 1.0)
    assert isinstance(fit, BgNbdFit)
    chooses = (1.0,) * asked.sets
    group = Group(
        name=EVERYONE,
        share=1.0,
        customers=float(fit.customers),
        point=Habits.buying(*fit.parameters),
        sets=tuple(Habits.buying(*drawn) for drawn in shares.draws(EVERYONE, chooses, seed)),
        source=(
            f"BG/NBD by maximum likelihood: {buying.source}, n = {fit.customers:,}; {fit.estimate.sentence()}"
        ),
    ).checked()
    basket = _basket(buying)
    return BuyingFit(buying, shares, Fitted(title, "purchase", 1.0, (group,), 1.0, chooses, basket))


def _basket(buying: Buying) -> tuple[float, str] | None:
    """Mean value of a purchase that cost something, and where it was read; None where nothing did."""
    paid = buying.transactions["value"]
    paid = paid[paid > 0.0]
    if paid.empty:
        return None
    return float(
        f"{paid.mean():.6g}"
    ), f"Mean value of {len(paid):,} purchases: {buying.source.partition(',')[0]}."
