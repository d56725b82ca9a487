"""Compiled: what reaches a customer from its provider - contacts, gifts, enrolment - through the levers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.choice import match
from agents.columns import MOST, A, C, K, L, N, S, T, V
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.live import multiplier_of
from agents.sale import micros, need, unseen_purchase, value
from sim.compiled import compiled
from sim.luck import Decision, bits, unit
from sim.numeric import F, Real, Whole
from sim.quantities import DAYS_PER_MONTH

_CONTACT = int(Decision.CONTACT)
NOTICE = 0
"""Content of a contact that offers nothing: it only reminds."""
CONTENT = 1
"""Content about a topic, a position in product taste."""
PLAN = 2
"""Content that recommends a plan."""


@compiled
def experience(w: Arrays, law: Law, i: Whole, kind: Whole, quantity: Real) -> None:
    """The only road into commitment: add taste[kind] * quantity * worth[kind] to the pulse's experience, in utility."""
    worth = law.worth_help
    if kind == 1:
        worth = law.worth_recognition
    elif kind == 2:
        worth = law.worth_belonging
    elif kind == 3:
        worth = law.worth_content
    elif kind == 4:
        worth = law.worth_gift
    w.state[S.EXPERIENCE, i] += w.traits[T.TASTE_HELP + kind, i] * F(quantity) * worth


@compiled
def prompt(w: Arrays, provider: int, chance: np.float32) -> None:
    """Something that all customers of a provider notice makes each of them look with a probability."""
    for i in range(w.codes.shape[1]):
        if w.codes[C.PROVIDER, i] == provider:
            w.state[S.UNPROMPTED, i] *= F(1.0) - chance


@compiled
def admitted(
    crm: NDArray[np.float32], ids: NDArray[np.int32], channel: int, cap: float, cap_of_channel: float,
    day: np.float32, costs: NDArray[np.float64], scale: float, own: float, of_all: float,
    chosen: NDArray[np.int64], late: NDArray[np.int64],
) -> tuple[int, int, int, int, int, int, float]:  # fmt: skip
    """Whom the contact calendar and then the budgets let a provider reach: see `let_through` and `within`.

    Returns:
        How many are reached; how many are late, were refused by either cap, by the strategy's budget and by that of
        all; and what those who are reached cost the firm.
    """
    number, waiting, capped, capped_in_channel = let_through(
        crm, ids, channel, cap, cap_of_channel, day, chosen, late
    )
    by_own, affordable, spent = within(costs, chosen[:number], scale, own, of_all)
    return affordable, waiting, capped, capped_in_channel, number - by_own, by_own - affordable, spent


@compiled
def let_through(
    crm: NDArray[np.float32], ids: NDArray[np.int32], channel: int, cap: float, cap_of_channel: float,
    day: np.float32, chosen: NDArray[np.int64], late: NDArray[np.int64],
) -> tuple[int, int, int, int]:  # fmt: skip
    """Whom the contact calendar lets a provider reach, by position in some ids.

    Args:
        crm: float32 [len(K), N], the provider's CRM; channel: index of the pressure column.
        cap, cap_of_channel: contacts a month, of all channels and of this one.
        chosen, late: int64, room for the positions of those who may be reached, and of those who have been on this day.

    Returns:
        How many are chosen, how many late, and how many either cap refused.
    """
    number, waiting, capped, capped_in_channel = 0, 0, 0, 0
    for n in range(ids.size):
        i = ids[n]
        if crm[K.CONTACTS_MONTH, i] >= cap:
            capped += 1
        elif crm[K.MESSAGES_MONTH + channel, i] >= cap_of_channel:
            capped_in_channel += 1
        elif crm[K.LAST_CONTACT, i] == day:
            late[waiting] = n
            waiting += 1
        else:
            chosen[number] = n
            number += 1
    return number, waiting, capped, capped_in_channel


@compiled
def within(
    costs: NDArray[np.float64], chosen: NDArray[np.int64], scale: float, own: float, of_all: float
) -> tuple[int, int, float]:
    """How many of the first of some people two budgets still pay for.

    Args:
        costs: currency by position, or one amount for each of them; chosen: positions, the most important first.
        scale: customers of the firm behind each; own, of_all: what is left of the strategy's and of all's budget.

    Returns:
        How many the strategy's budget pays for, how many both do, and what these cost the firm.
    """
    total, spent = 0.0, 0.0
    number, own_number = 0, 0
    alike = costs.size == 1
    for n in range(chosen.size):
        total += costs[0 if alike else chosen[n]]
        if total * scale > own:
            break
        own_number += 1
        if total * scale <= of_all:
            number, spent = own_number, total * scale
    return own_number, number, spent


