"""Settle the outboxes: carry out what strategies asked for, in a fixed order, within caps and budgets."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from agents import dialogue, move, observe, touch
from agents.columns import A, K, L, N
from agents.law import Pace
from agents.market import KINDS
from agents.outbox import (
    Advertise,
    Arm,
    Ask,
    CheckIn,
    Community,
    Contact,
    Employ,
    Enrol,
    FollowUp,
    Hire,
    Ids,
    Invest,
    Invite,
    JoinCommunity,
    Levels,
    Offer,
    Programme,
    Reach,
    Referral,
    Reprice,
    Request,
    ReviewLevels,
    Serve,
    Spend,
    Stage,
    Standing,
    Train,
    Welcome,
)
from agents.provider import Provider
from sim.luck import Decision, uniforms
from sim.marketplace import Pulse
from sim.order import by_place
from sim.quantities import DAYS_PER_MONTH, MICROS

_MONTHLY = [K.CONTACTS_MONTH, K.MESSAGES_MONTH, K.CALLS_MONTH, K.LETTERS_MONTH]
"""Counters of contacts that begin anew each month."""
_ALL = 0
"""The tag of ordinary business, under which also stands what all strategies together have committed."""


_MANY = 20_000
"""Above so many people it pays to contact them in the order of their slots: nobody's contact depends on another's."""
PATIENCE = 28.0
"""Days that a contact waits for somebody whom other strategies keep contacting before it is given up."""


def begin_month(provider: Provider, month: int) -> None:
    """What counts from the beginning of a month counts anew: budgets, staff hours, contacts."""
    provider.month = month
    provider.committed.clear()
    provider.worked.clear()
    if provider.has_crm:
        world = provider.world
        world.arrays.crm[world.arrays.crm_of[provider.number], _MONTHLY] = 0.0


def settle(provider: Provider, pace: Pace) -> None:
    """Carry out everything in a provider's outbox."""
    for request in provider.outbox.take():
        carry_out(request, provider, pace)


@singledispatch
def carry_out(request: Request, provider: Provider, pace: Pace) -> None:
    """Do what a request asks for.

    Raises:
        TypeError: for a kind of request that nobody settles.
    """
    raise TypeError(f"no lever settles {type(request).__name__}")


def pay(provider: Provider, tag: int, account: A, amount: float) -> None:
    """Book an amount of the firm, in currency, over the segments of the present customers."""
    world = provider.world
    world.ledger.book(provider.number, tag, account, amount, world.present(provider.number))


@carry_out.register
def _(request: Spend, provider: Provider, pace: Pace) -> None:
    pay(provider, request.tag, A.UPFRONT if request.upfront else A.FIXED, request.amount)


@carry_out.register
def _(request: Standing, provider: Provider, pace: Pace) -> None:
    provider.standing[request.tag] = request.per_month


@carry_out.register
def _(request: Invest, provider: Provider, pace: Pace) -> None:
    pay(
        provider,
        request.tag,
        A.UPFRONT if request.upfront else A.FIXED,
        request.amount * provider.firm_customers,
    )
    provider.product.invest(request.kind, request.amount, float(pace.day), provider.world.market.product)


@carry_out.register
def _(request: Hire, provider: Provider, pace: Pace) -> None:
    service = provider.service
    if service is not None:
        service.hire(request.tag, service.people * request.people_share, request.hours)


@carry_out.register
def _(request: Train, provider: Provider, pace: Pace) -> None:
    provider.trained[request.tag] = request.solved
    provider.set_solved()


@carry_out.register
def _(request: Reprice, provider: Provider, pace: Pace) -> None:
    world = provider.world
    row = world.levers[provider.number]
    if request.level > row[L.PRICE]:
        touch.prompt(world.arrays, provider.number, np.float32(world.market.gate.p_price_rise))
    row[L.PRICE] = request.level


@carry_out.register
def _(request: Welcome, provider: Provider, pace: Pace) -> None:
    row = provider.world.levers[provider.number]
    row[L.WELCOME_DEPTH], row[L.WELCOME_MONTHS], row[L.WELCOME_TAG] = (
        request.depth,
        request.months,
        request.tag,
    )


@carry_out.register
def _(request: Advertise, provider: Provider, pace: Pace) -> None:
    provider.adverts[request.tag] = (request.reach, request.cost_per_reach)
    provider.set_adverts()


@carry_out.register
def _(request: Programme, provider: Provider, pace: Pace) -> None:
    row = provider.world.levers[provider.number]
    row[L.EARN], row[L.BURN_AT] = request.earn, request.burn_at
    row[L.PROGRAMME_TAG], row[L.PROGRAMME_HASSLE] = request.tag, request.hassle_hours


