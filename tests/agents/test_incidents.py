"""Incidents: thinned from one stream, silent or voiced, answered and recovered from."""

from typing import Any

import numpy as np
import pytest

from agents.columns import C, L, N, S, T, X
from agents.miniature import ISOLATED, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.world import World
from sim.marketplace import Pulse

NONE = Scenario(name="none")
LOUD = {"voice": 1.0, "spread_voice": 0.0}
OFTEN = {
    "service.friction": 3.0, "service.doubt": 2.0, "service.failure": 1.5, "customers": 80, "choice.category_exit": -40.0,
    "gate.g_grievance": 0.0, "gate.g_dissatisfaction": 0.0, **ISOLATED,
}  # fmt: skip
"""Things go wrong all the time, and nobody minds enough to look for that."""


def tickets_of(world: World, pulses: int = 8) -> dict[int, set[tuple[int, ...]]]:
    """Tickets of some pulses by kind, each told by its pulse, customer, provider and exact work and patience."""
    found: dict[int, set[tuple[int, ...]]] = {0: set(), 1: set(), 2: set()}
    for n in range(pulses):
        tickets, _, _ = world.live_and_look(world.pace(Pulse(n, 7.0 * n, 7.0)))
        marks = tickets[[X.MINUTES, X.PATIENCE, X.ARRIVAL]].view(np.int64)
        for ticket, mark in zip(tickets.T, marks.T):
            who = (n, int(ticket[X.CUSTOMER]), int(ticket[X.PROVIDER]))
            found[int(ticket[X.KIND])].add((*who, *mark.tolist()))
    return found


def test_rarer_friction_drops_frictions_and_moves_nothing_else() -> None:
    warmed = warm(OFTEN, people=LOUD)
    before, after = warmed.world.twin(), warmed.world.twin()
    after.levers[:, L.FRICTION] *= 0.4
    many, few = tickets_of(before), tickets_of(after)
    assert few[0] < many[0]
    assert (few[1], few[2]) == (many[1], many[2])
    assert 0.2 < len(few[0]) / len(many[0]) < 0.6
    assert min(len(kind) for kind in many.values()) > 20


@pytest.mark.parametrize(("kind", "column"), [(1, L.DOUBT), (2, L.FAILURE)])
def test_the_other_kinds_alike(kind: int, column: L) -> None:
    warmed = warm(OFTEN, people=LOUD)
    before, after = warmed.world.twin(), warmed.world.twin()
    after.levers[:, column] *= 0.5
    many, few = tickets_of(before), tickets_of(after)
    assert few.pop(kind) < many.pop(kind)
    assert few == many


def test_rates_are_those_of_the_market() -> None:
    """Per customer and month, of people to whom nothing is new any more."""
    warmed = warm(
        {**OFTEN, "customers": 1500, "people.involuntary": 0.0, "gate.attention": 1e-7}, people=LOUD
    )
    warmed.world.arrays.state[S.USES] = 1e6
    found = tickets_of(warmed.world, 10)
    own = warmed.world.arrays.codes[C.PROVIDER]
    worse = (own == 0).sum() * 1.0 + (own == 1).sum() * 1.1
    months = 70.0 / 30.4375
    for kind, rate in ((0, 3.0), (1, 2.0), (2, 1.5)):
        expected = rate * worse * months
        assert abs(len(found[kind]) - expected) < 4.0 * np.sqrt(expected)


def test_the_new_meet_more_friction_and_doubt_but_no_more_failures() -> None:
    changes = {
        **OFTEN,
        "customers": 1200,
        "people.involuntary": 0.0,
        "gate.attention": 1e-7,
        "purchases.usage_rate": 1e-5,
    }
    warmed = warm(changes, people=LOUD)
    counts = []
    for uses in (0.0, 6.0, 1e6):
        world = warmed.world.twin()
        world.arrays.state[S.USES] = uses
        counts.append([len(kind) for kind in tickets_of(world, 6).values()])
    new, learning, old = np.array(counts, float)
    for kind in (0, 1):
        for now, factor in ((new, 1.0 + 1.5), (learning, 1.0 + 1.5 * np.exp(-1.0))):
            assert now[kind] / old[kind] == pytest.approx(
                factor, abs=4.0 * factor * np.sqrt(1.0 / old[kind] + 1.0 / now[kind])
            )
    assert abs(new[2] - old[2]) < 4.0 * np.sqrt(2.0 * old[2])


def test_the_silent_never_reach_the_desk() -> None:
    for voice, tickets in ((0.0, False), (1.0, True)):
        warmed = warm(OFTEN, people={"voice": voice, "spread_voice": 0.0})
        twin = warmed.fork(NONE)
        twin.run(56.0)
        incidents, raised = (
            twin.world.counts[:, :, N.INCIDENTS].sum(),
            twin.world.counts[:, :, N.TICKETS].sum(),
        )
        assert incidents > 100
        assert raised == (incidents if tickets else 0)
        assert bool(twin.world.counts[:, :, N.WORKED].any()) is tickets


