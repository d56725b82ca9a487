"""Compiled: the people of a market as it starts - a stock in mid-life, or a cohort of joiners.

A stock is drawn from each person's own stationary law. With the person's traits and states at rest, the switching rates
between alternatives are r_j P(choose k | look, at j), where r_j is the rate of looks at j; the stationary distribution
of that chain gives the provider, and what makes the person leave there gives its age, drawn in proportion to the
probability of staying so long. Tenures are so length-biased by construction: who looks seldom is old. A short warm-up
under `today` does the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.choice import plan_taken, utilities
from agents.columns import COPULA, NONE, C, K, L, N, S, T, V
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.live import multiplier_of
from agents.move import join, meet
from agents.traits import bear
from sim.compiled import allocating, compiled
from sim.luck import Decision, bits, exponential, unit, unit64
from sim.numeric import F, Whole, exp32, exp64, log32, log64, normal_quantile

_STOCK = int(Decision.STOCK)
_FOREVER = F(36525.0)


@compiled
def stationary(rates: NDArray[np.float64], q: NDArray[np.float64], share: NDArray[np.float64]) -> None:
    """Stationary distribution of a chain with these rates, by Grassmann-Taksar-Heyman elimination (no cancellation).

    Args:
        q: room to work in, of the shape of `rates`; share: the distribution, written.
    """
    size = rates.shape[0]
    for j in range(size):
        for k in range(size):
            q[j, k] = rates[j, k]
    for k in range(size - 1, 0, -1):
        total = 0.0
        for j in range(k):
            total += q[k, j]
        for i in range(k):
            q[i, k] /= max(total, 1e-300)
            for j in range(k):
                if j != i:
                    q[i, j] += q[i, k] * q[k, j]
    share[0] = total = 1.0
    for k in range(1, size):
        share[k] = 0.0
        for i in range(k):
            share[k] += share[i] * q[i, k]
        total += share[k]
    for k in range(size):
        share[k] /= total


@compiled
def look_rate(w: Arrays, law: Law, i: Whole, provider: Whole) -> np.float32:
    """Looks per day of a person with its present states at a provider, or with none."""
    prompts = w.levers[provider, L.PROMPT_RATE]
    if provider < 0:
        return F((law.attention_none if law.returns else F(0.0)) + prompts)
    attention, m = w.traits[T.ATTENTION, i], multiplier_of(w, law, i)
    if law.per_day:
        return F(attention * m + prompts)
    event = F(1.0) - exp32(m * log32(max(F(1.0) - attention, F(1e-30))))
    return F(event * (w.traits[T.USAGE_RATE, i] if law.per_purchase else F(1.0) / law.term) + prompts)


@compiled
def settle_at(
    w: Arrays, pace: Pace, i: Whole, provider: Whole, plan: Whole, grievance: NDArray[np.float32]
) -> None:
    """Put a person at rest with a provider: satisfaction as reputed, mean grievance, a plan that fits."""
    w.codes[C.PROVIDER, i] = provider
    w.state[S.SATISFACTION, i] = w.levers[provider, L.REPUTATION]
    w.state[S.GRIEVANCE, i] = grievance[provider] if provider >= 0 else F(0.0)
    w.codes[C.PLAN, i] = plan
    w.state[S.CONTRACT_END, i] = pace.end


@compiled
def switching_rates(
    w: Arrays, law: Law, pace: Pace, i: Whole, plan: Whole, grievance: NDArray[np.float32], v: NDArray[np.float32],
    rates: NDArray[np.float64],
) -> None:  # fmt: skip
    """Fill a person's switching rates between providers and none (last), per day.

    Args:
        plan: that it takes anywhere; v: room to work in, float32 [providers + 1].
    """
    size = rates.shape[0]
    for j in range(size):
        provider = j if j < size - 1 else NONE
        settle_at(w, pace, i, provider, plan, grievance)
        rate = look_rate(w, law, i, provider)
        utilities(w, law, pace, i, plan, F(0.0), F(0.0), F(1.0), v)
        top = v[0]
        for k in range(1, size):
            top = max(top, v[k])
        total = 0.0
        for k in range(size):
            v[k] = exp32(v[k] - top)
            total += np.float64(v[k])
        for k in range(size):
            rates[j, k] = np.float64(rate) * np.float64(v[k]) / total + 1e-12


@compiled
def place(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, provider: Whole, age: np.float32,
    need_change: np.float32, plan_error: np.float32,
) -> None:  # fmt: skip
    """Make a person a customer of a provider since `age` days, on the plan of the need it had when it joined."""
    a, b, c, d = bits(key, _STOCK, i, 0, 1, 0)
    w.state[S.JOINED, i] = pace.end - age
    w.state[S.USES, i] = w.traits[T.USAGE_RATE, i] * age
    last_use = max(pace.end - age, pace.end - exponential(unit(a)) / max(w.traits[T.USAGE_RATE, i], F(1e-6)))
    terms = np.floor(age / law.term) + F(1.0)
    w.state[S.CONTRACT_END, i] = pace.end - age + terms * law.term if law.has_term else pace.end
    then = unit(c) if unit(b) > exp32(-need_change * age) else w.traits[T.NEED, i]
    seen = then + plan_error * F(normal_quantile(np.float64(unit(d))))
    best = 0
    for plan in range(1, w.plans.shape[0]):
        if abs(w.plans[plan, 0] - seen) < abs(w.plans[best, 0] - seen):
            best = plan
    w.codes[C.PLAN, i] = best
    crm = w.crm_of[provider]
    if crm >= 0:
        meet(w, law, key, i, provider, w.state[S.JOINED, i])
        if law.no_contract:
            bought_since = max(F(0.0), last_use - w.state[S.JOINED, i])
            w.crm[crm, K.KNOWN, i] = F(1.0)
            w.crm[crm, K.PURCHASES, i] = F(1.0) + w.traits[T.USAGE_RATE, i] * bought_since
            w.crm[crm, K.LAST_PURCHASE, i] = last_use


@compiled
def age_at_rest(law: Law, steady: float, at_term: float, u: float, v: float) -> float:
    """Days since a customer at rest joined: drawn in proportion to the probability of staying so long.

    Where attention is drawn at renewals, people stay through a term and leave at its ends: the number of terms behind
    is geometric, the present one began at any time of a term.

    Args:
        steady: rate of leaving at any time, per day; at_term: probability of leaving at the end of a term.
        u, v: uniform luck.
    """
    if not law.per_renewal:
        return -log64(u) / steady if steady > 0.0 else np.float64(_FOREVER)
    term = np.float64(law.term)
    through = exp64(-steady * term)
    kept = through * (1.0 - at_term)
    most = np.floor(_FOREVER / term)
    terms = np.floor(log64(u) / log64(kept)) if 0.0 < kept < 1.0 else (0.0 if kept <= 0.0 else most)
    within = v * term if steady * term < 1e-6 else -log64(1.0 - v * (1.0 - through)) / steady
    return float(min(terms, most) * term + min(within, 0.999 * term))


@allocating
def draw_stock(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, grievance: NDArray[np.float32], need_change: float,
    involuntary: float, tables: NDArray[np.float32], factor: NDArray[np.float64], shares: NDArray[np.float64],
    horizons: NDArray[np.float32], memory: float, bill: float,
) -> None:  # fmt: skip
    """Fill a market with people in mid-life, with providers from their own stationary laws.

    Args:
        grievance: float32 [providers], mean grievance of a customer at rest; need_change: life events per day.
        involuntary: involuntary ends per day.
    """
    law, pace = law_in(rules), pace_in(beat)
    size = w.levers.shape[0]
    rates, room = np.empty((size, size)), np.empty((size, size))
    share, v, z = np.empty(size), np.empty(size, np.float32), np.empty(COPULA)
    for i in range(w.codes.shape[1]):
        bear(
            i, key, pace.end, w.traits, w.state, w.codes, tables, factor, shares, horizons, memory,
            bill, involuntary, z,
        )  # fmt: skip
        plan = plan_taken(w, law, pace, key, i)
        switching_rates(w, law, pace, i, plan, grievance, v, rates)
        stationary(rates, room, share)
        a, b, c, d = bits(key, _STOCK, i, 0, 0, 0)
        u = unit64(a, b)
        chosen = 0
        total = share[0]
        while u > total and chosen < size - 1:
            chosen += 1
            total += share[chosen]
        provider = chosen if chosen < size - 1 else NONE
        settle_at(w, pace, i, provider, plan, grievance)
        w.counts[provider, w.codes[C.SEGMENT, i], N.PRESENT] += 1
        if provider >= 0:
            leaving = 0.0
            for k in range(size):
                if k != chosen:
                    leaving += rates[chosen, k]
            looking = max(np.float64(look_rate(w, law, i, provider)), 1e-12)
            prompted = np.float64(w.levers[provider, L.PROMPT_RATE]) / looking
            by_event = max(0.0, 1.0 - prompted) if law.per_renewal else 0.0
            at_term = min(1.0, leaving * by_event * np.float64(law.term))
            steady = leaving * (1.0 - by_event) + involuntary
            age = age_at_rest(law, steady, at_term, np.float64(unit(c)), np.float64(unit(d)))
            place(w, law, pace, key, i, provider, min(_FOREVER, F(age)), F(need_change), law.plan_error)


@allocating
def draw_cohort(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, provider: int, involuntary: float, tables: NDArray[np.float32],
    factor: NDArray[np.float64], shares: NDArray[np.float64], horizons: NDArray[np.float32], memory: float, bill: float,
) -> None:  # fmt: skip
    """Fill a market with people who all join one provider now."""
    law, pace = law_in(rules), pace_in(beat)
    z = np.empty(COPULA)
    for i in range(w.codes.shape[1]):
        bear(
            i, key, pace.end, w.traits, w.state, w.codes, tables, factor, shares, horizons, memory,
            bill, involuntary, z,
        )  # fmt: skip
        w.counts[NONE, w.codes[C.SEGMENT, i], N.PRESENT] += 1
        join(w, law, pace, key, i, provider)
        if w.crm_of[provider] >= 0:
            w.crm[w.crm_of[provider], K.KNOWN, i] = F(1.0)


@allocating
def start_counting(w: Arrays) -> None:
    """Day of the fork: present customers become their provider's starters; money and flows start at 0, points stay."""
    w.books[:] = 0
    present = w.counts[:, :, N.PRESENT].copy()
    w.counts[:] = 0
    w.counts[:, :, N.PRESENT] = present
    w.counts[:-1, :, N.STARTERS_PRESENT] = present[:-1]
    w.counts[:-1, :, N.UNBROKEN] = present[:-1]
    w.money[V.VALUE] = 0
    w.money[V.SPENT] = 0
    w.money[V.PAID] = 0
    for i in range(w.codes.shape[1]):
        w.codes[C.ORIGIN, i] = w.codes[C.PROVIDER, i]
        w.codes[C.UNBROKEN, i] = 1 if w.codes[C.PROVIDER, i] >= 0 else 0
