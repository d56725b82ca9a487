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

_MOST_CANDIDATES = 32
"""Incidents that may meet a customer in a pulse, at most."""

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


@inlined
def product_of(w: Arrays, key: np.uint64, i: Whole, provider: Whole) -> int:
    """How far behind the levers of the present product those stand that a customer lives with.

    0 where the last release has reached it, else the distance of `FRICTION_BEFORE` and its like: a staged release
    reaches the share `STAGED` of the customers by luck of their own, anew in each wave.
    """
    share = w.levers[provider, L.STAGED]
    behind = 0
    if share < F(1.0):
        wave = np.int64(w.levers[provider, L.WAVE])
        luck = unit(bits(key, _STAGE, i, w.codes[C.GENERATION, i], wave, 0)[0])
        behind = 0 if luck < share else int(L.FRICTION_BEFORE - L.FRICTION)
    return behind


@inlined
def by_peers(w: Arrays, i: Whole, provider: Whole, u: np.float32) -> bool:
    """Whether the provider's community answers a question of one of its members before it becomes a ticket."""
    return bool((w.codes[C.CIRCLE, i] & 1) != 0 and u < w.levers[provider, L.PEERS])


@inlined
def solve(w: Arrays, law: Law, i: Whole, drop: np.float32, hurt: np.float32, solved: bool) -> None:
    """Trouble that took `drop` of satisfaction and left `hurt` of grievance is solved, or was tried in vain."""
    if solved:
        w.state[S.SATISFACTION, i] = min(F(1.0), w.state[S.SATISFACTION, i] + law.recovery * drop)
        w.state[S.GRIEVANCE, i] = max(F(0.0), w.state[S.GRIEVANCE, i] - law.heal * hurt)


@compiled
def inversion(none: np.float32, mean: np.float32, ends: NDArray[np.float32]) -> None:
    """Poisson by inversion: u has as many candidates as there are `ends`, from the first one on, that it exceeds.

    Args:
        none: exp(-mean); ends: written, `_MOST_CANDIDATES` + 1 of them.
    """
    term = none
    total = term
    ends[:] = F(np.inf)
    for number in range(_MOST_CANDIDATES):
        # Terms in single precision may sum to less than the largest u: behind the mean, one too small to see ends it.
        if F(number) >= mean and term <= F(1e-7):
            break
        ends[number] = total
        term *= mean / F(number + 1)
        total += term


@compiled
def draw_marks(
    key: np.uint64, decision: int, lo: int, whose: NDArray[np.int32], born: NDArray[np.int32], subs: NDArray[np.int32],
    number: int, occasion: int, luck: NDArray[np.float32],
) -> None:  # fmt: skip
    """The four uniform marks of each of so many candidates, written to the rows 0-3 of `luck`.

    Args:
        whose, subs: by candidate, the person's place in the block and which of its candidates it is; born: the person's
            generation, because a loop that looked it up would draw no luck of several at once.
    """
    for m in range(number):
        a, b, c, d = bits(key, decision, lo + whose[m], born[m], occasion, subs[m])
        luck[0, m], luck[1, m], luck[2, m], luck[3, m] = unit(a), unit(b), unit(c), unit(d)


@compiled
def tell_kinds(
    law: Law, uses: NDArray[np.float32], mark: NDArray[np.float32], kind: NDArray[np.int32],
    more: NDArray[np.float32], number: int,
) -> None:  # fmt: skip
    """The kind of so many candidates: 0 friction, 1 doubt, 2 core failure; and at which rate they came.

    Args:
        uses: of the product, by candidate; mark: uniform, becomes the dominating rate of the candidate's kind.
        more: written: by how much novelty multiplies the rate of the kind for this person.
    """
    for n in range(number):
        dominating = F(1.0) + law.novelty if uses[n] <= law.familiar else F(1.0)
        frictions, doubts = law.friction_candidates * dominating, law.doubt_candidates * dominating
        place = mark[n] * (frictions + doubts + law.failure_candidates)
        kind[n] = (place >= frictions) + np.int32(place >= frictions + doubts)
        novelty = F(1.0) + law.novelty * exp32(-uses[n] / law.learn)
        more[n] = novelty if place < frictions + doubts else F(1.0)
        small = frictions if place < frictions else doubts
        mark[n] = small if place < frictions + doubts else law.failure_candidates


