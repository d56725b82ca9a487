"""Compiled: what firms see and what the laboratory records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.choice import inclusive_value, utilities
from agents.columns import C, K, L, N, S, T
from agents.law import Law, Pace
from agents.live import attention_multiplier
from agents.sale import micros
from sim.compiled import compiled
from sim.luck import Decision, bits, unit64
from sim.numeric import F, exp32, log32, normal_quantile

_SIGNAL = int(Decision.SIGNAL)
_MEMORY_OF_SIGNALS = F(6.0)
SURPLUS_EVERY = 8
"""The customer surplus is taken over every eighth slot: the same people in every scenario."""


@compiled
def observe_signals(w: Arrays, law: Law, key: np.uint64, provider: int, month: int) -> None:
    """The CRM's monthly reading of each known customer's need and product taste, with the market's signal error.

    The estimate moves by 1 / (n + 1) at the n-th reading, later by 1 / 7, so that it follows drift.
    """
    crm = w.crm_of[provider]
    seen = w.crm[crm]
    for i in range(seen.shape[1]):
        if w.codes[C.PROVIDER, i] != provider or seen[K.KNOWN, i] == F(0.0):
            continue
        a, b, c, d = bits(key, _SIGNAL, i, w.codes[C.GENERATION, i], month, 0)
        gain = F(1.0) / (min(seen[K.SIGNALS, i], _MEMORY_OF_SIGNALS) + F(1.0))
        need = w.state[S.NEED, i] + law.signal_error * F(normal_quantile(unit64(a, b)))
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
def record(w: Arrays, law: Law, pace: Pace, key: np.uint64, v: NDArray[np.float32]) -> None:
    """Sums over the people of each provider and segment: satisfaction, pressure, expected tickets a day, surplus.

    Customer surplus is the inclusive value of the customer's choice set, own provider as it is lived and alternatives
    at their switching cost, over its price weight: currency per month. `v` is room to work in, float32
    [providers + 1].
    """
    for i in range(w.codes.shape[1]):
        provider, segment = w.codes[C.PROVIDER, i], w.codes[C.SEGMENT, i]
        total = w.counts[provider, segment]
        total[N.RECORDED] += 1
        if provider >= 0:
            new = F(1.0) + law.novelty * exp32(-w.state[S.USES, i] / law.learn)
            rate = (w.levers[provider, L.FRICTION] + w.levers[provider, L.DOUBT]) * new + w.levers[
                provider, L.FAILURE
            ]
            total[N.EXPECTED_TICKETS] += micros(rate * w.traits[T.VOICE, i])
            total[N.SATISFACTION] += micros(w.state[S.SATISFACTION, i])
            pressure = (
                w.state[S.PRESSURE_MESSAGE, i] + w.state[S.PRESSURE_CALL, i] + w.state[S.PRESSURE_POST, i]
            )
            total[N.PRESSURE] += micros(pressure)
        if i % SURPLUS_EVERY == 0 and w.traits[T.PRICE_WEIGHT, i] > F(1e-6):
            utilities(w, law, pace, key, i, F(0.0), F(0.0), F(1.0), v)
            total[N.SURPLUS] += micros(inclusive_value(v) / w.traits[T.PRICE_WEIGHT, i])
            total[N.SURPLUS_RECORDED] += 1


@compiled
def leave_probability(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, customers: NDArray[np.int32], days: np.float32,
    v: NDArray[np.float32], out: NDArray[np.float32],
) -> None:  # fmt: skip
    """What an oracle sees: P(look) x P(choose another | look) of some customers over some days, noise integrated out.

    Looks: by attention, at the purchases that usage leads to expect, or at a term that ends within the days; and by
    rivals' advertisements.
    """
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
        utilities(w, law, pace, key, i, F(0.0), F(0.0), F(1.0), v)
        stay = exp32(v[provider] - inclusive_value(v))
        out[n] = look * (F(1.0) if law.leave_rule else F(1.0) - stay)
