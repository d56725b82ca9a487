"""Follow-ups: say what happened and what comes next, before anybody has to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agents.market import CHANNELS
from agents.strategies.strategy import Calendar, Strategy
from sim.quantities import choice, quantity

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class FollowUps(Strategy):
    """Automatic confirmations and updates: order received, on its way, what this charge is.

    Mechanism: templates and status pages are an investment that lowers the rate of `doubt`, after the product's delay
    and with its diminishing returns; fewer doubts mean less dissatisfaction and grievance, and fewer tickets. Beside
    that, who had a purchase or a bill within the last days gets a message about what the CRM takes to be its taste:
    where that fits, it is an experience and raises salience.

    Costs: `build` up front and `upkeep` each month, `running` for the system, all per customer of the firm; and the
    messages, near nothing each.

    Fails: overdone. A confirmation weighs on the customer and wakes like every other message, nothing makes it light
    but that it is rare and about what the customer does: with many a month the pressure passes tolerance, and where the
    CRM is wrong about tastes each is a reason to look. It gains little where there were few doubts, or where the
    horizon is shorter than the delay.

    Sources: Keaveney 1995 (inconvenience is named by 21 % of switchers); Inattention in Contract Markets 2021 (a notice
    alone makes people look); Godfrey et al. 2011 and Zhang et al. 2017 (contacts have an inverted U).
    """

    kind: ClassVar[str] = "passive"

    build: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Templates and status pages.")
    upkeep: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Investment each month after."
    )
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "System that sends them."
    )
    every: float = quantity("months", 0.1, 24.0, "Time between dates on which messages go out.")
    recent: float = quantity(
        "days", 0.0, 366.0, "A purchase or bill of the last so many days is followed up."
    )
    share: float = quantity("share", 0.0, 1.0, "Part of these who get the message, at random.")
    channel: str = choice("Channel of the messages.", *CHANNELS)

    def launch(self, view: ProviderView) -> None:
        """Invest in templates and status pages."""
        view.invest("doubt", self.build * self.intensity, upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Pay for the system each month."""
        view.pay_monthly(self.running * self.intensity * view.firm_customers)

    def calendar(self, view: ProviderView) -> Calendar:
        """Keep templates up to date, and follow up recent purchases and bills."""
        while True:
            yield view.next_date(self.every)
            view.invest("doubt", self.upkeep * self.every * self.intensity)
            crm, members = view.crm, view.members
            served = members[
                (crm.purchases[members] > 0.0) & (crm.last_purchase[members] > view.day - self.recent)
            ]
            ids = view.part_of(served, self.share * self.intensity, int(view.day))
            view.send(ids, self.channel, crm.position_seen[ids])
