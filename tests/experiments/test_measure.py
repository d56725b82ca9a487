"""Metrics from records: rates over whom they say, nothing for nobody."""

from typing import Any

import numpy as np
import pytest

from agents.columns import A, C, N, S
from agents.miniature import warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.targeting import Everyone
from experiments.measure import ledger_of, payback, profit, ratio, runs_of, spending, timeline_of, with_totals
from experiments.metrics import METRICS, TIMELINE

METRIC = {name: n for n, name in enumerate(METRICS)}
TIME = {name: n for n, name in enumerate(TIMELINE)}
MONTH = 30.4375


@pytest.fixture(scope="module")
def ran() -> MarketModel:
    save = Promotions(
        every=1.0, depth=0.2, months=1.0, channel="call", targeting=Everyone(share=0.5), save_depth=0.3, save_months=2.0,
        save_cost=5.0, welcome_depth=0.2, welcome_months=2.0,
    )  # fmt: skip
    scenario = Scenario(name="save", focal={"save": save})
    changes: dict[str, Any] = {
        "customers": 60,
        "gate.attention": 0.01,
        "people.involuntary": 0.05,
        "choice.category_exit": -5.0,
    }
    model = warm(changes, scenario).fork(scenario)
    model.run(6 * MONTH)
    return model


def test_totals_are_sums_over_providers_and_segments() -> None:
    table = np.arange(12).reshape(2, 3, 2)
    total = with_totals(table)
    assert total.shape == (3, 4, 2)
    assert (total[:2, :3] == table).all()
    assert total[-1, -1].tolist() == table.sum(axis=(0, 1)).tolist()


def test_a_share_of_nobody_is_undefined() -> None:
    assert np.isnan(ratio([0, 3], [0, 0])).all()
    assert ratio([1], [4])[0] == 0.25


def test_churn_counts_all_who_left_over_all_customer_months(ran: MarketModel) -> None:
    """Gross: over the months that everybody was there, leavers included - not over those who are left."""
    runs, counts = runs_of(ran), ran.world.counts[:-1]
    for provider in range(2):
        left = counts[provider, :, N.LEFT].sum() + counts[provider, :, N.LEFT_INVOLUNTARY].sum()
        months = counts[provider, :, N.CUSTOMER_DAYS].sum() / 1e6 / MONTH
        assert runs[provider, -1, METRIC["churn_rate"]] == pytest.approx(left / months)
        assert runs[provider, -1, METRIC["churn_voluntary"]] == pytest.approx(
            counts[provider, :, N.LEFT].sum() / months
        )
    assert runs[0, -1, METRIC["churn_rate"]] > runs[0, -1, METRIC["churn_voluntary"]] > 0.0


def test_retention_is_of_all_who_started(ran: MarketModel) -> None:
    """Denominator: the customers of the fork, not the survivors; unbroken for one, present again for the other."""
    codes, state, start = ran.world.arrays.codes, ran.world.arrays.state, ran.at_fork
    runs = runs_of(ran)
    for segment in range(2):
        mine = (start.provider == 0) & (start.segment == segment)
        here = mine & (codes[C.PROVIDER] == 0) & (codes[C.GENERATION] == start.generation)
        assert runs[0, segment, METRIC["retention_present"]] == pytest.approx(here.sum() / mine.sum())
        stayed = here & (state[S.JOINED] <= 0.0)
        assert runs[0, segment, METRIC["retention"]] == pytest.approx(stayed.sum() / mine.sum())
    starters, end = (start.provider == 0).sum(), ran.world.present(0).sum()
    assert starters != end
    assert 0.0 < runs[0, -1, METRIC["retention"]] < runs[0, -1, METRIC["retention_present"]] + 1e-12


def test_value_is_per_customer_of_the_fork(ran: MarketModel) -> None:
    runs = runs_of(ran)
    value, starters = ran.world.arrays.money[0], ran.at_fork.provider == 0
    mean = (value[starters].sum() - ran.starters_fixed[0].sum()) / starters.sum() / 1e6
    assert runs[0, -1, METRIC["lifetime_value"]] == pytest.approx(mean)


def test_shares_and_customers(ran: MarketModel) -> None:
    runs, present = runs_of(ran), ran.world.counts[:, :, N.PRESENT]
    assert runs[:2, -1, METRIC["market_share"]].sum() + present[-1].sum() / 60 == pytest.approx(1.0)
    assert runs[0, -1, METRIC["customers_end"]] == pytest.approx(present[0].sum() * ran.world.ledger.scale)
    assert runs[-1, -1, METRIC["market_share"]] == pytest.approx(present[:-1].sum() / 60)


