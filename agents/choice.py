"""Compiled: what a customer who looks compares, and what it chooses.

    V_own  = quality_weight (satisfaction - s_ref) + commitment + match_scale match - price_weight monthly_cost
    V_j    = quality_weight (reputation_j - s_ref) + log(availability_j) + match_scale match_j
             - price_weight monthly_cost_j
    V_none = category_exit

plus standard Gumbel noise keyed by (customer, generation, alternative, memory window): within a window a second look
compares the same views again. What switching costs once is spread over the customer's horizon and added to the
alternative's monthly cost; there is no other inertia than the gate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.columns import NONE, C, L, S, T, V
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.sale import list_price
from sim.compiled import allocating, compiled
from sim.luck import Decision, bits, gumbel, unit, unit64
from sim.numeric import F, Whole, exp32, log32, normal_quantile
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR

_CHOICE = int(Decision.CHOICE)
_PLAN = int(Decision.PLAN)
_SAVE = int(Decision.SAVE)
_MONTH = F(DAYS_PER_MONTH)
_YEAR = F(DAYS_PER_YEAR)
_MILLION = 1_000_000.0


@compiled
def match(w: Arrays, law: Law, i: Whole, provider: Whole, plan: Whole) -> np.float32:
    """Fit of a provider and a plan to a customer: 1 - |position - profile| - misfit |need - level|, in [-1, 1]."""
    far = abs(w.traits[T.POSITION, i] - w.levers[provider, L.PROFILE])
    wrong = law.misfit * abs(w.traits[T.NEED, i] - w.plans[plan, 0])
    return min(F(1.0), max(F(-1.0), F(1.0) - far - wrong))


@compiled
def window(law: Law, pace: Pace, w: Arrays, i: Whole) -> np.int64:
    """The number of the customer's memory window: floor((day + phase) / memory)."""
    return np.int64(np.floor((pace.end + w.traits[T.PHASE, i]) / law.memory))


@compiled
def plan_taken(w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole) -> int:
    """The plan a customer would take elsewhere: the level nearest to its need as it sees it in this memory window."""
    a, b, _, _ = bits(key, _PLAN, i, w.codes[C.GENERATION, i], window(law, pace, w, i), 0)
    seen = w.traits[T.NEED, i] + law.plan_error * F(normal_quantile(unit64(a, b)))
    best = 0
    for plan in range(1, w.plans.shape[0]):
        if abs(w.plans[plan, 0] - seen) < abs(w.plans[best, 0] - seen):
            best = plan
    return best


@compiled
def monthly(w: Arrays, law: Law, i: Whole, amount: np.float32) -> np.float32:
    """A price as a cost per month: itself under a contract, times purchases a month without one."""
    return amount * w.traits[T.USAGE_RATE, i] * _MONTH if law.no_contract else amount


@compiled
def own_cost(
    w: Arrays, law: Law, i: Whole, provider: Whole, plan: Whole, end: np.float32, depth: np.float32,
    months: np.float32,
) -> np.float32:  # fmt: skip
    """Mean monthly cost at the own provider over the horizon, current discount or an offer counted until it ends."""
    horizon = w.traits[T.HORIZON, i]
    running = w.state[S.DISCOUNT, i] * min(
        F(1.0), max(F(0.0), w.state[S.DISCOUNT_END, i] - end) / (_MONTH * horizon)
    )
    share = max(running, depth * min(F(1.0), months / horizon))
    return monthly(w, law, i, list_price(w, law, i, provider, plan)) * (F(1.0) - share)  # type: ignore[no-any-return]


@compiled
def exit_fee(w: Arrays, law: Law, i: Whole, provider: Whole, end: np.float32) -> np.float32:
    """The fee for leaving a term contract early: a share of the list price of the months that remain."""
    rest = max(F(0.0), w.state[S.CONTRACT_END, i] - end) / _MONTH
    return law.exit_fee * rest * list_price(w, law, i, provider, np.int64(w.codes[C.PLAN, i]))  # type: ignore[no-any-return]