@compiled
def reach(
    w: Arrays,
    law: Law,
    pace: Pace,
    provider: int,
    tag: int,
    channel: int,
    weight: np.float32,
    cost: int,
    i: Whole,
) -> None:
    """A contact reaches a person, whatever it says: booked, counted, kept in the CRM, felt as pressure.

    Pressure above the person's tolerance is an experience of value -rho * max(0, pressure - tolerance).
    """
    segment = w.codes[C.SEGMENT, i]
    w.books[provider, segment, tag, A.CONTACT] += cost
    w.counts[provider, segment, N.CONTACTS] += 1
    seen = w.crm_of[provider]
    if seen >= 0:
        w.crm[seen, K.CONTACTS, i] += F(1.0)
        w.crm[seen, K.CONTACTS_MONTH, i] += F(1.0)
        w.crm[seen, K.MESSAGES_MONTH + channel, i] += F(1.0)
        w.crm[seen, K.LAST_CONTACT, i] = pace.day
    value(w, i, provider, np.int64(0), cost, pace.discount_factor)
    w.state[S.PRESSURE, i] += weight
    above = w.state[S.PRESSURE, i] - w.traits[T.CONTACT_TOLERANCE, i]
    w.state[S.EXPERIENCE, i] -= law.rho * max(F(0.0), above)


@compiled
def wake(w: Arrays, law: Law, i: Whole, fit: np.float32) -> None:
    """A contact of some match, in [-1, 1], prompts a look with probability p_contact (1 - match) / 2."""
    w.state[S.UNPROMPTED, i] *= F(1.0) - law.p_contact * (F(1.0) - fit) * F(0.5)


@compiled
def contact(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, provider: int, tag: int, channel: int, weight: np.float32,
    cost: int, content: int, topics: NDArray[np.float32], ids: NDArray[np.int32], lo: int, hi: int,
) -> None:  # fmt: skip
    """Contact some of the people [lo, hi), customers of the provider or people whom its CRM still takes for customers.

    Each contact costs money and adds pressure (`reach`). Its match to the customer, in [-1, 1], decides the rest: it
    may prompt a look (`wake`), a match above 0 raises salience, content is an experience of its match. A notice without
    content has match 0.

    Args:
        weight, cost: intrusiveness and cost in millionths of the channel; channel: index of the pressure column.
        content: NOTICE, CONTENT or PLAN; topics: float32 per id, the topic's position or the plan's number.
    """
    law, pace = law_in(rules), pace_in(beat)
    for n in range(ids.size):
        i = np.int64(ids[n])
        if not lo <= i < hi:
            continue
        reach(w, law, pace, provider, tag, channel, weight, cost, i)
        fit = F(0.0)
        if content == CONTENT:
            fit = F(1.0) - abs(w.traits[T.POSITION, i] - topics[n])
            experience(w, law, i, np.int64(3), fit)
        elif content == PLAN and w.codes[C.PROVIDER, i] == provider:
            plan = np.int64(topics[n])
            w.codes[C.OFFERED_PLAN, i] = plan + 1
            fit = match(w, law, i, provider, plan)
            experience(w, law, i, np.int64(3), fit)
        wake(w, law, i, fit)
        if content != NOTICE:
            w.counts[provider, w.codes[C.SEGMENT, i], N.FIT] += micros(fit)
        if fit > F(0.0):
            react(w, law, pace, key, i, provider, content, topics[n], fit)
            w.state[S.SALIENCE, i] += law.salience_jump * fit
            if law.no_contract and w.codes[C.PROVIDER, i] == provider:
                advance_need(w, law, pace, key, i, provider, fit)


@compiled
def react(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, provider: Whole, content: int, topic: np.float32,
    fit: np.float32,
) -> None:  # fmt: skip
    """Content that fits is opened or followed with probability reaction * fit; the CRM takes a topic for a taste."""
    luck = unit(bits(key, _CONTACT, i, w.codes[C.GENERATION, i], pace.occasion, 0)[2])
    if luck >= law.reaction * fit:
        return
    w.counts[provider, w.codes[C.SEGMENT, i], N.ENGAGED] += 1
    crm = w.crm_of[provider]
    if crm >= 0:
        w.crm[crm, K.REACTIONS, i] += F(1.0)
        if content == CONTENT:
            gain = F(1.0) / (w.crm[crm, K.REACTIONS, i] + w.crm[crm, K.SIGNALS, i] + F(1.0))
            w.crm[crm, K.POSITION_SEEN, i] += (topic - w.crm[crm, K.POSITION_SEEN, i]) * gain


