"""Compiled: what firms see and what the laboratory records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import BLOCK, Arrays
from agents.choice import inclusive_value, leaving_cost, monthly, plan_taken, utilities
from agents.columns import C, K, L, N, S, T
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.live import attention_multiplier, product_of
from agents.sale import list_price, micros
from sim.compiled import compiled
from sim.luck import Decision, bits, unit64
from sim.numeric import F, Whole, exp32, log32, normal_quantile
from sim.quantities import MICROS

_SIGNAL = int(Decision.SIGNAL)
_DRIFT = int(Decision.DRIFT)
_MEMORY_OF_SIGNALS = F(6.0)
_RIGHT = F(0.25)
_PROMOTION = F(0.2)
SURPLUS_EVERY = 24
"""The customer surplus is taken over every 24th slot, each month over the next ones; the same in every scenario.

What one person would say this month and the next is nearly the same: others say more. Two years ask everybody once.
"""
_SURPLUS_OF = 65_536
"""Below twice as many people it is every 24th slot, then every 48th and so on: some thousands of people a month."""


@compiled
def observe_signals(
    w: Arrays, rules: Rules, key: np.uint64, provider: int, month: int, lo: int, hi: int
) -> None:
    """The CRM's monthly reading of what known customers among the people [lo, hi) need and like, with signal error.

    The estimate moves by 1 / (n + 1) at the n-th reading, later by 1 / 7, so that it follows drift.
    """
    law = law_in(rules)
    crm = w.crm_of[provider]
    seen = w.crm[crm]
    for i in range(lo, hi):
        if w.codes[C.PROVIDER, i] != provider or seen[K.KNOWN, i] == F(0.0):
            continue
        a, b, c, d = bits(key, _SIGNAL, i, w.codes[C.GENERATION, i], month, 0)
        gain = F(1.0) / (min(seen[K.SIGNALS, i], _MEMORY_OF_SIGNALS) + F(1.0))
        need = w.traits[T.NEED, i] + law.signal_error * F(normal_quantile(unit64(a, b)))
        position = w.traits[T.POSITION, i] + law.signal_error * F(normal_quantile(unit64(c, d)))
        seen[K.NEED_SEEN, i] += (need - seen[K.NEED_SEEN, i]) * gain
        seen[K.POSITION_SEEN, i] += (position - seen[K.POSITION_SEEN, i]) * gain
        seen[K.SIGNALS, i] += F(1.0)


@compiled
def forget_inactive(w: Arrays, provider: int, gaps: float, day: float) -> None:
    """Without contract, the CRM takes for inactive who has not bought for `gaps` times its own mean gap so far."""
    seen = w.crm[w.crm_of[provider]]
    for i in range(seen.shape[1]):
        if seen[K.KNOWN, i] != F(0.0):
            gap = (seen[K.LAST_PURCHASE, i] - seen[K.JOINED, i] + F(30.0)) / max(seen[K.PURCHASES, i], F(1.0))
            if F(day) - seen[K.LAST_PURCHASE, i] > F(gaps) * gap:
                seen[K.KNOWN, i] = F(0.0)


@compiled
def close_pulse(
    counts: NDArray[np.int64], spread: NDArray[np.int64], worked: NDArray[np.int64], fixed: NDArray[np.int64],
    days: int, factor: float,
) -> None:  # fmt: skip
    """Count the customer-days of a pulse, and the starters' share of what a provider spent on nobody in particular.

    Args:
        counts: the counts; spread: int64 [providers, segments], what the ledger has spread over segments in this pulse.
        worked, fixed: int64 [providers, segments], `counts[WORKED]` at the last close (a part of `spread` that does
            belong to single customers), and the starters' discounted share so far; both are updated.
        days: length of the pulse in millionths of a day; factor: its discount factor.
    """
    for provider in range(counts.shape[0]):
        for segment in range(counts.shape[1]):
            total = counts[provider, segment]
            total[N.CUSTOMER_DAYS] += total[N.PRESENT] * days
            if provider < spread.shape[0]:
                rest = spread[provider, segment] - (total[N.WORKED] - worked[provider, segment])
                worked[provider, segment] = total[N.WORKED]
                share = rest * factor * total[N.STARTERS_PRESENT] / max(total[N.PRESENT], 1)
                fixed[provider, segment] += np.int64(np.floor(share + 0.5))


@compiled
def expected_of_one(
    counts: NDArray[np.int64], before: NDArray[np.int64], expected: NDArray[np.float64]
) -> None:
    """Tickets a day that one customer of each provider is expected to raise, from the last recording.

    Args:
        counts, before: now, and before it; expected: by provider, written.
    """
    for provider in range(expected.size):
        tickets, recorded = np.int64(0), np.int64(0)
        for segment in range(counts.shape[1]):
            now, then = counts[provider, segment], before[provider, segment]
            tickets += now[N.EXPECTED_TICKETS] - then[N.EXPECTED_TICKETS]
            recorded += now[N.RECORDED] - then[N.RECORDED]
        expected[provider] = np.float64(tickets) / MICROS / np.float64(max(recorded, np.int64(1)))


@compiled
def record(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, month: int, first: int, last: int, v: NDArray[np.float32],
    rate: NDArray[np.float32], some: NDArray[np.int32], sums: NDArray[np.int64],
) -> None:  # fmt: skip
    """Sums over the people [first, last) by provider and segment: satisfaction, pressure, expected tickets, surplus.

    Customer surplus is the inclusive value of the customer's choice set, own provider as it is lived and alternatives
    at their switching cost, over its price weight: currency per month.

    Args:
        month: whose turn it is to be asked for the surplus, see `SURPLUS_EVERY`.
        first: a multiple of `BLOCK`.
        v, rate, some, sums: room to work in: float32 [providers + 1] and [BLOCK], int32 [BLOCK], int64 [4, BLOCK].
    """
    law, pace = law_in(rules), pace_in(beat)
    every = SURPLUS_EVERY * max(1, w.codes.shape[1] // _SURPLUS_OF)
    for lo in range(first, last, BLOCK):
        n = min(BLOCK, last - lo)
        expect_tickets(w, law, rate, lo, n)
        in_millionths(w, rate, sums, lo, n)
        firms = 0
        for k in range(n):
            provider, segment = w.codes[C.PROVIDER, lo + k], w.codes[C.SEGMENT, lo + k]
            total = w.counts[provider, segment]
            total[N.RECORDED] += 1
            total[N.EXPECTED_TICKETS] += sums[0, k]
            total[N.SATISFACTION] += sums[1, k]
            total[N.COMMITMENT] += sums[2, k]
            total[N.PRESSURE] += sums[3, k]
            some[firms] = k
            firms += w.crm_of[provider] >= 0
        for m in range(firms):
            i = lo + some[m]
            know(w, i, w.codes[C.PROVIDER, i], w.counts[w.codes[C.PROVIDER, i], w.codes[C.SEGMENT, i]])
        for k in range((month - lo) % every, n, every):
            if w.traits[T.PRICE_WEIGHT, lo + k] > F(1e-6):
                compare(w, law, pace, key, lo + k, v)


@compiled
def expect_tickets(w: Arrays, law: Law, rate: NDArray[np.float32], lo: int, n: int) -> None:
    """Fill `rate` with the tickets a day that the people of a block are expected to raise, if they have a provider."""
    hi = lo + n
    provider, circle, uses = w.codes[C.PROVIDER, lo:hi], w.codes[C.CIRCLE, lo:hi], w.state[S.USES, lo:hi]
    voice, learn, novelty = w.traits[T.VOICE, lo:hi], law.learn, law.novelty
    for k in range(n):
        rate[k] = F(1.0) + novelty * exp32(-uses[k] / learn)
    for k in range(n):
        levers = w.levers[provider[k]]
        asked = (levers[L.FRICTION] + levers[L.DOUBT]) * rate[k]
        asked *= F(1.0) - levers[L.PEERS] if circle[k] & 1 else F(1.0)
        rate[k] = asked + levers[L.FAILURE]
    for k in range(n):
        rate[k] *= voice[k]


@compiled
def in_millionths(w: Arrays, rate: NDArray[np.float32], sums: NDArray[np.int64], lo: int, n: int) -> None:
    """Expected tickets, satisfaction, commitment and pressure of a block in whole millionths; 0 without a provider."""
    hi = lo + n
    provider = w.codes[C.PROVIDER, lo:hi]
    satisfaction, commitment = w.state[S.SATISFACTION, lo:hi], w.state[S.COMMITMENT, lo:hi]
    pressure = w.state[S.PRESSURE, lo:hi]
    for k in range(n):
        sums[0, k] = micros(rate[k] if provider[k] >= 0 else F(0.0))
        sums[1, k] = micros(satisfaction[k] if provider[k] >= 0 else F(0.0))
        sums[2, k] = micros(commitment[k] if provider[k] >= 0 else F(0.0))
        sums[3, k] = micros(pressure[k] if provider[k] >= 0 else F(0.0))


@compiled
def compare(w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, v: NDArray[np.float32]) -> None:
    """Add a person's customer surplus to the counts, and how free and how well placed it is with its provider."""
    provider = np.int64(w.codes[C.PROVIDER, i])
    total = w.counts[provider, w.codes[C.SEGMENT, i]]
    plan = plan_taken(w, law, pace, key, i)
    utilities(w, law, pace, i, plan, F(0.0), F(0.0), F(1.0), v)
    inclusive = inclusive_value(v)
    total[N.SURPLUS] += micros(inclusive / w.traits[T.PRICE_WEIGHT, i])
    total[N.SURPLUS_RECORDED] += 1
    if provider >= 0:
        weigh(w, law, pace, i, provider, plan, v, inclusive, total)


