"""Tables: what each shock costs each scenario, and who holds best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.intervals import estimate
from experiments.metrics import METRICS
from experiments.points.winners import winners
from experiments.shock.ask import UNDER

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Resolved
    from experiments.points.found import Floats, Found

SPANS = ("low", "high", "luck_low", "luck_high")
COLUMNS = ("shock", "scenario", "metric", "unit", "without", "with", "change", *SPANS)
"""Columns of `shock.csv`: means without and with the shock, and the change run by run between twin worlds."""
HOLD_COLUMNS = (
    "shock", "metric", "holds_best", "p_best", "lead", "lead_luck_low", "lead_luck_high", "decided", "best_without",
    "best_with", "flips",
)  # fmt: skip
"""Columns of `holds.csv`, one row for each shock: the scenario that loses least (or gains most) of the goal, its lead
over the next by the change, whether luck leaves it distinguishable from all others; who is best without and with it."""


def parted(ran: Found, metric: str, names: Sequence[str], shocks: Sequence[str]) -> tuple[Floats, Floats]:
    """A metric without any shock, float64 [scenarios, draws, replicates], and with each, behind an axis of shocks."""
    values = ran.values(metric)[0]
    known = ran.stage.base.scenarios
    without = values[[known.index(name) for name in names]]
    under = [[known.index(f"{name}{UNDER}{number}") for name in names] for number in range(len(shocks))]
    return without, np.stack([values[row] for row in under])


def losses(
    resolved: Resolved, ran: Found, names: Sequence[str], shocks: Sequence[str], metrics: Sequence[str]
) -> pd.DataFrame:
    """What each shock does to each scenario, `COLUMNS`."""
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for metric in metrics:
        unit = METRICS[metric].unit.replace("currency", resolved.world.market.currency)
        without, under = parted(ran, metric, names, shocks)
        told = estimate(under - without)
        for i, shock in enumerate(shocks):
            for j, name in enumerate(names):
                change = [float(getattr(told, span)[i, j]) for span in ("mean", *SPANS)]
                rows.append(
                    (shock, name, metric, unit, float(without[j].mean()), float(under[i, j].mean()), *change)
                )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def judged(resolved: Resolved, ran: Found, names: Sequence[str], shocks: Sequence[str]) -> pd.DataFrame:
    """Who holds best under each shock, `HOLD_COLUMNS`."""
    import pandas as pd

    metric = resolved.goal.metric
    direction = METRICS[metric].direction
    without, under = parted(ran, metric, names, shocks)
    held, before, after = (
        winners(under - without, direction),
        winners(without[None], direction),
        winners(under, direction),
    )

    def name(place: int) -> str:
        return names[place] if place >= 0 else ""

    rows = []
    for i, shock in enumerate(shocks):
        best = int(held.best[i])
        rows.append(
            (
                shock,
                metric,
                name(best),
                float(held.p_best[i, best]) if best >= 0 else float("nan"),
                float(held.lead.mean[i]),
                float(held.lead.luck_low[i]),
                float(held.lead.luck_high[i]),
                bool(held.decided[i]),
                name(int(before.best[0])),
                name(int(after.best[i])),
                bool(before.best[0] != after.best[i]),
            )
        )
    return pd.DataFrame(rows, columns=list(HOLD_COLUMNS))
