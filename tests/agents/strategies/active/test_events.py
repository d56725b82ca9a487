"""Events: seats are limited and paid, the loyal come, everybody else got a contact."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, N, S, T
from agents.contract import CHECKS, Rule, content, doubling_moves, run, spending, warm
from agents.miniature import ISOLATED, QUIET
from agents.model import MarketModel
from agents.strategies.active.events import Events
from agents.strategies.placebo import Placebo
from agents.targeting import Everyone, Value
from sim.quantities import MICROS

Differing = Callable[[MarketModel, MarketModel], set[str]]
Balance = Callable[[MarketModel, MarketModel], float]
SURE = 4.0
EAGER: Mapping[str, Any] = {"dialogue.accept": 8.0}
DREAMY: Mapping[str, Any] = {
    **ISOLATED,
    **QUIET,
    "gate.attention": 1e-7,
    "gate.p_contact": 0.0,
    "gate.attention_none": 1e-6,
}
"""Nobody looks and nothing happens, so that what a lever moves is seen alone."""


def events(**changes: Any) -> Events:
    values: dict[str, Any] = {
        "every": 1.0, "seats": 100.0, "invitations": 1000.0, "no_show": 0.3, "worth": 40.0, "ties": 0.3,
        "per_head": 100.0, "fixed": 0.0, "channel": "message", "targeting": Everyone(),
    }  # fmt: skip
    return Events(**{**values, **changes})


def attended(model: MarketModel) -> float:
    return float(model.world.arrays.crm[0, K.ATTENDED].sum())


def taken(model: MarketModel) -> float:
    """Seats that were paid for."""
    return float(spending(model)[A.FIXED]) / (100.0 * MICROS)


def seats_of(model: MarketModel, per_thousand: float) -> int:
    return int(per_thousand / 1000.0 * model.providers[0].firm_customers / model.world.ledger.scale + 1e-9)


@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
def test_it_keeps_the_contract_where_people_come_and_know_each_other(
    rule: Rule, knowing: dict[str, Any]
) -> None:
    rule(events(fixed=100.0, targeting=Value(share=0.7)), {**EAGER, **knowing})


def test_without_seats_it_is_a_placebo() -> None:
    """All arrays of the world but the books, where the same money stands on other days."""
    empty = events(seats=0.0, ties=0.0, fixed=100.0)
    model = warm(empty, EAGER)
    with_, spends = run(model, empty), run(model, Placebo(upfront=0.0, per_month=1.0))
    first, second = content(with_.world), content(spends.world)
    assert {name for name in first if first[name] != second[name]} == {"books"}
    paid = spending(with_)
    assert paid[A.FIXED] * with_.world.ledger.scale / MICROS == pytest.approx(13 * 100.0, rel=1e-6)
    assert paid.sum() == paid[A.FIXED]


@pytest.mark.parametrize("per_thousand", [30.0, 100.0, 333.0])
def test_seats_are_never_exceeded_and_full_where_all_accept(per_thousand: float) -> None:
    strategy = events(seats=per_thousand)
    model = warm(strategy, EAGER)
    for weeks, dates in ((6, 1), (10, 2), (14, 2)):
        run_on = run(model, strategy, weeks=weeks)
        whole = seats_of(run_on, per_thousand)  # a fraction of a seat counts by luck
        assert 0 < dates * whole <= taken(run_on) <= dates * (whole + 1)


def test_no_shows_are_paid() -> None:
    """Who comes is binomial among seats taken; the bill is the same whoever comes."""
    strategy = events(seats=800.0)
    model = warm(strategy, {**EAGER, **DREAMY})
    held = run(model, strategy, weeks=20)
    seats, came = taken(held), attended(held)
    assert seats > 300
    assert abs(came - 0.7 * seats) < SURE * np.sqrt(0.21 * seats)
    nobody, all_ = (run(model, events(seats=800.0, no_show=p), weeks=20) for p in (1.0, 0.0))
    assert attended(nobody) == 0.0
    assert attended(all_) == taken(all_)
    assert taken(nobody) == seats_of(nobody, 800.0) * 4


def test_a_seat_more_is_an_experience_more_and_nothing_else_at_once(rows_that_differ: Differing) -> None:
    once, twice = doubling_moves(events(), {"seats": 200.0}, attended, EAGER)
    assert twice > once
    model = warm(events(), {**EAGER, **DREAMY})
    few, many = (run(model, events(seats=seats), weeks=6) for seats in (100.0, 200.0))
    found = rows_that_differ(few, many)
    assert {"COMMITMENT", "EXPECTATION", "CIRCLE", "CRM.ATTENDED", "BOOK.FIXED", "COUNT.ENGAGED"} <= found
    assert found <= {
        "COMMITMENT", "EXPECTATION", "CIRCLE", "VALUE", "SPENT", "CRM.ATTENDED", "BOOK.FIXED", "COUNT.ENGAGED",
        "COUNT.COMMITMENT", "COUNT.SURPLUS", "COUNT.VULNERABLE", "COUNT.BETTER_ELSEWHERE",
    }  # fmt: skip


def test_the_loyal_and_sociable_come() -> None:
    """Accepted invitations are as many as logistic(accept + belonging + commitment + quality) says, and among these."""
    strategy = events(seats=1000.0, no_show=0.0)
    model = run(warm(strategy, {"customers": 3000, **DREAMY, "dialogue.accept": -1.0}), strategy, weeks=5)
    w = model.world.arrays
    own = w.codes[C.PROVIDER] == 0
    leaning = w.traits[T.TASTE_BELONGING] + w.state[S.COMMITMENT] - 1.0
    leaning += w.traits[T.QUALITY_WEIGHT] * (w.state[S.SATISFACTION] - model.world.law.s_ref)
    chances = 1.0 / (1.0 + np.exp(-leaning[own].astype(np.float64)))
    model.run(6 * 7.0)
    came = w.crm[0, K.ATTENDED][own] > 0.0
    assert abs(came.sum() - chances.sum()) < SURE * np.sqrt((chances * (1.0 - chances)).sum())
    loyal, others = leaning[own][came], leaning[own][~came]
    assert loyal.mean() - others.mean() > SURE * np.sqrt(
        loyal.var() / loyal.size + others.var() / others.size
    )


def test_invitations_are_cut_to_so_many_a_seat_most_important_first() -> None:
    strategy = events(seats=50.0, invitations=3.0, targeting=Value())
    model = run(warm(strategy, {**EAGER, **DREAMY}), strategy, weeks=6)
    contacts = int(model.world.counts[0, :, N.CONTACTS].sum())
    exact = 0.05 * model.providers[0].firm_customers / model.world.ledger.scale
    assert contacts == round(3.0 * exact)
    assert spending(model)[A.CONTACT] == contacts * 0.01 * MICROS


def test_exits_spread_among_those_who_have_met() -> None:
    """Without any other network: nobody else notices, and without ties nobody at all."""
    changes = {**EAGER, **ISOLATED, "network.weak": 0.5, "gate.attention": 0.02}
    strategy = events(seats=500.0)
    model = warm(strategy, changes)
    met, apart = (run(model, events(seats=500.0, ties=ties), weeks=20).world.arrays for ties in (0.5, 0.0))
    noticed = met.state[S.PEER_EXITS] > 0.0
    assert noticed.sum() > 10
    assert ((met.codes[C.CIRCLE, noticed] & 2) != 0)[met.codes[C.PROVIDER, noticed] == 0].all()
    assert not apart.state[S.PEER_EXITS].any()
    assert not apart.codes[C.CIRCLE].any()


def test_among_the_inert_invitations_drive_more_away_than_seats_keep(lost_on_balance: Balance) -> None:
    changes = {"customers": 3000, **ISOLATED, "gate.attention": 0.0005, "gate.p_contact": 0.3}
    strategy = events(seats=2.0)
    model = warm(strategy, changes)
    assert lost_on_balance(run(model, strategy, weeks=20), run(model, weeks=20)) > SURE


def test_where_belonging_counts_events_keep_customers(lost_on_balance: Balance) -> None:
    changes = {
        "customers": 6000, **ISOLATED, **EAGER, "gate.attention": 0.02, "gate.p_contact": 0.0, "experience.rho": 0.0, "experience.h": 60.0,
    }  # fmt: skip
    strategy = events(seats=900.0, worth=300.0)
    model = warm(strategy, changes)
    assert lost_on_balance(run(model, strategy, weeks=20), run(model, weeks=20)) < -SURE
