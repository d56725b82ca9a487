"""Community: belonging that is delivered and paid, questions that peers answer, and exits that spread."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, N, S
from agents.contract import CHECKS, Rule, content, doubling_moves, run, spending, warm
from agents.miniature import ISOLATED, QUIET
from agents.model import MarketModel
from agents.strategies.active.community import Community
from agents.strategies.placebo import Placebo
from agents.targeting import Everyone
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


def community(**changes: Any) -> Community:
    values: dict[str, Any] = {
        "peers": 0.4, "ties": 0.3, "monthly": 5.0, "programme": 0.5, "hassle_hours": 0.1, "manager": 600.0,
        "platform": 1.0, "running": 0.1, "channel": "message", "targeting": Everyone(share=0.0),
    }  # fmt: skip
    return Community(**{**values, **changes})


def members(model: MarketModel) -> np.ndarray:
    w = model.world.arrays
    inside: np.ndarray = ((w.codes[C.CIRCLE] & 1) != 0) & (w.codes[C.PROVIDER] == 0)
    return inside


def tickets(model: MarketModel) -> float:
    return float(model.world.counts[0, :, N.TICKETS].sum())


@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
def test_it_keeps_the_contract_where_people_know_each_other(rule: Rule, knowing: dict[str, Any]) -> None:
    rule(community(targeting=Everyone(share=0.8)), knowing)


def test_without_belonging_peers_and_ties_it_is_a_placebo() -> None:
    """All arrays of the world, books included, but for the note in the levers of whose the community is."""
    empty = community(peers=0.0, ties=0.0, monthly=0.0, manager=0.0)
    model = warm(empty)
    with_, spends = run(model, empty), run(model, Placebo(upfront=1.0, per_month=0.1))
    first, second = content(with_.world), content(spends.world)
    assert {name for name in first if first[name] != second[name]} == {"levers"}
    assert not members(with_).any()


def test_peers_answer_questions_before_they_are_tickets(rows_that_differ: Differing) -> None:
    changes = {"service.friction": 2.0, "service.doubt": 2.0}
    once, twice = doubling_moves(community(), {"peers": 0.8}, tickets, changes)
    assert twice < once
    model = warm(community(), {**DREAMY, "service.desk": False})
    few, many = (run(model, community(peers=peers), weeks=6) for peers in (0.4, 0.8))
    found = rows_that_differ(few, many)
    assert {name for name in found if not name.startswith("LEVER")} <= {"COUNT.EXPECTED_TICKETS"}, (
        "without incidents there is nothing to answer"
    )


def test_only_members_are_answered_by_peers() -> None:
    """Where all questions are answered by peers, whoever was a member all along has no ticket of that kind."""
    changes = {**ISOLATED, "service.failure": 0.0, "gate.attention": 1e-7, "people.involuntary": 0.0}
    strategy = community(peers=1.0)
    start = run(warm(strategy, changes), strategy, weeks=10)
    inside, before = members(start), start.world.arrays.crm[0, K.TICKETS].copy()
    start.run(60 * 7.0)
    more = start.world.arrays.crm[0, K.TICKETS] - before
    outside = (start.world.arrays.codes[C.PROVIDER] == 0) & ~members(start)
    assert inside.sum() > 20
    assert more[inside].sum() == 0.0
    assert more[outside].sum() > 20


def test_belonging_is_delivered_paid_for_and_moves_nothing_else_at_once(rows_that_differ: Differing) -> None:
    model = warm(community(), DREAMY)
    less, more = (run(model, community(monthly=worth), weeks=10) for worth in (5.0, 5.5))
    assert (members(less) == members(more)).sum() > 390, "nearly the same people join"
    both = members(less) & members(more)
    gain = (more.world.arrays.state[S.COMMITMENT] - less.world.arrays.state[S.COMMITMENT])[both]
    assert (gain > 0.0).all()
    cheap, dear = (run(model, community(programme=cost), weeks=10) for cost in (0.5, 1.0))
    assert rows_that_differ(cheap, dear) == {"BOOK.FIXED", "VALUE", "SPENT"}


def test_each_cost_stands_in_its_account() -> None:
    """Manager and platform are the firm's; the programme is paid for each member on each date after joining."""
    strategy = community(targeting=Everyone())
    model = run(warm(strategy, DREAMY), strategy, weeks=13)
    spent, scale = spending(model), model.world.ledger.scale
    customers, inside = model.providers[0].firm_customers, int(members(model).sum())
    assert inside > 20
    assert spent[A.UPFRONT] * scale / MICROS == pytest.approx(customers, rel=1e-6)
    standing = 13 * 7.0 / DAYS_PER_MONTH * (0.1 * customers + 50.0)
    # Members joined on the first of two dates and were served on the second: nobody could join in between.
    programme = spent[A.FIXED] * scale / MICROS - standing
    assert programme == pytest.approx(0.5 * inside * scale, rel=1e-3)
    assert spent[A.CONTACT] == inside * 0.01 * MICROS, "the digest is a message to each member"
    assert model.world.counts[:, :, N.CONTACTS].sum() == inside


def test_exits_spread_among_members_by_the_community_alone() -> None:
    """Without any other network: peer exits rise among members, and only there; without ties, nowhere."""
    changes = {**ISOLATED, "network.weak": 0.5, "gate.attention": 0.02, "gate.g_peers": 0.0}
    model = warm(community(), changes)
    tied, apart = (run(model, community(ties=ties), weeks=30) for ties in (0.6, 0.0))
    assert (members(tied) == members(apart)).all(), "g_peers is 0: exits are noticed and change nothing"
    noticed = tied.world.arrays.state[S.PEER_EXITS]
    own, inside = tied.world.arrays.codes[C.PROVIDER] == 0, members(tied)
    assert noticed[inside].mean() > 0.0
    assert (noticed[inside] > 0.0).mean() > 0.5
    assert not noticed[own & ~inside].any()
    assert not apart.world.arrays.state[S.PEER_EXITS].any()


def test_where_exits_weigh_ties_make_members_leave(lost_on_balance: Balance) -> None:
    """Belonging that moves nobody, ties that do: the community loses customers."""
    changes = {
        "customers": 3000, **ISOLATED, "network.weak": 1.0, "network.half_life": 6.0, "gate.g_peers": 1.5,
        "gate.attention": 0.005, "experience.kappa": 0.0,
    }  # fmt: skip
    strategy = community(ties=1.0, hassle_hours=0.0)
    model = warm(strategy, changes)
    tied = run(model, strategy, weeks=30)
    assert lost_on_balance(tied, run(model, weeks=30)) > SURE
    assert lost_on_balance(tied, run(model, community(ties=0.0, hassle_hours=0.0), weeks=30)) > SURE


def test_where_belonging_counts_it_keeps_members(lost_on_balance: Balance) -> None:
    changes = {"customers": 3000, **ISOLATED, "gate.attention": 0.02, "experience.h": 60.0}
    strategy = community(monthly=100.0, ties=0.0)
    model = warm(strategy, changes)
    assert lost_on_balance(run(model, strategy, weeks=30), run(model, weeks=30)) < -SURE


def test_a_community_that_ends_has_no_members() -> None:
    strategy = community()
    running = run(warm(strategy, DREAMY), strategy, weeks=10)
    assert members(running).any()
    ended = run(running, weeks=12)
    assert not ended.world.arrays.codes[C.CIRCLE].any()
    assert not ended.world.arrays.crm[0, K.CIRCLE].any()
