"""Treatments: what is done to customers in a fact's twin, through the levers that any strategy has."""

from __future__ import annotations

import math
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
    """Content about each customer's estimated taste to every customer, so often a month, on up to two channels.

    Attributes:
        per_month, channel: of the one; beside, other: of the other channel, half a period later.
        gap: days between any two; what falls due within them waits, for nobody is contacted twice in a pulse.
    """

    per_month: float
    channel: str = "message"
    beside: float = 0.0
    other: str = "post"
    gap: float = 1.0

    def calendar(self, view: ProviderView) -> Calendar:
        """Each day, whatever has fallen due."""
        sent, last = {self.channel: 0, self.other: 0}, -self.gap
        plan = ((self.other, self.beside, 0.5), (self.channel, self.per_month, 0.0))
        while True:
            for channel, rate, phase in plan:
                due = math.floor(view.day / DAYS_PER_MONTH * rate - phase + 1e-9) + 1 if rate > 0.0 else 0
                if due > sent[channel] and view.day - last >= self.gap:
                    sent[channel] += 1
                    last = view.day
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
