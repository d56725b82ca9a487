"""Compiled: what happens when money changes hands - a bill, a purchase, points - and what the CRM sees of it.

All amounts are whole millionths. Revenue is booked at list; a discount is one contra-entry under its strategy's tag;
points are a liability at earn x (1 - breakage), trued up when they are burnt or forfeited.
"""

from __future__ import annotations

import numpy as np

from agents.arrays import Arrays
from agents.columns import A, C, K, L, N, S, T, V
from agents.law import Law, Pace
from sim.compiled import compiled, inlined
from sim.luck import Decision, bits, unit
from sim.numeric import F, Real, Whole, exp32, log32

_MILLION = 1_000_000.0
_POINT = 1_000
_PURCHASE_MARK = int(Decision.PURCHASE_MARK)


@inlined
def micros(amount: Real) -> np.int64:
    """An amount of the currency in whole millionths, rounded to nearest."""
    return np.int64(np.floor(np.float64(amount) * _MILLION + 0.5))


@inlined
def discounted(amount: Whole, factor: float) -> np.int64:
    """Whole millionths times a discount factor, rounded to nearest."""
    return np.int64(np.floor(np.float64(amount) * factor + 0.5))


@inlined
def list_price(w: Arrays, law: Law, i: Whole, provider: Whole, plan: Whole) -> np.float32:
    """List price of a plan at a provider for a customer: per month under a contract, else per purchase."""
    return law.price * w.levers[provider, L.PRICE] * w.plans[plan, 1] * w.traits[T.SPEND, i]  # type: ignore[no-any-return]


@inlined
def value(w: Arrays, i: Whole, provider: Whole, gain: Whole, spent: Whole, factor: float) -> None:
    """Add discounted margin and direct retention cost to the customer's value, at its provider of origin only."""
    if w.codes[C.ORIGIN, i] == provider:
        w.money[V.VALUE, i] += discounted(gain - spent, factor)
        w.money[V.SPENT, i] += discounted(spent, factor)


@compiled
def level_of(w: Arrays, provider: Whole, spent: np.float32) -> int:
    """The level that a year's spend gives in a provider's tiered programme, 0 for none."""
    level = 0
    for step in range(3):
        threshold = w.levers[provider, L.TIER_1 + step]
        if threshold > F(0.0) and spent >= threshold:
            level = step + 1
    return level


@compiled
def move_to_level(w: Arrays, law: Law, i: Whole, provider: Whole, level: Whole) -> None:
    """A customer's level changes: status won or lost is recognition, worth `STATUS` a step."""
    steps = F(level - w.codes[C.TIER, i])
    if steps != F(0.0):
        w.state[S.EXPERIENCE, i] += (
            w.traits[T.TASTE_RECOGNITION, i] * law.worth_recognition * steps * w.levers[provider, L.STATUS]
        )
        w.codes[C.TIER, i] = level
        if w.crm_of[provider] >= 0:
            w.crm[w.crm_of[provider], K.TIER, i] = F(level)


@inlined
def paid_year(w: Arrays, i: Whole) -> np.float32:
    """What a customer has paid to its provider since the last review, in currency."""
    return F(np.float64(w.money[V.PAID_YEAR, i]) / _MILLION)


@compiled
def climb(w: Arrays, law: Law, i: Whole, provider: Whole) -> None:
    """Spend that passes a threshold lifts a customer at once; nobody falls before the review."""
    level = level_of(w, provider, paid_year(w, i))
    if level > w.codes[C.TIER, i]:
        move_to_level(w, law, i, provider, level)


@compiled
def progress(w: Arrays, i: Whole, provider: Whole, day: np.float32) -> np.float32:
    """What spending one more unit of money is worth to a customer who sees the next level within reach, in money.

    The next level's yearly benefits, less those of the present one, over what is still to be spent, at most 1/2. Within
    reach is what the customer's own spend so far in this year would double to at least; others see nothing.
    """
    level = np.int64(w.codes[C.TIER, i])
    if level >= 3 or w.levers[provider, L.TIER_1 + level] <= F(0.0):
        return F(0.0)
    paid = paid_year(w, i)
    missing = w.levers[provider, L.TIER_1 + level] - paid
    if missing <= F(0.0) or missing > paid or w.levers[provider, L.TIER_REVIEW] <= day:
        return F(0.0)
    gain = w.levers[provider, L.BENEFIT_1 + level]
    if level > 0:
        gain -= w.levers[provider, L.BENEFIT_1 + level - 1]
    return max(F(0.0), min(F(0.5), gain / missing))


