"""Twin worlds are exact: same seed, same scenario, the same bytes; a treatment reaches whom it treats and nobody else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents import live
from agents.arrays import BLOCK
from agents.columns import C, K
from agents.contract import content
from agents.learning.churn import ChurnModel
from agents.market import Market
from agents.miniature import ISOLATED, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.personalised_campaigns import PersonalisedCampaigns
from agents.strategies.active.promotions import Promotions
from agents.strategies.placebo import Placebo
from agents.targeting import Everyone, Risk
from agents.view import ProviderView
from sim import threads
from sim.luck import Luck
from sim.marketplace import Pulse

NONE = Scenario(name="none")
CAMPAIGNS = PersonalisedCampaigns(
    every=0.25,
    channel="message",
    misfit=0.2,
    targeting=Everyone(share=0.5),
    creative=0.0,
    data=0.0,
    running=0.0,
)
CONTACTS = Scenario(name="contacts", focal={"campaigns": CAMPAIGNS})
WEEKS = 12
CONTRACTS: list[dict[str, Any]] = [
    {"contract": "subscription", "gate.per": "day", "gate.attention": 0.01},
    {"contract": "term", "gate.per": "renewal", "gate.attention": 0.4, "term_months": 1.0},
    {"contract": "none", "gate.per": "purchase", "gate.attention": 0.2},
]
forms = pytest.mark.parametrize("form", CONTRACTS, ids=lambda form: form["contract"])
Doing = Callable[..., Scenario]


def lived(
    warmed: MarketModel, scenario: Scenario, luck: Luck | None = None, weeks: int = WEEKS
) -> MarketModel:
    twin = warmed.fork(scenario, luck)
    twin.run(weeks * warmed.market.pulse)
    return twin


def differing(left: MarketModel, right: MarketModel) -> set[int]:
    """Slots of whom any column differs by any bit."""
    found: set[int] = set()
    for name in ("traits", "state", "codes", "money", "crm"):
        a, b = getattr(left.world.arrays, name), getattr(right.world.arrays, name)
        unequal = (a.view(np.uint8) if a.dtype.kind == "b" else a) != b
        unequal &= ~((a != a) & (b != b))
        found |= set(np.flatnonzero(unequal.any(axis=tuple(range(a.ndim - 1)))).tolist())
    return found


@forms
def test_same_seed_and_scenario_give_the_same_bytes(form: dict[str, Any]) -> None:
    first, second = (lived(warm({"customers": 50, "warm_up": 1.0, **form}), NONE) for _ in range(2))
    assert content(first.world) == content(second.world)
    assert first.history.books.tobytes() == second.history.books.tobytes()


def test_other_seeds_replicates_and_salts_give_other_worlds() -> None:
    keys = [Luck(1, 0), Luck(2, 0), Luck(1, 1), Luck(1, 0, "unpaired")]
    worlds = {content(warm({"customers": 50}, luck=luck).world)["traits"] for luck in keys}
    assert len(worlds) == len(keys)


def test_unpaired_luck_differs_for_the_same_people() -> None:
    warmed = warm({"customers": 50})
    paired, unpaired = lived(warmed, NONE), lived(warmed, NONE, Luck(1, 0, "another"))
    born = warmed.world.arrays.codes[C.GENERATION] == unpaired.world.arrays.codes[C.GENERATION]
    traits = (paired.world.arrays.traits[:, born], unpaired.world.arrays.traits[:, born])
    assert (traits[0][:16] == traits[1][:16]).all()
    assert content(paired.world)["state"] != content(unpaired.world)["state"]


def test_a_fork_leaves_its_origin_alone() -> None:
    warmed = warm({"customers": 50})
    before = content(warmed.world)
    lived(warmed, NONE)
    assert content(warmed.world) == before


@forms
def test_people_do_not_depend_on_how_many_there_are(form: dict[str, Any]) -> None:
    """Luck is keyed by person: with nobody affecting anybody, the first forty live the same lives among eighty."""
    few = lived(warm({"customers": 40, **ISOLATED, **form}), NONE).world.arrays
    many = lived(warm({"customers": 80, **ISOLATED, **form}), NONE).world.arrays
    for name in ("traits", "state", "codes", "money"):
        assert (getattr(few, name) == getattr(many, name)[:, :40]).all(), name


@pytest.mark.parametrize("cuts", [(0, 1, 700), (0, 256, 512, 700), (0, 300, 301, 690, 700)])
def test_batches_of_people_are_irrelevant(cuts: tuple[int, ...]) -> None:
    warmed = warm({"customers": 700})
    whole, parts = warmed.world.twin(), warmed.world.twin()
    pace = whole.pace(Pulse(9, 63.0, 7.0))
    tickets, lookers, renewers = (found.copy() for found in whole.live_and_look(pace))
    found: list[tuple[np.ndarray, ...]] = []
    for low, high in zip(cuts, cuts[1:]):
        room = parts._rooms[0]
        counts = live.live_and_look(
            parts.arrays, parts.rules, pace.beat, parts.key, low, high, *room.scratch, room.tickets, room.lookers,
            room.renewers,
        )  # fmt: skip
        rows = (room.tickets[:, : counts[0]], room.lookers[: counts[1]], room.renewers[: counts[2]])
        found.append(tuple(row.copy() for row in rows))
    joined = [np.concatenate(rows, axis=-1) for rows in zip(*found)]
    assert content(whole) == content(parts)
    for one, other in zip((tickets, lookers, renewers), joined):
        assert one.tobytes() == other.tobytes()
    assert tickets.size
    assert lookers.size


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("scenario", [NONE, CONTACTS], ids=lambda scenario: scenario.name)
@forms
def test_threads_are_irrelevant(
    form: dict[str, Any], scenario: Scenario, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = 3 * BLOCK + 1
    warmed = warm({"customers": people, **form}, scenario)
    alone = lived(warmed, scenario)
    monkeypatch.setattr(threads, "LARGE", BLOCK)
    threads.use(count)
    try:
        assert len(threads.spans(people, BLOCK)) == count
        side_by_side = lived(warmed, scenario)
    finally:
        threads.use(1)
    assert content(alone.world) == content(side_by_side.world)
    assert content(lived(side_by_side, scenario).world) == content(lived(alone, scenario).world), (
        "fewer threads, larger spans"
    )
    assert alone.world.ledger.discounted.tobytes() == side_by_side.world.ledger.discounted.tobytes()


# --- treating one customer ---------------------------------------------------------------------------


def treatments() -> dict[str, Callable[[int], Callable[[ProviderView], None]]]:
    def one(slot: int) -> np.ndarray:
        return np.array([slot], np.int32)

    return {
        "contact": lambda i: lambda view: view.notify(one(i), "call"),
        "discount": lambda i: lambda view: view.offer(one(i), 0.5, 6.0),
        "plan": lambda i: lambda view: view.recommend(one(i), "message", np.array([0])),
        "content": lambda i: lambda view: view.send(one(i), "post", np.array([0.1], np.float32)),
        "service": lambda i: lambda view: view.serve(one(i), "gift", np.array([40.0], np.float32), 40.0),
    }


@forms
@pytest.mark.parametrize("treatment", treatments())
def test_treating_one_customer_changes_nobody_else_by_one_bit(
    form: dict[str, Any], treatment: str, doing: Doing
) -> None:
    """With network, desk, caps, budgets and learning off; for what goes through the network see `test_network`."""
    idle = doing(lambda view: None)
    warmed = warm({"customers": 60, "gate.p_contact": 1.0, **ISOLATED, **form}, idle)
    untreated = lived(warmed, idle)
    slot = int(
        np.flatnonzero((warmed.at_fork.provider == warmed.focal) & untreated.world.arrays.codes[C.UNBROKEN])[
            5
        ]
    )
    assert differing(lived(warmed, doing(treatments()[treatment](slot))), untreated) == {slot}


def change_of_others(changes: dict[str, Any], doing: Doing, weeks: int = 40) -> set[int]:
    """Slots of others who differ after a fifth of the focal customers were called every week for a while."""
    idle = doing(lambda view: None)
    warmed = warm({"customers": 300, "gate.p_contact": 1.0, **ISOLATED, **changes}, idle)
    called = np.flatnonzero(warmed.at_fork.provider == warmed.focal)[::5].astype(np.int32)
    calls = {7.0 * week: (lambda view: view.notify(called, "call")) for week in range(8)}
    warmed = warm({"customers": 300, "gate.p_contact": 1.0, **ISOLATED, **changes}, doing(calls))
    return differing(lived(warmed, doing(calls), weeks=weeks), lived(warmed, NONE, weeks=weeks)) - set(
        called.tolist()
    )


def test_the_desk_is_where_customers_meet(doing: Doing) -> None:
    busy = {"service.load": 0.98, "service.minutes": 60.0, "service.patience": 2.0, "firm_customers": 150.0}
    assert change_of_others(busy, doing) == set()
    assert change_of_others({**busy, "service.desk": True}, doing)


def test_a_cap_binds_each_customer_alone(doing: Doing) -> None:
    """The cap makes the contacts of one customer compete with each other, never those of two customers."""
    assert change_of_others({"contacts.cap": 1}, doing) == set()
    idle = doing(lambda view: None)
    for cap, contacts in ((1000, 4), (2, 2)):
        warmed = warm({"customers": 60, **ISOLATED, "contacts.cap": cap, "gate.attention": 1e-7}, idle)
        slot = np.flatnonzero(warmed.at_fork.provider == warmed.focal)[:1].astype(np.int32)
        calls = {float(day): (lambda view: view.notify(slot, "message")) for day in (0, 7, 14, 21)}  # noqa: B023
        warmed = warm(
            {"customers": 60, **ISOLATED, "contacts.cap": cap, "gate.attention": 1e-7}, doing(calls)
        )
        twin = lived(warmed, doing(calls), weeks=4)
        assert int(twin.world.arrays.crm[0, K.CONTACTS, slot[0]]) == contacts


def test_a_budget_makes_customers_compete(act: Callable[..., Any]) -> None:
    """With money for one offer, whoever is served first takes it from the other."""

    def offers(order: tuple[int, ...], budget: float) -> Scenario:
        def deed(view: ProviderView) -> None:
            view.offer(view.members[list(order)], 0.1, 10.0)

        return Scenario(name="offers", focal={"offers": act(deed=deed, budget=budget)})

    warmed = warm(
        {"customers": 60, "firm_customers": 20.0, "gate.attention": 1e-6, **ISOLATED}, offers((0,), 1e6)
    )
    first, second = (int(slot) for slot in np.flatnonzero(warmed.at_fork.provider == warmed.focal)[:2])
    nobody = lived(warmed, NONE)
    prices = warmed.world.arrays.crm[0, K.PRICE, [first, second]]
    for_one = float(prices.max() + prices.min() / 2.0) / warmed.providers[0].firm_customers
    for budget, reached in ((1e6, {first, second}), (for_one, {first})):
        assert differing(lived(warmed, offers((1,), budget)), nobody) == {second}
        assert differing(lived(warmed, offers((0, 1), budget)), nobody) == reached


def test_learning_is_where_strategies_meet_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With learning on, whom a firm fits on decides whom it picks; off, nothing is fitted at all."""
    risky = Scenario(name="risky", focal={"save": promotions(Risk(share=0.2))})
    changes = {"customers": 400, "gate.attention": 0.02, **ISOLATED}
    learned = lived(warm(changes, risky, learning=True), risky, weeks=30)
    assert learned.providers[0].churn.weights is not None
    monkeypatch.setattr(ChurnModel, "learn", lambda *_: pytest.fail("learning is off"))
    plain = lived(warm(changes, risky), risky, weeks=30)
    assert plain.providers[0].churn.weights is None
    assert content(plain.world)["state"] != content(learned.world)["state"]


