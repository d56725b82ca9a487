"""What a strategy is given: what the firm sees, levers, and a sentence for whoever reaches for more."""

from collections.abc import Callable

import numpy as np
import pytest

from agents.columns import C, K
from agents.crm import Crm
from agents.miniature import warm
from agents.model import MarketModel
from agents.outbox import Contact, Invest, Spend
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.targeting import Everyone, Oracle
from agents.view import ProviderView

MONTH = 30.4375
Doing = Callable[..., Scenario]


def promotions(targeting: Everyone | Oracle) -> Scenario:
    strategy = Promotions(
        every=1.0, depth=0.2, months=2.0, channel="message", targeting=targeting, save_depth=0.0, save_months=3.0,
        save_cost=5.0, welcome_depth=0.0, welcome_months=2.0,
    )  # fmt: skip
    return Scenario(name="promotions", focal={"promotions": strategy})


@pytest.fixture
def opened() -> tuple[MarketModel, ProviderView]:
    scenario = promotions(Everyone())
    model = warm({"customers": 60}, scenario).fork(scenario)
    model.run(35.0)
    provider = model.providers[0]
    return model, ProviderView(provider, provider.running["promotions"])


@pytest.mark.parametrize(
    ("name", "lever"),
    [
        ("satisfaction", "product investment, the desk or an experience"),
        ("commitment", r"serve\("),
        ("attention", "no lever"),
        ("churn", "no lever"),
        ("provider", "no lever"),
        ("points", r"programme\("),
        ("pressure", r"contact\("),
        ("staff", r"hire\("),
        ("friction", r"invest\('friction'"),
        ("whatever", "one of the levers: .*advertise.*serve.*welcome"),
    ],
)
def test_setting_anything_names_the_lever(
    opened: tuple[MarketModel, ProviderView], name: str, lever: str
) -> None:
    with pytest.raises(AttributeError, match=f"a strategy cannot set '{name}'; use {lever}"):
        setattr(opened[1], name, 1.0)


def test_a_strategy_that_sets_a_hidden_state_stops_the_run(doing: Doing) -> None:
    def cheat(view: ProviderView) -> None:
        view.satisfaction = 1.0

    for day in (0.0, 20.0):
        scenario = doing({day: cheat})
        twin = warm({"customers": 60}, scenario).fork(scenario)
        with pytest.raises(AttributeError, match="a strategy cannot set 'satisfaction'"):
            twin.run(35.0)


def test_every_column_of_the_crm_is_read_only(opened: tuple[MarketModel, ProviderView]) -> None:
    crm = opened[1].crm
    columns = [name for name, member in vars(Crm).items() if isinstance(member, property)]
    assert len(columns) >= len(K) - 4, "all but the four counters of the month"
    for name in columns:
        column = getattr(crm, name)
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0
        with pytest.raises(AttributeError):
            setattr(crm, name, column)
    with pytest.raises(ValueError, match="read-only"):
        opened[1].plan_levels[0] = 0.5


def test_members_are_whom_the_firm_knows(opened: tuple[MarketModel, ProviderView]) -> None:
    model, view = opened
    own = np.flatnonzero(model.world.arrays.codes[C.PROVIDER] == 0)
    assert view.members.tolist() == own.tolist()
    assert view.members.dtype == np.int32
    assert (view.crm.known[view.members] == 1.0).all()


def test_a_crm_forgets_the_former_relationship(opened: tuple[MarketModel, ProviderView]) -> None:
    model, view = opened
    crm, joined = view.crm, model.world.arrays.crm[0, K.JOINED]
    fresh = view.members[joined[view.members] > 0.0]
    assert fresh.size
    assert (crm.tickets[fresh] <= 3.0).all()
    assert (crm.contacts[fresh] <= 1.0).all()


