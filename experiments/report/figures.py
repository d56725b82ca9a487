"""The figures of the report. Each function draws one, wide (page, paper) or narrow (telephone), or returns None where
its table is empty. Nothing here chooses a colour: a scenario's look comes from the palette.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.groups import GROUPS
from experiments.report.axes import Axis, apart, blank, dot, key_below, mark_rows, name_rows, panels, short
from experiments.report.belief_figure import draw_beliefs
from experiments.report.cells import Cell, Interval, plain_name
from experiments.report.costs import Stack, stacks
from experiments.report.curves import Curve
from experiments.report.inputs import ALL, EQUAL_SPEND, ReportInput
from experiments.report.material import Material
from experiments.report.numerals import write
from experiments.report.palette import INK, MUTED, PAPER, RAMP, Look
from experiments.report.svg import drawing, save_png
from experiments.report.tradeoff_figure import draw_tradeoffs
from experiments.report.wording import FOREST_METRICS, wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Draw = Callable[[Material, bool], "Figure | None"]

MOST_PANELS = 6
SIDES = {1: "higher is better", -1: "lower is better", 0: ""}


def draw_differences(material: Material, wide: bool) -> Figure | None:
    """Forest plot: the difference of each scenario to the baseline, for the goal and the key metrics.

    Thick lines are luck intervals, thin ones those over plausible markets, hollow markers stand for equal spend.
    """
    metrics = [m for m in material.present(FOREST_METRICS) if _differences(material, m)][:MOST_PANELS]
    if not metrics:
        return None
    columns = min(3, len(metrics)) if wide else 1
    height = (0.45 * len(material.rivals) + 0.95) * math.ceil(len(metrics) / columns)
    figure = blank(wide, height)
    for axes, metric in zip(panels(figure, len(metrics), columns), metrics):
        cells = _differences(material, metric)
        axis = Axis(material.measure(cells[0].unit), _reach(cells, difference=True), difference=True)
        for cell in cells:
            row = material.rivals.index(plain_name(cell.scenario)) + _step_aside(cell, cells)
            _draw_cell(axes, axis, material, cell, row, difference=True)
        name_rows(axes, range(len(material.rivals)), material.rivals, len(material.rivals))
        axes.set_title(wording(metric).label)
        axis.dress(axes, SIDES[cells[0].direction])
    return figure


def draw_retention(material: Material, wide: bool) -> Figure | None:
    """Retention of each scenario with its band, and the paired difference to the baseline with its own."""
    curves = material.curves
    if not curves.level:
        return None
    count = 2 if curves.difference else 1
    figure = blank(wide, 3.7 if wide else 3.1 * count)
    grid = panels(figure, count, count if wide else 1, share_rows=False)
    _draw_curves(grid[0], material, curves.level, wide)
    grid[0].set_title("Still there, % of the starting customers")
    if count == 2:
        grid[1].axhline(0.0, color=INK.light, linewidth=0.9)
        _draw_curves(grid[1], material, curves.difference, wide)
        grid[1].set_title(f"Difference to {material.results.baseline}, percentage points")
    return figure


def draw_lifetime_value(material: Material, wide: bool) -> Figure | None:
    """Lifetime value of all customers and of each segment: level, and paired difference to the baseline."""
    segments = [
        s
        for s in (ALL, *material.cells.segments())
        if material.found(material.scenarios, "lifetime_value", s)
    ]
    if not segments:
        return None
    step = 0.165 * len(material.scenarios) + 0.15
    figure = blank(wide, (step * len(segments) + 0.9) * (1 if wide else 2))
    for axes, difference in zip(panels(figure, 2, 2 if wide else 1), (False, True)):
        _draw_segments(axes, material, segments, difference)
    return figure


def draw_costs(material: Material, wide: bool) -> Figure | None:
    """What each scenario's strategies cost the firm over the horizon: by account, upfront cost first; by strategy."""
    parts = stacks(material)
    if parts is None:
        return None
    rows = len(parts[0].scenarios)
    columns = 2 if wide else 1
    keys = max(math.ceil(len(stack.parts) / columns) for stack in parts)
    figure = blank(wide, (0.36 * rows + 0.95 + 0.19 * keys) * (1 if wide else 2))
    for axes, stack in zip(panels(figure, 2, columns), parts):
        _draw_stack(axes, material, stack, columns)
    return figure


