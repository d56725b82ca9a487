"""Tables: payoffs by profile, and what becomes of everyone where all play the same set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.intervals import estimate
from experiments.metrics import METRICS
from experiments.tournament.ask import AGAINST, METRICS_TOLD
from experiments.tournament.game import best_replies

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Resolved
    from experiments.points.found import Floats, Found

SPANS = ("low", "high", "luck_low", "luck_high")
PAYOFF_COLUMNS = (
    "side", "own", "others", "metric", "unit", "mean", *SPANS, "best_reply", "loss", "loss_luck_low", "loss_luck_high",
)  # fmt: skip
"""Columns of `tournament.csv`. `side`: `focal` or `rivals` (their mean); `own`, `others`: what the focal provider and
the rivals play; `best_reply`: whether this side could do no better against that; `loss`: what it loses to its best
reply, in the goal's unit, 0 for the best reply."""
EVERYBODY_COLUMNS = (
    "set", "provider", "metric", "unit", "mean", *SPANS, "difference", *(f"difference_{name}" for name in SPANS),
)  # fmt: skip
"""Columns of `everybody.csv`; `difference`: to everybody playing the first set."""


def payoffs(resolved: Resolved, sets: Sequence[str], own: Floats, other: Floats) -> pd.DataFrame:
    """The payoff matrices, `PAYOFF_COLUMNS`.

    Args:
        resolved: the question.
        sets: names of the strategy sets.
        own, other: payoffs, better is higher, float64 [own set, others' set, draws, replicates].
    """
    import pandas as pd

    known = METRICS[resolved.goal.metric]
    unit = known.unit.replace("currency", resolved.world.market.currency)
    replies = best_replies(own.mean(axis=(2, 3)), other.mean(axis=(2, 3)))
    rows: list[tuple[Any, ...]] = []
    for side, values, best in (("focal", own, replies[0]), ("rivals", other, replies[1])):
        told = estimate(values * known.direction)
        for i, a in enumerate(sets):
            for j, b in enumerate(sets):
                top = (
                    values[int(np.argmax(best[:, j])), j]
                    if side == "focal"
                    else values[i, int(np.argmax(best[i]))]
                )
                loss = estimate(top - values[i, j])
                rows.append(
                    (
                        side,
                        a,
                        b,
                        known.name,
                        unit,
                        *(float(getattr(told, name)[i, j]) for name in ("mean", *SPANS)),
                        bool(best[i, j]),
                        *(float(getattr(loss, name)) for name in ("mean", "luck_low", "luck_high")),
                    )
                )
    return pd.DataFrame(rows, columns=list(PAYOFF_COLUMNS))


def everybody(resolved: Resolved, ran: Found, sets: Sequence[str], firms: Sequence[str]) -> pd.DataFrame:
    """What becomes of every provider where all play the same set, `EVERYBODY_COLUMNS`."""
    import pandas as pd

    names = ran.stage.base.scenarios
    diagonal = [names.index(f"{one}{AGAINST}{one}") for one in sets]
    metrics = list(dict.fromkeys([resolved.goal.metric, *METRICS_TOLD]))
    rows: list[tuple[Any, ...]] = []
    for firm in firms:
        for metric, values in zip(metrics, ran.columns(metrics, firm), strict=True):
            kept = values[0, diagonal]
            level, difference = estimate(kept), estimate(kept - kept[:1])
            unit = METRICS[metric].unit.replace("currency", resolved.world.market.currency)
            for i, one in enumerate(sets):
                gap = (
                    [float(getattr(difference, name)[i]) for name in ("mean", *SPANS)]
                    if i
                    else [float("nan")] * 5
                )
                rows.append(
                    (one, firm, metric, unit, *(float(getattr(level, n)[i]) for n in ("mean", *SPANS)), *gap)
                )
    return pd.DataFrame(rows, columns=list(EVERYBODY_COLUMNS))
