"""Service: staffed for the firm, not for the sample; tickets come back to whom they belong."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.columns import A, C, N, S, X
from agents.miniature import QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.service import Habits, Past, Service, hand_in
from agents.tickets import answer, answer_as_before, fate
from sim.desk import DeskCounts
from sim.marketplace import Pulse
from sim.tickets import ENDED, PRIORITIES

NONE = Scenario(name="none")
LOUD = {"voice": 1.0, "spread_voice": 0.0}
CALM: dict[str, Any] = {
    **QUIET, "customers": 400, "gate.attention": 1e-7, "gate.g_grievance": 0.0, "gate.g_dissatisfaction": 0.0,
    "service.failure": 1.0, "firm_customers": 200.0, "service.team_customers": 5000.0,
}  # fmt: skip


def service_of(model: MarketModel, provider: int = 0) -> Service:
    service = model.providers[provider].service
    assert service is not None
    return service


def counts_of(model: MarketModel) -> DeskCounts:
    return model.centre.desks.counts(0)


def test_people_are_enough_for_the_expected_work_at_the_stated_load() -> None:
    for load in (0.5, 0.8):
        model = warm({**CALM, "service.load": load}, people=LOUD)
        service = service_of(model)
        tickets = float(model.world.present(0).sum()) * model.world.ledger.scale / 30.4375
        assert service.people * 10.0 * load == pytest.approx(tickets * 8.0 / 60.0 / service.teams, rel=1e-4)


@pytest.mark.parametrize("firm", [200.0, 4000.0, 60_000.0])
def test_the_desk_is_the_firms(firm: float) -> None:
    """Staff and wages follow the firm's size, whatever the sample; a team is the same size in every sample."""
    model = warm({**CALM, "firm_customers": firm}, people=LOUD).fork(NONE)
    service = service_of(model)
    scale, present = model.world.ledger.scale, float(model.world.present(0).sum())
    assert service.teams == max(1, round(present * scale / 5000.0))
    model.run(28.0)
    books = model.world.arrays.books[0, :, 0].sum(axis=0)
    paid = books[A.WAGES] * scale / 1e6
    assert paid == pytest.approx(service.people * 10.0 * 28.0 * service.teams * 28.0, rel=1e-5)
    work = present * scale / 30.4375 * 28.0 * 8.0 / 60.0
    assert paid * 0.8 / 28.0 == pytest.approx(work, rel=1e-3)


def tickets_seen(model: MarketModel) -> int:
    """Tickets that the focal provider's desk has seen so far, the background's included."""
    counts = counts_of(model)
    return counts.served + counts.abandoned + counts.waiting


def test_other_customers_of_the_firm_fill_the_desk() -> None:
    """A sample of a twentieth sees as many tickets at its desk as the whole team's customers raise."""
    model = warm({**CALM, "firm_customers": 4000.0}, people=LOUD).fork(NONE)
    before = tickets_seen(model)
    for _ in range(12):
        model.step()
    seen = tickets_seen(model) - before
    expected = float(model.world.present(0).sum()) * model.world.ledger.scale * 84.0 / 30.4375
    assert abs(seen - expected) < 5.0 * np.sqrt(expected)


def test_waits_are_those_of_the_firm_not_of_the_sample() -> None:
    """The same firm with a small and a large sample: satisfaction lost by waiting agrees."""
    lost = []
    for people in (400, 1600):
        changes = {
            **CALM,
            "customers": people,
            "firm_customers": 2000.0,
            "service.load": 0.95,
            "service.hours": 6.0,
        }
        cost = {}
        for wait_cost in (0.02, 0.0):
            model = warm(
                {**changes, "service.wait_cost": wait_cost, "service.patience": 1000.0}, people=LOUD
            ).fork(NONE)
            model.run(168.0)
            own = model.world.arrays.codes[C.PROVIDER] == 0
            cost[wait_cost] = model.world.arrays.state[S.SATISFACTION, own].astype(np.float64)
        drop = cost[0.0] - cost[0.02]
        lost.append((drop.mean(), drop.std() / np.sqrt(drop.size)))
    (small, error), (large, other) = lost
    assert large > 0.02
    assert abs(small - large) < 4.0 * np.hypot(error, other)


