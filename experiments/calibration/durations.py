"""Durations: how many customers left in each period, and how many were still there when the window closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibration.errors import DataError
from experiments.calibration.estimate import FloatArray

Period = Literal["month", "year"]
IntArray = NDArray[np.int64]

PERIOD_DAYS: dict[Period, float] = {"month": 30.4375, "year": 365.25}


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """Counts, one entry for each period 1..T of a customer's own age.

    `lost[t - 1]` customers left in period t. `still[t - 1]` were there at the end of period t and not seen after it
    (right-censored). Counts may be fractions where they come from published shares.
    """

    lost: FloatArray
    still: FloatArray
    period: Period

    @property
    def periods(self) -> int:
        """The last period, T."""
        return len(self.lost)

    @property
    def at_risk(self) -> FloatArray:
        """Customers under observation in each period 1..T: those who left or were last seen in it or later."""
        return np.cumsum((self.lost + self.still)[::-1])[::-1]

    @property
    def customers(self) -> float:
        """Customers who were observed for one whole period or more."""
        return float(self.at_risk[0])

    def survival(self) -> FloatArray:
        """Share still there after 0..T periods: the product-limit estimate (Kaplan & Meier 1958), shape (T + 1,).

        Not a number from the first period on in which nobody was under observation.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.concatenate([[1.0], np.cumprod(1.0 - self.lost / self.at_risk)])

    def until(self, periods: int) -> "Durations":
        """The same customers, watched for no more than this many periods each.

        Raises:
            ValueError: `periods` is not in 1..T.
        """
        if not 1 <= periods <= self.periods:
            raise ValueError(f"periods is {periods}, allowed is 1 to {self.periods}, the periods in the data")
        still = self.still[:periods].copy()
        still[-1] += (self.lost + self.still)[periods:].sum()
        return Durations(self.lost[:periods], still, self.period)


def from_shares(
    shares: Sequence[float] | FloatArray, customers: float = 1000.0, period: Period = "year"
) -> Durations:
    """Durations from the shares still there after 1..T periods, in 0..1, of a cohort of `customers`.

    A share has no size, and only the size says how sure the fit is: Fader & Hardie (2007) take 1,000 customers.

    Raises:
        ValueError: fewer than one share, shares that rise or leave 0..1, or a cohort that is not positive.
    """
    survival = np.concatenate([[1.0], np.asarray(shares, dtype=np.float64)])
    falls = -np.diff(survival)
    if len(survival) < 2 or not np.isfinite(survival).all() or (falls < 0).any() or survival[-1] < 0:
        raise ValueError(
            f"shares are {list(shares)}, allowed are one or more that never rise, each between 0 and 1"
        )
    if not 0 < customers < float("inf"):
        raise ValueError(f"customers is {customers}, allowed is a positive number: the size of the cohort")
    still = np.zeros(len(falls))
    still[-1] = customers * survival[-1]
    return Durations(customers * falls, still, period)


def from_records(subscriptions: pd.DataFrame, period: Period, until: date | None = None) -> Durations:
    """Durations from one row per subscription: `start`, `end` (missing where it still runs), both dates.

    `end` is the first day without the subscription, so a customer who leaves on the day a period ends has left in
    it. Periods are calendar months or years from the customer's own start. The window closes at `until`, by default
    the last day in the table, and only periods that were over by then count: a leaver in a period that was not
    would be seen, a stayer would not.

    Raises:
        DataError: nobody was observed for one whole period.
    """
    start, end = pd.DatetimeIndex(subscriptions["start"]), pd.DatetimeIndex(subscriptions["end"])
    last = (
        pd.Timestamp(until)
        if until is not None
        else max(start.max(), end.max() if end.notna().any() else start.max())
    )
    months = 1 if period == "month" else 12
    watched = _whole_months(start, pd.DatetimeIndex([last] * len(start)))[0] // months
    left, rest = _whole_months(start, pd.DatetimeIndex(end.fillna(last + pd.DateOffset(years=200))))
    in_period = np.maximum((left + rest + months - 1) // months, 1)
    seen = watched >= 1
    if not seen.any():
        raise DataError(
            f"no subscription was watched for one whole {period} before {last.date()}: "
            "give a longer file, a later closing date, or months instead of years"
        )
    lost, horizon = in_period <= watched, int(watched.max())
    return Durations(
        lost=np.bincount(in_period[lost & seen] - 1, minlength=horizon).astype(np.float64),
        still=np.bincount(watched[~lost & seen] - 1, minlength=horizon).astype(np.float64),
        period=period,
    )


def by_segment(
    subscriptions: pd.DataFrame, period: Period, until: date | None = None
) -> dict[str, Durations]:
    """Durations of each segment, by its name; the window of all closes on the same day.

    Raises:
        DataError: as `from_records`, with the name of the segment.
    """
    dates = pd.concat([subscriptions["start"], subscriptions["end"]]).dropna()
    last = until if until is not None else dates.max().date()
    found = {}
    for name, group in subscriptions.groupby("segment", sort=True):
        try:
            found[str(name)] = from_records(group, period, last)
        except DataError as problem:
            raise DataError(f"segment {name!r}: {problem}") from problem
    return found


def _whole_months(start: pd.DatetimeIndex, end: pd.DatetimeIndex) -> tuple[IntArray, IntArray]:
    """Whole calendar months from start to end, and 1 where a part of another has begun.

    A month from the 31st is over on the last day of a shorter month.
    """
    months = np.asarray((end.year - start.year) * 12 + (end.month - start.month), dtype=np.int64)
    anniversary = np.minimum(start.day, end.days_in_month)
    whole = months - np.asarray(end.day < anniversary, dtype=np.int64)
    rest = np.asarray((end.day != anniversary), dtype=np.int64)
    return whole, rest
