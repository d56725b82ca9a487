"""Compiled: what a firm asks of people and hears from them - surveys, calls, invitations, community, levels.

An incident without a voice leaves untold trouble: the satisfaction it took and the grievance it left, both fading as
these do. Asking may reveal it, with probability `candour`; what was told is a promise to follow it up, which is kept by
a follow-up in time and broken otherwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.arrays import Arrays
from agents.columns import A, C, K, L, N, S, T, V
from agents.law import Beat, Law, Pace, Rules, law_in, pace_in
from agents.live import solve
from agents.sale import level_of, micros, move_to_level, paid_year, value
from agents.touch import experience, reach, wake
from sim.compiled import compiled
from sim.luck import Decision, bits, unit, unit64
from sim.numeric import F, Whole, exp32, normal_quantile
from sim.quantities import DAYS_PER_YEAR

_ASK = int(Decision.ASK)
_INVITE = int(Decision.INVITE)
_HELP = np.int64(0)
_RECOGNITION = np.int64(1)
_BELONGING = np.int64(2)
_SOME = F(1e-4)
"""Trouble below this has been forgotten."""


@compiled
def ask(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, provider: int, tag: int, channel: int, weight: np.float32,
    cost: int, answer_cost: int, ids: NDArray[np.int32],
) -> None:  # fmt: skip
    """Ask some people how things are: a contact of match 0, answered with the channel's probability.

    An answer is satisfaction with an error, kept in the CRM; to be asked and to answer is recognition. With probability
    `candour` an answer tells of untold trouble, and a promise to follow it up begins.

    Args:
        weight, cost: of the channel; answer_cost: millionths paid per answer.
    """
    law, pace = law_in(rules), pace_in(beat)
    for n in range(ids.size):
        i = np.int64(ids[n])
        reach(w, law, pace, provider, tag, channel, weight, cost, i)
        wake(w, law, i, F(0.0))
        if w.codes[C.PROVIDER, i] == provider:
            hear(w, law, pace, key, provider, tag, channel, answer_cost, i)


@compiled
def hear(
    w: Arrays,
    law: Law,
    pace: Pace,
    key: np.uint64,
    provider: int,
    tag: int,
    channel: int,
    answer_cost: int,
    i: Whole,
) -> bool:
    """What comes back when a customer is asked; True where it answered."""
    answers, candid, high, low = bits(key, _ASK, i, w.codes[C.GENERATION, i], pace.occasion, 0)
    if unit(answers) >= law.responses[channel]:
        return False
    segment, crm = w.codes[C.SEGMENT, i], w.crm_of[provider]
    w.counts[provider, segment, N.ENGAGED] += 1
    w.counts[provider, segment, N.EFFORT] += micros(law.survey_minutes)
    w.books[provider, segment, tag, A.FIXED] += answer_cost
    value(w, i, provider, np.int64(0), answer_cost, pace.discount_factor)
    experience(w, law, i, _RECOGNITION, law.asked)
    w.crm[crm, K.ANSWER, i] = w.state[S.SATISFACTION, i] + law.answer_error * F(
        normal_quantile(unit64(high, low))
    )
    w.crm[crm, K.ANSWERED, i] = pace.day
    if (
        w.state[S.UNTOLD_DROP, i] + w.state[S.UNTOLD_HURT, i] > _SOME
        and unit(candid) < w.traits[T.CANDOUR, i]
    ):
        w.crm[crm, K.TOLD, i] = F(1.0)
        if w.state[S.PROMISE_DUE, i] == F(0.0):
            due = pace.end + law.promise_days
            w.state[S.PROMISE_DUE, i] = due if due != F(0.0) else F(1e-3)  # 0 stands for no promise
    return True


@compiled
def follow_up(
    w: Arrays,
    rules: Rules,
    beat: Beat,
    key: np.uint64,
    provider: int,
    minutes: np.float32,
    ids: NDArray[np.int32],
) -> None:
    """Staff follow up what customers told: a promise kept, minutes of help, and trouble solved or tried in vain.

    Who turns out to be gone cannot be helped: the CRM's note is closed.
    """
    law, pace = law_in(rules), pace_in(beat)
    for n in range(ids.size):
        i = np.int64(ids[n])
        if w.codes[C.PROVIDER, i] == provider:
            attend(w, law, pace, key, provider, minutes, i)
        else:
            w.crm[w.crm_of[provider], K.TOLD, i] = F(0.0)


@compiled
def attend(
    w: Arrays, law: Law, pace: Pace, key: np.uint64, provider: int, minutes: np.float32, i: Whole
) -> None:
    """One customer's told trouble is attended to."""
    crm, segment = w.crm_of[provider], w.codes[C.SEGMENT, i]
    if w.crm[crm, K.TOLD, i] == F(0.0):
        return
    w.crm[crm, K.TOLD, i] = F(0.0)
    if w.state[S.PROMISE_DUE, i] != F(0.0):
        w.state[S.PROMISE_DUE, i] = F(0.0)
        w.counts[provider, segment, N.PROMISES_KEPT] += 1
    w.counts[provider, segment, N.EFFORT] += micros(minutes)
    experience(w, law, i, _HELP, w.traits[T.VALUE_OF_TIME, i] * minutes / F(60.0))
    luck = unit(bits(key, _ASK, i, w.codes[C.GENERATION, i], pace.occasion, 1)[0])
    if luck < w.levers[provider, L.SOLVED]:
        solve(w, law, i, w.state[S.UNTOLD_DROP, i], w.state[S.UNTOLD_HURT, i], True)
        w.state[S.UNTOLD_DROP, i] = F(0.0)
        w.state[S.UNTOLD_HURT, i] = F(0.0)
        w.counts[provider, segment, N.PROACTIVE] += 1
        w.crm[crm, K.SOLVED, i] += F(1.0)


