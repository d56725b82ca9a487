"""Purchases: what a transaction log says about each customer - how often, how recently, watched for how long."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from experiments.calibration.errors import DataError
from experiments.calibration.estimate import FloatArray

WEEK = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """One entry per customer who first bought in the window; times in weeks.

    `frequency` x: repeat purchases. `recency` t_x: from the first to the last purchase, 0 where x is 0. `observed` T:
    from the first purchase to the end of the window. `first`: from `origin` to the first purchase.
    """

    customer: NDArray[np.object_]
    frequency: FloatArray
    recency: FloatArray
    observed: FloatArray
    first: FloatArray
    origin: date
    weeks: float

    def __len__(self) -> int:
        return len(self.frequency)


def summarise(transactions: pd.DataFrame, weeks: float, origin: date | None = None) -> Purchases:
    """What the first `weeks` weeks from `origin` say about every customer whose first purchase lies in them.

    `transactions` has one row per purchase, `customer` and `date`; purchases of one customer on one day are one. The
    window starts on `origin`, by default the first day in the log, and ends with day `7 * weeks` counted from 1, so
    that who bought on that day was watched for 0 weeks. Customers whose first purchase is before `origin` are left
    out: a log that begins in the middle of a business does not show who is new, so begin a few months into it.

    Raises:
        DataError: nobody bought for the first time in the window, or nobody bought again.
    """
    visits = _visits(transactions, origin)
    start = _origin(transactions, origin)
    last_day = WEEK * weeks - 1.0
    first = visits.groupby("customer", sort=True)["day"].min()
    cohort = first[(first >= 0) & (first <= last_day)]
    if cohort.empty:
        raise DataError(
            f"nobody bought for the first time in the {weeks:g} weeks from {start}: allow more weeks"
        )
    inside = visits[visits["customer"].isin(cohort.index) & (visits["day"] <= last_day)]
    days = inside.groupby("customer", sort=True)["day"].agg(["size", "max"])
    frequency = days["size"].to_numpy(np.float64) - 1.0
    if not frequency.any():
        raise DataError(f"nobody bought a second time in the {weeks:g} weeks from {start}: allow more weeks")
    begun = cohort.to_numpy(np.float64)
    return Purchases(
        customer=cohort.index.to_numpy(object),
        frequency=frequency,
        recency=(days["max"].to_numpy(np.float64) - begun) / WEEK,
        observed=(last_day - begun) / WEEK,
        first=begun / WEEK,
        origin=start,
        weeks=weeks,
    )


def cumulative_repeats(transactions: pd.DataFrame, purchases: Purchases, weeks: ArrayLike) -> FloatArray:
    """Repeat purchases that the customers of `purchases` had made by the end of each week, same shape as `weeks`."""
    visits = _visits(transactions, purchases.origin)
    mine = visits[visits["customer"].isin(purchases.customer)]
    repeat_days = np.sort(mine.loc[mine.duplicated("customer"), "day"].to_numpy(np.float64))
    ends = WEEK * np.asarray(weeks, dtype=np.float64)
    return np.searchsorted(repeat_days, ends, side="left").astype(np.float64)


def last_week(transactions: pd.DataFrame, origin: date | None = None) -> int:
    """Whole weeks from `origin` that the log covers: after them it goes silent."""
    days = (pd.Timestamp(transactions["date"].max()) - pd.Timestamp(_origin(transactions, origin))).days + 1
    return int(days // WEEK)


def _origin(transactions: pd.DataFrame, origin: date | None) -> date:
    """Day 0 of the log."""
    first: date = origin if origin is not None else pd.Timestamp(transactions["date"].min()).date()
    return first


def _visits(transactions: pd.DataFrame, origin: date | None) -> pd.DataFrame:
    """One row per customer and day of purchase, in order, `day` counted from the origin."""
    day = (transactions["date"] - pd.Timestamp(_origin(transactions, origin))).dt.days
    visits = pd.DataFrame({"customer": transactions["customer"], "day": day})
    return visits.drop_duplicates().sort_values(["customer", "day"], ignore_index=True)
