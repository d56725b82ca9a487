"""The drawing of beliefs: over the reviews, what the firm believed of each tactic, what was true, what it paid for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.report.axes import blank, key_below, panels, short
from experiments.report.beliefs import Belief, Mind, minds
from experiments.report.material import Material
from experiments.report.numerals import MINUS
from experiments.report.palette import INK, MUTED, PAPER, RAMP

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_beliefs(material: Material, wide: bool) -> Figure | None:
    """A panel per tactic (believed lift with the firm's interval, true lift dashed) and the shares of the money."""
    found = minds(material)
    if not found:
        return None
    columns = 3 if wide else 1
    rows = [math.ceil((len(mind.tactics) + 1) / columns) for mind in found]
    keys = sum(len(mind.tactics) for mind in found)
    figure = blank(wide, 2.15 * sum(rows) + 0.35 + 0.19 * keys / (1 if wide else 2))
    grid = panels(figure, columns * sum(rows), columns, share_rows=False)
    first = 0
    for mind, height in zip(found, rows):
        block = grid[first : first + columns * height]
        _draw_mind(block, material, mind, wide, named=len(found) > 1)
        first += columns * height
    _add_key(figure)
    return figure


def _draw_mind(block: Sequence[Axes], material: Material, mind: Mind, wide: bool, named: bool) -> None:
    colour = material.look(mind.scenario).shade.light
    whose = f"{mind.scenario}: " if named else ""
    ends = [100.0 * v for b in mind.tactics for part in (b.low, b.high, b.believed, b.true) for v in part]
    shown = [end for end in ends if math.isfinite(end)] or [0.0]
    low, high = min(0.0, *shown), max(0.0, *shown)
    for axes, belief in zip(block, mind.tactics):
        _draw_belief(axes, belief, colour)
        axes.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low) or 1.0)
        axes.set_title(short(f"{whose}{belief.tactic}".replace("_", " ")))
        _dress(axes)
    last = block[len(mind.tactics)]
    _draw_shares(last, mind, wide)
    last.set_title(f"{whose}share of the money, %")
    _dress(last)
    for axes in block[len(mind.tactics) + 1 :]:
        axes.set_visible(False)


def _draw_belief(axes: Axes, belief: Belief, colour: str) -> None:
    axes.axhline(0.0, color=INK.light, linewidth=0.8)
    axes.fill_between(
        belief.months, 100.0 * belief.low, 100.0 * belief.high, color=colour, alpha=0.18, linewidth=0
    )
    axes.plot(
        belief.months,
        100.0 * belief.believed,
        color=colour,
        linewidth=1.8,
        marker="o",
        markersize=3.6,
        label="believed",
    )
    if np.isfinite(belief.true).any():
        axes.plot(
            belief.months,
            100.0 * belief.true,
            color=INK.light,
            linewidth=1.3,
            linestyle=(0, (4, 2)),
            label="true",
        )


def _draw_shares(axes: Axes, mind: Mind, wide: bool) -> None:
    months = mind.tactics[0].months
    kept = mind.tactics[: len(RAMP) - 1] if len(mind.tactics) > len(RAMP) else mind.tactics
    parts = [(belief.tactic.replace("_", " "), 100.0 * belief.share) for belief in kept]
    if len(kept) < len(mind.tactics):
        parts.append(("others", np.sum([100.0 * b.share for b in mind.tactics[len(kept) :]], axis=0)))
    base = np.zeros_like(months)
    areas = []
    for (name, share), shade in zip(parts, RAMP):
        areas.append(
            axes.fill_between(
                months,
                base,
                base + share,
                facecolor=shade.light,
                edgecolor=PAPER.light,
                linewidth=0.6,
                label=short(name),
            )
        )
        base = base + share
    axes.set_ylim(0.0, 100.0)
    key_below(axes, areas, 1 if wide else 2)


def _dress(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlabel("months")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 3, 6, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", MINUS)))
    axes.grid(axis="y")
    axes.margins(x=0.0)


def _add_key(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    figure.legend(
        handles=[
            Line2D([], [], color=MUTED.light, linewidth=1.8, marker="o", markersize=3.6, label="believed"),
            Line2D([], [], color=MUTED.light, linewidth=7.0, alpha=0.3, label="the firm's 95 % interval"),
            Line2D([], [], color=INK.light, linewidth=1.3, linestyle=(0, (4, 2)), label="true"),
        ],
        loc="outside lower left",
        ncols=3,
    )
