"""Beliefs about tactics, what updates them, and the budget that follows: closed forms, coverage, regret."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from agents.learning.bandit import Belief, Estimate, lift_estimate, shares, switchback

Floats = NDArray[np.float64]


def covers(intervals: list[bool], nominal: float = 0.95) -> bool:
    """Whether the share of intervals that hold the truth is within 4 binomial standard errors of the nominal one."""
    error = np.sqrt(nominal * (1.0 - nominal) / len(intervals))
    return bool(abs(np.mean(intervals) - nominal) < 4.0 * error)


def within(estimate: Estimate | None, truth: float) -> bool:
    assert estimate is not None
    return abs(estimate.value - truth) < 1.96 * estimate.error


def test_precisions_add_and_the_mean_is_weighted_by_them() -> None:
    belief = Belief.prior(2, 3, mean=1.0, variance=4.0)
    belief.update(1, 2, Estimate(3.0, 2.0))
    assert belief.mean[1, 2] == pytest.approx(2.0)
    assert belief.variance[1, 2] == pytest.approx(2.0)
    belief.update(1, 2, Estimate(-1.0, 1.0))
    assert belief.mean[1, 2] == pytest.approx((0.25 * 1.0 + 0.25 * 3.0 + 1.0 * -1.0) / 1.5)
    assert belief.variance[1, 2] == pytest.approx(1.0 / 1.5)
    others = np.ones((2, 3), bool)
    others[1, 2] = False
    assert (belief.mean[others] == 1.0).all()
    assert (belief.variance[others] == 4.0).all()


@given(st.permutations([(0.5, 0.2), (-1.0, 1.0), (2.0, 0.7), (0.0, 3.0)]))
def test_the_order_of_estimates_does_not_matter(order: list[tuple[float, float]]) -> None:
    belief = Belief.prior(1, 1, mean=0.0, variance=1.0)
    for value, error in order:
        belief.update(0, 0, Estimate(value, error))
    precision = 1.0 + sum(1.0 / error**2 for _, error in order)
    assert belief.variance[0, 0] == pytest.approx(1.0 / precision)
    assert belief.mean[0, 0] == pytest.approx(sum(value / error**2 for value, error in order) / precision)


def test_forgetting_returns_to_the_prior_and_not_beyond() -> None:
    belief = Belief.prior(1, 1, mean=1.0, variance=4.0)
    belief.update(0, 0, Estimate(3.0, 2.0))
    half = belief.copy()
    half.forget(0.5)
    assert half.variance[0, 0] == pytest.approx(1.0 / (0.5 / 2.0 + 0.5 / 4.0))
    assert half.mean[0, 0] == pytest.approx((0.5 * 2.0 / 2.0 + 0.5 * 1.0 / 4.0) / (0.5 / 2.0 + 0.5 / 4.0))
    kept = belief.copy()
    kept.forget(1.0)
    assert (kept.mean[0, 0], kept.variance[0, 0]) == pytest.approx((2.0, 2.0))
    for _ in range(200):
        half.forget(0.8)
    assert (half.mean[0, 0], half.variance[0, 0]) == pytest.approx((1.0, 4.0))


def test_a_belief_refuses_what_cannot_be() -> None:
    belief = Belief.prior(1, 1, mean=0.0, variance=1.0)
    for error in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="standard error"):
            belief.update(0, 0, Estimate(0.0, error))
    for memory in (-0.1, 1.1):
        with pytest.raises(ValueError, match="memory"):
            belief.forget(memory)
    with pytest.raises(ValueError, match="variance"):
        Belief.prior(1, 1, mean=0.0, variance=0.0)


def test_a_copy_believes_apart_and_travels() -> None:
    belief = Belief.prior(2, 2, mean=0.0, variance=1.0)
    twin = belief.copy()
    belief.update(0, 0, Estimate(1.0, 1.0))
    assert twin.mean[0, 0] == 0.0
    assert twin.variance[0, 0] == 1.0
    belief.forget(0.5)
    traveller = pickle.loads(pickle.dumps(belief))
    assert traveller.mean.tobytes() == belief.mean.tobytes()
    assert traveller.prior_variance == 1.0


def beliefs() -> st.SearchStrategy[tuple[Belief, Floats, Floats, float]]:
    """A belief, luck, weights and a floor that fits."""

    def built(
        shape: tuple[int, int], seed: int, draws: int, fit: float
    ) -> tuple[Belief, Floats, Floats, float]:
        rng = np.random.default_rng(seed)
        mean = rng.normal(scale=2.0, size=shape).round(1 if seed % 2 else 0)  # whole numbers tie
        belief = Belief(mean, rng.uniform(0.0, 2.0, shape) * (seed % 3 > 0), 0.0, 1.0)
        return belief, rng.normal(size=(draws, *shape)), rng.dirichlet(np.ones(shape[1])), fit / shape[0]

    return st.builds(
        built, st.tuples(st.integers(1, 5), st.integers(1, 4)), st.integers(0, 10**6), st.integers(1, 4), st.floats(0.0, 1.0)
    )  # fmt: skip


@given(beliefs())
def test_shares_sum_to_one_at_most_and_floors_are_kept(case: tuple[Belief, Floats, Floats, float]) -> None:
    belief, normals, weights, floor = case
    given_ = shares(belief, normals, floor, weights)
    assert given_.shape == belief.mean.shape
    assert given_.sum() <= 1.0 + 1e-12
    assert (given_ >= floor * weights - 1e-15).all()
    assert (given_.sum(axis=0) <= weights + 1e-12).all()
    drawn = belief.mean + np.sqrt(belief.variance) * normals
    never = (drawn <= 0.0).all(axis=0)
    assert given_[never] == pytest.approx((floor * weights + np.zeros_like(drawn[0]))[never])
    always = (drawn > 0.0).any(axis=1).all(axis=0)
    assert given_.sum(axis=0)[always] == pytest.approx(weights[always])


@given(beliefs(), st.randoms(use_true_random=False))
def test_shares_follow_a_permutation_of_arms(case: tuple[Belief, Floats, Floats, float], random: Any) -> None:
    belief, normals, weights, floor = case
    order = list(range(belief.mean.shape[0]))
    random.shuffle(order)
    moved = Belief(belief.mean[order], belief.variance[order], 0.0, 1.0)
    expected = shares(belief, normals, floor, weights)[order]
    assert (shares(moved, normals[:, order], floor, weights) == expected).all()


def test_several_draws_approach_the_probability_of_being_best() -> None:
    belief = Belief(np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]]), 0.0, 1.0)
    draws = 4000
    given_ = shares(belief, np.random.default_rng(1).normal(size=(draws, 2, 1)), 0.0)
    unspent = stats.norm.cdf(-1.0) * 0.5
    assert abs(1.0 - given_.sum() - unspent) < 4.0 * np.sqrt(unspent * (1.0 - unspent) / draws)
    assert given_[0, 0] > given_[1, 0] > 0.0
    one = np.random.default_rng(2).normal(size=(2, 1))
    assert (shares(belief, one, 0.1) == shares(belief, one[None], 0.1)).all()


def test_shares_refuse_what_does_not_fit() -> None:
    belief = Belief.prior(3, 2, mean=0.0, variance=1.0)
    normals = np.zeros((3, 2))
    for floor in (0.4, -0.1):
        with pytest.raises(ValueError, match="floor"):
            shares(belief, normals, floor)
    for weights in ([0.5, 0.6], [1.5, -0.5], [1.0]):
        with pytest.raises(ValueError, match="weights"):
            shares(belief, normals, 0.1, weights)
    for luck in (np.zeros((2, 3)), np.zeros(2), np.zeros((1, 1, 3, 2))):
        with pytest.raises(ValueError, match="normals"):
            shares(belief, luck, 0.1)


def test_a_holdout_of_one_propensity_is_welchs_difference_of_means() -> None:
    rng = np.random.default_rng(1)
    outcome, treated = rng.gamma(2.0, size=200), rng.random(200) < 0.8
    estimate = lift_estimate(outcome, treated, 0.8)
    assert estimate is not None
    a, b = outcome[treated], outcome[~treated]
    assert estimate.value == pytest.approx(a.mean() - b.mean())
    assert estimate.error == pytest.approx(np.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size))
    test = stats.ttest_ind(a, b, equal_var=False)
    assert estimate.value / estimate.error == pytest.approx(test.statistic)


@pytest.mark.parametrize("leaving", [0.05, 0.2])
def test_the_interval_of_a_holdout_covers(leaving: float) -> None:
    """Propensity depends on what leaving depends on, too: a plain difference of means would be biased."""
    rng = np.random.default_rng(2)
    number, held, plain = 1500, [], []
    for _ in range(1000):
        risky = rng.random(number) < 0.3
        propensity = np.where(risky, 0.8, 0.5)
        treated = rng.random(number) < propensity
        stayed = rng.random(number) >= leaving * np.where(risky, 3.0, 1.0) * np.where(treated, 0.7, 1.0)
        truth = 0.3 * leaving * (0.3 * 3.0 + 0.7)
        held.append(within(lift_estimate(stayed, treated, propensity), truth))
        plain.append(stayed[treated].mean() - stayed[~treated].mean() - truth)
    assert covers(held)
    assert np.mean(plain) < -4.0 * np.std(plain) / np.sqrt(len(plain))


def test_a_holdout_that_says_nothing_says_none() -> None:
    arms = np.array([True, True, False, False])
    assert lift_estimate([1, 0, 1, 1], [True, True, True, False], 0.5) is None
    assert lift_estimate([], [], 0.5) is None
    assert lift_estimate([1, 1, 1, 1], arms, 0.5) is None
    assert lift_estimate(np.full(1000, 0.1), np.arange(1000) % 3 == 0, np.linspace(0.1, 0.9, 1000)) is None
    assert lift_estimate([1, 0, 1, 1], arms, 0.5) is not None
    for propensity in (0.0, 1.0):
        with pytest.raises(ValueError, match="propensity"):
            lift_estimate([1, 0, 1, 1], arms, propensity)
    with pytest.raises(ValueError, match="as many"):
        lift_estimate([1, 0, 1], arms, 0.5)


def test_the_first_week_after_each_switch_is_left_out() -> None:
    on = np.array([0, 0, 1, 1, 1, 0, 0, 1, 1], bool)
    y = np.array([1.0, 2.0, 99.0, 5.0, 6.0, -99.0, 3.0, 99.0, 7.0])
    estimate = switchback(y, on)
    assert estimate is not None
    assert estimate.value == pytest.approx(6.0 - 2.0)
    pooled = stats.ttest_ind([5.0, 6.0, 7.0], [1.0, 2.0, 3.0])
    assert estimate.error == pytest.approx(4.0 / pooled.statistic * np.sqrt(4.0 / 2.0))
    opposite = switchback(y, ~on, before=True)
    assert opposite is not None
    assert opposite.value == pytest.approx(-4.0)
    assert opposite.error == pytest.approx(estimate.error)


def test_the_state_before_decides_about_the_first_week() -> None:
    on = np.array([1, 1, 1, 1, 0, 0, 0, 0], bool)
    y = np.array([50.0, 4.0, 5.0, 6.0, 50.0, 1.0, 2.0, 3.0])
    fresh, continued = switchback(y, on), switchback(y, on, before=True)
    assert fresh is not None
    assert continued is not None
    assert fresh.value == pytest.approx(3.0)
    assert continued.value == pytest.approx(65.0 / 4.0 - 2.0)


@pytest.mark.parametrize(("weeks", "length"), [(13, 2), (26, 3), (52, 2)])
def test_the_interval_of_switchback_weeks_covers(weeks: int, length: int) -> None:
    """Few weeks and carry-over in the first after a switch: intervals taken as normal hold within a percent or two."""
    rng = np.random.default_rng(weeks)
    on = np.arange(weeks) // length % 2 == 1
    first = np.diff(on, prepend=False)
    held = [
        within(switchback(rng.normal(10.0, 2.0, weeks) + 3.0 * (on & ~first) + 40.0 * first, on), 3.0) for _ in range(2000)
    ]  # fmt: skip
    used = int((~first).sum()) - 2
    nominal = 1.0 - 2.0 * stats.t.sf(1.96 * np.sqrt(used / (used - 2.0)), used)
    assert abs(nominal - 0.95) < 0.01
    assert covers(held, nominal)


def test_switchback_weeks_that_say_nothing_say_none() -> None:
    y = np.arange(8.0)
    assert switchback(y, np.zeros(8, bool)) is None
    assert switchback(y, np.arange(8) % 2 == 1) is None
    assert switchback([1, 2, 3, 4, 5], [False, False, True, True, True]) is None
    assert switchback(np.full(12, 0.1), np.arange(12) // 3 % 2 == 1) is None
    assert switchback([], []) is None
    with pytest.raises(ValueError, match="as many"):
        switchback(y, [True])


LIFTS = np.array([[0.2, -0.5], [0.6, 0.1], [0.0, 0.5], [-0.4, -0.2]])
"""True lift per unit of money of four tactics in two segments."""
FLOOR = 0.05


def campaign(
    seed: int, lifts: list[Floats], memory: float = 1.0, learns: bool = True
) -> tuple[Floats, Floats]:
    """A firm's reviews: what it loses by review against the best, and its last shares.

    Estimates are as exact as the money spent on a tactic allows.
    """
    rng = np.random.default_rng(seed)
    belief = Belief.prior(lifts[0].shape[0], lifts[0].shape[1], mean=0.0, variance=0.25)
    uniform = np.full(lifts[0].shape, 1.0 / lifts[0].size)
    lost, spent = [], uniform
    for true in lifts:
        normals, noise = rng.normal(size=(2, *true.shape))
        spent = shares(belief, normals, FLOOR) if learns else uniform
        best = (1.0 - FLOOR * len(true)) * true.max(axis=0) + FLOOR * true.sum(axis=0)
        lost.append(best.mean() - float((spent * true).sum()))
        belief.forget(memory)
        for arm, segment in np.ndindex(*true.shape):
            error = 0.15 / float(np.sqrt(spent[arm, segment]))
            belief.update(
                arm, segment, Estimate(float(true[arm, segment] + error * noise[arm, segment]), error)
            )
    return np.array(lost), spent


def test_it_regrets_less_than_uniform_shares_and_ever_less() -> None:
    seeds, reviews = 60, 24
    sampled, uniform = (
        np.array([campaign(seed, [LIFTS] * reviews, learns=learns)[0] for seed in range(seeds)]) for learns in (True, False)
    )  # fmt: skip
    early, late = sampled[:, :6].mean(axis=1), sampled[:, -6:].mean(axis=1)
    for difference in (uniform.mean(axis=1) - sampled.mean(axis=1), early - late):
        assert difference.mean() > 4.0 * difference.std(ddof=1) / np.sqrt(seeds)
    assert late.mean() < 0.25 * uniform.mean()


def test_with_forgetting_it_follows_a_drift() -> None:
    seeds, half = 60, 16
    drift = [LIFTS] * half + [LIFTS[::-1]] * half
    forgets, keeps = (
        np.array([campaign(seed, drift, memory)[0] for seed in range(seeds)]) for memory in (0.7, 1.0)
    )
    after = keeps[:, half + 4 :].mean(axis=1) - forgets[:, half + 4 :].mean(axis=1)
    assert after.mean() > 4.0 * after.std(ddof=1) / np.sqrt(seeds)
    before = forgets[:, 4:half].mean(axis=1) - keeps[:, 4:half].mean(axis=1)
    assert before.mean() > 4.0 * before.std(ddof=1) / np.sqrt(seeds)
