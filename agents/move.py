"""Compiled: move and book - people leave, join, renew and are replaced; what that costs is booked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.choice import choose, exit_fee, plan_taken
from agents.columns import NONE, A, B, C, K, L, N, S, T, V
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.live import product_of
from agents.network import spread_exit
from agents.sale import forfeit, list_price, micros, value
from agents.traits import bear
from sim.compiled import compiled
from sim.numeric import F, Whole
from sim.quantities import DAYS_PER_MONTH

_MONTH = F(DAYS_PER_MONTH)


@compiled
def pay_exit_fee(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole) -> None:
    """Who leaves by choice within a term pays for the rest of it."""
    fee = micros(exit_fee(w, law, i, provider, pace.end))
    if fee > 0:
        w.books[provider, w.codes[C.SEGMENT, i], 0, A.EXIT_FEE] += fee
        w.money[V.PAID, i] += fee
        value(w, i, provider, fee, np.int64(0), pace.discount_factor)


@compiled
def leave(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole, kind: Whole) -> None:
    """A relationship ends: counted as `kind` (a row of `N`), points forfeited, open promises void, remembered."""
    segment = w.codes[C.SEGMENT, i]
    w.counts[provider, segment, kind] += 1
    w.counts[provider, segment, N.PRESENT] -= 1
    w.counts[NONE, segment, N.PRESENT] += 1
    if w.codes[C.ORIGIN, i] == provider:
        w.counts[provider, segment, N.STARTERS_PRESENT] -= 1
        w.counts[provider, segment, N.UNBROKEN] -= w.codes[C.UNBROKEN, i]
        w.codes[C.UNBROKEN, i] = 0
    forfeit(w, law, pace, i, provider)
    w.codes[C.LAST_PROVIDER, i] = provider
    w.state[S.LAST_GRIEVANCE, i] = w.state[S.GRIEVANCE, i]
    w.codes[C.PROVIDER, i] = NONE
    w.codes[C.MEMBER, i] = 0
    w.codes[C.CIRCLE, i] = 0
    w.codes[C.TIER, i] = 0
    w.state[S.PROMISE_DUE, i] = F(0.0)
    w.codes[C.REFERRED, i] = 0
    crm = w.crm_of[provider]
    if crm >= 0 and (not law.no_contract):
        w.crm[crm, K.KNOWN, i] = F(0.0)


@compiled
def join(w: Arrays, law: Law, pace: Pace, key: np.uint64, i: Whole, provider: Whole) -> None:
    """A relationship starts: satisfaction = reputation; commitment and points 0; an old grievance is restored."""
    segment = w.codes[C.SEGMENT, i]
    plan = plan_taken(w, law, pace, key, i)
    w.codes[C.PLAN, i] = plan
    w.codes[C.PROVIDER, i] = provider
    w.codes[C.OFFERED_PLAN, i] = 0
    w.state[S.SATISFACTION, i] = w.levers[provider, L.REPUTATION]
    w.state[S.GRIEVANCE, i] = (
        w.state[S.LAST_GRIEVANCE, i] if w.codes[C.LAST_PROVIDER, i] == provider else F(0.0)
    )
    w.state[S.COMMITMENT, i] = F(0.0)
    w.state[S.EXPECTATION, i] = F(0.0)
    w.state[S.REFERENCE_PRICE, i] = F(1.0)
    w.state[S.USES, i] = F(0.0)
    w.state[S.SALIENCE, i] = F(0.0)
    w.codes[C.ADVANCED, i] = 0
    w.state[S.PEER_EXITS, i] = F(0.0)
    w.state[S.UNTOLD_DROP, i] = F(0.0)
    w.state[S.UNTOLD_HURT, i] = F(0.0)
    w.money[V.PAID_YEAR, i] = 0
    w.state[S.PROMISE_DUE, i] = F(0.0)
    w.state[S.JOINED, i] = pace.end
    w.state[S.CONTRACT_END, i] = pace.end + law.term if law.has_term else pace.end
    w.state[S.DISCOUNT, i] = w.levers[provider, L.WELCOME_DEPTH]
    w.state[S.DISCOUNT_END, i] = pace.end + w.levers[provider, L.WELCOME_MONTHS] * _MONTH
    w.codes[C.DISCOUNT_TAG, i] = np.int8(w.levers[provider, L.WELCOME_TAG])
    w.counts[provider, segment, N.JOINED] += 1
    w.counts[provider, segment, N.PRESENT] += 1
    w.counts[NONE, segment, N.PRESENT] -= 1
    if w.codes[C.ORIGIN, i] == provider:
        w.counts[provider, segment, N.STARTERS_PRESENT] += 1
    w.books[provider, segment, 0, A.ACQUISITION] += law.acquisition_micros
    if w.crm_of[provider] >= 0:
        meet(w, law, key, i, provider, pace.end)
    if w.codes[C.RECOMMENDED, i] == provider + 1:
        referred(w, law, pace, i, provider)


@compiled
def referred(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole) -> None:
    """A join that a friend's recommendation led to is counted; a referral programme pays for it, needed or not.

    The friend gets the reward while it is still a customer, the joiner its gift; both are presents to them. A friend
    who has left the market since (`forget_person`) gets nothing, nor does who lives at its address now.
    """
    friend = np.int64(w.bonds[B.RECOMMENDER, i])
    w.codes[C.REFERRED, i] = 1
    w.counts[provider, w.codes[C.SEGMENT, i], N.REFERRALS] += 1
    still_here = friend >= 0 and w.codes[C.PROVIDER, friend] == provider
    if still_here and w.crm_of[provider] >= 0:
        w.crm[w.crm_of[provider], K.REFERRED, friend] += F(1.0)
    if w.levers[provider, L.REFERRAL_TAG] > F(0.0):
        if still_here:
            present(w, law, pace, friend, provider, w.levers[provider, L.REFERRAL_REWARD])
        present(w, law, pace, i, provider, w.levers[provider, L.REFERRAL_GIFT])


@compiled
def present(w: Arrays, law: Law, pace: Pace, i: Whole, provider: Whole, amount: np.float32) -> None:
    """Pay a customer an amount for a referral; it is a gift to it."""
    cost = micros(amount)
    tag = np.int64(w.levers[provider, L.REFERRAL_TAG])
    w.books[provider, w.codes[C.SEGMENT, i], tag, A.REWARDS] += cost
    value(w, i, provider, np.int64(0), cost, pace.discount_factor)
    w.state[S.EXPERIENCE, i] += w.traits[T.TASTE_GIFT, i] * law.worth_gift * amount


@compiled
def meet(w: Arrays, law: Law, key: np.uint64, i: Whole, provider: Whole, day: np.float32) -> None:
    """The CRM opens a record of a new relationship; without contract it knows the person from the first purchase on."""
    crm = w.crm_of[provider]
    w.crm[crm, :, i] = F(0.0)
    w.crm[crm, K.KNOWN, i] = F(0.0) if law.no_contract else F(1.0)
    w.crm[crm, K.JOINED, i] = day
    w.crm[crm, K.LAST_PURCHASE, i] = day
    w.crm[crm, K.PLAN, i] = w.codes[C.PLAN, i]
    w.crm[crm, K.PRICE, i] = list_price(w, law, i, provider, np.int64(w.codes[C.PLAN, i]))
    w.crm[crm, K.DISCOUNT, i] = w.state[S.DISCOUNT, i]
    w.crm[crm, K.DISCOUNT_END, i] = w.state[S.DISCOUNT_END, i]
    w.crm[crm, K.NEED_SEEN, i] = F(0.5)
    w.crm[crm, K.LAST_TICKET, i] = F(-1e6)
    w.crm[crm, K.LAST_CONTACT, i] = F(-1e6)
    w.crm[crm, K.ANSWERED, i] = F(-1e6)
    w.crm[crm, K.STAGE, i] = F(1.0) if product_of(w, key, i, provider) == 0 else F(0.0)


@compiled
def take_plan(w: Arrays, law: Law, i: Whole, plan: Whole) -> None:
    """A customer takes the plan that its own provider offered."""
    provider = w.codes[C.PROVIDER, i]
    w.codes[C.PLAN, i] = plan
    crm = w.crm_of[provider]
    if crm >= 0:
        w.crm[crm, K.PLAN, i] = plan
        w.crm[crm, K.PRICE, i] = list_price(w, law, i, provider, plan)


@compiled
def discount(w: Arrays, i: Whole, day: np.float32, depth: np.float32, end: np.float32, tag: Whole) -> None:
    """A customer's discount becomes depth until an end, unless a deeper one, or the same for longer, is running."""
    deeper = w.state[S.DISCOUNT, i] > depth or (
        w.state[S.DISCOUNT, i] == depth and w.state[S.DISCOUNT_END, i] >= end
    )
    if w.state[S.DISCOUNT_END, i] > day and deeper:
        return
    w.state[S.DISCOUNT, i] = depth
    w.state[S.DISCOUNT_END, i] = end
    w.codes[C.DISCOUNT_TAG, i] = tag
    crm = w.crm_of[w.codes[C.PROVIDER, i]]
    if crm >= 0:
        w.crm[crm, K.DISCOUNT, i] = depth
        w.crm[crm, K.DISCOUNT_END, i] = end


