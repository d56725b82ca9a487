"""Tickets: what comes to a service desk, as rows of one array, and the line in which the tickets of a pulse stand."""

from __future__ import annotations

from typing import NamedTuple

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

ARRIVAL, SERVICE, PATIENCE = range(3)
"""Rows of times in days, where tickets are columns."""

ORDINARY = 1
"""The priority class of background tickets that come as columns."""

Tickets = NDArray[np.void]
Ended = NDArray[np.void]
Days = NDArray[np.float64]
Counts = NDArray[np.int64]


class Background(NamedTuple):
    """Background tickets of a pulse as columns: most of what a desk has to do.

    Attributes:
        times: (3, n), rows `ARRIVAL`, `SERVICE`, `PATIENCE`; team by team, in the order of arrival.
        begins: (desks, teams + 1) where the tickets of each team of a desk begin, and the end of its last.
    """

    times: Days
    begins: Counts

    @classmethod
    def none(cls, desks: int, teams: int) -> Background:
        """Nobody else."""
        return cls(np.empty((3, 0)), np.zeros((desks, teams + 1), np.int64))


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
def first_wrong(tickets: Tickets, begins: Counts, day0: float, day1: float, teams: Counts) -> int:
    """The first ticket with an impossible value (NaN included), or -1; desk by desk, each of so many teams."""
    for desk in range(teams.size):
        for i in range(begins[desk], begins[desk + 1]):
            ticket = tickets[i]
            timely = day0 <= ticket["arrival"] < day1
            priority = 0 <= ticket["priority"] < PRIORITIES
            work = 0.0 <= ticket["service"] < np.inf and ticket["patience"] >= 0.0
            team = ticket["id"] >= 0 or (ticket["id"] == BACKGROUND and 0 <= ticket["team"] < teams[desk])
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
def line_up(
    waiting: Tickets, tickets: Tickets, day0: float, day1: float, teams: int
) -> tuple[Tickets, Counts]:
    """All tickets of the pulse sorted by (team, arrival, id), and the row where each team begins.

    `waiting` must be sorted already, with arrivals before `day0`. The new ones arrive all over the pulse, so that a
    counting sort into two buckets a ticket leaves little to do; bucket 0 of a team holds what it carried over.
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
def merged(one: Tickets, other: Tickets, teams: int) -> Tickets:
    """Tickets of two lines that stand by (team, arrival, id), in one that does."""
    if not other.size:
        return one
    line = np.empty(one.size + other.size, TICKET)
    a, b = 0, 0
    for n in range(line.size):
        first = b == other.size
        if not first and a < one.size:
            team, its = _team_of(one, a, teams), _team_of(other, b, teams)
            first = team < its or (team == its and _precedes(one, a, other, b))
        if first:
            line[n] = one[a]
            a += 1
        else:
            line[n] = other[b]
            b += 1
    return line
