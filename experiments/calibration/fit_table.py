"""Fit table: what happened, what the fitted model says and what the simulated market did, period by period."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.calibration import score
from experiments.calibration.bgnbd import BgNbdFit
from experiments.calibration.durations import Durations
from experiments.calibration.estimate import FloatArray
from experiments.calibration.purchases import Purchases, cumulative_repeats
from experiments.calibration.sbg import SbgFit

SIMULATED = ["simulated", "simulated_low", "simulated_high"]
COLUMNS = ["segment", "quantity", "unit", "period", "part", "data", "fitted", *SIMULATED]
"""One row per segment and period. `part` is `fitted` or `held_out`; `simulated` cells are empty until there is one."""


def survival_table(segment: str, durations: Durations, fit: SbgFit) -> pd.DataFrame:
    """Share still there after 0, 1, ... periods; what lies beyond the periods of the fit is held out."""
    data = durations.survival()
    periods = np.arange(len(data))
    return _table(segment, "survival", fit.period, periods, fit.periods, data, fit.survival(periods))


def purchases_table(
    segment: str, transactions: pd.DataFrame, purchases: Purchases, fit: BgNbdFit, weeks: int
) -> pd.DataFrame:
    """Cumulative repeat purchases by the end of weeks 1 to `weeks`; weeks beyond those of the fit are held out."""
    periods = np.arange(1, weeks + 1)
    data = cumulative_repeats(transactions, purchases, periods)
    fitted = fit.expected_cumulative(purchases, periods)
    return _table(segment, "repeat_purchases", "week", periods, fit.weeks, data, fitted)


def _table(
    segment: str,
    quantity: str,
    unit: str,
    periods: ArrayLike,
    fitted_until: float,
    data: FloatArray,
    fitted: FloatArray,
) -> pd.DataFrame:
    """The columns put together."""
    table = pd.DataFrame({"period": np.asarray(periods, dtype=np.int64), "data": data, "fitted": fitted})
    table["segment"], table["quantity"], table["unit"] = segment, quantity, unit
    table["part"] = np.where(table["period"] <= fitted_until, "fitted", "held_out")
    table[SIMULATED] = np.nan
    return table[COLUMNS]


def with_simulation(table: pd.DataFrame, mean: ArrayLike, low: ArrayLike, high: ArrayLike) -> pd.DataFrame:
    """The table of one segment with a simulated cohort beside it: its mean and the ends of its band, one per row.

    Raises:
        ValueError: the arrays are not as long as the table.
    """
    columns = [np.asarray(values, dtype=np.float64) for values in (mean, low, high)]
    if any(values.shape != (len(table),) for values in columns):
        raise ValueError(
            f"shapes are {[values.shape for values in columns]}, allowed is ({len(table)},) for each"
        )
    return table.assign(**dict(zip(SIMULATED, columns, strict=True)))


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """How far model and simulation are from the data, per segment, part and series, in per cent.

    `mape` over the periods after 0 whose data are above 0. `total_error`, of counts only, is that of the increase over
    the part alone: for held-out weeks 40-78 the purchases in them, not those since week 1.
    """
    rows = [
        {
            "segment": segment,
            "part": part,
            "series": series,
            "unit": "percent",
            **_scores(whole, part, series),
        }
        for segment, whole in table.groupby("segment", sort=False)
        for part in whole["part"].unique()
        for series in ("fitted", "simulated")
        if not whole[series].isna().all()
    ]
    return pd.DataFrame(rows, columns=["segment", "part", "series", "unit", "mape", "total_error"])


def _scores(whole: pd.DataFrame, part: str, series: str) -> dict[str, float]:
    """MAPE of a part of one segment, and for counts the error of its own total."""
    inside = (whole["part"] == part).to_numpy()
    data, predicted = whole["data"].to_numpy(np.float64), whole[series].to_numpy(np.float64)
    compared = inside & (data > 0) & (whole["period"] > 0).to_numpy()
    found = {"mape": score.mape(data[compared], predicted[compared]) if compared.any() else np.nan}
    found["total_error"] = np.nan
    if (whole["quantity"] == "repeat_purchases").all():
        actual = float(np.diff(data, prepend=0.0)[inside].sum())
        if actual > 0:
            found["total_error"] = score.error(actual, float(np.diff(predicted, prepend=0.0)[inside].sum()))
    return found