@pytest.mark.parametrize("generation", [0, 127, -128, -1])
def test_an_answer_reaches_only_the_person_who_asked(generation: int) -> None:
    """Neither a replacement nor a customer who has gone to a rival meets the answer, however many came before."""
    model = warm({**CALM, "service.solved": 1.0}, people=LOUD)
    world = model.world
    world.arrays.codes[C.GENERATION] = generation
    pulse = Pulse(0, 0.0, 7.0)
    pace = world.pace(pulse)
    tickets, _, _ = world.live_and_look(pace)
    mine = tickets[:, tickets[X.PROVIDER] == 0]
    slots = np.unique(mine[X.CUSTOMER].astype(int))
    rows, raised = hand_in(world, pulse, model.centre.slots, tickets)
    ended = np.zeros(raised[1], ENDED)
    ended["id"], ended["service"] = rows["id"][: raised[1]], rows["service"][: raised[1]]
    replaced, switched, same = slots[0], slots[1], slots[2:]
    world.arrays.codes[C.GENERATION, replaced] = generation + 1 if generation < 127 else -128
    world.arrays.codes[C.PROVIDER, switched] = 1
    before = world.arrays.state.copy()
    answer(
        world.arrays,
        world.rules,
        pace.beat,
        ended,
        raised[:2],
        model.centre.slots[:1],
        0.0,
        0,
        len(world.people),
    )
    changed = np.flatnonzero((world.arrays.state != before).any(axis=0))
    assert changed.tolist() == same.tolist()


def test_who_is_answered_without_a_queue_fares_as_at_a_desk_that_answers_so() -> None:
    """A past of three kinds of fate: the same people, met by the desks' answers and by their habits."""
    law = {**CALM, "service.abandon_grievance": 1.0, "service.wait_cost": 0.2, "service.solved": 0.5}
    model = warm(law, people=LOUD)
    past = Past(1)
    fates = np.zeros(6, ENDED)
    fates["wait"], fates["abandoned"], fates["priority"] = (
        (0.1, 0.5, 0.2, 0.0, 0.3, 0.4),
        (0, 1, 0, 0, 0, 1),
        0,
    )
    past.note(fates, np.array([0, 3, 6]), 7.0)
    habits = Habits.of(past, 2)
    pulse = Pulse(0, 0.0, 7.0)
    worlds = [model.world.twin(), model.world.twin()]
    for queued, world in enumerate(worlds):
        pace = world.pace(pulse)
        tickets, _, _ = world.live_and_look(pace)
        assert tickets.shape[1] > 20
        if queued:
            rows, raised = hand_in(world, pulse, model.centre.slots, tickets)
            ended = np.zeros(rows.size, ENDED)
            ended["id"], ended["service"] = rows["id"], rows["service"]
            for provider in (0, 1):
                for n in range(raised[provider], raised[provider + 1]):
                    met = fate(
                        habits.before, habits.begins, provider, rows["priority"][n], rows["arrival"][n] / 7.0
                    )
                    ended["wait"][n], ended["abandoned"][n] = met
            answer(
                world.arrays,
                world.rules,
                pace.beat,
                ended,
                raised,
                model.centre.slots,
                1e5,
                0,
                len(world.people),
            )
        else:
            answer_as_before(
                world.arrays, world.rules, pace.beat, tickets, habits.before, habits.begins, 1e5, 0,
                len(world.people),
            )  # fmt: skip
    for name, array in worlds[0].arrays.named().items():
        assert array.tobytes() == worlds[1].arrays.named()[name].tobytes(), name
    assert (worlds[0].arrays.state != model.world.arrays.state).any()


def test_a_copied_desk_goes_on_with_the_tickets_in_hand() -> None:
    slow = {**CALM, "service.hours": 1.0, "service.patience": 1000.0, "firm_customers": 2000.0}
    model = warm(slow, people=LOUD).fork(NONE)
    model.run(21.0)
    left, right = model.fork(NONE), model.fork(NONE)
    left.run(42.0)
    assert service_of(right).desks is right.centre.desks is not left.centre.desks
    assert counts_of(left).served > counts_of(right).served
    right.run(42.0)
    assert left.world.arrays.state.tobytes() == right.world.arrays.state.tobytes()
    model.run(42.0)
    assert model.world.arrays.state.tobytes() == right.world.arrays.state.tobytes()
    assert model.world.counts[:, :, N.WORKED].sum() > 0


def test_more_people_and_longer_hours_shorten_waits() -> None:
    """A lever of `efficient_service`: fewer give up, and there is nothing to gain where nobody waits."""
    given_up = []
    for people, hours in ((0.0, 0.0), (1.0, 0.0), (0.0, 10.0)):
        changes = {**CALM, "firm_customers": 2000.0, "service.load": 0.95, "service.patience": 1.0}
        model = warm(
            {
                **changes,
                "service.abandon_grievance": 1.0,
                "service.heal": 0.0,
                "service.grievance_half_life": 120.0,
            },
            people=LOUD,
        )
        twin = model.fork(NONE)
        service = service_of(twin)
        service.hire(1, service.people * people, hours)
        twin.run(56.0)
        own = twin.world.arrays.codes[C.PROVIDER] == 0
        given_up.append(float(twin.world.arrays.state[S.GRIEVANCE, own].mean()))
    assert given_up[0] > given_up[1] + 0.05
    assert given_up[0] > given_up[2] + 0.2


