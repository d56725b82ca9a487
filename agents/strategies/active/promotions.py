"""Promotions: pay people to stay, or to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agents.market import CHANNELS
from agents.strategies.strategy import Calendar, Ids, SaveOffer, Strategy
from agents.targeting import Targeting
from sim.quantities import choice, quantity, text

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class Promotions(Strategy):
    """Discounts: proactive to targeted customers, reactive at the save desk, and as a welcome to joiners.

    Mechanism: a discount lowers the monthly cost that a looking customer compares, until it ends; a save offer meets
    would-be leavers and re-opens the same choice.
    Costs: the margin given away, contacts, the desk's people per case.
    Fails: most of it goes to those who would have stayed; every contact and every expiry prompts a look; it trains the
    reference price, so that purchases at list look dear; welcome offers draw deal seekers.
    Sources: Ascarza 2018 (risk is not the right target); Inattention in Contract Markets 2021 (a notice alone makes
    people look, though their price falls).
    """

    kind: ClassVar[str] = "active"

    every: float = quantity("months", 0.1, 120.0, "Time between proactive offers.")
    depth: float = quantity("share of the price", 0.0, 0.95, "Proactive discount.")
    months: float = quantity("months", 0.1, 36.0, "How long a proactive discount lasts.")
    channel: str = choice("Channel of the proactive offer.", *CHANNELS)
    targeting: Targeting = text("Whom the proactive offer is for.")
    save_depth: float = quantity(
        "share of the price", 0.0, 0.95, "Discount that the save desk offers; 0: no such desk."
    )
    save_months: float = quantity("months", 0.1, 36.0, "How long a save offer lasts.")
    save_cost: float = quantity("currency per case", 0.0, 1000.0, "Cost of a case at the save desk.")
    welcome_depth: float = quantity("share of the price", 0.0, 0.95, "Discount for joiners; 0: none.")
    welcome_months: float = quantity("months", 0.0, 36.0, "How long a welcome offer lasts.")

    def set_up(self, view: ProviderView) -> None:
        """Offer the welcome discount to joiners."""
        view.welcome(self.welcome_depth * self.intensity, self.welcome_months)

    def calendar(self, view: ProviderView) -> Calendar:
        """At each date, a discount by contact to targeted customers who have none."""
        while True:
            yield view.next_date(self.every)
            if self.depth > 0.0:
                members = view.members
                free = members[view.crm.discount_end[members] <= view.day]
                ids = self.targeting.pick(view, free, self.intensity, int(view.day))
                view.notify(ids, self.channel, depth=self.depth, months=self.months)

    def save(self, view: ProviderView, leavers: Ids) -> SaveOffer | None:
        """Offer a discount to the share `intensity` of leavers, and pay for their cases."""
        if self.save_depth == 0.0:
            return None
        met = view.uniform(leavers, int(view.day)) < np.float32(self.intensity)
        view.spend(float(met.sum()) * self.save_cost * view.scale)
        return SaveOffer(np.where(met, np.float32(self.save_depth), np.float32(0.0)), self.save_months)