def after_one_pulse(changes: dict[str, Any]) -> MarketModel:
    """People who cannot leave, all satisfied, after one pulse with incidents; everybody speaks up."""
    changes = {**OFTEN, "gate.attention": 1e-7, "people.involuntary": 0.0, "gate.p_advert": 0.0, **changes}
    twin = warm(changes, people=LOUD).fork(NONE)
    twin.world.arrays.state[S.SATISFACTION] = 0.9
    twin.world.arrays.state[S.GRIEVANCE] = 0.0
    twin.step()
    return twin


def test_recovery_heals_satisfaction_fully_and_grievance_in_part() -> None:
    ignored, solved = after_one_pulse({"service.solved": 0.0}), after_one_pulse({"service.solved": 1.0})
    drops, hurts = np.zeros(80), np.zeros(80)
    for ticket in ignored.passing.tickets.T:
        kind = int(ticket[X.KIND])
        drops[int(ticket[X.CUSTOMER])] += (0.05, 0.03, 0.2)[kind]
        hurts[int(ticket[X.CUSTOMER])] += (0.08, 0.06, 1.0)[kind]
    assert (drops > 0.0).sum() > 30
    low, high = ignored.world.arrays.state, solved.world.arrays.state
    mild = (drops < 0.6) & (low[S.JOINED] < 0.0) & (high[S.JOINED] < 0.0)
    assert high[S.SATISFACTION, mild] - low[S.SATISFACTION, mild] == pytest.approx(drops[mild], abs=1e-6)
    assert low[S.GRIEVANCE] == pytest.approx(hurts, abs=1e-6)
    assert high[S.GRIEVANCE] == pytest.approx(0.5 * hurts, abs=1e-6)


def test_waiting_costs_at_most_what_the_incident_took() -> None:
    """A desk that is closed nearly all day lets people wait; those without patience give up, aggrieved."""
    slow = {
        "service.desk": True,
        "service.hours": 1.0,
        "service.patience": 1000.0,
        "service.solved": 0.0,
        "service.load": 0.5,
    }
    patient = after_one_pulse({**slow, "service.wait_cost": 0.01})
    untouched = after_one_pulse({**slow, "service.wait_cost": 0.0})
    cost = untouched.world.arrays.state[S.SATISFACTION] - patient.world.arrays.state[S.SATISFACTION]
    drops = np.zeros(80)
    for ticket in patient.passing.tickets.T:
        drops[int(ticket[X.CUSTOMER])] += (0.05, 0.03, 0.2)[int(ticket[X.KIND])]
    assert (cost >= -1e-6).all()
    assert (cost <= drops + 1e-6).all()
    assert cost.sum() > 0.5
    hasty = after_one_pulse({**slow, "service.patience": 0.01})
    more = hasty.world.arrays.state[S.GRIEVANCE] - untouched.world.arrays.state[S.GRIEVANCE]
    given_up = more / 0.3
    assert np.allclose(given_up, np.round(given_up), atol=1e-4)
    assert given_up.sum() > 40


def test_grievance_fades_and_satisfaction_returns_to_quality() -> None:
    world = warm(
        {
            **OFTEN,
            "service.friction": 0.0,
            "service.doubt": 0.0,
            "service.failure": 0.0,
            "gate.attention": 1e-7,
        }
    ).world
    own = world.arrays.codes[C.PROVIDER]
    s = world.arrays.state
    s[S.SATISFACTION], s[S.GRIEVANCE] = 0.2, 2.0
    for n in range(13):
        world.live_and_look(world.pace(Pulse(n, 7.0 * n, 7.0)))
    months = 91.0 / 30.4375
    quality = np.array([0.8, 0.78])[own[own >= 0]]
    expected = quality + (0.2 - quality) * 2.0 ** (-months / 3.0)
    assert s[S.SATISFACTION, own >= 0] == pytest.approx(expected, rel=1e-5)
    assert s[S.GRIEVANCE] == pytest.approx(2.0 * 2.0 ** (-months / 5.0), rel=1e-5)


def test_a_service_is_paid_by_its_minutes() -> None:
    model = after_one_pulse({"service.solved": 1.0})
    minutes = model.passing.tickets[X.MINUTES]
    assert model.world.counts[:, :, N.WORKED].sum() == pytest.approx(
        minutes.sum() * 28.0 / 60.0 * 1e6, rel=1e-4
    )
    assert (model.world.arrays.traits[T.VOICE] == 1.0).all()
