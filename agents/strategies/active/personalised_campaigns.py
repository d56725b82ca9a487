"""Personalised campaigns: say what fits, offer plans that fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agents.market import CHANNELS
from agents.strategies.strategy import Calendar, Strategy
from agents.targeting import Targeting
from sim.quantities import choice, quantity, text

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class PersonalisedCampaigns(Strategy):
    """Regular contacts about what the CRM takes to be the customer's taste, and plan offers where the plan seems wrong.

    Mechanism: content that fits is an experience and raises salience; a better plan raises match when the customer
    looks and takes it. Each contact is itself a reason to look, the more so the less it fits, and weighs on the
    customer.
    Costs: per contact, creative work each month, data platform up front and monthly.
    Fails: where the CRM is wrong about tastes; among the badly matched and inert, whom it wakes; above the customers'
    contact tolerance.
    Sources: Ascarza, Iyengar & Schleicher 2016 (a plan recommendation raised churn from 6.4 to 10.0 % in three months);
    Godfrey et al. 2011 and Zhang et al. 2017 (contacts have an inverted U).
    """

    kind: ClassVar[str] = "active"

    every: float = quantity("months", 0.1, 24.0, "Time between contacts.")
    channel: str = choice("Channel of the contact.", *CHANNELS)
    misfit: float = quantity(
        "need", 0.0, 1.0, "A plan is recommended where the estimated need lies this far from the plan's."
    )
    targeting: Targeting = text("Whom it contacts.")
    creative: float = quantity("currency per customer of the firm and month", 0.0, 100.0, "Creative work.")
    data: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Data platform at the start.")
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Data platform each month."
    )

    def launch(self, view: ProviderView) -> None:
        """Pay for the data platform."""
        view.spend(self.data * self.intensity * view.firm_customers, upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Pay for the platform and creative work each month."""
        view.pay_monthly((self.running + self.creative) * self.intensity * view.firm_customers)

    def calendar(self, view: ProviderView) -> Calendar:
        """At each date, a plan where the present one seems wrong, else content about the estimated taste."""
        while True:
            yield view.next_date(self.every)
            ids = self.targeting.pick(view, view.members, self.intensity, int(view.day))
            plans = view.better_plans(ids, self.misfit)
            wrong = plans >= 0
            view.recommend(ids[wrong], self.channel, plans[wrong])
            others = ids[~wrong]
            view.send(others, self.channel, view.crm.position_seen[others])
