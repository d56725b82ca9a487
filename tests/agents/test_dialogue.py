"""What a firm asks and hears: answers, promises, invitations, staged releases - and the contact calendar's rules."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, N, S, T
from agents.live import product_of
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.outbox import Reach
from agents.scenario import Scenario
from agents.view import ProviderView

MONTH = 30.4375
NONE = Scenario(name="none")
LOYAL: dict[str, Any] = {
    "customers": 2500,
    "gate.attention": 1e-7,
    "gate.p_contact": 0.0,
    **QUIET,
    **ISOLATED,
}
"""Nobody looks, nothing happens by itself."""
SMALL: dict[str, Any] = {**LOYAL, "customers": 60, "firm_customers": 30.0}
HEARD: dict[str, Any] = {**LOYAL, "customers": 400, "dialogue.response_message": 1.0}
FRANK = {"candour": 1.0, "spread_voice": 0.0}
Doing = Callable[..., Scenario]


def lived(warmed: MarketModel, scenario: Scenario, days: float) -> MarketModel:
    twin = warmed.fork(scenario)
    twin.run(days)
    return twin


def members(model: MarketModel) -> np.ndarray:
    return np.flatnonzero(model.world.arrays.codes[C.PROVIDER] == 0)


def counted(model: MarketModel, what: N) -> int:
    return int(model.world.counts[0, :, what].sum())


def booked(model: MarketModel, account: A, slot: str = "act_0") -> float:
    """What the sample booked under a slot's tag, in currency."""
    return float(model.world.arrays.books[0, :, model.tags[slot], account].sum()) / 1e6


def troubled(model: MarketModel, drop: float = 0.2, hurt: float = 0.5) -> MarketModel:
    """The same world in which everybody has been hit by one incident and has kept it to himself."""
    state = model.world.arrays.state
    state[S.SATISFACTION] -= drop
    state[S.GRIEVANCE] += hurt
    state[S.UNTOLD_DROP], state[S.UNTOLD_HURT] = drop, hurt
    return model


def ask_all(view: ProviderView) -> None:
    view.ask(view.members, "message", 0.5)


def follow_all(view: ProviderView) -> None:
    """Staff enough for everybody, and everybody's turn, customer or not."""
    view.employ(1e6)
    view.follow_up(np.arange(view.crm.known.size, dtype=np.int32), 12.0)


# --- answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "response", "cost"), [("message", 0.3, 0.01), ("call", 0.6, 10.0), ("post", 0.15, 0.9)]
)
def test_answers_come_at_the_channel_s_rate_and_are_paid_each(
    channel: str, response: float, cost: float, doing: Doing
) -> None:
    what = doing(lambda view: view.ask(view.members, channel, 2.0))
    model = lived(warm({**LOYAL, f"dialogue.response_{channel}": response}, what), what, 7.0)
    own = members(model)
    answers = int((model.world.arrays.crm[0, K.ANSWERED, own] == 0.0).sum())
    assert abs(answers - response * own.size) < 4.0 * np.sqrt(own.size * response * (1.0 - response))
    assert counted(model, N.ENGAGED) == answers
    assert counted(model, N.EFFORT) == answers * 3_000_000
    assert counted(model, N.CONTACTS) == own.size
    assert booked(model, A.CONTACT) == pytest.approx(cost * own.size)
    assert booked(model, A.FIXED) == pytest.approx(2.0 * answers)


def test_an_answer_is_satisfaction_with_the_market_s_error(doing: Doing) -> None:
    """Where nothing happens everybody's satisfaction rests at quality."""
    what = doing(ask_all)
    changes = {**LOYAL, "dialogue.response_message": 1.0, "dialogue.answer_error": 0.3}
    model = lived(warm(changes, what), what, 7.0)
    errors = model.world.arrays.crm[0, K.ANSWER, members(model)].astype(float) - 0.8
    assert abs(errors.mean()) < 4.0 * 0.3 / np.sqrt(errors.size)
    assert abs(errors.std(ddof=1) - 0.3) < 4.0 * 0.3 / np.sqrt(2.0 * errors.size)


