"""Measure a finished run: from its records to metrics.

Counts and money are sums of whole numbers, so that providers and segments add up exactly; rates are computed from the
sums. Money of the firm is the sample's times `scale`. Undefined values (a share of nobody) are NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.columns import SPENDING, A, N, V
from agents.model import MarketModel
from experiments.metrics import METRICS, TIMELINE
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR, MICROS

_COSTS = (A.SERVICE, A.ACQUISITION, *SPENDING)
_FIXED_FREE = ("EARNED", "BURNT", "FORFEITED")
Floats = NDArray[np.float64]


def with_totals(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Append the sum over providers to axis 0 and the sum over segments to axis 1; leave out the row of none before."""
    table = np.concatenate([table, table.sum(axis=0, keepdims=True)])
    return np.concatenate([table, table.sum(axis=1, keepdims=True)], axis=1)


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """A part over its whole in double precision, NaN where the whole is 0."""
    below = np.asarray(whole, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below == 0.0, np.nan, np.asarray(part, np.float64) / below)


def profit(books: NDArray[np.int64]) -> NDArray[np.int64]:
    """Revenue and exit fees less all cost, from books with accounts on the last axis."""
    income = books[..., A.REVENUE] + books[..., A.EXIT_FEE]
    return np.asarray(income - books[..., list(_COSTS)].sum(axis=-1))


def spending(books: NDArray[np.int64]) -> NDArray[np.int64]:
    """All cost of strategies, discounts included, from the part of the books that is tagged."""
    return np.asarray(books[..., list(SPENDING)].sum(axis=-1))


def value_of_starters(model: MarketModel) -> NDArray[np.int64]:
    """Discounted value of the customers of the fork, int64 [providers, segments], millionths of the sample.

    It is their own value less their share of what is booked for all.

    What no single customer causes (wages, platforms, upkeep) is shared by all who are present; wages for minutes worked
    on customers' tickets are in their own value already and are taken out of the shared part.
    """
    total = np.zeros_like(model.starters)
    origin, segment = model.at_fork.provider, model.at_fork.segment
    starters = origin >= 0
    np.add.at(total, (origin[starters], segment[starters]), model.world.arrays.money[V.VALUE, starters])
    return total - model.starters_fixed


def runs_of(model: MarketModel) -> Floats:
    """Metrics of a run, float64 [providers + 1, segments + 1, metrics]; the last of the first two axes is `all`.

    Metrics that compare with the baseline or look beyond the horizon are NaN here; `experiments.assembly` fills them.
    """
    world = model.world
    last = model.history.readings[-1]
    own = with_totals(last.counts[:-1])
    scale = world.ledger.scale
    days = ratio(own[..., N.CUSTOMER_DAYS], np.float64(1e6))
    months = days / DAYS_PER_MONTH
    people = with_totals(last.counts[:, :, [N.PRESENT]])[-1, :, 0]
    starters = with_totals(model.starters)
    value = with_totals(value_of_starters(model))
    everyone = with_totals(last.counts)
    surplus = own[..., [N.SURPLUS, N.SURPLUS_RECORDED]].copy()
    surplus[-1] = everyone[-1][:, [N.SURPLUS, N.SURPLUS_RECORDED]]
    spent = with_totals(last.spent)
    values = {
        "churn_rate": ratio(own[..., N.LEFT] + own[..., N.LEFT_INVOLUNTARY], months),
        "churn_voluntary": ratio(own[..., N.LEFT], months),
        "retention": ratio(own[..., N.UNBROKEN], starters),
        "retention_present": ratio(own[..., N.STARTERS_PRESENT], starters),
        "lifetime_value": ratio(value, starters) / MICROS,
        "customer_equity": profit(with_totals(last.discounted)) * scale / MICROS,
        "profit": profit(with_totals(last.books)) * scale / MICROS,
        "cost": spending(spent) * scale / MICROS,
        "cost_upfront": spent[..., A.UPFRONT] * scale / MICROS,
        "customers_end": own[..., N.PRESENT] * scale,
        "market_share": ratio(own[..., N.PRESENT], people[None, :]),
        "satisfaction": ratio(own[..., N.SATISFACTION], own[..., N.RECORDED]) / MICROS,
        "pressure": ratio(own[..., N.PRESSURE], own[..., N.RECORDED]) / MICROS,
        "contacts": ratio(own[..., N.CONTACTS], months),
        "engagement": ratio(own[..., N.ENGAGED], months),
        "loyalty": ratio(own[..., N.COMMITMENT], own[..., N.RECORDED]) / MICROS,
        "referrals": ratio(own[..., N.REFERRALS], months / 12.0),
        "proactivity": ratio(own[..., N.PROACTIVE], own[..., N.INCIDENTS]),
        "relationship_share": ratio(own[..., N.HELD], own[..., N.STAYED]),
        "trust": ratio(own[..., N.PROMISES_KEPT] - own[..., N.PROMISES_BROKEN], months / 12.0),
        "vulnerability": ratio(own[..., N.VULNERABLE], own[..., N.COMPARED]) / MICROS,
        "effort": ratio(own[..., N.EFFORT], months) / MICROS,
        "better_off_elsewhere": ratio(own[..., N.BETTER_ELSEWHERE], own[..., N.COMPARED]) / MICROS,
        "freedom_to_leave": ratio(own[..., N.FREEDOM], own[..., N.COMPARED]) / MICROS,
        "knowledge": ratio(own[..., N.KNOWN_RIGHT], own[..., N.KNOWN]),
        "personalisation": ratio(own[..., N.FIT], months) / MICROS,
        "looks": ratio(own[..., N.LOOKS], months / 12.0),
        "customer_surplus": ratio(surplus[..., 0], surplus[..., 1]) / MICROS,
    }
    values |= {name: cost * scale / MICROS for name, cost in running_cost(model).items()}
    undefined = np.full(starters.shape, np.nan)
    return np.stack([values.get(name, undefined) for name in METRICS], axis=-1)


