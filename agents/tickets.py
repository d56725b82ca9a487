"""Compiled: tickets on their way to a desk and back.

A ticket's id names the customer's slot in its low part, so that the team follows from it, then the kind of incident,
the person's generation and the luck of being solved: all that must be known when it comes back, perhaps pulses later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.columns import C, K, L, N, S, T, X
from agents.law import Law, Pace, Rules, law_in
from agents.sale import micros, value
from agents.touch import experience
from sim.compiled import allocating, compiled, inlined
from sim.luck import Decision, bits, exponential, unit
from sim.numeric import F, Whole
from sim.tickets import BACKGROUND, TICKET, Ended, Tickets

_BACKGROUND = int(Decision.BACKGROUND)
_RESOLUTION = 1 << 10
_GENERATIONS = 1 << 16
_KINDS = 4
_FAILURE = 2
_TEAM = 0x100
_AT_ONCE = 64
_MINUTES_PER_DAY = 1440.0


@allocating
def for_the_desk(
    codes: NDArray[np.int16], buffer: NDArray[np.float64], provider: int, slots: int, key: np.uint64, occasion: int,
    day: float, days: float, end: float, mean: float, teams: int, minutes: float, patience: float,
) -> Tickets:  # fmt: skip
    """The tickets of one provider in a pulse: those of its simulated customers, then the background's.

    Background tickets of a team are a Poisson process: exponential gaps, each with the ticket's own marks.

    Args:
        codes: the population's codes; buffer: float64 [len(X), n], tickets of all providers.
        slots: modulus of the slot in the id, a multiple of `teams`; end: last moment that belongs to the pulse.
        mean: background tickets expected per team; minutes, patience: means of work, in minutes, and patience, in days.
    """
    rows = np.empty(buffer.shape[1] + teams * (64 + 2 * int(mean + 8.0 * np.sqrt(mean))), TICKET)
    n = 0
    for k in range(buffer.shape[1]):
        if buffer[X.PROVIDER, k] == provider:
            slot, kind = np.int64(buffer[X.CUSTOMER, k]), np.int64(buffer[X.KIND, k])
            resolved = np.int64(buffer[X.RESOLVED, k] * _RESOLUTION)
            rest = (resolved * _GENERATIONS + np.int64(codes[C.GENERATION, slot])) * _KINDS + kind
            rows[n]["id"], rows[n]["team"] = slot + slots * rest, 0
            rows[n]["priority"] = (
                0 if kind == _FAILURE else 1
            )  # A core failure is more urgent than a question.
            rows[n]["arrival"] = min(day + buffer[X.ARRIVAL, k] * days, end)
            rows[n]["service"] = buffer[X.MINUTES, k] / _MINUTES_PER_DAY
            rows[n]["patience"] = buffer[X.PATIENCE, k]
            n += 1
    luck = np.empty((3, _AT_ONCE), np.float32)
    for team in range(teams if mean > 0.0 else 0):
        share = 0.0
        step = 0
        while n < rows.size and share < 1.0:
            for k in range(_AT_ONCE):  # A vector loop; the sums that follow are not.
                gap, work, waits, _ = bits(key, _BACKGROUND, step + k, provider, occasion, team % _TEAM)
                luck[0, k], luck[1, k], luck[2, k] = unit(gap), unit(work), unit(waits)
            for row in range(3):
                for k in range(_AT_ONCE):
                    luck[row, k] = exponential(luck[row, k])
            for k in range(_AT_ONCE):
                share += np.float64(luck[0, k]) / mean
                if share >= 1.0 or n == rows.size:
                    break
                rows[n]["id"], rows[n]["team"], rows[n]["priority"] = BACKGROUND, team, 1
                rows[n]["arrival"] = min(day + share * days, end)
                rows[n]["service"] = minutes * np.float64(luck[1, k]) / _MINUTES_PER_DAY
                rows[n]["patience"] = patience * np.float64(luck[2, k])
                n += 1
            step += _AT_ONCE
    return rows[:n]


@compiled
def answer(
    w: Arrays, rules: Rules, pace: Pace, ended: Ended, until: NDArray[np.int64], slots: NDArray[np.int64],
    wage_micros: float,
) -> None:  # fmt: skip
    """What the desks did comes back to customers; it acts from the next pulse's live on.

    An abandoned ticket adds grievance. One that was served pays wages by its minutes, gives help as an experience,
    costs satisfaction by the hours waited (at most the incident's own drop), and where it is solved restores `recovery`
    of the lost satisfaction and heals `heal` of the incident's grievance. Who has gone meanwhile is not met.

    Args:
        ended: rows of `sim.tickets.ENDED`, provider by provider; until, slots: by provider, the row behind its last one
            and the modulus of the slot in its ids.
        wage_micros: wage per minute, which counts towards the customer's value here: the desks' wages themselves are
            booked apart.
    """
    law = law_in(rules)
    first = 0
    for provider in range(until.size):
        for n in range(first, until[provider]):
            answer_one(w, law, pace, provider, ended[n], slots[provider], wage_micros)
        first = until[provider]


@inlined
def answer_one(
    w: Arrays, law: Law, pace: Pace, provider: int, ticket: np.void, slots: Whole, wage_micros: float
) -> None:
    """One ticket comes back, see `answer`."""
    i = ticket["id"] % slots
    rest = ticket["id"] // slots
    kind = rest % _KINDS
    rest //= _KINDS
    if w.codes[C.GENERATION, i] != rest % _GENERATIONS or w.codes[C.PROVIDER, i] != provider:
        return
    if ticket["abandoned"] != 0:
        w.state[S.GRIEVANCE, i] += law.abandon_grievance
        return
    lost = law.drop_friction if kind == 0 else (law.drop_doubt if kind == 1 else law.drop_failure)
    hurt = law.grievance_friction if kind == 0 else (law.grievance_doubt if kind == 1 else F(1.0))
    satisfaction = w.state[S.SATISFACTION, i] - min(lost, law.wait_cost * F(ticket["wait"]))
    resolved = F((np.float64(rest // _GENERATIONS) + 0.5) / _RESOLUTION)
    if resolved < w.levers[provider, L.SOLVED]:
        if w.crm_of[provider] >= 0:
            w.crm[w.crm_of[provider], K.SOLVED, i] += F(1.0)
        satisfaction += law.recovery * lost
        w.state[S.GRIEVANCE, i] = max(F(0.0), w.state[S.GRIEVANCE, i] - law.heal * hurt)
    w.state[S.SATISFACTION, i] = min(F(1.0), max(F(0.0), satisfaction))
    minutes = ticket["service"] * _MINUTES_PER_DAY
    w.counts[provider, w.codes[C.SEGMENT, i], N.EFFORT] += micros(F(minutes))
    experience(w, law, i, np.int64(0), w.traits[T.VALUE_OF_TIME, i] * F(minutes / 60.0))
    wages = np.int64(minutes * wage_micros)
    w.counts[provider, w.codes[C.SEGMENT, i], N.WORKED] += wages
    value(w, i, provider, -wages, np.int64(0), pace.discount_factor)
