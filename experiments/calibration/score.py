"""Scores: how far a curve is from what happened. All in per cent."""

import numpy as np
from numpy.typing import ArrayLike


def mape(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute percentage error: 100 x mean of |predicted - actual| / actual.

    Raises:
        ValueError: different shapes, nothing to compare, or an actual value of 0.
    """
    truth, guess = np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if truth.shape != guess.shape or truth.size == 0:
        raise ValueError(
            f"shapes are {truth.shape} and {guess.shape}, allowed are two equal ones with an entry or more"
        )
    if (truth == 0).any():
        raise ValueError(
            "an actual value is 0, of which no percentage can be taken: end the comparison before it"
        )
    return float(100.0 * np.mean(np.abs(guess - truth) / np.abs(truth)))


def error(actual: float, predicted: float) -> float:
    """Signed percentage error of a total: 100 x (predicted - actual) / actual."""
    return 100.0 * (predicted - actual) / actual
