"""Cells: readings follow the intervals, and the summary is read whatever its empty cells look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from experiments.report import ReportInput
from experiments.report.cells import Cell, Cells, Interval, Reading, ordered, spoken

NAN = float("nan")


def cell(
    difference: float, market: tuple[float, float], luck: tuple[float, float], direction: int = 1
) -> Cell:
    unknown = Interval(NAN, NAN)
    return Cell(
        "active", "north", "all", "m", "share", direction, 1.0, unknown, unknown, difference,
        Interval(*market), Interval(*luck), NAN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("difference", "market", "luck", "direction", "reading"),
    [
        (0.3, (0.1, 0.5), (0.2, 0.4), 1, Reading("better")),
        (0.3, (0.1, 0.5), (0.2, 0.4), -1, Reading("worse")),
        (-0.3, (-0.5, -0.1), (-0.4, -0.2), -1, Reading("better")),
        (-0.3, (-0.5, -0.1), (-0.4, -0.2), 0, Reading("lower")),
        (0.3, (-0.1, 0.7), (0.2, 0.4), 1, Reading("unclear", "market")),
        (0.3, (0.1, 0.5), (-0.1, 0.7), 1, Reading("unclear", "luck")),
        (0.3, (0.0, 0.5), (0.0, 0.7), 1, Reading("unclear", "both")),
        (0.0, (0.0, 0.0), (0.0, 0.0), 1, Reading("identical")),
        (0.0, (-0.1, 0.1), (0.0, 0.0), 1, Reading("unclear", "both")),
        (0.3, (NAN, NAN), (0.2, 0.4), 1, Reading("better", at_point_values=True)),
        (0.3, (NAN, NAN), (-0.2, 0.4), 1, Reading("unclear", "luck", True)),
        (0.3, (NAN, NAN), (NAN, NAN), 1, Reading("unclear", "one run", True)),
        (0.0, (NAN, NAN), (NAN, NAN), 1, Reading("identical", at_point_values=True)),
        (NAN, (NAN, NAN), (NAN, NAN), 1, Reading("missing")),
    ],
)
def test_readings(
    difference: float,
    market: tuple[float, float],
    luck: tuple[float, float],
    direction: int,
    reading: Reading,
) -> None:
    assert cell(difference, market, luck, direction).reading("none") == reading


def test_the_baseline_reads_as_itself() -> None:
    assert cell(NAN, (NAN, NAN), (NAN, NAN)).reading("active") == Reading("baseline")


def test_a_summary_read_from_text_gives_the_same_cells(
    build: Callable[..., ReportInput], tmp_path: Any
) -> None:
    results = build()
    path = tmp_path / "summary.csv"
    results.summary.to_csv(path, index=False)
    again = build(summary=pd.read_csv(path, keep_default_na=False, dtype=str))
    assert len(Cells(results)) == len(results.summary) == len(Cells(again))
    for mine, other in zip(Cells(results), Cells(again), strict=True):
        assert repr(mine) == repr(other)


def test_the_cells_know_scenarios_segments_and_providers(results: ReportInput) -> None:
    cells = Cells(results)
    assert cells.scenarios == ("none", "today", "placebo", "passive", "active", "blend")
    assert cells.equal_spend == ("passive@equal_spend", "active@equal_spend", "blend@equal_spend")
    assert cells.segments() == ("comfort_seekers", "deal_seekers", "relationship_seekers")
    assert cells.providers() == ("north", "harbour", "plains")


def test_the_order_is_told_then_baseline_then_usual_then_by_name() -> None:
    names = ["zeal", "blend", "active", "today", "alpha", "none"]
    assert ordered(names, "today") == ("today", "none", "active", "blend", "alpha", "zeal")
    assert ordered(names, "none", ["zeal"]) == ("zeal", "none", "today", "active", "blend", "alpha")
    assert spoken("active@equal_spend") == "active, equal spend"
