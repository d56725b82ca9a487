"""Requests: what strategies ask of their provider between pulses, and the order in which that is settled.

A request is plain data. Settling sorts by (precedence of the lever, priority and slot of the strategy, serial number of
the request), so that the order of simultaneous events never matters, and then applies caps and budgets.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Something a strategy asks for.

    Attributes:
        slot, tag: of the strategy.
        priority: of the strategy on the contact calendar; lower is settled first among requests of one precedence.
        precedence: of the lever; lower is settled first.
    """

    slot: str
    tag: int
    priority: int = 50
    precedence: int = 50


@dataclass(frozen=True, kw_only=True)
class Spend(Request):
    """Pay an amount of the firm, in currency, once; `upfront` where it is an investment at the start."""

    amount: float
    upfront: bool = False
    precedence: int = 0


@dataclass(frozen=True, kw_only=True)
class Standing(Request):
    """Pay an amount of the firm per month from now on; replaces the strategy's earlier standing order."""

    per_month: float
    precedence: int = 1


@dataclass(frozen=True, kw_only=True)
class Invest(Request):
    """Put currency per firm customer into making a kind of incident rarer."""

    kind: str
    amount: float
    upfront: bool
    precedence: int = 2


@dataclass(frozen=True, kw_only=True)
class Hire(Request):
    """Have more people and longer hours at the desk from now on: a share of today's people, hours a day."""

    people_share: float
    hours: float
    precedence: int = 3


@dataclass(frozen=True, kw_only=True)
class Train(Request):
    """Raise first-contact resolution to a probability."""

    solved: float
    precedence: int = 4


@dataclass(frozen=True, kw_only=True)
class Reprice(Request):
    """Change the list price level for everyone, relative to the market's typical price."""

    level: float
    precedence: int = 5


@dataclass(frozen=True, kw_only=True)
class Welcome(Request):
    """Offer everyone who joins a discount for some months."""

    depth: float
    months: float
    precedence: int = 5


@dataclass(frozen=True, kw_only=True)
class Advertise(Request):
    """Reach people who are not customers, this many times per person and month."""

    reach: float
    cost_per_reach: float
    precedence: int = 6


@dataclass(frozen=True, kw_only=True)
class Programme(Request):
    """Run a points programme: points earned per currency spent, burnt at a balance; hassle of membership in hours."""

    earn: float
    burn_at: float
    hassle_hours: float
    precedence: int = 7


@dataclass(frozen=True, kw_only=True)
class Enrol(Request):
    """Ask customers into the points programme."""

    ids: Ids
    precedence: int = 8


@dataclass(frozen=True, kw_only=True)
class Employ(Request):
    """Have named staff for some hours a month from now on; replaces the strategy's earlier staff."""

    hours: float
    precedence: int = 9


@dataclass(frozen=True, kw_only=True)
class Stage(Request):
    """Let coming releases of the product reach only a share of the customers; 1 lets the last one reach everybody."""

    share: float
    precedence: int = 9


@dataclass(frozen=True, kw_only=True)
class Community(Request):
    """Run a community: the share of questions that its members answer, the probability that two of them get to know."""

    peers: float
    ties: float
    precedence: int = 10


@dataclass(frozen=True, kw_only=True)
class JoinCommunity(Request):
    """Ask customers into the community: what it is worth a month, in currency, and its hassle in hours."""

    ids: Ids
    monthly: float
    hassle_hours: float
    precedence: int = 11


@dataclass(frozen=True, kw_only=True)
class Levels(Request):
    """Run a tiered programme: yearly spend and yearly benefits of each level in currency, worth of a step in status."""

    thresholds: tuple[float, float, float]
    benefits: tuple[float, float, float]
    status: float
    review: float
    precedence: int = 12


@dataclass(frozen=True, kw_only=True)
class ReviewLevels(Request):
    """Review everybody's level by the year's spend; the first review takes the spend that the CRM suggests."""

    first: bool
    precedence: int = 13


