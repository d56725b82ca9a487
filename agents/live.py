"""Compiled: live and look - one pass over everyone.

People are taken in blocks. Within a block, plain arithmetic over all (luck, decay, experience) comes first, without a
branch; then whom a rare event meets is gathered, kind by kind (life events, incidents, needs or bills, promises,
expiries, renewals), and these few are treated one by one; then comes the look of everyone.

    satisfaction' = quality + (satisfaction - quality) kept
    commitment', expectation' = the exact solution over the pulse (`agents.law.pace_of`)
    P(look) = 1 - (1 - P_s) * prod(1 - p_prompt)
    P_s = 1 - exp(-attention season m days)   per day;   1 - (1 - attention)^m   at each renewal or purchase
    m = exp(g_grievance grievance + g_dissatisfaction max(0, s_ref - satisfaction) + g_peers peer_exits
            - g_commitment commitment)

`state[UNPROMPTED]` carries prod(1 - p_prompt) of the pulse, from the outboxes and from the rare events.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import BLOCK, Arrays, by_place
from agents.columns import C, K, L, N, S, T, X
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.sale import charge, learn_price, micros, needs
from sim.compiled import compiled, inlined
from sim.luck import Decision, bits, exponential, unit
from sim.numeric import F, Whole, exp32, log32
from sim.quantities import DAYS_PER_MONTH

Marks = tuple[np.float32, np.float32, np.float32, np.float32]
"""Four uniform numbers of one occasion."""

_LOOK = int(Decision.LOOK)
_INCIDENT_MARK = int(Decision.INCIDENT_MARK)
_TICKET = int(Decision.TICKET)
_NEED = int(Decision.NEED)
_STAGE = int(Decision.STAGE)
_PER_BILL = F(1.0 / DAYS_PER_MONTH)
_UP_TO = F(80.0)

_DUE_INCIDENT = np.int32(1)
_DUE_NEED = np.int32(2)
_DUE_BILL = np.int32(4)
_DUE_EXPIRY = np.int32(8)
_DUE_RENEWAL = np.int32(16)
_DUE_LIFE = np.int32(32)
_DUE_PROMISE = np.int32(64)
_SELDOM = _DUE_EXPIRY | _DUE_RENEWAL | _DUE_LIFE | _DUE_PROMISE
"""What meets so few that they are gathered once before they are told apart."""


@inlined
def unrest(law: Law, grievance: np.float32, satisfaction: np.float32) -> np.float32:
    """What makes restless, on the log scale of attention: grievance, and satisfaction below the reference."""
    return law.g_grievance * grievance + law.g_dissatisfaction * max(F(0.0), law.s_ref - satisfaction)


@inlined
def bonds(law: Law, peer_exits: np.float32, commitment: np.float32) -> np.float32:
    """What others and oneself hold, on the log scale of attention: exits among ties less commitment."""
    return law.g_peers * peer_exits - law.g_commitment * commitment


@inlined
def attention_multiplier(
    law: Law, grievance: np.float32, satisfaction: np.float32, peer_exits: np.float32, commitment: np.float32
) -> np.float32:
    """m, by which experience multiplies attention: exp(unrest + bonds)."""
    return exp32(unrest(law, grievance, satisfaction) + bonds(law, peer_exits, commitment))


@inlined
def multiplier_of(w: Arrays, law: Law, i: Whole) -> np.float32:
    """The multiplier m of one customer."""
    s = w.state
    return attention_multiplier(
        law, s[S.GRIEVANCE, i], s[S.SATISFACTION, i], s[S.PEER_EXITS, i], s[S.COMMITMENT, i]
    )


@compiled
def fade(w: Arrays, law: Law, pace: Pace, quality: NDArray[np.float32], lo: int, n: int) -> None:
    """States that move by themselves, over one block."""
    hi = lo + n
    provider = w.codes[C.PROVIDER, lo:hi]
    satisfaction, grievance = w.state[S.SATISFACTION, lo:hi], w.state[S.GRIEVANCE, lo:hi]
    commitment, expectation = w.state[S.COMMITMENT, lo:hi], w.state[S.EXPECTATION, lo:hi]
    experience, salience = w.state[S.EXPERIENCE, lo:hi], w.state[S.SALIENCE, lo:hi]
    remembered, uses = w.state[S.LAST_GRIEVANCE, lo:hi], w.state[S.USES, lo:hi]
    peer_exits = w.state[S.PEER_EXITS, lo:hi]
    untold_drop, untold_hurt = w.state[S.UNTOLD_DROP, lo:hi], w.state[S.UNTOLD_HURT, lo:hi]
    pressure, usage = w.state[S.PRESSURE, lo:hi], w.traits[T.USAGE_RATE, lo:hi]
    kept, fresh = pace.satisfaction_kept, F(1.0) - pace.satisfaction_kept
    per_day = F(1.0) / pace.days
    used = F(0.0) if law.no_contract else pace.needing_days
    for k in range(n):
        satisfaction[k] = satisfaction[k] * kept + quality[provider[k] + 1] * fresh
    for k in range(n):
        v = experience[k] * per_day
        surprise = v - expectation[k]
        commitment[k] = commitment[k] * pace.commitment_kept + surprise * pace.experience_gain
        expectation[k] = v - surprise * pace.expectation_kept
        experience[k] = F(0.0)
        grievance[k] *= pace.grievance_kept
        remembered[k] *= pace.grievance_kept
        salience[k] *= pace.salience_kept
        uses[k] += used * usage[k]
    for k in range(n):
        peer_exits[k] *= pace.peers_kept
        untold_drop[k] *= kept
        untold_hurt[k] *= pace.grievance_kept
        pressure[k] *= pace.pressure_kept


@compiled
def fall_due(
    w: Arrays, law: Law, pace: Pace, luck: NDArray[np.float32], due: NDArray[np.int32], lo: int, n: int
) -> None:
    """Which rare events meet whom in this pulse, as bits, over one block."""
    hi = lo + n
    provider, usage = w.codes[C.PROVIDER, lo:hi], w.traits[T.USAGE_RATE, lo:hi]
    given, promise = w.state[S.DISCOUNT, lo:hi], w.state[S.PROMISE_DUE, lo:hi]
    expiry, renewal = w.state[S.DISCOUNT_END, lo:hi], w.state[S.CONTRACT_END, lo:hi]
    phase = w.traits[T.BILL_PHASE, lo:hi]
    incident, purchase, life = luck[1], luck[2], luck[3]
    uses = w.state[S.USES, lo:hi]
    day, end, needing, no_contract = pace.day, pace.end, pace.needing_days, law.no_contract
    for k in range(n):
        with_provider = provider[k] >= 0
        quiet = pace.no_incident_new if uses[k] <= law.familiar else pace.no_incident
        bits_due = _DUE_INCIDENT if (incident[k] > quiet) & with_provider else np.int32(0)
        bits_due |= _DUE_LIFE if life[k] > pace.no_need_change else np.int32(0)
        expires = (expiry[k] > day) & (expiry[k] <= end) & (given[k] > F(0.0)) & with_provider
        bits_due |= _DUE_EXPIRY if expires else np.int32(0)
        broken = (promise[k] != F(0.0)) & (promise[k] <= end)
        bits_due |= _DUE_PROMISE if broken else np.int32(0)
        due[k] = bits_due
    if no_contract:
        for k in range(n):
            if (purchase[k] > exp32(-usage[k] * needing)) & (provider[k] >= 0):
                due[k] |= _DUE_NEED
    else:
        for k in range(n):
            before = np.floor((day - phase[k]) * _PER_BILL)
            bill = (np.floor((end - phase[k]) * _PER_BILL) > before) & (provider[k] >= 0)
            due[k] |= _DUE_BILL if bill else np.int32(0)
    if law.has_term:
        for k in range(n):
            renew = (renewal[k] > day) & (renewal[k] <= end) & (provider[k] >= 0)
            due[k] |= _DUE_RENEWAL if renew else np.int32(0)


@compiled
def product_of(w: Arrays, key: np.uint64, i: Whole, provider: Whole) -> int:
    """How far behind the levers of the present product those stand that a customer lives with.

    0 where the last release has reached it, else the distance of `FRICTION_BEFORE` and its like: a staged release
    reaches the share `STAGED` of the customers by luck of their own, anew in each wave.
    """
    if w.levers[provider, L.STAGED] >= F(1.0):
        return 0
    wave = np.int64(w.levers[provider, L.WAVE])
    luck = unit(bits(key, _STAGE, i, w.codes[C.GENERATION, i], wave, 0)[0])
    return 0 if luck < w.levers[provider, L.STAGED] else int(L.FRICTION_BEFORE - L.FRICTION)


@compiled
def by_peers(w: Arrays, i: Whole, provider: Whole, u: np.float32) -> bool:
    """Whether the provider's community answers a question of one of its members before it becomes a ticket."""
    return bool((w.codes[C.CIRCLE, i] & 1) != 0 and u < w.levers[provider, L.PEERS])


