"""Figure: what each budget brings, in the goal, lifetime value and churn, and what it is spent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.frontier.found import FrontierFound
from experiments.report.axes import Axis, blank, panels
from experiments.report.numerals import measure
from experiments.report.palette import BLUE, INK, VERMILLION
from experiments.report.wording import wording

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def frontier_figure(found: FrontierFound, wide: bool) -> Figure:
    """Panels over the budget: differences to spending nothing with luck intervals; sizes of the two programmes."""
    metrics = [m for m in dict.fromkeys(found.table["metric"]) if m != "cost"]
    count = len(metrics) + 1
    columns = min(3 if wide else 1, count)
    figure = blank(wide, -(-count // columns) * 2.8 + 0.4)
    drawn = panels(figure, count, columns, share_rows=False)
    currency = found.resolved.world.market.currency
    for axes, metric in zip(drawn, metrics, strict=False):
        own = found.table[found.table["metric"] == metric]
        unit = measure(str(own["unit"].iloc[0]), currency)
        ends = ("difference", "difference_luck_low", "difference_luck_high")
        scale = Axis(unit, [value for end in ends for value in own[end]], difference=True)
        _line(axes, own, scale)
        axes.set_title(wording(metric).label)
        axes.set_ylabel(scale.label)
    _sizes(drawn[-1], found.goal)
    for axes in drawn:
        axes.set_xlabel(f"cap, {currency} per customer and month")
    return figure


def _line(axes: Axes, own: pd.DataFrame, scale: Axis) -> None:
    factor = scale.unit.factor / scale.divisor
    x = own["budget"].to_numpy(np.float64)
    low, high = (own[f"difference_luck_{end}"].to_numpy(np.float64) * factor for end in ("low", "high"))
    axes.fill_between(x, low, high, color=BLUE.light, alpha=0.2, linewidth=0)
    axes.plot(
        x,
        own["difference"].to_numpy(np.float64) * factor,
        color=BLUE.light,
        marker="o",
        label="on fresh luck",
    )
    axes.plot(
        x, own["searched"].to_numpy(np.float64) * factor, color=INK.light, linestyle=":", label="as searched"
    )
    axes.axhline(0.0, color=INK.light, linewidth=0.9)
    axes.legend(loc="best")


def _sizes(axes: Axes, goal: pd.DataFrame) -> None:
    x = goal["budget"].to_numpy(np.float64)
    for name, colour, marker in (("passive", BLUE.light, "o"), ("active", VERMILLION.light, "s")):
        axes.plot(x, goal[name].to_numpy(np.float64), color=colour, marker=marker, label=name)
    axes.set_title("Spent on")
    axes.set_ylabel("of the programme as configured")
    axes.legend(loc="best")