# --- strategies that do nothing ----------------------------------------------------------------------


def promotions(targeting: Any, **changes: Any) -> Promotions:
    values: dict[str, Any] = {
        "every": 1.0, "depth": 0.2, "months": 2.0, "channel": "message", "save_depth": 0.3, "save_months": 3.0,
        "save_cost": 5.0, "welcome_depth": 0.1, "welcome_months": 2.0,
    }  # fmt: skip
    return Promotions(targeting=targeting, **{**values, **changes})


@forms
def test_a_strategy_at_zero_intensity_changes_nothing(form: dict[str, Any]) -> None:
    """Beside a strategy that works, in a run that knows a tag more."""
    works = {"works": promotions(Everyone(share=0.5))}
    silent = {
        "silent": promotions(Risk(share=0.2), intensity=0.0),
        "idle": Placebo(upfront=9.0, per_month=9.0, intensity=0.0),
    }
    without = lived(warm({"customers": 50, **form}, s := Scenario(name="a", focal=works)), s)
    beside = lived(warm({"customers": 50, **form}, s := Scenario(name="b", focal={**works, **silent})), s)
    for name in ("traits", "state", "money", "crm", "counts"):
        assert (
            getattr(without.world.arrays, name).tobytes() == getattr(beside.world.arrays, name).tobytes()
        ), name
    codes = [m.world.arrays.codes[[c for c in C if c != C.DISCOUNT_TAG]] for m in (without, beside)]
    assert (codes[0] == codes[1]).all()
    books = [m.world.arrays.books[:, :, m.tags["works"]] for m in (without, beside)]
    assert books[0].tobytes() == books[1].tobytes()
    assert books[0].any()


