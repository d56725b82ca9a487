"""What the figures and tables of one report share: cells, looks and curves, computed once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from experiments.report.cells import Cell, Cells, ordered, plain_name
from experiments.report.curves import Curves, curves
from experiments.report.inputs import ReportInput
from experiments.report.numerals import Measure, measure
from experiments.report.palette import Look, looks
from experiments.report.wording import first, goal_metric


@dataclass(frozen=True)
class Material:
    """The results and what is read off them; figures and tables take this and nothing else."""

    results: ReportInput

    @cached_property
    def cells(self) -> Cells:
        """The summary by (scenario, provider, segment, metric)."""
        return Cells(self.results)

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Every scenario named in any table, without the marks of equal spend, in the order to show them."""
        names = set(self.cells.scenarios)
        told = self.results
        for table in (told.timeline, told.ledger, told.groups, told.bound, told.beliefs):
            if len(table):
                names |= {plain_name(str(name)) for name in table["scenario"].unique()}
        return ordered(names, self.results.baseline, self.results.order)

    @cached_property
    def rivals(self) -> tuple[str, ...]:
        """The scenarios that are compared with the baseline."""
        return tuple(name for name in self.scenarios if name != self.results.baseline)

    @cached_property
    def looks(self) -> dict[str, Look]:
        """One look per scenario, for the whole report."""
        return looks(self.scenarios)

    @cached_property
    def curves(self) -> Curves:
        """Retention over time."""
        return curves(self.results, self.scenarios)

    @cached_property
    def goal(self) -> str:
        """The metric that is judged by."""
        return goal_metric(self.results.verdict.goal)

    def look(self, scenario: str) -> Look:
        """The look of a scenario, the same at equal spend."""
        return self.looks[plain_name(scenario)]

    def measure(self, unit: str) -> Measure:
        """The measure of a unit in this market's money."""
        return measure(unit, self.results.currency)

    @cached_property
    def measured(self) -> tuple[str, ...]:
        """The metrics that have a value for the focal provider in any scenario."""
        found = {cell.metric for cell in self.cells if math.isfinite(cell.mean)}
        return tuple(m for m in self.cells.metrics() if m in found)

    def present(self, metrics: tuple[str, ...], limit: int | None = None) -> tuple[str, ...]:
        """The goal and then those of the metrics that the focal provider has, `limit` of them at most."""
        known = set(self.cells.metrics())
        return tuple(m for m in first(self.goal, *metrics) if m in known)[:limit]

    def found(
        self,
        scenarios: tuple[str, ...],
        metric: str,
        segment: str = "all",
    ) -> list[Cell]:
        """The cells of a metric at the focal provider, those that exist, in the order of the scenarios."""
        cells = (self.cells.get(name, metric, segment=segment) for name in scenarios)
        return [cell for cell in cells if cell is not None]
