"""The contract: every strategy that has a YAML keeps it, and whoever breaks it is found out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from agents import contract
from agents.columns import A, L, N, S
from agents.contract import CHECKS, BrokenContract, check, doubling_moves, spending
from agents.model import MarketModel
from agents.strategies.strategy import Calendar, Ids, SaveOffer, Strategy
from agents.view import ProviderView
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
    place = "strategy@scenarios.none.focal"
    overrides = [f"+{place}.{name}={name}" for name in names]
    for one in targetings:
        slot = f"promotions_{one}"
        overrides += [f"+{place}.{slot}=promotions", f"targeting@scenarios.none.focal.{slot}.targeting={one}"]
    found = dict(compose(["scenarios=[none]", *overrides]).world.scenarios[0].focal)
    return {name: more_often(strategy) for name, strategy in found.items()}


def more_often(strategy: Strategy) -> Strategy:
    """Dates every month, so that a year has many of them."""
    return replace(strategy, every=1.0) if hasattr(strategy, "every") else strategy  # type: ignore[call-arg]


STRATEGIES = shipped()
OWN = [name for name in STRATEGIES if not name.startswith("promotions_")]
strategies = pytest.mark.parametrize("name", STRATEGIES)


def test_every_strategy_class_has_a_yaml() -> None:
    classes = {cls for cls in registered().values() if issubclass(cls, Strategy) and cls is not Strategy}
    assert classes == {type(strategy) for strategy in STRATEGIES.values()}
    assert len(classes) >= 6


@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
@strategies
def test_strategies_keep_the_contract(name: str, rule: contract.Rule) -> None:
    rule(STRATEGIES[name], None)


@pytest.mark.parametrize("form", ["term", "none"])
@pytest.mark.parametrize("name", OWN)
def test_strategies_keep_the_contract_in_other_markets_at_half_intensity(name: str, form: str) -> None:
    check(replace(STRATEGIES[name], intensity=0.5, budget=2.0), FORMS[form])


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
    return service.paid_hours(1.0)[model.tags[contract.SLOT]]


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


# --- whoever breaks the contract is found out --------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Honest(Strategy):
    """Spends a little.

    Mechanism: none. Costs: a little. Fails: always.
    """

    kind: ClassVar[str] = "placebo"

    def launch(self, view: ProviderView) -> None:
        view.spend(5.0)


@dataclass(frozen=True, kw_only=True)
class Charms(Honest):
    """Writes a hidden state. Mechanism: Costs: Fails:"""

    def calendar(self, view: ProviderView) -> Calendar:
        yield view.next_date(1.0)
        view._provider.world.arrays.state[S.SATISFACTION, view.members] = 1.0


@dataclass(frozen=True, kw_only=True)
class Cooks(Honest):
    """Writes what the CRM has seen. Mechanism: Costs: Fails:"""

    def save(self, view: ProviderView, leavers: Ids) -> SaveOffer | None:
        spend = view.crm.spend
        spend.flags.writeable = True
        spend[leavers] += 1.0
        return None


@dataclass(frozen=True, kw_only=True)
class Peeks(Honest):
    """Declares that it peeks. Mechanism: Costs: Fails:"""

    @property
    def peeks(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Forgets(Honest):
    """Counts its dates where no restart finds them. Mechanism: Costs: Fails:"""

    def calendar(self, view: ProviderView) -> Calendar:
        calls = 0
        while True:
            yield view.next_date(1.0)
            calls += 1
            view.spend(float(calls))


@dataclass(frozen=True, kw_only=True)
class Gambles(Honest):
    """Draws from somewhere else than the keyed luck. Mechanism: Costs: Fails:"""

    def launch(self, view: ProviderView) -> None:
        view.spend(float(np.random.default_rng().random()))


@dataclass(frozen=True, kw_only=True)
class Always(Honest):
    """Gives the discount to as many, however little of it is bought. Mechanism: Costs: Fails:"""

    @property
    def learns(self) -> bool:
        return False

    def __post_init__(self) -> None:
        object.__setattr__(self, "intensity", 1.0)


@dataclass(frozen=True, kw_only=True)
class Hides(Honest):
    """Keeps an object in its state. Mechanism: Costs: Fails:"""

    def launch(self, view: ProviderView) -> None:
        view.state["people"] = view.members  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True)
class Blames(Honest):
    """Books under nobody's tag. Mechanism: Costs: Fails:"""

    def launch(self, view: ProviderView) -> None:
        object.__setattr__(view._running, "tag", 7)
        view.spend(5.0)


@dataclass(frozen=True, kw_only=True)
class Silent(Honest):
    """Says nothing about itself."""


@pytest.mark.parametrize(
    ("breaker", "sentence"),
    [
        (Charms, "Charms.calendar changes the world without a lever: state differ"),
        (Cooks, "Cooks.save changes the world without a lever: crm differ"),
        (Forgets, "Forgets restarted in weeks"),
        (Gambles, "Gambles runs differently twice: books differ"),
        (Always, "Always at intensity 0 is not absent"),
        (Hides, "view.state of Hides holds"),
        (Blames, r"Blames books under tags \[7\]"),
        (Silent, "the docstring of Silent does not say Mechanism: Costs: Fails:"),
    ],
)
def test_a_breach_is_named(breaker: type[Strategy], sentence: str) -> None:
    with pytest.raises(BrokenContract, match=sentence):
        check(breaker())


def test_an_honest_strategy_passes() -> None:
    check(Honest())
    contract.peeks_only_if_declared(Peeks())


def test_a_strategy_whose_dates_are_kept_elsewhere_is_told_which_week(project_root: Path) -> None:
    with pytest.raises(BrokenContract, match=r"is not what it would have been in week 14: books differ"):
        contract.restarts_from_plain_state(Forgets())


def test_what_moves_nothing_is_named() -> None:
    with pytest.raises(BrokenContract, match="moves nothing in its channel"):
        doubling_moves(STRATEGIES["placebo"], {"upfront": 4.0}, friction)
