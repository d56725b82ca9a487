"""Service desks: tickets at continuous times wait for people on shifts, in the order of priority and arrival.

**Rules.** Tickets are taken first come, first served within priority classes (0 is the most urgent), and never
interrupted. The number of people on duty follows `Shifts`: nobody starts a ticket while as many are busy as are on
duty, and who is no longer needed goes home after the ticket in hand. A ticket that still waits after its patience is
abandoned at that very time. At one instant the order is: people become free, shifts change, tickets arrive, people
take tickets by (priority, arrival, id), and only then are tickets abandoned: a ticket taken at the very end of its
patience is answered.

**Time** is in days. A pulse [day0, day1) treats everything that happens in it, and hands the people who are still busy
and the tickets that still wait on to the next one; how time is cut into pulses changes no result by one bit.

**Scale.** A firm's desk is organised in equal teams with one queue each, and some of them are simulated. A customer's
ticket goes to team `id % teams`; background tickets, which belong to no simulated customer, fill each of these teams up
to the load of the firm.

All desks of a market work through a pulse in one compiled call, and do not meet. They draw nothing: arrivals, service
times and patience are made by whoever brings the tickets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim import threads
from sim.shifts import Rosters, Shifts, all_on_duty
from sim.teams import serve
from sim.tickets import (
    BACKGROUND,
    ENDED,
    PRIORITIES,
    TICKET,
    Background,
    Counts,
    Days,
    Ended,
    Tickets,
    first_wrong,
)

Number = TypeVar("Number", bound=np.generic)


@dataclass(eq=False)
class DesksState:
    """What desks carry from pulse to pulse: plain values and arrays.

    Attributes:
        day: until when everything has happened.
        teams: (desks,) simulated teams of each desk.
        busy, working: (desks, teams, people) and (desks, teams): the days until which people are busy, ascending, and
            how many are.
        waiting, waited: rows of `TICKET` that still wait, by (desk, team, arrival, id), and where those of each desk
            begin.
        tally: (desks, 4) tickets answered, abandoned, and millionths of a minute of work and of waiting, since the
            beginning.
        paid: (desks,) millionths of a minute of paid presence, since the beginning.
        rosters: by desk, shifts in force now and later: (from which day on, shifts).
    """

    day: float
    teams: Counts
    busy: Days
    working: Counts
    waiting: Tickets
    waited: Counts
    tally: Counts
    paid: Counts
    rosters: tuple[Rosters, ...]

    @classmethod
    def empty(cls, day: float) -> DesksState:
        """No desk at all."""
        nothing = np.zeros(0, np.int64)
        return cls(
            day, nothing, np.zeros((0, 0, 0)), np.zeros((0, 0), np.int64), np.empty(0, TICKET), np.zeros(1, np.int64),
            np.zeros((0, 4), np.int64), nothing, (),
        )  # fmt: skip

    def copy(self) -> DesksState:
        """A state that shares nothing which is changed in place."""
        return replace(
            self,
            busy=self.busy.copy(),
            working=self.working.copy(),
            tally=self.tally.copy(),
            paid=self.paid.copy(),
        )


@dataclass(frozen=True)
class DeskCounts:
    """What a desk's simulated teams did since the beginning, background included.

    Attributes:
        served, abandoned: tickets answered and given up.
        waiting: tickets that wait now.
        busy, paid: work on tickets and paid presence, millionths of a minute.
        waited: waiting of the tickets answered and given up, millionths of a minute.
    """

    served: int
    abandoned: int
    waiting: int
    busy: int
    paid: int
    waited: int


class Desks:
    """Service desks, each of some equal teams with shifts of its own.

    Args:
        day: when they begin.
    """

    def __init__(self, day: float = 0.0) -> None:
        self.state = DesksState.empty(day)

    def open(self, shifts: Shifts, teams: int = 1) -> int:
        """Open one more desk, without tickets: so many teams, the people of each on these shifts.

        Returns:
            its number.

        Raises:
            ValueError: if there is no team.
        """
        if teams < 1:
            raise ValueError(f"a desk has 1 team or more, got {teams}")
        state = self.state
        number = len(state.rosters)
        state.rosters = (*state.rosters, ((state.day, shifts),))
        state.teams = np.append(state.teams, teams)
        state.waited = np.append(state.waited, state.waited[-1])
        state.paid = _with_room(state.paid, (number + 1,))
        state.tally = _with_room(state.tally, (number + 1, 4))
        state.working = _with_room(state.working, (number + 1, teams))
        state.busy = _with_room(state.busy, (number + 1, teams, shifts.peak))
        return number

    def counts(self, desk: int = 0) -> DeskCounts:
        """Tickets and working time of a desk since the beginning."""
        state = self.state
        served, abandoned, busy, waited = (int(value) for value in state.tally[desk])
        waiting = int(state.waited[desk + 1] - state.waited[desk])
        return DeskCounts(served, abandoned, waiting, busy, int(state.paid[desk]), waited)

    def set_shifts(self, shifts: Shifts, day: float, desk: int = 0) -> None:
        """From a day on each team works in these shifts: the hired come in idle, who leaves ends the ticket in hand.

        What was set for a later day still holds from that day on.

        Raises:
            ValueError: if the day is over.
        """
        state = self.state
        if day < state.day:
            raise ValueError(f"shifts cannot change on day {day}: the desk has worked until day {state.day}")
        others = [(start, roster) for start, roster in state.rosters[desk] if start != day]
        rosters = tuple(sorted([*others, (day, shifts)], key=lambda entry: entry[0]))
        state.rosters = (*state.rosters[:desk], rosters, *state.rosters[desk + 1 :])
        state.busy = _with_room(state.busy, (0, 0, shifts.peak))

    def step(
        self,
        day0: float,
        day1: float,
        tickets: Tickets,
        raised: Counts,
        background: Background | None = None,
    ) -> tuple[Ended, Counts]:
        """Work through the pulse [day0, day1).

        Args:
            day0: the end of the pulse before.
            day1: the end of this one.
            tickets: rows of `TICKET` that arrive in it, desk by desk, in any order, customers' and background.
            raised: (desks + 1,) where those of each desk begin, and the end of the last.
            background: more background tickets that arrive in it, as columns; they are not looked over for mistakes.

        Returns:
            A row of `ENDED` for each customer's ticket taken or given up in this pulse, by (desk, team, arrival, id),
            and where those of each desk begin, and the end of the last.

        Raises:
            ValueError: if the pulse does not follow the last one, or a ticket has an impossible value.
        """
        state = self.state
        if not state.day == day0 < day1:
            raise ValueError(
                f"the pulse after day {state.day} must start there and end later, got {day0} to {day1}"
            )
        wrong = first_wrong(tickets, raised, day0, day1, state.teams)
        if wrong >= 0:
            teams = state.teams[np.searchsorted(raised, wrong, side="right") - 1]
            raise ValueError(
                f"ticket {tickets[wrong]} {TICKET.names} needs an arrival in [{day0}, {day1}), a priority of "
                f"0-{PRIORITIES - 1}, service and patience of 0 or more, and an id of 0 or more, or {BACKGROUND} "
                f"with a team of 0-{teams - 1}"
            )
        if background is None:
            background = Background.none(*state.working.shape)
        change_days, change_staff, changes, paid = all_on_duty(state.rosters, day0, day1)

        def work(low: int, high: int) -> tuple[Ended, Counts, Tickets, Counts]:
            return serve(
                state.busy[low:high],
                state.working[low:high],
                state.teams[low:high],
                state.waiting,
                state.waited[low : high + 1],
                tickets,
                raised[low : high + 1],
                background.times,
                background.begins[low:high],
                change_days,
                change_staff,
                changes[low : high + 1],
                day1,
                state.tally[low:high],
            )

        desks = len(state.rosters)
        if threads.several():
            parts = threads.together(lambda desk: work(desk, desk + 1), range(desks))
            ended, ends = _in_one([part[0] for part in parts], ENDED)
            state.waiting, state.waited = _in_one([part[2] for part in parts], TICKET)
        else:
            ended, ends, state.waiting, state.waited = work(0, desks)
        state.day = day1
        state.paid += paid * state.teams
        if any(len(rosters) > 1 for rosters in state.rosters):
            state.rosters = tuple(_still_to_come(rosters, day1) for rosters in state.rosters)
        return ended, ends

    def restore(self, state: DesksState) -> None:
        """Go on from a state, from which any number of worlds can be continued: it stays as it is."""
        self.state = state.copy()


def _still_to_come(rosters: Rosters, day: float) -> Rosters:
    """The shifts in force on a day, and the later ones."""
    while len(rosters) > 1 and rosters[1][0] <= day:
        rosters = rosters[1:]
    return rosters


def _with_room(array: NDArray[Number], shape: Sequence[int]) -> NDArray[Number]:
    """An array that is at least of a shape; what is new is 0."""
    more = [(0, max(0, wanted - size)) for size, wanted in zip(array.shape, shape, strict=True)]
    return np.pad(array, more) if any(after for _, after in more) else array


def _in_one(parts: Sequence[NDArray[np.void]], kind: np.dtype[np.void]) -> tuple[NDArray[np.void], Counts]:
    """Rows in one array, and where those of each part begin."""
    # As plain numbers, because NumPy copies rows of records one by one.
    rows = np.concatenate([part.view(np.float64) for part in parts]).view(kind)
    return rows, np.array([0, *accumulate(part.size for part in parts)])
