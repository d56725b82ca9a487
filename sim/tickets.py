"""Tickets: what comes to a service desk, as rows of one array, and the line in which the tickets of a pulse stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.compiled import allocating

PRIORITIES = 8
"""Priority classes: 0, the most urgent, to 7."""

BACKGROUND = -1
"""The id of tickets that belong to no simulated customer."""

TICKET = np.dtype(
    [
        ("id", np.int64),  # a customer's ticket: 0 or more, its sender's name for it; or BACKGROUND
        ("team", np.int32),  # read for background tickets only
        ("priority", np.int32),  # 0 ... PRIORITIES - 1
        ("arrival", np.float64),  # day
        ("service", np.float64),  # days of one person's work
        ("patience", np.float64),  # days, infinite for who waits for ever
    ],
    align=True,
)
ENDED = np.dtype(
    [
        ("id", np.int64),
        ("priority", np.int32),
        ("abandoned", np.int32),  # 1 if given up, 0 if answered; so wide that a row has no unused bytes
        ("wait", np.float64),  # days from arrival to the answer, or to giving up
        ("end", np.float64),  # day on which the answer was complete, or of giving up
        ("service", np.float64),  # days of work, 0 for the abandoned
    ],
    align=True,
)

Tickets = NDArray[np.void]
Ended = NDArray[np.void]
Days = NDArray[np.float64]
Counts = NDArray[np.int64]


def make_tickets(
    ids: ArrayLike,
    arrivals: ArrayLike,
    services: ArrayLike,
    patience: ArrayLike = np.inf,
    priorities: ArrayLike = 0,
    teams: ArrayLike = 0,
) -> Tickets:
    """Rows of `TICKET` from columns of one length, or single values for all: times in days, `teams` for background."""
    tickets = np.empty(np.broadcast(ids, arrivals, services, patience, priorities, teams).size, TICKET)
    tickets["id"] = ids
    tickets["team"] = teams
    tickets["priority"] = priorities
    tickets["arrival"] = arrivals
    tickets["service"] = services
    tickets["patience"] = patience
    return tickets


@allocating
def _team_of(tickets: Tickets, i: int, teams: int) -> int:
    """The team that a ticket goes to."""
    customer = tickets["id"][i]
    if customer < 0:
        return int(tickets["team"][i])
    return int(customer % teams) if teams > 1 else 0


@allocating
def first_wrong(tickets: Tickets, day0: float, day1: float, teams: int) -> int:
    """The first ticket with an impossible value (NaN included), or -1."""
    for i in range(tickets.size):
        ticket = tickets[i]
        timely = day0 <= ticket["arrival"] < day1
        priority = 0 <= ticket["priority"] < PRIORITIES
        work = 0.0 <= ticket["service"] < np.inf and ticket["patience"] >= 0.0
        team = ticket["id"] >= 0 or (ticket["id"] == BACKGROUND and 0 <= ticket["team"] < teams)
        if not (timely and priority and work and team):
            return i
    return -1


@allocating
def _precedes(a: Tickets, i: int, b: Tickets, j: int) -> bool:
    """Whether ticket a[i] comes before b[j]: by arrival, then id; the rest only makes the order complete."""
    if a["arrival"][i] != b["arrival"][j]:
        return bool(a["arrival"][i] < b["arrival"][j])
    if a["id"][i] != b["id"][j]:
        return bool(a["id"][i] < b["id"][j])
    if a["priority"][i] != b["priority"][j]:
        return bool(a["priority"][i] < b["priority"][j])
    if a["service"][i] != b["service"][j]:
        return bool(a["service"][i] < b["service"][j])
    return bool(a["patience"][i] < b["patience"][j])


@allocating
def _sort(rows: Tickets, low: int, high: int, spare: Tickets) -> None:
    """Sort rows[low:high] by `_precedes`: Shell's sort, which is plain insertion for the few rows of a bucket."""
    gap = 1
    while gap < (high - low) // 8:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(low + gap, high):
            if _precedes(rows, i, rows, i - gap):
                spare[0] = rows[i]
                j = i
                while j >= low + gap and _precedes(spare, 0, rows, j - gap):
                    rows[j] = rows[j - gap]
                    j -= gap
                rows[j] = spare[0]
        gap //= 3


@allocating
def _in_order(tickets: Tickets, teams: int) -> int:
    """The row from which on tickets stand by (team, arrival, id) already, as background tickets are made."""
    first = tickets.size - 1
    while first > 0:
        before, team = _team_of(tickets, first - 1, teams), _team_of(tickets, first, teams)
        if before > team or (before == team and _precedes(tickets, first, tickets, first - 1)):
            return first
        first -= 1
    return max(first, 0)


@allocating
def _sort_by_team(
    waiting: Tickets, tickets: Tickets, day0: float, day1: float, teams: int
) -> tuple[Tickets, Counts]:
    """All tickets sorted by (team, arrival, id), and the row where each team begins.

    The new ones arrive all over the pulse, so that a counting sort into two buckets a ticket leaves little to do;
    bucket 0 of a team holds what it carried over.
    """
    buckets = 2 * tickets.size // teams + 2
    per_day = (buckets - 1) / (day1 - day0)
    where = np.empty(tickets.size, np.int32)
    place = np.zeros(teams * buckets + 1, np.int32)
    for i in range(waiting.size):
        place[_team_of(waiting, i, teams) * buckets + 1] += 1
    arrival = tickets["arrival"]
    for i in range(tickets.size):
        bucket = 1 + min(int((arrival[i] - day0) * per_day), buckets - 2)
        where[i] = _team_of(tickets, i, teams) * buckets + bucket
        place[where[i] + 1] += 1
    for b in range(place.size - 1):
        place[b + 1] += place[b]
    first = place[::buckets].astype(np.int64)

    line = np.empty(waiting.size + tickets.size, TICKET)
    for i in range(waiting.size):
        bucket = _team_of(waiting, i, teams) * buckets
        line[place[bucket]] = waiting[i]
        place[bucket] += 1
    for i in range(tickets.size):
        line[place[where[i]]] = tickets[i]
        place[where[i]] += 1
    spare = np.empty(1, TICKET)
    for b in range(1, teams * buckets):  # by now place[b] is where bucket b ends
        if place[b] - place[b - 1] > 1 and b % buckets > 0:
            _sort(line, place[b - 1], place[b], spare)
    return line, first


@allocating
def line_up(
    waiting: Tickets, tickets: Tickets, day0: float, day1: float, teams: int
) -> tuple[Tickets, Counts]:
    """All tickets of the pulse sorted by (team, arrival, id), and the row where each team begins.

    `waiting` must be sorted already, with arrivals before `day0`. Most tickets of a sample of a firm are background and
    in order too; the others are sorted, and the two are merged.
    """
    rest = _in_order(tickets, teams)
    line, first = _sort_by_team(waiting, tickets[:rest], day0, day1, teams)
    if rest == tickets.size:
        return line, first
    merged = np.empty(line.size + tickets.size - rest, TICKET)
    begins = np.empty(teams + 1, np.int64)
    n = 0
    b = rest
    for team in range(teams):
        begins[team] = n
        a, end = first[team], first[team + 1]
        while b < tickets.size and _team_of(tickets, b, teams) == team:
            while a < end and _precedes(line, a, tickets, b):
                merged[n] = line[a]
                a, n = a + 1, n + 1
            merged[n] = tickets[b]
            b, n = b + 1, n + 1
        while a < end:
            merged[n] = line[a]
            a, n = a + 1, n + 1
    begins[teams] = n
    return merged, begins
