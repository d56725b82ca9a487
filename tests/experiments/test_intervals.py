"""Intervals against hand arithmetic, SciPy, degenerate inputs, and above all their own promise: 95 % coverage."""

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from experiments.intervals import estimate, luck_interval, mean_squares, plausible_range

FloatArray = npt.NDArray[np.float64]
COMPARISONS = 1_000

# Draws, replicates; standard deviations of ignorance, of shared luck, of luck that acts differently in each draw.
WORLDS = [
    (12, 6, 1.0, 0.3, 0.3),
    (12, 6, 1.0, 1.0, 1.0),
    (8, 4, 1.0, 0.5, 0.5),
    (8, 8, 0.5, 1.0, 1.0),
    (16, 8, 1.0, 0.5, 2.0),
    (20, 10, 0.3, 1.0, 0.5),
    (32, 4, 1.0, 0.5, 1.0),
    (6, 12, 0.0, 1.0, 0.1),
]


def crossed(
    seed: int,
    draws: int,
    replicates: int,
    ignorance: float,
    shared: float,
    own: float,
    count: int = COMPARISONS,
) -> tuple[FloatArray, FloatArray]:
    """Values of many comparisons, and each one's true value in every draw; the truth in the market is 5 + a."""
    rng = np.random.default_rng(seed)
    truth = 5.0 + ignorance * rng.standard_normal((count, draws, 1))
    luck = shared * rng.standard_normal((count, 1, replicates))
    return truth + luck + own * rng.standard_normal((count, draws, replicates)), truth[..., 0]


def covers(low: FloatArray, high: FloatArray, truth: FloatArray) -> float:
    return float(np.mean((low <= truth) & (truth <= high)))


@pytest.mark.parametrize("world", WORLDS)
def test_the_luck_interval_covers_the_true_mean_at_these_draws(
    world: tuple[int, int, float, float, float],
) -> None:
    values, truth = crossed(11, *world)
    assert 0.93 <= covers(*luck_interval(values), truth.mean(axis=1)) <= 0.97


@pytest.mark.parametrize("world", WORLDS)
def test_the_range_covers_the_truth_of_another_plausible_market(
    world: tuple[int, int, float, float, float],
) -> None:
    values, _ = crossed(12, *world)
    other = 5.0 + world[2] * np.random.default_rng(13).standard_normal(COMPARISONS)
    assert 0.93 <= covers(*plausible_range(values), other) <= 0.97


def test_both_cover_where_nothing_is_normal() -> None:
    """Assumptions uniform on their ranges, luck skewed."""
    rng = np.random.default_rng(14)
    truth = rng.uniform(-1.0, 1.0, (COMPARISONS, 12, 3)).sum(axis=2, keepdims=True)
    shared, own = rng.gamma(4.0, 0.2, (COMPARISONS, 1, 8)), rng.gamma(4.0, 0.3, (COMPARISONS, 12, 8))
    values = truth + shared + own - 4.0 * 0.2 - 4.0 * 0.3
    other = rng.uniform(-1.0, 1.0, (COMPARISONS, 3)).sum(axis=1)
    assert 0.93 <= covers(*luck_interval(values), truth.mean(axis=(1, 2))) <= 0.97
    assert 0.93 <= covers(*plausible_range(values), other) <= 0.97


@pytest.mark.parametrize("ignorance", [0.0, 0.2, 0.4])
def test_the_range_errs_on_the_wide_side_where_luck_hides_the_differences_of_markets(
    ignorance: float,
) -> None:
    """The luck left in a draw's mean has standard deviation 0.5."""
    values, _ = crossed(20, 12, 4, ignorance, 0.0, 1.0)
    other = 5.0 + ignorance * np.random.default_rng(21).standard_normal(COMPARISONS)
    assert covers(*plausible_range(values), other) >= 0.93


def test_means_of_noisy_draws_would_promise_too_wide_a_range() -> None:
    """Luck is taken off: where it is most of what varies, the range is far shorter than that of the draw means."""
    values, _ = crossed(15, 16, 4, 0.2, 0.0, 2.0)
    low, high = plausible_range(values)
    spread = values.mean(axis=2).std(axis=1, ddof=1)
    naive = 2.0 * scipy.stats.t.ppf(0.975, 15) * spread * np.sqrt(1.0 + 1.0 / 16.0)
    assert np.mean(high - low) < 0.75 * np.mean(naive)


def test_more_replicates_narrow_the_luck_interval_alone() -> None:
    few, _ = crossed(16, 12, 6, 1.0, 0.5, 0.5)
    many, _ = crossed(17, 12, 60, 1.0, 0.5, 0.5)
    luck = [np.mean(high - low) for low, high in map(luck_interval, (few, many))]
    market = [np.mean(high - low) for low, high in map(plausible_range, (few, many))]
    assert luck[1] < luck[0] / 3.0
    assert market[1] == pytest.approx(market[0], rel=0.05)


def test_the_luck_interval_is_scipys_t_interval() -> None:
    values, _ = crossed(18, 3, 7, 1.0, 1.0, 1.0, count=1)
    means = values[0].mean(axis=0)
    expected = scipy.stats.t.interval(0.95, df=6, loc=means.mean(), scale=scipy.stats.sem(means))
    assert np.ravel(luck_interval(values)) == pytest.approx(expected, rel=1e-12)


