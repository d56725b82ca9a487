"""Success check-ins: limited hours, silent incidents found, the new taught - and happy people woken."""

from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, N, S
from agents.contract import content
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.success_checkins import HOURS, SuccessCheckins
from agents.targeting import Everyone
from experiments.measure import runs_of
from experiments.metrics import METRICS

MONTH = 30.4375
NONE = Scenario(name="none")
LOYAL: dict[str, Any] = {"customers": 300, "gate.attention": 1e-7, "gate.p_contact": 0.0, **QUIET, **ISOLATED}
"""Nobody looks, nothing happens by itself."""
TROUBLED: dict[str, Any] = {
    **LOYAL, "service.friction": 0.6, "service.doubt": 0.5, "service.failure": 0.3, "dialogue.response_call": 0.9,
}  # fmt: skip
"""Things go wrong, and people answer the telephone."""
SILENT = {"voice": 0.1, "spread_voice": 0.0, "candour": 0.8}


def checkins(**changes: Any) -> SuccessCheckins:
    values: dict[str, Any] = {
        "managers": 5.0, "every": 3.0, "minutes": 20.0, "targeting": Everyone(share=1.0), "onboarding": 0.0,
        "lesson": 0.0, "hiring": 1000.0,
    }  # fmt: skip
    return SuccessCheckins(**{**values, **changes})


def scenario(strategy: SuccessCheckins) -> Scenario:
    return Scenario(name="checkins", focal={"checkins": strategy})


def worlds(
    changes: dict[str, Any], days: float, *strategies: SuccessCheckins, people: dict[str, Any] | None = None
) -> list[MarketModel]:
    """Twin worlds with each of some strategies and, last, with none."""
    warmed = warm(changes, scenario(checkins()), people=people)
    twins = [warmed.fork(scenario(one)) for one in strategies] + [warmed.fork(NONE)]
    for twin in twins:
        twin.run(days)
    return twins


def counted(model: MarketModel, what: N) -> int:
    return int(model.world.counts[0, :, what].sum())


@pytest.mark.slow
def test_without_staff_it_is_nothing_at_all() -> None:
    with_, without = worlds({"customers": 200}, 200.0, checkins(managers=0.0, onboarding=6.0, lesson=30.0))
    assert content(with_.world) == content(without.world)
    assert with_.providers[0].bound["checkins", "staff hours"] > 0


def test_doubling_the_staff_doubles_wages_and_nothing_else_at_once() -> None:
    once, twice, none = worlds(TROUBLED, 7.0, checkins(managers=1.0), checkins(managers=2.0), people=SILENT)
    for model in (once, twice):
        differing = {k for k, v in content(model.world).items() if v != content(none.world)[k]}
        assert differing == {"books"}
    wages = [m.world.arrays.books[0, :, m.tags["checkins"], A.WAGES].sum() for m in (once, twice)]
    assert wages[1] == pytest.approx(2 * wages[0], abs=5)


def test_more_staff_solves_more_before_anybody_complains() -> None:
    few, many, none = worlds(TROUBLED, 200.0, checkins(managers=0.2), checkins(managers=0.4), people=SILENT)
    solved = [counted(model, N.PROACTIVE) for model in (few, many, none)]
    assert solved[1] > 1.4 * solved[0] > 0
    assert solved[2] == 0


def test_named_staff_find_silent_incidents() -> None:
    with_, without = worlds(TROUBLED, 200.0, checkins(), people=SILENT)
    column = list(METRICS).index("proactivity")
    assert 0.0 < runs_of(with_)[0, -1, column] < 1.0
    assert runs_of(without)[0, -1, column] == 0.0
    grievances = [
        m.world.arrays.state[S.GRIEVANCE, m.world.arrays.codes[C.PROVIDER] == 0] for m in (with_, without)
    ]
    assert (grievances[0] <= grievances[1] + 1e-6).all()
    assert grievances[0].mean() < 0.95 * grievances[1].mean()


