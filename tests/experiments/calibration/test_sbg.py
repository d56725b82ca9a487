"""The shifted-beta-geometric against the paper, against integrals, and against simulated customers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import roots_jacobi

from experiments.calibration import geometric, sbg, score
from experiments.calibration.durations import Durations, from_shares
from experiments.calibration.errors import FitError

SHAPES = st.floats(0.05, 50.0)
CHOOSE = st.floats(0.05, 1.0)

PAPER = {"regular": (0.704, 1.182, 1.5, 59.0), "high_end": (0.668, 3.806, 2.8, 21.0)}
"""Fader & Hardie 2007: alpha, beta; mean absolute percentage errors of years 8-12 by the sBG and by the geometric."""


def test_reproduces_fader_and_hardie_2007(published: Durations, segment: str) -> None:
    alpha, beta, missed, missed_by_one_rate = PAPER[segment]
    fit = sbg.fit(published.until(7))
    assert (round(fit.alpha, 3), round(fit.beta, 3)) == (alpha, beta)
    held_out = published.survival()[8:]
    assert round(score.mape(held_out, fit.survival(range(8, 13))), 1) == missed
    naive = geometric.survival(range(8, 13), geometric.fit_retention(published.until(7)))
    assert round(score.mape(held_out, naive)) == missed_by_one_rate


def test_held_out_years_do_not_touch_the_fit(published: Durations) -> None:
    changed = published.survival()[1:].copy()
    changed[7:] *= 0.5
    fit, other = sbg.fit(published.until(7)), sbg.fit(from_shares(changed).until(7))
    np.testing.assert_allclose(fit.estimate.values, other.estimate.values, rtol=1e-9)


@given(SHAPES, SHAPES, st.integers(1, 200))
def test_survival_falls_retention_rises_and_they_agree(alpha: float, beta: float, periods: int) -> None:
    t = np.arange(periods + 1)
    curve, rates = sbg.survival(t, alpha, beta), sbg.retention(t[1:], alpha, beta)
    assert curve[0] == 1.0
    assert (np.diff(curve) < 0).all()
    assert (np.diff(rates) > 0).all()
    np.testing.assert_allclose(np.cumprod(rates), curve[1:], rtol=1e-9)


@given(SHAPES, SHAPES, CHOOSE, st.integers(0, 60))
def test_survival_is_the_integral_over_customers(alpha: float, beta: float, choose: float, t: int) -> None:
    x, weights = roots_jacobi(40, beta - 1, alpha - 1)  # exact for polynomials of degree 79
    direct = (weights / weights.sum() * (1 - choose * (1 + x) / 2) ** t).sum()
    assert sbg.survival([t], alpha, beta, choose)[0] == pytest.approx(direct, rel=1e-8)


@given(SHAPES, SHAPES, st.floats(0.1, 0.9))
def test_fewer_leave_on_looking_more_stay(alpha: float, beta: float, choose: float) -> None:
    t = np.arange(1, 40)
    assert (sbg.survival(t, alpha, beta, choose) > sbg.survival(t, alpha, beta, choose + 0.1)).all()


@given(SHAPES, SHAPES)
def test_choose_just_below_one_joins_the_closed_form(alpha: float, beta: float) -> None:
    t = np.arange(100)
    np.testing.assert_allclose(
        sbg.survival(t, alpha, beta, 1 - 1e-12), sbg.survival(t, alpha, beta), rtol=1e-8, atol=1e-300
    )


@pytest.mark.parametrize(
    ("alpha", "beta", "choose"), [(0.704, 1.182, 1.0), (0.668, 3.806, 1.0), (1.5, 2.0, 0.6)]
)
def test_recovers_simulated_customers(alpha: float, beta: float, choose: float) -> None:
    generator = np.random.default_rng(20)
    attention = generator.beta(alpha, beta, 40_000)
    age = generator.geometric(np.maximum(choose * attention, 1e-15))
    watched = generator.integers(1, 13, 40_000)
    left = age <= watched
    lost = np.bincount(age[left] - 1, minlength=12).astype(float)
    still = np.bincount(watched[~left] - 1, minlength=12).astype(float)
    fit = sbg.fit(Durations(lost, still, "year"), choose)
    gap = np.log(fit.estimate.values) - np.log([alpha, beta])
    # Squared distance in units of the stated covariance: chi-square with 2 degrees of freedom, 13.8 once in 1,000.
    assert gap @ np.linalg.solve(fit.estimate.covariance, gap) < 13.8


def test_stated_errors_are_the_errors_of_many_samples() -> None:
    generator = np.random.default_rng(5)
    cells = np.append(-np.diff(sbg.survival(range(9), 0.9, 2.0)), sbg.survival([8], 0.9, 2.0))
    found = []
    for counts in generator.multinomial(3_000, cells, 200):
        still = np.zeros(8)
        still[-1] = counts[-1]
        found.append(sbg.fit(Durations(counts[:-1].astype(float), still, "year")))
    logs = np.log([fit.estimate.values for fit in found])
    stated = np.mean([np.sqrt(np.diag(fit.estimate.covariance)) for fit in found], axis=0)
    # A standard deviation of 200 samples has a standard error of 1 / sqrt(400) = 5 %; 4 of them.
    np.testing.assert_allclose(stated / logs.std(axis=0, ddof=1), 1.0, atol=0.2)
    assert (np.abs(logs.mean(axis=0) - np.log([0.9, 2.0])) < 4 * stated / np.sqrt(200) + 0.01).all()


def test_log_likelihood_is_that_of_the_cells() -> None:
    durations = Durations(np.array([4.0, 2.0, 1.0]), np.array([1.0, 0.0, 5.0]), "month")
    s = sbg.survival(range(4), 0.8, 2.5)
    direct = (
        4 * np.log(1 - s[1]) + 2 * np.log(s[1] - s[2]) + np.log(s[2] - s[3]) + np.log(s[1]) + 5 * np.log(s[3])
    )
    assert sbg.log_likelihood(durations, 0.8, 2.5) == pytest.approx(direct, rel=1e-12)


@settings(max_examples=25)
@given(st.floats(0.05, 0.9))
def test_customers_who_do_not_differ_are_one_rate(churn: float) -> None:
    fit = sbg.fit(from_shares(geometric.survival(range(1, 9), 1 - churn)))
    assert fit.estimate.at_bound
    assert fit.attention_mean == pytest.approx(churn, rel=2e-3)
    np.testing.assert_allclose(fit.retention(range(1, 9)), 1 - churn, rtol=1e-2)


@pytest.mark.parametrize(
    ("shares", "said"),
    [([0.7], "hold 1 year, needed are 2"), ([1.0, 1.0, 1.0], "nobody left within 3 periods")],
)
def test_says_when_there_is_nothing_to_fit(shares: list[float], said: str) -> None:
    with pytest.raises(FitError, match=said):
        sbg.fit(from_shares(shares))


def test_fits_a_cohort_that_is_gone_in_the_end() -> None:
    fit = sbg.fit(from_shares([0.5, 0.3, 0.2, 0.0]))
    assert np.isfinite(fit.estimate.values).all()


@pytest.mark.parametrize(
    ("periods", "alpha", "choose"), [([-1], 1.0, 1.0), ([0.5], 1.0, 1.0), ([1], 0.0, 1.0), ([1], 1.0, 0.0)]
)
def test_refuses_what_has_no_meaning(periods: list[float], alpha: float, choose: float) -> None:
    with pytest.raises(ValueError, match=r"allowed|must be"):
        sbg.survival(periods, alpha, 1.0, choose)


@given(SHAPES, SHAPES, st.integers(0, 20), st.floats(0.05, 0.5))
def test_residual_lifetime_is_the_sum_of_payments(
    alpha: float, beta: float, made: int, discount: float
) -> None:
    t = np.arange(1, 700)
    stays = sbg.survival(made + t, alpha, beta) / sbg.survival([made], alpha, beta)
    direct = (stays / (1 + discount) ** (t - 1)).sum()
    assert sbg.residual_lifetime(made, alpha, beta, discount) == pytest.approx(direct, rel=1e-6)


@pytest.mark.parametrize(("alpha", "beta", "missed"), [(3.80, 15.20, 12), (0.067, 0.267, 45)])
def test_one_average_retention_rate_undervalues_a_customer_base(
    alpha: float, beta: float, missed: int
) -> None:
    """Fader & Hardie 2010: five yearly cohorts, all valued with last year's retention rate, 10 % discount."""
    arrived = np.array([10_000, 15_000, 17_500, 19_000, 20_500])
    made = np.array([4, 3, 2, 1, 0])
    there = arrived * sbg.survival(made, alpha, beta)
    there_before = arrived[:-1] * sbg.survival(made[:-1] - 1, alpha, beta)
    rate = there[:-1].sum() / there_before.sum()
    true = float(there @ sbg.residual_lifetime(made, alpha, beta, 0.1))
    naive = float(there.sum()) * geometric.lifetime_value(1.1, rate, 0.1)
    assert round(-score.error(true, naive)) == missed