@inlined
def charge(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole, day: np.float32) -> np.float32:
    """Charge a customer once: list price, discount, cost of service, points; returns price paid over list price."""
    segment = w.codes[C.SEGMENT, i]
    gross = micros(list_price(w, law, i, provider, np.int64(w.codes[C.PLAN, i])))
    service = micros(np.float64(gross) * (1.0 - np.float64(law.margin)) / _MILLION)
    cut = np.int64(0)
    if w.state[S.DISCOUNT_END, i] > day:
        cut = micros(np.float64(gross) * np.float64(w.state[S.DISCOUNT, i]) / _MILLION)
        w.books[provider, segment, w.codes[C.DISCOUNT_TAG, i], A.DISCOUNT] += cut
    w.books[provider, segment, 0, A.REVENUE] += gross
    w.books[provider, segment, 0, A.SERVICE] += service
    w.money[V.PAID, i] += gross - cut
    w.money[V.PAID_YEAR, i] += gross - cut
    if w.levers[provider, L.TIER_1] > F(0.0):
        climb(w, law, i, provider)
    reward = earn(w, law, i, provider, gross - cut)
    value(w, i, provider, gross - service, cut + reward, pace.discount_factor)
    crm = w.crm_of[provider]
    if crm >= 0:
        w.crm[crm, K.SPEND, i] += F(np.float64(gross - cut) / _MILLION)
        w.crm[crm, K.PURCHASES, i] += F(1.0)
        w.crm[crm, K.PRICE, i] = F(np.float64(gross) / _MILLION)
        w.crm[crm, K.LAST_PURCHASE, i] = F(day)
        w.crm[crm, K.SPEND_YEAR, i] = paid_year(w, i)
        # What is as it was is not written again: a large market waits for memory.
        if w.crm[crm, K.KNOWN, i] != F(1.0):
            w.crm[crm, K.KNOWN, i] = F(1.0)
        if w.codes[C.MEMBER, i] != 0:
            w.crm[crm, K.POINTS, i] = F(np.float64(w.money[V.POINTS, i]) / _MILLION)
    return F(np.float64(gross - cut) / np.float64(gross)) if gross > 0 else F(1.0)


@inlined
def earn(w: Arrays, law: Law, i: Whole, provider: Whole, paid: np.int64) -> np.int64:
    """Points earned and, at the threshold, burnt by a member; returns the cost booked now, in millionths."""
    if w.codes[C.MEMBER, i] == 0 or w.levers[provider, L.EARN] <= F(0.0):
        return np.int64(0)
    segment = w.codes[C.SEGMENT, i]
    tag = np.int64(w.levers[provider, L.PROGRAMME_TAG])
    points = np.int64(np.floor(np.float64(paid) * np.float64(w.levers[provider, L.EARN]) / _POINT)) * _POINT
    cost = points // 1000 * law.kept_permille
    w.money[V.POINTS, i] += points
    w.books[provider, segment, tag, A.EARNED] += points
    balance = w.money[V.POINTS, i]
    if balance >= micros(w.levers[provider, L.BURN_AT]):
        cost += balance - balance // 1000 * law.kept_permille
        w.money[V.POINTS, i] = 0
        w.books[provider, segment, tag, A.BURNT] += balance
        w.state[S.EXPERIENCE, i] += (
            w.traits[T.TASTE_GIFT, i] * law.worth_gift * F(np.float64(balance) / _MILLION)
        )
    w.books[provider, segment, tag, A.REWARDS] += cost
    return cost