def test_the_dates_of_a_strategy_are_kept_from_its_launch(opened: tuple[MarketModel, ProviderView]) -> None:
    model, view = opened
    assert view.day == 35.0
    assert view.state == {"launched": 0.0}
    for months, due in ((1.0, 2.0), (6.0, 6.0), (0.5, 1.5)):
        timeout = view.next_date(months)
        assert view.day + timeout._delay == pytest.approx(due * MONTH)
    assert model.marketplace.environment.now == 35.0


def test_a_date_looked_at_in_passing_is_taken_once(opened: tuple[MarketModel, ProviderView]) -> None:
    """Day 35 lies after the first monthly date and before the first quarterly one; a restart remembers it."""
    model, view = opened
    assert not view.is_due("survey", 3.0)
    assert view.is_due("review", 1.0)
    assert not view.is_due("review", 1.0)
    assert view.state == {"launched": 0.0, "review": MONTH}
    again = model.fork(promotions(Everyone()))
    again.run(100.0)
    provider = again.providers[0]
    later = ProviderView(provider, provider.running["promotions"])
    assert later.is_due("review", 1.0)
    assert later.state["review"] == 3.0 * MONTH, "what was missed is not made up for"
    assert not later.is_due("review", 1.0)


def test_only_an_oracle_peeks() -> None:
    for targeting, peeks in ((Everyone(), False), (Oracle(share=0.2), True)):
        scenario = promotions(targeting)
        provider = warm({"customers": 60}, scenario).fork(scenario).providers[0]
        view = ProviderView(provider, provider.running["promotions"])
        if peeks:
            risk = view.true_risk(view.members)
            assert ((risk > 0.0) & (risk < 1.0)).all()
        else:
            with pytest.raises(PermissionError, match="use churn_risk"):
                view.true_risk(view.members)


def test_pulling_a_lever_only_asks(opened: tuple[MarketModel, ProviderView]) -> None:
    model, view = opened
    model.providers[0].outbox.take()
    before = {name: array.tobytes() for name, array in model.world.arrays.named().items()}
    view.spend(5.0)
    view.invest("doubt", 2.0, upfront=True)
    view.notify(view.members, "post")
    assert {name: array.tobytes() for name, array in model.world.arrays.named().items()} == before
    asked = model.providers[0].outbox.take()
    assert [type(request) for request in asked] == [Spend, Invest, Contact]
    assert {request.slot for request in asked} == {"promotions"}
    assert {request.tag for request in asked} == {model.tags["promotions"]}
    assert model.providers[0].outbox.take() == []


@pytest.mark.parametrize(
    ("kind", "cost"), [("help", 0.0), ("help", -1.0), ("love", 1.0), ("help", float("nan"))]
)
def test_a_service_has_a_kind_and_costs_money(
    opened: tuple[MarketModel, ProviderView], kind: str, cost: float
) -> None:
    with pytest.raises(ValueError, match="a service costs money"):
        opened[1].serve(opened[1].members, kind, np.ones(opened[1].members.size, np.float32), cost)


def test_strategies_in_other_slots_draw_other_luck(opened: tuple[MarketModel, ProviderView]) -> None:
    model, view = opened
    provider = model.providers[0]
    same = view.uniform(view.members, 3)
    assert (same == view.uniform(view.members, 3)).all()
    assert (same != view.uniform(view.members, 4)).all()
    running = provider.running["promotions"]
    other = ProviderView(provider, type(running)("another", running.tag, running.strategy, {}))
    assert (same != other.uniform(view.members, 3)).all()


def test_public_facts(opened: tuple[MarketModel, ProviderView]) -> None:
    model, view = opened
    assert view.contract == "subscription"
    assert view.wage == 28.0
    assert view.plan_levels.tolist() == pytest.approx([0.2, 0.5, 0.8])
    assert view.firm_customers == pytest.approx(1000.0)
    assert view.scale == model.world.ledger.scale
    assert view.staff > 0.0
    assert view.solved == pytest.approx(0.7)
