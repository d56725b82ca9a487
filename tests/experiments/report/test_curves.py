"""Curves: the difference is taken between twin worlds, draws weigh the same, bands say what they run over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.report import ReportInput
from experiments.report.curves import at_month, curves, landmarks

ROWS = ["scenario", "draw", "replicate", "value"]


def timeline(rows: list[tuple[str, int, int, float]]) -> pd.DataFrame:
    """Retention at one day."""
    return pd.DataFrame(rows, columns=ROWS).assign(
        provider="north", day=30.4375, metric="retention", unit="share"
    )


def test_the_difference_is_paired_before_anything_is_averaged(build: Callable[..., ReportInput]) -> None:
    rows = [("none", d, r, 0.5 + 0.1 * d + 0.01 * r) for d in range(4) for r in range(3)]
    rows += [("passive", d, r, value + 0.02) for _, d, r, value in rows]
    found = curves(build(timeline=timeline(rows)), ("none", "passive"))
    assert found.band == "draws"
    assert found.difference.keys() == {"passive"}
    gain = found.difference["passive"]
    assert [gain.low[0], gain.mean[0], gain.high[0]] == pytest.approx([0.02] * 3)
    level = found.level["none"]
    means = [0.51, 0.61, 0.71, 0.81]
    assert level.months[0] == 1.0
    assert level.mean[0] == pytest.approx(np.mean(means))
    assert [level.low[0], level.high[0]] == pytest.approx(np.percentile(means, [2.5, 97.5]))


def test_a_draw_with_a_missing_replicate_weighs_no_less(build: Callable[..., ReportInput]) -> None:
    rows = [("none", 0, 0, 0.2), ("none", 0, 1, 0.4), ("none", 1, 0, 0.9), ("passive", 0, 1, 0.5)]
    found = curves(build(timeline=timeline(rows)), ("none", "passive"))
    assert found.level["none"].mean[0] == pytest.approx((0.3 + 0.9) / 2)
    assert found.difference["passive"].mean[0] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("draws", "replicates", "band"), [(1, 1, "none"), (1, 3, "replicates"), (2, 1, "draws"), (2, 2, "draws")]
)
def test_the_band_is_named(build: Callable[..., ReportInput], draws: int, replicates: int, band: str) -> None:
    rows = [("none", d, r, 0.5) for d in range(draws) for r in range(replicates)]
    assert curves(build(timeline=timeline(rows)), ("none",)).band == band


def test_nothing_gives_nothing(build: Callable[..., ReportInput]) -> None:
    assert curves(build(timeline=pd.DataFrame()), ("none",)).level == {}
    other: Any = build()
    assert curves(build(focal="harbour"), ("none",)).level == {}
    assert curves(other, ("unheard of",)).level == {}


def test_a_curve_is_read_between_its_points(results: ReportInput) -> None:
    curve = curves(results, ("none",)).level["none"]
    middle = (curve.months[3] + curve.months[4]) / 2
    assert at_month(curve, middle) == pytest.approx((curve.mean[3] + curve.mean[4]) / 2)
    assert np.isnan(at_month(curve, 99.0))


@pytest.mark.parametrize(
    ("months", "marks"),
    [
        (5.0, (1, 2, 3, 4, 5)),
        (12.0, (2, 4, 6, 8, 10, 12)),
        (24.1, (6, 12, 18, 24)),
        (23.9, (6, 12, 18, 23.9)),
        (60.0, (12, 24, 36, 48, 60)),
    ],
)
def test_landmarks(months: float, marks: tuple[float, ...]) -> None:
    assert landmarks(months) == marks
