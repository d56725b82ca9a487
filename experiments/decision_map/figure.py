"""Figure: the map. Colour is the winner, pale and hatched is undecided, lines are break-evens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from experiments.decision_map.found import MapFound
from experiments.decision_map.maps import Map, Panel, Side
from experiments.points.axis import Floats
from experiments.report.axes import blank, log_ticks, panels
from experiments.report.cells import spoken
from experiments.report.palette import INK, PAPER, looks
from experiments.report.svg import drawing, save_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HATCH = "////"
PALE = 0.35
"""Opacity of a cell in which the winner is not distinguishable."""
CLEAR = 0.85


def map_figure(one: Map, wide: bool) -> Figure:
    """All panels of a map, one key for all of them."""
    count = len(one.panels)
    columns = min(count, 4 if wide else 2)
    rows = math.ceil(count / columns)
    names = one.panels[0].x.is_named
    figure = blank(wide, rows * (2.9 if count > 1 else 4.6) + 1.1)
    drawn = panels(figure, count, columns, share_rows=False)
    for place, (axes, part) in enumerate(zip(drawn, one.panels, strict=True)):
        _panel(axes, part, one)
        axes.set_title(part.title)
        if place % columns == 0 or names:
            axes.set_ylabel(part.y.label)
        if place + columns >= count:
            axes.set_xlabel(part.x.label)
    _key(figure, one, columns)
    return figure


def _panel(axes: Axes, part: Panel, one: Map) -> None:
    import matplotlib as mpl
    from matplotlib.patches import Rectangle

    look = looks(one.scenarios)
    x, y = _edges(part.x), _edges(part.y)
    for cell, best in enumerate(part.judged.best):
        i, j = divmod(cell, len(part.y.ticks))
        corner, width, height = (x[i], y[j]), x[i + 1] - x[i], y[j + 1] - y[j]
        if best < 0:
            axes.add_patch(
                Rectangle(corner, width, height, facecolor=PAPER.light, edgecolor=INK.light, linewidth=0.3)
            )
            continue
        colour = look[part.scenarios[best]].shade.light
        sure = bool(part.judged.decided[cell])
        axes.add_patch(
            Rectangle(corner, width, height, facecolor=colour, alpha=CLEAR if sure else PALE, linewidth=0)
        )
        if not sure:
            with mpl.rc_context({"hatch.linewidth": 0.5}):
                axes.add_patch(
                    Rectangle(corner, width, height, fill=False, edgecolor=colour, hatch=HATCH, linewidth=0)
                )
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    if part.x.is_named:
        for at in x[1:-1]:
            axes.axvline(at, color=PAPER.light, linewidth=1.5)
        for at in y[1:-1]:
            axes.axhline(at, color=PAPER.light, linewidth=1.5)
    for side, which in ((part.x, axes.xaxis), (part.y, axes.yaxis)):
        if side.is_named:
            which.set_ticks(range(len(side.ticks)), [str(tick) for tick in side.ticks])
        elif side.log:
            which.axes.set_xscale("log") if which is axes.xaxis else which.axes.set_yscale("log")
            log_ticks(which)
    if part.x.is_named:
        axes.tick_params(axis="x", rotation=30)
    else:
        _break_evens(axes, part)


def _break_evens(axes: Axes, part: Panel) -> None:
    """Lines on which two scenarios are worth the same, where these two are first and second."""
    if min(part.shape) < 2:
        return
    x, y = (np.array(side.ticks, np.float64) for side in (part.x, part.y))
    for _, _, margin in part.margins():
        shown = np.ma.masked_invalid(margin.T)
        axes.contour(x, y, shown, levels=[0.0], colors=[INK.light], linewidths=1.6)


def _edges(side: Side) -> Floats:
    """Borders between the ticks: half-way, on the side's own scale."""
    if side.is_named:
        return np.arange(len(side.ticks) + 1, dtype=np.float64) - 0.5
    ticks = np.array(side.ticks, np.float64)
    scaled = np.log(ticks) if side.log else ticks
    if scaled.size == 1:
        middle = np.array([scaled[0] - 0.5, scaled[0] + 0.5])
    else:
        inner = (scaled[1:] + scaled[:-1]) / 2.0
        middle = np.concatenate([[2.0 * scaled[0] - inner[0]], inner, [2.0 * scaled[-1] - inner[-1]]])
    return np.exp(middle) if side.log else middle


def _key(figure: Figure, one: Map, columns: int) -> None:
    """Who is which colour, and what hatching and lines mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    look = looks(one.scenarios)
    won = one.wins()
    handles: list[Patch | Line2D] = [
        Patch(facecolor=look[name].shade.light, alpha=CLEAR, label=f"{spoken(name)} wins")
        for name in one.scenarios
        if name in won
    ]
    handles.append(
        Patch(facecolor=PAPER.light, edgecolor=INK.light, hatch=HATCH, linewidth=0.5, label="undecided")
    )
    if not one.panels[0].x.is_named:
        handles.append(Line2D([], [], color=INK.light, linewidth=1.6, label="break-even"))
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(len(handles), 6 if columns > 2 else 3)
    )
    title = f"Best for {one.goal.title} over {one.horizon_months:g} months"
    figure.suptitle(title if one.field == "all" else f"{title}, among the kinds of retention")


def save_slides(found: MapFound) -> None:
    """Each map as a PNG for slides, `map-GOAL-MONTHS-FIELD.png`."""
    for one in found.maps:
        with drawing():
            figure = map_figure(one, True)
        save_png(figure, found.folder / f"map-{one.name}.png")
