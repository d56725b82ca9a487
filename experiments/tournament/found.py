"""Found: payoffs, equilibria and the arms race, and what they say in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.points.ask import Finding
from experiments.report.cells import spoken
from experiments.tournament.game import Equilibrium

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class TournamentFound(Finding):
    """What was found.

    Attributes:
        sets: names of the strategy sets.
        rivals: who plays on the other side.
        payoffs: `tables.PAYOFF_COLUMNS` (`tournament.csv`).
        everybody: `tables.EVERYBODY_COLUMNS` (`everybody.csv`).
        equilibria: of the mean payoffs, pure ones first; empty where a profile is missing.
    """

    sets: tuple[str, ...]
    rivals: tuple[str, ...]
    payoffs: pd.DataFrame
    everybody: pd.DataFrame
    equilibria: tuple[Equilibrium, ...]

    @property
    def sentence(self) -> str:
        """The surest equilibrium, and how sure it is."""
        if not self.equilibria:
            return "No equilibrium is known: profiles are missing."
        title, first = self.resolved.goal.title, self.equilibria[0]
        more = len(self.equilibria) - 1
        others = (
            f"; {more} more equilibri{'um' if more == 1 else 'a'} exist{'s' if more == 1 else ''}"
            if more
            else ""
        )
        if not first.is_pure:
            return (
                f"Playing for {title}, no set is safe: in equilibrium {self.resolved.focal} plays "
                f"{self.mixed(first.own)} and the others {self.mixed(first.other)}{others}."
            )
        return (
            f"Playing for {title}, {self.resolved.focal} with {self.mixed(first.own)} and the others with "
            f"{self.mixed(first.other)} is an equilibrium, in {first.sure:.0%} of resampled lucks{others}."
        )

    def mixed(self, shares: Sequence[float]) -> str:
        """A side's play in words."""
        parts = [
            spoken(name) if share == 1.0 else f"{spoken(name)} {share:.0%}"
            for name, share in zip(self.sets, shares, strict=True)
            if share > 0.0
        ]
        return " and ".join(parts)

    @property
    def value(self) -> float | None:
        """How sure the first pure equilibrium is; None where there is none."""
        return self.equilibria[0].sure if self.equilibria and self.equilibria[0].is_pure else None
