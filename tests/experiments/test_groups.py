"""The four groups and their bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.groups import GROUPS, bounds, types_of
from experiments.outputs import groups_frame
from experiments.tasks import Outcome


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


def test_the_table_of_groups_has_mean_shares_with_mean_bounds_and_shares_of_the_money() -> None:
    """Two runs: 70 and 60 of 100 stay in the scenario, 60 and 60 in the baseline, which itself has no groups."""
    empty = np.empty((0, 0, 0))

    def ran(groups: tuple[tuple[str, float, float], ...]) -> Outcome:
        return Outcome(scenario="", runs=empty, timeline=empty, days=np.empty(0), groups=groups)

    first = ran((("persuadable", 0.2, 4.0), ("sure thing", 0.5, 3.0), ("lost cause", 0.2, 2.0), ("sleeping dog", 0.1, 1.0)))  # fmt: skip
    second = ran((("persuadable", 0.0, 0.0), ("sure thing", 0.6, 6.0), ("lost cause", 0.4, 4.0), ("sleeping dog", 0.0, 0.0)))  # fmt: skip
    table = groups_frame({("active", 0, 0): first, ("active", 0, 1): second, ("none", 0, 0): ran(())})
    assert table.iloc[:, :2].to_numpy().tolist() == [["active", name] for name in GROUPS]
    limits = [bounds(0.7, 0.6), bounds(0.6, 0.6)]
    assert table["share"].tolist() == pytest.approx([0.1, 0.55, 0.3, 0.05])
    for column, end in (("bound_low", 0), ("bound_high", 1)):
        assert table[column].tolist() == pytest.approx(
            [np.mean([one[name][end] for one in limits]) for name in GROUPS]
        )
    assert table.iloc[:, -2].tolist() == pytest.approx([2.0, 4.5, 3.0, 0.5])
    assert table.iloc[:, -1].tolist() == pytest.approx([0.2, 0.45, 0.3, 0.05])
    assert table[["low", "high"]].isna().all(axis=None)  # one draw says nothing of other markets
    assert (table["luck_low"] <= table["share"]).all()
    assert (table["share"] <= table["luck_high"]).all()