def test_means_over_the_months(ran: MarketModel) -> None:
    runs, counts = runs_of(ran), ran.world.counts
    months = counts[0, :, N.CUSTOMER_DAYS].sum() / 1e6 / MONTH
    assert runs[0, -1, METRIC["contacts"]] == pytest.approx(counts[0, :, N.CONTACTS].sum() / months)
    assert runs[0, -1, METRIC["looks"]] == pytest.approx(counts[0, :, N.LOOKS].sum() / months * 12.0)
    assert 0.0 < runs[0, -1, METRIC["satisfaction"]] < 1.0
    assert runs[0, -1, METRIC["pressure"]] > runs[1, -1, METRIC["pressure"]], "who was called takes it along"
    assert runs[1, -1, METRIC["contacts"]] == 0.0


def test_every_metric_is_defined_or_says_that_it_compares(ran: MarketModel) -> None:
    runs = runs_of(ran)
    later = {"return_on_spend", "payback_months", "lifetime_value_projected", "cost_later"}
    undefined = {name for name, n in METRIC.items() if np.isnan(runs[0, -1, n])}
    assert undefined == later
    assert {metric.direction for metric in METRICS.values()} == {-1, 0, 1}
    assert all(metric.doc and metric.unit for metric in (*METRICS.values(), *TIMELINE.values()))


def test_the_timeline_ends_where_the_run_does(ran: MarketModel) -> None:
    timeline, days = timeline_of(ran)
    runs = runs_of(ran)
    assert days[-1] == pytest.approx(6 * MONTH)
    for name, other in (
        ("retention", "retention"),
        ("customers", "customers_end"),
        ("profit", "profit"),
        ("cost", "cost"),
    ):
        assert timeline[0, -1, TIME[name]] == pytest.approx(runs[0, -1, METRIC[other]]), name
    assert (np.diff(timeline[0, :, TIME["retention"]]) <= 0.0).all()
    assert (np.diff(timeline[0, :, TIME["cost"]]) >= 0.0).all()
    months = np.diff(
        [0.0, *(reading.counts[0, :, N.CUSTOMER_DAYS].sum() for reading in ran.history.readings)]
    )
    churn = (timeline[0, :, TIME["churn_rate"]] * months).sum() / months.sum()
    assert churn == pytest.approx(runs[0, -1, METRIC["churn_rate"]])


def test_profit_and_spending_know_every_account() -> None:
    """Each account that is money has its side, once."""
    books = np.eye(len(A), dtype=np.int64)
    sides = {account.name: int(side) for account, side in zip(A, profit(books))}
    assert sides == {
        "REVENUE": 1, "SERVICE": -1, "ACQUISITION": -1, "EXIT_FEE": 1, "DISCOUNT": -1, "CONTACT": -1, "WAGES": -1,
        "REWARDS": -1, "FIXED": -1, "UPFRONT": -1, "EARNED": 0, "BURNT": 0, "FORFEITED": 0,
    }  # fmt: skip
    spent = {account.name for account, side in zip(A, spending(books)) if side}
    assert spent == {"DISCOUNT", "CONTACT", "WAGES", "REWARDS", "FIXED", "UPFRONT"}


def test_the_ledger_names_who_caused_what(ran: MarketModel) -> None:
    rows = ledger_of(ran)
    assert len({row[:3] for row in rows}) == len(rows)
    given = {account: amount for provider, account, slot, amount in rows if slot == "save"}
    assert set(given) == {"discount", "contact", "fixed"}
    assert given["contact"] == pytest.approx(
        ran.world.counts[0, :, N.CONTACTS].sum() * 10.0 * ran.world.ledger.scale
    )
    assert all(provider == "focal" for provider, _, slot, _ in rows if slot)


@pytest.mark.parametrize(
    ("own", "month"),
    [
        ([-10.0, -5.0, 3.0, 9.0], 3.0),
        ([-10.0, 1.0, -2.0, 9.0], 4.0),
        ([1.0, 1.0, 2.0, 3.0], np.nan),
        ([-1.0, -1.0, -2.0, -3.0], np.nan),
        ([-1.0, 0.0, 0.0, 0.0], 2.0),
    ],
    ids=["once", "for good", "never behind", "never back", "equal is enough"],
)
def test_payback(own: list[float], month: float) -> None:
    days = np.array([1.0, 2.0, 3.0, 4.0]) * MONTH
    found = payback(np.array(own), np.zeros(4), days)
    assert found == pytest.approx(month, nan_ok=True)
