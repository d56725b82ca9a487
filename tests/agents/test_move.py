"""Leaving, joining, renewing, being replaced: people and money are conserved, and nothing sticks to the wrong person."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.columns import COPULA, NONE, A, C, K, L, N, S, T, V
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.strategies.passive.points_programme import PointsProgramme
from agents.targeting import Everyone
from agents.world import Lookers
from sim.marketplace import Pulse

EMPTY = Scenario(name="none")
FORMS: list[dict[str, Any]] = [
    {"gate.attention": 0.01},
    {
        "contract": "term",
        "gate.per": "renewal",
        "gate.attention": 0.3,
        "term_months": 2.0,
        "gate.p_advert": 0.2,
    },
    {"contract": "none", "gate.per": "purchase", "gate.attention": 0.2, "choice.memory": 30.0},
]
LIVELY: dict[str, Any] = {
    "customers": 60,
    "people.involuntary": 0.06,
    "choice.category_exit": -5.0,
    "choice.in_person": 0.9,
}
forms = pytest.mark.parametrize("form", FORMS, ids=["subscription", "term", "none"])


def busy() -> Scenario:
    """Discounts, save offers, welcome offers and points, at both providers."""
    save = Promotions(
        every=1.0, depth=0.2, months=1.0, channel="call", targeting=Everyone(share=0.5), save_depth=0.3, save_months=2.0,
        save_cost=5.0, welcome_depth=0.2, welcome_months=2.0,
    )  # fmt: skip
    points = PointsProgramme(earn=0.2, burn_at=15.0, hassle_hours=0.0, platform=1.0, running=0.1)
    return Scenario(name="busy", focal={"save": save, "points": points}, rivals={"rival": {"save": save}})


def lived(changes: dict[str, Any], days: float = 168.0, scenario: Scenario | None = None) -> MarketModel:
    scenario = scenario or busy()
    twin = warm({**LIVELY, **changes}, scenario).fork(scenario)
    twin.run(days)
    return twin


# --- conservation -------------------------------------------------------------------------------------


@forms
def test_what_customers_paid_is_what_the_books_hold(form: dict[str, Any]) -> None:
    """To the millionth: revenue less discounts plus exit fees, over all providers."""
    model = lived(form)
    books = model.world.arrays.books.sum(axis=(0, 1, 2))
    paid = int(model.world.arrays.money[V.PAID].sum())
    assert paid == books[A.REVENUE] - books[A.DISCOUNT] + books[A.EXIT_FEE]
    assert books[A.DISCOUNT] > 0
    assert (books[A.EXIT_FEE] > 0) == (form.get("contract") == "term")


@forms
def test_people_are_conserved(form: dict[str, Any]) -> None:
    """Present + joined - left, by provider and segment, is who is there; the number of people never changes."""
    model = lived(form)
    w, start = model.world.arrays, model.at_fork
    size = w.counts.shape[:2]

    def heads(provider: np.ndarray, segment: np.ndarray) -> np.ndarray:
        table = np.zeros(size, np.int64)
        np.add.at(table, (provider, segment), 1)
        return table

    before, after = heads(start.provider, start.segment), heads(w.codes[C.PROVIDER], w.codes[C.SEGMENT])
    counts = w.counts
    left = counts[:, :, N.LEFT] + counts[:, :, N.LEFT_INVOLUNTARY]
    assert (before[:-1] + counts[:-1, :, N.JOINED] - left[:-1] == after[:-1]).all()
    assert (counts[:, :, N.PRESENT] == after).all(), "also where nobody is their provider"
    assert before.sum() == after.sum() == 60
    assert counts[:, :, N.JOINED].sum() > 20
    assert counts[:, :, N.LEFT_INVOLUNTARY].sum() > 5
    assert counts[:, :, N.SAVED].sum() > 0


@forms
def test_starters_are_followed(form: dict[str, Any]) -> None:
    model = lived(form)
    w, start = model.world.arrays, model.at_fork
    same = w.codes[C.GENERATION] == start.generation
    present = same & (w.codes[C.PROVIDER] == start.provider) & (start.provider >= 0)
    unbroken = present & (w.state[S.JOINED] < 0.0)
    for provider in range(2):
        mine = start.provider == provider
        assert w.counts[provider, :, N.STARTERS_PRESENT].sum() == (present & mine).sum()
        assert w.counts[provider, :, N.UNBROKEN].sum() == (unbroken & mine).sum()
    assert (w.codes[C.UNBROKEN] == unbroken).all()
    assert 0 < unbroken.sum() < (start.provider >= 0).sum()


def test_customer_days_are_present_customers_times_days() -> None:
    model = warm({**LIVELY, **FORMS[0]}).fork(EMPTY)
    total = 0
    for _ in range(10):
        model.step()
        total += int(model.world.counts[:-1, :, N.PRESENT].sum()) * 7_000_000
    assert model.world.counts[:-1, :, N.CUSTOMER_DAYS].sum() == total


# --- leaving and joining ------------------------------------------------------------------------------


def moved(
    changes: dict[str, Any], destination: int, day: float = 30.0
) -> tuple[MarketModel, np.ndarray, dict[str, np.ndarray]]:
    """Everybody at the focal provider goes somewhere on a day; returns the market, who that is, and how it was before."""
    model = warm({"customers": 60, **QUIET, **ISOLATED, **changes}, busy())
    world = model.world
    ids = np.flatnonzero(world.arrays.codes[C.PROVIDER] == 0).astype(np.int32)
    world.arrays.state[S.GRIEVANCE, ids] = 1.5
    world.arrays.state[S.COMMITMENT, ids] = 0.7
    world.arrays.money[V.POINTS, ids] = 7_000_000
    world.arrays.codes[C.MEMBER, ids] = 1
    before = {name: array.copy() for name, array in world.arrays.named().items()}
    go(model, ids, destination, day)
    return model, ids, before


def go(model: MarketModel, ids: np.ndarray, destination: int, day: float) -> None:
    lookers = Lookers.of(ids)
    lookers.destination[:] = destination
    model.world.move_and_book(model.world.pace(Pulse(0, day, 7.0)), lookers, np.empty(0, np.int32))


def test_leaving_early_costs_the_rest_of_the_term_and_nothing_at_its_end() -> None:
    changes = {"contract": "term", "money.exit_fee": 0.5}
    model, ids, before = moved(changes, 1)
    end = before["state"][S.CONTRACT_END, ids]
    rest = np.maximum(end - 37.0, 0.0) / 30.4375
    price = 50.0 * before["plans"][before["codes"][C.PLAN, ids], 1] * before["traits"][T.SPEND, ids]
    expected = 0.5 * rest * price
    paid = model.world.arrays.money[V.PAID, ids] / 1e6
    assert paid == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert (rest == 0.0).sum() > 0
    assert (paid[rest == 0.0] == 0.0).all()
    assert model.world.arrays.books[0, :, 0, A.EXIT_FEE].sum() == model.world.arrays.money[V.PAID, ids].sum()


def test_a_subscription_ends_any_day_for_nothing() -> None:
    model, ids, _ = moved({"money.exit_fee": 1.0}, 1)
    assert not model.world.arrays.books[:, :, :, A.EXIT_FEE].any()
    assert ids.size > 10


def test_points_are_forfeited_and_the_liability_released() -> None:
    model, ids, _ = moved({}, NONE)
    books = model.world.arrays.books[0].sum(axis=(0, 1))
    assert books[A.FORFEITED] == 7_000_000 * ids.size
    assert books[A.REWARDS] == -7_000_000 * ids.size * 7 // 10
    assert not model.world.arrays.money[V.POINTS, ids].any()
    assert not model.world.arrays.codes[C.MEMBER, ids].any()


def test_joining_starts_afresh() -> None:
    model, ids, before = moved({}, 1)
    w = model.world.arrays
    assert (w.codes[C.PROVIDER, ids] == 1).all()
    assert w.state[S.SATISFACTION, ids] == pytest.approx(w.levers[1, L.REPUTATION])
    for zero in (S.COMMITMENT, S.EXPECTATION, S.USES, S.SALIENCE, S.GRIEVANCE):
        assert (w.state[zero, ids] == 0.0).all(), zero.name
    assert (w.codes[C.ADVANCED, ids] == 0).all()
    assert (w.money[V.PAID_YEAR, ids] == 0).all()
    assert (w.state[S.REFERENCE_PRICE, ids] == 1.0).all()
    assert (w.state[S.JOINED, ids] == 37.0).all()
    assert (w.traits == before["traits"]).all()
    assert w.books[1, :, 0, A.ACQUISITION].sum() == 100_000_000 * ids.size
    assert (w.crm[1, K.JOINED, ids] == 37.0).all()
    assert (w.crm[0, K.KNOWN, ids] == 0.0).all()


def test_an_old_grievance_waits_for_the_one_who_comes_back() -> None:
    model, ids, _ = moved({}, NONE)
    world = model.world
    for n in range(5):
        world.live_and_look(world.pace(Pulse(n, 37.0 + 7.0 * n, 7.0)))
    back, away = ids[:9], ids[9:]
    go(model, back, 0, 72.0)
    go(model, away, 1, 72.0)
    faded = 1.5 * 2.0 ** (-35.0 / (5.0 * 30.4375))
    assert world.arrays.state[S.GRIEVANCE, back] == pytest.approx(faded, rel=1e-4)
    assert (world.arrays.state[S.GRIEVANCE, away] == 0.0).all()


def test_terms_renew_for_those_who_stay_and_only_then() -> None:
    model = warm(
        {
            **QUIET,
            **ISOLATED,
            "customers": 60,
            "contract": "term",
            "term_months": 2.0,
            "gate.per": "renewal",
            "gate.attention": 0.3,
        }
    )
    w = model.world.arrays
    before, joined = w.state[S.CONTRACT_END].copy(), w.state[S.JOINED].copy()
    twin = model.fork(EMPTY)
    for day in range(7, 150, 7):
        twin.step()
        state, own = twin.world.arrays.state, twin.world.arrays.codes[C.PROVIDER]
        stayed = (own >= 0) & (state[S.JOINED] == joined)
        terms = (state[S.CONTRACT_END] - before) / (2.0 * 30.4375)
        passed = np.ceil((day - before) / (2.0 * 30.4375) - 1e-6).clip(0.0)
        assert terms[stayed] == pytest.approx(passed[stayed], abs=1e-4)
    assert stayed.sum() > 10  # type: ignore[possibly-undefined]
    assert (~stayed & (own >= 0)).sum() > 3  # type: ignore[possibly-undefined]


# --- replacement --------------------------------------------------------------------------------------


def test_a_replacement_is_a_new_person_in_the_same_slot() -> None:
    """With no memory of the old one, who left for no fee; it chooses at once, and a join is booked."""
    changes = {**QUIET, **ISOLATED, "contract": "term", "people.involuntary": 0.02, "gate.attention": 1e-7}
    model = warm({"customers": 60, "gate.p_notice": 0.0, **changes}, busy())
    w = model.world.arrays
    moving = np.arange(0, 60, 3)
    w.traits[T.LEAVES_MARKET] = 1e9
    w.traits[T.LEAVES_MARKET, moving] = 6.0
    w.state[S.SATISFACTION], w.state[S.GRIEVANCE], w.state[S.PRESSURE], w.state[S.COMMITMENT] = (
        0.11,
        2.0,
        3.0,
        1.0,
    )
    w.money[V.POINTS], w.codes[C.MEMBER], w.codes[C.OFFERED_PLAN] = 9_000_000, 1, 2
    w.state[S.DISCOUNT], w.state[S.DISCOUNT_END], w.state[S.PEER_EXITS] = 0.5, 1e4, 2.0
    traits, had = w.traits.copy(), int((w.codes[C.PROVIDER, moving] >= 0).sum())
    twin = model.fork(EMPTY)
    twin.step()
    now = twin.world.arrays
    assert (now.codes[C.GENERATION] == np.isin(np.arange(60), moving)).all() is np.False_
    twin.step()
    assert now.codes[C.GENERATION, moving].tolist() == [1] * len(moving)
    assert (now.traits[:COPULA, moving] != traits[:COPULA, moving]).any(axis=0).all()
    assert (np.delete(now.traits, moving, 1) == np.delete(traits, moving, 1)).all()
    with_one = moving[now.codes[C.PROVIDER, moving] >= 0]
    assert with_one.size > 10, "they choose at once"
    assert (now.state[S.JOINED, with_one] == 14.0).all()
    reputation = now.levers[now.codes[C.PROVIDER, with_one], L.REPUTATION]
    assert now.state[S.SATISFACTION, with_one] == pytest.approx(reputation, rel=0.02)
    for zero in (S.GRIEVANCE, S.PRESSURE, S.COMMITMENT, S.DISCOUNT, S.PEER_EXITS, S.LAST_GRIEVANCE):
        assert (now.state[zero, moving] == 0.0).all(), zero.name
    assert not now.money[V.POINTS, moving].any()
    assert not now.codes[C.MEMBER, moving].any()
    assert (now.codes[C.ORIGIN, moving] == NONE).all()
    assert not now.codes[C.UNBROKEN, moving].any()
    counts = now.counts.sum(axis=(0, 1))
    assert counts[N.LEFT_INVOLUNTARY] == had
    assert counts[N.JOINED] >= with_one.size
    assert not now.books[:, :, :, A.EXIT_FEE].any()
    assert (now.crm[:, K.CONTACTS, moving] == 0.0).all()


def test_a_replacement_is_born_alike_in_every_scenario() -> None:
    model = warm({**LIVELY, **FORMS[0]}, busy())
    twins = [model.fork(scenario) for scenario in (EMPTY, busy())]
    for twin in twins:
        twin.run(168.0)
    one, other = (twin.world.arrays for twin in twins)
    assert (one.codes[C.GENERATION] == other.codes[C.GENERATION]).all()
    assert (one.traits == other.traits).all()
    assert (one.codes[C.GENERATION] > 0).sum() > 10


def test_involuntary_ends_come_at_their_rate() -> None:
    model = warm(
        {"customers": 3000, "people.involuntary": 0.05, **QUIET, **ISOLATED} | {"people.involuntary": 0.05}
    )
    twin = model.fork(EMPTY)
    twin.run(6 * 30.4375)
    replaced = int(twin.world.arrays.codes[C.GENERATION].sum() - twin.at_fork.generation.sum())
    expected = 3000 * 0.05 * 6
    assert abs(replaced - expected) < 4.0 * np.sqrt(expected)


def test_save_offers_bind_those_who_stay(doing: Callable[..., Scenario]) -> None:
    model = warm({**LIVELY, **FORMS[0], "customers": 200, "choice.in_person": 1.0}, busy()).fork(busy())
    saved = 0
    for _ in range(12):
        before, own = model.world.counts[0, :, N.SAVED].sum(), model.world.arrays.codes[C.PROVIDER].copy()
        model.step()
        lookers = model.passing.lookers
        stayed = (lookers.depth > 0.0) & (lookers.destination == 0) & (own[lookers.ids] == 0)
        ids = lookers.ids[stayed]
        assert model.world.counts[0, :, N.SAVED].sum() - before == stayed.sum()
        assert (model.world.arrays.state[S.DISCOUNT, ids] >= 0.2).all()
        assert (model.world.arrays.state[S.DISCOUNT_END, ids] > model.marketplace.day).all()
        saved += ids.size
    assert saved >= 3


def test_the_won_back_are_present_again_but_not_unbroken() -> None:
    model, ids, _ = moved({}, 1)
    before = model.world.counts[0, :, N.STARTERS_PRESENT].sum()
    go(model, ids, 0, 50.0)
    counts = model.world.counts[0].sum(axis=0)
    assert counts[N.STARTERS_PRESENT] == before + ids.size
    assert counts[N.UNBROKEN] == 0
    assert not model.world.arrays.codes[C.UNBROKEN, ids].any()
