"""Feedback loop: answers, promises kept, causes removed as far as answers say - and asking without acting."""

from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, L, N, S
from agents.contract import content
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.feedback_loop import FeedbackLoop
from agents.strategies.placebo import Placebo
from agents.strategies.strategy import Strategy
from agents.targeting import Random
from sim.luck import Luck

MONTH = 30.4375
NONE = Scenario(name="none")
LOYAL: dict[str, Any] = {"customers": 400, "gate.attention": 1e-7, "gate.p_contact": 0.0, **QUIET, **ISOLATED}
"""Nobody looks, nothing happens by itself."""
TROUBLED: dict[str, Any] = {
    **LOYAL, "service.friction": 0.6, "service.doubt": 0.5, "service.failure": 0.3, "dialogue.response_message": 0.6,
}  # fmt: skip
"""Things go wrong, and people answer surveys."""
SILENT = {"voice": 0.1, "spread_voice": 0.0, "candour": 0.8}


def loop(**changes: Any) -> FeedbackLoop:
    values: dict[str, Any] = {
        "every": 1.0, "channel": "message", "targeting": Random(share=0.5), "answer_cost": 0.5, "hours": 1.0,
        "minutes": 15.0, "fix": 0.0, "platform": 2.0, "running": 0.1,
    }  # fmt: skip
    return FeedbackLoop(**{**values, **changes})


def scenario(strategy: Strategy) -> Scenario:
    return Scenario(name="loop", focal={"loop": strategy})


def worlds(
    changes: dict[str, Any], days: float, *strategies: Strategy, people: dict[str, Any] | None = None,
    luck: Luck | None = None,
) -> list[MarketModel]:  # fmt: skip
    """Twin worlds with each of some strategies and, last, with none."""
    warmed = warm(changes, scenario(loop()), people=people, luck=luck)
    twins = [warmed.fork(scenario(one)) for one in strategies] + [warmed.fork(NONE)]
    for twin in twins:
        twin.run(days)
    return twins


def counted(model: MarketModel, what: N) -> int:
    return int(model.world.counts[0, :, what].sum())


def booked(model: MarketModel, account: A) -> float:
    """What the firm booked under the strategy's tag, in currency."""
    return (
        float(model.world.arrays.books[0, :, model.tags["loop"], account].sum())
        * model.world.ledger.scale
        / 1e6
    )


# --- off is off ---------------------------------------------------------------------------------------


def test_who_asks_nobody_is_a_placebo() -> None:
    """To the byte in every array: with nothing told, nothing is fixed, whatever `fix` allows."""
    silent = loop(targeting=Random(share=0.0), hours=0.0, fix=5.0)
    asked, placebo, _ = worlds(
        {"customers": 200}, 200.0, silent, Placebo(upfront=2.0, per_month=0.1), people=SILENT
    )
    assert content(asked.world) == content(placebo.world)


def test_staff_without_a_survey_is_paid_and_changes_nobody() -> None:
    idle, placebo, _ = worlds(
        {"customers": 200}, 200.0, loop(targeting=Random(share=0.0)), Placebo(upfront=2.0, per_month=0.1)
    )
    differing = {k for k, v in content(idle.world).items() if v != content(placebo.world)[k]}
    assert differing == {"books"}
    wages = 1.0 * idle.providers[0].firm_customers * 200.0 / MONTH * 28.0
    assert booked(idle, A.WAGES) == pytest.approx(wages, rel=1e-4)


# --- levers and channels ------------------------------------------------------------------------------


def test_asking_twice_as_many_brings_twice_the_answers_and_nothing_before() -> None:
    few, many = (loop(targeting=Random(share=share)) for share in (0.4, 0.8))
    early = worlds(TROUBLED, 28.0, few, many, people=SILENT)
    assert content(early[0].world) == content(early[1].world)
    late = worlds(TROUBLED, 6.0 * MONTH, few, many, people=SILENT)
    answers = [counted(model, N.ENGAGED) for model in late]
    assert answers[2] == 0, "without contract there would be purchases; here only answers engage"
    assert abs(answers[1] - 2 * answers[0]) < 4.0 * np.sqrt(answers[1] + 4 * answers[0])
    assert booked(late[1], A.FIXED) - 0.1 * late[1].providers[0].firm_customers * 6.0 == pytest.approx(
        0.5 * answers[1] * late[1].world.ledger.scale, rel=1e-3
    )


def test_more_hours_keep_more_promises_and_cost_twice_the_wages() -> None:
    hours = (0.01, 0.02)
    few, many, _ = worlds(TROUBLED, 200.0, *(loop(hours=h) for h in hours), people=SILENT)
    assert counted(many, N.PROMISES_KEPT) > 1.4 * counted(few, N.PROMISES_KEPT) > 0
    assert counted(many, N.PROMISES_BROKEN) < counted(few, N.PROMISES_BROKEN)
    assert counted(many, N.PROACTIVE) > counted(few, N.PROACTIVE)
    assert booked(many, A.WAGES) == pytest.approx(2.0 * booked(few, A.WAGES), rel=1e-6)


