"""Settling: requests are carried out in a fixed order, within caps and budgets, and cost what they cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from agents import settle
from agents.columns import A, C, K, L, N, S
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.outbox import Enrol, Outbox, Programme, Request, Spend
from agents.scenario import Scenario
from agents.settle import carry_out
from agents.view import ProviderView
from sim.marketplace import Pulse
from sim.order import by_place

MONTH = 30.4375
CALM: dict[str, Any] = {"customers": 60, "gate.attention": 1e-7, "gate.p_contact": 0.0, **QUIET, **ISOLATED}
Doing = Callable[..., Scenario]


def lived(changes: dict[str, Any], scenario: Scenario, days: float) -> MarketModel:
    twin = warm(changes, scenario).fork(scenario)
    twin.run(days)
    return twin


class Counted:
    """A function that counts its calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.calls = function, 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        return self.function(*arguments)


def amount(model: MarketModel, account: A, slot: str = "act_0") -> float:
    """What the firm booked under a strategy's tag, in currency."""
    books = model.world.arrays.books[0, :, model.tags[slot], account]
    return float(books.sum()) * model.world.ledger.scale / 1e6


# --- order --------------------------------------------------------------------------------------------


def test_requests_are_taken_by_precedence_then_slot_then_age() -> None:
    box = Outbox()
    ids = np.array([1], np.int32)
    late = Enrol(slot="a", tag=1, ids=ids)
    early = Programme(slot="z", tag=2, earn=0.1, burn_at=1.0, hassle_hours=0.0)
    spends = [Spend(slot=slot, tag=1, amount=amount) for slot, amount in (("b", 1.0), ("a", 2.0), ("a", 3.0))]
    for request in (late, early, *spends):
        box.put(request)
    taken = box.take()
    assert taken == [spends[1], spends[2], spends[0], early, late]


def test_what_was_set_aside_comes_back_in_front() -> None:
    box = Outbox()
    spends = [Spend(slot="a", tag=1, amount=float(n)) for n in range(3)]
    for request in spends[:2]:
        box.put(request)
    aside = box.set_aside()
    assert box.take() == []
    box.put(spends[2])
    box.put_back(aside)
    assert box.take() == spends


def test_an_unknown_request_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Wish(Request):
        pass

    model = warm({"customers": 60})
    with pytest.raises(TypeError, match="no lever settles Wish"):
        carry_out(Wish(slot="x", tag=1), model.providers[0], model.pace)


# --- money --------------------------------------------------------------------------------------------


def test_what_is_paid_once_is_booked_once(doing: Doing) -> None:
    model = lived(
        CALM, doing({0.0: lambda v: v.spend(700.0), 10.0: lambda v: v.spend(50.0, upfront=True)}), 70.0
    )
    assert amount(model, A.FIXED) == pytest.approx(700.0, abs=1e-3)
    assert amount(model, A.UPFRONT, "act_1") == pytest.approx(50.0, abs=1e-3)


def test_a_standing_order_is_paid_by_the_day_until_it_is_replaced(doing: Doing) -> None:
    model = lived(CALM, doing({0.0: lambda v: v.pay_monthly(300.0)}), 70.0)
    assert amount(model, A.FIXED) == pytest.approx(300.0 * 70.0 / MONTH, rel=1e-6)

    def twice(view: ProviderView) -> None:
        view.pay_monthly(300.0)
        view.pay_monthly(100.0)

    assert amount(lived(CALM, doing(twice), 70.0), A.FIXED) == pytest.approx(100.0 * 70.0 / MONTH, rel=1e-6)


@pytest.mark.parametrize(("channel", "cost"), [("message", 0.01), ("call", 10.0), ("post", 0.9)])
def test_each_contact_costs_and_weighs_by_its_channel(channel: str, cost: float, doing: Doing) -> None:
    model = lived(CALM, doing(lambda view: view.notify(view.members, channel)), 7.0)
    own = model.world.arrays.codes[C.PROVIDER] == 0
    contacted = int(own.sum())
    assert amount(model, A.CONTACT) == pytest.approx(cost * contacted * model.world.ledger.scale, rel=1e-6)
    assert model.world.counts[0, :, N.CONTACTS].sum() == contacted
    pressure = model.world.arrays.state[S.PRESSURE]
    fades = model.world.pace(Pulse(0, 0.0, 7.0)).pressure_kept
    assert pressure[own] == pytest.approx(getattr(model.market.contacts, f"weight_{channel}") * fades)
    assert (pressure[~own] == 0.0).all()
    monthly = {"message": K.MESSAGES_MONTH, "call": K.CALLS_MONTH, "post": K.LETTERS_MONTH}
    for name, column in monthly.items():
        assert (model.world.arrays.crm[0, column, own] == float(name == channel)).all()
    assert (model.world.arrays.crm[0, K.CONTACTS, own] == 1.0).all()