@carry_out.register
def _(request: Enrol, provider: Provider, pace: Pace) -> None:
    world = provider.world
    touch.enrol(world.arrays, world.rules, provider.number, request.ids)


def on_calendar(
    request: Reach, provider: Provider, pace: Pace, costs: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Positions in a request's ids that the contact calendar and the budgets let through, most important first.

    Nobody is contacted more often in a month than the provider's cap and the channel's allow, nor twice on a day: who
    has been reached by another strategy already waits for the next pulse, at most `PATIENCE` days. Then the budgets of
    the strategy and of all are spent from the top. What is refused is counted by rule.

    Args:
        costs: currency that reaching each of the ids may cost, or one amount for each.
    """
    size = request.ids.size
    if not size:
        return np.empty(0, np.int64)
    world, channel, day = provider.world, provider.world.channels[request.channel], float(pace.day)
    chosen, late = np.empty((2, size), np.int64)
    number, waiting, capped, capped_in_channel, too_dear, too_dear_for_all, spent = touch.admitted(
        world.arrays.crm[world.arrays.crm_of[provider.number]], request.ids, channel.number,
        float(world.market.contacts.cap), channel.cap, pace.day, costs, world.ledger.scale,
        *_left_to_spend(provider, request), chosen, late,
    )  # fmt: skip
    if capped or capped_in_channel:
        provider.refuse(request.slot, "cap", capped)
        provider.refuse(request.slot, f"cap on {request.channel}s", capped_in_channel)
    if waiting and (request.since is None or day - request.since < PATIENCE):
        provider.outbox.put(request.later(late[:waiting], day))
    else:
        provider.refuse(request.slot, "one contact a day", waiting)
    _spend(provider, request, spent, too_dear, too_dear_for_all)
    return chosen[:number]


@carry_out.register
def _(request: Contact, provider: Provider, pace: Pace) -> None:
    world = provider.world
    channel = world.channels[request.channel]
    costs = np.array([channel.cost])
    if request.depth > 0.0:
        costs = channel.cost + request.depth * request.months * _monthly_price(provider, request.ids)
    chosen = on_calendar(request, provider, pace, costs)
    if not chosen.size:
        return
    if chosen.size > _MANY:
        chosen = chosen[by_place(request.ids[chosen], len(world.people))]
    ids, topics = request.ids[chosen], request.topics[chosen]
    world.side_by_side(
        lambda span: touch.contact(
            world.arrays_of(span), world.rules, pace.beat, world.key, provider.number, request.tag, channel.number,
            channel.weight, channel.micros, request.content, topics, ids, span.low, span.high,
        )
    )  # fmt: skip
    if request.depth > 0.0:
        _discount(provider, request.tag, ids, request.depth, request.months, pace)


@carry_out.register
def _(request: Ask, provider: Provider, pace: Pace) -> None:
    world = provider.world
    channel = world.channels[request.channel]
    chosen = on_calendar(request, provider, pace, np.array([channel.cost + request.answer_cost]))
    dialogue.ask(
        world.arrays, world.rules, pace.beat, world.key, provider.number, request.tag, channel.number,
        channel.weight, channel.micros, round(request.answer_cost * MICROS), request.ids[chosen],
    )  # fmt: skip


@carry_out.register
def _(request: Invite, provider: Provider, pace: Pace) -> None:
    world = provider.world
    channel = world.channels[request.channel]
    ids = request.ids[on_calendar(request, provider, pace, np.array([channel.cost]))]
    seats = _whole(provider, request, request.seats / world.ledger.scale, pace)
    if request.ties > 0.0:
        world.levers[provider.number, L.EVENT_TIES] = request.ties
    _, turned_away = dialogue.invite(
        world.arrays, world.rules, pace.beat, world.key, provider.number, request.tag, channel.number,
        channel.weight, channel.micros, seats, np.float32(request.no_show), np.float32(request.worth),
        round(request.per_head * MICROS), request.ties > 0.0, ids,
    )  # fmt: skip
    provider.refuse(request.slot, "seats", turned_away)


def _whole(provider: Provider, request: Request, amount: float, pace: Pace) -> int:
    """A whole number of the sample for any amount: a fraction counts by luck, so that the mean is right."""
    identity = provider.running[request.slot].identity
    nobody = np.zeros(1, np.int32)
    luck = uniforms(
        provider.world.key, int(Decision.INVITE), nobody, nobody.astype(np.int8), pace.occasion, identity
    )
    return int(amount + 1e-9 + float(luck[0]) * (1.0 - 1e-6))


@carry_out.register
def _(request: CheckIn, provider: Provider, pace: Pace) -> None:
    world = provider.world
    channel = world.channels[request.channel]
    ids = request.ids[on_calendar(request, provider, pace, np.array([channel.cost]))]
    ids = ids[: _staffed(provider, request, ids.size, request.minutes + request.lesson)]
    dialogue.check_in(
        world.arrays, world.rules, pace.beat, world.key, provider.number, request.tag, channel.weight,
        channel.micros, np.float32(request.minutes), np.float32(request.lesson), ids,
    )  # fmt: skip


@carry_out.register
def _(request: FollowUp, provider: Provider, pace: Pace) -> None:
    world = provider.world
    ids = request.ids[: _staffed(provider, request, request.ids.size, request.minutes)]
    dialogue.follow_up(
        world.arrays, world.rules, pace.beat, world.key, provider.number, np.float32(request.minutes), ids
    )


def _staffed(provider: Provider, request: Request, wanted: int, minutes: float) -> int:
    """How many customers the strategy's staff still has minutes for in this month; commits their time."""
    scale = provider.world.ledger.scale
    left = provider.crews.get(request.tag, 0.0) * 60.0 - provider.worked.get(request.tag, 0.0)
    number = wanted if minutes <= 0.0 else min(wanted, max(0, int(left / (minutes * scale) + 1e-9)))
    provider.worked[request.tag] = provider.worked.get(request.tag, 0.0) + number * minutes * scale
    provider.refuse(request.slot, "staff hours", wanted - number)
    return number


@carry_out.register
def _(request: Employ, provider: Provider, pace: Pace) -> None:
    provider.crews[request.tag] = request.hours


@carry_out.register
def _(request: Stage, provider: Provider, pace: Pace) -> None:
    world = provider.world
    row = world.levers[provider.number]
    row[L.STAGED], row[L.STAGE_TAG] = request.share, request.tag
    if request.share < 1.0:
        row[L.FRICTION_BEFORE : L.FAILURE_BEFORE + 1] = row[L.FRICTION : L.FAILURE + 1]
        row[L.WAVE] += 1.0
    observe.note_stage(world.arrays, world.key, provider.number)


@carry_out.register
def _(request: Community, provider: Provider, pace: Pace) -> None:
    row = provider.world.levers[provider.number]
    row[L.PEERS], row[L.CIRCLE_TIES], row[L.COMMUNITY_TAG] = request.peers, request.ties, request.tag


@carry_out.register
def _(request: JoinCommunity, provider: Provider, pace: Pace) -> None:
    world = provider.world
    dialogue.join_circle(
        world.arrays, provider.number, np.float32(request.monthly), np.float32(request.hassle_hours),
        request.ids,
    )  # fmt: skip


@carry_out.register
def _(request: Levels, provider: Provider, pace: Pace) -> None:
    row = provider.world.levers[provider.number]
    row[L.TIER_1 : L.TIER_3 + 1] = request.thresholds
    row[L.BENEFIT_1 : L.BENEFIT_3 + 1] = request.benefits
    row[L.STATUS], row[L.TIER_REVIEW], row[L.TIER_TAG] = request.status, request.review, request.tag


@carry_out.register
def _(request: ReviewLevels, provider: Provider, pace: Pace) -> None:
    world = provider.world
    dialogue.review_levels(world.arrays, world.rules, pace.beat, provider.number, request.first)


@carry_out.register
def _(request: Referral, provider: Provider, pace: Pace) -> None:
    row = provider.world.levers[provider.number]
    row[L.REFERRAL_REWARD], row[L.REFERRAL_GIFT] = request.reward, request.gift
    row[L.REFERRAL_TAG] = request.tag


@carry_out.register
def _(request: Arm, provider: Provider, pace: Pace) -> None:
    world = provider.world
    world.arrays.crm[world.arrays.crm_of[provider.number], K.ARM, request.ids] = request.arm


@carry_out.register
def _(request: Offer, provider: Provider, pace: Pace) -> None:
    costs, size = request.depth * request.months * _monthly_price(provider, request.ids), request.ids.size
    by_own, number, spent = touch.within(
        costs, np.arange(size), provider.world.ledger.scale, *_left_to_spend(provider, request)
    )
    _spend(provider, request, spent, size - by_own, by_own - number)
    _discount(provider, request.tag, request.ids[:number], request.depth, request.months, pace)


@carry_out.register
def _(request: Serve, provider: Provider, pace: Pace) -> None:
    world = provider.world
    touch.serve(
        world.arrays, world.rules, pace.beat, provider.number, request.tag, KINDS.index(request.kind), request.quantity,
        round(request.cost * MICROS), request.ids,
    )  # fmt: skip


def _monthly_price(provider: Provider, ids: Ids) -> NDArray[np.float64]:
    """What the CRM takes some customers to pay a month at list."""
    world = provider.world
    crm = world.arrays.crm[world.arrays.crm_of[provider.number]]
    price: NDArray[np.float64] = crm[K.PRICE, ids].astype(np.float64)
    if world.law.no_contract:
        days = np.maximum(crm[K.LAST_PURCHASE, ids] - crm[K.JOINED, ids], 30.0)
        price *= crm[K.PURCHASES, ids] / days * DAYS_PER_MONTH
    return price


def _left_to_spend(provider: Provider, request: Request) -> tuple[float, float]:
    """What is left of this month's budgets of the firm, the strategy's and that of all, in currency."""
    own, committed = provider.running[request.slot].strategy, provider.committed
    customers, of_all = provider.firm_customers, provider.world.market.rules.budget
    return (
        own.budget * own.intensity * customers - committed.get(request.tag, 0.0),
        of_all * customers - committed.get(_ALL, 0.0),
    )


def _spend(provider: Provider, request: Request, spent: float, too_dear: int, too_dear_for_all: int) -> None:
    """Commit what contacts or offers cost the firm, and count whom the strategy's budget and that of all refused."""
    provider.refuse(request.slot, "budget", too_dear)
    provider.refuse(request.slot, "budget of all", too_dear_for_all)
    if spent:
        committed = provider.committed
        for tag in (request.tag, _ALL):
            committed[tag] = committed.get(tag, 0.0) + spent


def _discount(provider: Provider, tag: int, ids: Ids, depth: float, months: float, pace: Pace) -> None:
    end = np.float32(pace.day + np.float32(months * DAYS_PER_MONTH))
    move.discount_many(provider.world.arrays, pace.beat, provider.number, ids, np.float32(depth), end, tag)


def run_standing(provider: Provider, pulse: Pulse) -> None:
    """Pay what strategies have running in a pulse, standing orders and people; let product releases come."""
    world, share = provider.world, pulse.days / DAYS_PER_MONTH
    hired = {} if provider.service is None else provider.service.hired
    orders = (
        pulse.days, world.ledger.scale,
        tuple(provider.standing.items()), tuple(provider.crews.items()), tuple(hired.items()),
    )  # fmt: skip
    if provider.standing_costs[0] != orders:  # They seldom change.
        provider.standing_costs = orders, _standing_costs(provider, pulse.days)
    world.ledger.book_all(provider.standing_costs[1], world.counts[:-1, :, N.PRESENT])
    if provider.adverts:
        others = (len(world.people) - int(world.present(provider.number).sum())) * world.ledger.scale
        for tag, (reach, cost) in provider.adverts.items():
            pay(provider, tag, A.FIXED, reach * cost * others * share)
    if provider.product.advance(pulse.end, pulse.days, world.market.product):
        set_rates(provider)


def _standing_costs(provider: Provider, days: float) -> NDArray[np.int64]:
    """What standing orders, named staff and people added at the desk cost in some days; see `Ledger.book_all`."""
    share, wage = days / DAYS_PER_MONTH, provider.world.market.money.wage
    added = {} if provider.service is None else provider.service.added_hours(days)
    amounts = [
        *((tag, A.FIXED, amount * share) for tag, amount in provider.standing.items()),
        *((tag, A.WAGES, hours * share * wage) for tag, hours in provider.crews.items()),
        *((tag, A.WAGES, hours * wage) for tag, hours in added.items()),
    ]
    total = provider.world.ledger.total
    rows = [(provider.number, tag, account, total(amount)) for tag, account, amount in amounts]
    return np.array(rows, np.int64).reshape(-1, 4)


def set_rates(provider: Provider) -> None:
    """The incidents' rates are the product's own, lowered by what investment removed."""
    world = provider.world
    service, firm = world.market.service, world.market.providers[provider.number]
    for column, kind in ((L.FRICTION, "friction"), (L.DOUBT, "doubt"), (L.FAILURE, "failure")):
        rate = getattr(service, kind) * firm.incidents / DAYS_PER_MONTH
        world.levers[provider.number, column] = rate * provider.product.remaining(kind, world.market.product)