@compiled
def know(w: Arrays, i: Whole, provider: Whole, total: NDArray[np.int64]) -> None:
    """Count whether the provider's CRM is right within a quarter about a customer's need and product taste."""
    crm = w.crm_of[provider]
    total[N.KNOWN] += 1
    if w.crm[crm, K.SIGNALS, i] > F(0.0):
        need = abs(w.crm[crm, K.NEED_SEEN, i] - w.traits[T.NEED, i])
        taste = abs(w.crm[crm, K.POSITION_SEEN, i] - w.traits[T.POSITION, i])
        total[N.KNOWN_RIGHT] += need < _RIGHT and taste < _RIGHT


@compiled
def weigh(
    w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole, plan: Whole, v: NDArray[np.float32],
    inclusive: np.float32, total: NDArray[np.int64],
) -> None:  # fmt: skip
    """How free and how well placed a customer is; uses up the utilities `v`, whose inclusive value is given.

    Freedom: hassle and forfeits, in money. Better elsewhere: what the best rival is better by, in currency a month, if
    moving were free, rivals equally available, and commitment no argument. Vulnerable: the rise of the probability to
    leave at a look when every rival takes `_PROMOTION` off its price.
    """
    weight, horizon = w.traits[T.PRICE_WEIGHT, i], w.traits[T.HORIZON, i]
    once = w.traits[T.HASSLE, i] + leaving_cost(w, law, i, provider, pace.end)
    own = v[provider] - w.state[S.COMMITMENT, i]
    stay = exp32(v[provider] - inclusive)
    best = F(0.0)
    for j in range(v.size - 1):
        if j != provider:
            best = max(best, v[j] - w.levers[j, L.LOG_AVAILABILITY] + weight * once / horizon - own)
            v[j] += weight * _PROMOTION * monthly(w, law, i, list_price(w, law, i, j, plan))
    total[N.COMPARED] += 1
    total[N.FREEDOM] += micros(once)
    total[N.BETTER_ELSEWHERE] += micros(best / weight)
    total[N.VULNERABLE] += micros(stay - exp32(v[provider] - inclusive_value(v)))


