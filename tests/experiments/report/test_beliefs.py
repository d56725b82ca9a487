"""Beliefs and rules: pooled as told, drawn beside the truth, and shown only where there are any."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from experiments.report import ReportInput
from experiments.report.belief_figure import draw_beliefs
from experiments.report.beliefs import NORMAL, belief_grid, calibration, minds
from experiments.report.material import Material
from experiments.report.svg import drawing
from experiments.report.tables import bound_rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def material(results: ReportInput) -> Material:
    return Material(results)


def test_beliefs_are_pooled_over_segments_and_runs(material: Material) -> None:
    (mind,) = minds(material)
    assert (mind.scenario, mind.strategy) == ("blend", "mix")
    checkins, events = mind.tactics
    assert (checkins.tactic, events.tactic) == ("success_checkins", "events")
    np.testing.assert_allclose(checkins.months, [3.0, 6.0, 9.0])
    # segments are off by -0.01 and 0.03 in the first run and by twice that in the second
    np.testing.assert_allclose(checkins.believed, 0.05 + 0.015)
    half = NORMAL * math.sqrt(2.0) / 2.0 * 0.04 / np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(checkins.high - checkins.believed, half)
    np.testing.assert_allclose(checkins.believed - checkins.low, half)
    np.testing.assert_allclose(events.believed, 0.01 + np.array([0.01, 0.015, 0.015]))
    np.testing.assert_allclose(events.true, 0.01)
    np.testing.assert_allclose(checkins.share, 0.8)
    np.testing.assert_allclose(events.share, 0.2)


def test_the_truth_in_the_interval_is_counted(material: Material) -> None:
    table = material.results.beliefs.dropna(subset=["believed"])
    held = (table["true"] - table["believed"]).abs() <= NORMAL * table["error"]
    (mind,) = minds(material)
    assert (mind.held, mind.judged) == (int(held.sum()), 22)
    assert 0 < mind.held < mind.judged
    (sentence,) = calibration(material)
    assert f"in {mind.held} of 22 beliefs" in sentence


def test_without_twin_worlds_nothing_is_said_of_the_truth(build: Callable[..., ReportInput]) -> None:
    blind = Material(build(beliefs=build().beliefs.assign(true=float("nan"))))
    assert calibration(blind) == ()
    with drawing():
        figure: Any = draw_beliefs(blind, True)
    assert not [line for axes in figure.axes for line in axes.get_lines() if line.get_label() == "true"]
    grid = belief_grid(blind)
    assert grid is not None
    assert [numbers[2].text for _, _, numbers in grid.rows] == ["–", "–"]


@pytest.mark.parametrize("wide", [True, False])
def test_a_panel_per_tactic_and_one_for_the_money(material: Material, wide: bool) -> None:
    with drawing():
        figure: Any = draw_beliefs(material, wide)
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]
    assert titles == ["success checkins", "events", "share of the money, %"]
    by_label = {line.get_label(): line for line in figure.axes[0].get_lines()}
    np.testing.assert_allclose(by_label["believed"].get_ydata(), 6.5)
    np.testing.assert_allclose(by_label["true"].get_ydata(), 5.0)
    areas = {area.get_label(): area for area in figure.axes[2].collections}
    assert areas["success checkins"].get_paths()[0].get_extents().y1 == pytest.approx(80.0)
    assert areas["events"].get_paths()[0].get_extents().y1 == pytest.approx(100.0)


def test_the_page_holds_beliefs_and_truth(material: Material, page: Any) -> None:
    shown = {e.attributes["value"] for e in page.all("data") if e.inside("section", id="beliefs")}
    for belief in minds(material)[0].tactics:
        assert {repr(float(v[-1])) for v in (belief.believed, belief.true, belief.share)} <= shown
    assert calibration(material)[0] in page.section("beliefs").text


def test_rules_are_listed_scenario_by_scenario(material: Material, page: Any) -> None:
    rows = bound_rows(material)
    assert [row[:4] for row in rows] == [
        ("active", "harbour", "events", "seats"),
        ("blend", "north", "", "total budget"),
        ("blend", "north", "promotions", "channel cap"),
    ]
    shown = {e.attributes["value"] for e in page.all("data") if e.inside("section", id="bound")}
    assert shown == {"12.0", "4120.0", "1203.5"}