@dataclass(frozen=True, kw_only=True)
class Referral(Request):
    """Reward customers who bring a friend, and give the friend a present: currency each."""

    reward: float
    gift: float
    precedence: int = 14


@dataclass(frozen=True, kw_only=True)
class Arm(Request):
    """Note in the CRM who takes part in a randomised pilot: 1 treated, -1 held out, 0 neither."""

    ids: Ids
    arm: float
    precedence: int = 15


@dataclass(frozen=True, kw_only=True)
class FollowUp(Request):
    """Staff follow up what customers told, some minutes each."""

    ids: Ids
    minutes: float
    precedence: int = 30


@dataclass(frozen=True, kw_only=True)
class Reach(Request):
    """What all contacts share: who is contacted, in the order of importance, and by which channel.

    `since` is the day from which it has waited for people whom another strategy of the provider had contacted.
    """

    ids: Ids
    channel: str
    since: float | None = None

    def later(self, positions: NDArray[np.int64], day: float) -> Self:
        """The same for some of its people, who wait for the next pulse."""
        return replace(self, since=day if self.since is None else self.since, **self._of(positions))

    def _of(self, positions: NDArray[np.int64]) -> dict[str, Any]:
        """What it says person by person, for some of its people."""
        return {"ids": self.ids[positions]}


@dataclass(frozen=True, kw_only=True)
class CheckIn(Reach):
    """Staff call customers: minutes where trouble is told, minutes of instruction."""

    minutes: float
    lesson: float
    channel: str = "call"
    precedence: int = 35


@dataclass(frozen=True, kw_only=True)
class Ask(Reach):
    """Ask people how things are; currency paid per answer."""

    answer_cost: float
    precedence: int = 41


@dataclass(frozen=True, kw_only=True)
class Invite(Reach):
    """Invite people to an event: seats of the firm, share of no-shows, worth and cost of a seat in currency.

    `ties` is the probability that two people who come to such events get to know each other; 0 where nobody meets.
    """

    seats: float
    no_show: float
    worth: float
    per_head: float
    ties: float
    precedence: int = 42


@dataclass(frozen=True, kw_only=True)
class Contact(Reach):
    """Contact people by a channel. Content: NOTICE, CONTENT or PLAN of `agents.touch`; topics by person."""

    content: int
    topics: NDArray[np.float32]
    depth: float = 0.0
    months: float = 0.0
    precedence: int = 40

    def _of(self, positions: NDArray[np.int64]) -> dict[str, Any]:
        return {"ids": self.ids[positions], "topics": self.topics[positions]}


@dataclass(frozen=True, kw_only=True)
class Offer(Request):
    """Give customers a discount for some months, without a word."""

    ids: Ids
    depth: float
    months: float
    precedence: int = 45


@dataclass(frozen=True, kw_only=True)
class Serve(Request):
    """Deliver a paid service as an experience of a kind: quantity by customer, cost per customer in currency."""

    ids: Ids
    kind: str
    quantity: NDArray[np.float32]
    cost: float


@dataclass
class Outbox:
    """What one provider's strategies have asked for since the last settling."""

    requests: list[Request] = field(default_factory=list)

    def put(self, request: Request) -> None:
        """Ask for something; it happens when the outbox is settled."""
        self.requests.append(request)

    def take(self) -> list[Request]:
        """Everything asked for, in the order of settling, and empty the box."""
        if not self.requests:
            return []
        taken = sorted(self.requests, key=lambda asked: (asked.precedence, asked.priority, asked.slot))
        self.requests.clear()
        return taken

    def set_aside(self) -> list[Request]:
        """Empty the box, for `put_back` later; what was in it."""
        aside, self.requests = self.requests, []
        return aside

    def put_back(self, aside: list[Request]) -> None:
        """Put what was set aside in front of what has come since."""
        self.requests[:0] = aside
