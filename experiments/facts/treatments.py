"""Treatments: what is done to customers in a fact's twin, through the levers that any strategy has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.strategies.strategy import Calendar, Ids, Strategy
from agents.view import ProviderView
from sim.quantities import DAYS_PER_MONTH

_WEEK = 7.0


def _ids(slots: tuple[int, ...]) -> Ids:
    return np.array(slots, np.int32)


@dataclass(frozen=True, kw_only=True)
class PlanAdvice(Strategy):
    """One contact that recommends a plan to each of some customers.

    Attributes:
        slots, plans: whom, and which plan; channel: how.
    """

    slots: tuple[int, ...]
    plans: tuple[int, ...]
    channel: str = "call"

    def calendar(self, view: ProviderView) -> Calendar:
        """At once."""
        view.recommend(_ids(self.slots), self.channel, np.array(self.plans, np.int64))
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Notice(Strategy):
    """One notice to some customers, with a discount; or the discount alone, which nobody is told of."""

    slots: tuple[int, ...]
    channel: str = "post"
    depth: float = 0.0
    months: float = 1.0
    silent: bool = False

    def calendar(self, view: ProviderView) -> Calendar:
        """At once."""
        if self.silent:
            view.offer(_ids(self.slots), self.depth, self.months)
        else:
            view.notify(_ids(self.slots), self.channel, self.depth, self.months)
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Mailing(Strategy):
    """Content about each customer's estimated taste to every customer, so often a month, on up to two channels."""

    per_month: float
    channel: str = "message"
    beside: float = 0.0
    other: str = "post"

    def calendar(self, view: ProviderView) -> Calendar:
        """The number of contacts that are due by each date, the channels in turn."""
        sent = {self.channel: 0, self.other: 0}
        while True:
            for channel, rate in ((self.channel, self.per_month), (self.other, self.beside)):
                if int(view.day / DAYS_PER_MONTH * rate + 1e-9) >= sent[channel] and rate > 0.0:
                    sent[channel] += 1
                    ids = view.members
                    view.send(ids, channel, view.crm.position_seen[ids])
            yield view.wait(1.0)


@dataclass(frozen=True, kw_only=True)
class Asking(Strategy):
    """Some customers are asked once how things are; what they tell is followed up where there is staff.

    Attributes:
        minutes: staff time per trouble that was told; 0: nobody acts on it.
    """

    slots: tuple[int, ...]
    channel: str = "call"
    minutes: float = 0.0

    def calendar(self, view: ProviderView) -> Calendar:
        """Ask at once, follow up each week."""
        view.employ(view.firm_customers)
        view.ask(_ids(self.slots), self.channel)
        while True:
            yield view.wait(_WEEK)
            ids = view.members
            told = ids[view.crm.told[ids] > 0.0]
            if self.minutes > 0.0 and told.size:
                view.follow_up(told, self.minutes)


@dataclass(frozen=True, kw_only=True)
class Onboarding(Strategy):
    """Some customers are called in their first week and taught, until they answer."""

    slots: tuple[int, ...]
    minutes: float = 15.0
    lesson: float = 60.0
    weeks: int = 2

    def calendar(self, view: ProviderView) -> Calendar:
        """A call a week, to those who have not answered yet."""
        view.employ(view.firm_customers * 4.0)
        for _ in range(self.weeks):
            ids, crm = _ids(self.slots), view.crm
            view.check_in(ids[crm.answered[ids] < crm.joined[ids]], self.minutes, self.lesson)
            yield view.wait(_WEEK)


@dataclass(frozen=True, kw_only=True)
class Belonging(Strategy):
    """A community: members answer each other's questions, get to know each other, and meet each month.

    Attributes:
        peers, ties, monthly, hassle_hours: as of the levers.
    """

    peers: float = 0.3
    ties: float = 0.2
    monthly: float = 3.0
    hassle_hours: float = 1.0

    def set_up(self, view: ProviderView) -> None:
        """Open it."""
        view.community(self.peers, self.ties)

    def calendar(self, view: ProviderView) -> Calendar:
        """Each month: ask others in, deliver to members, send them news."""
        while True:
            ids = view.members
            inside = view.crm.in_community[ids] > 0.0
            view.join_community(ids[~inside], self.monthly, self.hassle_hours)
            members = ids[inside]
            view.serve(members, "belonging", np.full(members.size, self.monthly, np.float32), 1.0)
            view.send(members, "message", view.crm.position_seen[members])
            yield view.wait(DAYS_PER_MONTH)


@dataclass(frozen=True, kw_only=True)
class Rewards(Strategy):
    """A reward for every friend who joins."""

    reward: float = 50.0

    def set_up(self, view: ProviderView) -> None:
        """Promise it."""
        view.reward_referrals(self.reward, 0.0)

