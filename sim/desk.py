"""The service desk: tickets at continuous times wait for people on shifts, in the order of priority and arrival.

**Rules.** Tickets are taken first come, first served within priority classes (0 is the most urgent), and never
interrupted. The number of people on duty follows `Shifts`: nobody starts a ticket while as many are busy as are on
duty, and who is no longer needed goes home after the ticket in hand. A ticket that still waits after its patience is
abandoned at that very time. At one instant the order is: people become free, shifts change, tickets arrive, people
take tickets by (priority, arrival, id), and only then are tickets abandoned: a ticket taken at the very end of its
patience is answered.

**Time** is in days. A pulse [day0, day1) treats everything that happens in it, and hands the people who are still busy
and the tickets that still wait on to the next one; how time is cut into pulses changes no result by one bit.

**Scale.** The firm's desk is organised in equal teams with one queue each, and the first `simulated_teams` of them are
simulated. A customer's ticket goes to team `id % simulated_teams`; background tickets, which belong to no simulated
customer, fill each of these teams up to the load of the firm.

The desk draws nothing: arrivals, service times and patience are made by whoever brings the tickets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.shifts import Rosters, Shifts, on_duty
from sim.teams import serve
from sim.tickets import BACKGROUND, PRIORITIES, TICKET, Background, Counts, Days, Ended, Tickets, first_wrong


@dataclass(eq=False)
class DeskState:
    """What a desk carries from pulse to pulse: plain values and arrays.

    Attributes:
        day: until when everything has happened.
        busy, working: (teams, people) and (teams,): the days until which people are busy, ascending, and how many are.
        waiting: rows of `TICKET` that still wait, by (team, arrival, id).
        tally: (4,) tickets answered, abandoned, and millionths of a minute of work and of waiting, since the beginning.
        paid: millionths of a minute of paid presence, since the beginning.
        rosters: shifts in force now and later: (from which day on, shifts).
    """

    day: float
    busy: Days
    working: Counts
    waiting: Tickets
    tally: Counts
    paid: int
    rosters: Rosters

    def copy(self) -> DeskState:
        """A state that shares nothing which can change."""
        return replace(
            self,
            busy=self.busy.copy(),
            working=self.working.copy(),
            waiting=self.waiting.copy(),
            tally=self.tally.copy(),
        )


@dataclass(frozen=True)
class DeskCounts:
    """What the simulated teams did since the beginning, background included; the firm did `Desk.scale` times that.

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


class Desk:
    """The service desk of one provider: `simulated_teams` of its `teams` equal teams, each with these shifts.

    Args:
        shifts: the people of one team.
        teams: teams of the firm, 1 or more.
        simulated_teams: how many of them are simulated, 1 to `teams`.
        day: when the desk begins, empty.

    Raises:
        ValueError: if the teams are out of range.
    """

    def __init__(self, shifts: Shifts, teams: int = 1, simulated_teams: int = 1, day: float = 0.0) -> None:
        if not 1 <= simulated_teams <= teams:
            raise ValueError(f"simulated_teams must be 1 to teams ({teams}), got {simulated_teams}")
        self.teams = teams
        self.simulated_teams = simulated_teams
        self.state = DeskState(
            day=day,
            busy=np.zeros((simulated_teams, shifts.peak)),
            working=np.zeros(simulated_teams, np.int64),
            waiting=np.empty(0, TICKET),
            tally=np.zeros(4, np.int64),
            paid=0,
            rosters=((day, shifts),),
        )

    @property
    def scale(self) -> float:
        """How many teams of the firm one simulated team stands for."""
        return self.teams / self.simulated_teams

    @property
    def counts(self) -> DeskCounts:
        """Tickets and working time since the beginning."""
        served, abandoned, busy, waited = (int(value) for value in self.state.tally)
        return DeskCounts(served, abandoned, self.state.waiting.size, busy, self.state.paid, waited)

    def set_shifts(self, shifts: Shifts, day: float) -> None:
        """From a day on each team works in these shifts: the hired come in idle, who leaves ends the ticket in hand.

        What was set for a later day still holds from that day on.

        Raises:
            ValueError: if the day is over.
        """
        state = self.state
        if day < state.day:
            raise ValueError(f"shifts cannot change on day {day}: the desk has worked until day {state.day}")
        others = [(start, roster) for start, roster in state.rosters if start != day]
        state.rosters = tuple(sorted([*others, (day, shifts)], key=lambda entry: entry[0]))
        more = shifts.peak - state.busy.shape[1]
        if more > 0:
            state.busy = np.pad(state.busy, ((0, 0), (0, more)))

    def step(self, day0: float, day1: float, tickets: Tickets, background: Background | None = None) -> Ended:
        """Work through the pulse [day0, day1).

        Args:
            day0: the end of the pulse before.
            day1: the end of this one.
            tickets: rows of `TICKET` that arrive in it, in any order, customers' and background.
            background: more background tickets that arrive in it, as columns; they are not looked over for mistakes.

        Returns:
            A row of `ENDED` for each customer's ticket taken or given up in this pulse, by (team, arrival, id).

        Raises:
            ValueError: if the pulse does not follow the last one, or a ticket has an impossible value.
        """
        state = self.state
        if not state.day == day0 < day1:
            raise ValueError(
                f"the pulse after day {state.day} must start there and end later, got {day0} to {day1}"
            )
        wrong = first_wrong(tickets, day0, day1, self.simulated_teams)
        if wrong >= 0:
            raise ValueError(
                f"ticket {tickets[wrong]} {TICKET.names} needs an arrival in [{day0}, {day1}), a priority of "
                f"0-{PRIORITIES - 1}, service and patience of 0 or more, and an id of 0 or more, or {BACKGROUND} "
                f"with a team of 0-{self.simulated_teams - 1}"
            )
        change_days, change_staff, paid = on_duty(state.rosters, day0, day1)
        others = Background.none(self.simulated_teams) if background is None else background
        ended, state.waiting = serve(
            state.busy,
            state.working,
            state.waiting,
            tickets,
            *others,
            change_days,
            change_staff,
            day1,
            state.tally,
        )
        state.day = day1
        state.paid += paid * self.simulated_teams
        while len(state.rosters) > 1 and state.rosters[1][0] <= day1:
            state.rosters = state.rosters[1:]
        return ended

    def snapshot(self) -> DeskState:
        """A copy of the state, from which any number of worlds can be continued."""
        return self.state.copy()

    def restore(self, snapshot: DeskState) -> None:
        """Go on from a snapshot; the snapshot itself stays as it is."""
        self.state = snapshot.copy()