def test_to_be_asked_and_to_answer_is_recognition(doing: Doing) -> None:
    what = doing(ask_all)
    changes = {**LOYAL, "dialogue.asked": 5.0, "dialogue.response_message": 0.5, "experience.rho": 0.0}
    model = lived(warm(changes, what), what, 7.0)
    own = members(model)
    answered = model.world.arrays.crm[0, K.ANSWERED, own] == 0.0
    felt = model.world.arrays.traits[T.TASTE_RECOGNITION, own] * 0.1 * 5.0 / 7.0 * model.pace.experience_gain
    assert model.world.arrays.state[S.COMMITMENT, own] == pytest.approx(
        np.where(answered, felt, 0.0), abs=1e-6
    )


def test_trouble_is_told_with_the_customer_s_candour_and_nobody_invents_any(doing: Doing) -> None:
    what = doing(ask_all)
    warmed = warm({**LOYAL, "dialogue.response_message": 1.0}, what)
    calm = lived(warmed, what, 7.0)
    assert not calm.world.arrays.crm[0, K.TOLD].any()
    model = lived(troubled(warmed), what, 7.0)
    candour = model.world.arrays.traits[T.CANDOUR, members(model)].astype(float)
    told = model.world.arrays.crm[0, K.TOLD].sum()
    assert abs(told - candour.sum()) < 4.0 * np.sqrt((candour * (1.0 - candour)).sum())


# --- untold trouble -----------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", [0.0, 1.0])
def test_what_has_no_voice_stays_untold(voice: float) -> None:
    changes = {**LOYAL, "customers": 400, "service.failure": 2.0, "gate.g_grievance": 0.0}
    model = lived(warm(changes, people={"voice": voice, "spread_voice": 0.0}), NONE, 7.0)
    state, fallen = model.world.arrays.state, counted(model, N.INCIDENTS)
    hurt = state[S.UNTOLD_HURT, members(model)]
    assert fallen > 30
    assert hurt.sum() == pytest.approx(fallen * (1.0 - voice))
    assert counted(model, N.TICKETS) == voice * fallen


def test_untold_trouble_fades_like_what_it_left() -> None:
    model = lived(troubled(warm(HEARD)), NONE, 91.0)
    state, own = model.world.arrays.state, members(model)
    assert state[S.UNTOLD_DROP, own] == pytest.approx(0.2 * 2.0 ** (-91.0 / MONTH / 3.0), rel=1e-4)
    assert state[S.UNTOLD_HURT, own] == pytest.approx(0.5 * 2.0 ** (-91.0 / MONTH / 5.0), rel=1e-4)
    assert state[S.SATISFACTION, own] + state[S.UNTOLD_DROP, own] == pytest.approx(0.8, rel=1e-4)


# --- promises -----------------------------------------------------------------------------------------


def test_a_promise_kept_counts_once_and_heals_where_it_is_solved(doing: Doing) -> None:
    what = doing({0.0: ask_all, 14.0: follow_all, 28.0: follow_all})
    model = lived(troubled(warm(HEARD, what, people=FRANK)), what, 77.0)
    left_alone = lived(troubled(warm(HEARD, what, people=FRANK)), NONE, 77.0)
    own, state = members(model), model.world.arrays.state
    assert counted(model, N.PROMISES_KEPT) == own.size
    assert counted(model, N.PROMISES_BROKEN) == 0
    solved = model.world.arrays.crm[0, K.SOLVED, own] == 1.0
    assert counted(model, N.PROACTIVE) == solved.sum()
    assert abs(solved.mean() - 0.7) < 4.0 * np.sqrt(0.21 / own.size)
    assert (state[S.UNTOLD_DROP, own[solved]] == 0.0).all()
    assert state[S.SATISFACTION, own[solved]] == pytest.approx(0.8, rel=1e-4)
    healed = 0.5 * 0.5 * 2.0 ** (-77.0 / MONTH / 5.0)
    gap = left_alone.world.arrays.state[S.GRIEVANCE, own] - state[S.GRIEVANCE, own]
    assert gap == pytest.approx(np.where(solved, healed, 0.0), abs=1e-5)
    assert (state[S.PROMISE_DUE] == 0.0).all()


def test_a_promise_broken_counts_once_and_grieves_by_what_it_is_worth(doing: Doing) -> None:
    """Told on day 0, due on day 37, broken in the pulse that ends on day 42, and never again."""
    what = doing(ask_all)
    warmed = troubled(warm(HEARD, what, people=FRANK))
    asked, none = lived(warmed, what, 42.0), lived(warmed, NONE, 42.0)
    own = members(asked)
    grieved = asked.world.arrays.state[S.GRIEVANCE, own] - none.world.arrays.state[S.GRIEVANCE, own]
    assert grieved == pytest.approx(0.3, abs=1e-5)
    for day in (42.0, 140.0):
        asked.run(day)
        assert counted(asked, N.PROMISES_BROKEN) == own.size
        assert counted(asked, N.PROMISES_KEPT) == 0


