"""A provider's service: its tickets go to the desk, with those of the firm's other customers, and come back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agents.columns import A, N
from agents.law import Pace
from agents.tickets import answer, answer_as_before, for_the_desks, of_others, some_of
from agents.world import World
from sim.desk import Desks
from sim.marketplace import Pulse
from sim.quantities import MICROS
from sim.shifts import Shifts
from sim.tickets import ENDED, PRIORITIES, Background, Ended, Tickets

_WEEK = range(7)
_OPENS = 8.0
_REMEMBERED = 91.0
"""Days of which a desk remembers tickets."""
_MOST = 2.0
"""Tickets a day and desk that are remembered at most, however many customers are simulated."""


class Service:
    """The service of one provider: a desk staffed for the expected load under `today`.

    Args:
        world: the world it serves.
        desks: where its desk is opened.
        provider: the provider's number.
        tickets_per_day: tickets that its simulated customers are expected to raise a day at the start.

    Attributes:
        teams, simulated: teams of the firm, and how many of them are simulated.
        people, hours: on duty in a team, and how long a day, without what strategies added.
        hired: people per team and hours a day that strategies added, by tag.
        slots: the modulus of a customer's slot in the ids of tickets.
    """

    def __init__(self, world: World, desks: Desks, provider: int, tickets_per_day: float) -> None:
        law, scale = world.market.service, world.ledger.scale
        present = int(world.present(provider).sum())
        self.teams = max(1, round(present * scale / law.team_customers))
        self.simulated = max(1, min(self.teams, round(present / law.team_customers)))
        self.hours = law.hours
        work = tickets_per_day * scale / self.teams * law.minutes / 60.0
        self.people = max(work / (law.hours * law.load), 0.05)
        self.hired: dict[int, tuple[float, float]] = {}
        self.slots = -(-len(world.people) // self.simulated) * self.simulated
        self.desks = desks
        self.number = desks.open(self._shifts(), self.simulated)
        assert self.number == provider, "desks are opened in the order of providers"

    def copy(self, desks: Desks) -> Service:
        """The same service in another world, with the desks of that one."""
        twin = copy(self)
        twin.hired, twin.desks = dict(self.hired), desks
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

    def hire(self, tag: int, people: float, hours: float) -> None:
        """People per team and opening hours that a strategy adds from the next pulse on; zeros end it."""
        self.hired[tag] = (people, hours)
        if people == 0.0 and hours == 0.0:
            del self.hired[tag]
        self.desks.set_shifts(self._shifts(), self.desks.state.day, self.number)

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


class Past:
    """What ended at desks in the days that they remember.

    Args:
        pulses: how many pulses these are.
    """

    def __init__(self, pulses: int) -> None:
        self._ended: deque[tuple[Ended, NDArray[np.int64]]] = deque(maxlen=pulses)

    def copy(self) -> Past:
        """The same past, to go on from in another world."""
        twin = copy(self)
        twin._ended = self._ended.copy()
        return twin

    def note(self, ended: Ended, begins: NDArray[np.int64], days: float) -> None:
        """Remember what ended in a pulse: where there is more than desks remember, some from all over the pulse.

        Args:
            ended: desk by desk; begins: where that of each begins; days: length of the pulse.
        """
        self._ended.append(some_of(ended, begins, math.ceil(_MOST * days * (begins.size - 1))))

    def by_class(self, desks: int) -> tuple[Ended, NDArray[np.int64]]:
        """What ended, desk by desk, class by class in the order of time, and where each class of a desk begins.

        Returns:
            rows of `ENDED`, and int64 [desks, PRIORITIES + 1].
        """
        # As plain numbers, because NumPy copies rows of records one by one.
        wide = ENDED.itemsize // 8
        rows = np.concatenate(
            [np.empty((0, wide)), *(ended.view(np.float64).reshape(-1, wide) for ended, _ in self._ended)]
        )
        desk = np.concatenate(
            [
                np.empty(0, np.int64),
                *(np.repeat(np.arange(desks), np.diff(begins)) for _, begins in self._ended),
            ]
        )
        kind = desk * PRIORITIES + rows.view(ENDED)["priority"].reshape(-1)
        order = np.argsort(kind, kind="stable")
        places = PRIORITIES * np.arange(desks)[:, None] + np.arange(PRIORITIES + 1)
        return rows[order].reshape(-1).view(ENDED), np.searchsorted(kind[order], places)


@dataclass(frozen=True)
class Habits:
    """What desks do where no queue is simulated; see `agents.tickets.fate`.

    Attributes:
        before: what ended in the days remembered, provider by provider, class by class in the order of time.
        begins: int64 [providers, PRIORITIES + 1], where each class of a provider begins, and the end of its last one.
    """

    before: Ended
    begins: NDArray[np.int64]

    @classmethod
    def of(cls, past: Past, providers: int) -> Self:
        """Each desk goes on as it did."""
        return cls(*past.by_class(providers))


def last_moment(pulse: Pulse) -> float:
    """The last moment that belongs to a pulse."""
    return math.nextafter(pulse.end, pulse.day)


def hand_in(
    world: World, pulse: Pulse, slots: NDArray[np.int64], tickets: NDArray[np.float64]
) -> tuple[Tickets, NDArray[np.int64]]:
    """The tickets as desks take them, provider by provider, and where those of each begin.

    Args:
        slots: see `ServiceCentre`; tickets: float64 [len(X), n], as they were raised.
    """
    return for_the_desks(world.arrays.codes, tickets, slots, pulse.day, pulse.days, last_moment(pulse))


class ServiceCentre:
    """Where all providers of a world serve their customers.

    Args:
        world: the world.
        desks: of all providers.
        services: by provider, at these desks.
        past: what ended at them so far; None: nothing yet.

    Attributes:
        slots: by provider, the modulus of a customer's slot in the ids of its tickets.
    """

    def __init__(
        self, world: World, desks: Desks, services: Sequence[Service], past: Past | None = None
    ) -> None:
        self.world, self.desks = world, desks
        self.services = tuple(services)
        self.past = Past(math.ceil(_REMEMBERED / world.market.pulse)) if past is None else past
        self.slots = np.array([service.slots for service in services])
        self._teams = np.array([service.teams for service in services])
        self._simulated = np.array([service.simulated for service in services])
        self._paid, self._wages = (0.0, 0.0), np.empty((0, 4), np.int64)
        self._habits = None if world.market.service.desk else Habits.of(Past(0), len(services))

    def freeze(self) -> None:
        """From now on, do as in the days remembered: no queue is simulated any more."""
        if self._habits is None:
            self._habits = Habits.of(self.past, len(self.services))

    def pay(self, days: float) -> None:
        """Pay the people whom desks have without any strategy for some days."""
        ledger = self.world.ledger
        if self._paid != (days, ledger.scale):  # They are always the same ones.
            wage = self.world.market.money.wage
            self._paid = (days, ledger.scale)
            self._wages = np.array(
                [
                    (number, 0, A.WAGES, ledger.total(service.paid_hours(days) * wage))
                    for number, service in enumerate(self.services)
                ]
            )
        ledger.book_all(self._wages, self.world.counts[:-1, :, N.PRESENT])

    def work(
        self, pulse: Pulse, pace: Pace, raised: NDArray[np.float64], tickets_per_day: NDArray[np.float64]
    ) -> None:
        """Serve the tickets of a pulse, and let what was done reach the customers.

        Args:
            raised: float64 [len(X), n], the tickets as they were raised.
            tickets_per_day: that one customer is expected to raise, by provider.
        """
        world, wage = self.world, self.world.market.money.wage / 60.0 * MICROS
        if self._habits is not None:
            before, begins = self._habits.before, self._habits.begins
            world.side_by_side(
                lambda span: answer_as_before(
                    world.arrays_of(span), world.rules, pace.beat, raised, before, begins, wage, span.low, span.high
                )
            )  # fmt: skip
            return
        ended, ends = self._served(pulse, raised, tickets_per_day)
        world.side_by_side(
            lambda span: answer(
                world.arrays_of(span), world.rules, pace.beat, ended, ends, self.slots, wage, span.low, span.high
            )
        )  # fmt: skip

    def _served(
        self, pulse: Pulse, raised: NDArray[np.float64], tickets_per_day: NDArray[np.float64]
    ) -> tuple[Ended, NDArray[np.int64]]:
        """What ends at desks with queues, and where that of each provider begins."""
        world, law = self.world, self.world.market.service
        tickets, begins = hand_in(world, pulse, self.slots, raised)
        others = of_others(
            world.arrays.counts, world.key, pulse.number, pulse.day, pulse.days, last_moment(pulse), tickets_per_day,
            world.ledger.scale, self._teams, self._simulated, law.minutes, law.patience / 24.0,
        )  # fmt: skip
        ended, ends = self.desks.step(pulse.day, pulse.end, tickets, begins, Background(*others))
        self.past.note(ended, ends, pulse.days)
        return ended, ends
