"""The parts figures are drawn from: dots with two intervals, row labels with markers, axes for people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from experiments.report.cells import Interval, spoken
from experiments.report.numerals import Measure, plain, scale
from experiments.report.palette import INK, PAPER, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as MatplotlibAxis
    from matplotlib.figure import Figure

WIDE, NARROW = 10.0, 3.9
"""Widths in inches; the page shows the wide drawing on wide screens and paper, the narrow one on telephones."""

LONGEST = 26
"""Letters of a name that fit beside a narrow drawing."""

SCALE_WORDS = {"k": "thousands", "M": "millions", "bn": "billions", "": ""}


def blank(wide: bool, height: float) -> Figure:
    """An empty figure of the page's width and a height in inches."""
    from matplotlib.figure import Figure as EmptyFigure

    return EmptyFigure(figsize=(WIDE if wide else NARROW, height), layout="constrained")


def panels(figure: Figure, count: int, columns: int, share_rows: bool = True) -> list[Axes]:
    """`count` axes in a grid of so many columns; with `share_rows` only the left column names the rows."""
    rows = math.ceil(count / columns)
    grid = figure.subplots(rows, columns, squeeze=False, sharey="row" if share_rows else False)
    flat = [axes for row in grid for axes in row]
    for axes in flat[count:]:
        axes.set_visible(False)
    return flat[:count]


class Axis:
    """The horizontal axis of a metric: one scale for all that is drawn on it, and a label that says so."""

    def __init__(self, unit: Measure, values: Iterable[float], difference: bool) -> None:
        self.unit, self.difference = unit, difference
        shown = [value * unit.factor for value in values if math.isfinite(value)]
        self.divisor, letter = scale(shown, unit)
        words = unit.axis(difference)
        self.label = ", ".join(part for part in (words, SCALE_WORDS[letter]) if part)

    def at(self, value: float) -> float:
        """Where a value lies on the axis."""
        return value * self.unit.factor / self.divisor

    def dress(self, axes: Axes, note: str = "", ticks: int = 4) -> None:
        """Ticks and label of the horizontal axis, a line at 0 where differences are shown."""
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(round(value, 9))))
        axes.set_xlabel(" · ".join(part for part in (self.label, note) if part))
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        if self.difference:
            axes.axvline(0.0, color=INK.light, linewidth=0.9, zorder=1.5)


def dot(
    axes: Axes,
    axis: Axis,
    look: Look,
    label: str,
    row: float,
    mean: float,
    market: Interval,
    luck: Interval,
    hollow: bool = False,
) -> None:
    """A mean with its plausible-market interval (thin, with ends) and its luck interval (thick)."""
    colour = look.shade.light
    if market.known:
        ends = [axis.at(market.low), axis.at(market.high)]
        axes.plot(
            ends, [row, row], color=colour, linewidth=1.1, marker="|", markersize=6, label=f"{label} market"
        )
    if luck.known:
        ends = [axis.at(luck.low), axis.at(luck.high)]
        axes.plot(ends, [row, row], color=colour, linewidth=4.0, solid_capstyle="butt", label=f"{label} luck")
    axes.plot(
        [axis.at(mean)],
        [row],
        marker=look.marker,
        markersize=6.5 if look.marker in "PX*" else 5.8,
        markerfacecolor=PAPER.light if hollow else colour,
        markeredgecolor=colour if hollow else INK.light,
        markeredgewidth=1.3 if hollow else 0.6,
        linestyle="none",
        label=label,
        zorder=4,
    )


def name_rows(axes: Axes, rows: Sequence[float], names: Sequence[str], height: float) -> None:
    """Names of the rows on the left, the first on top; `height` is the number of row units."""
    axes.set_yticks(list(rows), [short(name) for name in names])
    axes.set_ylim(height - 0.5, -0.5)


def mark_rows(axes: Axes, scenarios: Sequence[str], looks: Sequence[Look]) -> None:
    """Scenario names as rows 0, 1, ..., each with its marker between the name and the axis."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    name_rows(axes, range(len(scenarios)), [spoken(name) for name in scenarios], len(scenarios))
    axes.tick_params(axis="y", pad=13)
    for row, (name, look) in enumerate(zip(scenarios, looks)):
        axes.plot(
            [0.0],
            [row],
            transform=axes.get_yaxis_transform()
            + ScaledTranslation(-8.0 / 72.0, 0.0, figure.dpi_scale_trans),
            marker=look.marker,
            markersize=5.8,
            color=look.shade.light,
            markeredgecolor=INK.light,
            markeredgewidth=0.6,
            linestyle="none",
            clip_on=False,
            label=name,
        )


MANY = 40.0
"""A range that spans more than this factor has ticks at 1 and 3 only."""


def log_ticks(axis: MatplotlibAxis) -> None:
    """Ticks of a logarithmic axis, whose ends are set, as plain numbers at 1, 2 and 5, or fewer where they are many."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1.0, 3.0) if high > MANY * low else (1.0, 2.0, 5.0), numticks=6))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def key_below(axes: Axes, handles: Sequence[Any], columns: int) -> None:
    """A key of the parts of a stack, below the label of the axis."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.02, 0.0),
        bbox_transform=axes.transAxes + ScaledTranslation(0.0, -34.0 / 72.0, figure.dpi_scale_trans),
        ncols=columns,
        handlelength=1.0,
        columnspacing=1.4,
    )


def short(name: str) -> str:
    """The name, cut where it would leave the drawing no room; the tables of the page have it whole."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places moved as little as possible (least squares) until neighbours are `gap` apart, order kept.

    They stay between `low` and `high` where they fit. Method: isotonic regression of `place - rank * gap` by pooling
    adjacent violators.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    pools: list[list[float]] = []
    for rank, i in enumerate(order):
        pools.append([places[i] - rank * gap])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    flat = [_mean(pool) for pool in pools for _ in pool]
    ceiling = high - (len(order) - 1) * gap
    result = [0.0] * len(places)
    for rank, i in enumerate(order):
        result[i] = max(low, min(flat[rank], ceiling)) + rank * gap
    return result


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
