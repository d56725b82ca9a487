"""Found: the maps, and what they say in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.decision_map.maps import Map
from experiments.points.ask import Finding
from experiments.report.cells import spoken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class MapFound(Finding):
    """What was found.

    Attributes:
        maps: one for each goal, horizon and field of scenarios.
        table: all their cells, `maps.COLUMNS` (`decision_map.csv`).
    """

    maps: tuple[Map, ...]
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        """Who wins how many cells of the first map, and in how many surely."""
        return said(self.maps[0])

    @property
    def value(self) -> float | None:
        """Share of the first map's cells in which the winner is distinguishable; None where none is known."""
        wins = self.maps[0].wins()
        cells = sum(won for won, _ in wins.values())
        return sum(clear for _, clear in wins.values()) / cells if cells else None


def said(one: Map) -> str:
    """Who wins how much of a map."""
    wins = one.wins()
    cells = sum(won for won, _ in wins.values())
    if cells == 0:
        return "No cell was finished in every scenario, so there is no winner anywhere."
    parts = [f"{spoken(name)} in {won:,} (clearly in {clear:,})" for name, (won, clear) in wins.items()]
    among = "all scenarios" if one.field == "all" else "the kinds of retention"
    return (
        f"For {one.goal.title} over {one.horizon_months:g} months, among {among}, the best of {cells:,} cells is "
        f"{', '.join(parts)}."
    )