@compiled
def solve(w: Arrays, law: Law, i: Whole, drop: np.float32, hurt: np.float32, solved: bool) -> None:
    """Trouble that took `drop` of satisfaction and left `hurt` of grievance is solved, or was tried in vain."""
    if solved:
        w.state[S.SATISFACTION, i] = min(F(1.0), w.state[S.SATISFACTION, i] + law.recovery * drop)
        w.state[S.GRIEVANCE, i] = max(F(0.0), w.state[S.GRIEVANCE, i] - law.heal * hurt)


@inlined
def incidents(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, i: int, provider: Whole, u: np.float32, first: Marks,
    tickets: NDArray[np.float64], number: int,
) -> int:  # fmt: skip
    """The incidents of one customer in a pulse; those with a voice become tickets; returns the tickets so far.

    Candidates come at the market's dominating rates, more for the new; a candidate's kind and acceptance are its own
    marks, so that a lower rate of one kind drops incidents of that kind and moves nothing else. `first` are the marks
    of the first candidate, the only one of nearly everybody who has any.
    """
    new = w.state[S.USES, i] <= law.familiar
    term, mean = (
        (pace.no_incident_new, pace.incident_mean_new) if new else (pace.no_incident, pace.incident_mean)
    )
    dominating = F(1.0) + law.novelty if new else F(1.0)
    novelty = F(1.0) + law.novelty * exp32(-w.state[S.USES, i] / law.learn)
    frictions, doubts = law.friction_candidates * dominating, law.doubt_candidates * dominating
    shift = product_of(w, key, i, provider)
    total = term
    candidates = 0
    # Terms in single precision may sum to less than the largest u: behind the mean, one too small for u to see ends it.
    while u > total and candidates < 32 and (F(candidates) < mean or term > F(1e-7)):
        candidates += 1
        term *= mean / F(candidates)
        total += term
    segment, generation = w.codes[C.SEGMENT, i], w.codes[C.GENERATION, i]
    kind_mark, accept, voice, time = first
    for sub in range(candidates):
        if sub > 0:
            a, b, c, d = bits(key, _INCIDENT_MARK, i, generation, pace.occasion, sub)
            kind_mark, accept, voice, time = unit(a), unit(b), unit(c), unit(d)
        place = kind_mark * (frictions + doubts + law.failure_candidates)
        if place < frictions:
            kind, drop, hurt = 0, law.drop_friction, law.grievance_friction
            rate = w.levers[provider, L.FRICTION + shift] * novelty / frictions
        elif place < frictions + doubts:
            kind, drop, hurt = 1, law.drop_doubt, law.grievance_doubt
            rate = w.levers[provider, L.DOUBT + shift] * novelty / doubts
        else:
            kind, drop, hurt = 2, law.drop_failure, F(1.0)
            rate = w.levers[provider, L.FAILURE + shift] / law.failure_candidates
        if accept >= rate:
            continue
        w.state[S.SATISFACTION, i] = max(F(0.0), w.state[S.SATISFACTION, i] - drop)
        w.state[S.GRIEVANCE, i] += hurt
        w.counts[provider, segment, N.INCIDENTS] += 1
        w.counts[provider, segment, N.EFFORT] += micros(law.effort)
        if voice >= w.traits[T.VOICE, i]:
            w.state[S.UNTOLD_DROP, i] += drop
            w.state[S.UNTOLD_HURT, i] += hurt
        else:
            work, patience, resolved, answered = bits(key, _TICKET, i, generation, pace.occasion, sub)
            if kind < 2 and by_peers(w, i, provider, unit(answered)):
                solve(w, law, i, drop, hurt, unit(resolved) < w.levers[provider, L.SOLVED])
                continue
            tickets[X.CUSTOMER, number] = i
            tickets[X.ARRIVAL, number] = time
            tickets[X.KIND, number] = kind
            tickets[X.PROVIDER, number] = provider
            tickets[X.MINUTES, number] = law.minutes * exponential(unit(work))
            tickets[X.PATIENCE, number] = law.patience * exponential(unit(patience))
            tickets[X.RESOLVED, number] = unit(resolved)
            w.counts[provider, segment, N.TICKETS] += 1
            number += 1
            crm = w.crm_of[provider]
            if crm >= 0:
                w.crm[crm, K.TICKETS, i] += F(1.0)
                w.crm[crm, K.LAST_TICKET, i] = pace.end
    return number


