"""Figure: the winner's lead at both ends of each assumption, and where it tips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.metrics import METRICS
from experiments.report.axes import Axis, blank, name_rows, panels
from experiments.report.numerals import measure
from experiments.report.palette import ACCENT, BLUE, INK
from experiments.tipping_points.found import TippingFound

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 16
"""Most assumptions that are drawn: those that flip, and those that move the lead most."""


def lead_figure(found: TippingFound, wide: bool) -> Figure:
    """A bar for each assumption from its lowest to its highest value's lead; left of 0 the winner is overtaken."""
    spread = (found.table["lead_at_low"] - found.table["lead_at_high"]).abs()
    first = found.table["reading"].isin(["flips", "may flip"])
    order = found.table.assign(_first=~first, _spread=-spread).sort_values(
        ["_first", "_spread"], kind="stable"
    )
    own = order.head(SHOWN)
    unit = measure(
        METRICS[found.resolved.goal.metric].unit.replace("currency", found.resolved.world.market.currency),
        found.resolved.world.market.currency,
    )
    figure = blank(wide, 1.2 + 0.32 * len(own))
    (axes,) = panels(figure, 1, 1)
    ends = ("lead_at_low", "lead_at_high")
    scale = Axis(unit, [value for end in ends for value in own[end]], difference=True)
    for row, record in enumerate(own.to_dict(orient="records")):
        low, high = (scale.at(record[end]) for end in ends)
        axes.plot([low, high], [row, row], color=INK.light, linewidth=1.2, alpha=0.5, zorder=1)
        for at, shade, marker, name in (
            (low, BLUE, "o", "lowest value"),
            (high, ACCENT, "s", "highest value"),
        ):
            axes.plot(
                [at], [row], color=shade.light, marker=marker, markersize=5.5, linestyle="none",
                label=name if row == 0 else None,
            )  # fmt: skip
    name_rows(axes, range(len(own)), [str(name).replace("_", " ") for name in own["axis"]], len(own))
    scale.dress(axes)
    axes.set_title(f"Lead of {found.winner.replace('_', ' ')} over the best of the others")
    axes.legend(loc="best")
    return figure
