"""Winners are best, and decided only where luck leaves no other."""

import numpy as np
import pytest

from experiments.points.winners import winners

LUCK = np.random.default_rng(5).normal(size=(1, 1, 8))


def values(
    *levels: tuple[float, ...], noise: float = 0.0
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Points of scenarios with these levels under one luck; `noise` is the unpaired part."""
    own = np.random.default_rng(6).normal(size=(len(levels), len(levels[0]), 1, 8)) * noise
    return np.array(levels)[:, :, None, None] + LUCK + own


def test_common_luck_decides_nothing_and_own_luck_does() -> None:
    sure = winners(values((1.0, 2.0, 0.0), (3.0, 1.0, 0.0)), 1)
    assert sure.best.tolist() == [1, 0]
    assert sure.second.tolist() == [0, 1]
    assert sure.decided.all()
    assert sure.lead.mean.tolist() == pytest.approx([1.0, 2.0])
    assert not winners(values((1.0, 1.01, 0.0), noise=1.0), 1).decided.any()


def test_less_is_better_where_less_is_better() -> None:
    judged = winners(values((1.0, 2.0, 0.0)), -1)
    assert judged.best.tolist() == [2]
    assert judged.lead.mean.tolist() == pytest.approx([1.0])


def test_a_missing_value_leaves_no_winner() -> None:
    broken = values((1.0, 2.0, 0.0), (3.0, 1.0, 0.0))
    broken[0, 2, 0, 3] = np.nan
    judged = winners(broken, 1)
    assert judged.best.tolist() == [-1, 0]
    assert judged.decided.tolist() == [False, True]
    assert np.isnan(judged.p_best[0]).all()


def test_twins_are_no_rivals() -> None:
    assert winners(values((2.0, 2.0, 0.0)), 1).decided.all()
