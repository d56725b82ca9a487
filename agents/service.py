"""A provider's service: its tickets go to the desk, with those of the firm's other customers, and come back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agents.columns import N
from agents.law import Pace
from agents.tickets import answer, as_before, for_the_desks, of_others
from agents.world import World
from sim import threads
from sim.desk import Desk
from sim.marketplace import Pulse
from sim.quantities import MICROS
from sim.shifts import Shifts
from sim.tickets import ENDED, PRIORITIES, Background, Ended, Tickets

_WEEK = range(7)
_OPENS = 8.0
_REMEMBERED = 91.0
"""Days of which a desk remembers tickets."""
_MOST = 2.0
"""Tickets a day that a desk remembers at most, however many customers are simulated."""


class Service:
    """The desk of one provider, staffed for the expected load under `today`.

    Args:
        world: the world it serves.
        provider: the provider's number.
        day: when it opens.
        tickets_per_day: tickets that its simulated customers are expected to raise a day at the start.
    """

    def __init__(self, world: World, provider: int, day: float, tickets_per_day: float) -> None:
        self.provider = provider
        law, scale = world.market.service, world.ledger.scale
        present = int(world.present(provider).sum())
        self.teams = max(1, round(present * scale / law.team_customers))
        simulated = max(1, min(self.teams, round(present / law.team_customers)))
        self.hours = law.hours
        work = tickets_per_day * scale / self.teams * law.minutes / 60.0
        self.people = max(work / (law.hours * law.load), 0.05)
        self.hired: dict[int, tuple[float, float]] = {}
        self.desk = Desk(self._shifts(), self.teams, simulated, day)
        self._recent: deque[Ended] = deque(maxlen=math.ceil(_REMEMBERED / world.market.pulse))
        self._slots = -(-len(world.people) // simulated) * simulated

    def copy(self) -> Service:
        """The same desk in another world, tickets in hand included."""
        twin = copy(self)
        twin.hired = dict(self.hired)
        twin.desk = copy(self.desk)
        twin.desk.restore(self.desk.snapshot())
        twin._recent = self._recent.copy()
        return twin

    def _shifts(self) -> Shifts:
        """All people in whole persons and one part-timer, open seven days."""
        people = self.people + sum(extra for extra, _ in self.hired.values())
        hours = min(24.0 - 1e-9, self.hours + sum(more for _, more in self.hired.values()))
        opens = min(_OPENS, 24.0 - hours)
        whole, part = divmod(people, 1.0)
        shifts = Shifts.hours(int(whole), opens, opens + hours, _WEEK)
        if part * hours > 1e-3:
            shifts = shifts + Shifts.hours(1, opens, opens + part * hours, _WEEK)
        return shifts

    def hire(self, tag: int, people: float, hours: float, day: float) -> None:
        """People per team and opening hours that a strategy adds from a day on; zeros end it."""
        self.hired[tag] = (people, hours)
        if people == 0.0 and hours == 0.0:
            del self.hired[tag]
        self.desk.set_shifts(self._shifts(), day)

    def paid_hours(self, days: float) -> float:
        """Hours paid by the firm in some days, but for those that its strategies added."""
        return self.people * self.hours * days * self.teams

    def added_hours(self, days: float) -> dict[int, float]:
        """Hours paid by the firm in some days for what its strategies added, by tag."""
        if not self.hired:
            return {}
        opened = min(24.0 - 1e-9, self.hours + sum(more for _, more in self.hired.values()))
        return {
            tag: (extra * opened + self.people * more) * days * self.teams
            for tag, (extra, more) in self.hired.items()
        }

    def step(self, world: World, pulse: Pulse, tickets: Tickets, tickets_per_day: float) -> Ended:
        """Work through a pulse.

        Args:
            tickets: of the provider's simulated customers.
            tickets_per_day: that they are expected to raise a day; everybody else's come in proportion.
        """
        law, teams = world.market.service, self.desk.simulated_teams
        mean = tickets_per_day * pulse.days * (world.ledger.scale / self.teams - 1.0 / teams)
        others = of_others(
            self.provider, world.key, pulse.number, pulse.day, pulse.days, last_moment(pulse), max(0.0, mean), teams,
            law.minutes, law.patience / 24.0,
        )  # fmt: skip
        ended = self.desk.step(pulse.day, pulse.end, tickets, Background(*others))
        # Where there are more than it remembers, some from all over the pulse.
        self._recent.append(ended[:: max(1, math.ceil(ended.size / (_MOST * pulse.days)))].copy())
        return ended

    def remembered(self) -> tuple[Ended, NDArray[np.int64]]:
        """What ended in the days remembered, class by class in the order of time, and where each class begins."""
        # As plain numbers, because NumPy copies rows of records one by one.
        wide = ENDED.itemsize // 8
        rows = np.concatenate(
            [np.empty((0, wide)), *(ended.view(np.float64).reshape(-1, wide) for ended in self._recent)]
        )
        priority = rows.view(ENDED)["priority"].reshape(-1)
        order = np.argsort(priority, kind="stable")
        begins = np.searchsorted(priority[order], np.arange(PRIORITIES + 1))
        return rows[order].reshape(-1).view(ENDED), begins

    @property
    def slots(self) -> int:
        """The modulus of a customer's slot in the ids of tickets."""
        return self._slots


