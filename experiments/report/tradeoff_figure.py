"""The drawing of the trade-off table: a row per dimension with a scale of its own, a column per scenario.

It is laid out in inches on one pair of axes: several hundred small axes would be slow to draw and hard to align.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.report.axes import NARROW, WIDE, Axis, short
from experiments.report.cells import Cell, State, plain_name
from experiments.report.material import Material
from experiments.report.numerals import write
from experiments.report.palette import BAD, GOOD, INK, MUTED, PAPER, RULE, Shade
from experiments.report.tables import SIDES
from experiments.report.tradeoffs import Dimension, Tradeoffs, numbers, tradeoffs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABEL, LEVEL = 2.95, 0.72
"""Inches for the names of the dimensions and for the baseline's level, where they stand beside the cells."""
MARGIN = 0.06
LEAST, MOST = 0.62, 1.5
"""Least and greatest width of a column in inches."""
ROW, GAP, TITLE, CAPTION = 0.37, 0.25, 0.34, 0.36
"""Heights in inches: of a row's cells, of a row that was not measured, of a group's title, of a name that stands above
its cells (narrow)."""
LETTER = 5.4 / 72.0
"""Width of a letter in inches, about."""
FAR = 2.5
"""Ranges over markets are cut where they reach this many times beyond the largest difference or luck interval."""

STYLES: dict[str, tuple[Shade, str, bool]] = {
    "better": (GOOD, "o", False),
    "worse": (BAD, "X", False),
    "higher": (INK, "D", False),
    "lower": (INK, "D", False),
    "unclear": (MUTED, "o", True),
    "identical": (MUTED, "|", False),
}
"""Shade, marker and whether it is hollow, by the state of a reading: told apart without colour as well."""
KEY = (
    ("better", "better"),
    ("worse", "worse"),
    ("higher", "higher or lower, neither is better"),
    ("unclear", "not distinguishable"),
    ("identical", "identical"),
)


def width(scenarios: Sequence[str], wide: bool) -> float:
    """The width of the drawing in inches."""
    return max(WIDE if wide else NARROW, _start(wide) + len(scenarios) * LEAST + _overhang(scenarios, wide))


def _start(wide: bool) -> float:
    return LABEL + LEVEL if wide else 0.0


def _slanted(scenarios: Sequence[str], wide: bool) -> bool:
    """Whether some part of some name is longer than an upright head has room for."""
    room = ((WIDE if wide else NARROW) - _start(wide)) / len(scenarios) / LETTER
    return any(len(part) > room for name in scenarios for part in _parts(name))


def _parts(scenario: str) -> list[str]:
    return plain_name(scenario).replace("_", "_ ").split(" ")


def _overhang(scenarios: Sequence[str], wide: bool) -> float:
    """Room to the right for the last slanted head."""
    if not _slanted(scenarios, wide):
        return 0.0
    return max(0.2, 0.75 * LETTER * len(short(plain_name(scenarios[-1]))) - 0.3)


def draw_tradeoffs(material: Material, wide: bool, scaled: bool = False) -> Figure | None:
    """The matrix: difference to the baseline with its luck interval (thick) and its range over markets (thin).

    Colour and marker say whether it is better or worse by the dimension's direction, grey and hollow that it is not
    distinguishable. A narrow drawing has the names above the cells.
    """
    from matplotlib.figure import Figure as EmptyFigure

    matrix = tradeoffs(material, scaled)
    if matrix is None:
        return None
    sheet = _Sheet(material, matrix, wide)
    figure = EmptyFigure(figsize=(sheet.width, sheet.height))
    axes = figure.add_axes(
        (0.0, 0.0, 1.0, 1.0), xlim=(-MARGIN, sheet.width + MARGIN), ylim=(sheet.height, 0.0)
    )
    axes.set_axis_off()
    sheet.draw(axes)
    return figure


@dataclass
class _Lines:
    """Straight lines, to be drawn in one stroke: NaN stands between them."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)

    def stretch(self, left: float, right: float, above: float, below: float) -> None:
        self.x += [left, right, math.nan]
        self.y += [above, below, math.nan]

    @property
    def data(self) -> tuple[list[float], list[float]]:
        return self.x, self.y


@dataclass
class _Ink:
    """All cells of one state: their intervals, points, corners, and the ends that go on beyond a cell."""

    market: _Lines = field(default_factory=_Lines)
    luck: _Lines = field(default_factory=_Lines)
    points: list[tuple[float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float]] = field(default_factory=list)
    left: list[tuple[float, float]] = field(default_factory=list)
    right: list[tuple[float, float]] = field(default_factory=list)

    def fill(self, axes: Axes, width: float, height: float, colour: str) -> None:
        """A tint behind the cells."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height), (0.0, 0.0))
        boxes = [Path([(x + dx, y + dy) for dx, dy in corners], closed=True) for x, y in self.boxes]
        axes.add_patch(PathPatch(Path.make_compound_path(*boxes), color=colour, alpha=0.1, linewidth=0))


