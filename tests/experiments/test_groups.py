"""The four groups and their bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.groups import GROUPS, bounds, types_of


def test_types_by_stays() -> None:
    stayed = np.array([True, True, False, False])
    baseline = np.array([False, True, False, True])
    assert [GROUPS[n] for n in types_of(stayed, baseline)] == [
        "persuadable",
        "sure thing",
        "lost cause",
        "sleeping dog",
    ]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_realised_shares_lie_within_the_bounds(pairs: list[tuple[bool, bool]]) -> None:
    stayed, baseline = (np.array(column) for column in zip(*pairs))
    types = types_of(stayed, baseline)
    limits = bounds(float(stayed.mean()), float(baseline.mean()))
    for n, name in enumerate(GROUPS):
        low, high = limits[name]
        assert low - 1e-12 <= (types == n).mean() <= high + 1e-12


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_bounds_are_shares_that_some_coupling_attains(stay: float, baseline: float) -> None:
    limits = bounds(stay, baseline)
    assert all(-1e-12 <= low <= high + 1e-12 <= 1.0 + 2e-12 for low, high in limits.values())
    least = (
        limits["persuadable"][0]
        + limits["sure thing"][1]
        + limits["lost cause"][1]
        + limits["sleeping dog"][0]
    )
    most = (
        limits["persuadable"][1]
        + limits["sure thing"][0]
        + limits["lost cause"][0]
        + limits["sleeping dog"][1]
    )
    assert least == pytest.approx(1.0)
    assert most == pytest.approx(1.0)


def test_bounds_of_a_known_case() -> None:
    limits = bounds(0.7, 0.6)
    assert limits["persuadable"] == pytest.approx((0.1, 0.4))
    assert limits["sleeping dog"] == pytest.approx((0.0, 0.3))
    assert limits["sure thing"] == pytest.approx((0.3, 0.6))
    assert limits["lost cause"] == pytest.approx((0.0, 0.3))
