"""Figure: what each programme does alone, what both do together, and what that is beyond the sum of the two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.report.axes import Axis, blank, dot, name_rows, panels
from experiments.report.cells import Interval
from experiments.report.numerals import measure
from experiments.report.palette import ACCENT, INK, Look, looks
from experiments.report.wording import wording
from experiments.synergy.found import Record, SynergyFound
from experiments.synergy.interaction import EFFECT, INTERACTION, ORDER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 1.75
"""Inches of a panel with four bars."""
BEYOND = Look(ACCENT, "*")


def interaction_figure(found: SynergyFound, wide: bool) -> Figure:
    """One panel for each metric: bars of the effects and the interaction, each with both intervals."""
    asked = found.resolved.experiment
    look = looks([asked.passive, asked.active, asked.both])
    effects, beyond = found.rows(EFFECT), {row["metric"]: row for row in found.rows(INTERACTION)}
    metrics = [metric for metric, row in beyond.items() if math.isfinite(row["difference"])]
    columns = 2 if wide else 1
    figure = blank(wide, max(1, math.ceil(len(metrics) / columns)) * (HEIGHT + 0.6))
    for place, (metric, axes) in enumerate(zip(metrics, panels(figure, len(metrics), columns), strict=True)):
        rows = [row for row in effects if row["metric"] == metric]
        drawn = [*((str(row["scenario"]), row, look[row["scenario"]]) for row in rows),
                 ("beyond the sum", beyond[metric], BEYOND)]  # fmt: skip
        _bars(axes, found, drawn, named=place % columns == 0)
        axes.set_title(wording(metric).label)
    return figure


def order_figure(found: SynergyFound, wide: bool) -> Figure:
    """The goal's differences between orders, each with both intervals: as configured hollow, at equal spend filled."""
    goal = found.resolved.goal.metric
    rows = [r for r in found.rows(ORDER) if r["metric"] == goal and math.isfinite(r["difference"])]
    drawn = []
    for row in rows:
        name = f"{row['scenario']} less {row['other']}".replace("_", " ")
        drawn.append((name, row, Look(INK, "o" if row["basis"] == "equal_spend" else "s")))
    figure = blank(wide, 0.9 + 0.34 * len(rows))
    (axes,) = panels(figure, 1, 1)
    _bars(axes, found, drawn, named=True)
    axes.set_title(wording(goal).label)
    return figure


def _bars(axes: Axes, found: SynergyFound, drawn: list[tuple[str, Record, Look]], named: bool) -> None:
    ends = ("difference", "low", "high", "luck_low", "luck_high")
    unit = measure(str(drawn[0][1]["unit"]), found.resolved.world.market.currency)
    axis = Axis(unit, [row[end] for _, row, _ in drawn for end in ends], difference=True)
    for place, (name, row, look) in enumerate(drawn):
        colour = look.shade.light
        axes.barh(place, axis.at(row["difference"]), height=0.62, color=colour, alpha=0.28, linewidth=0)
        market, luck = (
            Interval(row["low"], row["high"]),
            Interval(row["luck_low"], row["luck_high"]),
        )
        hollow = row["part"] == ORDER and row["basis"] != "equal_spend"
        dot(axes, axis, look, name, place, row["difference"], market, luck, hollow)
    name_rows(axes, range(len(drawn)), [name for name, _, _ in drawn], len(drawn))
    if not named:
        axes.tick_params(labelleft=False)
    axis.dress(axes)
