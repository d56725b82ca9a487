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

from sim.compiled import allocating
from sim.shifts import MICRO_MINUTES, Rosters, Shifts, on_duty
from sim.tickets import (
    BACKGROUND,
    ENDED,
    PRIORITIES,
    TICKET,
    Counts,
    Days,
    Ended,
    Tickets,
    first_wrong,
    line_up,
)

_SERVED, _ABANDONED, _BUSY, _WAITED = range(4)


@allocating
def _push(heap: Days, size: int, value: float) -> int:
    """Put a value into the binary heap heap[:size], the smallest first; the new size."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if heap[parent] <= value:
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = value
    return size + 1


@allocating
def _replace(heap: Days, size: int, value: float) -> None:
    """Put a value in the place of the smallest one of heap[:size]."""
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        if child + 1 < size:
            child += heap[child + 1] < heap[child]
        if value <= heap[child]:
            break
        heap[parent] = heap[child]
        parent = child
    heap[parent] = value


@allocating
def _send_home(busy: Days, working: int, staff: int, now: float) -> int:
    """Take people who are free off the heap as long as it holds more than are on duty; how many remain in it."""
    while working > staff and busy[0] <= now:
        working -= 1
        _replace(busy, working, busy[working])
    return working


@allocating
def _still_busy(busy: Days, working: int, day: float) -> int:
    """Keep in busy[:working] who is busy after a day, ascending: a heap, and the same one however time was cut."""
    size = 0
    for k in range(working):
        until = busy[k]
        if until > day:
            j = size
            while j > 0 and busy[j - 1] > until:
                busy[j] = busy[j - 1]
                j -= 1
            busy[j] = until
            size += 1
    return size


@allocating
def _queue_up(i: int, priority: int, head: Counts, tail: Counts, behind: Counts) -> None:
    """Put a ticket at the end of the queue of its class; `behind` links each ticket to the one after it."""
    if head[priority] < 0:
        head[priority] = i
    else:
        behind[tail[priority]] = i
    tail[priority] = i
    behind[i] = -1


@allocating
def _first_in_line(head: Counts, behind: Counts) -> int:
    """Take the first ticket of the most urgent class that has one."""
    priority = 0
    while head[priority] < 0:
        priority += 1
    i = head[priority]
    head[priority] = behind[i]
    return int(i)


@allocating
def _serve_team(
    line: Tickets,
    first: int,
    last: int,
    busy: Days,
    working: int,
    change_days: Days,
    change_staff: Counts,
    day1: float,
    answered: Days,
    behind: Counts,
) -> int:
    """Let one team work through line[first:last] until `day1`; the number of people who are busy then.

    Sets `answered[i]` for every ticket that is taken. `busy[:working]` is the heap of the days until which people are
    busy. Who is free stays in it until a free person is needed, and a ticket that was given up stays in the queue until
    its turn comes: neither needs an event of its own.
    """
    arrival, priority = line["arrival"], line["priority"]
    head = np.full(PRIORITIES, -1)
    tail = np.full(PRIORITIES, -1)
    queued = 0
    staff = 0  # until the first change, at day0: what was carried over just lines up
    change = 0
    coming = first
    while True:
        # The next moment at which anybody can take a ticket: until then, those who come just line up.
        next_change = change_days[change] if change < change_days.size else np.inf
        if queued > 0:
            now = min(next_change, busy[0] if working > 0 else np.inf)
        else:
            now = arrival[coming] if coming < last else np.inf
        if now >= day1:
            return _still_busy(busy, working, day1)
        while next_change <= now:
            staff = change_staff[change]
            change += 1
            next_change = change_days[change] if change < change_days.size else np.inf
        while coming < last and arrival[coming] <= now:
            _queue_up(coming, priority[coming], head, tail, behind)
            queued += 1
            coming += 1
        while queued > 0:
            working = _send_home(busy, working, staff, now)
            full = working >= staff
            if full and (working == 0 or busy[0] > now):
                break
            i = _first_in_line(head, behind)
            queued -= 1
            ticket = line[i]
            if ticket["arrival"] + ticket["patience"] >= now:
                answered[i] = now
                if full:
                    _replace(busy, working, now + ticket["service"])
                else:
                    working = _push(busy, working, now + ticket["service"])


@allocating
def _sort_out(line: Tickets, answered: Days, day1: float, tally: Counts) -> tuple[Ended, Tickets]:
    """Customers' tickets that ended, and all that still wait, in the order of the line; counts what happened to all."""
    ended = np.empty(line.size, ENDED)
    waiting = np.empty(line.size, TICKET)
    ends = 0
    waits = 0
    for i in range(line.size):
        ticket = line[i]
        given_up = ticket["arrival"] + ticket["patience"]
        served = answered[i] < np.inf
        if not served and given_up >= day1:
            waiting[waits] = ticket
            waits += 1
            continue
        wait = answered[i] - ticket["arrival"] if served else ticket["patience"]
        tally[_SERVED if served else _ABANDONED] += 1
        tally[_WAITED] += np.int64(wait * MICRO_MINUTES + 0.5)
        if served:
            tally[_BUSY] += np.int64(ticket["service"] * MICRO_MINUTES + 0.5)
        if ticket["id"] >= 0:
            ended[ends]["id"] = ticket["id"]
            ended[ends]["priority"] = ticket["priority"]
            ended[ends]["wait"] = wait
            ended[ends]["end"] = answered[i] + ticket["service"] if served else given_up
            ended[ends]["service"] = ticket["service"] if served else 0.0
            ended[ends]["abandoned"] = 0 if served else 1
            ends += 1
    return ended[:ends].copy(), waiting[:waits].copy()


@allocating
def serve(
    busy: Days,
    working: Counts,
    waiting: Tickets,
    tickets: Tickets,
    change_days: Days,
    change_staff: Counts,
    day1: float,
    tally: Counts,
) -> tuple[Ended, Tickets]:
    """One pulse [change_days[0], day1) of all simulated teams: which tickets end, and which still wait.

    Args:
        busy: (teams, people) days until which people are busy, `busy[team, :working[team]]`; changed in place. As wide
            as the most people on duty, or busy.
        working: (teams,) people busy; changed in place.
        waiting: rows of `TICKET` carried over, as the last call returned them.
        tickets: rows of `TICKET` that arrive in this pulse, in any order.
        change_days, change_staff: when each team's number of people on duty is set, and to what; `Shifts.changes`.
        day1: end of the pulse.
        tally: (4,) tickets answered, tickets abandoned, and millionths of a minute of work and of waiting; added to.

    Returns:
        Rows of `ENDED` for the customers' tickets taken or abandoned in the pulse, in the order of (team, arrival, id),
        and the rows of `TICKET` to carry over. The work of a ticket counts in the pulse that takes it.
    """
    day0 = change_days[0]
    line, first = line_up(waiting, tickets, day0, day1, working.size)
    answered = np.full(line.size, np.inf)
    behind = np.empty(line.size, np.int64)
    for team in range(working.size):
        working[team] = _serve_team(
            line,
            first[team],
            first[team + 1],
            busy[team],
            working[team],
            change_days,
            change_staff,
            day1,
            answered,
            behind,
        )
    return _sort_out(line, answered, day1, tally)


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

    def step(self, day0: float, day1: float, tickets: Tickets) -> Ended:
        """Work through the pulse [day0, day1).

        Args:
            day0: the end of the pulse before.
            day1: the end of this one.
            tickets: rows of `TICKET` that arrive in it, in any order, customers' and background.

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
        ended, state.waiting = serve(
            state.busy, state.working, state.waiting, tickets, change_days, change_staff, day1, state.tally
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