def test_staff_works_no_longer_than_it_is_employed_and_is_paid_idle_or_not() -> None:
    strategy = checkins(managers=0.1, every=1.0)
    busy, calm = (
        warm(changes, scenario(strategy), people=people).fork(scenario(strategy))
        for changes, people in ((TROUBLED, SILENT), (LOYAL, {"candour": 0.0}))
    )
    tag = busy.tags["checkins"]
    most = 0.0
    for _ in range(20):
        busy.step()
        provider = busy.providers[0]
        assert provider.worked.get(tag, 0.0) <= provider.crews[tag] * 60.0 + 1e-6
        most = max(most, provider.worked.get(tag, 0.0) / (provider.crews[tag] * 60.0))
    assert most > 0.8
    calm.run(140.0)
    for model in (busy, calm):
        firm = model.providers[0].firm_customers
        hours = HOURS * 0.1 * 600.0 * firm / 1e6 * 140.0 / MONTH
        booked = model.world.arrays.books[0, :, tag, A.WAGES].sum() * model.world.ledger.scale / 1e6
        assert booked == pytest.approx(hours * 28.0, rel=1e-4)


def test_everybody_has_one_turn_in_each_period() -> None:
    model, _ = worlds(LOYAL, 6.0 * MONTH + 7.0, checkins(managers=50.0, every=3.0))
    own = model.world.arrays.codes[C.PROVIDER] == 0
    assert (model.world.arrays.crm[0, K.CONTACTS, own] == 2.0).mean() > 0.97, (
        "but for rounding at a turn's edge"
    )
    assert 1.9 < model.world.arrays.crm[0, K.CONTACTS, own].mean() < 2.1


def test_the_new_are_called_until_they_answer_and_only_while_they_are_new() -> None:
    changes = {**LOYAL, "start": "cohort", "customers": 400, "dialogue.response_call": 0.5}
    strategy = checkins(managers=100.0, every=60.0, onboarding=3.0, targeting=Everyone(share=0.0))
    model, _ = worlds(changes, 70.0, strategy)
    crm = model.world.arrays.crm[0]
    heard = crm[K.ANSWERED] >= 0.0
    calls = crm[K.CONTACTS]
    assert set(np.unique(calls)) == {1.0, 2.0}, "two dates fall into the first three weeks"
    assert (calls[~heard] == 2.0).all()
    first = (calls == 1.0).mean()
    assert abs(first - 0.5) < 4.0 * np.sqrt(0.25 / 400)


def test_onboarding_spares_the_new_incidents() -> None:
    """The same candidates, thinned by less novelty: nobody has more incidents, many have fewer."""
    changes = {
        **TROUBLED, "start": "cohort", "customers": 800, "service.novelty": 4.0, "service.learn": 10.0,
        "dialogue.lesson": 30.0,
    }  # fmt: skip
    strategy = checkins(managers=100.0, onboarding=6.0, targeting=Everyone(share=0.0))
    taught, called, none = worlds(
        changes,
        120.0,
        checkins(managers=100.0, onboarding=6.0, lesson=40.0, targeting=Everyone(share=0.0)),
        strategy,
    )
    assert counted(called, N.INCIDENTS) == counted(none, N.INCIDENTS)
    assert counted(taught, N.INCIDENTS) < 0.85 * counted(called, N.INCIDENTS)


def discordant(one: MarketModel, other: MarketModel) -> tuple[int, int]:
    """Customers of the fork who have left only in the first of two twin worlds, and only in the second."""
    stayed = [model.world.arrays.codes[C.UNBROKEN] == 1 for model in (one, other)]
    origin = one.at_fork.provider == 0
    return int((~stayed[0] & stayed[1] & origin).sum()), int((stayed[0] & ~stayed[1] & origin).sum())


def test_onboarding_lowers_early_churn_where_the_new_have_much_to_learn() -> None:
    changes = {
        **TROUBLED, "gate.attention": 0.01, "start": "cohort", "customers": 3000, "service.novelty": 6.0,
        "service.learn": 10.0, "dialogue.lesson": 30.0, "service.grievance_friction": 0.3,
    }  # fmt: skip
    strategy = checkins(managers=100.0, onboarding=6.0, lesson=40.0, targeting=Everyone(share=0.0))
    taught, none = worlds(changes, 120.0, strategy)
    lost, kept = discordant(taught, none)
    assert kept - lost > 3.0 * np.sqrt(kept + lost)


def test_calling_the_happy_wakes_them() -> None:
    """Nothing is wrong with anybody, and each call makes some compare: more leave than without."""
    changes = {**LOYAL, "gate.attention": 0.001, "gate.p_contact": 0.6, "customers": 2000}
    called, none = worlds(changes, 120.0, checkins(managers=100.0, every=1.0))
    lost, kept = discordant(called, none)
    assert lost - kept > 4.0 * np.sqrt(lost + kept)