@compiled
def those_due(
    due: NDArray[np.int32], kind: np.int32, some: NDArray[np.int32], count: int, who: NDArray[np.int32]
) -> int:
    """Whom among the first `count` places of `some` an event of a kind meets: written to `who`; returns how many."""
    number = 0
    for n in range(count):
        who[number] = some[n]
        number += (due[some[n]] & kind) != 0
    return number


@compiled
def rare_events(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, luck: NDArray[np.float32], rooms: NDArray[np.int32], lo: int,
    n: int, tickets: NDArray[np.float64], number: int, renewers: NDArray[np.int32], renewed: int,
) -> tuple[int, int]:  # fmt: skip
    """Whatever falls due in a block, kind by kind, each for the few it meets; returns the tickets and renewers so far.

    Everybody meets the kinds in the order in which they stand here; between people there is no order.

    Args:
        luck: rows 0-3 the luck of everyone, 4-7 room for the marks of incidents.
        rooms: row 0 what falls due as bits, 1 to 3 room for the places of those whom it meets.
    """
    due, some, who, seldom = rooms[0], rooms[1], rooms[2], rooms[3]
    generation = w.codes[C.GENERATION, lo : lo + n]
    count = int(np.int64(0))
    for k in range(n):
        some[count] = k
        count += due[k] != 0
    few = those_due(due, _SELDOM, some, count, seldom)

    for m in range(those_due(due, _DUE_LIFE, seldom, few, who)):
        i = lo + who[m]
        need, taste, _, _ = bits(key, _NEED, i, generation[who[m]], pace.occasion, 0)
        w.traits[T.NEED, i] = unit(need)
        w.traits[T.POSITION, i] += law.renewed * (F(2.0) * unit(taste) - F(1.0) - w.traits[T.POSITION, i])

    met = those_due(due, _DUE_INCIDENT, some, count, who)
    for m in range(met):
        a, b, c, d = bits(key, _INCIDENT_MARK, lo + who[m], generation[who[m]], pace.occasion, 0)
        luck[4, m], luck[5, m], luck[6, m], luck[7, m] = unit(a), unit(b), unit(c), unit(d)
    for m in range(met):
        i = lo + who[m]
        first = (luck[4, m], luck[5, m], luck[6, m], luck[7, m])
        provider = np.int64(w.codes[C.PROVIDER, i])
        number = incidents(w, law, pace, key, i, provider, luck[1, who[m]], first, tickets, number)

    if law.no_contract:
        for m in range(those_due(due, _DUE_NEED, some, count, who)):
            i = lo + who[m]
            mean = w.traits[T.USAGE_RATE, i] * pace.needing_days
            provider, u = np.int64(w.codes[C.PROVIDER, i]), luck[2, who[m]]
            needs(w, law, pace, key, i, provider, u, mean, multiplier_of(w, law, i))
    else:
        for m in range(those_due(due, _DUE_BILL, some, count, who)):
            i = lo + who[m]
            learn_price(w, law, i, charge(w, law, pace, i, np.int64(w.codes[C.PROVIDER, i]), pace.day))

    for m in range(those_due(due, _DUE_PROMISE, seldom, few, who)):
        i = lo + who[m]
        w.state[S.PROMISE_DUE, i] = F(0.0)
        w.state[S.GRIEVANCE, i] += law.broken_promise
        w.counts[w.codes[C.PROVIDER, i], w.codes[C.SEGMENT, i], N.PROMISES_BROKEN] += 1

    for m in range(those_due(due, _DUE_EXPIRY, seldom, few, who)):
        w.state[S.UNPROMPTED, lo + who[m]] *= F(1.0) - law.p_expiry

    for m in range(those_due(due, _DUE_RENEWAL, seldom, few, who)):
        i = lo + who[m]
        if law.per_renewal:
            stay = max(F(1.0) - w.traits[T.ATTENTION, i], F(1e-30))
            w.state[S.UNPROMPTED, i] *= exp32(multiplier_of(w, law, i) * log32(stay))
        else:
            w.state[S.UNPROMPTED, i] *= F(1.0) - law.p_notice
        renewers[renewed] = i
        renewed += 1
    return number, renewed


