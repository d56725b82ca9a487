"""The summary as cells: one metric of one scenario, its difference to the baseline, and how to read it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from experiments.report.inputs import ALL, EQUAL_SPEND, SUMMARY_COLUMNS, ReportInput

USUAL_ORDER = ("none", "today", "placebo", "passive", "active", "blend")

State = Literal["baseline", "identical", "unclear", "better", "worse", "higher", "lower", "missing"]


@dataclass(frozen=True)
class Interval:
    """Two ends, NaN where it was not estimated."""

    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether both ends were estimated."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def holds_zero(self) -> bool:
        """Whether 0 lies inside, ends included; False where unknown."""
        return self.known and self.low <= 0.0 <= self.high


@dataclass(frozen=True)
class Reading:
    """A difference in words: its state, whose ignorance keeps it unclear, and whether only at point values."""

    state: State
    because: Literal["", "luck", "market", "both", "one run"] = ""
    at_point_values: bool = False


@dataclass(frozen=True)
class Cell:
    """One row of the summary.

    `market` intervals are the 95 % range of the true value over plausible markets, `luck` intervals those of the
    mean at these draws. `direction` is +1 where more is better, -1 where less is, 0 where neither.
    """

    scenario: str
    provider: str
    segment: str
    metric: str
    unit: str
    direction: int
    mean: float
    market: Interval
    luck: Interval
    difference: float
    difference_market: Interval
    difference_luck: Interval
    p_best: float

    def reading(self, baseline: str) -> Reading:
        """How to read the difference: the wider of the two intervals decides, and what is exactly 0 is identical."""
        if not math.isfinite(self.difference):
            return Reading("baseline" if plain_name(self.scenario) == baseline else "missing")
        if self.scenario == baseline:
            return Reading("baseline")
        alone = not self.difference_market.known
        if self._exactly_zero():
            return Reading("identical", at_point_values=alone)
        if alone and not self.difference_luck.known:
            return Reading("unclear", "one run", alone)
        unclear = self.difference_luck.holds_zero, self.difference_market.holds_zero
        if unclear == (True, True):
            return Reading("unclear", "both", alone)
        if any(unclear):
            return Reading("unclear", "luck" if unclear[0] else "market", alone)
        return Reading(self._side(), at_point_values=alone)

    def _exactly_zero(self) -> bool:
        ends = (*_ends(self.difference_market), *_ends(self.difference_luck))
        return self.difference == 0.0 and all(end == 0.0 for end in ends)

    def _side(self) -> State:
        if self.direction == 0:
            return "higher" if self.difference > 0.0 else "lower"
        return "better" if self.difference * self.direction > 0.0 else "worse"


def _ends(interval: Interval) -> tuple[float, ...]:
    return tuple(end for end in (interval.low, interval.high) if math.isfinite(end))


def plain_name(scenario: str) -> str:
    """The scenario without the mark of equal spend."""
    return scenario.removesuffix(EQUAL_SPEND)


def spoken(scenario: str) -> str:
    """The scenario in words: `active@equal_spend` is `active, equal spend`."""
    return f"{plain_name(scenario)}, equal spend" if scenario.endswith(EQUAL_SPEND) else scenario


def ordered(scenarios: Iterable[str], baseline: str, order: Iterable[str] = ()) -> tuple[str, ...]:
    """Scenarios in the order to show them: as told, then the baseline, then the usual ones, then by name."""
    told = list(order)
    rank = {name: i for i, name in enumerate([*told, baseline, *USUAL_ORDER][::-1])}
    unique = sorted(set(scenarios))
    return tuple(sorted(unique, key=lambda name: (-rank.get(name, -1), name)))


def _direction(value: object) -> int:
    """1, -1 or 0 from a number or its text; what is missing has no good side."""
    try:
        number = float(str(value))
    except ValueError:
        return 0
    return 0 if math.isnan(number) else (number > 0.0) - (number < 0.0)


def _cells_of(summary: pd.DataFrame) -> Iterator[Cell]:
    """A cell for each row of a summary, column by column: what is no number is NaN, what lacks is empty."""
    table = summary.reindex(columns=list(SUMMARY_COLUMNS))
    columns: list[list[Any]] = [
        table[column].astype("object").where(table[column].notna(), "").tolist()
        for column in SUMMARY_COLUMNS[:6]
    ]
    columns += [
        pd.to_numeric(table[column], errors="coerce").astype("float64").tolist()
        for column in SUMMARY_COLUMNS[6:]
    ]
    sides = {value: _direction(value) for value in set(columns[5])}
    for row in zip(*columns, strict=True):
        scenario, provider, segment, metric, unit, direction, mean, *ends, difference = row[:12]
        difference_ends, p_best = row[12:16], row[16]
        yield Cell(
            scenario=str(scenario),
            provider=str(provider),
            segment=str(segment),
            metric=str(metric),
            unit=str(unit),
            direction=sides[direction],
            mean=mean,
            market=Interval(*ends[:2]),
            luck=Interval(*ends[2:]),
            difference=difference,
            difference_market=Interval(*difference_ends[:2]),
            difference_luck=Interval(*difference_ends[2:]),
            p_best=p_best,
        )


class Cells:
    """The whole summary, found by (scenario, provider, segment, metric)."""

    def __init__(self, results: ReportInput) -> None:
        self.baseline = results.baseline
        self.focal = results.focal
        cells = _cells_of(results.summary)
        self._cells = {(cell.scenario, cell.provider, cell.segment, cell.metric): cell for cell in cells}
        names = {cell.scenario for cell in self._cells.values()}
        plain = {name for name in names if not name.endswith(EQUAL_SPEND)}
        self.scenarios = ordered(plain | {plain_name(n) for n in names}, results.baseline, results.order)
        self.equal_spend = tuple(s + EQUAL_SPEND for s in self.scenarios if s + EQUAL_SPEND in names)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells.values())

    def __len__(self) -> int:
        return len(self._cells)

    def get(self, scenario: str, metric: str, provider: str | None = None, segment: str = ALL) -> Cell | None:
        """The cell, of the focal provider and of everyone unless told otherwise; None where there is none."""
        return self._cells.get((scenario, self.focal if provider is None else provider, segment, metric))

    def metrics(self) -> tuple[str, ...]:
        """Metrics the focal provider has for everyone."""
        keys = self._cells
        return tuple(dict.fromkeys(m for _, p, s, m in sorted(keys) if p == self.focal and s == ALL))

    def segments(self) -> tuple[str, ...]:
        """The focal provider's segments by name, without `all`."""
        return tuple(sorted({s for _, p, s, _ in self._cells if p == self.focal and s != ALL}))

    def providers(self) -> tuple[str, ...]:
        """Providers, the focal one first, then by name, without `all`."""
        others = {p for _, p, _, _ in self._cells} - {ALL, self.focal}
        return (self.focal, *sorted(others))