@compiled
def move_and_book(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, lookers: NDArray[np.int32], destination: NDArray[np.int8],
    adopt: NDArray[np.bool_], depth: NDArray[np.float32], months: NDArray[np.float32], tags: NDArray[np.int8],
    held: NDArray[np.bool_], renewers: NDArray[np.int32],
) -> None:  # fmt: skip
    """Carry out what lookers chose; save offers bind those who stay; their terms that ended are renewed."""
    law, pace = law_in(rules), pace_in(beat)
    for n in range(lookers.size):
        i = np.int64(lookers[n])
        own = np.int64(w.codes[C.PROVIDER, i])
        if destination[n] == own:
            if own >= 0:
                w.counts[own, w.codes[C.SEGMENT, i], N.STAYED] += 1
                w.counts[own, w.codes[C.SEGMENT, i], N.HELD] += held[n]
                if adopt[n]:
                    take_plan(w, law, i, np.int64(w.codes[C.OFFERED_PLAN, i]) - 1)
                if depth[n] > F(0.0):
                    discount(w, i, pace.end, depth[n], pace.end + months[n] * _MONTH, np.int64(tags[n]))
                    w.counts[own, w.codes[C.SEGMENT, i], N.SAVED] += 1
        else:
            if own >= 0:
                pay_exit_fee(w, law, pace, i, own)
                spread_exit(w, law, key, i, own)
                leave(w, law, pace, i, own, np.int64(N.LEFT))
            if destination[n] >= 0:
                join(w, law, pace, key, i, np.int64(destination[n]))
        w.codes[C.RECOMMENDED, i] = 0
    for n in range(renewers.size):
        i = np.int64(renewers[n])
        if w.codes[C.PROVIDER, i] >= 0 and w.state[S.CONTRACT_END, i] <= pace.end:
            w.state[S.CONTRACT_END, i] += law.term


