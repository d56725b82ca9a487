"""A task from end to end: exact twins, exact placebo, and values recomputed without the model's own books."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, K, N, S, T, V
from agents.miniature import ISOLATED, QUIET, customers, market
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.strategies.passive.efficient_service import EfficientService
from agents.strategies.passive.points_programme import PointsProgramme
from agents.strategies.placebo import Placebo
from agents.strategies.strategy import Strategy
from agents.targeting import Everyone, Risk, Targeting
from experiments import assembly
from experiments.assembly import forget, simulate, warm_market
from experiments.measure import runs_of, value_of_starters
from experiments.metrics import METRICS, TIMELINE
from experiments.tasks import Outcome, Task
from sim.marketplace import Phase, Pulse

METRIC = {name: n for n, name in enumerate(METRICS)}
MONTH = 30.4375
NONE = Scenario(name="none")


def promotions(targeting: Targeting | None = None, **changes: Any) -> Promotions:
    values: dict[str, Any] = {
        "every": 1.0, "depth": 0.2, "months": 2.0, "channel": "call", "save_depth": 0.3, "save_months": 3.0,
        "save_cost": 5.0, "welcome_depth": 0.1, "welcome_months": 2.0,
    }  # fmt: skip
    return Promotions(targeting=targeting or Everyone(share=0.4), **{**values, **changes})


def scenario(name: str, **strategies: Strategy) -> Scenario:
    return Scenario(name=name, focal=strategies)


PLACEBO = scenario("placebo", placebo=Placebo(upfront=2.0, per_month=0.5))
ACTIVE = scenario("active", save=promotions())


def task(*scenarios: Scenario, changes: dict[str, Any] | None = None, **settings: Any) -> Task:
    place = market({"customers": 60, "warm_up": 1.0, "gate.attention": 0.01, **(changes or {})})
    values: dict[str, Any] = {
        "market": place, "customers": customers(), "today": Scenario(name="today"), "scenarios": scenarios,
        "baseline": scenarios[0].name, "focal": "focal", "seed": 1, "draw": 0, "replicate": 0, "horizon_months": 6.0,
        "records": True, "projected": False,
    }  # fmt: skip
    return Task(**{**values, **settings})


def content(outcome: Outcome) -> list[bytes]:
    return [
        outcome.runs.tobytes(),
        outcome.timeline.tobytes(),
        outcome.days.tobytes(),
        repr(outcome.ledger).encode(),
    ]


def value(outcome: Outcome, metric: str, provider: int = 0, segment: int = -1) -> float:
    return float(outcome.runs[provider, segment, METRIC[metric]])


# --- twins --------------------------------------------------------------------------------------------


def test_the_same_task_gives_the_same_bytes_also_after_a_journey() -> None:
    asked = task(NONE, ACTIVE, projected=True)
    first = simulate(asked)
    forget()
    second = simulate(pickle.loads(pickle.dumps(asked)))
    assert [content(outcome) for outcome in first] == [content(outcome) for outcome in second]
    assert [outcome.scenario for outcome in first] == ["none", "active"]


def test_scenarios_that_differ_in_nothing_differ_by_exactly_nothing() -> None:
    """For every customer: effect, value and spending."""
    same = replace(ACTIVE, name="the same under another name")
    first, second = simulate(task(ACTIVE, same))
    assert content(first) == content(second)
    assert first.customers is not None
    assert second.customers is not None
    for column in ("value", "spent", "stayed"):
        assert first.customers[column].tobytes() == second.customers[column].tobytes()
    assert not second.customers["effect_realised"].any()
    stayed = first.customers["stayed"].mean()
    shares = {"persuadable": 0.0, "sure thing": stayed, "lost cause": 1.0 - stayed, "sleeping dog": 0.0}
    assert {group: share for group, share, _ in second.groups} == pytest.approx(shares)


def test_what_else_is_compared_beside_changes_no_number() -> None:
    """Nor does the order, nor a competitor that learns."""
    learner = scenario("learner", zz=promotions(Risk(share=0.2)), aa=PLACEBO.focal["placebo"])
    alone = simulate(task(NONE, ACTIVE))
    beside = simulate(task(NONE, learner, ACTIVE, PLACEBO))
    by_name = {outcome.scenario: outcome for outcome in beside}
    for outcome in alone:
        assert content(outcome) == content(by_name[outcome.scenario])
    turned = simulate(task(PLACEBO, ACTIVE, learner, NONE, baseline="none"))
    for outcome in turned:
        assert content(outcome) == content(by_name[outcome.scenario])


def test_what_a_process_keeps_of_a_task_is_what_it_would_make_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task with fewer scenarios starts from the warm state that is there, and does not run the baseline again."""
    learner = scenario("learner", zz=promotions(Risk(share=0.2)))
    fresh = simulate(task(NONE, ACTIVE, projected=True))
    forget()
    whole = simulate(task(NONE, learner, ACTIVE, projected=True))
    run: list[str] = []
    finish = assembly._finish

    def counted(asked: Task, warm: MarketModel, one: Scenario) -> Any:
        run.append(one.name)
        return finish(asked, warm, one)

    monkeypatch.setattr(assembly, "_finish", counted)
    monkeypatch.setattr(assembly, "assemble", None)
    again = simulate(task(NONE, ACTIVE, projected=True))
    assert run == ["active"]
    assert [content(outcome) for outcome in again] == [content(outcome) for outcome in fresh]
    assert content(whole[2]) == content(again[1])


