"""Figure: what each shock does to the goal in each scenario, with both intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.report.axes import Axis, blank, dot, mark_rows, panels
from experiments.report.cells import Interval, spoken
from experiments.report.numerals import measure
from experiments.report.palette import looks
from experiments.report.wording import wording
from experiments.shock.found import ShockFound

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def loss_figure(found: ShockFound, wide: bool) -> Figure:
    """One panel for each shock, all on one scale: the change of the goal by scenario."""
    names = list(found.shocks)
    columns = min(3 if wide else 1, len(names))
    figure = blank(wide, -(-len(names) // columns) * (1.0 + 0.3 * len(found.scenarios)) + 0.3)
    look = looks(found.scenarios)
    ends = ("change", "low", "high", "luck_low", "luck_high")
    unit = measure(str(found.goal["unit"].iloc[0]), found.resolved.world.market.currency)
    for axes, name in zip(panels(figure, len(names), columns), names, strict=True):
        rows = found.goal[found.goal["shock"] == name].to_dict(orient="records")
        axis = Axis(unit, [row[end] for row in rows for end in ends], difference=True)
        for place, row in enumerate(rows):
            market, luck = Interval(row["low"], row["high"]), Interval(row["luck_low"], row["luck_high"])
            dot(axes, axis, look[row["scenario"]], row["scenario"], place, row["change"], market, luck)
        mark_rows(axes, found.scenarios, [look[scenario] for scenario in found.scenarios])
        axes.set_title(spoken(name))
        axis.dress(axes, ticks=3)
    figure.suptitle(f"{wording(found.resolved.goal.metric).label}: change by each shock")
    return figure
