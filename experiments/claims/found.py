"""Found: what a run of the claims came to, in tables and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.campaign import Failure
from experiments.claims.claim import AS_CONFIGURED, EQUAL_SPEND, Claim
from experiments.claims.judge import DECIDED, DEPENDS, FAILED, HELD, NOT_JUDGED, UNDECIDED, by_chance
from experiments.claims.winners import KINDS
from experiments.compose import Resolved


@dataclass(frozen=True)
class ClaimsFound:
    """What was found; its files are in `folder`.

    Attributes:
        resolved: the question.
        folder: where it was written.
        claims: those judged, in order.
        table: `judge.COLUMNS`, one row per claim and case (`claims.csv`).
        verdicts: `judge.VERDICT_COLUMNS`, one row per claim (`verdicts.csv`).
        winners: `winners.COLUMNS` (`winners.csv`).
        currencies: of each market.
        manifest: what the run was.
        failures: tasks that failed by themselves.
        notes: sentences that limit the result.
    """

    resolved: Resolved
    folder: Path
    claims: tuple[Claim, ...]
    table: pd.DataFrame
    verdicts: pd.DataFrame
    winners: pd.DataFrame
    currencies: Mapping[str, str]
    manifest: Mapping[str, Any]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """How many claims held, failed, depend, or stayed open."""
        count = self.verdicts["verdict"].value_counts().to_dict()
        parts = [
            f"{count[name]} {words}"
            for name, words in (
                (HELD, "held wherever they were decided"),
                (FAILED, "failed wherever they were decided"),
                (DEPENDS, "depend on where"),
                (UNDECIDED, "cannot be decided"),
                (NOT_JUDGED, "could not be judged"),
            )
            if count.get(name)
        ]
        total = len(self.verdicts)
        return f"Of {total} claim{'s' * (total != 1)}, {_listed(parts)}."

    @property
    def chance(self) -> str:
        """How many cells chance alone would decide, in a sentence."""
        decided = int(self.table["verdict"].isin(DECIDED).sum())
        judged = int(self.table["verdict"].isin((*DECIDED, UNDECIDED)).sum())
        return (
            f"{decided} of {judged} cells (claim x market x customers) are decided; if no claim made any difference "
            f"anywhere, up to {by_chance(self.table):.1f} would be by chance, half of them on the claimed side."
        )

    @property
    def winning(self) -> tuple[str, ...]:
        """For each goal and basis, in how many worlds each kind is best, and surely so."""
        found = []
        rows = self.winners[self.winners["field"] == KINDS]
        for (goal, basis), part in rows.groupby(["goal", "basis"], sort=False, observed=True):
            counts = (
                part[part["best"] != ""]
                .groupby("best", observed=True)["distinguishable"]
                .agg(["size", "sum"])
            )
            order = counts.sort_values("size", ascending=False).itertuples()
            wins = [f"{best} in {size} ({sure} distinguishably)" for best, size, sure in order]
            how = {AS_CONFIGURED: "as configured", EQUAL_SPEND: "at equal spend"}[str(basis)]
            name, worlds = str(goal).replace("_", " "), f"{len(part)} world{'s' * (len(part) != 1)}"
            found.append(f"Best for {name}, {how}: {_listed(wins)} of {worlds}.")
        return tuple(found)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "none"
