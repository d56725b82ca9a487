"""Follow-ups: fewer doubts by investment, light contact after a purchase, and too much of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, L, N
from agents.contract import CHECKS, Rule, content, doubling_moves, run, spending, warm
from agents.miniature import ISOLATED, QUIET
from agents.model import MarketModel
from agents.strategies.passive.follow_ups import FollowUps
from agents.strategies.placebo import Placebo
from sim.quantities import DAYS_PER_MONTH, MICROS

Differing = Callable[[MarketModel, MarketModel], set[str]]
Balance = Callable[[MarketModel, MarketModel], float]
SURE = 4.0
DREAMY: Mapping[str, Any] = {
    **ISOLATED,
    **QUIET,
    "gate.attention": 1e-7,
    "gate.p_contact": 0.0,
    "gate.attention_none": 1e-6,
}
"""Nobody looks and nothing happens, so that what a lever moves is seen alone."""


def follow_ups(**changes: Any) -> FollowUps:
    values: dict[str, Any] = {
        "build": 1.0, "upkeep": 0.05, "running": 0.1, "every": 1.0, "recent": 7.0, "share": 1.0, "channel": "message",
    }  # fmt: skip
    return FollowUps(**{**values, **changes})


def contacts(model: MarketModel) -> float:
    return float(model.world.counts[:, :, N.CONTACTS].sum())


def doubt(model: MarketModel) -> float:
    return float(model.world.levers[model.focal, L.DOUBT])


@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
def test_it_keeps_the_contract_when_it_is_overdone(rule: Rule) -> None:
    rule(follow_ups(every=0.25, recent=40.0), None)


def test_without_templates_and_messages_it_is_a_placebo() -> None:
    """All arrays of the world, books and levers included."""
    nothing = follow_ups(build=0.0, upkeep=0.0, share=0.0)
    model = warm(nothing)
    assert content(run(model, nothing).world) == content(
        run(model, Placebo(upfront=0.0, per_month=0.1)).world
    )


def test_more_templates_make_doubts_rarer_and_move_nothing_else_at_once(rows_that_differ: Differing) -> None:
    once, twice = doubling_moves(follow_ups(share=0.0), {"build": 2.0}, doubt)
    assert twice < once
    model = warm(follow_ups())
    first, second = (run(model, follow_ups(build=build), weeks=2) for build in (1.0, 2.0))
    assert rows_that_differ(first, second) == {"BOOK.UPFRONT"}, "the release is still to come"
    first, second = (run(model, follow_ups(build=build, share=0.0), weeks=60) for build in (1.0, 2.0))
    for lever in (L.FRICTION, L.FAILURE, L.SOLVED):
        assert first.world.levers[0, lever] == second.world.levers[0, lever]


def test_fewer_doubts_are_fewer_incidents_and_tickets() -> None:
    changes = {"service.friction": 0.0, "service.failure": 0.0, "service.doubt": 2.0}
    strategy = follow_ups(build=20.0, share=0.0)
    model = warm(strategy, changes)
    with_, without = run(model, strategy), run(model)
    for count in (N.INCIDENTS, N.TICKETS):
        fewer, more = (int(one.world.counts[0, :, count].sum()) for one in (with_, without))
        assert more - fewer > SURE * np.sqrt(more + fewer)


def test_more_messages_move_what_messages_move_and_nothing_else_at_once(rows_that_differ: Differing) -> None:
    once, twice = doubling_moves(follow_ups(share=0.5), {"share": 1.0}, contacts)
    assert twice > once
    model = warm(follow_ups(), DREAMY)
    first, second = (run(model, follow_ups(share=share), weeks=6) for share in (0.5, 1.0))
    found = rows_that_differ(first, second)
    assert {"PRESSURE", "COMMITMENT", "SALIENCE", "BOOK.CONTACT", "COUNT.CONTACTS"} <= found
    assert found <= {
        "PRESSURE", "COMMITMENT", "EXPECTATION", "SALIENCE", "VALUE", "SPENT", "BOOK.CONTACT",
        "COUNT.CONTACTS", "COUNT.PRESSURE", "COUNT.FIT", "COUNT.ENGAGED", "COUNT.COMMITMENT", "COUNT.SURPLUS",
        "COUNT.VULNERABLE", "COUNT.BETTER_ELSEWHERE", "COUNT.KNOWN_RIGHT", "CRM.CONTACTS", "CRM.CONTACTS_MONTH",
        "CRM.MESSAGES_MONTH", "CRM.LAST_CONTACT", "CRM.REACTIONS", "CRM.POSITION_SEEN",
    }  # fmt: skip


def test_only_recent_purchases_and_bills_are_followed_up() -> None:
    """Bills come on a day of the month of the customer's own: a week of them are recent."""
    model = run(warm(follow_ups(), DREAMY), follow_ups(), weeks=6)
    told = int((model.world.arrays.crm[0, K.CONTACTS] > 0).sum())
    customers = int((model.world.arrays.codes[C.PROVIDER] == 0).sum())
    share = 7.0 / DAYS_PER_MONTH
    assert abs(told - share * customers) < SURE * np.sqrt(share * (1.0 - share) * customers)
    assert contacts(run(warm(follow_ups(), DREAMY), follow_ups(recent=0.0))) == 0.0


def test_each_cost_stands_in_its_account() -> None:
    strategy = follow_ups()
    model = run(warm(strategy), strategy, weeks=13)
    spent, scale = spending(model), model.world.ledger.scale
    customers = model.providers[0].firm_customers
    assert spent[A.CONTACT] == contacts(model) * 0.01 * MICROS > 0
    assert spent[A.UPFRONT] * scale / MICROS == pytest.approx(customers, rel=1e-6)
    monthly = 13 * 7.0 / DAYS_PER_MONTH * 0.1 + 2 * 0.05
    assert spent[A.FIXED] * scale / MICROS == pytest.approx(customers * monthly, rel=1e-6)


def test_overdone_among_the_inert_it_drives_customers_away(lost_on_balance: Balance) -> None:
    """Where the CRM guesses tastes badly and every message wakes; done rarely, it does less harm."""
    changes = {
        "customers": 3000, **ISOLATED, "gate.attention": 0.0005, "gate.p_contact": 0.3, "people.signal_error": 3.0,
        "service.doubt": 0.0,
    }  # fmt: skip
    often = follow_ups(every=0.25, recent=31.0)
    model = warm(often, changes)
    none, overdone, rare = (
        run(model, *strategies, weeks=20)
        for strategies in ((), (often,), (replace(often, every=6.0, share=0.2),))
    )
    assert lost_on_balance(overdone, none) > SURE
    assert lost_on_balance(overdone, rare) > SURE
