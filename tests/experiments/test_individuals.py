"""Individual effects as data: who is treated with which probability, what is compared with what, and what is written."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from agents.columns import C, K
from agents.miniature import ISOLATED, customers, market, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.strategies.blend.phased_blend import PhasedBlend
from agents.strategies.passive.ease_of_use import EaseOfUse
from agents.strategies.placebo import Placebo
from agents.targeting import Everyone, Random, Randomised, Risk, Targeting, Value
from experiments.assembly import simulate
from experiments.compare import compared
from experiments.compose import compose
from experiments.console import Console
from experiments.customer_table import write_customers
from experiments.errors import ConfigError
from experiments.individuals import (
    FEATURES,
    OWN_EFFECT,
    POLICY_EFFECT,
    OtherLucks,
    interferes,
    seen_at_fork,
    starters,
    stayed,
    treatment,
    trial_slot,
    twins,
    worlds,
)
from experiments.settings import Settings
from experiments.tasks import Task
from experiments.work import Model
from experiments.workers import Pool

NONE = Scenario(name="none")


def promotions(targeting: Targeting, **changes: Any) -> Promotions:
    values: dict[str, Any] = {
        "every": 1.0, "depth": 0.4, "months": 3.0, "channel": "call", "save_depth": 0.3, "save_months": 3.0,
        "save_cost": 5.0, "welcome_depth": 0.0, "welcome_months": 2.0,
    }  # fmt: skip
    return Promotions(targeting=targeting, **{**values, **changes})


SAVE = Scenario(name="save", focal={"save": promotions(Everyone(share=0.5))})
TRIAL = Scenario(name="trial", focal={"offer": promotions(Randomised(share=0.3))})


@pytest.fixture(scope="module")
def warmed() -> MarketModel:
    return warm({"customers": 60, "gate.attention": 0.02, **ISOLATED}, SAVE, TRIAL)


def test_starters_and_what_the_firm_saw_of_them(warmed: MarketModel) -> None:
    slots = starters(warmed)
    assert slots.tolist() == np.flatnonzero(warmed.world.arrays.codes[C.PROVIDER] == 0).tolist()
    seen = seen_at_fork(warmed, slots)
    assert list(seen) == [f"seen_{name}" for name in FEATURES]
    assert {"joined", "plan", "price", "purchases", "tickets", "need_seen"} <= set(FEATURES)
    assert (seen["seen_joined"] == warmed.world.arrays.crm[0, K.JOINED, slots]).all()
    assert (seen["seen_joined"] < 0.0).all()
    assert all((np.abs(column) < 1e5).all() for column in seen.values()), "no day that never came"
    assert stayed(warmed)[slots].all()


# --- treatment ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategies", "slot"),
    [
        ({"a": promotions(Randomised(share=0.2))}, "a"),
        ({"a": promotions(Random(share=0.2)), "b": promotions(Randomised(share=0.5))}, "b"),
        ({"a": promotions(Randomised(share=0.2)), "b": promotions(Randomised(share=0.5))}, None),
        ({"a": promotions(Randomised(share=0.2), intensity=0.0)}, None),
        ({"a": promotions(Random(share=0.2))}, None),
        ({"a": Placebo(upfront=1.0, per_month=1.0)}, None),
        ({}, None),
    ],
    ids=["coin", "beside a lottery", "two coins", "not run", "lottery", "untargeted", "none"],
)
def test_one_coin_makes_a_trial(strategies: dict[str, Any], slot: str | None) -> None:
    assert trial_slot(Scenario(name="x", focal=strategies)) == slot


@pytest.mark.parametrize(("intensity", "propensity"), [(1.0, 0.3), (0.5, 0.15)])
def test_a_trial_treats_by_its_coin_with_known_propensity(intensity: float, propensity: float) -> None:
    offer = promotions(Randomised(share=0.3), intensity=intensity, save_depth=0.0)
    trial = Scenario(name="trial", focal={"offer": offer})
    market = warm({"customers": 1000}, trial)
    slots = starters(market)
    found = treatment(market.fork(trial), trial, slots)
    assert found["propensity"] == pytest.approx(np.full(slots.size, propensity))
    share, error = found["treated"].mean(), np.sqrt(propensity * (1.0 - propensity) / slots.size)
    assert abs(share - propensity) < 4.0 * error
    fork = market.fork(trial)
    fork.run(60.0)
    reached = fork.world.arrays.crm[0, K.CONTACTS, slots] > 0.0
    there = fork.world.arrays.codes[C.UNBROKEN, slots] == 1
    assert (reached == (found["treated"] == 1))[there].all(), "whom the strategy reaches, month by month"
    assert reached.any()


def test_in_an_ordinary_scenario_everybody_is_treated_and_in_the_baseline_nobody(warmed: MarketModel) -> None:
    slots = starters(warmed)
    for is_baseline, expected in ((False, 1), (True, 0)):
        found = treatment(warmed.fork(SAVE), SAVE, slots, is_baseline)
        assert set(found["treated"].tolist()) == {expected}
        assert set(found["propensity"].tolist()) == {float(expected)}


def test_what_is_compared_with_what() -> None:
    """Scenario and baseline; in a trial the coin always and never, and the rest of it the same in both."""
    assert twins(SAVE, NONE) == (SAVE, NONE)
    assert twins(SAVE, None) is None
    ease = EaseOfUse(build=1.0, upkeep=0.1)
    offer = promotions(Randomised(share=0.3), intensity=0.4)
    pair = twins(Scenario(name="trial", focal={"ease": ease, "offer": offer}), NONE)
    assert pair is not None
    for scenario, chance in zip(pair, (1.0, 0.0)):
        assert scenario.focal["ease"] == ease
        aimed = scenario.focal["offer"]
        assert isinstance(aimed, Promotions)
        assert aimed.targeting.share * aimed.intensity == pytest.approx(chance)
        assert replace(aimed, targeting=offer.targeting) == offer


def test_worlds_behind_expected_effects() -> None:
    assert worlds([NONE], "none") == 0
    assert worlds([NONE, SAVE], "none") == 2
    assert worlds([NONE, SAVE, replace(SAVE, name="other"), TRIAL], "none") == 5
    assert worlds([NONE, TRIAL], "none") == 2


@pytest.mark.parametrize(
    ("changes", "strategies", "expected"),
    [
        ({}, [], False),
        ({}, [promotions(Randomised(share=0.5))], False),
        ({}, [promotions(Everyone())], False),
        ({"service.desk": True}, [], True),
        ({"contacts.cap": 6}, [], True),
        ({}, [promotions(Everyone(), budget=0.5)], True),
        ({}, [promotions(Everyone(share=0.5))], True),
        ({}, [promotions(Random(share=0.5))], True),
        ({}, [promotions(Value(share=0.5))], True),
        ({}, [promotions(Risk(share=1.0))], True),
        ({}, [promotions(Value(share=0.5), intensity=0.0)], False),
    ],
)
def test_where_customers_affect_each_other(
    changes: dict[str, Any], strategies: list[Any], expected: bool
) -> None:
    assert interferes(market({**ISOLATED, **changes}), strategies, learning=True) is expected


@pytest.mark.parametrize(("budget", "expected"), [(1e6, False), (2.0, True)])
def test_a_blend_rations_where_a_tactic_does(budget: float, expected: bool) -> None:
    blend = PhasedBlend(
        tactics={"save": promotions(Everyone(), budget=budget)},
        first=("save",),
        when="calendar",
        months=6.0,
        calm=0.0,
    )
    assert interferes(market(ISOLATED), [blend], learning=True) is expected


@pytest.mark.parametrize(
    "changes",
    [{"network.ties": 6.0}, {"rules.cap_call": 2}, {"rules.budget": 3.0}],
    ids=lambda one: next(iter(one)),
)
def test_ties_and_rules_between_strategies_let_customers_affect_each_other(changes: dict[str, Any]) -> None:
    assert interferes(market({**ISOLATED, **changes}), [], learning=True)
    assert not interferes(market(ISOLATED), [], learning=True)


# --- expected effects ---------------------------------------------------------------------------------


def test_fewer_than_fifty_lucks_are_refused(warmed: MarketModel) -> None:
    with pytest.raises(ValueError, match="individuals=49: an expected effect needs at least 50 lucks"):
        OtherLucks(warmed, 3.0, 49)


def test_scenarios_that_do_the_same_have_no_effect_on_anybody(warmed: MarketModel) -> None:
    again = replace(SAVE.focal["save"], budget=2e6)
    mean, error = OtherLucks(warmed, 1.0, 50).effects(SAVE, Scenario(name="other", focal={"save": again}))
    assert not mean.any()
    assert not error.any()


def test_expected_effects_average_over_lucks(warmed: MarketModel) -> None:
    """Means of 50 lucks lie on a grid of 1/50; errors are those of a mean; half of the lucks agree with the rest."""
    mean, error = OtherLucks(warmed, 3.0, 50).effects(SAVE, NONE)
    assert mean.shape == error.shape == starters(warmed).shape
    assert mean * 50 == pytest.approx(np.round(mean * 50), abs=1e-9)
    assert ((mean >= -1.0) & (mean <= 1.0)).all()
    assert mean.any()
    assert (error <= 1.0 / np.sqrt(49.0)).all()
    assert (error[mean != 0.0] > 0.0).all()
    moved_once = np.isclose(np.abs(mean), 0.02) & np.isclose(error, 0.02)
    assert moved_once.any(), "one luck of fifty: sqrt(.02 - .02^2) / 7 = .02"


def test_its_lucks_are_not_the_replicates_own_and_each_world_is_run_once(warmed: MarketModel) -> None:
    seen: list[tuple[str, int]] = []
    fork = MarketModel.fork

    def spying(self: MarketModel, scenario: Scenario, luck: Any = None) -> MarketModel:
        seen.append((scenario.name, luck.key))
        return fork(self, scenario, luck)

    others = OtherLucks(warmed, 0.2, 50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MarketModel, "fork", spying)
        others.effects(SAVE, NONE)
        others.effects(TRIAL, NONE)
    by_scenario = {name: [key for n, key in seen if n == name] for name in ("save", "none", "trial")}
    assert by_scenario["save"] == by_scenario["none"] == by_scenario["trial"], (
        "the i-th luck is the same in all"
    )
    assert len(set(by_scenario["save"])) == len(by_scenario["save"]) == 50
    assert warmed.luck.key not in by_scenario["save"]


# --- the table ----------------------------------------------------------------------------------------


def task(*scenarios: Scenario, changes: dict[str, Any] | None = None, **settings: Any) -> Task:
    values: dict[str, Any] = {
        "market": market({"customers": 60, "gate.attention": 0.02, **(changes or {})}), "customers": customers(),
        "today": Scenario(name="today"), "scenarios": scenarios, "baseline": "none", "focal": "focal", "seed": 1,
        "draw": 0, "replicate": 0, "horizon_months": 3.0, "records": True, "projected": False,
    }  # fmt: skip
    return Task(**{**values, **settings})


@pytest.mark.parametrize(
    ("changes", "label"), [(ISOLATED, OWN_EFFECT), ({}, POLICY_EFFECT)], ids=["alone", "with a desk"]
)
def test_the_file_says_which_column_is_what_and_whose_effect_it_holds(
    changes: dict[str, Any], label: str, tmp_path: Path
) -> None:
    outcomes = simulate(task(NONE, TRIAL, changes=changes))
    path = tmp_path / "customers.parquet"
    write_customers({(outcome.scenario, 0, 0): outcome for outcome in outcomes}, path)
    known = {key.decode(): text.decode() for key, text in pq.read_schema(path).metadata.items()}
    table = pd.read_parquet(path)
    log, base = (table[table["scenario"] == name] for name in ("trial", "none"))
    for part in ("treatment", "propensity", "outcome"):
        assert log[known[part]].notna().all()
    assert list(log.filter(like="seen_").columns) == known["features"].split()
    assert known["effects"] == label
    assert set(log["interference"]) == {label == POLICY_EFFECT}
    assert len(log) == len(base) == log["customer"].nunique()
    assert set(log["treated"]) == {0, 1}
    assert base[["effect_realised", "type", "interference"]].isna().all(axis=None)
    assert "effect_expected" not in table


def test_types_are_the_realised_effects_in_words() -> None:
    for outcome in simulate(task(NONE, TRIAL, SAVE, replace(SAVE, name="again"))):
        table = outcome.customers
        assert table is not None
        assert ("type" in table) == (outcome.scenario != "none")
        if outcome.scenario != "none":
            effect = pd.Series(table["effect_realised"])
            by_type = {name: set(part) for name, part in effect.groupby(table["type"])}
            known = {"persuadable": {1}, "sure thing": {0}, "lost cause": {0}, "sleeping dog": {-1}}
            assert by_type == {name: known[str(name)] for name in by_type}


# --- asked for on the command line --------------------------------------------------------------------

ASKED = ["experiment.customers=true", "individuals=50", "draws=1"]


@pytest.mark.slow
def test_what_cannot_be_told_is_refused_beforehand() -> None:
    asked: dict[str, Any] = {"seed": 1, "replicates": 1, "horizon_months": 1.0}
    with pytest.raises(ValueError, match="individuals=49: an expected effect needs at least 50 lucks"):
        Settings(**asked, draws=1, individuals=49)
    with pytest.raises(ValueError, match="individuals=50 goes with draws=1"):
        Settings(**asked, draws=2, individuals=50)
    with pytest.raises(ConfigError, match=r"individuals=50 goes into customers\.parquet"):
        compose(["individuals=50", "draws=1"])


def test_the_shipped_pilot_is_a_trial() -> None:
    shipped = compose(["scenarios=[none,pilot]"]).world.scenarios[1]
    assert trial_slot(shipped) == "offer"
    pair = twins(shipped, None)
    assert pair is not None
    offer = shipped.focal["offer"]
    assert isinstance(offer, Promotions)
    assert offer.save_depth == offer.welcome_depth == 0.0, "nothing that would reach the control group"


def test_it_is_said_beforehand_that_expected_effects_take_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "models"))
    fake = import_module("fake_model")
    small = ["scenarios=[none,pilot,active]", "replicates=2", "experiment.equal_spend=false",
             "experiment.report=false"]  # fmt: skip
    model = Model(fake.simulate, fake.solve_attention)
    with Pool(0) as pool:
        compared(compose([*small, *ASKED]), tmp_path, Console(), pool, model)
    assert "take 200 worlds more in each replicate, beside 3" in capsys.readouterr().out
