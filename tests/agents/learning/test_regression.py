"""Regressions of learning firms: the optimum that an independent library finds."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from agents.learning.regression import fit_logistic, ridge_slope


def leavers(rows: NDArray[np.float64], rng: np.random.Generator, steep: float) -> NDArray[np.bool_]:
    score = steep * rows[:, 0] - 0.5 * steep * rows[:, 1] - 2.0
    return np.asarray(rng.random(len(rows)) < 1.0 / (1.0 + np.exp(-score)))


@pytest.mark.parametrize("penalty", [0.01, 1.0, 10.0])
@pytest.mark.parametrize("steep", [0.3, 4.0])
def test_a_logistic_fit_is_the_library_s(penalty: float, steep: float) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(900, 9))
    left = leavers(rows, rng, steep)
    mine = fit_logistic(rows, left, penalty)
    theirs = LogisticRegression(C=1.0 / penalty, solver="newton-cholesky", tol=1e-10).fit(rows, left)
    np.testing.assert_allclose(mine.slope, theirs.coef_[0], rtol=1e-4, atol=1e-5)
    assert mine.intercept == pytest.approx(theirs.intercept_[0], rel=1e-4)
    np.testing.assert_allclose(mine.probability(rows), theirs.predict_proba(rows)[:, 1], rtol=1e-3)


def test_a_logistic_fit_comes_back_from_steps_that_overshoot() -> None:
    """Outcomes that are told apart but for one: slopes are only held by the ridge."""
    rows = np.linspace(-3.0, 3.0, 400)[:, None] * np.array([1.0, 10.0])
    left = rows[:, 0] > 2.0
    left[10] = True
    mine = fit_logistic(rows, left, 1e-4)
    theirs = LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-10).fit(rows, left)
    np.testing.assert_allclose(mine.slope, theirs.coef_[0], rtol=1e-3)


def test_a_logistic_fit_needs_both_outcomes() -> None:
    for left in (np.zeros(50, np.bool_), np.ones(50, np.bool_)):
        with pytest.raises(ValueError, match="both outcomes"):
            fit_logistic(np.ones((50, 2)), left, 1.0)


def test_a_ridge_is_the_library_s() -> None:
    rng = np.random.default_rng(4)
    rows, weights = rng.normal(loc=2.0, size=(300, 5)), rng.uniform(0.1, 2.0, 300)
    y = rows @ np.arange(5.0) + 7.0 + rng.normal(size=300)
    theirs = Ridge(alpha=25.0, solver="cholesky").fit(rows, y, sample_weight=weights)
    np.testing.assert_allclose(ridge_slope(rows, y, weights, 25.0), theirs.coef_, rtol=1e-9)
