"""Figures: first-order and total indices of the differences, and the effects of screening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.report.axes import blank, name_rows, panels
from experiments.report.cells import spoken
from experiments.report.palette import ACCENT, BLUE, INK
from experiments.sensitivity.found import SensitivityFound

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 12
"""Most assumptions that are drawn."""


def index_figure(found: SensitivityFound, wide: bool) -> Figure:
    """One panel for each difference: total index as a bar, first order as a dot, both with their intervals."""
    drawn = [(output, own) for output in found.differences if (own := found.of(output)) is not None]
    columns = min(2 if wide else 1, len(drawn))
    rows = -(-len(drawn) // columns)
    count = min(SHOWN, max(len(own) for _, own in drawn))
    figure = blank(wide, rows * (0.9 + 0.3 * count) + 0.4)
    for axes, (output, own) in zip(panels(figure, len(drawn), columns, share_rows=False), drawn, strict=True):
        _indices(axes, own.head(SHOWN))
        axes.set_title(spoken(output))
    return figure


def _indices(axes: Axes, own: pd.DataFrame) -> None:
    for row, record in enumerate(own.to_dict(orient="records")):
        axes.barh(row, record["total"], height=0.6, color=BLUE.light, alpha=0.3, linewidth=0)
        for name, shift, colour in (("total", -0.13, BLUE.light), ("first", 0.16, ACCENT.light)):
            axes.plot(
                [record[f"{name}_low"], record[f"{name}_high"]],
                [row + shift] * 2,
                color=colour,
                linewidth=2.0,
            )
            axes.plot(
                [record[name]], [row + shift], marker="o", markersize=4.5, color=colour, linestyle="none"
            )
    axes.axvline(0.0, color=INK.light, linewidth=0.9)
    name_rows(axes, range(len(own)), list(own["axis"]), len(own))
    axes.set_xlabel("share of variance")
    axes.grid(axis="x")


def screening_figure(found: SensitivityFound, wide: bool) -> Figure:
    """One panel for each difference: mean absolute effect over the whole range, with its interval."""
    from experiments.report.axes import Axis
    from experiments.report.numerals import measure

    assert found.screening is not None, "only drawn after a screening"
    unit = measure(_unit(found), found.resolved.world.market.currency)
    drawn = [
        (output, found.screening[found.screening["output"] == output].head(SHOWN))
        for output in found.differences
    ]
    columns = min(2 if wide else 1, len(drawn))
    figure = blank(wide, -(-len(drawn) // columns) * (0.9 + 0.3 * SHOWN) + 0.4)
    scale = Axis(unit, [value for _, own in drawn for value in own["high"]], difference=False)
    for axes, (output, own) in zip(panels(figure, len(drawn), columns, share_rows=False), drawn, strict=True):
        for row, record in enumerate(own.to_dict(orient="records")):
            axes.barh(row, scale.at(record["mu_star"]), height=0.6, color=BLUE.light, alpha=0.3, linewidth=0)
            axes.plot(
                [scale.at(record["low"]), scale.at(record["high"])],
                [row] * 2,
                color=BLUE.light,
                linewidth=2.0,
            )
        name_rows(axes, range(len(own)), list(own["axis"]), len(own))
        scale.dress(axes)
        axes.spines["left"].set_visible(True)
        axes.set_title(spoken(output))
    return figure


def _unit(found: SensitivityFound) -> str:
    from experiments.metrics import METRICS

    return METRICS[found.resolved.goal.metric].unit.replace("currency", found.resolved.world.market.currency)
