"""Community: customers who know and help each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agents.market import CHANNELS
from agents.strategies.strategy import Calendar, Strategy
from agents.targeting import Targeting
from sim.quantities import choice, quantity, text

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class Community(Strategy):
    """A managed community: members answer each other's questions, meet, and get a monthly digest.

    Mechanism: belonging that is delivered each month is an experience of the members; peers answer a share of their
    questions, so that these never become tickets; members get to know each other. Customers join where belonging is
    worth its hassle to them over their horizon.

    Costs: the manager's wage whatever the firm's size, the platform up front and monthly per customer of the firm, the
    programme per member and month, and the digests.

    Fails: normative pressure: the digest weighs on members and wakes those whom it does not fit, and one gets used to
    belonging, so that less of it is felt as a loss; exits spread along the same ties; those who join are the ones with
    a taste for it, of whom most would stay.

    Sources: Algesheimer et al. 2010 (an experiment found no gain, and lower spend); Manchanda 2015 (+19 % revenue, by
    observation).
    """

    kind: ClassVar[str] = "active"
    excludes: ClassVar[tuple[str, ...]] = ("Community",)

    peers: float = quantity("share", 0.0, 1.0, "Part of the members' questions that peers answer.")
    ties: float = quantity(
        "probability", 0.0, 1.0, "Two members of whom chance might link get to know each other."
    )
    monthly: float = quantity(
        "currency per member and month", 0.0, 1000.0, "Worth of belonging to who has a taste of 1 for it."
    )
    programme: float = quantity("currency per member and month", 0.001, 1000.0, "Cost of delivering it.")
    hassle_hours: float = quantity(
        "hours", 0.0, 100.0, "Effort of membership, valued at the customer's time."
    )
    manager: float = quantity("currency of the firm per year", 0.0, 1e7, "Wage of the community's manager.")
    platform: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Platform at the start.")
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Platform each month."
    )
    channel: str = choice("Channel of the digest.", *CHANNELS)
    targeting: Targeting = text("Which of the members get the monthly digest.")

    def launch(self, view: ProviderView) -> None:
        """Pay for the platform."""
        view.spend(self.platform * self.intensity * view.firm_customers, upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Run the community, pay its manager and the platform."""
        view.community(self.peers * self.intensity, self.ties * self.intensity)
        view.pay_monthly((self.manager / 12.0 + self.running * view.firm_customers) * self.intensity)

    def calendar(self, view: ProviderView) -> Calendar:
        """Each month: ask others in, deliver to members what they joined for, and send the digest."""
        worth = self.monthly * self.intensity
        while True:
            yield view.next_date(months=1)
            crm, everyone = view.crm, view.members
            inside = crm.in_community[everyone] > 0.0
            members = everyone[inside]
            view.join_community(everyone[~inside], worth, self.hassle_hours)
            view.serve(
                members,
                "belonging",
                np.full(members.size, worth, np.float32),
                self.programme * self.intensity,
            )
            ids = self.targeting.pick(view, members, self.intensity, int(view.day))
            view.send(ids, self.channel, crm.position_seen[ids])