@compiled
def look(
    w: Arrays,
    law: Law,
    pace: Pace,
    prompts: NDArray[np.float32],
    chance: NDArray[np.float32],
    lo: int,
    n: int,
) -> None:
    """The probability of everyone in a block not to look, and the end of this pulse's prompts.

    Several short loops over one row of scratch: each reads so few columns that the compiler makes it a vector loop.
    """
    hi = lo + n
    provider, attention = w.codes[C.PROVIDER, lo:hi], w.traits[T.ATTENTION, lo:hi]
    satisfaction, grievance = w.state[S.SATISFACTION, lo:hi], w.state[S.GRIEVANCE, lo:hi]
    commitment, peer_exits = w.state[S.COMMITMENT, lo:hi], w.state[S.PEER_EXITS, lo:hi]
    unprompted = w.state[S.UNPROMPTED, lo:hi]
    gated = pace.attention_season if law.per_day else F(0.0)
    unattached, days = law.attention_none * pace.attention_season, pace.days
    for k in range(n):
        chance[k] = unrest(law, grievance[k], satisfaction[k])
    for k in range(n):
        chance[k] = exp32(chance[k] + bonds(law, peer_exits[k], commitment[k]))
    for k in range(n):
        own = gated * attention[k] * chance[k]
        chance[k] = own if provider[k] >= 0 else unattached
    for k in range(n):  # Alone, because a loop that looks up a table and raises to a power is no vector loop.
        chance[k] += prompts[provider[k] + 1]
    for k in range(n):
        chance[k] = exp32(-min(_UP_TO, chance[k] * days)) * unprompted[k]
    for k in range(n):
        unprompted[k] = F(1.0)