@compiled
def check_in(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, provider: int, tag: int, weight: np.float32, cost: int,
    minutes: np.float32, lesson: np.float32, ids: NDArray[np.int32],
) -> None:  # fmt: skip
    """Staff call some people, ask how things are, attend at once to what they tell, and teach.

    Who does not answer costs the call only. A call that attends to trouble or teaches is what the customer needs, match
    1; any other has match 0. Teaching: `lesson` minutes replace so many uses in learning the product.

    Args:
        minutes, lesson: of a call in which trouble is told, and of instruction.
    """
    law, pace = law_in(rules), pace_in(beat)
    for n in range(ids.size):
        i = np.int64(ids[n])
        reach(w, law, pace, provider, tag, 1, weight, cost, i)
        fit = F(0.0)
        if w.codes[C.PROVIDER, i] == provider and hear(w, law, pace, key, provider, tag, 1, 0, i):
            fit = max(w.crm[w.crm_of[provider], K.TOLD, i], F(lesson > F(0.0)))
            attend(w, law, pace, key, provider, minutes, i)
            if lesson > F(0.0):
                w.state[S.USES, i] += law.lesson * lesson
                w.counts[provider, w.codes[C.SEGMENT, i], N.EFFORT] += micros(lesson)
                experience(w, law, i, _HELP, w.traits[T.VALUE_OF_TIME, i] * lesson / F(60.0))
        wake(w, law, i, fit)


