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

from sim.compiled import allocating, compiled
from sim.shifts import MICRO_MINUTES, Rosters, Shifts, on_duty
from sim.tickets import (
    ARRIVAL,
    BACKGROUND,
    ENDED,
    ORDINARY,
    PATIENCE,
    PRIORITIES,
    SERVICE,
    TICKET,
    Background,
    Counts,
    Days,
    Ended,
    Tickets,
    first_wrong,
    line_up,
    merged,
)

_SERVED, _ABANDONED, _BUSY, _WAITED = range(4)


@compiled
def _join(busy: Days, working: int, until: float) -> int:
    """Somebody more is busy until a day: put it into the ascending busy[:working]; how many there are then."""
    busy[working] = until
    for k in range(working, 0, -1):
        busy[k - 1], busy[k] = min(busy[k - 1], busy[k]), max(busy[k - 1], busy[k])
    return working + 1


@compiled
def _go_on(busy: Days, working: int, until: float) -> None:
    """The first to become free is busy until a day: busy[:working] stays ascending.

    One pass without a branch: teams are small, and where the new day belongs cannot be foreseen.
    """
    for k in range(working - 1):
        busy[k], until = min(until, busy[k + 1]), max(until, busy[k + 1])
    busy[working - 1] = until


@compiled
def _leave(busy: Days, working: int, number: int) -> int:
    """Take the first so many off busy[:working]; how many remain."""
    for k in range(number, working):
        busy[k - number] = busy[k]
    return working - number


@compiled
def _send_home(busy: Days, working: int, staff: int, now: float) -> int:
    """Take people who are free off as long as there are more than are on duty; how many remain."""
    free = 0
    while working - free > staff and busy[free] <= now:
        free += 1
    return _leave(busy, working, free)


@compiled
def _still_busy(busy: Days, working: int, day: float) -> int:
    """Keep in busy[:working] who is busy after a day; how many are."""
    free = 0
    while free < working and busy[free] <= day:
        free += 1
    return _leave(busy, working, free)


@allocating
def _queue_up(
    line: Tickets, low: int, high: int, background: Days, begin: int, end: int, times: Days, rows: Counts
) -> Counts:
    """Let a team's tickets, line[low:high] and background[:, begin:end], line up class by class, by (arrival, id).

    Args:
        times: (3, room), written: rows `ARRIVAL`, `SERVICE`, `PATIENCE`, one class after the other.
        rows: (room,), written: the ticket's row in `line`, -1 for a background ticket.

    Returns:
        Where each class begins, and the end of the last one, (PRIORITIES + 1,).
    """
    first = np.zeros(PRIORITIES + 1, np.int64)
    first[ORDINARY + 1] = end - begin
    for i in range(low, high):
        first[line[i]["priority"] + 1] += 1
    for priority in range(PRIORITIES):
        first[priority + 1] += first[priority]
    place = first.copy()
    at = place[ORDINARY]
    for i in range(low, high + 1):
        if i == high or line[i]["priority"] == ORDINARY:
            arrival = line[i]["arrival"] if i < high else np.inf
            while begin < end and background[ARRIVAL, begin] <= arrival:
                for row in range(3):
                    times[row, at] = background[row, begin]
                rows[at] = -1
                at += 1
                begin += 1
            place[ORDINARY] = at
        if i < high:
            ticket = line[i]
            k = place[ticket["priority"]]
            times[ARRIVAL, k], times[SERVICE, k] = ticket["arrival"], ticket["service"]
            times[PATIENCE, k], rows[k] = ticket["patience"], i
            place[ticket["priority"]] += 1
            at = place[ORDINARY]
    return first


@compiled
def _take(
    times: Days,
    row: int,
    at: int,
    now: float,
    busy: Days,
    working: int,
    full: bool,
    answered: Days,
    tally: Counts,
) -> int:
    """Somebody turns to the ticket at a place of the queues; how many `busy` holds then.

    A ticket that was given up stays in its queue until its turn comes, and costs nobody any time.
    """
    arrival, service, patience = times[ARRIVAL, at], times[SERVICE, at], times[PATIENCE, at]
    if arrival + patience < now:
        tally[_ABANDONED] += 1
        tally[_WAITED] += np.int64(patience * MICRO_MINUTES + 0.5)
        return working
    if row >= 0:
        answered[row] = now
    tally[_SERVED] += 1
    tally[_WAITED] += np.int64((now - arrival) * MICRO_MINUTES + 0.5)
    tally[_BUSY] += np.int64(service * MICRO_MINUTES + 0.5)
    if full:
        _go_on(busy, working, now + service)
        return working
    return _join(busy, working, now + service)


@compiled
def _first_come(times: Days, head: Counts, ends: Counts, until: float) -> tuple[int, float]:
    """The class whose first ticket came first (-1: none), and when another class gets one, at the latest `until`."""
    first = -1
    for p in range(PRIORITIES):
        if head[p] < ends[p]:
            arrival = times[ARRIVAL, head[p]]
            if first < 0 or arrival < times[ARRIVAL, head[first]]:
                if first >= 0:
                    until = min(until, times[ARRIVAL, head[first]])
                first = p
            else:
                until = min(until, arrival)
    return first, until


