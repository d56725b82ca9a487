"""Compiled: tickets on their way to a desk and back.

A ticket's id names the customer's slot in its low part, so that the team follows from it, then the kind of incident,
the person's generation and the luck of being solved: all that must be known when it comes back, perhaps pulses later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.columns import C, K, L, N, S, T, X
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.sale import micros, value
from agents.touch import experience
from sim.compiled import allocating, compiled, inlined
from sim.luck import Decision, bits, exponential, unit
from sim.numeric import F, Whole
from sim.tickets import ARRIVAL, ENDED, ORDINARY, PATIENCE, SERVICE, TICKET, Ended, Tickets

_BACKGROUND = int(Decision.BACKGROUND)
_RESOLUTION = 1 << 10
_GENERATIONS = 1 << 8
_KINDS = 4
_FAILURE = 2
_TEAM = 0x100
_AT_ONCE = 64
_MINUTES_PER_DAY = 1440.0


@inlined
def priority_of(kind: Whole) -> int:
    """The priority class of a kind of incident: a core failure is more urgent than a question."""
    return 0 if kind == _FAILURE else ORDINARY


@allocating
def for_the_desks(
    codes: NDArray[np.int8],
    buffer: NDArray[np.float64],
    slots: NDArray[np.int64],
    day: float,
    days: float,
    end: float,
) -> tuple[Tickets, NDArray[np.int64]]:
    """The tickets of simulated customers in a pulse, provider by provider, and where those of each begin and end.

    Args:
        codes: the population's codes; buffer: float64 [len(X), n], the tickets as they were raised.
        slots: by provider, the modulus of the slot in the id, a multiple of its teams.
        end: last moment that belongs to the pulse.
    """
    rows = np.empty(buffer.shape[1], TICKET)
    begins = np.zeros(slots.size + 1, np.int64)
    n = 0
    for provider in range(slots.size):
        for k in range(buffer.shape[1]):
            if buffer[X.PROVIDER, k] == provider:
                slot, kind = np.int64(buffer[X.CUSTOMER, k]), np.int64(buffer[X.KIND, k])
                resolved = np.int64(buffer[X.RESOLVED, k] * _RESOLUTION)
                rest = (
                    resolved * _GENERATIONS + np.int64(codes[C.GENERATION, slot]) % _GENERATIONS
                ) * _KINDS + kind
                rows[n]["id"], rows[n]["team"] = slot + slots[provider] * rest, 0
                rows[n]["priority"] = priority_of(kind)
                rows[n]["arrival"] = min(day + buffer[X.ARRIVAL, k] * days, end)
                rows[n]["service"] = buffer[X.MINUTES, k] / _MINUTES_PER_DAY
                rows[n]["patience"] = buffer[X.PATIENCE, k]
                n += 1
        begins[provider + 1] = n
    return rows, begins


@allocating
def of_others(
    counts: NDArray[np.int64], key: np.uint64, occasion: int, day: float, days: float, end: float,
    tickets_per_day: NDArray[np.float64], scale: float, firm_teams: NDArray[np.int64], teams: NDArray[np.int64],
    minutes: float, patience: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:  # fmt: skip
    """The tickets of everybody else, the `sim.tickets.Background` of all providers' desks in a pulse.

    Those of a team are a Poisson process: exponential gaps, each with the ticket's own marks.

    Args:
        counts: of the world, by provider and segment.
        tickets_per_day: that one customer of each provider is expected to raise; everybody else's come in proportion.
        scale: customers of the firm behind each simulated one; firm_teams, teams: teams of each provider's desk, and
            how many of them are simulated.
        minutes, patience: means of work, in minutes, and patience, in days.
    """
    mean = np.zeros(teams.size)
    widest, room = 0, 0
    for provider in range(teams.size):
        present = 0
        for segment in range(counts.shape[1]):
            present += counts[provider, segment, N.PRESENT]
        share = scale / firm_teams[provider] - 1.0 / teams[provider]
        mean[provider] = max(0.0, tickets_per_day[provider] * present * days * share)
        room += teams[provider] * _most_of(mean[provider])
        widest = max(widest, teams[provider])
    times = np.empty((3, room))
    begins = np.zeros((teams.size, widest + 1), np.int64)
    luck = np.empty((3, _AT_ONCE), np.float32)
    n = 0
    for provider in range(teams.size):
        begins[provider, 0] = n
        for team in range(teams[provider]):
            if mean[provider] > 0.0:
                n = _of_a_team(
                    times, n, luck, key, occasion, day, days, end, provider, team, mean[provider], minutes, patience
                )  # fmt: skip
            begins[provider, team + 1] = n
    return times[:, :n], begins


@compiled
def _most_of(mean: float) -> int:
    """Room for the tickets of a team, of which so many are expected."""
    return _AT_ONCE + 2 * int(mean + 8.0 * np.sqrt(mean))


@compiled
def _of_a_team(
    times: NDArray[np.float64], n: int, luck: NDArray[np.float32], key: np.uint64, occasion: int, day: float,
    days: float, end: float, provider: int, team: int, mean: float, minutes: float, patience: float,
) -> int:  # fmt: skip
    """The tickets of everybody else at one team, written to times[:, n:]; where they end."""
    last = n + _most_of(mean)
    share = 0.0
    step = 0
    while n < last and share < 1.0:
        for k in range(_AT_ONCE):
            gap, work, waits, _ = bits(key, _BACKGROUND, step + k, provider, occasion, team % _TEAM)
            luck[0, k], luck[1, k], luck[2, k] = unit(gap), unit(work), unit(waits)
        for row in range(3):
            for k in range(_AT_ONCE):
                luck[row, k] = exponential(luck[row, k])
        come = 0
        for k in range(min(_AT_ONCE, last - n)):  # Alone, because a sum in order is no vector loop.
            share += np.float64(luck[0, k]) / mean
            if share >= 1.0:
                break
            times[ARRIVAL, n + k] = min(day + share * days, end)
            come += 1
        for k in range(come):
            times[SERVICE, n + k] = minutes * np.float64(luck[1, k]) / _MINUTES_PER_DAY
            times[PATIENCE, n + k] = patience * np.float64(luck[2, k])
        n += come
        step += _AT_ONCE
    return n


@allocating
def some_of(ended: Ended, begins: NDArray[np.int64], most: int) -> tuple[Ended, NDArray[np.int64]]:
    """At most so many of the rows, from all over them; and where those of each desk begin."""
    kept = min(ended.size, most)
    rows, starts = np.empty(kept, ENDED), np.zeros(begins.size, np.int64)
    for k in range(kept):
        rows[k] = ended[k * ended.size // kept]
    for desk in range(1, begins.size if kept > 0 else 0):
        starts[desk] = -(-begins[desk] * kept // ended.size)
    return rows, starts


@compiled
def fate(
    before: Ended, begins: NDArray[np.int64], provider: Whole, priority: Whole, share: float
) -> tuple[float, bool]:
    """What a ticket meets at a desk that goes on as it did: the wait for an answer, or for the end of patience.

    It meets what one of its class met that came as far into the days remembered as it comes into the pulse. Where there
    was none of its class, it is answered at once.

    Args:
        before: what ended in the days remembered, provider by provider, class by class in the order of time.
        begins: int64 [providers, PRIORITIES + 1], where each class of a provider begins, and the end of its last one.
        share: of the pulse that is over when it arrives.

    Returns:
        the wait in days, and whether it is given up.
    """
    first = begins[provider, priority]
    number = begins[provider, priority + 1] - first
    if number == 0:
        return 0.0, False
    met = first + min(np.int64(share * number), number - 1)
    return before[met]["wait"], bool(before[met]["abandoned"] != 0)


@compiled
def answer_as_before(
    w: Arrays, rules: Rules, beat: Beat, raised: NDArray[np.float64], before: Ended, begins: NDArray[np.int64],
    wage_micros: float, lo: int, hi: int,
) -> None:  # fmt: skip
    """The tickets of a pulse that were raised among the people [lo, hi) meet their fate at once; see `answer`.

    Args:
        raised: float64 [len(X), n], the tickets as they were raised; before, begins: see `fate`.
    """
    law, pace = law_in(rules), pace_in(beat)
    for k in range(raised.shape[1]):
        i, provider = np.int64(raised[X.CUSTOMER, k]), int(raised[X.PROVIDER, k])
        if lo <= i < hi:
            kind = np.int64(raised[X.KIND, k])
            wait, abandoned = fate(before, begins, provider, priority_of(kind), raised[X.ARRIVAL, k])
            luck = np.int64(raised[X.RESOLVED, k] * _RESOLUTION)
            service = raised[X.MINUTES, k] / _MINUTES_PER_DAY
            answer_one(w, law, pace, provider, i, kind, luck, wait, service, abandoned, wage_micros)


@compiled
def answer(
    w: Arrays, rules: Rules, beat: Beat, ended: Ended, begins: NDArray[np.int64], slots: NDArray[np.int64],
    wage_micros: float, lo: int, hi: int,
) -> None:  # fmt: skip
    """What the desks did comes back to the customers among the people [lo, hi); it acts from the next pulse's live on.

    An abandoned ticket adds grievance. One that was served pays wages by its minutes, gives help as an experience,
    costs satisfaction by the hours waited (at most the incident's own drop), and where it is solved restores `recovery`
    of the lost satisfaction and heals `heal` of the incident's grievance. Who has gone meanwhile is not met.

    Args:
        ended: rows of `sim.tickets.ENDED`, provider by provider; begins: where those of each begin, and the end of the
            last one; slots: by provider, the modulus of the slot in its ids.
        wage_micros: wage per minute, which counts towards the customer's value here: the desks' wages themselves are
            booked apart.
    """
    law, pace = law_in(rules), pace_in(beat)
    for provider in range(slots.size):
        for n in range(begins[provider], begins[provider + 1]):
            ticket = ended[n]
            i = ticket["id"] % slots[provider]
            if lo <= i < hi:
                rest = ticket["id"] // slots[provider]
                kind = rest % _KINDS
                rest //= _KINDS
                if (
                    np.int64(w.codes[C.GENERATION, i]) % _GENERATIONS == rest % _GENERATIONS
                    and w.codes[C.PROVIDER, i] == provider
                ):
                    answer_one(
                        w, law, pace, provider, i, kind, rest // _GENERATIONS, ticket["wait"], ticket["service"],
                        ticket["abandoned"] != 0, wage_micros,
                    )  # fmt: skip


@inlined
def answer_one(
    w: Arrays, law: Law, pace: Pace, provider: int, i: Whole, kind: Whole, luck: Whole, wait: float, service: float,
    abandoned: bool, wage_micros: float,
) -> None:  # fmt: skip
    """One ticket of a kind comes back after a wait and so much service, in days, see `answer`.

    Args:
        luck: of being solved, in `_RESOLUTION`ths.
    """
    if abandoned:
        w.state[S.GRIEVANCE, i] += law.abandon_grievance
        return
    lost = law.drop_friction if kind == 0 else (law.drop_doubt if kind == 1 else law.drop_failure)
    hurt = law.grievance_friction if kind == 0 else (law.grievance_doubt if kind == 1 else F(1.0))
    satisfaction = w.state[S.SATISFACTION, i] - min(lost, law.wait_cost * F(wait))
    resolved = F((np.float64(luck) + 0.5) / _RESOLUTION)
    if resolved < w.levers[provider, L.SOLVED]:
        if w.crm_of[provider] >= 0:
            w.crm[w.crm_of[provider], K.SOLVED, i] += F(1.0)
        satisfaction += law.recovery * lost
        w.state[S.GRIEVANCE, i] = max(F(0.0), w.state[S.GRIEVANCE, i] - law.heal * hurt)
    w.state[S.SATISFACTION, i] = min(F(1.0), max(F(0.0), satisfaction))
    minutes = service * _MINUTES_PER_DAY
    w.counts[provider, w.codes[C.SEGMENT, i], N.EFFORT] += micros(F(minutes))
    experience(w, law, i, np.int64(0), w.traits[T.VALUE_OF_TIME, i] * F(minutes / 60.0))
    wages = np.int64(minutes * wage_micros)
    w.counts[provider, w.codes[C.SEGMENT, i], N.WORKED] += wages
    value(w, i, provider, -wages, np.int64(0), pace.discount_factor)
