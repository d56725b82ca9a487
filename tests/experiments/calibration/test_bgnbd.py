"""The BG/NBD against the paper, against integrals, and against simulated customers."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import roots_genlaguerre, roots_jacobi

from experiments.calibration import bgnbd, score
from experiments.calibration.errors import FitError
from experiments.calibration.estimate import FloatArray
from experiments.calibration.purchase_law import PurchaseLaw
from experiments.calibration.purchases import Purchases, cumulative_repeats, summarise

PAPER = (0.243, 4.414, 0.793, 2.426)
PARAMETERS = st.tuples(st.floats(0.05, 10), st.floats(0.5, 50), st.floats(0.05, 10), st.floats(0.05, 10))


def seen(frequency: list[float], recency: list[float], observed: list[float]) -> Purchases:
    """Customers as given."""
    x, t_x, T = (np.asarray(values, dtype=np.float64) for values in (frequency, recency, observed))
    weeks = float(T.max())
    return Purchases(np.arange(len(x)).astype(object), x, t_x, T, weeks - T, date(2020, 1, 1), weeks)


def simulated(law: PurchaseLaw, weeks: FloatArray, generator: np.random.Generator) -> Purchases:
    """Customers of the law, each watched for an own time."""
    customer, time, _ = law.repeat_purchases(weeks, generator)
    last = np.zeros(len(weeks))
    last[customer] = time  # sorted by time: the last one stays
    return seen(np.bincount(customer, minlength=len(weeks)).tolist(), last.tolist(), weeks.tolist())


@pytest.mark.evidence
def test_reproduces_fader_hardie_and_lee_2005(cdnow: pd.DataFrame) -> None:
    fit = bgnbd.fit(summarise(cdnow, weeks=39))
    assert tuple(round(value, 3) for value in fit.parameters) == PAPER
    assert round(fit.estimate.log_likelihood, 1) == -9582.4


@pytest.mark.evidence
def test_misses_cdnow_weeks_40_to_78_by_as_much_as_published(cdnow: pd.DataFrame) -> None:
    purchases = summarise(cdnow, weeks=39)
    weeks = np.arange(39, 79)
    actual = cumulative_repeats(cdnow, purchases, weeks)
    expected = bgnbd.fit(purchases).expected_cumulative(purchases, weeks)
    assert round(score.error(actual[-1] - actual[0], expected[-1] - expected[0]), 1) == -11.4
    assert round(score.mape(actual[1:], expected[1:]), 1) == 2.6


def attentions(a: float, b: float, nodes: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Jacobi nodes and weights of Beta(a, b)."""
    x, weights = roots_jacobi(nodes, b - 1, a - 1)
    return (1 + x) / 2, weights / weights.sum()


