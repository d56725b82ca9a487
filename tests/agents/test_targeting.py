"""Targeting: whom a strategy is for, in the order of importance."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.columns import C, K
from agents.miniature import warm
from agents.scenario import Scenario
from agents.targeting import Everyone, Oracle, Random, Randomised, Risk, Targeting, Value
from agents.view import ProviderView
from agents.world import World
from sim.marketplace import Pulse


def view_of(
    targeting: Targeting, act: Callable[..., Any], changes: dict[str, Any] | None = None
) -> tuple[World, ProviderView]:
    class Aimed(act):  # type: ignore[misc, valid-type]
        @property
        def peeks(self) -> bool:
            return targeting.peeks

    scenario = Scenario(name="aimed", focal={"aimed": Aimed(deed=lambda view: None)})
    twin = warm({"customers": 300, "warm_up": 2.0, **(changes or {})}, scenario).fork(scenario)
    provider = twin.providers[0]
    return twin.world, ProviderView(provider, provider.running["aimed"])


@pytest.mark.parametrize("cls", [Everyone, Random, Risk, Value, Oracle])
def test_a_share_of_the_candidates_is_picked(cls: type[Targeting], act: Callable[..., Any]) -> None:
    targeting = cls(share=0.3)
    _, view = view_of(targeting, act)
    ids = view.members
    whole, half = targeting.pick(view, ids, 1.0, 7), targeting.pick(view, ids, 0.5, 7)
    assert whole.size == round(0.3 * ids.size)
    assert half.size == round(0.15 * ids.size)
    assert set(whole.tolist()) <= set(ids.tolist())
    assert len(set(whole.tolist())) == whole.size
    assert half.tolist() == whole[: half.size].tolist(), (
        "less intensity reaches the most important of the same"
    )
    scores = targeting.scores(view, ids, 7)
    assert scores[np.isin(ids, whole)].min() >= scores[~np.isin(ids, whole)].max()


@pytest.mark.parametrize("cls", [Random, Risk])
def test_ties_are_broken_by_luck_anew_each_time(cls: type[Targeting], act: Callable[..., Any]) -> None:
    """Without a model, ranking by risk is random."""
    targeting = cls(share=0.2)
    _, view = view_of(targeting, act)
    first, again, later = (set(targeting.pick(view, view.members, 1.0, n).tolist()) for n in (7, 7, 8))
    assert first == again
    assert first != later
    assert not first <= set(range(40)), "not the lowest slots"


def test_a_trial_treats_the_same_people_at_every_date(act: Callable[..., Any]) -> None:
    targeting = Randomised(share=0.4)
    world, view = view_of(targeting, act)
    ids = np.arange(len(world.people), dtype=np.int32)
    treated = targeting.pick(view, ids, 1.0, 7)
    assert treated.tolist() == targeting.pick(view, ids, 1.0, 380).tolist()
    assert set(treated.tolist()) == set(ids[targeting.drawn(view, ids, 1.0)].tolist())
    assert abs(treated.size - 0.4 * ids.size) < 4.0 * np.sqrt(0.24 * ids.size)
    assert targeting.pick(view, ids, 0.0, 7).size == 0
    assert set(Randomised(share=1.0).pick(view, ids, 1.0, 7).tolist()) == set(ids.tolist())


def test_a_trial_tosses_a_coin_for_each_whoever_else_is_there(act: Callable[..., Any]) -> None:
    """Neither other candidates nor less intensity brings anybody in; a budget cuts the same people every time."""
    targeting = Randomised(share=0.6)
    world, view = view_of(targeting, act)
    ids = np.arange(len(world.people), dtype=np.int32)
    treated = targeting.pick(view, ids, 1.0, 7)
    some = ids[::3]
    assert set(targeting.pick(view, some, 1.0, 7).tolist()) == set(treated.tolist()) & set(some.tolist())
    half = targeting.pick(view, ids, 0.5, 7)
    assert 0 < half.size < treated.size
    assert half.tolist() == treated[: half.size].tolist()


def test_value_is_what_a_day_has_brought(act: Callable[..., Any]) -> None:
    world, view = view_of(Value(share=0.2), act)
    picked = Value(share=0.2).pick(view, view.members, 1.0, 0)
    crm = world.arrays.crm[0]
    a_day = crm[K.SPEND] / np.maximum(0.0 - crm[K.JOINED], 30.0)
    assert a_day[picked].mean() > 1.2 * a_day[view.members].mean()


@pytest.mark.parametrize(
    "form",
    [
        {"gate.attention": 0.001},
        {"contract": "term", "gate.per": "renewal", "gate.attention": 0.3, "term_months": 3.0},
        {"contract": "none", "gate.per": "purchase", "gate.attention": 0.02},
    ],
    ids=["day", "renewal", "purchase"],
)
def test_what_an_oracle_sees_is_what_happens_on_average(
    form: dict[str, Any], act: Callable[..., Any]
) -> None:
    """Mean true risk of a month against the share that leaves in a month, and high risks leave more.

    The noise is integrated out, so that this holds where looks are rarer than views change.
    """
    changes = {
        "customers": 12_000,
        "choice.memory": 30.0,
        "people.involuntary": 0.0,
        "warm_up": 3.0,
        "gate.p_notice": 0.0,
        "gate.p_expiry": 0.0,
        **form,
    }
    world, view = view_of(Oracle(share=1.0), act, changes)
    ids = view.members
    risk = view.true_risk(ids)
    provider = view._provider.model
    for _ in range(4):
        provider.step()
    provider.marketplace.step(30.4375)
    left = world.arrays.codes[C.UNBROKEN, ids] == 0
    assert left.mean() == pytest.approx(
        risk.mean(), abs=float(4.0 * np.sqrt(risk.mean() / ids.size) + 0.1 * risk.mean())
    )
    high = risk > np.quantile(risk, 0.8)
    assert left[high].mean() > 2.0 * left[~high].mean()


def test_an_oracle_looks_and_changes_nothing(act: Callable[..., Any]) -> None:
    world, view = view_of(Oracle(share=1.0), act)
    before = {name: array.tobytes() for name, array in world.arrays.named().items()}
    assert (view.true_risk(view.members) == view.true_risk(view.members)).all()
    assert {name: array.tobytes() for name, array in world.arrays.named().items()} == before
    assert world.pace(Pulse(0, 0.0, 7.0)).day == 0.0