def test_with_enough_staff_no_promise_is_broken() -> None:
    model, _ = worlds(TROUBLED, 200.0, loop(), people=SILENT)
    assert counted(model, N.PROMISES_KEPT) > 50
    assert counted(model, N.PROMISES_BROKEN) == 0


def test_staff_works_no_longer_than_it_is_employed() -> None:
    strategy = loop(hours=0.01)
    model = warm(TROUBLED, scenario(strategy), people=SILENT).fork(scenario(strategy))
    tag, most = model.tags["loop"], 0.0
    for _ in range(26):
        model.step()
        provider = model.providers[0]
        part = provider.worked.get(tag, 0.0) / (provider.crews[tag] * 60.0)
        assert part <= 1.0 + 1e-9
        most = max(most, part)
    assert most > 0.8


def test_causes_are_fixed_as_far_as_answers_tell_trouble() -> None:
    """Failures become rarer where trouble is told, in no other kind; where nobody tells any, nothing is invested."""
    plain, fixed, _ = worlds(TROUBLED, 364.0, loop(), loop(fix=2.0), people=SILENT)
    levers = [model.world.levers[0] for model in (plain, fixed)]
    assert levers[1][L.FAILURE] < 0.95 * levers[0][L.FAILURE]
    assert (levers[0][[L.FRICTION, L.DOUBT]] == levers[1][[L.FRICTION, L.DOUBT]]).all()
    most = 2.0 * fixed.providers[0].firm_customers * 12.0
    spent = booked(fixed, A.FIXED) - booked(plain, A.FIXED)
    assert 0.05 * most < spent < 0.8 * most
    reserved, _ = worlds(TROUBLED, 364.0, loop(fix=2.0), people={**SILENT, "candour": 0.0})
    answers = counted(reserved, N.ENGAGED) * 0.5 * reserved.world.ledger.scale
    standing = 0.1 * reserved.providers[0].firm_customers * 364.0 / MONTH
    assert booked(reserved, A.FIXED) == pytest.approx(answers + standing, rel=1e-4)
    assert reserved.world.levers[0, L.FAILURE] == pytest.approx(levers[0][L.FAILURE])


# --- asked and not acted upon -------------------------------------------------------------------------


def more(one: MarketModel, other: MarketModel) -> tuple[float, float]:
    """Mean grievance of who stays in both worlds, and share of the customers of the fork who left: differences."""
    codes = [model.world.arrays.codes for model in (one, other)]
    origin = one.at_fork.provider == 0
    there = origin & (codes[0][C.UNBROKEN] == 1) & (codes[1][C.UNBROKEN] == 1)
    grievance = [model.world.arrays.state[S.GRIEVANCE, there].mean() for model in (one, other)]
    gone = [(c[C.UNBROKEN, origin] == 0).mean() for c in codes]
    return float(grievance[0] - grievance[1]), float(gone[0] - gone[1])


def above_zero(differences: np.ndarray) -> bool:
    """Whether the 95 % interval of the mean over six replicates lies above 0."""
    half = 2.571 * differences.std(axis=0, ddof=1) / np.sqrt(len(differences))
    return bool((differences.mean(axis=0) - half > 0.0).all())


@pytest.mark.slow
def test_asked_and_not_acted_upon_is_worse_than_not_asking() -> None:
    """More grievance and more churn than without a word, and than with the loop closed; paired over lucks."""
    changes = {**TROUBLED, "customers": 1500, "gate.attention": 0.004, "dialogue.broken_promise": 0.5}
    silent, closed = [], []
    for n in range(6):
        idle, acted, none = worlds(
            changes, 364.0, loop(hours=0.0, targeting=Random(share=1.0)), loop(targeting=Random(share=1.0)),
            people=SILENT, luck=Luck(1, n),
        )  # fmt: skip
        assert counted(idle, N.PROMISES_BROKEN) > counted(idle, N.PROMISES_KEPT) == 0
        silent.append(more(idle, none))
        closed.append(more(idle, acted))
    assert above_zero(np.array(silent))
    assert above_zero(np.array(closed))


def test_a_survey_wakes_people_to_whom_nothing_has_happened() -> None:
    changes = {**LOYAL, "customers": 2000, "gate.attention": 0.001, "gate.p_contact": 0.6}
    asked, none = worlds(changes, 120.0, loop(targeting=Random(share=1.0)))
    stayed = [model.world.arrays.codes[C.UNBROKEN] == 1 for model in (asked, none)]
    lost, kept = int((stayed[1] & ~stayed[0]).sum()), int((stayed[0] & ~stayed[1]).sum())
    assert lost - kept > 4.0 * np.sqrt(lost + kept)