def rates(r: float, alpha: float, nodes: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Laguerre nodes and weights of Gamma(r, rate alpha), as a column."""
    x, weights = roots_genlaguerre(nodes, r - 1)
    return (x / alpha)[:, None], (weights / weights.sum())[:, None]


@pytest.mark.parametrize("choose", [1.0, 0.6])
@pytest.mark.parametrize(
    ("x", "t_x", "T"), [(0, 0.0, 20.0), (1, 3.0, 30.0), (4, 25.0, 26.0), (15, 20.0, 38.0)]
)
def test_likelihood_is_the_integral_over_customers(x: int, t_x: float, T: float, choose: float) -> None:
    r, alpha, a, b = 1.4, 4.4, 1.2, 2.4
    (p, share), (rate, mass) = attentions(a, b, 60), rates(r, alpha, 120)
    leave = choose * p
    one = (1 - leave) ** x * rate**x * np.exp(-rate * T)
    if x > 0:
        one = one + leave * (1 - leave) ** (x - 1) * rate**x * np.exp(-rate * t_x)
    found = bgnbd.log_likelihood(seen([x], [t_x], [T]), r, alpha, a, b, choose=choose)[0]
    assert found == pytest.approx(np.log((one * share * mass).sum()), abs=1e-9)


def test_likelihood_of_very_frequent_buyers_does_not_overflow() -> None:
    found = bgnbd.log_likelihood(seen([2_000.0], [199.0], [200.0]), *PAPER)
    assert np.isfinite(found).all()


@settings(max_examples=50)
@given(PARAMETERS, st.floats(0.0, 100.0), st.floats(0.1, 1.0))
def test_expected_purchases_are_the_integral_over_customers(
    parameters: tuple[float, float, float, float], weeks: float, choose: float
) -> None:
    r, alpha, a, b = parameters
    p, share = attentions(a, b, 200)
    direct = (share * -np.expm1(-r * np.log1p(choose * p * weeks / alpha)) / (choose * p)).sum()
    found = bgnbd.expected_purchases([weeks], *parameters, choose=choose)[0]
    assert found == pytest.approx(direct, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (0.4, 0.6), (0.5, 0.5)])
def test_expected_purchases_at_the_poles_of_the_closed_form(a: float, b: float) -> None:
    beside = [bgnbd.expected_purchases([30.0], 0.5, 4.0, a + shift, b)[0] for shift in (-0.001, 0.001)]
    assert bgnbd.expected_purchases([30.0], 0.5, 4.0, a, b)[0] == pytest.approx(np.mean(beside), rel=1e-5)


@given(PARAMETERS)
def test_expected_purchases_begin_at_the_mean_rate_grow_and_slow_down(
    parameters: tuple[float, float, float, float],
) -> None:
    r, alpha, _, _ = parameters
    found = bgnbd.expected_purchases(np.linspace(0, 100, 51), *parameters)
    assert found[0] == pytest.approx(0.0, abs=1e-9)
    assert found[1] > 0
    assert (np.diff(found) > -1e-9).all()  # rounding, where everybody has stopped
    assert (np.diff(found, 2) < 1e-7).all()
    assert bgnbd.expected_purchases([1e-4 * alpha], *parameters)[0] == pytest.approx(1e-4 * r, rel=1e-2)


def test_the_cohort_is_the_sum_of_its_customers() -> None:
    purchases = seen([1, 0, 2], [2.0, 0.0, 3.0], [10.0, 4.0, 8.0])
    found = bgnbd.expected_cumulative(purchases, [5.0, 10.0, 20.0], *PAPER)
    ages = [[5.0, 0.0, 3.0], [10.0, 4.0, 8.0], [20.0, 14.0, 18.0]]
    np.testing.assert_allclose(found, [bgnbd.expected_purchases(age, *PAPER).sum() for age in ages])


@pytest.mark.parametrize(("x", "t_x", "T"), [(0, 0.0, 20.0), (2, 12.0, 38.9), (6, 30.0, 31.0)])
def test_conditional_expectation_is_the_posterior_mean(x: int, t_x: float, T: float) -> None:
    r, alpha, a, b, ahead = 1.3, 5.0, 1.2, 2.5, 26.0

    (p, share), (rate, mass) = attentions(a, b, 60), rates(r, alpha, 120)
    active = share * mass * (1 - p) ** x * rate**x * np.exp(-rate * T)
    future = active * -np.expm1(-rate * p * ahead) / p
    purchases = seen([x], [t_x], [T])
    likelihood = np.exp(bgnbd.log_likelihood(purchases, r, alpha, a, b)[0])
    found = bgnbd.probability_active(purchases, r, alpha, a, b)[0]
    assert found == pytest.approx(active.sum() / likelihood, rel=1e-8)
    found = bgnbd.conditional_expectation(purchases, ahead, r, alpha, a, b)[0]
    assert found == pytest.approx(future.sum() / likelihood, rel=1e-8)


@given(PARAMETERS, st.floats(0.0, 60.0))
def test_of_a_newcomer_no_more_is_expected_than_of_anybody_new(
    parameters: tuple[float, float, float, float], weeks: float
) -> None:
    newcomer = bgnbd.conditional_expectation(seen([0], [0.0], [0.0]), weeks, *parameters)
    np.testing.assert_allclose(newcomer, bgnbd.expected_purchases([weeks], *parameters), rtol=1e-6, atol=1e-9)


@given(PARAMETERS, st.floats(0.5, 20.0))
def test_counts_are_a_law_with_the_stated_mean(
    parameters: tuple[float, float, float, float], weeks: float
) -> None:
    r, alpha, _, _ = parameters
    shares = bgnbd.count_probability(np.arange(4_000), weeks, *parameters)
    assert (shares >= 0).all()
    if (weeks / (alpha + weeks)) ** 4_000 * 4_000**r < 1e-12:  # what lies beyond the last count is nothing
        assert shares.sum() == pytest.approx(1.0, abs=1e-8)
        mean = bgnbd.expected_purchases([weeks], *parameters)[0]
        assert (np.arange(4_000) * shares).sum() == pytest.approx(mean, rel=1e-4)


LAW = PurchaseLaw(0.6, 4.0, 0.9, 2.5)


def test_simulated_customers_buy_as_often_as_expected() -> None:
    weeks = np.full(100_000, 30.0)
    customer, _, _ = LAW.repeat_purchases(weeks, np.random.default_rng(1))
    counts = np.bincount(customer, minlength=len(weeks))
    expected = bgnbd.expected_purchases([30.0], 0.6, 4.0, 0.9, 2.5)[0]
    assert abs(counts.mean() - expected) < 4 * counts.std() / np.sqrt(len(weeks))
    shares = bgnbd.count_probability(np.arange(6), 30.0, 0.6, 4.0, 0.9, 2.5)
    found = np.bincount(counts, minlength=6)[:6] / len(weeks)
    assert (np.abs(found - shares) < 4 * np.sqrt(shares * (1 - shares) / len(weeks))).all()


def test_nobody_leaves_at_joining_and_everybody_after_their_occasion() -> None:
    weeks = np.full(500, 500.0)
    always = PurchaseLaw(5.0, 4.0, 1e6, 1e-3)  # who looks at every purchase leaves at the first repeat
    customer, time, occasion = always.repeat_purchases(weeks, np.random.default_rng(2))
    assert (np.bincount(customer, minlength=len(weeks)) == 1).all()
    assert (occasion == 1).all()
    assert ((time > 0) & (time <= 500)).all()


@pytest.mark.parametrize("choose", [1.0, 0.5])
def test_recovers_simulated_customers(choose: float) -> None:
    law = PurchaseLaw(0.6, 4.0, 0.9, 2.5, choose)
    generator = np.random.default_rng(4)
    fit = bgnbd.fit(simulated(law, generator.uniform(27, 39, 12_000), generator), choose)
    gap = np.log(fit.estimate.values) - np.log([0.6, 4.0, 0.9, 2.5])
    # Squared distance in units of the stated covariance: chi-square with 4 degrees of freedom, 18.5 once in 1,000.
    assert gap @ np.linalg.solve(fit.estimate.covariance, gap) < 18.5


def test_fit_does_not_depend_on_the_unit_of_time() -> None:
    generator = np.random.default_rng(6)
    weekly = simulated(LAW, generator.uniform(27, 39, 2_000), generator)
    daily = seen(weekly.frequency.tolist(), (7 * weekly.recency).tolist(), (7 * weekly.observed).tolist())
    one, other = bgnbd.fit(weekly), bgnbd.fit(daily)
    np.testing.assert_allclose(other.estimate.values, one.estimate.values * [1, 7, 1, 1], rtol=1e-5)
    shift = weekly.frequency.sum() * np.log(7)
    assert other.estimate.log_likelihood == pytest.approx(one.estimate.log_likelihood - shift, abs=1e-4)


def test_log_likelihood_of_the_fit_is_that_of_the_weeks() -> None:
    generator = np.random.default_rng(7)
    purchases = simulated(LAW, generator.uniform(27, 39, 2_000), generator)
    fit = bgnbd.fit(purchases)
    direct = bgnbd.log_likelihood(purchases, *fit.parameters).sum()
    assert fit.estimate.log_likelihood == pytest.approx(direct, abs=1e-6)


def test_says_when_there_is_nothing_to_fit() -> None:
    with pytest.raises(FitError, match="1 customers bought again"):
        bgnbd.fit(seen([1, 0], [2.0, 0.0], [9.0, 9.0]))


def test_refuses_what_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        bgnbd.expected_purchases([-1.0], *PAPER)
    with pytest.raises(ValueError, match="must be positive"):
        bgnbd.conditional_expectation(seen([1], [1.0], [2.0]), 5.0, 0.2, 4.0, 0.0, 2.0)