@given(
    st.lists(st.tuples(st.sampled_from([0, 1]), st.floats(0.0, 3.0), st.booleans()), max_size=12),
    st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.floats(0.0, 1.0, exclude_max=True)), max_size=8),
)
def test_a_ticket_meets_what_one_of_its_class_met(
    past: list[tuple[int, float, bool]], present: list[tuple[int, float]]
) -> None:
    """As far into the days remembered as it comes into the pulse; at once where there was none of its class."""
    by_class = sorted(past, key=lambda one: one[0])
    before = np.zeros(len(past), ENDED)
    for n, (priority, wait, abandoned) in enumerate(by_class):
        before[n]["priority"], before[n]["wait"], before[n]["abandoned"] = priority, wait, abandoned
    begins = np.searchsorted(before["priority"], np.arange(PRIORITIES + 1))
    for priority, share in present:
        like = [one for one in past if one[0] == priority]
        place = int(share * len(like))
        _, wait, abandoned = like[min(place, len(like) - 1)] if like else (0, 0.0, False)
        assert fate(before, begins[None, :], 0, priority, share) == (wait, abandoned)


def test_what_desks_remember_stands_by_desk_and_class_in_the_order_of_time() -> None:
    """Two desks, three pulses of which the last two are remembered; of many tickets every so manieth is."""
    past = Past(2)
    for pulse, sizes in enumerate([(3, 1), (5, 4), (20, 100)]):
        ended = np.zeros(sum(sizes), ENDED)
        ended["id"] = np.arange(ended.size) + 1000 * pulse
        ended["priority"] = ended["id"] % 2
        past.note(ended, np.array([0, sizes[0], ended.size]), 7.0)
    rows, begins = past.by_class(2)
    thinned = 2000 + np.arange(28) * 120 // 28  # 120 of them, where two a day for each desk are 28
    kept = np.concatenate([np.arange(1000, 1009), thinned])
    desk = np.where(kept < 2000, kept >= 1005, kept >= 2020).astype(int)
    expected = [kept[(desk == d) & (kept % 2 == p)].tolist() for d in (0, 1) for p in (0, 1)]
    found = [rows["id"][begins[d, p] : begins[d, p + 1]].tolist() for d in (0, 1) for p in (0, 1)]
    assert found == expected
    assert begins[0, -1] == begins[1, 0]
    assert begins[1, -1] == rows.size == kept.size
    nothing, none = Past(2).by_class(3)
    assert nothing.size == 0
    assert not none.any()


def test_a_ticket_meets_the_past_of_its_own_provider() -> None:
    """Three providers: one waited an hour, one has no past, at one everybody gave up."""
    before = np.zeros(2, ENDED)
    before["wait"], before["abandoned"] = (1.0, 2.0), (0, 1)
    begins = np.zeros((3, PRIORITIES + 1), np.int64)
    begins[0, 1:], begins[1], begins[2, 0], begins[2, 1:] = 1, 1, 1, 2
    assert [fate(before, begins, provider, 0, 0.0) for provider in range(3)] == [
        (1.0, False), (0.0, False), (2.0, True),
    ]  # fmt: skip


def test_where_terms_are_frozen_desks_go_on_as_they_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """No queue works any more, and customers fare as they do where it still does."""
    slow = {
        **CALM, "customers": 1600, "firm_customers": 2000.0, "service.load": 0.95, "service.patience": 12.0,
        "service.abandon_grievance": 1.0, "service.grievance_half_life": 3.0,
    }  # fmt: skip
    fared: dict[S, list[tuple[float, float]]] = {}
    for frozen in (True, False):
        model = warm(slow, people=LOUD).fork(NONE)
        model.run(182.0)
        worked = counts_of(model).served
        if not frozen:
            monkeypatch.setattr(Habits, "of", lambda past, providers: None)
        model.run_on(364.0)
        assert (counts_of(model).served == worked) == frozen
        own = model.world.arrays.codes[C.PROVIDER] == 0
        for row in (S.SATISFACTION, S.GRIEVANCE):
            state = model.world.arrays.state[row, own].astype(np.float64)
            fared.setdefault(row, []).append((state.mean(), state.std() / np.sqrt(state.size)))
    for (one, error), (other, its) in fared.values():
        assert abs(one - other) < 4.0 * np.hypot(error, its)
    assert fared[S.GRIEVANCE][0][0] > 0.1


def test_a_desk_without_a_past_answers_at_once_where_terms_are_frozen() -> None:
    """Everybody who then asks is answered: work goes on, and nobody gives up."""
    model = warm({**CALM, "service.desk": False, "service.heal": 1.0, "service.solved": 1.0}, people=LOUD)
    twin = model.fork(NONE)
    twin.run(91.0)
    worked = twin.world.counts[0, :, N.WORKED].sum()
    twin.run_on(364.0)
    assert twin.world.counts[0, :, N.WORKED].sum() > 3 * worked > 0
    habits = Habits.of(twin.centre.past, 2)
    assert not habits.before.size
    assert [fate(habits.before, habits.begins, 1, 0, share) for share in (0.0, 0.5)] == [(0.0, False)] * 2
