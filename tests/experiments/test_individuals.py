"""Individual effects: what happened under this luck, and what is to be expected over lucks."""

from typing import Any

import numpy as np
import pytest

from agents.columns import C, K
from agents.miniature import ISOLATED, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.strategies.placebo import Placebo
from agents.targeting import Everyone, Random, Targeting, Value
from experiments.individuals import FEATURES, expected_effects, propensity, seen_at_fork, starters, stayed

NONE = Scenario(name="none")


def promotions(targeting: Targeting, **changes: Any) -> Promotions:
    values: dict[str, Any] = {
        "every": 1.0, "depth": 0.4, "months": 3.0, "channel": "call", "save_depth": 0.3, "save_months": 3.0,
        "save_cost": 5.0, "welcome_depth": 0.0, "welcome_months": 2.0,
    }  # fmt: skip
    return Promotions(targeting=targeting, **{**values, **changes})


SAVE = Scenario(name="save", focal={"save": promotions(Everyone(share=0.5))})


@pytest.fixture(scope="module")
def warmed() -> MarketModel:
    return warm({"customers": 60, "gate.attention": 0.02, **ISOLATED}, SAVE)


def test_starters_and_what_the_firm_saw_of_them(warmed: MarketModel) -> None:
    slots = starters(warmed)
    assert slots.tolist() == np.flatnonzero(warmed.world.arrays.codes[C.PROVIDER] == 0).tolist()
    seen = seen_at_fork(warmed, slots)
    assert list(seen) == [f"seen_{name}" for name in FEATURES]
    assert (seen["seen_joined"] == warmed.world.arrays.crm[0, K.JOINED, slots]).all()
    assert (seen["seen_joined"] < 0.0).all()
    assert stayed(warmed)[slots].all()


@pytest.mark.parametrize(
    ("strategies", "expected"),
    [
        ({"a": promotions(Random(share=0.2))}, 0.2),
        ({"a": promotions(Random(share=0.2), intensity=0.5)}, 0.1),
        ({"a": promotions(Random(share=0.2)), "b": promotions(Everyone(share=0.5))}, 0.6),
        ({"a": promotions(Value(share=0.2))}, np.nan),
        ({"a": Placebo(upfront=1.0, per_month=1.0)}, 0.0),
        ({}, 0.0),
    ],
    ids=["random", "half intensity", "two", "by value", "untargeted", "none"],
)
def test_propensity_is_known_where_luck_picks(strategies: dict[str, Any], expected: float) -> None:
    found = propensity(Scenario(name="x", focal=strategies))
    assert found == pytest.approx(expected, nan_ok=True)


def test_fewer_than_fifty_lucks_are_refused(warmed: MarketModel) -> None:
    with pytest.raises(ValueError, match="individuals=49: an expected effect needs at least 50 lucks"):
        expected_effects(warmed, SAVE, NONE, 3.0, 49)


def test_scenarios_that_do_the_same_have_no_effect_on_anybody(warmed: MarketModel) -> None:
    mean, error = expected_effects(warmed, SAVE, Scenario(name="other", focal=SAVE.focal), 1.0, 50)
    assert not mean.any()
    assert not error.any()


def test_expected_effects_average_over_lucks(warmed: MarketModel) -> None:
    """Means of 50 lucks lie on a grid of 1/50; errors are those of a mean; half of the lucks agree with the rest."""
    mean, error = expected_effects(warmed, SAVE, NONE, 3.0, 50)
    assert mean.shape == error.shape == starters(warmed).shape
    assert mean * 50 == pytest.approx(np.round(mean * 50), abs=1e-9)
    assert ((mean >= -1.0) & (mean <= 1.0)).all()
    assert mean.any()
    assert (error <= 1.0 / np.sqrt(49.0)).all()
    assert (error[mean != 0.0] > 0.0).all()
    moved_once = np.isclose(np.abs(mean), 0.02) & np.isclose(error, 0.02)
    assert moved_once.any(), "one luck of fifty: sqrt(.02 - .02^2) / 7 = .02"


def test_its_lucks_are_not_the_replicates_own(warmed: MarketModel) -> None:
    seen: list[tuple[str, int]] = []
    fork = MarketModel.fork

    def spying(self: MarketModel, scenario: Scenario, luck: Any = None) -> MarketModel:
        seen.append((scenario.name, luck.key))
        return fork(self, scenario, luck)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MarketModel, "fork", spying)
        expected_effects(warmed, SAVE, NONE, 0.2, 50)
    by_scenario = {name: [key for n, key in seen if n == name] for name in ("save", "none")}
    assert by_scenario["save"] == by_scenario["none"], "the i-th luck is the same in both worlds"
    assert len(set(by_scenario["save"])) == 50
    assert warmed.luck.key not in by_scenario["save"]
