"""The plug-in's own tests: the public contract suite, its mechanism, and what the suite says to a strategy that cheats."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from birthday_gifts.gifts import BirthdayGifts

from agents import contract
from agents.columns import S, V
from agents.model import MarketModel
from agents.strategies.placebo import Placebo
from agents.strategies.strategy import Calendar
from agents.view import ProviderView
from sim.quantities import DAYS_PER_MONTH, MICROS

GIFTS = BirthdayGifts(worth=8.0, cost=6.0)


@pytest.mark.parametrize("rule", contract.CHECKS, ids=lambda rule: rule.__name__)
def test_birthday_gifts_keep_the_contract(rule: contract.Rule) -> None:
    rule(GIFTS, None)


def test_a_worthless_present_is_a_placebo() -> None:
    contract.equals_placebo(GIFTS, {"experience.worth_gift": 0.0})
    contract.equals_placebo(replace(GIFTS, worth=0.0), {})


def experience(model: MarketModel) -> float:
    return float(model.world.arrays.state[S.COMMITMENT].sum())


def test_a_dearer_present_moves_experience_and_nothing_else_at_once() -> None:
    once, twice = contract.doubling_moves(GIFTS, {"worth": 16.0}, experience, only={"state.EXPERIENCE"})
    assert twice > once


def test_no_present_changes_nothing_beside_other_strategies() -> None:
    contract.is_absent_beside(GIFTS, {"placebo": Placebo(upfront=2.0, per_month=0.5)})


def test_everybody_gets_one_present_a_year() -> None:
    model = contract.run(
        contract.warm(GIFTS), GIFTS, weeks=54
    )  # The twelfth date's presents come a week later.
    crm = model.providers[model.focal].crm(model.marketplace.day)
    old = crm.members()[crm.joined[crm.members()] < -DAYS_PER_MONTH]
    spent = model.world.arrays.money[V.SPENT, old] / MICROS
    assert old.size > 30
    assert ((spent > 0.9 * GIFTS.cost) & (spent <= GIFTS.cost)).all()  # One, discounted to the fork.


@dataclass(frozen=True, kw_only=True)
class Cheating(BirthdayGifts):
    """Writes the effect that it wishes for.

    Mechanism: none.
    Costs: the present.
    Fails: never, which is the mistake.
    Sources: no trustworthy source was found.
    """

    def calendar(self, view: ProviderView) -> Calendar:
        """Make members committed, by hand."""
        for date in super().calendar(view):
            yield date
            view._provider.world.arrays.state[S.COMMITMENT, view.members] += np.float32(1.0)


def test_a_strategy_that_writes_commitment_is_found_out() -> None:
    sentence = "Cheating.calendar changes the world without a lever: state differ"
    with pytest.raises(contract.BrokenContract, match=sentence):
        contract.check(Cheating(worth=8.0, cost=6.0))