@dataclass(frozen=True)
class Habits:
    """What desks do where no queue is simulated; see `agents.tickets.as_before`.

    Attributes:
        before: what ended in the days remembered, provider by provider, class by class in the order of time.
        begins: int64 [providers, PRIORITIES + 1], where each class of a provider begins, and the end of its last one.
    """

    before: Ended
    begins: NDArray[np.int64]

    @classmethod
    def none(cls, providers: int) -> Self:
        """Every ticket is answered when it arrives."""
        return cls(np.empty(0, ENDED), np.zeros((providers, PRIORITIES + 1), np.int64))

    @classmethod
    def of(cls, services: Sequence[Service]) -> Self:
        """Each desk goes on as it did."""
        before, begins = zip(*(service.remembered() for service in services))
        rows, ends = in_one(before)
        return cls(rows, np.stack(begins) + ends[:-1, None])

    def go_on(self, pulse: Pulse, tickets: Tickets, raised: NDArray[np.int64]) -> Ended:
        """What becomes of a pulse's tickets, provider by provider; `raised`: where those of each begin."""
        return as_before(tickets, raised, self.before, self.begins, pulse.day, pulse.days)


def last_moment(pulse: Pulse) -> float:
    """The last moment that belongs to a pulse."""
    return math.nextafter(pulse.end, pulse.day)


def hand_in(
    world: World, pulse: Pulse, slots: NDArray[np.int64], tickets: NDArray[np.float64]
) -> tuple[Tickets, NDArray[np.int64]]:
    """The tickets as desks take them, provider by provider, and where those of each begin.

    Args:
        slots: see `Desks`; tickets: float64 [len(X), n], as they were raised.
    """
    return for_the_desks(world.arrays.codes, tickets, slots, pulse.day, pulse.days, last_moment(pulse))


def in_one(parts: Sequence[Ended]) -> tuple[Ended, NDArray[np.int64]]:
    """What ended at several desks in one array, and where that of each begins."""
    begins = np.array([0, *accumulate(rows.size for rows in parts)])
    # As plain numbers, because NumPy copies rows of records one by one.
    return np.concatenate([rows.view(np.float64) for rows in parts]).view(ENDED), begins


def answer_all(
    world: World, pace: Pace, slots: NDArray[np.int64], ended: Ended, begins: NDArray[np.int64]
) -> None:
    """Let what the desks did reach the customers.

    Args:
        slots: see `Desks`; ended: provider by provider; begins: where that of each begins.
    """
    if ended.size:
        wage = world.market.money.wage / 60.0 * MICROS
        world.side_by_side(
            lambda span: answer(
                world.arrays_of(span), world.rules, pace.beat, ended, begins, slots, wage, span.low, span.high
            )
        )


class Desks:
    """The desks of all providers of a world.

    Args:
        world: the world they serve; services: by provider.

    Attributes:
        services: by provider.
        slots: by provider, the modulus of a customer's slot in the ids of its tickets.
    """

    def __init__(self, world: World, services: Sequence[Service]) -> None:
        self.world = world
        self.services = tuple(services)
        self.slots = np.array([service.slots for service in services])
        self._habits = None if world.market.service.desk else Habits.none(len(services))

    def freeze(self) -> None:
        """From now on, do as in the days remembered: no queue is simulated any more."""
        if self._habits is None:
            self._habits = Habits.of(self.services)

    def work(
        self, pulse: Pulse, pace: Pace, raised: NDArray[np.float64], tickets_per_day: NDArray[np.float64]
    ) -> None:
        """Serve the tickets of a pulse, and let what was done reach the customers.

        Args:
            raised: float64 [len(X), n], the tickets as they were raised.
            tickets_per_day: that one customer is expected to raise, by provider.
        """
        tickets, begins = hand_in(self.world, pulse, self.slots, raised)
        if self._habits is None:
            ended, begins = self._served(pulse, tickets, begins, tickets_per_day)
        else:
            ended = self._habits.go_on(pulse, tickets, begins)
        answer_all(self.world, pace, self.slots, ended, begins)

    def _served(
        self,
        pulse: Pulse,
        tickets: Tickets,
        begins: NDArray[np.int64],
        tickets_per_day: NDArray[np.float64],
    ) -> tuple[Ended, NDArray[np.int64]]:
        """What ends at desks with queues, and where that of each provider begins."""
        present = self.world.all_present()

        def worked(number: int) -> Ended:
            rate = float(tickets_per_day[number]) * present[number]
            own = tickets[begins[number] : begins[number + 1]]
            return self.services[number].step(self.world, pulse, own, rate)

        return in_one(threads.together(worked, range(len(self.services))))


def expected_tickets(counts: NDArray[np.int64], before: NDArray[np.int64]) -> NDArray[np.float64]:
    """Tickets a day that one customer of each provider is expected to raise, from the last recording."""
    seen = (counts - before)[:-1].sum(axis=1)
    expected: NDArray[np.float64] = seen[:, N.EXPECTED_TICKETS] / MICROS / np.maximum(seen[:, N.RECORDED], 1)
    return expected