@compiled
def live_and_look(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, lo: int, hi: int, luck: NDArray[np.float32],
    chance: NDArray[np.float32], rooms: NDArray[np.int32], quality: NDArray[np.float32], prompts: NDArray[np.float32],
    tickets: NDArray[np.float64], lookers: NDArray[np.int32], renewers: NDArray[np.int32],
) -> tuple[int, int, int]:  # fmt: skip
    """Live and look for the people in [lo, hi). Returns how many tickets, lookers and renewers were written.

    Args:
        w, rules, beat, key: the world, the market's law, the pulse and the luck.
        luck, chance, rooms, quality, prompts: room to work in: float32 [8, BLOCK] and [BLOCK], int32 [4, BLOCK],
            float32 [providers + 1] twice.
        tickets: float64 [len(X), room]; lookers, renewers: int32 [room]; filled from 0.
    """
    law, pace = law_in(rules), pace_in(beat)
    by_place(w, np.int64(L.QUALITY), quality)
    by_place(w, np.int64(L.PROMPT_RATE), prompts)
    silent = not law.returns
    # Not a literal 0: callees would be compiled for that very number, and once more for any other.
    none = int(np.int64(0))
    n_tickets, n_lookers, n_renewers = none, none, none
    for start in range(lo, hi, BLOCK):
        n = min(BLOCK, hi - start)
        generation = w.codes[C.GENERATION, start : start + n]
        for k in range(n):
            a, b, c, d = bits(key, _LOOK, start + k, generation[k], pace.occasion, 0)
            luck[0, k], luck[1, k], luck[2, k], luck[3, k] = unit(a), unit(b), unit(c), unit(d)
        fade(w, law, pace, quality, start, n)
        fall_due(w, law, pace, luck, rooms[0], start, n)
        n_tickets, n_renewers = rare_events(
            w, law, pace, key, luck, rooms, start, n, tickets, n_tickets, renewers, n_renewers
        )
        look(w, law, pace, prompts, chance, start, n)
        seen = 0
        for k in range(n):
            rooms[1, seen] = k
            seen += luck[0, k] >= chance[k]
        for m in range(seen):
            i = start + rooms[1, m]
            provider = w.codes[C.PROVIDER, i]
            if provider < 0 and silent:
                continue
            lookers[n_lookers] = i
            n_lookers += 1
            w.counts[provider, w.codes[C.SEGMENT, i], N.LOOKS] += 1
    return n_tickets, n_lookers, n_renewers