def test_a_programme_that_falls_to_zero_ends_like_one_that_is_not_there() -> None:
    today = Scenario(
        name="today", focal={"save": promotions(Everyone()), "idle": Placebo(upfront=1.0, per_month=1.0)}
    )
    warmed = warm({"customers": 50, "warm_up": 3.0}, today=today)
    zero = Scenario(
        name="zero", focal={slot: replace(one, intensity=0.0) for slot, one in today.focal.items()}
    )
    assert content(lived(warmed, zero).world) == content(lived(warmed, NONE).world)
    assert content(lived(warmed, today).world) != content(lived(warmed, NONE).world)


def test_a_placebo_moves_nothing_but_the_ledger() -> None:
    placebo = Scenario(name="placebo", focal={"placebo": Placebo(upfront=2.0, per_month=0.5)})
    warmed = warm({"customers": 50}, placebo)
    with_, without = (lived(warmed, scenario).world.arrays for scenario in (placebo, NONE))
    for name in ("traits", "state", "codes", "money", "crm", "levers", "counts"):
        assert getattr(with_, name).tobytes() == getattr(without, name).tobytes(), name
    assert with_.books[:, :, 0].tobytes() == without.books[:, :, 0].tobytes()


def test_the_order_in_which_strategies_are_listed_is_irrelevant() -> None:
    strategies = {"b": promotions(Everyone(share=0.5)), "a": promotions(Everyone(share=0.3), depth=0.4)}
    scenarios = [
        Scenario(name="x", focal=dict(order)) for order in (strategies.items(), reversed(strategies.items()))
    ]
    worlds = [content(lived(warm({"customers": 50}, s), s).world) for s in scenarios]
    assert worlds[0] == worlds[1]


def test_a_restarted_market_equals_one_that_ran_through() -> None:
    """The fork itself is a restart: going on with `today` is what would have happened without it."""
    today = Scenario(name="today", focal={"save": promotions(Everyone(share=0.5))})
    warmed = warm({"customers": 50, "warm_up": 2.0}, today=today)
    forked = lived(warmed, today)
    warmed.run(WEEKS * 7.0)
    for name in ("traits", "state", "codes", "money", "crm", "books", "counts"):
        assert getattr(forked.world.arrays, name).tobytes() == getattr(warmed.world.arrays, name).tobytes(), (
            name
        )


def test_half_pulses_see_the_same_people() -> None:
    """The pulse is numerical: it moves when things happen, not who is born."""
    whole, half = (warm({"customers": 50, "pulse": days}).world.arrays for days in (7.0, 3.5))
    assert (whole.traits == half.traits).all()
    assert isinstance(warm({"customers": 50}).market, Market)