def test_mean_squares_are_those_of_the_table_worked_by_hand() -> None:
    y = [[3.0, 5.0, 7.0], [2.0, 8.0, 5.0]]
    grand = 30.0 / 6.0
    rows, columns = [5.0, 5.0], [2.5, 6.5, 6.0]
    between_draws = 3 * sum((row - grand) ** 2 for row in rows) / 1
    between_replicates = 2 * sum((column - grand) ** 2 for column in columns) / 2
    rest = sum((y[d][r] - rows[d] - columns[r] + grand) ** 2 for d in range(2) for r in range(3)) / 2
    squares = mean_squares(np.array(y))
    assert float(squares.draw) == pytest.approx(between_draws, abs=1e-12)
    assert float(squares.replicate) == pytest.approx(between_replicates, rel=1e-12)
    assert float(squares.interaction) == pytest.approx(rest, rel=1e-12)


def test_components_are_found_again() -> None:
    values, _ = crossed(19, 12, 6, 1.5, 0.8, 0.6, count=4_000)
    squares = mean_squares(values)
    assert np.mean((squares.draw - squares.interaction) / 6) == pytest.approx(1.5**2, rel=0.03)
    assert np.mean((squares.replicate - squares.interaction) / 12) == pytest.approx(0.8**2, rel=0.06)
    assert np.mean(squares.interaction) == pytest.approx(0.6**2, rel=0.02)


def test_without_luck_the_range_is_the_textbook_prediction_interval() -> None:
    draws = np.array([1.0, 4.0, 2.0, 7.0, 3.0])
    low, high = plausible_range(np.repeat(draws[:, None], 4, axis=1))
    half = scipy.stats.t.ppf(0.975, 4) * draws.std(ddof=1) * np.sqrt(1.0 + 1.0 / 5.0)
    assert (float(low), float(high)) == pytest.approx((draws.mean() - half, draws.mean() + half), rel=1e-12)


def test_where_markets_are_alike_the_range_is_the_luck_interval() -> None:
    luck = np.array([1.0, 4.0, 2.0, 7.0, 3.0, 0.5])
    values = np.tile(luck, (9, 1))
    assert np.ravel(plausible_range(values)) == pytest.approx(np.ravel(luck_interval(values)), rel=1e-12)


def test_one_draw_has_a_luck_interval_alone() -> None:
    found = estimate(np.array([[1.0, 2.0, 4.0]]))
    assert np.isnan([found.low, found.high]).all()
    assert np.isfinite([found.mean, found.luck_low, found.luck_high]).all()


def test_one_replicate_has_a_range_with_luck_left_in() -> None:
    found = estimate(np.array([[1.0], [2.0], [4.0]]))
    half = scipy.stats.t.ppf(0.975, 2) * np.std([1.0, 2.0, 4.0], ddof=1) * np.sqrt(1.0 + 1.0 / 3.0)
    assert np.isnan([found.luck_low, found.luck_high]).all()
    assert float(found.high - found.mean) == pytest.approx(half, rel=1e-12)


def test_one_run_has_a_mean_and_nothing_else() -> None:
    found = estimate(np.array([[3.0]]))
    assert float(found.mean) == 3.0
    assert np.isnan([found.low, found.high, found.luck_low, found.luck_high]).all()


def test_zeros_have_intervals_of_exactly_zero() -> None:
    found = estimate(np.zeros((2, 5, 4)))
    for part in (found.mean, found.low, found.high, found.luck_low, found.luck_high):
        assert part.tolist() == [0.0, 0.0]


def test_a_value_undefined_in_one_run_has_no_mean_over_the_others() -> None:
    values = np.ones((2, 3, 4))
    values[0, 1, 2] = np.nan
    found = estimate(values)
    assert np.isnan(found.mean).tolist() == [True, False]
    assert np.isnan(found.low).tolist() == [True, False]
    assert np.isnan(found.luck_high).tolist() == [True, False]


def test_a_pilot_gives_its_own_spread_and_degrees() -> None:
    values = np.array([[1.0, 3.0, 2.0, 9.0, 5.0]])
    low, high = luck_interval(values, pilot=3)
    half = scipy.stats.t.ppf(0.975, 2) * 1.0 / np.sqrt(5.0)
    assert (float(low), float(high)) == pytest.approx((4.0 - half, 4.0 + half), rel=1e-12)


@pytest.mark.parametrize("pilot", [1, 6])
def test_a_pilot_out_of_range_is_refused(pilot: int) -> None:
    with pytest.raises(ValueError, match=f"pilot is {pilot}; allowed is 2 to the number of replicates, 5"):
        luck_interval(np.ones((2, 5)), pilot=pilot)


NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


@st.composite
def tables(draw: st.DrawFn) -> FloatArray:
    draws, replicates = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    numbers = draw(st.lists(NUMBERS, min_size=draws * replicates, max_size=draws * replicates))
    return np.array(numbers).reshape(draws, replicates)


def parts(values: FloatArray) -> FloatArray:
    found = estimate(values)
    return np.array([found.mean, found.low, found.high, found.luck_low, found.luck_high])


@given(tables(), NUMBERS)
def test_shifting_all_values_shifts_everything(values: FloatArray, shift: float) -> None:
    np.testing.assert_allclose(parts(values + shift), parts(values) + shift, rtol=1e-6, atol=1e-3)


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_draws_and_replicates_is_nothing(values: FloatArray, random: object) -> None:
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    moved = rng.permuted(values, axis=0) if values.shape[1] == 1 else values[rng.permutation(len(values))]
    moved = moved[:, rng.permutation(values.shape[1])]
    np.testing.assert_allclose(parts(moved), parts(values), rtol=1e-6, atol=1e-3)


@given(tables())
def test_changing_the_sign_mirrors_everything(values: FloatArray) -> None:
    np.testing.assert_allclose(parts(-values), -parts(values)[[0, 2, 1, 4, 3]], rtol=1e-9, atol=1e-9)
