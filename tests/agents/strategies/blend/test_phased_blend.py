"""The phased blend: who runs first, when the others follow, and that order is all it adds."""

from dataclasses import replace
from typing import Any

import pytest

from agents.contract import content
from agents.miniature import QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.blend.phased_blend import PhasedBlend
from agents.strategies.passive.ease_of_use import EaseOfUse
from agents.strategies.placebo import Placebo

TACTICS = {"ease": EaseOfUse(build=2.0, upkeep=0.1), "waste": Placebo(upfront=1.0, per_month=0.5)}
MONTH = 30.4375
SMALL: dict[str, Any] = {"customers": 120}


def blend(**changes: Any) -> PhasedBlend:
    """A blend whose second tactic follows after three months."""
    values: dict[str, Any] = {
        "tactics": TACTICS, "first": ("ease",), "when": "calendar", "months": 3.0, "calm": 0.0, **changes,
    }  # fmt: skip
    return PhasedBlend(**values)


def scenario(strategy: PhasedBlend) -> Scenario:
    return Scenario(name="phased", focal={"mix": strategy})


def spent(model: MarketModel, tactic: str) -> int:
    """All that a tactic of the blend has booked, in millionths."""
    return int(model.world.arrays.books[0, :, model.tags[f"mix.{tactic}"]].sum())


def test_the_others_follow_on_their_date_and_not_before() -> None:
    asked = scenario(blend())
    model = warm(SMALL, asked).fork(asked)
    model.run(3.0 * MONTH - 1.0)
    assert spent(model, "ease") > 0
    assert spent(model, "waste") == 0
    model.run(3.0 * MONTH + 7.0)
    assert spent(model, "waste") > 0


def test_a_calm_base_calls_the_others_at_once_and_trouble_does_not() -> None:
    asked = scenario(blend(when="calm", months=12.0, calm=0.05))
    for changes, followed in (({**SMALL, **QUIET}, True), ({**SMALL, "service.doubt": 3.0}, False)):
        model = warm({**changes, "warm_up": 3.0}, asked).fork(asked)
        model.run(2.0 * MONTH)
        assert (spent(model, "waste") > 0) == followed


def test_with_everybody_first_it_is_its_tactics_side_by_side() -> None:
    """Slots give strategies their luck, so that the same slots are the same world, to the byte."""
    phased = scenario(blend(first=("ease", "waste")))
    alone = Scenario(name="alone", focal={f"mix.{name}": tactic for name, tactic in TACTICS.items()})
    model = warm(SMALL, phased, alone)
    worlds = [model.fork(one) for one in (phased, alone)]
    for world in worlds:
        world.run(8.0 * MONTH)
    assert content(worlds[0].world) == content(worlds[1].world)


def test_its_intensity_is_that_of_its_tactics() -> None:
    phased = scenario(blend(first=("ease", "waste")))
    half = phased.scaled(0.5)
    model = warm(SMALL, phased)
    costs = []
    for one in (phased, half):
        world = model.fork(one)
        world.run(4.0 * MONTH)
        costs.append(spent(world, "waste"))
    assert costs[1] == pytest.approx(costs[0] / 2, abs=40)


def test_a_tactic_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="first: nobody is no tactic of the blend; name some of ease, waste"):
        blend(first=("nobody",))


def test_a_blend_that_is_carried_on_launches_nothing_again() -> None:
    """Forked anew in the middle, tactics go on with their dates and pay no upfront cost."""
    asked = scenario(blend())
    whole = warm(SMALL, asked).fork(asked)
    parts = whole.fork(asked)
    for day in (63.0, 154.0, 308.0):  # where a pulse ends, and a reading is taken, is part of the world
        whole.run(day)
        parts.run(day)
        parts = parts.fork(asked) if day < 308.0 else parts
    assert content(whole.world) == content(parts.world)


def test_what_a_blend_no_longer_runs_is_ended() -> None:
    asked, none = scenario(blend(first=("ease", "waste"))), Scenario(name="none")
    running = warm(SMALL, asked).fork(asked)
    running.run(2.0 * MONTH)
    ended = running.fork(none)
    before = spent(ended, "waste")
    ended.run(6.0 * MONTH)
    assert spent(ended, "waste") == before
    off = running.fork(scenario(replace(blend(), intensity=0.0)))
    off.run(6.0 * MONTH)
    assert content(off.world) == content(ended.world)
