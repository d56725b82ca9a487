"""Referrals: pay customers for the friends they bring."""

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
class Referrals(Strategy):
    """A reward for each friend who joins, a gift for the friend, and a reminder now and then.

    Mechanism: content customers recommend their provider to one of their ties, and the reward makes them do so more
    often; the tie looks, and would move with less hassle and a gift. Both presents are experiences. The reward is taken
    to be known to all customers.

    Costs: reward and gift per join that a recommendation led to, platform up front and monthly, and the reminders.

    Fails: it pays for joins that would have come without it; only the satisfied recommend, to friends who resemble
    them; a reminder is a contact about nothing to whoever has no friend to bring; where people have no ties, or each
    other's friends are customers already, nobody comes.

    Sources: Schmitt et al. 2011 and Van den Bulte et al. 2018 (referred customers leave less, only while the referrer
    stays); a reward is about EUR 25.
    """

    kind: ClassVar[str] = "active"
    excludes: ClassVar[tuple[str, ...]] = ("Referrals",)

    reward: float = quantity("currency per friend who joins", 0.0, 10_000.0, "Reward of the referrer.")
    gift: float = quantity("currency per friend who joins", 0.0, 10_000.0, "Gift to the friend.")
    platform: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Platform at the start.")
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Platform each month."
    )
    every: float = quantity("months", 0.1, 60.0, "Time between reminders.")
    channel: str = choice("Channel of the reminder.", *CHANNELS)
    targeting: Targeting = text("Whom it reminds.")

    def launch(self, view: ProviderView) -> None:
        """Pay for the platform."""
        view.spend(self.platform * self.intensity * view.firm_customers, upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Promise reward and gift, pay for the platform."""
        view.reward_referrals(self.reward * self.intensity, self.gift * self.intensity)
        view.pay_monthly(self.running * self.intensity * view.firm_customers)

    def calendar(self, view: ProviderView) -> Calendar:
        """Remind customers of the reward."""
        while True:
            yield view.next_date(self.every)
            view.notify(self.targeting.pick(view, view.members, self.intensity, int(view.day)), self.channel)