@compiled
def invite(
    w: Arrays, rules: Rules, beat: Beat, key: np.uint64, provider: int, tag: int, channel: int, weight: np.float32,
    cost: int, seats: int, no_show: np.float32, worth: np.float32, per_head: int, meets: bool, ids: NDArray[np.int32],
) -> tuple[int, int]:  # fmt: skip
    """Invite some people to an event with limited seats; returns how many took a seat, and how many found none left.

    An invitation is a contact of match 0. A customer accepts with probability logistic(accept + taste for belonging +
    commitment + quality_weight (satisfaction - s_ref)) while seats last, in the order of `ids`; a seat costs whether
    its holder comes or not. Who comes has an experience of belonging and, where people meet there, gets to know others
    who come to such events.

    Args:
        seats: of the sample; no_show: probability not to come.
        worth: of the evening, in currency; per_head: cost of a seat, in millionths; meets: whether people meet.
    """
    law, pace = law_in(rules), pace_in(beat)
    taken = turned_away = 0
    for n in range(ids.size):
        i = np.int64(ids[n])
        reach(w, law, pace, provider, tag, channel, weight, cost, i)
        wake(w, law, i, F(0.0))
        if w.codes[C.PROVIDER, i] != provider:
            continue
        accepts, comes, _, _ = bits(key, _INVITE, i, w.codes[C.GENERATION, i], pace.occasion, 0)
        leaning = law.accept + w.traits[T.TASTE_BELONGING, i] + w.state[S.COMMITMENT, i]
        leaning += w.traits[T.QUALITY_WEIGHT, i] * (w.state[S.SATISFACTION, i] - law.s_ref)
        if unit(accepts) >= F(1.0) / (F(1.0) + exp32(-leaning)):
            continue
        if taken >= seats:
            turned_away += 1
            continue
        taken += 1
        segment = w.codes[C.SEGMENT, i]
        w.books[provider, segment, tag, A.FIXED] += per_head
        value(w, i, provider, np.int64(0), per_head, pace.discount_factor)
        if unit(comes) >= no_show:
            w.counts[provider, segment, N.ENGAGED] += 1
            w.crm[w.crm_of[provider], K.ATTENDED, i] += F(1.0)
            if meets:
                w.codes[C.CIRCLE, i] = w.codes[C.CIRCLE, i] | 2
            experience(w, law, i, _BELONGING, worth)
    return taken, turned_away


@compiled
def join_circle(
    w: Arrays, provider: int, monthly: np.float32, hassle_hours: np.float32, ids: NDArray[np.int32]
) -> int:
    """Ask some customers into the community; they join where belonging is worth its hassle to them; returns how many.

    taste for belonging * monthly worth * horizon > hassle * value of time, both in currency.
    """
    crm = w.crm_of[provider]
    joined = 0
    for n in range(ids.size):
        i = np.int64(ids[n])
        if w.codes[C.PROVIDER, i] != provider or (w.codes[C.CIRCLE, i] & 1) != 0:
            continue
        gain = w.traits[T.TASTE_BELONGING, i] * monthly * w.traits[T.HORIZON, i]
        if gain > hassle_hours * w.traits[T.VALUE_OF_TIME, i]:
            w.codes[C.CIRCLE, i] = w.codes[C.CIRCLE, i] | 1
            w.crm[crm, K.CIRCLE, i] = F(1.0)
            w.counts[provider, w.codes[C.SEGMENT, i], N.EFFORT] += micros(F(60.0) * hassle_hours)
            joined += 1
    return joined


@compiled
def close_community(w: Arrays, provider: int) -> None:
    """A community ends: nobody is a member any more; who met at events still knows the others."""
    crm = w.crm_of[provider]
    for i in range(w.codes.shape[1]):
        if w.codes[C.PROVIDER, i] == provider:
            w.codes[C.CIRCLE, i] = w.codes[C.CIRCLE, i] & 2
            w.crm[crm, K.CIRCLE, i] = F(0.0)


@compiled
def review_levels(w: Arrays, rules: Rules, beat: Beat, provider: int, first: bool) -> None:
    """The yearly review of a tiered programme: last year's spend gives the level, and a new year of spend begins.

    Args:
        first: at the start the past year's spend is what a year comes to at the customer's list price and pace.
    """
    law, pace = law_in(rules), pace_in(beat)
    crm = w.crm_of[provider]
    for i in range(w.codes.shape[1]):
        if w.codes[C.PROVIDER, i] == provider:
            spent = paid_year(w, i)
            if first:
                bought = F(12.0)
                if law.no_contract:
                    days = max(pace.day - w.crm[crm, K.JOINED, i], F(DAYS_PER_YEAR))
                    bought = w.crm[crm, K.PURCHASES, i] * F(DAYS_PER_YEAR) / days
                spent = w.crm[crm, K.PRICE, i] * bought
            move_to_level(w, law, i, provider, level_of(w, provider, spent))
            w.money[V.PAID_YEAR, i] = 0
            w.crm[crm, K.SPEND_YEAR, i] = F(0.0)


@compiled
def close_levels(w: Arrays, rules: Rules, provider: int) -> None:
    """A tiered programme ends: everybody's level is gone, and felt."""
    law = law_in(rules)
    for i in range(w.codes.shape[1]):
        if w.codes[C.PROVIDER, i] == provider:
            move_to_level(w, law, i, provider, np.int64(0))
