"""Figure: differences to the baseline along each axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from experiments.points.axis import Axis as Moved
from experiments.report.axes import Axis, blank, log_ticks, panels
from experiments.report.cells import spoken
from experiments.report.numerals import measure
from experiments.report.palette import INK, looks
from experiments.report.wording import wording
from experiments.sweep.found import SweepFound

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 12
"""Most axes that are drawn."""


def sweep_figure(found: SweepFound, wide: bool) -> Figure:
    """One panel for each axis: differences to the baseline at each of its values, with luck intervals in a grid of one.

    Where several axes are moved, dots are points, whatever the others are there, and lines join means of equal parts.
    """
    axes = found.design.axes[:MOST]
    columns = min(3 if wide else 1, len(axes))
    figure = blank(wide, math.ceil(len(axes) / columns) * 2.9 + 0.5)
    rows = found.goal[found.goal["scenario"] != _baseline(found)]
    unit = measure(str(rows["unit"].iloc[0]), found.resolved.world.market.currency)
    scale = Axis(unit, rows["difference"].tolist(), difference=True)
    look = looks([name for name in found.scenarios if name != _baseline(found)])
    drawn = panels(figure, len(axes), columns)
    for place, (moved, panel) in enumerate(zip(axes, drawn, strict=True)):
        for name, style in look.items():
            own = rows[rows["scenario"] == name].sort_values(moved.name)
            _line(
                panel,
                moved,
                own,
                scale,
                style.shade.light,
                style.marker,
                spoken(name),
                len(found.design.axes) == 1,
            )
        panel.axhline(0.0, color=INK.light, linewidth=0.9, zorder=1.5)
        panel.set_xlabel(f"{moved.name}, {moved.unit}" if moved.unit else moved.name)
        if moved.log:
            panel.set_xscale("log")
            log_ticks(panel.xaxis)
        if place % columns == 0:
            panel.set_ylabel(scale.label)
    drawn[0].legend(loc="best")
    figure.suptitle(f"{wording(found.resolved.goal.metric).label}: difference to {spoken(_baseline(found))}")
    return figure


def _baseline(found: SweepFound) -> str:
    return found.resolved.baseline


def _line(
    panel: Axes,
    moved: Moved,
    own: pd.DataFrame,
    scale: Axis,
    colour: str,
    marker: str,
    label: str,
    alone: bool,
) -> None:
    x = own[moved.name].to_numpy(dtype=np.float64)
    factor = scale.unit.factor / scale.divisor
    y = own["difference"].to_numpy(dtype=np.float64) * factor
    if alone:
        panel.fill_between(
            x,
            own["difference_luck_low"].to_numpy(dtype=np.float64) * factor,
            own["difference_luck_high"].to_numpy(dtype=np.float64) * factor,
            color=colour,
            alpha=0.2,
            linewidth=0,
        )
        panel.plot(x, y, color=colour, marker=marker, markersize=4.5, label=label)
        return
    panel.plot(x, y, color=colour, marker=marker, markersize=2.5, alpha=0.35, linestyle="none")
    known = np.isfinite(y)
    if known.sum() < 2:
        return
    share = moved.share(x[known])
    parts = np.minimum((share * min(8, len(np.unique(x)))).astype(int), 7)
    middle = [(x[known][parts == p].mean(), y[known][parts == p].mean()) for p in np.unique(parts)]
    panel.plot(*zip(*middle, strict=True), color=colour, linewidth=1.8, label=label)