@compiled
def advance_need(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, provider: Whole, fit: np.float32
) -> None:
    """A contact that fits advances a need with probability advance * fit; the next need is then skipped.

    A purchase that comes of it is one like any other: it may make the customer look.
    """
    arises, buys, _, _ = bits(key, _CONTACT, i, w.codes[C.GENERATION, i], pace.occasion, 0)
    if unit(arises) < law.advance * fit:
        w.codes[C.ADVANCED, i] = min(w.codes[C.ADVANCED, i] + 1, MOST)
        if need(w, law, pace, i, provider, pace.day, unit(buys)):
            w.state[S.UNPROMPTED, i] *= unseen_purchase(w, law, i, multiplier_of(w, law, i))


@compiled
def serve(
    w: Arrays, rules: Rules, beat: Beat, provider: int, tag: int, kind: int, quantity: NDArray[np.float32], cost: int,
    ids: NDArray[np.int32],
) -> None:  # fmt: skip
    """Deliver a paid service to the customers of a provider among some ids, as an experience of a kind.

    Args:
        quantity: float32 per id, in money, or minutes x value_of_time, or match; cost: millionths per customer served.
    """
    law, pace = law_in(rules), pace_in(beat)
    for n in range(ids.size):
        i = np.int64(ids[n])
        if w.codes[C.PROVIDER, i] == provider:
            w.books[provider, w.codes[C.SEGMENT, i], tag, A.FIXED] += cost
            value(w, i, provider, np.int64(0), cost, pace.discount_factor)
            experience(w, law, i, kind, quantity[n])


@compiled
def enrol(w: Arrays, rules: Rules, provider: int, ids: NDArray[np.int32]) -> int:
    """Ask some customers into the points programme; returns how many joined it.

    A customer opts in when what it expects to burn over its own expected stay, at its own spend, is worth the
    programme's hassle to it. It expects to stay 1 / (attention m) days, at most its horizon of ten years, and counts
    only what passes the burn threshold at least once.
    """
    law = law_in(rules)
    seen = w.crm_of[provider]
    joined = 0
    for n in range(ids.size):
        i = np.int64(ids[n])
        if w.codes[C.PROVIDER, i] != provider or w.codes[C.MEMBER, i] != 0:
            continue
        looks = w.traits[T.ATTENTION, i] * multiplier_of(w, law, i)
        if law.per_purchase:
            looks *= w.traits[T.USAGE_RATE, i]
        elif law.per_renewal:
            looks /= law.term
        months = F(1.0) / (max(looks, F(1.0 / 3652.5)) * F(DAYS_PER_MONTH))
        spend = (
            law.price * w.levers[provider, L.PRICE] * w.traits[T.SPEND, i] * w.plans[w.codes[C.PLAN, i], 1]
        )
        if law.no_contract:
            spend *= w.traits[T.USAGE_RATE, i] * F(DAYS_PER_MONTH)
        burnt = spend * months * w.levers[provider, L.EARN]
        if (
            burnt >= w.levers[provider, L.BURN_AT]
            and burnt > w.levers[provider, L.PROGRAMME_HASSLE] * w.traits[T.VALUE_OF_TIME, i]
        ):
            w.codes[C.MEMBER, i] = 1
            w.counts[provider, w.codes[C.SEGMENT, i], N.EFFORT] += micros(
                F(60.0) * w.levers[provider, L.PROGRAMME_HASSLE]
            )
            joined += 1
            if seen >= 0:
                w.crm[seen, K.MEMBER, i] = F(1.0)
    return joined


@compiled
def close_programme(w: Arrays, rules: Rules, beat: Beat, provider: int) -> None:
    """A points programme ends: balances are paid out as they are, and nobody is a member any more."""
    law, pace = law_in(rules), pace_in(beat)
    tag = np.int64(w.levers[provider, L.PROGRAMME_TAG])
    for i in range(w.codes.shape[1]):
        if w.codes[C.PROVIDER, i] == provider and w.codes[C.MEMBER, i] != 0:
            balance = w.money[V.POINTS, i]
            cost = balance - balance // 1000 * law.kept_permille
            w.books[provider, w.codes[C.SEGMENT, i], tag, A.REWARDS] += cost
            w.books[provider, w.codes[C.SEGMENT, i], tag, A.BURNT] += balance
            value(w, i, provider, np.int64(0), cost, pace.discount_factor)
            w.money[V.POINTS, i] = 0
            w.codes[C.MEMBER, i] = 0
            if w.crm_of[provider] >= 0:
                w.crm[w.crm_of[provider], K.POINTS, i] = F(0.0)