def test_a_late_follow_up_helps_but_mends_no_promise(doing: Doing) -> None:
    what = doing({0.0: ask_all, 56.0: follow_all})
    model = lived(troubled(warm(HEARD, what, people=FRANK)), what, 91.0)
    assert counted(model, N.PROMISES_BROKEN) == members(model).size
    assert counted(model, N.PROMISES_KEPT) == 0
    assert counted(model, N.PROACTIVE) > 0.5 * members(model).size
    assert not model.world.arrays.crm[0, K.TOLD].any()


def test_who_leaves_takes_no_promise_along_and_staff_closes_the_note(doing: Doing) -> None:
    restless = {**HEARD, "gate.attention": 0.1, "start": "cohort", "choice.rule": "leave"}
    what = doing({0.0: ask_all, 7.0: follow_all})
    model = troubled(warm(restless, what, people=FRANK)).fork(what)
    model.step()
    gone = (model.at_fork.provider == 0) & (model.world.arrays.codes[C.PROVIDER] == -1)
    assert model.world.arrays.crm[0, K.TOLD, gone].sum() > 20
    assert (model.world.arrays.state[S.PROMISE_DUE, gone] == 0.0).all()
    model.run(70.0)
    assert not model.world.arrays.crm[0, K.TOLD].any()
    assert model.world.counts[-1, :, N.PROMISES_BROKEN].sum() == 0


# --- calls of named staff -----------------------------------------------------------------------------


def test_staff_calls_as_many_as_its_hours_reach_the_first_of_the_list_first(doing: Doing) -> None:
    def call(view: ProviderView) -> None:
        view.employ(10.0)
        view.check_in(view.members[::-1], 20.0, 10.0)

    what = doing(call)
    model = lived(warm({**LOYAL, "customers": 120, "dialogue.response_call": 0.5}, what), what, 7.0)
    own, crm = members(model), model.world.arrays.crm[0]
    number = int(10.0 * 60.0 / (30.0 * model.world.ledger.scale))
    assert 0 < number < own.size
    assert np.flatnonzero(crm[K.CONTACTS] > 0.0).tolist() == own[-number:].tolist()
    assert model.providers[0].bound["act_0", "staff hours"] == own.size - number
    assert booked(model, A.CONTACT) == pytest.approx(10.0 * number)


def test_a_lesson_replaces_uses_of_who_answers(doing: Doing) -> None:
    def teach(view: ProviderView) -> None:
        view.employ(1e6)
        view.check_in(view.members, 20.0, 30.0)

    what = doing(teach)
    warmed = warm({**LOYAL, "dialogue.response_call": 0.4, "dialogue.lesson": 8.0}, what)
    taught, none = lived(warmed, what, 7.0), lived(warmed, NONE, 7.0)
    own = members(taught)
    answered = taught.world.arrays.crm[0, K.ANSWERED, own] == 0.0
    learned = taught.world.arrays.state[S.USES, own] - none.world.arrays.state[S.USES, own]
    assert learned == pytest.approx(np.where(answered, 4.0, 0.0), abs=2e-3)
    assert abs(answered.mean() - 0.4) < 4.0 * np.sqrt(0.24 / own.size)


# --- invitations --------------------------------------------------------------------------------------


def evening(seats: float, no_show: float = 0.25) -> Callable[[ProviderView], None]:
    def invite(view: ProviderView) -> None:
        view.invite(view.members[::-1], "message", seats, no_show, 30.0, 50.0, ties=0.3)

    return invite


