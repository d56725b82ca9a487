"""Events: bring customers together, in a room or on a screen."""

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
class Events(Strategy):
    """Invitations to events with limited seats: evenings in person, or webinars, as the parameters say.

    Mechanism: who comes has an experience of belonging, as far as its taste for it goes, and where people meet they get
    to know others who come to such events. Seats go to those who accept first, in the targeting's order.

    Costs: a fixed amount per date, a sum per seat taken, whether its holder comes or not, and the invitations.

    Fails: mostly the loyal accept, for commitment and satisfaction are what makes one accept; everybody who is invited
    and does not come got a contact about nothing, which wakes and weighs; exits spread among those who have met; seats
    that nobody takes leave the fixed amount.

    Sources: unit costs only (about $150 a head in person, $3-10 k a webinar); no trustworthy curve from events to churn
    was found, so worth and acceptance are assumptions.
    """

    kind: ClassVar[str] = "active"
    rations: ClassVar[bool] = True

    every: float = quantity("months", 0.1, 60.0, "Time between events.")
    seats: float = quantity("seats per 1,000 customers of the firm and date", 0.0, 1000.0, "Seats offered.")
    invitations: float = quantity(
        "invitations per seat",
        0.0,
        1000.0,
        "How many are invited for each seat, as far as the targeting goes.",
    )
    no_show: float = quantity("probability", 0.0, 1.0, "Who took a seat does not come.")
    worth: float = quantity("currency", 0.0, 10_000.0, "Worth of taking part to who has a taste of 1 for it.")
    ties: float = quantity(
        "probability",
        0.0,
        1.0,
        "Two who come to such events, of whom chance might link, get to know each other.",
    )
    per_head: float = quantity("currency per seat taken", 0.0, 10_000.0, "Cost of a seat.")
    fixed: float = quantity("currency of the firm per date", 0.0, 1e7, "Cost of an event whoever comes.")
    channel: str = choice("Channel of the invitation.", *CHANNELS)
    targeting: Targeting = text("Whom it invites.")

    def calendar(self, view: ProviderView) -> Calendar:
        """At each date, an event: pay for it and invite."""
        while True:
            yield view.next_date(self.every)
            view.spend(self.fixed * self.intensity)
            seats = self.seats / 1000.0 * view.firm_customers * self.intensity
            ids = self.targeting.pick(view, view.members, self.intensity, int(view.day))
            ids = ids[: round(self.invitations * seats / view.scale)]
            view.invite(ids, self.channel, seats, self.no_show, self.worth, self.per_head, self.ties)
