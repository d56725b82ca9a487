"""Stays: how long subscribers stay, read from a survival table or a subscription file, and fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibration import sbg
from experiments.calibration.cohort import Curve, Simulation
from experiments.calibration.data import load_subscriptions, load_survival, survival_columns
from experiments.calibration.durations import PERIOD_DAYS, Durations, Period, by_segment, from_records
from experiments.calibration.errors import DataError
from experiments.calibration.fit_table import survival_table, with_simulation
from experiments.calibration.fitted import Fitted, Group, Habits
from experiments.calibration.names import segment_names
from experiments.calibration.sbg import SbgFit
from experiments.calibration.shares import Shares
from experiments.settings import CalibrateSettings
from sim.quantities import DAYS_PER_MONTH

YEARS_ENOUGH = 5
"""A file that covers so many years is taken to be renewed by the year, where nobody says otherwise."""
EVERY_COLUMN = "all"
_NORMAL_95 = 1.96


@dataclass(frozen=True)
class Stays:
    """Durations by segment name, and how the file was read.

    Attributes:
        durations: of each segment, all of one kind of period.
        shares: of customers, by segment.
        source: by segment, which part of which file.
        said: how the file was read, in a sentence.
        counted: whether the file holds customers; a survival table does not.
    """

    durations: Mapping[str, Durations]
    shares: Mapping[str, float]
    source: Mapping[str, str]
    said: str
    counted: bool

    @property
    def period(self) -> Period:
        """What subscriptions run by."""
        return next(iter(self.durations.values())).period

    @property
    def periods(self) -> int:
        """The last period in the data of any segment."""
        return max(durations.periods for durations in self.durations.values())


def read_stays(path: Path, kind: str, asked: CalibrateSettings) -> Stays:
    """Read a survival table or a subscription file.

    Raises:
        DataError: it cannot be read as that.
    """
    return _survival(path, asked) if kind == "survival" else _subscriptions(path, asked)


def _survival(path: Path, asked: CalibrateSettings) -> Stays:
    columns = survival_columns(path) if asked.column == EVERY_COLUMN else [asked.column]
    tables = [load_survival(path, column) for column in columns]
    names = segment_names(table.column for table in tables)
    return Stays(
        durations={names[table.column]: table.durations(asked.cohort) for table in tables},
        shares={name: 1.0 / len(names) for name in names.values()},
        source={names[t.column]: f"{path.name}, column {t.column}" for t in tables},
        said=" ".join(table.said for table in tables),
        counted=False,
    )


def _subscriptions(path: Path, asked: CalibrateSettings) -> Stays:
    columns = {**(asked.columns or {}), **({"segment": asked.segment} if asked.segment else {})}
    frame = load_subscriptions(path, columns)
    dates = pd.concat([frame["start"], frame["end"]]).dropna()
    first, last = dates.min().date(), dates.max().date()
    years = (last - first).days / PERIOD_DAYS["year"]
    period: Period = asked.period or ("year" if years >= YEARS_ENOUGH else "month")  # type: ignore[assignment]
    groups = (
        by_segment(frame, period) if len(set(frame["segment"])) > 1 else {"all": from_records(frame, period)}
    )
    names = segment_names(groups)
    total = sum(durations.customers for durations in groups.values())
    window = f"{path.name}, {first} to {last}"
    return Stays(
        durations={names[label]: durations for label, durations in groups.items()},
        shares={names[label]: durations.customers / total for label, durations in groups.items()},
        source={names[x]: window + (f", segment {x}" if len(groups) > 1 else "") for x in groups},
        said=f"{path.name}: {len(frame):,} subscriptions from {first} to {last} read by the {period}.",
        counted=True,
    )


@dataclass(frozen=True)
class StaysFit:
    """Stays fitted up to a period, at one choose share, with the ridge beside it."""

    stays: Stays
    until: int
    shares: Shares
    fitted: Fitted

    def simulate(self, simulation: Simulation) -> Curve:
        """The cohort of a market that was made from this fit."""
        return simulation.survival(self.stays.periods)

    def distance(self, curve: Curve) -> float:
        """How far a simulated cohort is from the fitted law at most, in standard errors of luck."""
        periods = np.arange(self.stays.periods + 1)
        return curve.distance(
            np.stack([self._fit(group.name).survival(periods) for group in self.fitted.groups])
        )

    def table(self, curve: Curve) -> pd.DataFrame:
        """Survival by segment: data, fitted model and simulated cohort.

        The band holds 95 % of cohorts of the data's size, if the fitted law is true: luck alone.
        """
        tables = []
        for row, group in enumerate(self.fitted.groups):
            durations = self.stays.durations[group.name]
            table = survival_table(group.name, durations, self._fit(group.name))
            mean = curve.mean[row, : len(table)]
            wide = _NORMAL_95 * np.sqrt(curve.variance[row, : len(table)] / group.customers)
            tables.append(
                with_simulation(table, mean, np.maximum(mean - wide, 0.0), np.minimum(mean + wide, 1.0))
            )
        return pd.concat(tables, ignore_index=True)

    def _fit(self, name: str) -> SbgFit:
        found = self.shares.fit(name, self.fitted.choose)
        assert isinstance(found, SbgFit)
        return found

    def sentences(self) -> list[str]:
        """The fit of each segment, for a reader."""
        return [
            f"{group.name}: sBG on {self.stays.period}s 1-{self.until}, {self._fit(group.name).estimate.sentence()}"
            for group in self.fitted.groups
        ]


def fit_stays(stays: Stays, title: str, asked: CalibrateSettings, seed: int) -> StaysFit:
    """Fit the sBG to the first periods of each segment.

    Raises:
        FitError: the data hold too little for it.
    """
    until = stays.periods - _held_out(stays, asked.holdout)
    parts = {name: d.until(min(until, d.periods)) for name, d in stays.durations.items()}
    shares = Shares({name: partial(sbg.fit, part) for name, part in parts.items()})
    chooses = shares.chooses(asked.choose_share, asked.span, asked.sets)
    groups = []
    for name, part in parts.items():
        fit = shares.fit(name, asked.choose_share)
        assert isinstance(fit, SbgFit)
        groups.append(
            Group(
                name=name,
                share=stays.shares[name],
                customers=part.customers,
                point=Habits.renewing(fit.alpha, fit.beta),
                sets=tuple(Habits.renewing(*drawn) for drawn in shares.draws(name, chooses, seed)),
                source=_source(stays, name, fit, until, asked.choose_share),
            ).checked()
        )
    months = PERIOD_DAYS[stays.period] / DAYS_PER_MONTH
    fitted = Fitted(title, "renewal", months, tuple(groups), asked.choose_share, chooses)
    return StaysFit(stays, until, shares, fitted)


def _held_out(stays: Stays, holdout: float | None) -> int:
    """How many of the last periods are held out.

    Raises:
        DataError: not a whole number of periods, or too many.
    """
    wished = float(stays.periods // 3) if holdout is None else holdout
    if wished != int(wished) or stays.periods - wished < 2:
        raise DataError(
            f"experiment.holdout={wished:g} is not allowed: of {stays.periods} {stays.period}s in the data whole ones "
            "can be held out, and two or more must be left"
        )
    return int(wished)


def _source(stays: Stays, name: str, fit: SbgFit, until: int, choose: float) -> str:
    size = f"n = {fit.customers:,.0f}" + ("" if stays.counted else " (assumed: a table has no size)")
    law = "" if choose == 1.0 else f", {choose:.0%} of those who look leaving"
    return (
        f"Shifted-beta-geometric by maximum likelihood{law}: {stays.source[name]}, {stays.period}s 1-{until}, {size}; "
        f"{fit.estimate.sentence()}"
    )
