"""The summary: its columns, its empty cells, its coverage end to end, and a file that comes back to the bit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.contest import SAMPLES, contest
from experiments.intervals import estimate, luck_interval
from experiments.summary import (
    DIFFERENCE_COLUMNS,
    LEVEL_COLUMNS,
    NUMBER_COLUMNS,
    SUMMARY_COLUMNS,
    TEXT_COLUMNS,
    equal_spend_field,
    plain_field,
    read_summary,
    summary,
    undefined,
    write_summary,
)

RunsOf = Callable[..., pd.DataFrame]
NAMES = ["none", "active", "passive", "active@equal_spend"]
DIRECTIONS = {"profit": 1, "churn_rate": -1, "cost": 0}


@pytest.fixture
def values() -> np.ndarray:
    """Give values of two metrics, four scenarios, six draws and five replicates."""
    rng = np.random.default_rng(1)
    market, luck = rng.standard_normal((2, 1, 6, 1)), rng.standard_normal((2, 1, 1, 5))
    return market + luck + rng.standard_normal((2, 4, 1, 1)) + 0.5 * rng.standard_normal((2, 4, 6, 5))


@pytest.fixture
def runs(runs_of: RunsOf, values: np.ndarray) -> pd.DataFrame:
    """Give them as a runs table."""
    return runs_of(values, NAMES, ["profit", "churn_rate"], ["EUR", "share per month"])


def row(frame: pd.DataFrame, scenario: str, metric: str = "profit") -> pd.Series:
    found = frame[(frame["scenario"] == scenario) & (frame["metric"] == metric)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_columns_are_the_fixed_ones_in_their_order(runs: pd.DataFrame) -> None:
    assert list(summary(runs, "none", DIRECTIONS).columns) == (
        "scenario provider segment metric unit direction mean low high luck_low luck_high difference difference_low "
        "difference_high difference_luck_low difference_luck_high p_best"
    ).split(" ")


def test_rows_are_sorted_whatever_the_order_of_the_runs(runs: pd.DataFrame) -> None:
    frame = summary(runs.sample(frac=1.0, random_state=2), "none", DIRECTIONS)
    texts = frame[list(TEXT_COLUMNS)].to_numpy().tolist()
    assert texts == sorted(texts)
    pd.testing.assert_frame_equal(frame, summary(runs, "none", DIRECTIONS), check_exact=True)


def test_cells_are_the_estimates_of_levels_and_paired_differences(
    runs: pd.DataFrame, values: np.ndarray
) -> None:
    found = row(summary(runs, "none", DIRECTIONS), "active", "churn_rate")
    level, change = estimate(values[1, 1]), estimate(values[1, 1] - values[1, 0])
    for column, part in zip(LEVEL_COLUMNS, vars(level).values(), strict=True):
        assert found[column] == pytest.approx(float(part), rel=1e-12)
    for column, part in zip(DIFFERENCE_COLUMNS, vars(change).values(), strict=True):
        assert found[column] == pytest.approx(float(part), rel=1e-12)
    assert found["direction"] == -1
    assert found["unit"] == "share per month"


def test_the_baseline_has_no_difference(runs: pd.DataFrame) -> None:
    frame = summary(runs, "none", DIRECTIONS)
    assert row(frame, "none")[list(DIFFERENCE_COLUMNS)].isna().all()
    others = frame[frame["scenario"] != "none"]
    assert others[list(DIFFERENCE_COLUMNS)].notna().all(axis=None)


def test_a_metric_without_direction_has_no_best(runs: pd.DataFrame) -> None:
    frame = summary(runs, "none", {"profit": 0, "churn_rate": -1})
    assert frame.loc[frame["metric"] == "profit", "p_best"].isna().all()
    assert frame.loc[frame["metric"] == "churn_rate", "p_best"].notna().all()


def test_plain_and_scaled_scenarios_compete_apart(runs: pd.DataFrame, values: np.ndarray) -> None:
    frame = summary(runs, "none", DIRECTIONS)
    plain, scaled = (
        contest(values[:1, [1, 0, 2]]).probability[0],
        contest(values[:1, [3, 0, 2]]).probability[0],
    )
    simulation = 3.0 * 0.5 / np.sqrt(SAMPLES)
    for name, chance in zip(["active", "none", "passive"], plain, strict=True):
        assert row(frame, name)["p_best"] == pytest.approx(chance, abs=1e-12)
    assert row(frame, "active@equal_spend")["p_best"] == pytest.approx(scaled[0], abs=simulation)
    assert sum(row(frame, name)["p_best"] for name in NAMES[:3]) == pytest.approx(1.0, abs=1e-9)


def test_less_is_better_turns_the_contest_round(runs: pd.DataFrame) -> None:
    up = summary(runs, "none", {"profit": 1, "churn_rate": 1})
    down = summary(runs.assign(value=-runs["value"]), "none", {"profit": -1, "churn_rate": -1})
    np.testing.assert_array_equal(up["p_best"], down["p_best"])


def test_the_fields_of_both_contests() -> None:
    assert plain_field(NAMES) == ("none", "active", "passive")
    assert equal_spend_field(NAMES) == ("active@equal_spend", "none", "passive")
    assert equal_spend_field(["none", "active"]) == ()


def test_identical_scenarios_differ_by_exactly_zero(runs_of: RunsOf, values: np.ndarray) -> None:
    runs = runs_of(values[0][[0, 0]] * 1e7 + 0.1, ["none", "placebo"])
    found = row(summary(runs, "none", DIRECTIONS), "placebo")
    assert found[list(DIFFERENCE_COLUMNS)].tolist() == [0.0] * 5
    assert found["p_best"] == 0.5


def test_one_draw_leaves_three_cells_empty(runs_of: RunsOf, values: np.ndarray) -> None:
    found = row(summary(runs_of(values[0, :2, :1], NAMES[:2]), "none", DIRECTIONS), "active")
    assert found[["low", "high", "p_best", "difference_low", "difference_high"]].isna().all()
    assert found[["mean", "luck_low", "luck_high", "difference", "difference_luck_low"]].notna().all()


def test_one_replicate_leaves_the_luck_intervals_empty(runs_of: RunsOf, values: np.ndarray) -> None:
    found = row(summary(runs_of(values[0, :2, :, :1], NAMES[:2]), "none", DIRECTIONS), "active")
    assert found[["luck_low", "luck_high", "difference_luck_low", "difference_luck_high"]].isna().all()
    assert found[["mean", "low", "high", "difference_low", "p_best"]].notna().all()


def test_what_is_undefined_in_some_run_is_empty_and_counted(runs_of: RunsOf, values: np.ndarray) -> None:
    table = runs_of(values[0, :3], NAMES[:3])
    gone = (table["scenario"] == "active") & (table["draw"] == 2) & (table["replicate"] < 2)
    absent = (table["scenario"] == "active") & (table["draw"] == 4) & (table["replicate"] == 0)
    table.loc[gone, "value"] = np.nan
    table = table[~absent]
    frame = summary(table, "none", DIRECTIONS)
    assert row(frame, "active")[list(NUMBER_COLUMNS)].isna().all()
    assert row(frame, "passive")[["mean", "difference", "low"]].notna().all()
    assert frame["p_best"].isna().all()
    counted = undefined(table)
    assert counted[["scenario", "metric", "defined", "runs"]].to_numpy().tolist() == [
        ["active", "profit", 27, 30]
    ]


def test_an_undefined_baseline_empties_differences_alone(runs_of: RunsOf, values: np.ndarray) -> None:
    table = runs_of(values[0, :3], NAMES[:3])
    table.loc[table["scenario"] == "none", "value"] = np.nan
    frame = summary(table, "none", DIRECTIONS)
    assert row(frame, "active")[list(DIFFERENCE_COLUMNS)].isna().all()
    assert row(frame, "active")[list(LEVEL_COLUMNS)].notna().all()
    assert row(frame, "active")["p_best"] + row(frame, "passive")["p_best"] == pytest.approx(1.0)
    assert np.isnan(row(frame, "none")["p_best"])


def test_a_pilot_reaches_the_luck_intervals(runs: pd.DataFrame, values: np.ndarray) -> None:
    found = row(summary(runs, "none", DIRECTIONS, pilot=3), "active")
    low, high = luck_interval(values[0, 1] - values[0, 0], pilot=3)
    assert found["difference_luck_low"] == pytest.approx(float(low), rel=1e-12)
    assert found["difference_luck_high"] == pytest.approx(float(high), rel=1e-12)
    low, _ = luck_interval(values[0, 1], pilot=3)
    assert found["luck_low"] == pytest.approx(float(low), rel=1e-12)


@pytest.mark.parametrize(
    ("baseline", "directions", "message"),
    [
        ("today", DIRECTIONS, "baseline is 'today', which was not run"),
        ("none", {"profit": 1}, "direction of metric 'churn_rate' is None; allowed are 1, -1 and 0"),
        ("none", {"profit": 1, "churn_rate": 2}, "direction of metric 'churn_rate' is 2"),
    ],
)
def test_what_cannot_be_summarised_is_refused(
    runs: pd.DataFrame, baseline: str, directions: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        summary(runs, baseline, directions)


def test_a_thousand_paired_comparisons_are_covered_end_to_end(runs_of: RunsOf) -> None:
    """Twelve draws, six lucks, two scenarios whose market and luck are mostly shared, known true difference."""
    rng = np.random.default_rng(3)
    count, draws, replicates = 1_000, 12, 6
    common = 5.0 * rng.standard_normal((count, 1, draws, 1)) + 3.0 * rng.standard_normal(
        (count, 1, 1, replicates)
    )
    effect = 0.4 + rng.standard_normal((count, draws))
    truth = np.stack([np.zeros_like(effect), effect], axis=1)[..., None]
    own = 0.4 * rng.standard_normal((count, 2, 1, replicates)) + rng.standard_normal(
        (count, 2, draws, replicates)
    )
    metrics = [f"metric_{i:04d}" for i in range(count)]
    frame = summary(
        runs_of(common + truth + own, ["none", "active"], metrics), "none", dict.fromkeys(metrics, 0)
    )
    found = frame[frame["scenario"] == "active"]
    here, elsewhere = effect.mean(axis=1), 0.4 + rng.standard_normal(count)
    luck = (found["difference_luck_low"] <= here) & (here <= found["difference_luck_high"])
    market = (found["difference_low"] <= elsewhere) & (elsewhere <= found["difference_high"])
    assert 0.93 <= luck.mean() <= 0.97
    assert 0.93 <= market.mean() <= 0.97


def test_the_file_comes_back_to_the_bit(runs: pd.DataFrame, tmp_path: Path) -> None:
    frame = summary(runs, "none", {"profit": 0, "churn_rate": -1})
    write_summary(frame, tmp_path / "summary.csv")
    pd.testing.assert_frame_equal(read_summary(tmp_path / "summary.csv"), frame, check_exact=True)
    assert [file.name for file in tmp_path.iterdir()] == ["summary.csv"]


def test_the_file_holds_floats_as_repr_and_nothing_for_what_is_empty(
    runs: pd.DataFrame, tmp_path: Path
) -> None:
    frame = summary(runs, "none", {"profit": 0, "churn_rate": -1})
    write_summary(frame, tmp_path / "summary.csv")
    lines = (tmp_path / "summary.csv").read_bytes().decode("utf-8").split("\n")
    assert lines[0] == ",".join(SUMMARY_COLUMNS)
    assert lines[-1] == ""
    first = lines[1 + frame.index[(frame["scenario"] == "none") & (frame["metric"] == "profit")][0]].split(
        ","
    )
    assert first[:6] == ["none", "focal", "all", "profit", "EUR", "0"]
    assert first[6] == repr(float(row(frame, "none")["mean"]))
    assert first[11:] == [""] * 6


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=11, max_size=11),
    st.text("a,\"'ü\n ", max_size=5),
)
def test_any_number_and_any_name_come_back(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float], name: str
) -> None:
    texts = {column: [f"{column}{name}"] for column in TEXT_COLUMNS}
    frame = pd.DataFrame(texts, dtype=str).assign(direction=np.array([1]))
    for column, number in zip(NUMBER_COLUMNS, numbers, strict=True):
        frame[column] = np.array([number])
    path = tmp_path_factory.mktemp("summary") / "summary.csv"
    write_summary(frame, path)
    pd.testing.assert_frame_equal(read_summary(path), frame, check_exact=True)


def test_an_empty_summary_comes_back(runs: pd.DataFrame, tmp_path: Path) -> None:
    frame = summary(runs, "none", DIRECTIONS).iloc[:0]
    write_summary(frame, tmp_path / "summary.csv")
    assert read_summary(tmp_path / "summary.csv").empty


def test_a_crash_while_writing_leaves_the_old_file(
    runs: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "summary.csv"
    write_summary(summary(runs, "none", DIRECTIONS), path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("experiments.tables.os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_summary(summary(runs, "passive", DIRECTIONS), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["summary.csv"]


def test_another_table_is_not_read_as_a_summary(runs: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    path.write_text("scenario,mean\nnone,1.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a summary"):
        read_summary(path)
    with pytest.raises(ValueError, match="lacks the column 'p_best'"):
        write_summary(summary(runs, "none", DIRECTIONS).drop(columns="p_best"), path)
