"""Maximum likelihood against likelihoods whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.calibration.errors import FitError
from experiments.calibration.estimate import HIGHEST, Estimate, FloatArray, maximise

CENTRE = np.array([0.3, -0.7])
PRECISION = np.array([[40.0, 12.0], [12.0, 25.0]])


def quadratic(values: FloatArray) -> float:
    """A log-likelihood that is exactly normal in the logarithms."""
    gap = np.log(values) - CENTRE
    return float(-0.5 * gap @ PRECISION @ gap)


def test_finds_summit_and_curvature_of_a_quadratic() -> None:
    found = maximise(quadratic, ("one", "two"), np.array([1.0, 1.0]))
    np.testing.assert_allclose(found.values, np.exp(CENTRE), rtol=1e-8)
    np.testing.assert_allclose(found.covariance, np.linalg.inv(PRECISION), rtol=1e-6)
    assert found.at_bound == ()
    assert found.log_likelihood == pytest.approx(0.0, abs=1e-12)


def test_standard_errors_are_those_of_the_delta_method() -> None:
    found = maximise(quadratic, ("one", "two"), np.array([1.0, 1.0]))
    expected = np.exp(CENTRE) * np.sqrt(np.diag(np.linalg.inv(PRECISION)))
    np.testing.assert_allclose(found.standard_errors(), expected, rtol=1e-5)


def test_units_scale_values_and_leave_relative_errors() -> None:
    plain = maximise(quadratic, ("one", "two"), np.array([1.0, 1.0]))
    scaled = maximise(quadratic, ("one", "two"), np.array([1.0, 1.0]), units=np.array([1.0, 7.0]))
    np.testing.assert_allclose(scaled.values / plain.values, [1.0, 7.0])
    np.testing.assert_allclose(scaled.covariance, plain.covariance)


def test_a_flat_direction_ends_at_the_bound_and_is_said() -> None:
    found = maximise(
        lambda p: -float((np.log(p[0]) - 0.5) ** 2) - 1.0 / float(p[1]), ("a", "b"), np.array([1.0, 1.0])
    )
    assert found.at_bound == ("b",)
    assert found["b"] == pytest.approx(HIGHEST, rel=1e-5)
    assert found["a"] == pytest.approx(np.exp(0.5), rel=1e-6)
    assert found.covariance[0, 0] == pytest.approx(0.5, rel=1e-5)
    assert not found.covariance[1].any()


def test_a_start_between_two_summits_is_an_error() -> None:
    def two_summits(values: FloatArray) -> float:
        x, y = np.log(values)
        return float(x**2 - x**4 - y**2)

    with pytest.raises(FitError, match="do not fix a, b"):
        maximise(two_summits, ("a", "b"), np.array([1.0, 1.0]))


def test_says_values_errors_and_bounds() -> None:
    inside = Estimate(("a", "b"), np.array([2.0, 5.0]), np.diag([0.01, 0.04]), 0.0)
    assert inside.sentence() == "a 2 (standard error 0.2), b 5 (standard error 1)."
    outside = Estimate(("a", "b"), np.array([2.0, 1e4]), np.diag([0.01, 0.0]), 0.0, ("b",))
    assert outside.sentence() == (
        "a 2 (standard error 0.2), "
        "b 1e+04 (at the end of its range: the data give it no size, and draws do not move it)."
    )


def test_draws_have_the_stated_law() -> None:
    covariance = np.array([[0.09, 0.05], [0.05, 0.04]])
    estimate = Estimate(("a", "b"), np.array([2.0, 5.0]), covariance, 0.0)
    logs = np.log(estimate.draws(20_000, seed=3)) - np.log(estimate.values)
    np.testing.assert_allclose(logs.mean(axis=0), 0.0, atol=4 * 0.3 / np.sqrt(20_000))
    # The standard error of a variance s of n normal draws is s sqrt(2 / n): 1 % here; 4 of them.
    np.testing.assert_allclose(np.cov(logs.T), covariance, rtol=0.04)


@given(st.integers(1, 30), st.integers(0, 2**31))
def test_fewer_draws_are_the_first_of_more(count: int, seed: int) -> None:
    estimate = Estimate(("a", "b"), np.array([2.0, 5.0]), np.array([[0.09, 0.05], [0.05, 0.04]]), 0.0)
    assert (estimate.draws(40, seed)[:count] == estimate.draws(count, seed)).all()


def test_draws_of_a_bounded_parameter_stay_there() -> None:
    estimate = Estimate(("a", "b"), np.array([2.0, 1e4]), np.diag([0.04, 0.0]), 0.0, ("b",))
    drawn = estimate.draws(50, seed=1)
    assert (drawn[:, 1] == 1e4).all()
    assert np.ptp(drawn[:, 0]) > 0
