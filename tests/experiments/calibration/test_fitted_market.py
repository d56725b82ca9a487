"""Fitted market: valid in each of its forms, and the same law at its point values and in its ensemble."""

from typing import Any

import numpy as np
import pytest

from agents.traits import traits_of
from experiments.calibrate import checked
from experiments.calibration.ensemble import category_exit
from experiments.calibration.fitted import NEVER, Fitted, Group, Habits
from experiments.calibration.fitted_market import FittedMarket, fitted_market
from experiments.calibration.template import Template, template_for
from experiments.compose import compose
from experiments.schemas import Findings
from experiments.worlds import World, build_world, changed, ensemble_sets, without_evidence

SETS = 3


@pytest.fixture(scope="module")
def saas() -> Template:
    return template_for(compose(["market.money.margin=0.5", "scenarios=[none]"]), "renewal")


@pytest.fixture(scope="module")
def shop() -> Template:
    return template_for(compose(["market=online_retail", "scenarios=[none]"]), "purchase")


def group(name: str, share: float, *shapes: float, buying: bool = False) -> Group:
    law = Habits.buying if buying else Habits.renewing
    sets = tuple(law(*(value * (1.0 + 0.1 * n) for value in shapes)) for n in range(SETS))
    return Group(name, share, 500.0, law(*shapes), sets, f"Read of {name}.").checked()


def renewals(choose: float) -> Fitted:
    groups = (group("regular", 0.25, 0.7, 1.2), group("high_end", 0.75, 0.6, 3.8))
    chooses = (1.0,) * SETS if choose == 1.0 else (0.5, 0.6, 0.7)
    return Fitted("Two kinds", "renewal", 12.0, groups, choose, chooses)


def purchases() -> Fitted:
    buyers = group("customers", 1.0, 0.243, 4.414, 0.793, 2.426, buying=True)
    return Fitted("Buyers", "purchase", 1.0, (buyers,), 1.0, (1.0,) * SETS, (33.5, "Mean value."))


def worlds(made: FittedMarket) -> list[World]:
    """The world at the point values and that of each parameter set."""
    known = checked(made.market, made.customers)
    configuration = without_evidence(
        {"market": made.market, "customers": made.customers, "scenarios": {"none": {"focal": {}}}}
    )
    findings = Findings()
    build_world(configuration, None, findings)
    sets = ensemble_sets(made.market["ensemble"], {leaf.key: leaf.quantity for leaf in findings.leaves})
    return [known, *(build_world(changed(configuration, drawn)) for drawn in sets)]


def habits_of(world: World) -> list[tuple[float, float]]:
    """Mean attention and its coefficient of variation by segment, as the market's people will have them."""
    mean = world.market.gate.attention / sum(s.share * s.attention for s in world.customers.segments)
    return [(mean * s.attention, s.spread_attention) for s in world.customers.segments]


@pytest.mark.parametrize("choose", [1.0, 0.6])
def test_each_segment_has_the_habits_of_its_group(saas: Template, choose: float) -> None:
    fitted = renewals(choose)
    made = worlds(fitted_market(fitted, saas))
    assert len(made) == 1 + SETS
    for number, world in enumerate(made):
        wanted = [g.point if number == 0 else g.sets[number - 1] for g in fitted.groups]
        assert habits_of(world) == [
            pytest.approx((w.attention, w.spread_attention), rel=1e-8) for w in wanted
        ]
        assert [s.share for s in world.customers.segments] == [0.25, 0.75]
        assert world.market.choice.rule == ("leave" if choose == 1.0 else "compare")


def test_a_looker_leaves_with_the_choose_share_in_every_set(saas: Template) -> None:
    fitted = renewals(0.6)
    for choose, world in zip((0.6, *fitted.chooses), worlds(fitted_market(fitted, saas))):
        for segment in world.customers.segments:
            stay, leave = -segment.price_weight, world.market.choice.category_exit
            assert np.exp(leave) / (np.exp(stay) + np.exp(leave)) == pytest.approx(choose, rel=1e-6)
            assert segment.spread_weights == segment.spread_spend == 0.0
        assert world.market.choice.memory < world.market.term_months * 30.4375
    assert category_exit(0.5, 2.0) == -2.0


def test_buyers_have_the_rates_of_the_fit(shop: Template) -> None:
    fitted = purchases()
    for number, world in enumerate(worlds(fitted_market(fitted, shop))):
        wanted = fitted.groups[0].point if number == 0 else fitted.groups[0].sets[number - 1]
        (segment,) = world.customers.segments
        assert world.market.purchases.usage_rate == pytest.approx(wanted.usage, rel=1e-8)
        assert segment.spread_usage == pytest.approx(wanted.spread_usage, rel=1e-8)
        assert (world.market.purchases.u0, world.market.money.price) == (40.0, 33.5)
        assert np.isfinite(traits_of(world.market, world.customers).tables).all()


def test_nothing_but_strategies_makes_customers_look(saas: Template) -> None:
    world = worlds(fitted_market(renewals(0.6), saas))[0]
    market = world.market
    assert len(market.providers) == 1
    assert market.providers[0].quality == market.gate.s_ref
    assert market.providers[0].adverts == market.gate.p_notice == market.gate.attention_none == 0.0
    assert market.service.friction == market.service.doubt == market.service.failure == 0.0
    assert market.people.involuntary == market.people.need_change == 0.0
    assert market.gate.p_contact > 0.0
    assert market.experience.kappa > 0.0
    assert worlds(fitted_market(renewals(1.0), saas))[0].market.experience.kappa == 0.0


def test_what_the_user_said_of_the_template_is_kept(saas: Template) -> None:
    made = fitted_market(renewals(1.0), saas)
    assert saas.name == "saas"
    assert made.market["money"]["margin"] == 0.5
    assert made.market["evidence"]["money.margin"] == {
        "source": "Given on the command line when this market was fitted."
    }


def test_monthly_terms_are_cut_into_whole_pulses(saas: Template) -> None:
    fitted = Fitted("Monthly", "renewal", 1.0, (group("a", 1.0, 0.7, 6.0),), 0.6, ())
    market: dict[str, Any] = fitted_market(fitted, saas).market
    assert market["pulse"] == 30.4375 / 4
    assert market["choice"]["memory"] == 30.0
    assert market["ensemble"] == []


def test_sets_that_no_market_can_hold_are_left_out(saas: Template) -> None:
    wild = Habits(0.1, 11.0)
    one = Group("a", 1.0, 500.0, Habits.renewing(0.7, 1.2), (wild, Habits.renewing(0.7, 1.2)), "Read.")
    fitted = Fitted("One", "renewal", 12.0, (one,), 1.0, (1.0, 1.0))
    assert (
        wild.problem()
        == "spread_attention 11 is beyond what a market can hold, allowed is 0 to 10 (coefficient of variation)"
    )
    assert len(fitted_market(fitted, saas).market["ensemble"]) == 1


def test_data_without_leaving_give_the_least_attention() -> None:
    assert Habits.renewing(1e-4, 1e4) == Habits(1e-7, 0.0)
    assert Habits.renewing(2e-6, 1.0).attention > NEVER
