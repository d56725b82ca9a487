"""The geometric: every customer leaves with the same probability. What sorting is measured against."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from experiments.calibration.durations import Durations
from experiments.calibration.estimate import FloatArray


def fit_retention(durations: Durations) -> float:
    """The one retention rate per period that makes the durations most likely: 1 - losses / renewals faced."""
    return float(1.0 - durations.lost.sum() / durations.at_risk.sum())


def survival(periods: ArrayLike, retention: float) -> FloatArray:
    """Share still there after `periods`: retention^t."""
    return np.asarray(retention ** np.asarray(periods, dtype=np.float64))


def class_survival(periods: ArrayLike, shares: Sequence[float], retentions: Sequence[float]) -> FloatArray:
    """Share still there of a mixture of classes with one retention rate each: sum of share x retention^t.

    Raises:
        ValueError: as many shares as retentions are needed, and shares that sum to 1.
    """
    if len(shares) != len(retentions) or abs(sum(shares) - 1.0) > 1e-9:
        raise ValueError(
            f"shares are {list(shares)}, allowed is one for each of {list(retentions)}, summing to 1"
        )
    t = np.asarray(periods, dtype=np.float64)[..., None]
    return np.asarray((np.asarray(shares) * np.asarray(retentions) ** t).sum(axis=-1))


def lifetime_value(margin: float, retention: float, discount: float) -> float:
    """Value of the payments still to come, margin x retention / (1 + discount - retention).

    Payments come at the end of each period while the customer stays (Gupta, Lehmann & Stuart 2004, Journal of
    Marketing Research 41(1)). `discount` is a rate per period.
    """
    return margin * retention / (1.0 + discount - retention)


def retention_elasticity(retention: float, discount: float) -> float:
    """Per cent of lifetime value gained by one per cent of retention: (1 + i) / (1 + i - r)."""
    return (1.0 + discount) / (1.0 + discount - retention)
