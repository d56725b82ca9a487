"""Success check-ins: named staff who call, teach the new, and find what nobody complained about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agents.strategies.strategy import Calendar, Strategy
from agents.targeting import Targeting
from sim.quantities import quantity, text

if TYPE_CHECKING:
    from agents.view import ProviderView

HOURS = 140.0
"""Hours that a success manager has for customers in a month."""
_WEEK = 0.25
"""Months between the days on which staff call: a quarter of a month."""
_TURN, _ONBOARDED = 1_000_001, 1_000_002
"""Occasions of the luck that spreads turns over the period, and that picks the new at an intensity below 1."""


@dataclass(frozen=True, kw_only=True)
class SuccessCheckins(Strategy):
    """Named staff with limited hours: they onboard new customers and check in regularly with some of the others.

    Mechanism: a call asks how things are; an incident that went silent may be told, and is attended to at once, so
    that it heals before it makes the customer look. New customers get instruction, which replaces uses in learning the
    product: frictions and doubts of the new become fewer. Help is an experience. The new come first, then those whose
    turn it is, the most important ones first, until the month's hours are used up.

    Costs: hiring and training up front; wages of all hours, idle or not; each call.

    Fails: each call is a contact, which may wake the inert and weighs on the customer; the happy have nothing to tell;
    hours reach only a part of the customers, and the wrong part where the targeting is wrong; who knows its way needs
    no instruction.

    Sources: Retana, Forman & Wu 2016 (onboarding halves the churn of the first week); Godfrey, Seiders & Voss 2011
    (about three calls a quarter are the most that does good).
    """

    kind: ClassVar[str] = "active"
    rations: ClassVar[bool] = True

    managers: float = quantity(
        "people per million currency of yearly revenue", 0.0, 100.0, "Success managers of the firm."
    )
    every: float = quantity("months", 0.25, 60.0, "Time between the check-ins of a customer.")
    minutes: float = quantity("minutes", 1.0, 600.0, "Staff time of a call.")
    targeting: Targeting = text("Whose turn, of all whose turn it is.")
    onboarding: float = quantity("weeks", 0.0, 104.0, "So long after joining a customer counts as new.")
    lesson: float = quantity(
        "minutes", 0.0, 600.0, "Instruction in the first call that a new customer answers."
    )
    hiring: float = quantity("currency per manager", 0.0, 100_000.0, "Hiring and training at the start.")

    def launch(self, view: ProviderView) -> None:
        """Hire and train the staff."""
        view.spend(self.hiring * self._staff(view), upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Employ the staff."""
        view.employ(HOURS * self._staff(view))

    def calendar(self, view: ProviderView) -> Calendar:
        """Each week call the new who have not answered yet, then those of the others whose turn it is."""
        while True:
            yield view.next_date(_WEEK)
            unheard, others = view.newcomers(view.members, 7.0 * self.onboarding)
            taught = view.part_of(unheard, self.intensity, _ONBOARDED)
            view.check_in(taught, self.minutes, self.lesson)
            turn = view.in_turn(others, self.every, _WEEK, _TURN)
            view.check_in(self.targeting.pick(view, turn, self.intensity, int(view.day)), self.minutes)

    def _staff(self, view: ProviderView) -> float:
        """Managers of the whole firm."""
        return self.managers * self.intensity * view.typical_spend * view.firm_customers / 1e6
