"""Efficient service: answer sooner and solve more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agents.strategies.strategy import Calendar, Strategy
from sim.quantities import quantity

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class EfficientService(Strategy):
    """More people at the desk, longer hours, training for first-contact resolution.

    Mechanism: tickets wait less, fewer are given up, more are solved; a solved ticket restores satisfaction and heals
    part of the grievance.
    Costs: wages of added people and hours, idle or not, and training per person at the start and each year.
    Fails: the silent never call; a desk that was not overloaded gains nothing from more people.
    Sources: de Matos 2007 and Knox & van Oest 2014 (recovery helps, it does not undo the failure); Keaveney 1995 (the
    answer to a failure is named by 17 % of switchers). For how response time moves churn no trustworthy source was
    found: it is free.
    """

    kind: ClassVar[str] = "passive"
    randomised_by: ClassVar[str] = "desk"

    people: float = quantity("share of today's people", 0.0, 5.0, "People added to the desk.")
    hours: float = quantity("hours a day", 0.0, 23.0, "Opening hours added.")
    solved: float = quantity(
        "probability", 0.0, 1.0, "First-contact resolution after training, where that is higher."
    )
    training: float = quantity(
        "currency per person and year", 0.0, 100_000.0, "Training of everybody at the desk."
    )

    def launch(self, view: ProviderView) -> None:
        """Train everybody at the desk."""
        view.spend(self._training(view), upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Hire, open longer, solve more."""
        view.hire(self.people * self.intensity, self.hours * self.intensity)
        before = view.solved
        view.train(before + max(0.0, self.solved - before) * self.intensity)

    def calendar(self, view: ProviderView) -> Calendar:
        """Train again each year."""
        while True:
            yield view.next_date(months=12)
            view.spend(self._training(view))

    def _training(self, view: ProviderView) -> float:
        """A year's training of everybody at the desk."""
        return self.training * self.intensity * view.staff * (1.0 + self.people * self.intensity)