@compiled
def tier_stake(w: Arrays, i: Whole, provider: Whole, end: np.float32) -> np.float32:
    """Benefits of the customer's level that it would still get until the next review, in money."""
    tier = np.int64(w.codes[C.TIER, i])
    if tier == 0:
        return F(0.0)
    rest = min(F(1.0), max(F(0.0), w.levers[provider, L.TIER_REVIEW] - end) / _YEAR)
    return w.levers[provider, L.BENEFIT_1 + tier - 1] * rest  # type: ignore[no-any-return]


@compiled
def leaving_cost(w: Arrays, law: Law, i: Whole, provider: Whole, end: np.float32) -> np.float32:
    """What leaving costs once, in money: exit fee on the rest of the term, points and benefits of a level forfeited."""
    if provider < 0:
        return F(0.0)
    points = F(np.float64(w.money[V.POINTS, i]) / _MILLION)
    return exit_fee(w, law, i, provider, end) + points + tier_stake(w, i, provider, end)


@compiled
def utilities(
    w: Arrays, law: Law, pace: Pace, i: Whole, elsewhere: Whole, depth: np.float32, months: np.float32,
    effort: np.float32, out: NDArray[np.float32],
) -> bool:  # fmt: skip
    """Fill `out` with the utility of every provider and, last, of none, without noise.

    Returns whether a plan that the own provider offers is better than the present one.

    Args:
        elsewhere: the plan that the customer would take from another provider, see `plan_taken`.
        depth, months: a save offer by the own provider, 0 where there is none.
        effort: share of its hassle that a move costs the customer: 1, or 0 for a newcomer to the market.
    """
    own, end, horizon = np.int64(w.codes[C.PROVIDER, i]), pace.end, w.traits[T.HORIZON, i]
    price_weight, quality_weight = w.traits[T.PRICE_WEIGHT, i], w.traits[T.QUALITY_WEIGHT, i]
    providers = w.levers.shape[0] - 1
    left_behind = leaving_cost(w, law, i, own, end)
    hassle = effort * w.traits[T.HASSLE, i]
    adopt = False
    for j in range(providers):
        if j == own:
            plan = np.int64(w.codes[C.PLAN, i])
            v = law.match_scale * match(w, law, i, j, plan) - price_weight * own_cost(
                w, law, i, j, plan, end, depth, months
            )
            offered = np.int64(w.codes[C.OFFERED_PLAN, i]) - 1
            if offered >= 0 and offered != plan:
                other = law.match_scale * match(w, law, i, j, offered)
                other -= price_weight * own_cost(w, law, i, j, offered, end, depth, months)
                adopt = other > v
                v = max(v, other)
            v += quality_weight * (w.state[S.SATISFACTION, i] - law.s_ref) + w.state[S.COMMITMENT, i]
            out[j] = v + w.levers[j, L.LOG_AVAILABILITY] if law.own_availability else v
        else:
            welcome = w.levers[j, L.WELCOME_DEPTH] * min(F(1.0), w.levers[j, L.WELCOME_MONTHS] / horizon)
            cost = monthly(w, law, i, list_price(w, law, i, j, elsewhere)) * (F(1.0) - welcome)
            if w.codes[C.RECOMMENDED, i] == j + 1:
                eased = hassle * (F(1.0) - law.eased) - w.levers[j, L.REFERRAL_GIFT]
                cost += (eased + left_behind) / horizon
            else:
                cost += (hassle + left_behind) / horizon
            v = quality_weight * (w.levers[j, L.REPUTATION] - law.s_ref) + w.levers[j, L.LOG_AVAILABILITY]
            out[j] = v + law.match_scale * match(w, law, i, j, elsewhere) - price_weight * cost
    out[providers] = law.category_exit - price_weight * left_behind / horizon
    return adopt


