"""Referrals: a reward makes the content recommend more, and pays for joins that would have come."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from agents import miniature
from agents.columns import A, C, N
from agents.contract import CHECKS, Rule, content, doubling_moves, run, scenario, spending, warm
from agents.miniature import ISOLATED, QUIET
from agents.model import MarketModel
from agents.strategies.active.referrals import Referrals
from agents.strategies.placebo import Placebo
from agents.targeting import Everyone, Value
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
FRIENDLY: Mapping[str, Any] = {"gate.s_ref": 0.4, "network.recommend": 2.0, "gate.attention": 0.01}
"""Most people are content enough to recommend, and there are joins."""


def referrals(**changes: Any) -> Referrals:
    values: dict[str, Any] = {
        "reward": 25.0, "gift": 10.0, "platform": 1.0, "running": 0.1, "every": 1.0, "channel": "message",
        "targeting": Everyone(share=0.0),
    }  # fmt: skip
    return Referrals(**{**values, **changes})


def brought(model: MarketModel) -> int:
    return int(model.world.counts[0, :, N.REFERRALS].sum())


def recommendations(model: MarketModel) -> int:
    return int((model.world.arrays.codes[C.RECOMMENDED] == 1).sum())


@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
def test_it_keeps_the_contract_where_people_know_each_other(rule: Rule, knowing: dict[str, Any]) -> None:
    rule(referrals(targeting=Value(share=0.5)), knowing)


def test_without_reward_gift_and_reminder_it_is_a_placebo(knowing: dict[str, Any]) -> None:
    """All arrays of the world, books included, but for the note in the levers of whose the rewards are."""
    empty = referrals(reward=0.0, gift=0.0)
    model = warm(empty, {**knowing, **FRIENDLY})
    with_, spends = run(model, empty), run(model, Placebo(upfront=1.0, per_month=0.1))
    first, second = content(with_.world), content(spends.world)
    assert {name for name in first if first[name] != second[name]} == {"levers"}
    assert brought(with_) > 0, "friends come without it, too"


def test_a_higher_reward_makes_more_recommend_and_moves_nothing_else_at_once(
    rows_that_differ: Differing, knowing: dict[str, Any]
) -> None:
    changes = {"customers": 3000, **knowing, **DREAMY, "network.p_recommend": 0.0}
    once, twice = doubling_moves(
        referrals(), {"reward": 50.0}, lambda model: float(model.world.counts[0, :, N.ENGAGED].sum()), changes
    )
    assert twice > once
    model = warm(referrals(), changes)
    low, high = (run(model, referrals(reward=reward), weeks=2) for reward in (25.0, 50.0))
    assert recommendations(high) > recommendations(low) > 0
    found = rows_that_differ(low, high)
    assert {"RECOMMENDED", "RECOMMENDER", "COUNT.ENGAGED", "LEVER.REFERRAL_REWARD"} <= found
    assert found <= {
        "RECOMMENDED", "RECOMMENDER", "COUNT.ENGAGED", "LEVER.REFERRAL_REWARD", "COUNT.SURPLUS", "COUNT.VULNERABLE",
        "COUNT.BETTER_ELSEWHERE",
    }  # fmt: skip


def test_it_draws_friends(knowing: dict[str, Any]) -> None:
    """More friends come than without it, by more than the noise of either count."""
    strategy = referrals(reward=100.0, gift=40.0)
    model = warm(strategy, {"customers": 3000, **knowing, **FRIENDLY, **ISOLATED})
    with_, without = brought(run(model, strategy, weeks=20)), brought(run(model, weeks=20))
    assert with_ - without > SURE * np.sqrt(with_ + without)
    assert without > 0


def test_joins_that_would_have_come_are_paid_too(knowing: dict[str, Any]) -> None:
    """Of people who do not care for money, the same friends come in both twins; each is paid for all the same."""
    changes = {"customers": 1000, **knowing, **FRIENDLY, **ISOLATED, "experience.worth_gift": 0.0}
    strategy = referrals(platform=0.0, running=0.0)
    model = miniature.warm(changes, scenario(strategy), people={"price_weight": 0.0})
    with_, without = run(model, strategy, weeks=30), run(model, weeks=30)
    for name in ("traits", "state", "codes", "counts", "bonds"):
        assert content(with_.world)[name] == content(without.world)[name], name
    rewards, friends = int(spending(with_)[A.REWARDS]), brought(with_)
    assert friends == brought(without) > 20
    gifts, paid = friends * 10 * MICROS, rewards - friends * 10 * MICROS
    assert rewards == spending(with_).sum()
    assert paid % (25 * MICROS) == 0
    assert 0.5 * friends * 25 * MICROS < paid <= friends * 25 * MICROS
    assert gifts > 0


def test_each_cost_stands_in_its_account(knowing: dict[str, Any]) -> None:
    strategy = referrals(targeting=Everyone())
    model = run(warm(strategy, {**knowing, **DREAMY, "network.recommend": 0.0}), strategy, weeks=13)
    spent, scale = spending(model), model.world.ledger.scale
    customers = model.providers[0].firm_customers
    reminders = int(model.world.counts[0, :, N.CONTACTS].sum())
    present = int(model.world.present(0).sum())
    assert reminders == 2 * present
    assert spent[A.CONTACT] == reminders * 0.01 * MICROS
    assert spent[A.UPFRONT] * scale / MICROS == pytest.approx(customers, rel=1e-6)
    assert spent[A.FIXED] * scale / MICROS == pytest.approx(
        13 * 7.0 / DAYS_PER_MONTH * 0.1 * customers, rel=1e-5
    )


def test_without_ties_nobody_comes_and_reminders_drive_the_inert_away(lost_on_balance: Balance) -> None:
    changes = {"customers": 3000, **ISOLATED, "gate.attention": 0.0005, "gate.p_contact": 0.3}
    strategy = referrals(targeting=Everyone())
    model = warm(strategy, changes)
    with_, without = run(model, strategy, weeks=20), run(model, weeks=20)
    assert brought(with_) == spending(with_)[A.REWARDS] == 0
    assert lost_on_balance(with_, without) > SURE


def test_only_the_content_recommend(knowing: dict[str, Any]) -> None:
    """Whoever is so discontent that no reward of this size moves them tells nobody."""
    changes = {**knowing, **DREAMY, "gate.s_ref": 1.0}
    low, high = (referrals(reward=reward) for reward in (1.0, 300.0))
    model = warm(low, changes)
    assert recommendations(run(model, low, weeks=8)) == 0
    assert recommendations(run(model, high, weeks=8)) > 0