def test_a_warm_state_serves_only_those_whose_slots_and_learners_it_has() -> None:
    few, more = warm_market(task(NONE)), warm_market(task(NONE, ACTIVE))
    assert more is not few
    assert warm_market(task(NONE)) is more
    assert warm_market(task(NONE, scenario("learner", save=promotions(Risk(share=0.2))))) is not more
    assert warm_market(task(NONE, replicate=1)) is not more


def test_a_strategy_at_zero_intensity_is_no_strategy() -> None:
    zero = scenario(
        "zero",
        save=promotions(intensity=0.0),
        points=Placebo(upfront=9.0, per_month=9.0, intensity=0.0),
    )
    none, nothing = simulate(task(NONE, zero))
    comparing = [METRIC[name] for name in ("return_on_spend", "payback_months")]
    own = [np.delete(outcome.runs, comparing, axis=-1) for outcome in (none, nothing)]
    assert own[0].tobytes() == own[1].tobytes()
    assert none.ledger == nothing.ledger
    assert np.isnan(nothing.runs[0, -1, comparing]).all()


def test_unpaired_scenarios_have_their_own_luck() -> None:
    same = replace(NONE, name="again")
    paired, unpaired = (simulate(task(NONE, same, paired=paired)) for paired in (True, False))
    assert content(paired[0]) == content(paired[1])
    assert content(unpaired[0]) != content(unpaired[1])
    assert unpaired[1].customers is not None
    assert unpaired[1].customers["effect_realised"].any()


def test_without_a_baseline_there_are_no_groups() -> None:
    (outcome,) = simulate(task(ACTIVE, baseline=""))
    assert outcome.groups == ()
    assert np.isnan(value(outcome, "return_on_spend"))


# --- the placebo --------------------------------------------------------------------------------------


