"""What tests of agents share: a strategy that does one thing on one day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from agents.scenario import Scenario
from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView

Deed = Callable[[ProviderView], None]


@dataclass(frozen=True, kw_only=True)
class Act(Strategy):
    """Does something once, some days after it was launched.

    Mechanism: whatever lever `deed` pulls. Costs: that of the lever. Fails: like the lever.
    """

    kind: ClassVar[str] = "active"

    deed: Deed
    at: float = 0.0

    def calendar(self, view: ProviderView) -> Calendar:
        yield view.wait(self.at)
        self.deed(view)


@pytest.fixture
def knowing() -> dict[str, Any]:
    """Changes of the miniature after which people know each other, and exits and recommendations pass."""
    return {
        "network.ties": 8.0, "network.homophily": 0.5, "network.strong": 0.3, "network.weak": 0.4,
        "network.half_life": 1.0, "network.recommend": 1.0, "network.p_recommend": 0.5, "network.eased": 0.5,
    }  # fmt: skip


@pytest.fixture
def act() -> type[Act]:
    """Give the strategy: `act(deed=lambda view: view.spend(5.0), at=14.0)`."""
    return Act


@pytest.fixture
def doing() -> Callable[..., Scenario]:
    """Give the function that makes a scenario of deeds by day: `doing({0.0: deed}, name="one")`."""

    def scenario(deeds: dict[float, Deed] | Deed, name: str = "doing", rivals: bool = False) -> Scenario:
        days = deeds if isinstance(deeds, dict) else {0.0: deeds}
        slots = {f"act_{n}": Act(deed=deed, at=day) for n, (day, deed) in enumerate(sorted(days.items()))}
        return Scenario(name=name, focal=slots, rivals={"rival": slots} if rivals else {})

    return scenario
