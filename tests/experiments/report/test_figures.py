"""Figures: every scenario is drawn, in its own look, where its numbers are; and the SVG follows the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from experiments.report import ReportInput, save_figures
from experiments.report.axes import apart
from experiments.report.figures import (
    FIGURES,
    draw_costs,
    draw_differences,
    draw_groups,
    draw_lifetime_value,
    draw_retention,
)
from experiments.report.material import Material
from experiments.report.palette import EVERY, USUAL
from experiments.report.svg import drawing, inline_svg

SCENARIOS = ("none", "today", "placebo", "passive", "active", "blend")
DRAWN = {
    "differences": (
        "today",
        "placebo",
        "passive",
        "active",
        "blend",
        "passive@equal_spend",
        "blend@equal_spend",
    ),
    "tradeoffs": ("today", "placebo", "passive", "active", "blend"),
    "tradeoffs-equal-spend": ("passive@equal_spend", "active@equal_spend", "blend@equal_spend"),
    "retention": SCENARIOS,
    "lifetime-value": SCENARIOS,
    "costs": ("today", "placebo", "passive", "active", "blend"),
    "groups": ("passive", "active", "blend"),
}


@pytest.fixture(scope="module")
def material(results: ReportInput) -> Material:
    return Material(results)


@pytest.fixture
def settings() -> Iterator[None]:
    with drawing():
        yield


def lines(figure: Any) -> list[Line2D]:
    return [line for axes in figure.axes for line in axes.get_lines()]


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("name", DRAWN)
def test_every_scenario_is_drawn_in_its_own_look(
    material: Material, settings: None, name: str, wide: bool
) -> None:
    figure = FIGURES[name](material, wide)
    assert figure is not None
    for scenario in DRAWN[name]:
        found = [line for line in lines(figure) if line.get_label() == scenario]
        assert found, scenario
        look = USUAL[scenario.removesuffix("@equal_spend")]
        for line in found:
            assert line.get_marker() == look.marker
            edge = line.get_markeredgecolor() if "@" in scenario else line.get_color()
            shown = edge if "@" in scenario or name == "retention" else line.get_markerfacecolor()
            assert to_hex(shown) == look.shade.light


def test_the_forest_stands_where_the_numbers_are(material: Material, settings: None) -> None:
    figure: Any = draw_differences(material, True)
    assert [axes.get_title(loc="left") for axes in figure.axes][:3] == [
        "Customer equity",
        "Lifetime value",
        "Churn rate",
    ]
    equity, _, churn = figure.axes[:3]
    by_label = {line.get_label(): line for line in equity.get_lines()}
    cell = material.cells.get("passive", "customer_equity")
    assert cell is not None
    assert by_label["passive"].get_xdata()[0] == pytest.approx(cell.difference / 1e6)
    assert list(by_label["passive market"].get_xdata()) == pytest.approx(
        [cell.difference_market.low / 1e6, cell.difference_market.high / 1e6]
    )
    assert list(by_label["passive luck"].get_xdata()) == pytest.approx(
        [cell.difference_luck.low / 1e6, cell.difference_luck.high / 1e6]
    )
    assert by_label["passive luck"].get_linewidth() > 2 * by_label["passive market"].get_linewidth()
    assert equity.get_xlabel() == "€, millions · higher is better"
    assert churn.get_xlabel() == "percentage points · lower is better"
    assert "none" not in by_label


def test_the_curves_have_bands_and_a_paired_panel(material: Material, settings: None) -> None:
    figure: Any = draw_retention(material, True)
    level, difference = figure.axes
    assert {c.get_label() for c in level.collections} == {f"{name} band" for name in SCENARIOS}
    assert {c.get_label() for c in difference.collections} == {f"{name} band" for name in SCENARIOS[1:]}
    placebo = next(line for line in difference.get_lines() if line.get_label() == "placebo")
    assert set(placebo.get_ydata()) == {0.0}


def test_lifetime_value_is_drawn_by_segment(material: Material, settings: None) -> None:
    figure: Any = draw_lifetime_value(material, True)
    level = figure.axes[0]
    names = [label.get_text() for label in level.get_yticklabels()]
    assert names == ["all customers", "comfort seekers", "deal seekers", "relationship seekers"]
    drawn = sorted(line.get_xdata()[0] for line in level.get_lines() if line.get_label() == "none")
    cells = [
        c for c in material.cells if (c.scenario, c.metric, c.provider) == ("none", "lifetime_value", "north")
    ]
    assert drawn == pytest.approx(sorted(c.mean for c in cells))


def test_bars_are_as_long_as_the_cost(material: Material, settings: None) -> None:
    figure: Any = draw_costs(material, True)
    for axes in figure.axes:
        ends: dict[float, float] = {}
        for bar in axes.patches:
            row = bar.get_y() + bar.get_height() / 2
            ends[round(row)] = max(ends.get(round(row), 0.0), bar.get_x() + bar.get_width())
        assert [ends[row] for row in range(5)] == pytest.approx([0.261, 0.25, 0.6412, 1.9227, 1.5309])


def test_the_groups_show_share_bounds_and_money(material: Material, settings: None) -> None:
    figure: Any = draw_groups(material, True)
    dogs = figure.axes[3]
    by_label = {line.get_label(): line for line in dogs.get_lines()}
    assert by_label["active"].get_xdata()[0] == pytest.approx(3.5)
    assert list(by_label["active market"].get_xdata()) == pytest.approx([1.8, 5.3])
    assert list(by_label["active luck"].get_xdata()) == pytest.approx([3.1, 3.8])
    assert list(by_label["active bounds"].get_xdata()) == pytest.approx([1.3, 5.4])
    assert by_label["active money"].get_xdata()[0] == pytest.approx(5.0)


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_table_is_no_figure(build: Callable[..., ReportInput], name: str) -> None:
    empty = pd.DataFrame()
    bare = Material(build(summary=empty, timeline=empty, ledger=empty, groups=empty, beliefs=empty))
    assert FIGURES[name](bare, True) is None


def test_the_svg_follows_the_page_and_carries_nothing_else(material: Material, settings: None) -> None:
    figure = draw_differences(material, False)
    assert figure is not None
    text = str(inline_svg(figure, "forest", 'a "label" & more'))
    assert text.startswith("<svg viewBox=")
    assert text.endswith("</svg>")
    assert 'aria-label="a &#34;label&#34; &amp; more"' in text
    assert not [shade.name for shade in EVERY if shade.light in text]
    assert "var(--s-blue)" in text
    assert "var(--ink)" in text
    assert ">Customer equity</text>" in text
    assert not re.search(r"<style|<metadata|<!|http|xlink|font-family|width=\"\d+pt", text)
    names = re.findall(r'id="([^"]+)"', text)
    assert names
    assert all(name.startswith("forest-") for name in names)
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', text)) <= set(names)
    again = draw_differences(material, False)
    assert again is not None
    assert str(inline_svg(again, "forest", 'a "label" & more')) == text


def test_names_are_no_formulas_and_foreign_letters_no_errors(small: Callable[..., ReportInput]) -> None:
    name = "价格 $x^2$ <b>"
    base = small()
    odd = small(summary=base.summary.replace({"passive": name, "passive@equal_spend": f"{name}@equal_spend"}))
    with drawing():
        figure = draw_differences(Material(odd), True)
    assert figure is not None
    assert "价格 $x^2$ &lt;b&gt;" in str(inline_svg(figure, "odd", "odd"))


@pytest.mark.slow
def test_figures_for_slides_are_written_where_there_is_something_to_show(
    small: Callable[..., ReportInput], tmp_path: Path
) -> None:
    written = save_figures(small(groups=pd.DataFrame()), tmp_path / "figures")
    assert [path.name for path in written] == [
        "differences.png",
        "tradeoffs.png",
        "tradeoffs-equal-spend.png",
        "retention.png",
        "lifetime-value.png",
        "costs.png",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([], []),
        ([5.0, 1.0], [5.0, 1.0]),
        ([5.0, 5.0, 5.0], [4.0, 5.0, 6.0]),
        ([0.0, 0.0], [0.0, 1.0]),
        ([10.0, 9.9, 10.0], [9.0, 8.0, 10.0]),
    ],
)
def test_labels_move_apart_as_little_as_possible(places: list[float], moved: list[float]) -> None:
    assert apart(places, 1.0, 0.0, 10.0) == pytest.approx(moved)
