"""Maps: for each goal, horizon and field of scenarios the winner in every cell, and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.metrics import METRICS
from experiments.points.axis import Axis
from experiments.points.found import Found
from experiments.points.winners import Winners, winners
from experiments.settings import Goal

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
ALL, KINDS = "all", "kinds"
COLUMNS = (
    "goal",
    "metric",
    "unit",
    "horizon_months",
    "field",
    "market",
    "x",
    "y",
    "best",
    "second",
    "lead",
    "low",
    "high",
    "luck_low",
    "luck_high",
    "p_best",
    "decided",
)
"""Columns of `decision_map.csv`. `field`: `all` scenarios, or only the `kinds` of retention. `lead`: best less second,
positive where better; `decided`: whether luck leaves the best distinguishable from every other of the field."""


@dataclass(frozen=True)
class Side:
    """One side of a map: numbers of an axis, or names.

    Attributes:
        label: what it shows, with its unit.
        ticks: values or names, in order.
        log: whether values are even in logarithms.
    """

    label: str
    ticks: tuple[float | str, ...]
    log: bool = False

    @property
    def is_named(self) -> bool:
        """Whether it holds names."""
        return isinstance(self.ticks[0], str)


@dataclass(frozen=True)
class Panel:
    """One market's map, or the map of all markets and customers.

    Attributes:
        title: the market, or `""`.
        x, y: its sides; cells are in the order of points: x moves slowest.
        scenarios: names that compete.
        judged: winners by cell.
        means: of the goal's metric, better is higher, float64 [cells, scenarios].
    """

    title: str
    x: Side
    y: Side
    scenarios: tuple[str, ...]
    judged: Winners
    means: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Cells along x and along y."""
        return len(self.x.ticks), len(self.y.ticks)

    def margins(self) -> Iterator[tuple[str, str, Floats]]:
        """Each pair of scenarios that are first and second somewhere, and by how much the first of the two leads.

        Where one of the pair is neither best nor second the margin is NaN: their break-even decides nothing there.
        Float64 [x, y].
        """
        for one in range(len(self.scenarios)):
            for other in range(one + 1, len(self.scenarios)):
                pair = {one, other}
                ahead = np.array(
                    [{int(b), int(s)} == pair for b, s in zip(self.judged.best, self.judged.second)]
                )
                margin = self.means[:, one] - self.means[:, other]
                shown = np.where(ahead, margin, np.nan).reshape(self.shape)
                if (shown > 0.0).any() and (shown < 0.0).any():
                    yield self.scenarios[one], self.scenarios[other], shown


@dataclass(frozen=True)
class Map:
    """A picture: one goal, one horizon, one field of scenarios.

    Attributes:
        goal, horizon_months, field: which.
        panels: by market.
    """

    goal: Goal
    horizon_months: float
    field: str
    panels: tuple[Panel, ...]

    @property
    def name(self) -> str:
        """Its name in files and links."""
        return f"{self.goal.name}-{self.horizon_months:g}-{self.field}"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Who competes."""
        return self.panels[0].scenarios

    def wins(self) -> dict[str, tuple[int, int]]:
        """Cells that each scenario wins, and those of them in which it is distinguishable from all others."""
        found: dict[str, tuple[int, int]] = {}
        for panel in self.panels:
            for place, sure in zip(panel.judged.best, panel.judged.decided, strict=True):
                if place >= 0:
                    won, clear = found.get(panel.scenarios[place], (0, 0))
                    found[panel.scenarios[place]] = (won + 1, clear + int(sure))
        return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def of_axes(axis: Axis, steps: int) -> Side:
    """The side that an axis makes."""
    unit = " and ".join(dict.fromkeys(axis.unit.split(" and ")))
    label = f"{axis.name.replace('_', ' ')}, {unit}" if unit else axis.name.replace("_", " ")
    return Side(label, tuple(float(value) for value in axis.steps(steps)), axis.log)


def fields(scenarios: Sequence[str], kinds: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Fields of competitors by name: all, and the kinds of retention where they are some but not all."""
    among = tuple(name for name in scenarios if name in kinds)
    found = {ALL: tuple(scenarios)}
    if 1 < len(among) < len(scenarios):
        found[KINDS] = among
    return found


def panel(
    title: str, x: Side, y: Side, values: Floats, names: Sequence[str], among: Sequence[str], metric: str
) -> Panel:
    """Judge the cells of a market.

    Args:
        title, x, y: see `Panel`.
        values: of the metric, float64 [cells, scenarios, draws, replicates].
        names: all scenarios of the values.
        among: those that compete.
        metric: its name.
    """
    direction = METRICS[metric].direction
    kept = values[:, [list(names).index(name) for name in among]]
    return Panel(title, x, y, tuple(among), winners(kept, direction), (kept * direction).mean(axis=(2, 3)))


def joined(found: Sequence[Found], metric: str) -> Floats:
    """Stages of one point each as cells, float64 [stages, scenarios, draws, replicates]."""
    return np.concatenate([one.values(metric) for one in found])


def tidy(maps: Sequence[Map], currency: str) -> pd.DataFrame:
    """All cells of all maps, `COLUMNS`."""
    import pandas as pd

    rows = []
    for one in maps:
        known = METRICS[one.goal.metric]
        unit = known.unit.replace("currency", currency)
        for part in one.panels:
            for cell, (best, second) in enumerate(zip(part.judged.best, part.judged.second, strict=True)):
                x, y = np.unravel_index(cell, part.shape)
                lead = part.judged.lead
                rows.append(
                    (
                        one.goal.name,
                        known.name,
                        unit,
                        one.horizon_months,
                        one.field,
                        part.title,
                        part.x.ticks[int(x)],
                        part.y.ticks[int(y)],
                        part.scenarios[best] if best >= 0 else "",
                        part.scenarios[second] if second >= 0 else "",
                        *(
                            float(getattr(lead, name)[cell])
                            for name in ("mean", "low", "high", "luck_low", "luck_high")
                        ),
                        float(part.judged.p_best[cell, best]) if best >= 0 else np.nan,
                        bool(part.judged.decided[cell]),
                    )
                )
    return pd.DataFrame(rows, columns=list(COLUMNS))
