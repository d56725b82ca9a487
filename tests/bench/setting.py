"""The markets in which the model and its peers are compared, and what is read off each of them.

`SAME` makes the shipped telecom market one in which all three do the same: everybody joins the focal provider on day 0,
nobody runs a strategy or knows anybody, tastes stand still, and tickets are answered at once. `BUSY` makes more happen in it, so that a small run can tell
a difference: ten times the attention, twice the incidents, more people who move away, and some who want no provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from statistics import fmean

from agents.columns import A, N, S
from agents.market import Market
from agents.model import MarketModel
from agents.segments import Customers
from experiments.assembly import assemble
from experiments.compose import Resolved, compose
from sim.luck import Luck
from sim.quantities import DAYS_PER_MONTH, MICROS
from tests.bench.customer import Customer, Place

SAME = (
    "market=telecom",
    "scenarios=[none]",
    "market.start=cohort",
    "market.service.desk=false",
    "market.network.ties=0",
    "market.people.drift.fashion=0",
    "market.people.drift.renewed=0",
)
BUSY = (
    *SAME,
    "market.gate.attention=0.002",
    "market.service.friction=0.6",
    "market.service.doubt=0.5",
    "market.service.failure=0.1",
    "market.people.involuntary=0.05",
    "market.people.need_change=1",
    "market.choice.category_exit=-5",
    "market.experience.kappa=2",
)


@dataclass(frozen=True)
class Observed:
    """What a run came to, over all firms: events and money per customer-month, shares of people at the end."""

    churn: float
    involuntary: float
    looks: float
    looks_of_none: float
    joins: float
    incidents: float
    tickets: float
    revenue: float
    focal: float
    none: float
    satisfaction: float


NAMES = tuple(field.name for field in fields(Observed))


@cache
def resolved(overrides: tuple[str, ...]) -> Resolved:
    """The configuration with these overrides."""
    return compose(overrides)


def parameters(overrides: Sequence[str], size: int) -> tuple[Market, Customers]:
    """Market and customers of a configuration with a number of people."""
    world = resolved((*overrides, f"market.customers={size}", f"firm_customers={max(size, 250_000)}")).world
    return world.market, world.customers


def real(market: Market, customers: Customers, seed: int, replicate: int) -> MarketModel:
    """The real model on the day of the fork, running nothing; its `warm_up` is over."""
    none = resolved(SAME).world.scenarios[0]
    focal = market.providers[0].name
    model = assemble(market, customers, none, (none,), focal, Luck(seed, replicate), learning=False)
    model.warm_up()
    return model


def observed(model: MarketModel) -> Observed:
    """Read off a run of the real model."""
    world = model.world
    counts = world.counts.sum(axis=1)
    firms, people = counts[:-1], world.people
    months = firms[:, N.CUSTOMER_DAYS].sum() / 1e6 / DAYS_PER_MONTH
    staying = people.provider >= 0
    return Observed(
        churn=float(firms[:, N.LEFT].sum() / months),
        involuntary=float(firms[:, N.LEFT_INVOLUNTARY].sum() / months),
        looks=float(firms[:, N.LOOKS].sum() / months),
        looks_of_none=float(counts[-1, N.LOOKS] / months),
        joins=float(firms[:, N.JOINED].sum() / months),
        incidents=float(firms[:, N.INCIDENTS].sum() / months),
        tickets=float(firms[:, N.TICKETS].sum() / months),
        revenue=float(world.arrays.books[..., A.REVENUE].sum() / MICROS / months),
        focal=float((people.provider == 0).mean()),
        none=float((~staying).mean()),
        satisfaction=float(people.state[S.SATISFACTION, staying].mean()),
    )


def observed_of_peer(place: Place, customers: Iterable[Customer]) -> Observed:
    """Read off a run of a peer."""
    firms, everybody = place.firms, list(customers)
    months = sum(firm.customer_days for firm in firms) / DAYS_PER_MONTH
    return Observed(
        churn=sum(firm.left for firm in firms) / months,
        involuntary=sum(firm.left_involuntary for firm in firms) / months,
        looks=sum(firm.looks for firm in firms) / months,
        looks_of_none=place.looks_of_none / months,
        joins=sum(firm.joined for firm in firms) / months,
        incidents=sum(firm.incidents for firm in firms) / months,
        tickets=sum(firm.tickets for firm in firms) / months,
        revenue=sum(firm.revenue for firm in firms) / months,
        focal=firms[0].customers / len(everybody),
        none=sum(person.firm is None for person in everybody) / len(everybody),
        satisfaction=fmean(person.satisfaction for person in everybody if person.firm is not None),
    )