@compiled
def note_stage(w: Arrays, key: np.uint64, provider: int) -> None:
    """The CRM notes who lives with the present product (1) and who with the one before (0)."""
    seen = w.crm[w.crm_of[provider]]
    for i in range(seen.shape[1]):
        if w.codes[C.PROVIDER, i] == provider:
            seen[K.STAGE, i] = F(1.0) if product_of(w, key, i, provider) == 0 else F(0.0)


@compiled
def follow_fashion(w: Arrays, key: np.uint64, month: int, spread: np.float32) -> None:
    """Each segment's taste for each kind of experience takes a step of a random walk, by luck of segment and kind."""
    for segment in range(w.counts.shape[1]):
        for kind in range(5):
            a, b, _, _ = bits(key, _DRIFT, segment, kind, month, 0)
            step = spread * F(normal_quantile(unit64(a, b)))
            for i in range(w.codes.shape[1]):
                if w.codes[C.SEGMENT, i] == segment:
                    w.traits[T.TASTE_HELP + kind, i] += step


@compiled
def leave_probability(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, customers: NDArray[np.int32], days: np.float32,
    v: NDArray[np.float32], out: NDArray[np.float32],
) -> None:  # fmt: skip
    """What an oracle sees: P(look) x P(choose another | look) of some customers over some days, noise integrated out.

    Looks: by attention, at the purchases that usage leads to expect, or at a term that ends within the days; and by
    rivals' advertisements.
    """
    law, pace = law_in(rules), pace_in(beat)
    for n in range(customers.size):
        i = np.int64(customers[n])
        provider = np.int64(w.codes[C.PROVIDER, i])
        if provider < 0:
            out[n] = F(0.0)
            continue
        s = w.state
        m = attention_multiplier(
            law, s[S.GRIEVANCE, i], s[S.SATISFACTION, i], s[S.PEER_EXITS, i], s[S.COMMITMENT, i]
        )
        attention, end = w.traits[T.ATTENTION, i], w.state[S.CONTRACT_END, i]
        at_event = exp32(m * log32(max(F(1.0) - attention, F(1e-30))))
        rate = w.levers[provider, L.PROMPT_RATE]
        if law.per_day:
            rate += attention * m
        elif law.per_purchase:
            rate += w.traits[T.USAGE_RATE, i] * (F(1.0) - at_event)
        unseen = exp32(-rate * days)
        if law.per_renewal and end > pace.day and end <= pace.day + days:
            unseen *= at_event
        look = F(1.0) - unseen
        utilities(w, law, pace, i, plan_taken(w, law, pace, key, i), F(0.0), F(0.0), F(1.0), v)
        stay = exp32(v[provider] - inclusive_value(v))
        out[n] = look * (F(1.0) if law.leave_rule else F(1.0) - stay)
