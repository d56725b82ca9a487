"""A scenario: a named set of strategies, the focal provider's and perhaps its rivals', and what strikes the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agents.shock import Shock
from agents.strategies.blend.blend import unfolded
from agents.strategies.strategy import Strategy


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Who runs what from the fork on.

    Attributes:
        name: the scenario's name.
        focal: strategies of the focal provider by slot, in place of `today`'s.
        rivals: strategies of rivals by provider and slot; rivals that are not named keep `today`'s.
        shocks: what happens to the market, by name; see `agents.shocks`.
    """

    name: str
    focal: Mapping[str, Strategy] = field(default_factory=dict)
    rivals: Mapping[str, Mapping[str, Strategy]] = field(default_factory=dict)
    shocks: Mapping[str, Shock] = field(default_factory=dict)

    def of(self, provider: str, focal: str, today: Scenario) -> Mapping[str, Strategy]:
        """What a provider runs in this scenario."""
        if provider == focal:
            return self.focal
        return self.rivals.get(provider, today.rivals.get(provider, {}))

    def scaled(self, factor: float) -> Scenario:
        """The same scenario with the focal provider's intensities scaled by a factor."""
        focal = {slot: replace(one, intensity=one.intensity * factor) for slot, one in self.focal.items()}
        return replace(self, focal=focal)

    @property
    def slots(self) -> set[str]:
        """All slots in use, those of the tactics of blends included."""
        return set(unfolded(self.focal)).union(*(set(unfolded(slots)) for slots in self.rivals.values()))