@compiled
def noise(w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, out: NDArray[np.float32]) -> None:
    """Fill `out` with the Gumbel noise of every alternative in this memory window; four share a draw's lanes."""
    occasion = window(law, pace, w, i)
    for block in range((out.size + 3) // 4):
        a, b, c, d = bits(key, _CHOICE, i, w.codes[C.GENERATION, i], occasion, block)
        base = 4 * block
        out[base] = gumbel(unit(a))
        if base + 1 < out.size:
            out[base + 1] = gumbel(unit(b))
        if base + 2 < out.size:
            out[base + 2] = gumbel(unit(c))
        if base + 3 < out.size:
            out[base + 3] = gumbel(unit(d))


@compiled
def choose(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, lookers: NDArray[np.int32], depth: NDArray[np.float32],
    months: NDArray[np.float32], effort: np.float32, v: NDArray[np.float32], luck: NDArray[np.float32],
    destination: NDArray[np.int8], adopt: NDArray[np.bool_], held: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Where each of some lookers goes, whether it takes an offered plan by staying, and whether commitment held it.

    Args:
        lookers: int32, who looks; depth, months: float32, save offers by position in `lookers`.
        v, luck: float32 [providers + 1], room to work in.
        destination, adopt, held: int8 (a provider or NONE), bool and bool, filled by position in `lookers`.
    """
    law, pace = law_in(rules), pace_in(beat)
    providers = w.levers.shape[0] - 1
    for n in range(lookers.size):
        i = np.int64(lookers[n])
        if law.leave_rule and w.codes[C.PROVIDER, i] >= 0:
            destination[n], adopt[n], held[n] = NONE, False, False
            continue
        elsewhere = plan_taken(w, law, pace, key, i)
        adopt[n] = utilities(w, law, pace, i, elsewhere, depth[n], months[n], effort, v)
        noise(w, law, pace, key, i, luck)
        best = int(np.int64(0))  # Not 0, for which `lost_without` would be compiled once more.
        for j in range(1, providers + 1):
            if v[j] + luck[j] > v[best] + luck[best]:
                best = j
        destination[n] = best if best < providers else NONE
        held[n] = best == w.codes[C.PROVIDER, i] and lost_without(v, luck, best, w.state[S.COMMITMENT, i])


@allocating
def leavers_met(
    codes: NDArray[np.int8], key: np.uint64, occasion: int, in_person: np.float32, provider: int,
    lookers: NDArray[np.int32], destination: NDArray[np.int8],
) -> NDArray[np.int64]:  # fmt: skip
    """Positions of the lookers who are about to leave a provider and must cancel in person, as a share of them does."""
    met = np.empty(lookers.size, np.int64)
    number = 0
    for n in range(lookers.size):
        i = lookers[n]
        leaves = codes[C.PROVIDER, i] == provider and destination[n] != provider
        if leaves and unit(bits(key, _SAVE, i, codes[C.GENERATION, i], occasion, 0)[0]) < in_person:
            met[number] = n
            number += 1
    return met[:number].copy()


@compiled
def lost_without(v: NDArray[np.float32], luck: NDArray[np.float32], own: Whole, amount: np.float32) -> bool:
    """Whether the own alternative, the best one, would not be the best any more with its utility lower by an amount."""
    mine = v[own] + luck[own] - amount
    lost = False
    for j in range(v.size):
        lost |= j != own and v[j] + luck[j] > mine
    return lost


@compiled
def inclusive_value(v: NDArray[np.float32]) -> np.float32:
    """Log sum exp of utilities: the expected best of a choice set, up to Euler's constant."""
    top = v[0]
    for j in range(1, v.size):
        top = max(top, v[j])
    total = F(0.0)
    for j in range(v.size):
        total += exp32(v[j] - top)
    return top + log32(total)  # type: ignore[no-any-return]
