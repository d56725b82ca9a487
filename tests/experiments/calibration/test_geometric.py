"""One retention rate for all: closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.calibration import geometric
from experiments.calibration.durations import Durations


def test_two_classes_of_customers() -> None:
    there = 10_000 * geometric.class_survival(range(5), [1 / 3, 2 / 3], [0.9, 0.5])
    assert there.round().tolist() == [10_000, 6_333, 4_367, 3_263, 2_604]


def test_classes_must_be_a_whole() -> None:
    with pytest.raises(ValueError, match="summing to 1"):
        geometric.class_survival([1], [0.5, 0.4], [0.9, 0.5])


@given(st.floats(0.1, 0.98), st.floats(0.02, 0.3))
def test_lifetime_value_is_the_sum_of_discounted_margins(retention: float, discount: float) -> None:
    t = np.arange(1, 3_000)
    direct = (7.0 * (retention / (1 + discount)) ** t).sum()
    assert geometric.lifetime_value(7.0, retention, discount) == pytest.approx(direct, rel=1e-9)


@given(st.floats(0.1, 0.95), st.floats(0.02, 0.3))
def test_elasticity_is_the_slope_in_logarithms(retention: float, discount: float) -> None:
    step = 1e-6
    up, down = (geometric.lifetime_value(1.0, retention * (1 + s), discount) for s in (step, -step))
    slope = (np.log(up) - np.log(down)) / (np.log1p(step) - np.log1p(-step))
    assert geometric.retention_elasticity(retention, discount) == pytest.approx(slope, rel=1e-6)


def test_retention_is_renewals_over_renewals_faced() -> None:
    durations = Durations(np.array([20.0, 8.0]), np.array([10.0, 62.0]), "year")
    assert geometric.fit_retention(durations) == pytest.approx(1 - 28 / (100 + 70))
