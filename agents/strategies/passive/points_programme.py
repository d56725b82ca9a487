"""Points programme: a stake that grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agents.strategies.strategy import Calendar, Strategy
from sim.quantities import quantity

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class PointsProgramme(Strategy):
    """Customers earn points on what they pay and burn them at a threshold.

    Mechanism: a balance is a stake, forfeited on leaving, which counts as a cost of switching; a burnt reward is a
    gift and so an experience; points make purchases worth more. Customers opt in when what they expect to burn over
    their own expected stay is worth the hassle, so light and restless ones stay out.
    Costs: platform up front and monthly; a liability at earn x (1 - breakage), trued up at burn and at forfeit.
    Fails: it pays most to those who would have stayed anyway; light customers never reach the threshold.
    Sources: common practice for the rates (points of 1-3 % of spend, breakage of 25-35 %); for what a programme does to
    churn no trustworthy source was found, so that its effect is whatever stake and reward make of it here.
    """

    kind: ClassVar[str] = "passive"
    excludes: ClassVar[tuple[str, ...]] = ("PointsProgramme",)

    earn: float = quantity("points in currency per currency spent", 0.0, 0.5, "What a customer earns.")
    burn_at: float = quantity("currency", 0.01, 10_000.0, "Balance at which points are burnt.")
    hassle_hours: float = quantity(
        "hours", 0.0, 100.0, "Effort of membership, valued at the customer's time."
    )
    platform: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Platform at the start.")
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Platform each month."
    )

    def launch(self, view: ProviderView) -> None:
        """Pay for the platform and ask every customer to join."""
        view.spend(self.platform * self.intensity * view.firm_customers, upfront=True)
        view.enrol(view.members)

    def set_up(self, view: ProviderView) -> None:
        """Run the programme and pay for the platform each month."""
        view.programme(self.earn * self.intensity, self.burn_at, self.hassle_hours)
        view.pay_monthly(self.running * self.intensity * view.firm_customers)

    def calendar(self, view: ProviderView) -> Calendar:
        """Ask those who are not members each month."""
        while True:
            yield view.next_date(months=1)
            members = view.members
            view.enrol(members[view.crm.member[members] == np.float32(0.0)])