class _Sheet:
    """Where everything stands, in inches from the upper left corner."""

    def __init__(self, material: Material, matrix: Tradeoffs, wide: bool) -> None:
        self.material, self.matrix, self.wide = material, matrix, wide
        self.width, self.start = width(matrix.scenarios, wide), _start(wide)
        self.slanted = _slanted(matrix.scenarios, wide)
        room = self.width - self.start - _overhang(matrix.scenarios, wide)
        self.column = min(MOST, room / len(matrix.scenarios))
        self.heads = [self._wrapped(name) for name in matrix.scenarios]
        lines = max(head.count("\n") + 1 for head in self.heads)
        slope = max(len(head) for head in self.heads) * LETTER * 0.62
        self.head = 0.35 + (slope if self.slanted else 0.17 * lines)
        tall = sum(self._step(row) for row in matrix.rows)
        self.bottom = self.head + TITLE * len(matrix.groups) + tall
        self.height = self.bottom + (0.55 if wide else 0.95)
        self.rules, self.zeros = _Lines(), _Lines()
        self.ink: dict[State, _Ink] = {}

    def _step(self, row: Dimension) -> float:
        """The height of a row."""
        if not row.known:
            return GAP
        return ROW if self.wide else CAPTION + ROW

    def _wrapped(self, name: str) -> str:
        """The name on as many lines as the column needs, cut at underscores."""
        if self.slanted:
            return short(plain_name(name))
        done: list[str] = []
        for part in _parts(name):
            if done and len(done[-1]) + len(part) <= self.column / LETTER:
                done[-1] += part
            else:
                done.append(part)
        return "\n".join(done)

    def draw(self, axes: Axes) -> None:
        self._draw_heads(axes)
        top = self.head
        for title, rows in self.matrix.groups:
            axes.text(0.0, top + 0.25, title, fontweight="bold", va="baseline")
            axes.plot([0.0, self._end], [top + TITLE, top + TITLE], color=INK.light, linewidth=0.8)
            top += TITLE
            for row in rows:
                self._draw_row(axes, row, top)
                top += self._step(row)
                self.rules.stretch(0.0, self._end, top, top)
        axes.plot(*self.rules.data, color=RULE.light, linewidth=0.5)
        self._draw_ink(axes)
        self._draw_key(axes)

    @property
    def _end(self) -> float:
        return self.start + self.column * len(self.matrix.scenarios)

    def _state(self, cell: Cell) -> State:
        return cell.reading(self.material.results.baseline).state

    def _middle(self, column: int) -> float:
        return self.start + (column + 0.5) * self.column

    def _draw_heads(self, axes: Axes) -> None:
        for column, (name, head) in enumerate(zip(self.matrix.scenarios, self.heads)):
            look, x = self.material.look(name), self._middle(column)
            axes.plot(
                [x],
                [self.head - 0.11],
                marker=look.marker,
                markersize=6.0,
                linestyle="none",
                markerfacecolor=PAPER.light if self.matrix.scaled else look.shade.light,
                markeredgecolor=look.shade.light if self.matrix.scaled else INK.light,
                markeredgewidth=1.3 if self.matrix.scaled else 0.6,
                color=look.shade.light,
                label=name,
            )
            if self.slanted:
                axes.text(x - 0.03, self.head - 0.24, head, rotation=40, rotation_mode="anchor", ha="left")
            else:
                axes.text(x, self.head - 0.24, head, ha="center", va="bottom", linespacing=1.05)
        if self.wide:
            words = f"level at\n{short(self.material.results.baseline)}"
            axes.text(self.start - 0.12, self.head - 0.05, words, **_small("right"))

    def _draw_row(self, axes: Axes, row: Dimension, top: float) -> None:
        known = row.known
        cells = top if self.wide else top + CAPTION
        some = known[0] if known else row.level
        muted: dict[str, Any] = {"va": "baseline", "color": MUTED.light, "fontsize": 8.0}
        axes.text(0.0, top + 0.16, row.label, va="baseline", color=INK.light if known else MUTED.light)
        if some is None or not known:
            where, side = (self.start + 0.1, "left") if self.wide else (self._end, "right")
            axes.text(where, top + 0.16, "not measured here", ha=side, fontstyle="italic", **muted)
            return
        unit = self.material.measure(some.unit)
        values = [value for cell in known for value in numbers(cell)]
        axis = Axis(unit, values, difference=True)
        note = " · ".join(part for part in (axis.label, SIDES[some.direction]) if part)
        axes.text(0.0, top + 0.3, note, **_small("left", "baseline"))
        if row.level is not None:
            level = write([row.level.mean], unit)[0]
            place, words = (self.start - 0.12, top + 0.235), level
            if not self.wide:
                place, words = (self._end, top + 0.16), f"{short(self.material.results.baseline)}: {level}"
            axes.text(*place, words, ha="right", **muted)
        clear = [cell.difference for cell in known if self._state(cell) not in {"unclear", "identical"}]
        texts = write(values, unit, signed=True, keep=clear, bare=[True] * len(values))
        written = dict(zip((cell.scenario for cell in known), texts[::3]))
        reach = _reach(known)
        for column, cell in enumerate(row.cells):
            if cell is None or cell.scenario not in written:
                axes.text(
                    self._middle(column), cells + 0.22, "–", ha="center", va="center", color=MUTED.light
                )
            else:
                self._draw_cell(axes, cell, column, cells, reach, written[cell.scenario])

    def _draw_cell(self, axes: Axes, cell: Cell, column: int, top: float, reach: float, written: str) -> None:
        state = self._state(cell)
        x, y, half = self._middle(column), top + 0.26, 0.44 * self.column
        loud = state in {"better", "worse"}
        axes.text(
            x,
            top + 0.125,
            "=" if state == "identical" else written,
            ha="center",
            va="baseline",
            fontsize=8.0,
            color=STYLES[state][0].light,
            fontweight="bold" if loud else "normal",
        )
        ink = self.ink.setdefault(state, _Ink())
        self.zeros.stretch(x, x, top + 0.17, top + 0.35)
        ink.points.append((x + half * max(-1.0, min(1.0, cell.difference / reach)), y))
        ink.boxes.append((x - 0.5 * self.column + 0.02, top + 0.02))
        for interval, lines in ((cell.difference_market, ink.market), (cell.difference_luck, ink.luck)):
            if interval.known:
                ends = [half * max(-1.0, min(1.0, end / reach)) for end in (interval.low, interval.high)]
                lines.stretch(x + ends[0], x + ends[1], y, y)
                ink.left += [(x + ends[0], y)] * (interval.low < -reach * (1.0 + 1e-9))
                ink.right += [(x + ends[1], y)] * (interval.high > reach * (1.0 + 1e-9))

    def _draw_ink(self, axes: Axes) -> None:
        """Everything of one kind in one stroke: thousands of single marks would make a large and slow page."""
        axes.plot(*self.zeros.data, color=MUTED.light, linewidth=0.7, label="zero")
        for state, ink in self.ink.items():
            shade, marker, hollow = STYLES[state]
            colour = shade.light
            if state in {"better", "worse"}:
                ink.fill(axes, self.column - 0.04, ROW - 0.04, colour)
            axes.plot(*ink.market.data, color=colour, linewidth=1.0, label=f"{state} market")
            axes.plot(
                *ink.luck.data,
                color=colour,
                linewidth=3.4,
                solid_capstyle="butt",
                alpha=0.55,
                label=f"{state} luck",
            )
            for heads, head in ((ink.left, "<"), (ink.right, ">")):
                _dots(axes, heads, marker=head, markersize=3.2, color=colour, label=f"{state} {head}")
            _dots(
                axes,
                ink.points,
                marker=marker,
                markersize=5.4 if marker == "X" else 4.6,
                markerfacecolor=PAPER.light if hollow else colour,
                markeredgecolor=colour if hollow or marker == "|" else PAPER.light,
                markeredgewidth=1.1 if hollow else 0.5,
                zorder=4,
                label=state,
            )

    def _draw_key(self, axes: Axes) -> None:
        from matplotlib.lines import Line2D

        handles = []
        for state, words in KEY:
            shade, marker, hollow = STYLES[state]
            face = PAPER.light if hollow else shade.light
            handles.append(
                Line2D([], [], linestyle="none", color=shade.light, marker=marker, markersize=5.4,
                       markerfacecolor=face, label=words)
            )  # fmt: skip
        handles.append(Line2D([], [], linewidth=3.6, color=MUTED.light, label="luck, 95 %"))
        handles.append(Line2D([], [], linewidth=1.0, color=MUTED.light, label="plausible markets, 95 %"))
        axes.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(-0.05, self.bottom + 0.06),
            bbox_transform=axes.transData,
            ncols=len(KEY) + 2 if self.wide else 2,
            fontsize=8.0,
            handlelength=1.4,
            columnspacing=1.4,
        )


def _small(side: str, place: str = "bottom") -> dict[str, Any]:
    return {"ha": side, "va": place, "color": MUTED.light, "fontsize": 7.0}


def _dots(axes: Axes, points: Sequence[tuple[float, float]], **style: Any) -> None:
    if points:
        axes.plot(*zip(*points), linestyle="none", **style)


def _reach(cells: Sequence[Cell]) -> float:
    """The value at the edge of the cells of a row."""
    near = max((abs(v) for cell in cells for v in numbers(cell) if math.isfinite(v)), default=0.0)
    ends = [v for cell in cells for v in (cell.difference_market.low, cell.difference_market.high)]
    far = max([near, *(abs(end) for end in ends if math.isfinite(end))])
    return (min(far, FAR * near) if near > 0.0 else far) or 1.0
