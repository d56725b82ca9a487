"""Backfire comes from the gate and from match alone: contacts wake, and whom they wake decides."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.columns import C, N, S, T
from agents.contract import content
from agents.miniature import FAMILY, ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.view import ProviderView

NONE = Scenario(name="none")
MONTH = 30.4375
Doing = Callable[..., Scenario]


def lived(warmed: MarketModel, scenario: Scenario, days: float) -> MarketModel:
    twin = warmed.fork(scenario)
    twin.run(days)
    return twin


def notice(view: ProviderView) -> None:
    """To everybody, about nothing."""
    view.notify(view.members, "message")


def left(model: MarketModel) -> int:
    return int(model.world.counts[:, :, N.LEFT].sum())


# --- a market-wide notice without content -------------------------------------------------------------


def test_with_the_gate_on_a_notice_makes_people_look_and_leave(doing: Doing) -> None:
    """Every provider writes once: who had not thought of it compares, and some go."""
    everywhere = doing(notice, rivals=True)
    warmed = warm(
        {"customers": 6000, **ISOLATED, "gate.attention": 0.001, "gate.p_contact": 0.06}, everywhere
    )
    told, untold = lived(warmed, everywhere, 28.0), lived(warmed, NONE, 28.0)
    looks = [int(model.world.counts[:-1, :, N.LOOKS].sum()) for model in (told, untold)]
    contacted = int(told.world.counts[:, :, N.CONTACTS].sum())
    assert abs(looks[0] - looks[1] - 0.03 * contacted) < 5.0 * np.sqrt(0.03 * contacted)
    stayed = [model.world.arrays.codes[C.UNBROKEN] == 1 for model in (told, untold)]
    driven_out, kept = int((stayed[1] & ~stayed[0]).sum()), int((stayed[0] & ~stayed[1]).sum())
    assert driven_out - kept > 4.0 * np.sqrt(driven_out + kept)


def test_with_the_gate_off_a_notice_does_nothing(doing: Doing) -> None:
    """Where everybody looks all the time anyway, nobody can be woken: the same people at the same places, to the bit."""
    everywhere = doing(notice, rivals=True)
    wide_awake = {"gate.attention": 1.0, "pulse": 28.0, "gate.p_contact": 0.3, "experience.rho": 0.0}
    warmed = warm(
        {"customers": 300, **ISOLATED, **wide_awake, "gate.g_commitment": 0.0},
        everywhere,
        people={"attention": 1.0, "spread_attention": 0.0},
    )
    told, untold = lived(warmed, everywhere, 364.0), lived(warmed, NONE, 364.0)
    assert told.world.counts[:, :, N.CONTACTS].sum() > 0
    pressed = (S.PRESSURE, S.SALIENCE)
    for row in S:
        if row not in pressed:
            assert told.world.arrays.state[row].tobytes() == untold.world.arrays.state[row].tobytes(), (
                row.name
            )
    assert content(told.world)["codes"] == content(untold.world)["codes"]
    counts = [np.delete(model.world.counts, [N.CONTACTS, N.PRESSURE], axis=2) for model in (told, untold)]
    assert (counts[0] == counts[1]).all()
    assert left(told) > 100


def test_a_notice_wakes_the_less_the_better_it_fits(doing: Doing) -> None:
    warmed = warm(
        {"customers": 4000, **QUIET, **ISOLATED, "gate.attention": 1e-6, "gate.p_contact": 0.6}, doing(notice)
    )
    positions = warmed.world.arrays.traits[T.POSITION].copy()

    def send(offset: float) -> Callable[[ProviderView], None]:
        def deed(view: ProviderView) -> None:
            view.send(view.members, "message", (positions[view.members] + offset).astype(np.float32))

        return deed

    for offset, chance in ((0.0, 0.0), (0.5, 0.15), (1.0, 0.3), (2.0, 0.6)):
        model = lived(warmed, doing(send(offset)), 7.0)
        contacted = int(model.world.counts[0, :, N.CONTACTS].sum())
        looks = int(model.world.counts[0, :, N.LOOKS].sum())
        assert abs(looks - chance * contacted) < 4.0 * np.sqrt(chance * contacted) + 3.0


# --- a plan recommendation ----------------------------------------------------------------------------

PLANS: dict[str, Any] = {
    "customers": 60_000, **QUIET, **ISOLATED, "gate.p_contact": 0.09, "choice.match_scale": 1.5, "choice.misfit": 1.5,
    "people.plan_error": 0.35, "gate.p_advert": 0.0, "service.solved": 1.0, "choice.category_exit": -20.0,
}  # fmt: skip


def better_plans(view: ProviderView) -> None:
    """Recommend, once, the plan that would fit, to whom it would fit clearly better: the firm guesses right."""
    world = view._provider.world
    ids = view.members
    gaps = np.abs(view.plan_levels[None, :] - world.arrays.traits[T.NEED, ids][:, None])
    best, own = gaps.argmin(axis=1), view.crm.plan[ids].astype(int)
    wrong = gaps[np.arange(ids.size), own] - gaps.min(axis=1) > 0.25
    view.recommend(ids[wrong], "call", best[wrong])


def churn_by_attention(attention: float, doing: Doing, months: float = 3.0) -> tuple[int, int, int]:
    """Recommended customers, and how many of them left within some months, with and without the recommendation."""
    scenario = doing(better_plans)
    warmed = warm(
        {**PLANS, "gate.attention": attention},
        scenario,
        people={"attention": 1.0, "spread_attention": 0.0, "hassle": 1.0},
    )
    told, untold = lived(warmed, scenario, months * MONTH), lived(warmed, NONE, months * MONTH)
    recommended = told.world.arrays.state[S.PRESSURE] > 0.0
    gone = [int((model.world.arrays.codes[C.UNBROKEN] == 0)[recommended].sum()) for model in (told, untold)]
    return int(recommended.sum()), gone[0], gone[1]


def test_a_recommended_plan_wakes_the_inert_and_keeps_the_engaged(doing: Doing) -> None:
    """Badly fitting customers: more of the inert leave for it, fewer of those who look anyway."""
    inert, told, untold = churn_by_attention(2e-5, doing)
    assert told - untold > 4.0 * np.sqrt(told + untold)
    engaged, kept, lost = churn_by_attention(0.05, doing)
    assert lost - kept > 4.0 * np.sqrt(kept * 0.2)
    assert min(inert, engaged) > 300


def test_both_effects_are_gone_without_match_and_without_the_gate(doing: Doing) -> None:
    """No weight on match: nothing to gain from a plan. No prompt by contacts: nobody is woken."""
    scenario = doing(better_plans)
    changes = {
        **PLANS,
        "customers": 4000,
        "gate.attention": 0.0001,
        "gate.p_contact": 0.0,
        "experience.rho": 0.0,
        "experience.kappa": 0.0,
    }
    warmed = warm(changes, scenario)
    told, untold = lived(warmed, scenario, 91.0), lived(warmed, NONE, 91.0)
    assert abs(left(told) - left(untold)) <= 3


# --- save offers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [0.1, 0.4])
def test_a_save_desk_keeps_some_and_loses_nobody(depth: float, act: Callable[..., Any]) -> None:
    """One pulse from one warm state: whoever stays without a save desk stays with it."""
    from agents.strategies.active.promotions import Promotions
    from agents.targeting import Everyone

    save = Promotions(
        every=120.0, depth=0.0, months=2.0, channel="call", targeting=Everyone(), save_depth=depth, save_months=6.0,
        save_cost=5.0, welcome_depth=0.0, welcome_months=2.0,
    )  # fmt: skip
    scenario = Scenario(name="save", focal={"save": save})
    warmed = warm(
        {"customers": 3000, "gate.attention": 0.05, "choice.in_person": 1.0, **ISOLATED},
        scenario,
        people=FAMILY,
    )
    with_, without = lived(warmed, scenario, 7.0), lived(warmed, NONE, 7.0)
    start = warmed.at_fork.provider
    stays = [(m.world.arrays.codes[C.PROVIDER] == 0) & (start == 0) for m in (with_, without)]
    assert not (stays[1] & ~stays[0]).any()
    assert (stays[0] & ~stays[1]).sum() == with_.world.counts[0, :, N.SAVED].sum() > 0
    rivals = [(m.world.arrays.codes[C.PROVIDER] == 1) & (start == 1) for m in (with_, without)]
    assert (rivals[0] == rivals[1]).all()
