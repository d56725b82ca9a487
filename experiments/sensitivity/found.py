"""Found: which assumptions decide, in tables and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.points.ask import Finding
from experiments.points.axis import Axis
from experiments.points.base import Base
from experiments.report.cells import spoken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SensitivityFound(Finding):
    """What was found.

    Attributes:
        axes: all assumptions that were moved.
        screening: `indices.SCREENING_COLUMNS` (`screening.csv`); None where they were few.
        indices: `indices.INDEX_COLUMNS` (`sensitivity.csv`); None where screening could not tell which to take.
        base: the world.
    """

    axes: tuple[Axis, ...]
    screening: pd.DataFrame | None
    indices: pd.DataFrame | None
    base: Base

    @property
    def differences(self) -> list[str]:
        """Names of the outputs that are differences, the last listed scenario's first."""
        base = self.base
        return [f"{name} less {base.baseline}" for name in reversed(base.scenarios) if name != base.baseline]

    def of(self, output: str) -> pd.DataFrame | None:
        """The indices of an output; None where there are none."""
        if self.indices is None:
            return None
        own = self.indices[self.indices["output"] == output]
        return None if own.empty else own

    @property
    def sentence(self) -> str:
        """What explains most of the last listed scenario's difference to the baseline."""
        output = self.differences[0]
        own = self.of(output)
        goal = self.resolved.goal.title
        if own is None:
            return f"Nothing can be said yet about what decides the difference in {goal}: points are missing."
        if own["total"].max() == 0.0:
            return f"The difference in {goal}, {spoken(output)}, is the same whatever the assumptions are."
        parts = [
            f"{row['axis']} ({row['total']:.0%}, {max(row['total_low'], 0.0):.0%} to {row['total_high']:.0%})"
            for row in own.head(3).to_dict(orient="records")
        ]
        return (
            f"What decides the difference in {goal}, {spoken(output)}, is first of all {', then '.join(parts)}: "
            "the share of its variance that would be left without knowing each."
        )

    @property
    def value(self) -> float | None:
        """The largest total index of the last listed scenario's difference; None where there is none."""
        own = self.of(self.differences[0])
        return None if own is None else float(own["total"].max())