def test_an_invitation_is_accepted_by_a_logistic_law_and_some_do_not_come(doing: Doing) -> None:
    what = doing(evening(1e6))
    warmed = warm({**LOYAL, "experience.rho": 0.0}, what)
    w = warmed.world.arrays
    own = np.flatnonzero(w.codes[C.PROVIDER] == 0)
    leaning = -2.0 + w.traits[T.TASTE_BELONGING, own] + w.state[S.COMMITMENT, own]
    leaning = leaning + w.traits[T.QUALITY_WEIGHT, own] * (w.state[S.SATISFACTION, own] - 0.7)
    chance = 1.0 / (1.0 + np.exp(-leaning.astype(float)))
    model = lived(warmed, what, 7.0)
    accepted, came = booked(model, A.FIXED) / 50.0, model.world.arrays.crm[0, K.ATTENDED, own] == 1.0
    assert abs(accepted - chance.sum()) < 4.0 * np.sqrt((chance * (1.0 - chance)).sum())
    assert abs(came.sum() - 0.75 * accepted) < 4.0 * np.sqrt(accepted * 0.1875)
    assert counted(model, N.ENGAGED) == came.sum()
    assert np.array_equal(model.world.arrays.codes[C.CIRCLE, own] == 2, came)
    felt = model.world.arrays.traits[T.TASTE_BELONGING, own] * 0.1 * 30.0 / 7.0 * model.pace.experience_gain
    assert model.world.arrays.state[S.COMMITMENT, own] == pytest.approx(np.where(came, felt, 0.0), abs=1e-5)


def test_seats_end_with_the_last_and_go_to_the_first_of_the_list(doing: Doing) -> None:
    plenty, few = doing(evening(1e6, 0.0)), doing(evening(20.0, 0.0))
    warmed = warm({**LOYAL, "firm_customers": 1.0}, plenty)
    everybody, some = lived(warmed, plenty, 7.0), lived(warmed, few, 7.0)
    came = [np.flatnonzero(model.world.arrays.crm[0, K.ATTENDED]) for model in (everybody, some)]
    assert came[1].tolist() == came[0][-20:].tolist()
    assert booked(some, A.FIXED) == pytest.approx(20 * 50.0)
    assert some.providers[0].bound["act_0", "seats"] == came[0].size - 20
    assert ("act_0", "seats") not in everybody.providers[0].bound
    assert counted(some, N.CONTACTS) == counted(everybody, N.CONTACTS) == members(some).size


# --- staged releases ----------------------------------------------------------------------------------


def release(view: ProviderView) -> None:
    view.invest("friction", 20.0)


def in_stages(view: ProviderView) -> None:
    view.stage(0.5)
    release(view)


def test_a_staged_release_reaches_a_keyed_half_and_leaves_the_others_as_they_were(doing: Doing) -> None:
    """Who is in lives to the byte as if all were in; who is out as if nothing had been released."""
    changes = {**LOYAL, "service.friction": 2.0}
    staged, full = doing(in_stages, "staged"), doing(release, "full")
    warmed = warm(changes, staged)
    half, all_, none = (lived(warmed, what, 150.0) for what in (staged, full, NONE))
    own, state = members(half), half.world.arrays.state
    inside = half.world.arrays.crm[0, K.STAGE, own] == 1.0
    assert abs(inside.mean() - 0.5) < 4.0 * np.sqrt(0.25 / own.size)
    assert state[:, own[inside]].tobytes() == all_.world.arrays.state[:, own[inside]].tobytes()
    assert state[:, own[~inside]].tobytes() == none.world.arrays.state[:, own[~inside]].tobytes()
    incidents = [counted(model, N.INCIDENTS) for model in (all_, half, none)]
    assert incidents[0] < 0.9 * incidents[1] < 0.9 * 0.95 * incidents[2]


def test_each_wave_draws_anew_and_the_last_reaches_everybody(doing: Doing) -> None:
    stages = {0.0: lambda v: v.stage(0.5), 28.0: lambda v: v.stage(0.5), 56.0: lambda v: v.stage(1.0)}
    what = doing(stages)
    model = warm(LOYAL, what).fork(what)
    waves = []
    for day in (7.0, 35.0, 63.0):
        model.run(day)
        waves.append(model.world.arrays.crm[0, K.STAGE, members(model)] == 1.0)
    number = waves[0].size
    assert abs((waves[0] & waves[1]).mean() - 0.25) < 4.0 * np.sqrt(0.1875 / number)
    assert waves[2].all()


def test_the_crm_knows_the_stage_of_who_joins_later(doing: Doing) -> None:
    what = doing(in_stages)
    changes = {"customers": 300, "gate.attention": 0.02, **ISOLATED}
    model = lived(warm(changes, what), what, 120.0)
    w, own = model.world.arrays, members(model)
    lives_with = [product_of(w, model.world.key, np.int64(i), np.int64(0)) == 0 for i in own]
    assert (w.crm[0, K.STAGE, own] == 1.0).tolist() == lives_with
    joiners = np.array(lives_with)[w.state[S.JOINED, own] > 0.0]
    assert joiners.any()
    assert not joiners.all()
    ended = model.fork(NONE)
    assert (ended.world.arrays.crm[0, K.STAGE, own] == 1.0).all(), (
        "what is no longer staged reaches everybody"
    )


