"""Crossing: the tidy table of runs as one array, every scenario on every draw and every luck."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from experiments.tasks import EQUAL_SPEND

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RUN_COLUMNS = ("scenario", "draw", "replicate", "provider", "segment", "metric", "unit", "value")
CELL_COLUMNS = ("provider", "segment", "metric", "unit")


@dataclass(frozen=True)
class Crossing:
    """All runs, fully crossed: scenarios share draws, and draws share lucks.

    Attributes:
        cells: one row per combination of `CELL_COLUMNS` that occurs, sorted.
        scenarios: names, sorted.
        draws, replicates: labels, sorted.
        values: shape (cells, scenarios, draws, replicates); NaN where a run has no such value.
        listed: shape (cells, scenarios); whether any row of the runs names this combination.
    """

    cells: pd.DataFrame
    scenarios: tuple[str, ...]
    draws: tuple[int, ...]
    replicates: tuple[int, ...]
    values: FloatArray
    listed: BoolArray

    def position(self, scenario: str, role: str = "scenario") -> int:
        """Where a scenario stands in `scenarios`.

        Raises:
            ValueError: no run belongs to it; names those that have runs.
        """
        if scenario not in self.scenarios:
            known = ", ".join(self.scenarios)
            raise ValueError(f"{role} is {scenario!r}, which was not run; runs exist for {known}.")
        return self.scenarios.index(scenario)

    def narrowed(self, **keys: str) -> Crossing:
        """The same scenarios, draws and replicates, with only the cells that have these keys.

        Filter here and not in the runs: a draw in which a metric is undefined everywhere must stay, as NaN.

        Raises:
            ValueError: no cell has them.
        """
        rows = np.ones(len(self.cells), dtype=np.bool_)
        for column, name in keys.items():
            rows &= (self.cells[column] == name).to_numpy(dtype=np.bool_)
        if not rows.any():
            asked = ", ".join(f"{column} {name!r}" for column, name in keys.items())
            raise ValueError(f"No run has a value for {asked}.")
        cells = self.cells[rows].reset_index(drop=True)
        return replace(self, cells=cells, values=self.values[rows], listed=self.listed[rows])

    def defined(self) -> IntArray:
        """In how many runs each value is defined, shape (cells, scenarios)."""
        count: IntArray = np.isfinite(self.values).sum(axis=(2, 3), dtype=np.int64)
        return count


def crossing(runs: pd.DataFrame) -> Crossing:
    """Pivot the runs table to arrays.

    A value that is missing or NaN is undefined (`return_on_spend` where nothing was spent): it stays NaN and is never
    read as 0.

    Args:
        runs: `RUN_COLUMNS`, one row per value, in any order.

    Raises:
        ValueError: a column lacks, there is no row, a key is empty, a value is infinite, or one value is given twice.
    """
    lacking = [column for column in RUN_COLUMNS if column not in runs.columns]
    if lacking:
        raise ValueError(f"The runs lack the column {lacking[0]!r}; they need {', '.join(RUN_COLUMNS)}.")
    if runs.empty:
        raise ValueError("There are no runs to summarise; at least one finished run is needed.")
    codes: dict[str, IntArray] = {}
    labels: dict[str, list[Any]] = {}
    for column in RUN_COLUMNS[:-1]:
        codes[column], labels[column] = _coded(runs, column)
    cells, cell = _cells(codes, labels)
    shape = (len(cells), *(len(labels[column]) for column in ("scenario", "draw", "replicate")))
    place = np.ravel_multi_index((cell, codes["scenario"], codes["draw"], codes["replicate"]), shape)
    number = runs["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    _check(runs, place, number)
    values = np.full(shape, np.nan)
    values.reshape(-1)[place] = number
    listed = np.zeros(shape[:2], dtype=np.bool_)
    listed[cell, codes["scenario"]] = True
    return Crossing(
        cells,
        tuple(str(name) for name in labels["scenario"]),
        tuple(int(label) for label in labels["draw"]),
        tuple(int(label) for label in labels["replicate"]),
        values,
        listed,
    )


def plain_name(scenario: str) -> str:
    """The scenario's name without the mark of equal spend."""
    return scenario.removesuffix(EQUAL_SPEND)


def _coded(runs: pd.DataFrame, column: str) -> tuple[IntArray, list[Any]]:
    codes, labels = pd.factorize(runs[column], sort=True)
    if (codes < 0).any():
        raise ValueError(f"The runs have an empty {column!r}; every row names one.")
    return codes.astype(np.int64), list(labels)


def _cells(codes: dict[str, IntArray], labels: dict[str, list[Any]]) -> tuple[pd.DataFrame, IntArray]:
    shape = tuple(len(labels[column]) for column in CELL_COLUMNS)
    combined = np.ravel_multi_index(tuple(codes[column] for column in CELL_COLUMNS), shape)
    occurring, cell = np.unique(combined, return_inverse=True)
    where = np.unravel_index(occurring, shape)
    columns = {
        column: [str(labels[column][code]) for code in found]
        for column, found in zip(CELL_COLUMNS, where, strict=True)
    }
    return pd.DataFrame(columns), cell.astype(np.int64)


def _check(runs: pd.DataFrame, place: npt.NDArray[np.intp], number: FloatArray) -> None:
    if np.isinf(number).any():
        row = _named(runs, int(np.flatnonzero(np.isinf(number))[0]))
        raise ValueError(f"The runs hold an infinite value for {row}; leave out what is undefined.")
    order = np.argsort(place, kind="stable")
    twice = np.flatnonzero(np.diff(place[order]) == 0)
    if twice.size:
        row = _named(runs, int(order[twice[0] + 1]))
        raise ValueError(f"The runs hold two values for {row}; each run gives a metric once.")


def _named(runs: pd.DataFrame, position: int) -> str:
    row = runs.iloc[position]
    return ", ".join(f"{column} {row[column]}" for column in RUN_COLUMNS[:-2])
