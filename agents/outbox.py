"""Requests: what strategies ask of their provider between pulses, and the order in which that is settled.

A request is plain data. Settling sorts by (precedence, slot of the strategy, serial number of the request), so that the
order of simultaneous events never matters, and then applies caps and budgets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Something a strategy asks for. `precedence`: lower is settled first."""

    slot: str
    tag: int
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
class Contact(Request):
    """Contact people by a channel. Content: NOTICE, CONTENT or PLAN of `agents.touch`; topics by person."""

    ids: Ids
    channel: str
    content: int
    topics: NDArray[np.float32]
    depth: float = 0.0
    months: float = 0.0
    precedence: int = 40


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
        order = sorted(
            range(len(self.requests)), key=lambda n: (self.requests[n].precedence, self.requests[n].slot, n)
        )
        taken = [self.requests[n] for n in order]
        self.requests.clear()
        return taken
