"""Estimates of related groups drawn to their common mean: closed forms, and errors that are what they say."""

import numpy as np
import pytest

from agents.learning.bandit import Estimate, shrunk


def test_groups_that_do_not_differ_become_their_weighted_mean() -> None:
    """Q below its degrees of freedom: no variance between groups, the fixed-effect mean for all, known and unknown."""
    found = shrunk([Estimate(1.0, 1.0), Estimate(2.0, 2.0), None])
    weights = np.array([1.0, 0.25])
    expected = float(weights @ [1.0, 2.0] / weights.sum())
    for one in found:
        assert one == pytest.approx((expected, weights.sum() ** -0.5))


def test_groups_that_differ_much_keep_what_is_theirs() -> None:
    """With errors that are small beside the differences hardly anything is drawn."""
    values = (-10.0, 0.0, 10.0)
    for one, value in zip(shrunk([Estimate(v, 0.1) for v in values]), values, strict=True):
        assert one is not None
        assert one.value == pytest.approx(value, abs=0.01)
        assert one.error == pytest.approx(0.1, rel=0.01)


def test_the_variance_between_groups_is_dersimonian_and_lairds() -> None:
    """Three groups of one error s: Q = sum (x - m)^2 / s^2, and t^2 = (Q - 2) s^2 / 2."""
    values, error = np.array([0.0, 3.0, 9.0]), 1.5
    q = float(((values - values.mean()) ** 2).sum()) / error**2
    between = (q - 2.0) * error**2 / 2.0
    own = between / (between + error**2)
    variance = (error**2 + between) / 3.0
    for one, value in zip(shrunk([Estimate(float(v), error) for v in values]), values, strict=True):
        assert one is not None
        assert one.value == pytest.approx(own * value + (1.0 - own) * values.mean())
        assert one.error**2 == pytest.approx(own * error**2 + (1.0 - own) ** 2 * variance)


def test_nothing_known_says_nothing() -> None:
    assert shrunk([None, None]) == [None, None]
    assert shrunk([Estimate(2.0, 0.5)]) == [pytest.approx((2.0, 0.5))]


def test_it_is_nearer_to_the_truth_than_single_estimates_when_groups_are_alike() -> None:
    """Mean squared error over many sets of eight groups whose truths spread less than their errors."""
    rng = np.random.default_rng(5)
    raw, drawn = [], []
    for _ in range(400):
        truth = rng.normal(1.0, 0.5, 8)
        seen = truth + rng.normal(0.0, 1.0, 8)
        found = shrunk([Estimate(float(x), 1.0) for x in seen])
        raw.append(((seen - truth) ** 2).mean())
        drawn.append(np.mean([(one.value - t) ** 2 for one, t in zip(found, truth, strict=True) if one]))
    gain = np.array(raw) - np.array(drawn)
    assert gain.mean() > 4.0 * gain.std() / np.sqrt(gain.size)
