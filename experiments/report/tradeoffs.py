"""The trade-off table: what each scenario gives and takes, dimension by dimension, as differences to the baseline."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from experiments.report.cells import Cell, State, plain_name, spoken
from experiments.report.inputs import EQUAL_SPEND
from experiments.report.material import Material
from experiments.report.numerals import between, write
from experiments.report.tables import SIDES, Mark, Number, mark, number
from experiments.report.wording import DIMENSIONS

TOLD: tuple[tuple[State, str], ...] = (
    ("better", "better"),
    ("worse", "worse"),
    ("higher", "higher"),
    ("lower", "lower"),
    ("unclear", "not distinguishable"),
    ("identical", "identical"),
    ("missing", "not measured"),
)


@dataclass(frozen=True)
class Dimension:
    """A row of the matrix: a metric in plain words.

    Attributes:
        metric, label: its name, and what a strategist calls it.
        level: its cell under the baseline; None where it was not measured there.
        cells: one per scenario, in their order; None where it was not measured.
    """

    metric: str
    label: str
    level: Cell | None
    cells: tuple[Cell | None, ...]

    @property
    def known(self) -> tuple[Cell, ...]:
        """The cells that have a difference."""
        return tuple(cell for cell in self.cells if cell is not None and math.isfinite(cell.difference))


@dataclass(frozen=True)
class Tradeoffs:
    """The matrix: scenarios as columns, dimensions in groups as rows; `scaled` says whether at equal spend."""

    scenarios: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Dimension, ...]], ...]
    scaled: bool

    @property
    def rows(self) -> tuple[Dimension, ...]:
        """All dimensions."""
        return tuple(row for _, rows in self.groups for row in rows)


@dataclass(frozen=True)
class Line:
    """A cell of the matrix, written: for a table that can be sorted and copied."""

    group: str
    label: str
    unit: str
    side: str
    scenario: str
    difference: Number
    market: str
    luck: str
    mark: Mark


def tradeoffs(material: Material, scaled: bool = False) -> Tradeoffs | None:
    """The matrix of the focal provider as the scenarios are, or at equal spend; None where nothing has a difference.

    A dimension that was not measured keeps its row: a gap that is seen is no claim that nothing moved.
    """
    marks = EQUAL_SPEND if scaled else ""
    present = {cell.scenario for cell in material.cells if math.isfinite(cell.difference)}
    scenarios = tuple(name + marks for name in material.rivals if name + marks in present)
    groups = tuple(
        (title, tuple(_dimension(material, metric, label, scenarios) for metric, label in rows))
        for title, rows in DIMENSIONS
    )
    found = Tradeoffs(scenarios, groups, scaled)
    return found if any(row.known for row in found.rows) else None


def _dimension(material: Material, metric: str, label: str, scenarios: tuple[str, ...]) -> Dimension:
    level = material.cells.get(material.results.baseline, metric)
    measured = level if level is not None and math.isfinite(level.mean) else None
    return Dimension(metric, label, measured, tuple(material.cells.get(name, metric) for name in scenarios))


def numbers(cell: Cell) -> tuple[float, float, float]:
    """The difference and its luck interval: what is written, and what sets the scale of a row."""
    return cell.difference, cell.difference_luck.low, cell.difference_luck.high


def lines(material: Material, matrix: Tradeoffs) -> tuple[Line, ...]:
    """Every measured cell of the matrix as a line of the table below it."""
    return tuple(
        line for title, rows in matrix.groups for row in rows for line in _lines(material, title, row)
    )


def _lines(material: Material, title: str, row: Dimension) -> list[Line]:
    if not row.known:
        return []
    unit = material.measure(row.known[0].unit)
    changes = [
        value
        for cell in row.known
        for value in (*numbers(cell), cell.difference_market.low, cell.difference_market.high)
    ]
    bare = [False, True, True, True, True] * len(row.known)
    texts = write(changes, unit, signed=True, keep=[cell.difference for cell in row.known], bare=bare)
    found = []
    for i, cell in enumerate(row.known):
        change, luck_low, luck_high, low, high = texts[5 * i : 5 * i + 5]
        found.append(
            Line(
                group=title,
                label=row.label,
                unit=unit.axis(difference=True),
                side=SIDES[cell.direction],
                scenario=cell.scenario,
                difference=number(cell.difference, change),
                market=between(low, high) if cell.difference_market.known else "",
                luck=between(luck_low, luck_high) if cell.difference_luck.known else "",
                mark=mark(cell.reading(material.results.baseline), cell.direction),
            )
        )
    return found


def description(material: Material, matrix: Tradeoffs) -> str:
    """What the drawing shows, for those who cannot see it: how each scenario's dimensions read."""
    said = []
    for column, name in enumerate(matrix.scenarios):
        cells = [row.cells[column] for row in matrix.rows]
        states = Counter(
            "missing" if cell is None else cell.reading(material.results.baseline).state for cell in cells
        )
        counts = ", ".join(f"{states[state]} {words}" for state, words in TOLD if states[state])
        said.append(f"{spoken(name)}: {counts}.")
    return (
        f"Matrix of {len(matrix.rows)} dimensions by {len(matrix.scenarios)} scenarios, differences to "
        f"{material.results.baseline}; the table that follows holds the numbers. {' '.join(said)}"
    )


def unmeasured(matrix: Tradeoffs) -> tuple[str, ...]:
    """The dimensions of which no scenario has a difference."""
    return tuple(row.label for row in matrix.rows if not row.known)


def names(matrix: Tradeoffs) -> tuple[str, ...]:
    """The scenarios of the columns, without marks."""
    return tuple(plain_name(name) for name in matrix.scenarios)
