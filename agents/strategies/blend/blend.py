"""What every blend is: a strategy made of others, which it starts, scales and stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agents.strategies.strategy import Strategy
from sim.quantities import text


@dataclass(frozen=True, kw_only=True)
class Blend(Strategy):
    """A strategy that runs other strategies, its tactics, through `view.govern`.

    A tactic of the blend in slot `mix` stands in the books and in every table as `mix.NAME`. Its intensity is the one
    that the blend gives it, times the blend's own.
    """

    kind: ClassVar[str] = "blend"

    tactics: Mapping[str, Strategy] = text("The tactics, by name.")

    @property
    def peeks(self) -> bool:
        """Whether one of the tactics sees hidden states."""
        return any(tactic.peeks for tactic in self.tactics.values())

    @property
    def learns(self) -> bool:
        """Whether one of the tactics needs the provider's churn model."""
        return any(tactic.learns for tactic in self.tactics.values())


def unfolded(strategies: Mapping[str, Strategy]) -> dict[str, Strategy]:
    """Strategies by slot, and the tactics of blends by `SLOT.NAME`; those of a blend at intensity 0 stand at 0 too."""
    found = dict(strategies)
    for slot, strategy in strategies.items():
        if isinstance(strategy, Blend):
            for name, one in strategy.tactics.items():
                runs = strategy.intensity > 0.0
                found[f"{slot}.{name}"] = one if runs else replace(one, intensity=0.0)
    return found
