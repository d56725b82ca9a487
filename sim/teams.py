"""Compiled: the teams of service desks work through a pulse; the rules are those of `sim.desk`.

Nearly always one class of tickets alone is waiting, and the staff stays the same: then each ticket is taken once it is
there and somebody is free, a recursion over a short ascending row of people. The rest goes event by event.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import allocating, compiled
from sim.shifts import MICRO_MINUTES
from sim.tickets import (
    ARRIVAL,
    BACKGROUND,
    ENDED,
    ORDINARY,
    PATIENCE,
    PRIORITIES,
    SERVICE,
    TICKET,
    Counts,
    Days,
    Ended,
    Tickets,
    line_up,
    merged,
)

_SERVED, _ABANDONED, _BUSY, _WAITED = range(4)
_SMALL = 4
"""People of a team that `_take_many` serves."""


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
def _take_many(
    times: Days, rows: Counts, k: int, end: int, until: float, now: float, busy: Days, working: int, answered: Days,
    tally: Counts,
) -> tuple[int, float]:  # fmt: skip
    """All of a small team is at work: it takes the tickets [k, end) of one class, one after the other, before a day.

    What `_take` does, with the few days of `busy` in registers: no ticket waits for the last one's day to come back
    from memory.

    Returns:
        The first ticket that is left, and when the last one was taken.
    """
    first = busy[0]
    second = busy[1] if working > 1 else np.inf
    third = busy[2] if working > 2 else np.inf
    fourth = busy[3] if working > 3 else np.inf
    served, abandoned, worked, waited = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    while k < end:
        arrival, service, patience = times[ARRIVAL, k], times[SERVICE, k], times[PATIENCE, k]
        start = max(now, arrival, first)
        if start >= until:
            break
        now = start
        if arrival + patience < now:
            abandoned += 1
            waited += np.int64(patience * MICRO_MINUTES + 0.5)
        else:
            if rows[k] >= 0:
                answered[rows[k]] = now
            served += 1
            waited += np.int64((now - arrival) * MICRO_MINUTES + 0.5)
            worked += np.int64(service * MICRO_MINUTES + 0.5)
            free = now + service
            first, free = min(free, second), max(free, second)
            second, free = min(free, third), max(free, third)
            third, fourth = min(free, fourth), max(free, fourth)
        k += 1
    busy[0] = first
    if working > 1:
        busy[1] = second
    if working > 2:
        busy[2] = third
    if working > 3:
        busy[3] = fourth
    tally[_SERVED] += served
    tally[_ABANDONED] += abandoned
    tally[_BUSY] += worked
    tally[_WAITED] += waited
    return k, now


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
                if full and working <= _SMALL:
                    k, now = _take_many(
                        times, rows, k, ends[first], other, now, busy, working, answered, tally
                    )
                    break
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
    teams: Counts,
    waiting: Tickets,
    waited: Counts,
    tickets: Tickets,
    raised: Counts,
    background: Days,
    begins: Counts,
    change_days: Days,
    change_staff: Counts,
    changes: Counts,
    day1: float,
    tally: Counts,
) -> tuple[Ended, Counts, Tickets, Counts]:
    """One pulse of all desks, until `day1`: which tickets end, and which still wait.

    Args:
        busy: (desks, teams, people) days until which people are busy, `busy[desk, team, :working[desk, team]]`; changed
            in place. As wide as the most people on duty, or busy.
        working: (desks, teams) people busy; changed in place.
        teams: (desks,) teams of each desk.
        waiting: rows of `TICKET` carried over, as the last call returned them; waited: where those of each desk begin.
        tickets: rows of `TICKET` that arrive in this pulse, desk by desk, in any order; raised: where each begins.
        background, begins: background tickets that arrive in this pulse, see `sim.tickets.Background`.
        change_days, change_staff: when the number of people on duty in each team of a desk is set, and to what;
            changes: where the times of each desk begin; see `sim.shifts.all_on_duty`.
        tally: (desks, 4) tickets answered, tickets abandoned, and millionths of a minute of work and of waiting; added
            to.

    Returns:
        Rows of `ENDED` for the customers' tickets taken or abandoned in the pulse, in the order of (desk, team,
        arrival, id), where those of each desk begin, the rows of `TICKET` to carry over, and where those of each desk
        begin. The work of a ticket counts in the pulse that takes it.
    """
    customers = waiting.size + tickets.size
    room = customers + background.shape[1]
    times, rows = np.empty((3, room)), np.empty(room, np.int64)
    late, all_ended, all_still = np.empty(room, TICKET), np.empty(customers, ENDED), np.empty(room, TICKET)
    ends, stays = np.zeros(teams.size + 1, np.int64), np.zeros(teams.size + 1, np.int64)
    for desk in range(teams.size):
        days = change_days[changes[desk] : changes[desk + 1]]
        staff = change_staff[changes[desk] : changes[desk + 1]]
        line, first = line_up(
            waiting[waited[desk] : waited[desk + 1]],
            tickets[raised[desk] : raised[desk + 1]],
            days[0],
            day1,
            teams[desk],
        )
        answered = np.full(line.size, np.inf)
        n = 0
        for team in range(teams[desk]):
            head = _queue_up(
                line, first[team], first[team + 1], background, begins[desk, team], begins[desk, team + 1],
                times, rows,
            )  # fmt: skip
            tail = head[1:].copy()
            working[desk, team] = _serve_team(
                times, rows, head, tail, busy[desk, team], working[desk, team], days, staff, day1, answered,
                tally[desk],
            )  # fmt: skip
            n = _put_by(times, rows, head, tail, team, day1, tally[desk], late, n)
        ended, still = _sort_out(line, answered, day1)
        still = merged(still, late[:n], teams[desk])
        ends[desk + 1], stays[desk + 1] = ends[desk] + ended.size, stays[desk] + still.size
        all_ended[ends[desk] : ends[desk + 1]] = ended
        all_still[stays[desk] : stays[desk + 1]] = still
    return all_ended[: ends[-1]].copy(), ends, all_still[: stays[-1]].copy(), stays
