"""Settle the outboxes: carry out what strategies asked for, in a fixed order, within caps and budgets."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from agents import move, touch
from agents.columns import A, K, L
from agents.law import Pace
from agents.market import CHANNELS, KINDS
from agents.outbox import (
    Advertise,
    Contact,
    Enrol,
    Hire,
    Ids,
    Invest,
    Offer,
    Programme,
    Reprice,
    Request,
    Serve,
    Spend,
    Standing,
    Train,
    Welcome,
)
from agents.provider import Provider
from agents.world import spread_adverts
from sim.marketplace import Pulse
from sim.quantities import DAYS_PER_MONTH, MICROS


def settle(provider: Provider, pulse: Pulse, pace: Pace) -> None:
    """Carry out everything in a provider's outbox."""
    month = int(pulse.day // DAYS_PER_MONTH)
    if month != provider.month:
        provider.month = month
        provider.committed.clear()
        if provider.has_crm:
            world = provider.world
            world.arrays.crm[world.arrays.crm_of[provider.number], K.CONTACTS_MONTH] = 0.0
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
        service.hire(
            request.tag, service.people * request.people_share, request.hours, service.desk.state.day
        )


@carry_out.register
def _(request: Train, provider: Provider, pace: Pace) -> None:
    provider.trained[request.tag] = request.solved
    set_solved(provider)


def set_solved(provider: Provider) -> None:
    """First-contact resolution is the best that today's or a strategy's training gives."""
    provider.world.levers[provider.number, L.SOLVED] = max(
        provider.world.market.service.solved, *provider.trained.values(), 0.0
    )


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
    set_adverts(provider)


def set_adverts(provider: Provider) -> None:
    """Advertising is today's and what strategies add."""
    world = provider.world
    reach = world.market.providers[provider.number].adverts + sum(
        reach for reach, _ in provider.adverts.values()
    )
    world.levers[provider.number, L.ADVERTS] = reach / DAYS_PER_MONTH
    spread_adverts(world.levers, world.market.gate.p_advert)


@carry_out.register
def _(request: Programme, provider: Provider, pace: Pace) -> None:
    row = provider.world.levers[provider.number]
    row[L.EARN], row[L.BURN_AT] = request.earn, request.burn_at
    row[L.PROGRAMME_TAG], row[L.PROGRAMME_HASSLE] = request.tag, request.hassle_hours


@carry_out.register
def _(request: Enrol, provider: Provider, pace: Pace) -> None:
    world = provider.world
    touch.enrol(world.arrays, world.law, provider.number, request.ids)


@carry_out.register
def _(request: Contact, provider: Provider, pace: Pace) -> None:
    world, contacts = provider.world, provider.world.market.contacts
    channel = CHANNELS.index(request.channel)
    cost = float(getattr(contacts, f"cost_{request.channel}"))
    crm = world.arrays.crm[world.arrays.crm_of[provider.number]]
    ids = request.ids
    free = (crm[K.CONTACTS_MONTH, ids] < contacts.cap) & (crm[K.LAST_CONTACT, ids] != pace.day)
    provider.bound["cap"] = provider.bound.get("cap", 0) + int(ids.size - free.sum())
    offered = (
        request.depth * request.months * _monthly_price(provider, ids)
        if request.depth > 0.0
        else np.zeros(ids.size)
    )
    chosen = np.flatnonzero(free)
    chosen = chosen[: _affordable(provider, request, (cost + offered)[chosen])]
    ids, topics = ids[chosen], request.topics[chosen]
    touch.contact(
        world.arrays, world.law, pace, world.key, provider.number, request.tag, channel,
        np.float32(getattr(contacts, f"weight_{request.channel}")), round(cost * MICROS), request.content, topics, ids,
    )  # fmt: skip
    if request.depth > 0.0:
        _discount(provider, request.tag, ids, request.depth, request.months, pace)


@carry_out.register
def _(request: Offer, provider: Provider, pace: Pace) -> None:
    commitment = request.depth * request.months * _monthly_price(provider, request.ids)
    ids = request.ids[: _affordable(provider, request, commitment)]
    _discount(provider, request.tag, ids, request.depth, request.months, pace)


@carry_out.register
def _(request: Serve, provider: Provider, pace: Pace) -> None:
    world = provider.world
    touch.serve(
        world.arrays, world.law, pace, provider.number, request.tag, KINDS.index(request.kind), request.quantity,
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


def _affordable(provider: Provider, request: Request, costs: NDArray[np.float64]) -> int:
    """How many of the first customers this month's budget of the strategy still pays for; commits their cost."""
    world = provider.world
    strategy = provider.running[request.slot].strategy
    left = strategy.budget * strategy.intensity * provider.firm_customers - provider.committed.get(
        request.tag, 0.0
    )
    spent = np.cumsum(costs) * world.ledger.scale
    number = int(np.searchsorted(spent, left, side="right"))
    if number:
        provider.committed[request.tag] = provider.committed.get(request.tag, 0.0) + float(spent[number - 1])
    if number < costs.size:
        provider.bound[request.slot] = provider.bound.get(request.slot, 0) + int(costs.size - number)
    return number


def _discount(provider: Provider, tag: int, ids: Ids, depth: float, months: float, pace: Pace) -> None:
    end = np.float32(pace.day + np.float32(months * DAYS_PER_MONTH))
    move.discount_many(provider.world.arrays, pace, provider.number, ids, np.float32(depth), end, tag)


def run_standing(provider: Provider, pulse: Pulse) -> None:
    """Pay what runs by itself in a pulse: standing orders, advertising, the desk; let the product's releases come."""
    world, share = provider.world, pulse.days / DAYS_PER_MONTH
    for tag, amount in sorted(provider.standing.items()):
        pay(provider, tag, A.FIXED, amount * share)
    for tag, (reach, cost) in sorted(provider.adverts.items()):
        others = (len(world.people) - int(world.present(provider.number).sum())) * world.ledger.scale
        pay(provider, tag, A.FIXED, reach * cost * others * share)
    if provider.service is not None:
        for tag, hours in sorted(provider.service.paid_hours(pulse.days).items()):
            pay(provider, tag, A.WAGES, hours * world.market.money.wage)
    if provider.product.advance(pulse.end, pulse.days, world.market.product):
        set_rates(provider)


def set_rates(provider: Provider) -> None:
    """The incidents' rates are the product's own, lowered by what investment removed."""
    world = provider.world
    service, firm = world.market.service, world.market.providers[provider.number]
    for column, kind in ((L.FRICTION, "friction"), (L.DOUBT, "doubt"), (L.FAILURE, "failure")):
        rate = getattr(service, kind) * firm.incidents / DAYS_PER_MONTH
        world.levers[provider.number, column] = rate * provider.product.remaining(kind, world.market.product)