def test_nobody_is_contacted_twice_in_a_pulse(doing: Doing) -> None:
    def insist(view: ProviderView) -> None:
        view.notify(view.members, "message")
        view.notify(view.members[::-1], "call")

    model = lived(CALM, doing(insist), 7.0)
    assert model.world.counts[0, :, N.CONTACTS].sum() == model.world.present(0).sum()


def test_the_cap_holds_in_each_month(doing: Doing) -> None:
    weekly = {7.0 * n: (lambda view: view.notify(view.members, "message")) for n in range(17)}
    model = lived({**CALM, "contacts.cap": 3}, doing(weekly), 119.0)
    own = model.world.arrays.codes[C.PROVIDER] == 0
    assert (model.world.arrays.crm[0, K.CONTACTS, own] == 4 * 3.0).all()
    assert sum(n for (_, rule), n in model.providers[0].bound.items() if rule == "cap") > 0


@pytest.mark.parametrize("budget", [0.9, 3.0])
def test_a_budget_is_never_passed_in_any_month(budget: float, act: Callable[..., Any]) -> None:
    """Contacts with discounts commit both; what the budget does not pay for is left out, the least important first."""

    def offer(view: ProviderView) -> None:
        view.notify(view.members, "call", depth=0.1, months=1.0)

    slots = {f"act_{n}": act(deed=offer, at=7.0 * n, budget=budget, intensity=0.8) for n in range(9)}
    scenario = Scenario(name="budget", focal=slots)
    model = warm({**CALM, "firm_customers": 30.0}, scenario).fork(scenario)
    months: dict[int, dict[int, float]] = {}
    for _ in range(9):
        model.step()
        month = int(model.passing.pace.day // MONTH)
        own = {tag: spent for tag, spent in model.providers[0].committed.items() if tag > 0}
        months.setdefault(month, {}).update(own)
    limit = budget * 0.8 * model.providers[0].firm_customers
    committed = [value for by_tag in months.values() for value in by_tag.values()]
    assert committed
    assert max(committed) <= limit + 1e-9
    contacts = int(model.world.counts[0, :, N.CONTACTS].sum())
    everybody = 9 * int(model.world.present(0).sum())
    assert 0 < contacts < everybody
    assert sum(model.providers[0].bound.get((slot, "budget"), 0) for slot in slots) == everybody - contacts


def test_the_most_important_are_served_first(act: Callable[..., Any]) -> None:
    def call(view: ProviderView) -> None:
        view.notify(view.members[::-1], "call")

    scenario = Scenario(name="calls", focal={"act": act(deed=call, budget=3.0)})
    model = lived({**CALM, "firm_customers": 30.0}, scenario, 7.0)
    called = np.flatnonzero(model.world.arrays.crm[0, K.CONTACTS] > 0.0)
    members = np.flatnonzero(model.world.arrays.codes[C.PROVIDER] == 0)
    assert called.tolist() == members[-called.size :].tolist()
    assert 0 < called.size < members.size


def test_in_which_order_many_are_contacted_changes_nothing(
    doing: Doing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more than so many people each is met where its slot is, whatever its place in the order of importance."""

    def write(view: ProviderView) -> None:
        ids = view.members[np.argsort(view.uniform(view.members, 1))]
        view.send(ids, "message", view.crm.position_seen[ids])
        view.notify(ids, "call", depth=0.1, months=1.0)

    changes = {"customers": 3000, **ISOLATED}
    apart = lived(changes, doing(write), 30.0)
    monkeypatch.setattr(settle, "_MANY", 100)
    monkeypatch.setattr(settle, "by_place", counted := Counted(by_place))
    by_slot = lived(changes, doing(write), 30.0)
    assert counted.calls > 0
    for name in ("state", "codes", "money", "crm", "books", "counts"):
        assert getattr(apart.world.arrays, name).tobytes() == getattr(by_slot.world.arrays, name).tobytes()


# --- levers -------------------------------------------------------------------------------------------


def test_investment_lowers_a_rate_after_its_delay_with_diminishing_returns(doing: Doing) -> None:
    rates = []
    for invested in (0.0, 4.0, 8.0, 1000.0):
        scenario = doing(
            {0.0: lambda v, m=invested: v.invest("friction", m, upfront=True)} if invested else lambda _: None
        )
        model = warm({**CALM, "service.friction": 0.6, "product.decay": 0.0}, scenario).fork(scenario)
        model.run(28.0)
        early = float(model.world.levers[0, L.FRICTION])
        model.run(63.0)
        late = float(model.world.levers[0, L.FRICTION])
        assert early == pytest.approx(0.6 / MONTH)
        assert late == pytest.approx(0.6 / MONTH * (1.0 - 0.5 * (1.0 - np.exp(-invested / 4.0))), rel=1e-5)
        assert amount(model, A.UPFRONT) == pytest.approx(
            invested * model.providers[0].firm_customers, rel=1e-6
        )
        assert (model.world.levers[0, [L.DOUBT, L.FAILURE]] == 0.0).all()
        rates.append(late)
    assert np.diff(rates).max() < 0.0
    assert rates[-1] == pytest.approx(0.3 / MONTH, rel=1e-4)


def test_without_upkeep_an_improvement_decays(doing: Doing) -> None:
    model = lived(
        {**CALM, "service.friction": 0.6, "product.decay": 0.1},
        doing(lambda v: v.invest("friction", 4.0)),
        150.0,
    )
    stock = model.providers[0].product.stock["friction"]
    assert 4.0 * 0.9 ** (125.0 / MONTH) < stock < 4.0 * 0.9 ** (110.0 / MONTH)


def test_training_is_the_best_there_is(doing: Doing) -> None:
    model = lived(CALM, doing({0.0: lambda v: v.train(0.9), 7.0: lambda v: v.train(0.75)}), 14.0)
    assert model.world.levers[0, L.SOLVED] == pytest.approx(0.9)
    assert lived(CALM, doing(lambda v: v.train(0.2)), 7.0).world.levers[0, L.SOLVED] == pytest.approx(0.7)


def test_hired_people_are_paid_idle_or_not(doing: Doing) -> None:
    idle = lived(CALM, doing(lambda v: None), 70.0)
    model = lived(CALM, doing(lambda v: v.hire(0.5, 2.0)), 70.0)
    service = model.providers[0].service
    assert service is not None
    people, hours = service.people, 10.0
    expected = (0.5 * people * (hours + 2.0) + people * 2.0) * 70.0 * service.teams * 28.0
    assert amount(model, A.WAGES) == pytest.approx(expected, rel=1e-5)
    business = [m.world.arrays.books[0, :, 0, A.WAGES].sum() for m in (idle, model)]
    assert business[0] == business[1] > 0


def test_welcome_offers_meet_whoever_joins(doing: Doing) -> None:
    changes = {"customers": 150, "gate.attention": 0.01, **ISOLATED}
    model = lived(changes, doing(lambda v: v.welcome(0.3, 4.0)), 56.0)
    w = model.world.arrays
    joined = (w.codes[C.PROVIDER] == 0) & (w.state[S.JOINED] > 7.0)
    assert joined.sum() > 3
    assert w.state[S.DISCOUNT, joined] == pytest.approx(0.3)
    assert w.state[S.DISCOUNT_END, joined] == pytest.approx(w.state[S.JOINED, joined] + 4.0 * MONTH, rel=1e-5)
    assert amount(model, A.DISCOUNT) > 0.0


def test_advertising_reaches_others_and_is_paid_by_reach(doing: Doing) -> None:
    changes = {**CALM, "gate.p_advert": 0.1}
    idle, model = (lived(changes, doing(d), 70.0) for d in (lambda v: None, lambda v: v.advertise(2.0, 0.25)))
    row = model.world.levers[:, L.PROMPT_RATE] - idle.world.levers[:, L.PROMPT_RATE]
    assert row[0] == pytest.approx(0.0, abs=1e-9)
    assert row[1:] == pytest.approx(2.0 / MONTH * 0.1, rel=1e-5)
    others = 60 - model.world.present(0).sum()
    assert amount(model, A.FIXED) / (
        2.0 * 0.25 * others * model.world.ledger.scale * 70.0 / MONTH
    ) == pytest.approx(1.0, abs=0.15)
    assert model.world.counts[1, :, N.LOOKS].sum() > idle.world.counts[1, :, N.LOOKS].sum()


def test_a_price_rise_makes_people_look_and_a_cut_does_not(doing: Doing) -> None:
    for level, looks in ((1.2, True), (0.8, False)):
        model = lived({**CALM, "gate.p_price_rise": 0.9}, doing(lambda v, p=level: v.reprice(p)), 7.0)
        assert model.world.levers[0, L.PRICE] == pytest.approx(level)
        assert (model.world.counts[0, :, N.LOOKS].sum() > 15) is np.bool_(looks)
        assert model.world.counts[1, :, N.LOOKS].sum() < 3


def test_levers_of_a_strategy_that_ends_come_back(doing: Doing) -> None:
    def pull(view: ProviderView) -> None:
        view.hire(0.5, 1.0)
        view.train(0.95)
        view.welcome(0.3, 4.0)
        view.advertise(2.0, 0.25)
        view.pay_monthly(100.0)
        view.programme(0.1, 5.0, 0.0)

    today = doing(pull)
    warmed = warm(
        {**CALM, "warm_up": 2.0, "gate.p_advert": 0.1}, today=Scenario(name="today", focal=today.focal)
    )
    fresh = warm({**CALM, "warm_up": 2.0, "gate.p_advert": 0.1}, today).fork(Scenario(name="none"))
    ended = warmed.fork(Scenario(name="none"))
    ended.run(35.0)
    kept = [row for row in L if row not in (L.BURN_AT, L.PROGRAMME_HASSLE)]
    assert ended.world.levers[:, kept] == pytest.approx(fresh.world.levers[:, kept], rel=1e-6)
    assert not ended.world.arrays.books[0, :, 1:, [A.FIXED, A.WAGES]].any()
    service = ended.providers[0].service
    assert service is not None
    assert service.hired == {}