# --- the contact calendar -----------------------------------------------------------------------------


def test_a_channel_has_a_cap_of_its_own_and_what_is_refused_is_counted(doing: Doing) -> None:
    """One call a month: the second is refused, a message is not."""
    deeds = {
        0.0: lambda v: v.notify(v.members, "call"),
        7.0: lambda v: v.notify(v.members, "call"),
        14.0: lambda v: v.notify(v.members, "message"),
        35.0: lambda v: v.notify(v.members, "call"),
    }
    what = doing(deeds)
    model = lived(warm({**SMALL, "rules.cap_call": 1}, what), what, 42.0)
    number = members(model).size
    bound = model.providers[0].bound
    assert bound == {("act_1", "cap on calls"): number}
    assert counted(model, N.CONTACTS) == 3 * number
    assert (model.world.arrays.crm[0, K.CALLS_MONTH, members(model)] == 1.0).all()
    assert (model.world.arrays.crm[0, K.MESSAGES_MONTH, members(model)] == 0.0).all(), "a new month has begun"


def test_one_contact_a_day_goes_to_the_strategy_that_comes_first(act: Callable[..., Any]) -> None:
    """Priority, not the slot's name, says who comes first; each kind of contact counts."""
    slots = {
        "a_call": act(deed=lambda v: v.notify(v.members[::2], "call"), priority=60),
        "b_note": act(deed=lambda v: v.notify(v.members, "message"), priority=40),
        "c_survey": act(deed=lambda v: v.ask(v.members, "post"), priority=1),
    }
    what = Scenario(name="all", focal=slots)
    warmed = warm(SMALL, what)
    model = lived(warmed, what, 7.0)
    own = members(model)
    assert (model.world.arrays.crm[0, K.MESSAGES_MONTH, own] == 1.0).all()
    assert counted(model, N.CONTACTS) == own.size
    later = lived(warmed, what, 21.0)
    assert counted(later, N.CONTACTS) == own[::2].size + 2 * own.size
    assert model.providers[0].bound == later.providers[0].bound == {}


def test_a_contact_waits_four_weeks_for_somebody_who_is_busy(act: Callable[..., Any]) -> None:
    """Notes each week keep a call waiting; it comes when they end in time, and is given up when they go on."""

    def slots(weeks: int) -> dict[str, Any]:
        notes = {
            f"note_{n}": act(deed=lambda v: v.notify(v.members, "message"), at=7.0 * n, priority=1)
            for n in range(weeks)
        }
        return {"call": act(deed=lambda v: v.notify(v.members, "call"), priority=90), **notes}

    short, long = (Scenario(name=f"weeks_{n}", focal=slots(n)) for n in (3, 7))
    warmed = warm({**SMALL, "contacts.cap": 1000}, short, long)
    for what, called in ((short, True), (long, False)):
        model = lived(warmed, what, 49.0)
        own = members(model)
        assert counted(model, N.CONTACTS) == (len(what.focal) - 1 + called) * own.size
        refused = {} if called else {("call", "one contact a day"): own.size}
        assert model.providers[0].bound == refused


def test_the_budget_of_all_is_spent_in_the_order_of_priority(act: Callable[..., Any]) -> None:
    slots = {
        "a_first": act(deed=lambda v: v.notify(v.members[:20], "call"), priority=80),
        "z_last": act(deed=lambda v: v.notify(v.members[10:], "call"), priority=20),
    }
    what = Scenario(name="all", focal=slots)
    warmed = warm({**SMALL, "rules.budget": 6.0}, what)
    model = lived(warmed, what, 7.0)
    provider, own = model.providers[0], members(model)
    affordable = int(6.0 * provider.firm_customers / (10.0 * model.world.ledger.scale))
    assert 0 < affordable < own.size - 10
    called = np.flatnonzero(model.world.arrays.crm[0, K.CONTACTS] > 0.0)
    assert called.tolist() == own[10 : 10 + affordable].tolist()
    assert provider.bound["z_last", "budget of all"] == own.size - 10 - affordable
    waiting = sum(asked.ids.size for asked in provider.outbox.requests if isinstance(asked, Reach))
    assert provider.bound["a_first", "budget of all"] + waiting == 20
    assert provider.committed[0] <= 6.0 * provider.firm_customers + 1e-9