def test_a_placebo_moves_nothing_but_money_by_exactly_its_cost() -> None:
    none, placebo = simulate(task(NONE, PLACEBO, changes={"money.discount_rate": 0.0}))
    money = (
        "lifetime_value",
        "customer_equity",
        "profit",
        "cost",
        "cost_upfront",
        "cost_first_year",
        "cost_later",
        "return_on_spend",
        "payback_months",
    )
    for name, n in METRIC.items():
        if name not in money:
            assert none.runs[..., n].tobytes() == placebo.runs[..., n].tobytes(), name
    assert none.runs[1].tobytes() == placebo.runs[1].tobytes(), "the rival's books are its own"
    firm = 1000.0
    cost = 2.0 * firm + 0.5 * firm * 6.0
    assert value(placebo, "cost") == pytest.approx(cost, rel=1e-6)
    assert value(placebo, "cost_upfront") == pytest.approx(2.0 * firm, rel=1e-6)
    for name in ("profit", "customer_equity"):
        assert value(none, name) - value(placebo, name) == pytest.approx(value(placebo, "cost"), abs=1e-6)
    assert value(placebo, "return_on_spend") == pytest.approx(-1.0, abs=1e-12)
    assert np.isnan(value(placebo, "payback_months"))
    assert value(none, "cost") == 0.0
    tagged = [row for row in placebo.ledger if row[2] == "placebo"]
    assert [row[:2] for row in tagged] == [("focal", "fixed"), ("focal", "upfront")]
    assert [row for row in placebo.ledger if row[2] != "placebo"] == list(none.ledger)
    assert {group: spend for group, _, spend in placebo.groups} == dict.fromkeys(
        [g for g, _, _ in placebo.groups], 0.0
    )


def test_costs_fall_on_the_scenario_that_causes_them() -> None:
    outcomes = {outcome.scenario: outcome for outcome in simulate(task(NONE, PLACEBO, ACTIVE))}
    for name, slots in (("none", set()), ("placebo", {"placebo"}), ("active", {"save"})):
        outcome = outcomes[name]
        assert {row[2] for row in outcome.ledger} - {""} == slots
        paid = sum(amount for provider, _, slot, amount in outcome.ledger if slot and provider == "focal")
        assert value(outcome, "cost") == pytest.approx(paid, rel=1e-9, abs=1e-9)
        assert (value(outcome, "cost") > 0.0) == bool(slots)


# --- books --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [{}, {"contract": "none", "gate.per": "purchase", "gate.attention": 0.2}],
    ids=["bills", "purchases"],
)
def test_profit_is_what_the_ledger_says(form: dict[str, Any]) -> None:
    busy = scenario(
        "busy", save=promotions(), points=PointsProgramme(earn=0.1, burn_at=10.0, hassle_hours=0.0, platform=1.0, running=0.1),
        service=EfficientService(people=0.5, hours=1.0, solved=0.9, training=100.0),
    )  # fmt: skip
    for outcome in simulate(task(NONE, busy, changes=form)):
        for number, provider in enumerate(("focal", "rival")):
            income = sum(x for p, a, _, x in outcome.ledger if p == provider and a in ("revenue", "exit_fee"))
            costs = sum(
                x for p, a, _, x in outcome.ledger if p == provider and a not in ("revenue", "exit_fee")
            )
            assert value(outcome, "profit", number) == pytest.approx(income - costs, rel=1e-9)
        assert value(outcome, "profit", -1) == pytest.approx(
            value(outcome, "profit", 0) + value(outcome, "profit", 1)
        )
        by_segment = outcome.runs[:, :-1, METRIC["profit"]].sum(axis=1)
        assert by_segment == pytest.approx(outcome.runs[:, -1, METRIC["profit"]], rel=1e-9)


def test_equity_is_profit_discounted_pulse_by_pulse() -> None:
    model = warm_market(task(ACTIVE)).fork(ACTIVE)
    before, equity = np.zeros(len(A)), 0.0
    for n in range(26):
        model.step()
        books = model.world.arrays.books[0].sum(axis=(0, 1)).astype(np.float64)
        flow = books - before
        before = books
        gain = (
            flow[A.REVENUE]
            + flow[A.EXIT_FEE]
            - flow[
                [A.SERVICE, A.ACQUISITION, A.DISCOUNT, A.CONTACT, A.WAGES, A.REWARDS, A.FIXED, A.UPFRONT]
            ].sum()
        )
        equity += gain * 1.1 ** (-7.0 * (n + 1) / 365.25)
    model.run(182.0)
    runs = runs_of(model)
    assert runs[0, -1, METRIC["customer_equity"]] == pytest.approx(
        equity * model.world.ledger.scale / 1e6, rel=1e-7
    )
    assert runs[0, -1, METRIC["customer_equity"]] < runs[0, -1, METRIC["profit"]]


