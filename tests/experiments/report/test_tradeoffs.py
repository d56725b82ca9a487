"""The trade-off table: complete, in groups, drawn where the numbers are, and honest about what was not measured."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from experiments.metrics import METRICS
from experiments.report import ReportInput
from experiments.report.cells import Cell
from experiments.report.material import Material
from experiments.report.svg import drawing, inline_svg
from experiments.report.tradeoff_figure import FAR, LABEL, LEAST, LEVEL, draw_tradeoffs, width
from experiments.report.tradeoffs import Tradeoffs, description, lines, tradeoffs, unmeasured
from experiments.report.wording import DIMENSIONS, wording

pytestmark = pytest.mark.slow

ASKED = {metric for _, rows in DIMENSIONS for metric, _ in rows}


@pytest.fixture(scope="module")
def material(results: ReportInput) -> Material:
    return Material(results)


@pytest.fixture(scope="module")
def matrix(material: Material) -> Tradeoffs:
    found = tradeoffs(material)
    assert found is not None
    return found


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_dimension_is_a_metric_and_every_metric_has_words() -> None:
    assert set(METRICS) >= ASKED
    assert len(ASKED) == sum(len(rows) for _, rows in DIMENSIONS)
    assert {
        "cost_upfront", "cost_first_year", "cost_later", "engagement", "loyalty", "referrals", "proactivity",
        "relationship_share", "trust", "vulnerability", "effort", "pressure", "looks", "better_off_elsewhere",
        "freedom_to_leave", "knowledge", "personalisation", "customer_surplus",
    } <= ASKED  # fmt: skip
    assert all(wording(metric).meaning for metric in METRICS)


def test_rows_stand_in_groups_and_columns_are_the_scenarios_without_the_baseline(matrix: Tradeoffs) -> None:
    assert [title for title, _ in matrix.groups] == [title for title, _ in DIMENSIONS]
    assert matrix.scenarios == ("today", "placebo", "passive", "active", "blend")
    assert {row.metric for row in matrix.rows} == ASKED


def test_what_is_undefined_keeps_its_row_and_says_so(
    material: Material, matrix: Tradeoffs, page: Any
) -> None:
    missing = ("Trust: promises kept, less broken", "Knowledge: records that are right")
    assert unmeasured(matrix) == missing
    for wide in (True, False):
        with drawing():
            drawn = texts(draw_tradeoffs(material, wide))
        assert drawn.count("not measured here") == 2
        assert set(missing) <= set(drawn)
    assert f"Not measured here: {'; '.join(missing)}." in page.section("tradeoffs").text
    assert "trust" not in {e.attributes.get("data-metric") for e in page.all("tbody")}


def test_every_difference_stands_in_the_table_with_both_intervals(
    material: Material, matrix: Tradeoffs, page: Any
) -> None:
    table = material.results.summary.query("provider == 'north' and segment == 'all' and scenario != 'none'")
    table = table[table["metric"].isin(ASKED) & ~table["scenario"].str.contains("@")]
    told = lines(material, matrix)
    assert sorted(line.difference.value for line in told) == sorted(
        repr(value) for value in table["difference"].dropna()
    )
    assert all(line.market and line.luck for line in told if line.mark.words != "identical")
    shown = {e.attributes["value"] for e in page.all("data") if e.inside("section", id="tradeoffs")}
    assert {line.difference.value for line in told} <= shown
    assert len(page.all("table", **{"class": "lines sortable"})) == 3  # as is, equal spend, rules


def test_marks_stand_where_the_numbers_are(material: Material, matrix: Tradeoffs) -> None:
    with drawing():
        figure: Any = draw_tradeoffs(material, True)
    by_label = {line.get_label(): line for line in figure.axes[0].get_lines()}
    states: dict[str, list[Cell]] = {}
    for row in matrix.rows:
        for cell in row.known:
            states.setdefault(cell.reading("none").state, []).append(cell)
    assert {"better", "worse", "unclear", "identical", "higher"} <= set(states)
    for state, cells in states.items():
        assert len(by_label[state].get_xdata()) == len(cells)
    column = (figure.get_figwidth() - LABEL - LEVEL) / len(matrix.scenarios)
    middles = dict(
        zip(matrix.scenarios, (LABEL + LEVEL + (i + 0.5) * column for i in range(len(matrix.scenarios))))
    )
    assert column > LEAST
    for state in ("better", "worse", "higher"):
        for x, cell in zip(by_label[state].get_xdata(), states[state], strict=True):
            assert (x - middles[cell.scenario]) * cell.difference > 0.0
            assert abs(x - middles[cell.scenario]) <= 0.5 * column
    assert set(by_label["identical"].get_xdata()) == {middles["placebo"]}


def test_a_range_beyond_the_cell_is_cut_and_marked(build: Callable[..., ReportInput]) -> None:
    base = build().summary
    wild = (base["metric"] == "looks") & (base["scenario"] == "active")
    far = base.assign(difference_high=base["difference_high"].where(~wild, 100.0 * FAR))
    with drawing():
        cut, whole = (draw_tradeoffs(Material(build(summary=table)), True) for table in (far, base))
    heads = [
        [line for line in figure.axes[0].get_lines() if str(line.get_label()).endswith((" <", " >"))]
        for figure in (cut, whole)
        if figure is not None
    ]
    assert [len(found) for found in heads] == [1, 0]
    assert heads[0][0].get_label() == "unclear >" or heads[0][0].get_label() == "higher >"


def test_one_draw_shows_luck_alone(build: Callable[..., ReportInput]) -> None:
    nothing = float("nan")
    one = build(summary=build().summary.assign(difference_low=nothing, difference_high=nothing))
    with drawing():
        figure: Any = draw_tradeoffs(Material(one), True)
    by_label = {line.get_label(): line for line in figure.axes[0].get_lines()}
    assert len(by_label["better luck"].get_xdata()) > 0
    assert len(by_label["better market"].get_xdata()) == 0


def test_many_scenarios_get_narrow_columns_slanted_heads_and_a_wider_sheet(
    build: Callable[..., ReportInput],
) -> None:
    base = build().summary
    base = base[~base["scenario"].str.contains("@")]
    passive = base[base["scenario"] == "passive"]
    more = [passive.assign(scenario=f"a_rather_long_strategy_{i:02d}") for i in range(14)]
    crowd = Material(build(summary=pd.concat([base, *more], ignore_index=True)))
    found = tradeoffs(crowd)
    assert found is not None
    assert len(found.scenarios) == 19
    with drawing():
        figure: Any = draw_tradeoffs(crowd, True)
    assert figure.get_figwidth() == width(found.scenarios, wide=True) > LABEL + LEVEL + 19 * LEAST
    slanted = [text for text in figure.axes[0].texts if text.get_rotation() == 40]
    assert len(slanted) == 19
    assert width(found.scenarios[:3], wide=True) == 10.0


def test_the_description_counts_the_readings(material: Material, matrix: Tradeoffs) -> None:
    said = description(material, matrix)
    count = len(matrix.rows)
    assert said.startswith(f"Matrix of {count} dimensions by 5 scenarios, differences to none")
    for name in matrix.scenarios:
        part = re.search(rf"{name}: ([^.]*)\.", said)
        assert part is not None
        assert sum(int(n) for n in re.findall(r"\d+", part[1])) == count
    with drawing():
        figure = draw_tradeoffs(material, True)
    assert figure is not None
    assert f'aria-label="{said}"' in str(inline_svg(figure, "x", said))


def test_at_equal_spend_only_what_was_scaled_is_shown(
    material: Material, build: Callable[..., ReportInput]
) -> None:
    scaled = tradeoffs(material, scaled=True)
    assert scaled is not None
    assert scaled.scenarios == ("passive@equal_spend", "active@equal_spend", "blend@equal_spend")
    plain = material.results.summary
    plain = plain[~plain["scenario"].str.contains("@")]
    assert tradeoffs(Material(build(summary=plain)), scaled=True) is None
