"""Regressions with a ridge: what firms fit each quarter, in the time that a pulse may take.

Both find the optimum that general libraries find, whose checks of what they are given cost several times the fit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 50
_TOLERANCE = 1e-9
"""Fall of the loss that the next step promises, relative to it, at which a fit has converged."""
_HALVINGS = 30


class Logistic(NamedTuple):
    """A fit: z = rows @ slope + intercept is the log of the odds.

    Attributes:
        slope: float64 [k].
        intercept: the log of the odds where all features are 0.
    """

    slope: NDArray[np.float64]
    intercept: float

    def probability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of the outcome for some rows, float64 [n]."""
        return _probability(rows @ self.slope + self.intercept)


def fit_logistic(rows: NDArray[np.float64], outcome: NDArray[np.bool_], penalty: float) -> Logistic:
    """Fit a logistic regression whose slope is held back by a ridge, by Newton's method.

    Minimises over slope and intercept, for outcomes y of 0 or 1 and rows x,

        sum of log(1 + exp(z)) - y z,  z = x slope + intercept,   + penalty / 2 |slope|^2

    Args:
        rows: features, float64 [n, k]; best standardised, since the penalty is the same for each.
        outcome: bool [n]; both values occur.
        penalty: above 0; a normal prior of the slopes with variance 1 / penalty.

    Raises:
        ValueError: when all outcomes are the same, so that the intercept has no finite value.
    """
    if outcome.all() or not outcome.any():
        raise ValueError("a logistic regression needs both outcomes")
    design = np.column_stack([rows, np.ones(len(rows))])
    y = outcome.astype(np.float64)
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 0.0
    weights = np.zeros(design.shape[1])
    share = y.mean()
    weights[-1] = np.log(share / (1.0 - share))
    score = design @ weights
    loss = _loss(score, y, weights, ridge)
    for _ in range(_MOST_STEPS):
        p = _probability(score)
        gradient = design.T @ (p - y) + ridge * weights
        curvature = (design.T * (p * (1.0 - p))) @ design
        curvature[np.diag_indices_from(curvature)] += ridge
        step = np.linalg.solve(curvature, gradient)
        if 0.5 * float(gradient @ step) <= _TOLERANCE * loss:
            break
        along = design @ step
        ahead = _loss(score - along, y, weights - step, ridge)
        # The loss is convex: a step that overshoots becomes a good one when it is halved often enough.
        for _ in range(_HALVINGS):
            if ahead < loss:
                break
            step, along = 0.5 * step, 0.5 * along
            ahead = _loss(score - along, y, weights - step, ridge)
        weights, score, loss = weights - step, score - along, ahead
    return Logistic(weights[:-1], float(weights[-1]))


def ridge_slope(
    rows: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """The slope of a weighted linear regression with a free intercept, held back by a ridge; float64 [k].

    Minimises the sum of w (y - x slope - intercept)^2 + penalty |slope|^2.

    Args:
        rows: features, float64 [n, k]; y: float64 [n].
        weights: of the rows, above 0, float64 [n].
        penalty: above 0.
    """
    share = weights / weights.sum()
    around, rise = rows - share @ rows, y - share @ y
    curvature = (around.T * weights) @ around
    curvature[np.diag_indices_from(curvature)] += penalty
    slope: NDArray[np.float64] = np.linalg.solve(curvature, (around.T * weights) @ rise)
    return slope


def _probability(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-score)), written so that nothing overflows."""
    p: NDArray[np.float64] = 0.5 + 0.5 * np.tanh(0.5 * score)
    return p


def _loss(
    score: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    ridge: NDArray[np.float64],
) -> float:
    # log(1 + exp(z)) in two terms, neither of which overflows.
    softplus = np.maximum(score, 0.0).sum() + np.log1p(np.exp(-np.abs(score))).sum()
    return float(softplus - y @ score + 0.5 * (ridge * weights) @ weights)