# --- lifetime value, recomputed -----------------------------------------------------------------------


class Accountant:
    """Follows the people of the fork in plain Python: what each paid, cost and was given, from states and prices."""

    def __init__(self, model: MarketModel) -> None:
        self.model = model
        self.own = {int(i): 0.0 for i in np.flatnonzero(model.at_fork.provider == 0)}
        self.starters = [sum(model.at_fork.segment[i] == g for i in self.own) for g in range(2)]
        self.shared = [0.0, 0.0]
        phases = model.marketplace.phases
        self.act = {phase.name: phase.act for phase in phases}
        wrapped = {
            "settle_outboxes": self.settle,
            "live_and_look": self.live,
            "move_and_book": self.move,
            "record": self.close,
        }
        model.marketplace.phases = tuple(Phase(p.name, wrapped.get(p.name, p.act)) for p in phases)

    def factor(self, pulse: Pulse) -> float:
        return float(1.1 ** (-pulse.end / 365.25))

    def here(self, i: int) -> bool:
        codes = self.model.world.arrays.codes
        return bool(codes[C.PROVIDER, i] == 0 and codes[C.GENERATION, i] == self.model.at_fork.generation[i])

    def price(self, i: int) -> float:
        w = self.model.world.arrays
        return float(50.0 * w.plans[w.codes[C.PLAN, i], 1] * w.traits[T.SPEND, i])

    def settle(self, pulse: Pulse) -> None:
        """Calls cost 10 each; whom they reached is seen by the pressure they leave."""
        before = self.model.world.arrays.state[S.PRESSURE].copy()
        self.act["settle_outboxes"](pulse)
        for i in np.flatnonzero(self.model.world.arrays.state[S.PRESSURE] > before).tolist():
            if i in self.own and self.here(i):
                self.own[i] -= 10.0 * self.factor(pulse)

    def live(self, pulse: Pulse) -> None:
        """A bill is due where the customer's day of the month lies in the pulse; a discount holds if it has not ended."""
        w = self.model.world.arrays
        for i in self.own:
            phase = float(w.traits[T.BILL_PHASE, i])
            bills = np.floor((pulse.end - phase) / MONTH) > np.floor((pulse.day - phase) / MONTH)
            if bills and self.here(i):
                depth = float(w.state[S.DISCOUNT, i]) if w.state[S.DISCOUNT_END, i] > pulse.day else 0.0
                self.own[i] += self.price(i) * (0.6 - depth) * self.factor(pulse)
        self.act["live_and_look"](pulse)

    def move(self, pulse: Pulse) -> None:
        """Who leaves within a term pays half of what remains of it."""
        staying = {i for i in self.own if self.here(i)}
        w = self.model.world.arrays
        fees = {
            i: 0.5 * max(0.0, float(w.state[S.CONTRACT_END, i]) - pulse.end) / MONTH * self.price(i)
            for i in staying
        }
        self.act["move_and_book"](pulse)
        for i in staying:
            if not self.here(i) and self.model.market.contract == "term":
                self.own[i] += fees[i] * self.factor(pulse)

    def close(self, pulse: Pulse) -> None:
        """What is paid for all is shared by all who are present, in each segment."""
        w, model = self.model.world.arrays, self.model
        spread = model.world.ledger.spread[0].copy()
        for g in range(2):
            present = [
                i
                for i in range(len(model.world.people))
                if w.codes[C.PROVIDER, i] == 0 and w.codes[C.SEGMENT, i] == g
            ]
            mine = sum(1 for i in present if i in self.own and self.here(i))
            self.shared[g] += spread[g] / 1e6 * mine / max(len(present), 1) * self.factor(pulse)
        self.act["record"](pulse)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {
            "contract": "term",
            "gate.per": "renewal",
            "gate.attention": 0.4,
            "term_months": 2.0,
            "gate.p_advert": 0.1,
        },
    ],
    ids=["subscription", "term"],
)
def test_lifetime_value_from_an_independent_account(form: dict[str, Any]) -> None:
    """Discounts, calls, save and welcome offers, exit fees, upfront and running costs, wages; people come, go and return."""
    both = scenario("both", save=promotions(), placebo=PLACEBO.focal["placebo"])
    changes = {
        **QUIET,
        **ISOLATED,
        "people.involuntary": 0.08,
        "gate.p_advert": 0.02,
        "choice.memory": 30.0,
        "customers": 40,
        **form,
    }
    model = warm_market(task(both, changes=changes)).fork(both)
    accountant = Accountant(model)
    model.run(24 * 7.0)
    own = np.array(
        [sum(v for i, v in accountant.own.items() if model.at_fork.segment[i] == g) for g in range(2)]
    )
    expected = own - accountant.shared
    assert value_of_starters(model)[0] / 1e6 == pytest.approx(expected, rel=1e-5)
    table = runs_of(model)[0, :, METRIC["lifetime_value"]]
    assert table[:-1] == pytest.approx(expected / accountant.starters, rel=1e-5)
    assert table[-1] == pytest.approx(expected.sum() / sum(accountant.starters), rel=1e-5)
    assert model.world.counts[0, :, [N.LEFT, N.LEFT_INVOLUNTARY, N.JOINED, N.CONTACTS]].sum(axis=1).min() > 0
    assert model.world.arrays.money[V.SPENT].sum() > 0