def draw_groups(material: Material, wide: bool) -> Figure | None:
    """The four groups: share of customers, both intervals, bounds (pale), and the share of the money (open circles)."""
    table = material.results.groups
    if table.empty:
        return None
    scenarios = [name for name in material.scenarios if name in set(table["scenario"])]
    columns = 4 if wide else 1
    figure = blank(wide, (0.34 * len(scenarios) + 0.95) * (4 // columns))
    found = {(str(r["scenario"]), str(r["group"])): r for r in table.to_dict(orient="records")}
    axis = Axis(material.measure("share"), (), difference=False)
    for axes, group in zip(panels(figure, 4, columns), GROUPS):
        axes.set_title(f"{group.capitalize()}s")
        for row, name in enumerate(scenarios):
            _draw_group(axes, axis, material.look(name), name, row, found.get((name, group), {}))
        name_rows(axes, range(len(scenarios)), scenarios, len(scenarios))
        axis.dress(axes)
        axes.margins(x=0.08)
        axes.set_xlim(left=max(0.0, axes.get_xlim()[0]))
    return figure


FIGURES: dict[str, Draw] = {
    "differences": draw_differences,
    "tradeoffs": draw_tradeoffs,
    "tradeoffs-equal-spend": partial(draw_tradeoffs, scaled=True),
    "retention": draw_retention,
    "lifetime-value": draw_lifetime_value,
    "costs": draw_costs,
    "groups": draw_groups,
    "beliefs": draw_beliefs,
}
"""The figures by name, in the order of the page."""

SELF_EXPLAINED = frozenset({"tradeoffs", "tradeoffs-equal-spend", "beliefs"})
"""Figures that carry the key they need."""


def save_figures(results: ReportInput, folder: Path) -> list[Path]:
    """Write each figure that has something to show as a PNG for slides, with a key; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    material, written = Material(results), []
    for name, draw in FIGURES.items():
        with drawing():
            figure = draw(material, True)
            if figure is None:
                continue
            if name not in SELF_EXPLAINED:
                _add_key(figure, material)
        path = folder / f"{name}.png"
        save_png(figure, path)
        written.append(path)
    return written


def _add_key(figure: Figure, material: Material) -> None:
    """A key of the scenarios above the drawing, in room of its own."""
    from matplotlib.lines import Line2D

    columns = 6
    handles = [
        Line2D([], [], color=look.shade.light, marker=look.marker, label=short(scenario))
        for scenario, look in material.looks.items()
    ]
    figure.set_figheight(figure.get_figheight() + 0.2 + 0.2 * math.ceil(len(handles) / columns))
    figure.legend(handles=handles, loc="outside upper left", ncols=columns)


def _number(record: dict[Any, Any], key: str) -> float:
    value = record.get(key)
    return float(value) if isinstance(value, int | float) else float("nan")


def _draw_group(axes: Axes, axis: Axis, look: Look, name: str, row: int, record: dict[Any, Any]) -> None:
    low, high, money = (100.0 * _number(record, k) for k in ("bound_low", "bound_high", "spend_share"))
    axes.plot(
        [low, high],
        [row, row],
        color=look.shade.light,
        linewidth=9.0,
        alpha=0.22,
        solid_capstyle="butt",
        label=f"{name} bounds",
    )
    market = Interval(_number(record, "low"), _number(record, "high"))
    luck = Interval(_number(record, "luck_low"), _number(record, "luck_high"))
    dot(axes, axis, look, name, row, _number(record, "share"), market, luck)
    axes.plot(
        [money],
        [row + 0.26],
        marker="o",
        markersize=4.4,
        markerfacecolor="none",
        markeredgecolor=INK.light,
        linestyle="none",
        clip_on=False,
        label=f"{name} money",
    )


def _differences(material: Material, metric: str) -> list[Cell]:
    names = [n for s in material.rivals for n in (s, s + EQUAL_SPEND)]
    return [cell for cell in material.found(tuple(names), metric) if math.isfinite(cell.difference)]


def _step_aside(cell: Cell, cells: Sequence[Cell]) -> float:
    """Where two cells share a row, the plain one stands a little higher than the one at equal spend."""
    if sum(plain_name(other.scenario) == plain_name(cell.scenario) for other in cells) < 2:
        return 0.0
    return 0.16 if cell.scenario.endswith(EQUAL_SPEND) else -0.16


def _reach(cells: Sequence[Cell], difference: bool) -> list[float]:
    """Every number drawn of the cells: what the scale of an axis must hold."""
    values: list[float] = []
    for cell in cells:
        mean, market, luck = _numbers(cell, difference)
        values += [mean, market.low, market.high, luck.low, luck.high]
    return values


def _numbers(cell: Cell, difference: bool) -> tuple[float, Interval, Interval]:
    if difference:
        return cell.difference, cell.difference_market, cell.difference_luck
    return cell.mean, cell.market, cell.luck


def _draw_cell(axes: Axes, axis: Axis, material: Material, cell: Cell, row: float, difference: bool) -> None:
    mean, market, luck = _numbers(cell, difference)
    hollow = cell.scenario.endswith(EQUAL_SPEND)
    dot(axes, axis, material.look(cell.scenario), cell.scenario, row, mean, market, luck, hollow)


def _draw_curves(axes: Axes, material: Material, curves: dict[str, Curve], wide: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for name, curve in curves.items():
        look = material.look(name)
        colour = look.shade.light
        axes.fill_between(
            curve.months,
            100.0 * curve.low,
            100.0 * curve.high,
            color=colour,
            alpha=0.13,
            linewidth=0,
            label=f"{name} band",
        )
        every = max(1, len(curve.months) // 6)
        axes.plot(
            curve.months,
            100.0 * curve.mean,
            color=colour,
            linewidth=1.8,
            marker=look.marker,
            markersize=5.2,
            markevery=every,
            markeredgecolor=PAPER.light,
            markeredgewidth=0.6,
            label=name,
        )
    axes.set_xlabel("months")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 3, 6, 10]))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:g}".replace("-", "\N{MINUS SIGN}"))
    )
    axes.grid(axis="y")
    axes.margins(x=0.01)
    if wide:
        _label_ends(axes, curves)


def _label_ends(axes: Axes, curves: dict[str, Curve]) -> None:
    """The name of each curve at its right end, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    ends = [100.0 * float(curve.mean[-1]) for curve in curves.values()]
    last = max(float(curve.months[-1]) for curve in curves.values())
    for name, end, place in zip(curves, ends, apart(ends, 0.056 * (high - low), low, high)):
        axes.annotate(
            short(name),
            (last, end),
            (last * 1.045, place),
            va="center",
            color=INK.light,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": MUTED.light,
                "linewidth": 0.5,
                "shrinkA": 0,
                "shrinkB": 2,
                "relpos": (0.0, 0.5),
            },
        )


def _draw_segments(axes: Axes, material: Material, segments: Sequence[str], difference: bool) -> None:
    scenarios = material.rivals if difference else material.scenarios
    found = {segment: material.found(scenarios, "lifetime_value", segment) for segment in segments}
    cells = [
        cell for group in found.values() for cell in group if math.isfinite(_numbers(cell, difference)[0])
    ]
    unit = cells[0].unit if cells else ""
    axis = Axis(material.measure(unit), _reach(cells, difference), difference)
    share = 0.76 / max(1, len(scenarios))
    for cell in cells:
        offset = (scenarios.index(cell.scenario) - (len(scenarios) - 1) / 2) * share
        _draw_cell(axes, axis, material, cell, segments.index(cell.segment) + offset, difference)
    names = ["all customers" if segment == ALL else segment.replace("_", " ") for segment in segments]
    name_rows(axes, range(len(segments)), names, len(segments))
    for row in range(1, len(segments)):
        axes.axhline(row - 0.5, color=MUTED.light, linewidth=0.4, linestyle=(0, (1, 3)))
    axes.set_title(f"Difference to {material.results.baseline}" if difference else "Lifetime value")
    axis.dress(axes, "higher is better" if difference else "", ticks=5)


def _draw_stack(axes: Axes, material: Material, stack: Stack, columns: int) -> None:
    from matplotlib.container import BarContainer

    axis = Axis(material.measure(stack.unit), stack.totals.values(), difference=False)
    for part, shade in zip(stack.parts, RAMP):
        left = dict.fromkeys(stack.scenarios, 0.0)
        for before in stack.parts[: stack.parts.index(part)]:
            left = {name: left[name] + stack.amounts[before].get(name, 0.0) for name in left}
        axes.barh(
            range(len(stack.scenarios)),
            [axis.at(stack.amounts[part].get(name, 0.0)) for name in stack.scenarios],
            left=[axis.at(left[name]) for name in stack.scenarios],
            height=0.6,
            color=shade.light,
            edgecolor=PAPER.light,
            linewidth=0.8,
            label=short(stack.labels[part]),
        )
    for row, name in enumerate(stack.scenarios):
        text = write([stack.totals[name]], material.measure(stack.unit))[0]
        axes.annotate(
            text, (axis.at(stack.totals[name]), row), (4, 0), textcoords="offset points", va="center"
        )
    mark_rows(axes, stack.scenarios, [material.look(name) for name in stack.scenarios])
    axes.set_title(stack.title)
    axis.dress(axes, ticks=5)
    axes.margins(x=0.14)
    key_below(axes, [bar for bar in axes.containers if isinstance(bar, BarContainer)], columns)