def running_cost(model: MarketModel) -> dict[str, Floats]:
    """Cost without what was paid at the start, millionths of the sample: in the first year, and per year after it.

    The year ends between two readings as a rule: what lies between them is taken to have been spent evenly.
    """
    readings = model.history.readings
    days = np.array([0.0, *(reading.day for reading in readings)])

    def spent(place: int) -> Floats:
        """Up to the place-th of the days."""
        total = with_totals(readings[max(place, 1) - 1].spent)
        return np.asarray((spending(total) - total[..., A.UPFRONT]) * float(place > 0))

    year = min(DAYS_PER_YEAR, days[-1])
    place = int(np.searchsorted(days, year - 1e-6))
    part = (year - days[place - 1]) / (days[place] - days[place - 1])
    first = spent(place - 1) + (spent(place) - spent(place - 1)) * part
    later = (days[-1] - DAYS_PER_YEAR) / DAYS_PER_YEAR
    after = (spent(len(readings)) - first) / later if later > 1e-9 else np.full(first.shape, np.nan)
    return {"cost_first_year": first, "cost_later": after}


def projected_value(model: MarketModel) -> Floats:
    """Value per customer of the fork up to now, float64 [providers + 1, segments + 1]: for worlds that were run on."""
    return ratio(with_totals(value_of_starters(model)), with_totals(model.starters)) / MICROS


def discounted_cost(model: MarketModel) -> Floats:
    """Discounted cost of the firm's strategies, in currency, float64 [providers + 1, segments + 1]."""
    last = model.history.readings[-1]
    return np.asarray(spending(with_totals(last.spent_discounted)) * model.world.ledger.scale / MICROS)


def timeline_of(model: MarketModel) -> tuple[Floats, Floats]:
    """Metrics by month, float64 [providers + 1, days, metrics], and the days."""
    readings, scale = model.history.readings, model.world.ledger.scale
    now = _over_segments([reading.counts[:-1] for reading in readings])
    since = np.diff(now, axis=0, prepend=0)
    months = ratio(since[..., N.CUSTOMER_DAYS], np.float64(1e6)) / DAYS_PER_MONTH
    values = {
        "churn_rate": ratio(since[..., N.LEFT] + since[..., N.LEFT_INVOLUNTARY], months),
        "retention": ratio(now[..., N.UNBROKEN], with_totals(model.starters)[:, -1]),
        "customers": now[..., N.PRESENT] * scale,
        "profit": profit(_over_segments([reading.books for reading in readings])) * scale / MICROS,
        "cost": spending(_over_segments([reading.spent for reading in readings])) * scale / MICROS,
        "looks": ratio(since[..., N.LOOKS], months / 12.0),
        "satisfaction": ratio(since[..., N.SATISFACTION], since[..., N.RECORDED]) / MICROS,
    }
    by_day = np.stack([values[name] for name in TIMELINE], axis=-1)
    return np.ascontiguousarray(by_day.swapaxes(0, 1)), np.array([reading.day for reading in readings])


def _over_segments(tables: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Tables of several days summed over segments, with the sum over providers: int64 [days, providers + 1, ...]."""
    summed = np.stack(tables).sum(axis=2)
    return np.concatenate([summed, summed.sum(axis=1, keepdims=True)], axis=1)


def ledger_of(model: MarketModel) -> tuple[tuple[str, str, str, float], ...]:
    """Amounts of the firms over the horizon, undiscounted: (provider, account, slot, currency); `""`: no strategy."""
    books = model.history.books.sum(axis=1)
    names = {0: "", **{tag: slot for slot, tag in model.tags.items()}}
    scale = model.world.ledger.scale / MICROS
    return tuple(
        (provider.name, account.name.lower(), names[tag], float(books[provider.number, tag, account]) * scale)
        for provider in model.providers
        for tag in sorted(names)
        for account in A
        if account.name not in _FIXED_FREE and books[provider.number, tag, account] != 0
    )


def bound_of(model: MarketModel) -> tuple[tuple[str, str, str, float], ...]:
    """What rules refused over the horizon, at the scale of the firm: (provider, slot, rule, number)."""
    scale = model.world.ledger.scale
    return tuple(
        (provider.name, slot, rule, number * scale)
        for provider in model.providers
        for (slot, rule), number in sorted(provider.bound.items())
    )


def payback(own: Floats, baseline: Floats, days: Floats) -> float:
    """Months until cumulated profit passes the baseline's for good; NaN where it never falls behind or stays there.

    Args:
        own, baseline: cumulated profit by reading; days: of the readings.
    """
    behind = np.flatnonzero(own < baseline)
    if behind.size == 0 or behind[-1] + 1 >= days.size:
        return float("nan")
    return float(days[behind[-1] + 1] / DAYS_PER_MONTH)