def test_where_nobody_comes_or_goes_lifetime_values_sum_to_equity() -> None:
    """Every cost of the firm, wages for tickets included, is borne by its customers once."""
    changes = {"gate.attention": 1e-7, "gate.p_advert": 0.0, "people.involuntary": 0.0, "gate.p_contact": 0.0, "gate.p_expiry": 0.0,
               "gate.g_grievance": 0.0, "gate.attention_none": 0.0, "warm_up": 0.0}  # fmt: skip
    busy = scenario(
        "busy",
        service=EfficientService(people=0.5, hours=1.0, solved=0.9, training=100.0),
        save=promotions(),
        placebo=PLACEBO.focal["placebo"],
    )
    for outcome in simulate(task(NONE, busy, changes=changes)):
        total = value(outcome, "lifetime_value") * 1000.0
        assert total == pytest.approx(value(outcome, "customer_equity"), rel=1e-6)
        assert value(outcome, "retention") == 1.0


def test_the_projected_value_goes_on_where_the_horizon_ends() -> None:
    short, far = simulate(task(NONE, ACTIVE, projected=True))
    for outcome in (short, far):
        assert value(outcome, "lifetime_value_projected") > value(outcome, "lifetime_value")
    without = simulate(task(NONE, ACTIVE, projected=False))
    assert np.isnan(value(without[0], "lifetime_value_projected"))
    others = [n for name, n in METRIC.items() if name != "lifetime_value_projected"]
    assert short.runs[..., others].tobytes() == without[0].runs[..., others].tobytes()


def test_tables_have_the_promised_shapes() -> None:
    outcome = simulate(task(NONE))[0]
    assert outcome.runs.shape == (3, 3, len(METRICS))
    assert outcome.timeline.shape == (3, 6, len(TIMELINE))
    assert outcome.days == pytest.approx([35.0, 63.0, 98.0, 126.0, 154.0, 6 * MONTH])
    assert outcome.customers is not None
    assert {column.size for column in outcome.customers.values()} == {outcome.customers["customer"].size}
    assert set(K.__members__) >= {"SPEND"}


def test_the_starting_customers_are_those_of_the_focal_provider() -> None:
    asked = task(NONE, ACTIVE, focal="rival")
    warm = warm_market(asked)
    outcome = simulate(asked)[1]
    assert outcome.customers is not None
    assert outcome.customers["customer"].tolist() == np.flatnonzero(warm.at_fork.provider == 1).tolist()
    assert {row[0] for row in outcome.ledger if row[2]} == {"rival"}


def test_a_provider_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="focal=nobody: no such provider"):
        simulate(task(NONE, focal="nobody"))
