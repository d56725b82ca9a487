"""What a task is known by: content, and nothing else."""

from dataclasses import replace

import pytest

from experiments.compose import Resolved, compose
from experiments.errors import ConfigError
from experiments.points.base import Base, base_of


@pytest.fixture(scope="module")
def base(question: Resolved) -> Base:
    return base_of(question)


def keys(
    base: Base, values: dict[str, float], replicates: tuple[int, ...] = (0,)
) -> dict[tuple[int, str], bytes]:
    return {(r, s): key for r, s, key in base.content.keys(base.there(values), base.drawn(0), replicates)}


def test_a_key_is_the_same_however_the_value_got_there(question: Resolved, base: Base) -> None:
    moved = keys(base, {"market.experience.kappa": 0.3})
    configuration = {**question.configuration}
    configuration["market"] = {**question.configuration["market"]}
    configuration["market"]["experience"] = {**configuration["market"]["experience"], "kappa": 0.3}
    assert keys(base_of(question, configuration=configuration), {}) == moved
    assert keys(base, {}) != moved


def test_a_scenarios_value_changes_its_own_tasks_only(base: Base) -> None:
    slot = next(iter(base.configuration["scenarios"]["active"]["focal"]))
    before, after = keys(base, {}), keys(base, {f"scenarios.active.focal.{slot}.intensity": 0.5})
    assert before[0, "none"] == after[0, "none"]
    assert before[0, "active"] != after[0, "active"]


def test_luck_horizon_and_baseline_belong_to_the_content_and_names_do_not(base: Base) -> None:
    own = keys(base, {}, (0, 1))
    assert own[0, "none"] != own[1, "none"]
    for other in (replace(base, seed=9), replace(base, horizon_months=3.0), replace(base, recalibrate=False)):
        assert keys(other, {})[0, "none"] != own[0, "none"]
    assert keys(replace(base, name="another"), {}) == keys(base, {})


def test_scenarios_that_are_not_run_need_no_values(question: Resolved) -> None:
    only = {"none": question.configuration["scenarios"]["none"]}
    alone = base_of(question, configuration={**question.configuration, "scenarios": only})
    assert alone.scenarios == ("none",)
    assert alone.there({"scenarios.active.focal.save.depth": 0.1, "market.gate.p_contact": 0.1}) == {
        "market.gate.p_contact": 0.1
    }
    with pytest.raises(ConfigError, match="baseline=active is not among the scenarios none"):
        base_of(question, configuration={**question.configuration, "scenarios": only}, baseline="active")


def test_draws_are_those_of_a_comparison_with_the_same_seed() -> None:
    resolved = compose(["scenarios=[none]", "draws=3"])
    base = base_of(resolved)
    assert base.world(base.drawn(2)).market == resolved.draw(2).market
    assert base_of(compose(["scenarios=[none]", "draws=1"])).drawn(2) == {}