@compiled
def settle_in(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, people: NDArray[np.int32], v: NDArray[np.float32],
    luck: NDArray[np.float32], depth: NDArray[np.float32], months: NDArray[np.float32], tags: NDArray[np.int8],
    destination: NDArray[np.int8], adopt: NDArray[np.bool_], held: NDArray[np.bool_],
) -> None:  # fmt: skip
    """New people choose at once among all providers and none, at no effort of switching, and move.

    Args:
        depth, months, tags: zeros, one for each of `people` at least, because nobody has made them an offer.
        v, luck, destination, adopt, held: room, see `agents.choice.choose`.
    """
    choose(w, rules, beat, key, people, depth, months, F(0.0), v, luck, destination, adopt, held)
    move_and_book(w, rules, beat, key, people, destination, adopt, depth, months, tags, held, people[:0])


@compiled
def forget_person(w: Arrays, i: Whole) -> None:
    """A person has left the market: advice that its ties had from it stays with them, but nobody gave it any more."""
    for n in range(w.starts[i], w.starts[i + 1]):
        j = w.ties[n]
        if w.bonds[B.RECOMMENDER, j] == i:
            w.bonds[B.RECOMMENDER, j] = NONE


@compiled
def replace_involuntary(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, lo: int, hi: int, tables: NDArray[np.float32],
    factor: NDArray[np.float64], shares: NDArray[np.float64], horizons: NDArray[np.float32], memory: float, bill: float,
    rate: float, z: NDArray[np.float64], replaced: NDArray[np.int32],
) -> int:  # fmt: skip
    """Replace in place whoever leaves the market by the start of the pulse; fills `replaced` and returns how many."""
    law, pace = law_in(rules), pace_in(beat)
    leaves = w.traits[T.LEAVES_MARKET]
    count = 0
    # Nearly nobody: who it is comes first, because that is a short loop without a branch.
    for i in range(lo, hi):
        replaced[count] = i
        count += leaves[i] <= pace.day
    for n in range(count):
        i = int(replaced[n])
        if w.codes[C.PROVIDER, i] >= 0:
            leave(w, law, pace, i, np.int64(w.codes[C.PROVIDER, i]), np.int64(N.LEFT_INVOLUNTARY))
        w.counts[NONE, w.codes[C.SEGMENT, i], N.PRESENT] -= 1
        w.codes[C.GENERATION, i] += 1
        w.bonds[:, i] = NONE
        forget_person(w, i)
        for firm in range(w.crm.shape[0]):
            w.crm[firm, :, i] = F(0.0)
        bear(
            i, key, pace.day, w.traits, w.state, w.codes, tables, factor, shares, horizons, memory,
            bill, rate, z,
        )  # fmt: skip
        w.counts[NONE, w.codes[C.SEGMENT, i], N.PRESENT] += 1
    return count


@compiled
def discount_many(
    w: Arrays,
    beat: Beat,
    provider: Whole,
    ids: NDArray[np.int32],
    depth: np.float32,
    end: np.float32,
    tag: Whole,
) -> None:
    """Give the customers of a provider among some ids a discount until an end."""
    pace = pace_in(beat)
    for n in range(ids.size):
        if w.codes[C.PROVIDER, ids[n]] == provider:
            discount(w, np.int64(ids[n]), pace.day, depth, end, tag)