@compiled
def _serve_team(
    times: Days,
    rows: Counts,
    head: Counts,
    ends: Counts,
    busy: Days,
    working: int,
    change_days: Days,
    change_staff: Counts,
    day1: float,
    answered: Days,
    tally: Counts,
) -> int:
    """Let one team work through its queues until `day1`; the number of people who are busy then.

    `busy[:working]` holds the days until which people are busy, ascending. Who is free stays in it until a free person
    is needed: neither that nor an end of patience needs an event of its own. As long as one class alone has tickets and
    the staff stays the same, each is taken once it is there and somebody free: Kiefer and Wolfowitz' recursion.

    Args:
        times, rows: the queues as `_queue_up` left them, class p at [head[p], ends[p]).
        head: changed in place: [head[p], ends[p]) is left.
        answered: set for each row of the line that is taken.
    """
    now = change_days[0]
    staff = 0  # until the first change, at day0: what was carried over just lines up
    change = 0
    while True:
        next_change = change_days[change] if change < change_days.size else np.inf
        first, other = _first_come(times, head, ends, min(next_change, day1))
        if first >= 0 and 0 < staff >= working:
            k = head[first]
            while k < ends[first]:
                full = working == staff
                start = max(now, times[ARRIVAL, k])
                if full:
                    start = max(start, busy[0])
                if start >= other:
                    break
                now = start
                working = _take(times, rows[k], k, now, busy, working, full, answered, tally)
                k += 1
            if k > head[first]:
                head[first] = k
                continue
        coming = np.inf if first < 0 else max(now, times[ARRIVAL, head[first]])
        if working >= staff:
            coming = max(coming, busy[0] if working > 0 else np.inf)
        if min(coming, next_change) >= day1:
            return _still_busy(busy, working, day1)
        if next_change <= coming:
            now = next_change
            staff = change_staff[change]
            change += 1
            continue
        now = coming
        working = _send_home(busy, working, staff, now)
        full = working >= staff
        if full and (working == 0 or busy[0] > now):
            continue
        p = 0
        while head[p] == ends[p] or times[ARRIVAL, head[p]] > now:
            p += 1
        head[p] += 1
        working = _take(times, rows[head[p] - 1], head[p] - 1, now, busy, working, full, answered, tally)


@compiled
def _put_by(
    times: Days,
    rows: Counts,
    head: Counts,
    ends: Counts,
    team: int,
    day1: float,
    tally: Counts,
    out: Tickets,
    n: int,
) -> int:
    """Count what a team's queues hold that was given up by `day1`; background tickets that still wait go to out[n:].

    They stand by arrival, as they came. Returns the rows written so far.
    """
    for p in range(PRIORITIES):
        for k in range(head[p], ends[p]):
            arrival, patience = times[ARRIVAL, k], times[PATIENCE, k]
            if arrival + patience < day1:
                tally[_ABANDONED] += 1
                tally[_WAITED] += np.int64(patience * MICRO_MINUTES + 0.5)
            elif rows[k] < 0:
                out[n]["id"], out[n]["team"], out[n]["priority"] = BACKGROUND, team, p
                out[n]["arrival"], out[n]["service"], out[n]["patience"] = (
                    arrival,
                    times[SERVICE, k],
                    patience,
                )
                n += 1
    return n


@allocating
def _sort_out(line: Tickets, answered: Days, day1: float) -> tuple[Ended, Tickets]:
    """Customers' tickets that ended, and all of the line that still wait, in the order of the line."""
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
        elif ticket["id"] >= 0:
            ended[ends]["id"] = ticket["id"]
            ended[ends]["priority"] = ticket["priority"]
            ended[ends]["wait"] = answered[i] - ticket["arrival"] if served else ticket["patience"]
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
    background: Days,
    begins: Counts,
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
        background, begins: background tickets that arrive in this pulse, see `sim.tickets.Background`.
        change_days, change_staff: when each team's number of people on duty is set, and to what; `Shifts.changes`.
        day1: end of the pulse.
        tally: (4,) tickets answered, tickets abandoned, and millionths of a minute of work and of waiting; added to.

    Returns:
        Rows of `ENDED` for the customers' tickets taken or abandoned in the pulse, in the order of (team, arrival, id),
        and the rows of `TICKET` to carry over. The work of a ticket counts in the pulse that takes it.
    """
    line, first = line_up(waiting, tickets, change_days[0], day1, working.size)
    answered = np.full(line.size, np.inf)
    room = line.size + background.shape[1]
    times, rows = np.empty((3, room)), np.empty(room, np.int64)
    late, n = np.empty(background.shape[1], TICKET), 0
    for team in range(working.size):
        head = _queue_up(
            line, first[team], first[team + 1], background, begins[team], begins[team + 1], times, rows
        )
        ends = head[1:].copy()
        working[team] = _serve_team(
            times,
            rows,
            head,
            ends,
            busy[team],
            working[team],
            change_days,
            change_staff,
            day1,
            answered,
            tally,
        )
        n = _put_by(times, rows, head, ends, team, day1, tally, late, n)
    ended, still = _sort_out(line, answered, day1)
    return ended, merged(still, late[:n], working.size)


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
