"""The contract: every strategy that has a YAML keeps it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agents import contract
from agents.columns import A, L, N
from agents.contract import CHECKS, doubling_moves, spending
from agents.model import MarketModel
from agents.strategies.blend.blend import Blend
from agents.strategies.strategy import Strategy
from experiments.compose import compose
from experiments.paths import conf_dir
from experiments.registry import registered

FORMS: dict[str, dict[str, Any]] = {
    "subscription": {},
    "term": {"contract": "term", "gate.per": "renewal", "gate.attention": 0.3},
    "none": {"contract": "none", "gate.per": "purchase", "gate.attention": 0.2},
}


def shipped() -> dict[str, Strategy]:
    """Every strategy that has a YAML, with its own values; every targeting, on one strategy."""
    names = sorted(path.stem for path in (conf_dir() / "strategy").glob("*.yaml"))
    targetings = sorted(path.stem for path in (conf_dir() / "targeting").glob("*.yaml"))
    place = "strategy@scenarios.{0}.focal.{0}"  # Each in a scenario of its own: some exclude each other.
    overrides = [f"+{place.format(name)}={name}" for name in names]
    for one in targetings:
        slot = f"promotions_{one}"
        overrides += [f"+{place.format(slot)}=promotions"]
        overrides += [f"targeting@scenarios.{slot}.focal.{slot}.targeting={one}"]
    scenarios = compose(["scenarios=[none]", *overrides]).world.scenarios
    return {name: more_often(one) for scenario in scenarios for name, one in scenario.focal.items()}


def more_often(strategy: Strategy) -> Strategy:
    """Dates every month, so that a year has many of them."""
    return replace(strategy, every=1.0) if hasattr(strategy, "every") else strategy  # type: ignore[call-arg]


STRATEGIES = shipped()
OWN = [name for name in STRATEGIES if not name.startswith("promotions_")]
strategies = pytest.mark.parametrize("name", STRATEGIES)


def test_every_strategy_class_has_a_yaml() -> None:
    classes = {
        cls for cls in registered().values() if issubclass(cls, Strategy) and cls not in (Strategy, Blend)
    }
    assert classes == {type(strategy) for strategy in STRATEGIES.values()}
    assert len(classes) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
@strategies
def test_strategies_keep_the_contract(name: str, rule: contract.Rule) -> None:
    rule(STRATEGIES[name], None)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["term", "none"])
@pytest.mark.parametrize("name", OWN)
def test_strategies_keep_the_contract_in_other_markets_at_half_intensity(name: str, form: str) -> None:
    """The rules that other contracts and budgets could break; those about the class itself have been seen."""
    strategy = replace(STRATEGIES[name], intensity=0.5, budget=2.0)
    for rule in (contract.touches_only_levers, contract.is_absent_at_zero, contract.books_under_its_tag):
        rule(strategy, FORMS[form])


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN)
def test_at_intensity_0_a_strategy_is_absent_from_a_blend_of_all_others(name: str) -> None:
    one = STRATEGIES[name]
    others = {slot: STRATEGIES[slot] for slot in OWN if slot != name}
    contract.is_absent_beside(one, {slot: two for slot, two in others.items() if agree(one, two)})


def agree(one: Strategy, two: Strategy) -> bool:
    """Whether two strategies can run at one provider."""
    return type(two).__name__ not in one.excludes and type(one).__name__ not in two.excludes


# --- doubling a lever moves its channel --------------------------------------------------------------


def amount(account: A) -> Callable[[MarketModel], float]:
    return lambda model: float(spending(model)[account])


def friction(model: MarketModel) -> float:
    return float(model.world.levers[model.focal, L.FRICTION])


def failure(model: MarketModel) -> float:
    return float(model.world.levers[model.focal, L.FAILURE])


def paid_hours(model: MarketModel) -> float:
    service = model.providers[model.focal].service
    assert service is not None
    return service.added_hours(1.0)[model.tags[contract.SLOT]]


@pytest.mark.parametrize(
    ("name", "lever", "factor", "channel", "rises"),
    [
        ("ease_of_use", "build", 2.0, friction, False),
        ("ease_of_use", "build", 2.0, amount(A.UPFRONT), True),
        ("efficient_service", "people", 2.0, paid_hours, True),
        ("efficient_service", "training", 2.0, amount(A.FIXED), True),
        ("points_programme", "earn", 2.0, amount(A.EARNED), True),
        ("points_programme", "running", 2.0, amount(A.FIXED), True),
        (
            "personalised_campaigns",
            "every",
            0.5,
            lambda m: float(m.world.counts[m.focal, :, N.CONTACTS].sum()),
            True,
        ),
        ("personalised_campaigns", "data", 2.0, amount(A.UPFRONT), True),
        ("promotions", "depth", 2.0, amount(A.DISCOUNT), True),
        ("promotions", "save_cost", 2.0, amount(A.FIXED), True),
        ("tiered_programme", "benefit_1", 2.0, amount(A.FIXED), True),
        ("tiered_programme", "platform", 2.0, amount(A.UPFRONT), True),
        ("success_checkins", "managers", 2.0, amount(A.WAGES), True),
        ("success_checkins", "hiring", 2.0, amount(A.UPFRONT), True),
        ("feedback_loop", "hours", 2.0, amount(A.WAGES), True),
        ("feedback_loop", "fix", 2.0, failure, False),
        ("placebo", "upfront", 2.0, amount(A.UPFRONT), True),
        ("placebo", "per_month", 2.0, amount(A.FIXED), True),
    ],
)
def test_doubling_a_lever_moves_its_channel(
    name: str, lever: str, factor: float, channel: Callable[[MarketModel], float], rises: bool
) -> None:
    strategy = STRATEGIES[name]
    once, twice = doubling_moves(strategy, {lever: factor * getattr(strategy, lever)}, channel)
    assert (twice > once) is rises
