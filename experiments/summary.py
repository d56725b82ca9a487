"""Summary: every scenario and metric with its difference, both intervals and its probability of being best."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.contest import contest
from experiments.crossing import CELL_COLUMNS, Crossing, FloatArray, IntArray, crossing
from experiments.intervals import estimate
from experiments.tables import write_csv
from experiments.tasks import EQUAL_SPEND

TEXT_COLUMNS = ("scenario", *CELL_COLUMNS)
LEVEL_COLUMNS = ("mean", "low", "high", "luck_low", "luck_high")
DIFFERENCE_COLUMNS = (
    "difference",
    "difference_low",
    "difference_high",
    "difference_luck_low",
    "difference_luck_high",
)
NUMBER_COLUMNS = (*LEVEL_COLUMNS, *DIFFERENCE_COLUMNS, "p_best")
SUMMARY_COLUMNS = (*TEXT_COLUMNS, "direction", *NUMBER_COLUMNS)


def summary(
    runs: pd.DataFrame, baseline: str, directions: Mapping[str, int], pilot: int | None = None
) -> pd.DataFrame:
    """The table of `summary.csv`: `SUMMARY_COLUMNS`, sorted by its text columns.

    Differences are paired, scenario minus baseline, run by run. `p_best` is decided among the scenarios as they are,
    and for the rows `NAME@equal_spend` among those and the scenarios that have no such twin (they spend the common
    amount, or nothing, as they are). A cell is NaN, empty in the file, where it has no meaning: differences of the
    baseline, `p_best` of a metric without direction; and where it cannot be had: with one draw `low, high, p_best`,
    with one replicate the luck intervals, and everything whose value is undefined in some run (`undefined` counts
    them).

    Args:
        runs: `crossing.RUN_COLUMNS`; NaN or a missing row where a metric is undefined.
        baseline: scenario that differences are taken against.
        directions: for every metric +1 (more is better), -1 (less is) or 0 (neither).
        pilot: see `intervals.luck_interval`.

    Raises:
        ValueError: the runs are not a crossing, the baseline was not run, or a metric has no direction.
    """
    crossed = crossing(runs)
    home = crossed.position(baseline, "baseline")
    direction = _directions(crossed, directions)
    level = estimate(crossed.values, pilot)
    change = estimate(crossed.values - crossed.values[:, home, None], pilot)
    differences = (change.mean, change.low, change.high, change.luck_low, change.luck_high)
    for table in differences:
        table[:, home] = np.nan
    numbers = (
        level.mean,
        level.low,
        level.high,
        level.luck_low,
        level.luck_high,
        *differences,
        p_best(crossed, direction),
    )
    return _table(crossed, direction, dict(zip(NUMBER_COLUMNS, numbers, strict=True)))


def p_best(crossed: Crossing, direction: IntArray) -> FloatArray:
    """Probability of being truly best, shape (cells, scenarios); see `contest.contest`.

    Args:
        crossed: the runs.
        direction: +1, -1 or 0 per cell; NaN comes back where it is 0.
    """
    result = np.full(crossed.listed.shape, np.nan)
    cells = np.flatnonzero(direction)
    plain = plain_field(crossed.scenarios)
    for field in (plain, equal_spend_field(crossed.scenarios)):
        if not cells.size or not field:
            continue
        who = np.array([crossed.scenarios.index(name) for name in field])
        values = crossed.values[np.ix_(cells, who)] * direction[cells, None, None, None]
        probability = contest(values).probability
        for column, name in enumerate(field):
            if field is plain or name not in plain:
                result[cells, who[column]] = probability[:, column]
    return result


def plain_field(scenarios: Iterable[str]) -> tuple[str, ...]:
    """The scenarios as configured, which compete with each other."""
    return tuple(name for name in scenarios if not name.endswith(EQUAL_SPEND))


def equal_spend_field(scenarios: Iterable[str]) -> tuple[str, ...]:
    """The scenarios that compete at equal spend: scaled ones, and plain ones without a scaled twin.

    Empty where nothing was scaled.
    """
    names = set(scenarios)
    if not any(name.endswith(EQUAL_SPEND) for name in names):
        return ()
    return tuple(sorted(name for name in names if f"{name}{EQUAL_SPEND}" not in names))


def undefined(runs: pd.DataFrame) -> pd.DataFrame:
    """Values the summary leaves empty: `TEXT_COLUMNS`, `defined` and `runs` (how many runs have it, of how many)."""
    crossed = crossing(runs)
    counts, total = crossed.defined(), len(crossed.draws) * len(crossed.replicates)
    cell, scenario = np.nonzero((counts < total) & crossed.listed)
    table = crossed.cells.iloc[cell].reset_index(drop=True)
    table.insert(0, "scenario", [crossed.scenarios[i] for i in scenario])
    table = table.assign(defined=counts[cell, scenario], runs=total)
    return table.sort_values(list(TEXT_COLUMNS), ignore_index=True)


def write_summary(frame: pd.DataFrame, path: Path) -> None:
    """Write `summary.csv`, see `tables.write_csv`.

    Raises:
        ValueError: a column lacks.
        OSError: the folder cannot be written.
    """
    lacking = [column for column in SUMMARY_COLUMNS if column not in frame.columns]
    if lacking:
        raise ValueError(
            f"The summary lacks the column {lacking[0]!r}; it needs {', '.join(SUMMARY_COLUMNS)}."
        )
    texts = [frame[column].tolist() for column in TEXT_COLUMNS]
    numbers = [frame[column].astype(np.float64).tolist() for column in NUMBER_COLUMNS]
    directions = [int(value) for value in frame["direction"]]
    write_csv(SUMMARY_COLUMNS, zip(*texts, directions, *numbers, strict=True), path)


def read_summary(path: Path) -> pd.DataFrame:
    """Read `summary.csv` as `summary` returned it, every float to the bit.

    Raises:
        ValueError: the file's columns are not `SUMMARY_COLUMNS`.
        OSError: it cannot be read.
    """
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    if tuple(header) != SUMMARY_COLUMNS:
        raise ValueError(f"{path} is not a summary; its columns should be {', '.join(SUMMARY_COLUMNS)}.")
    columns = dict(zip(SUMMARY_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}
    frame = pd.DataFrame({column: list(columns.get(column, ())) for column in TEXT_COLUMNS}, dtype=str)
    frame["direction"] = np.array([int(value) for value in columns.get("direction", ())], dtype=np.int64)
    for column in NUMBER_COLUMNS:
        values = [float(value) if value else math.nan for value in columns.get(column, ())]
        frame[column] = np.array(values, dtype=np.float64)
    return frame


def _directions(crossed: Crossing, directions: Mapping[str, int]) -> IntArray:
    metrics = crossed.cells["metric"]
    for metric in metrics:
        if directions.get(metric) not in (-1, 0, 1):
            found = directions.get(metric)
            raise ValueError(f"The direction of metric {metric!r} is {found}; allowed are 1, -1 and 0.")
    return np.array([directions[metric] for metric in metrics], dtype=np.int64)


def _table(crossed: Crossing, direction: IntArray, numbers: Mapping[str, FloatArray]) -> pd.DataFrame:
    scenario, cell = np.nonzero(crossed.listed.T)
    columns: dict[str, object] = {"scenario": [crossed.scenarios[i] for i in scenario]}
    for column in CELL_COLUMNS:
        texts = crossed.cells[column].tolist()
        columns[column] = [texts[i] for i in cell]
    frame = pd.DataFrame(columns, dtype=str)
    frame["direction"] = direction[cell]
    for column, values in numbers.items():
        frame[column] = values[cell, scenario]
    return frame
