"""Pairing, replicates still needed, and the one look that keeps a stopped interval honest."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from experiments.intervals import luck_interval
from experiments.precision import (
    PAIRING_COLUMNS,
    Plan,
    TargetPrecision,
    luck_deviation,
    pairing,
    replicates_needed,
    variance_ratio,
)

RunsOf = Callable[..., pd.DataFrame]


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_the_ratio_of_correlated_lucks_is_found_again(correlation: float) -> None:
    """Equal variances and correlation c: 2 s^2 / (2 s^2 (1 - c)) = 1 / (1 - c)."""
    rng = np.random.default_rng(1)
    covariance = [[1.0, correlation], [correlation, 1.0]]
    luck = rng.multivariate_normal([0.0, 0.0], covariance, size=20_000).T[:, None, :]
    market = rng.standard_normal((2, 4, 1))
    assert variance_ratio(*(market + luck)) == pytest.approx(1.0 / (1.0 - correlation), rel=0.03)


def test_unequal_variances_add_up() -> None:
    one, other = np.array([[1.0, 2.0, 4.0, 9.0]]), np.array([[2.0, 2.0, 5.0, 7.0]])
    expected = (np.var(one, ddof=1) + np.var(other, ddof=1)) / np.var(one - other, ddof=1)
    assert float(variance_ratio(one, other)) == pytest.approx(expected, rel=1e-12)


def test_luck_that_cancels_is_worth_infinitely_much_and_no_luck_nothing() -> None:
    luck = np.array([[1.0, 2.0, 4.0]])
    assert np.isposinf(variance_ratio(luck, luck + 5.0))
    assert np.isnan(variance_ratio(np.ones((1, 3)), np.zeros((1, 3))))
    assert np.isnan(variance_ratio(luck[:, :1], luck[:, 1:2]))


def test_the_replicate_is_the_unit_of_luck() -> None:
    values = np.array([[1.0, 5.0, 3.0], [3.0, 1.0, 5.0]])
    assert float(luck_deviation(values)) == pytest.approx(np.std([2.0, 3.0, 4.0], ddof=1))


def test_replicates_needed_are_steins() -> None:
    values = np.array([[1.0, 5.0, 3.0, 4.0, 9.0, 2.0]])
    student = scipy.stats.t.ppf(0.975, 5)
    for half_width in (0.1, 0.5, 1.0):
        expected = np.ceil((student * np.std(values, ddof=1) / half_width) ** 2)
        assert float(replicates_needed(values, np.array(half_width))) == expected
    assert float(replicates_needed(values, np.array(100.0))) == 6.0
    assert float(replicates_needed(np.ones((3, 4)), np.array(0.1))) == 4.0
    assert np.isnan(replicates_needed(values[:, :1], np.array(0.1)))


@pytest.mark.parametrize("half_width", [0.5, 0.8, 1.2])
def test_stopping_at_a_precision_keeps_the_coverage_and_the_width(half_width: float) -> None:
    """1,000 comparisons with truth 0, each stopped at its own number of replicates."""
    target = TargetPrecision(half_width, pilot=6, cap=400)
    lucks = np.random.default_rng(2).standard_normal((1_000, 400))
    covered, widths = 0, []
    for luck in lucks:
        needed = replicates_needed(luck[None, : target.pilot], np.array(half_width))
        low, high = luck_interval(luck[None, : min(int(needed), target.cap)], pilot=target.pilot)
        covered += int(low <= 0.0 <= high)
        widths.append(float(high - low) / 2.0)
    assert 930 <= covered <= 970
    assert max(widths) <= half_width * (1.0 + 1e-12)


def test_looking_again_and_again_would_cover_too_rarely() -> None:
    """What the one look is there to avoid: the first replicate at which the usual interval is short enough."""
    lucks = np.random.default_rng(3).standard_normal((1_000, 64))
    covered = 0
    for luck in lucks:
        counts = range(4, 65)
        short = (n for n in counts if np.diff(luck_interval(luck[None, :n]), axis=0)[0] <= 1.0)
        low, high = luck_interval(luck[None, : next(short, 64)])
        covered += int(low <= 0.0 <= high)
    assert covered < 930


def test_a_plan_serves_the_scenario_that_needs_most(runs_of: RunsOf) -> None:
    rng = np.random.default_rng(4)
    values = rng.standard_normal((3, 2, 8)) * np.array([0.0, 1.0, 4.0])[:, None, None] + 100.0
    runs = runs_of(values, ["none", "active", "blend"])
    target = TargetPrecision(0.5, pilot=8, cap=10_000)
    plan = target.plan(runs, "none", "profit", "focal")
    assert plan.replicates == int(replicates_needed(values[2] - values[0], np.array(0.5)))
    assert plan.reached
    relative = TargetPrecision(0.005, relative=True, pilot=8, cap=10_000)
    assert relative.plan(runs, "none", "profit", "focal") == plan


def test_a_plan_looks_at_the_pilot_alone(runs_of: RunsOf) -> None:
    values = np.random.default_rng(5).standard_normal((2, 2, 20))
    early, late = runs_of(values[..., :8], ["none", "active"]), runs_of(values, ["none", "active"])
    target = TargetPrecision(0.3, pilot=8)
    assert target.plan(late, "none", "profit", "focal") == target.plan(early, "none", "profit", "focal")


def test_a_plan_stops_at_its_cap_and_says_so(runs_of: RunsOf) -> None:
    values = np.random.default_rng(6).standard_normal((2, 2, 8))
    plan = TargetPrecision(0.01, pilot=8, cap=50).plan(
        runs_of(values, ["none", "active"]), "none", "profit", "focal"
    )
    assert plan.replicates == 50
    assert plan.wanted > 50
    assert not plan.reached


def test_identical_scenarios_need_no_more(runs_of: RunsOf) -> None:
    values = np.tile(np.random.default_rng(7).standard_normal((1, 2, 8)), (2, 1, 1))
    plan = TargetPrecision(0.01, pilot=8).plan(
        runs_of(values, ["none", "placebo"]), "none", "profit", "focal"
    )
    assert plan == Plan(replicates=8, wanted=8)


def test_a_plan_without_enough_to_look_at_is_refused(runs_of: RunsOf) -> None:
    values = np.random.default_rng(8).standard_normal((2, 2, 8))
    with pytest.raises(ValueError, match="replicates is 8; the look needs pilot=9 or more"):
        TargetPrecision(0.1, pilot=9).plan(runs_of(values, ["none", "active"]), "none", "profit", "focal")
    values[1, 0, 3] = np.nan
    with pytest.raises(ValueError, match="no precision to plan for"):
        TargetPrecision(0.1, pilot=8).plan(runs_of(values, ["none", "active"]), "none", "profit", "focal")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"half_width": 0.0}, "half_width is 0.0; allowed is any positive number"),
        ({"half_width": 1.0, "pilot": 1}, "pilot is 1; at least 2 replicates"),
        ({"half_width": 1.0, "pilot": 8, "cap": 7}, "cap is 7; allowed is the pilot's 8 or more"),
    ],
)
def test_an_impossible_target_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TargetPrecision(**values)  # type: ignore[arg-type]


def test_the_pairing_table_has_a_row_for_each_difference(runs_of: RunsOf) -> None:
    rng = np.random.default_rng(9)
    values = rng.standard_normal((2, 3, 4, 6)) + 20.0
    runs = runs_of(values, ["none", "blend", "active"], ["profit", "cost"])
    table = pairing(runs, "none", TargetPrecision(0.01, relative=True), "focal")
    assert tuple(table.columns) == PAIRING_COLUMNS
    assert table[["scenario", "metric"]].to_numpy().tolist() == [
        ["active", "cost"],
        ["active", "profit"],
        ["blend", "cost"],
        ["blend", "profit"],
    ]
    row = table.iloc[1]
    low, high = luck_interval(values[0, 2] - values[0, 0])
    assert row["half_width"] == pytest.approx(float(high - low) / 2.0)
    assert row["variance_ratio"] == pytest.approx(float(variance_ratio(values[0, 2], values[0, 0])))
    assert row["target_half_width"] == pytest.approx(0.01 * values[0, 0].mean())
    assert row["replicates"] == 6
    wished = np.array(0.01 * values[0, 0].mean())
    assert row["replicates_needed"] == float(replicates_needed(values[0, 2] - values[0, 0], wished))


def test_pairing_leaves_empty_what_one_replicate_cannot_tell(runs_of: RunsOf) -> None:
    runs = runs_of(np.random.default_rng(10).standard_normal((2, 4, 1)), ["none", "active"])
    table = pairing(runs, "none", TargetPrecision(0.1), "focal")
    assert table[["variance_ratio", "half_width", "replicates_needed"]].isna().all(axis=None)
    assert pairing(runs[runs["scenario"] == "none"], "none", TargetPrecision(0.1), "focal").empty