@inlined
def incident(
    w: Arrays, law: Law, pace: Pace, i: int, kind: Whole, voice: np.float32, time: np.float32, its_ticket: Marks,
    tickets: NDArray[np.float64], number: int,
) -> int:  # fmt: skip
    """An incident happens to a customer; one with a voice becomes a ticket; returns the tickets so far.

    Args:
        voice, time: uniform marks; its_ticket: work and patience (standard exponential), luck of being solved and of
            being answered by others (uniform).
    """
    provider, segment = np.int64(w.codes[C.PROVIDER, i]), w.codes[C.SEGMENT, i]
    small = law.drop_friction if kind == 0 else law.drop_doubt
    drop = small if kind < 2 else law.drop_failure
    little = law.grievance_friction if kind == 0 else law.grievance_doubt
    hurt = little if kind < 2 else F(1.0)
    w.state[S.SATISFACTION, i] = max(F(0.0), w.state[S.SATISFACTION, i] - drop)
    w.state[S.GRIEVANCE, i] += hurt
    w.counts[provider, segment, N.INCIDENTS] += 1
    w.counts[provider, segment, N.EFFORT] += micros(law.effort)
    work, patience, resolved, answered = its_ticket
    if voice >= w.traits[T.VOICE, i]:
        w.state[S.UNTOLD_DROP, i] += drop
        w.state[S.UNTOLD_HURT, i] += hurt
    elif kind < 2 and by_peers(w, i, provider, answered):
        solve(w, law, i, drop, hurt, resolved < w.levers[provider, L.SOLVED])
    else:
        tickets[X.CUSTOMER, number] = i
        tickets[X.ARRIVAL, number] = time
        tickets[X.KIND, number] = kind
        tickets[X.PROVIDER, number] = provider
        tickets[X.MINUTES, number] = law.minutes * work
        tickets[X.PATIENCE, number] = law.patience * patience
        tickets[X.RESOLVED, number] = resolved
        w.counts[provider, segment, N.TICKETS] += 1
        number += 1
        crm = w.crm_of[provider]
        if crm >= 0:
            w.crm[crm, K.TICKETS, i] += F(1.0)
            w.crm[crm, K.LAST_TICKET, i] = pace.end
    return number


@compiled
def incidents(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, luck: NDArray[np.float32], rooms: NDArray[np.int32], lo: int,
    who: NDArray[np.int32], met: int, tickets: NDArray[np.float64], number: int,
) -> int:  # fmt: skip
    """The incidents of the first so many of `who` in a pulse; returns the tickets so far.

    Candidates come at the market's dominating rates, more for the new; a candidate's kind and acceptance are its own
    marks, so that a lower rate of one kind drops incidents of that kind and moves nothing else. They are gathered, have
    their marks drawn and their kind told all at once, and those that are accepted happen one by one.

    Args:
        luck: as of `rare_events`; rooms: three rows.
    """
    whose, born, subs = rooms[0], rooms[1], rooms[2]
    marks, of_ticket, uses, more = luck[4:8], luck[8:12], luck[12], luck[13]
    ends, ends_new = luck[14, : _MOST_CANDIDATES + 1], luck[15, : _MOST_CANDIDATES + 1]
    inversion(pace.no_incident, pace.incident_mean, ends)
    inversion(pace.no_incident_new, pace.incident_mean_new, ends_new)
    m = 0
    while m < met:
        some = 0
        while m < met and some + _MOST_CANDIDATES <= BLOCK:
            k, u = who[m], luck[1, who[m]]
            used, generation = w.state[S.USES, lo + k], w.codes[C.GENERATION, lo + k]
            new = used <= law.familiar
            sub = 0
            while u > (ends_new[sub] if new else ends[sub]):
                whose[some], born[some], subs[some], uses[some] = k, generation, sub, used
                some += 1
                sub += 1
            m += 1
        draw_marks(key, _INCIDENT_MARK, lo, whose, born, subs, some, pace.occasion, marks)
        draw_marks(key, _TICKET, lo, whose, born, subs, some, pace.occasion, of_ticket)
        for row in range(2):
            for n in range(some):
                of_ticket[row, n] = exponential(of_ticket[row, n])
        # Who was born when, and which candidate it is, is told: their room, and that of the first mark, is used again.
        kind, rate, kept, happen = born, marks[0], subs, 0
        tell_kinds(law, uses, rate, kind, more, some)
        for n in range(some):
            i = lo + whose[n]
            provider = np.int64(w.codes[C.PROVIDER, i])
            lever = np.int64(L.FRICTION) + kind[n] + product_of(w, key, i, provider)
            kept[happen] = n
            happen += marks[1, n] < w.levers[provider, lever] * more[n] / rate[n]
        for k in range(happen):
            n = kept[k]
            its_ticket = (of_ticket[0, n], of_ticket[1, n], of_ticket[2, n], of_ticket[3, n])
            number = incident(
                w, law, pace, lo + whose[n], kind[n], marks[2, n], marks[3, n], its_ticket, tickets, number
            )
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
        luck: rows 0-3 the luck of everyone, 4-15 room for what is told of candidates.
        rooms: row 0 what falls due as bits, 1 to 3 room for the places of those whom it meets, 4 to 6 for candidates.
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
    number = incidents(w, law, pace, key, luck, rooms[4:], lo, who, met, tickets, number)

    if law.no_contract:
        for m in range(those_due(due, _DUE_NEED, some, count, who)):
            i = lo + who[m]
            mean = w.traits[T.USAGE_RATE, i] * pace.needing_days
            provider, u = np.int64(w.codes[C.PROVIDER, i]), luck[2, who[m]]
            needs(w, law, pace, key, i, provider, u, mean, multiplier_of(w, law, i))
    else:
        for m in range(those_due(due, _DUE_BILL, some, count, who)):
            i = np.uint64(lo + who[m])  # An index that cannot be negative is not looked at for that.
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
        luck, chance, rooms, quality, prompts: room to work in: float32 [16, BLOCK] and [BLOCK], int32 [7, BLOCK],
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