@compiled
def forfeit(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole) -> None:
    """A leaver's points lapse: the liability is released."""
    balance = w.money[V.POINTS, i]
    if balance > 0:
        segment = w.codes[C.SEGMENT, i]
        tag = np.int64(w.levers[provider, L.PROGRAMME_TAG])
        release = balance // 1000 * law.kept_permille
        w.books[provider, segment, tag, A.FORFEITED] += balance
        w.books[provider, segment, tag, A.REWARDS] -= release
        value(w, i, provider, np.int64(0), -release, pace.discount_factor)
        w.money[V.POINTS, i] = 0


@inlined
def learn_price(w: Arrays, law: Law, i: Whole, paid: np.float32) -> None:
    """The reference price moves towards the price paid, both relative to list."""
    w.state[S.REFERENCE_PRICE, i] += (paid - w.state[S.REFERENCE_PRICE, i]) * law.reference_gain


@compiled
def need(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole, day: np.float32, u: np.float32) -> bool:
    """A need arises on a day: it becomes a purchase where u < logistic(u0 + salience + price + points); True if it did.

    The utility of buying is u0 + salience + elasticity * (reference price - price to pay + points earned + progress to
    a level), with prices relative to list.
    """
    price = F(1.0)
    if w.state[S.DISCOUNT_END, i] > F(day):
        price -= w.state[S.DISCOUNT, i]
    bonus = w.levers[provider, L.EARN] if w.codes[C.MEMBER, i] != 0 else F(0.0)
    bonus += progress(w, i, provider, F(day))
    utility = (
        law.u0
        + w.state[S.SALIENCE, i]
        + law.price_elasticity * (w.state[S.REFERENCE_PRICE, i] - price + bonus)
    )
    if u >= F(1.0) / (F(1.0) + exp32(-utility)):
        return False
    w.counts[provider, w.codes[C.SEGMENT, i], N.PURCHASES] += 1
    w.counts[provider, w.codes[C.SEGMENT, i], N.ENGAGED] += 1
    learn_price(w, law, i, charge(w, law, pace, i, provider, day))
    w.state[S.SALIENCE, i] = max(w.state[S.SALIENCE, i], law.salience_jump)
    w.state[S.USES, i] += F(1.0)
    return True


@inlined
def unseen_purchase(w: Arrays, law: Law, i: Whole, multiplier: np.float32) -> np.float32:
    """The probability (1 - attention)^m that a purchase passes without a look; 1 in other forms of attention."""
    calm = (F(1.0) - w.traits[T.ATTENTION, i]) if law.per_purchase else F(1.0)
    return exp32(multiplier * log32(max(calm, F(1e-30))))


@compiled
def needs(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, provider: Whole, u: np.float32, mean: np.float32,
    multiplier: np.float32,
) -> None:  # fmt: skip
    """All needs of a customer in a pulse, in order of time, with the look that each purchase brings.

    The number of needs is Poisson by inversion of u; each carries its own marks, so that scenarios thin the same
    candidates. A need that a contact advanced earlier is skipped. At a purchase P_s = 1 - (1 - attention)^m; under the
    rule `leave` each purchase draws by itself, so that nothing is bought after the one that ends the relationship.
    """
    term = exp32(-mean)
    total = term
    number = 0
    # Terms in single precision may sum to less than the largest u: behind the mean, one too small for u to see ends it.
    while u > total and number < 64 and (F(number) < mean or term > F(1e-7)):
        number += 1
        term *= mean / F(number)
        total += term
    kept = unseen_purchase(w, law, i, multiplier)
    for sub in range(number):
        words = bits(key, _PURCHASE_MARK, i, w.codes[C.GENERATION, i], pace.occasion, sub)
        if w.codes[C.ADVANCED, i] > 0:
            w.codes[C.ADVANCED, i] -= 1
            continue
        # Needs of one pulse fall evenly into it, so that they come in the order of their index.
        day = pace.day + pace.days * (F(sub) + unit(words[0])) / F(number)
        if need(w, law, pace, i, provider, day, unit(words[1])):
            if not law.leave_rule:
                w.state[S.UNPROMPTED, i] *= kept
            elif unit(words[2]) >= kept:
                w.state[S.UNPROMPTED, i] = F(0.0)
                return
