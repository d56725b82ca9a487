"""The people of a market as it starts: a stock at rest, with ages as long as the restful stay; or a cohort."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from agents.columns import C, K, N, S, T, V
from agents.miniature import FAMILY, ISOLATED, QUIET, warm
from agents.scenario import Scenario
from agents.stock import stationary

REST: dict[str, Any] = {**QUIET, **ISOLATED, "choice.memory": 30.0}


@pytest.mark.parametrize("size", [2, 3, 6])
def test_the_chain_at_rest(size: int) -> None:
    """Against the null space of the generator, with rates over many orders of magnitude."""
    rates = np.exp(np.random.default_rng(size).normal(-4.0, 4.0, (size, size)))
    generator = rates - np.diag(np.diag(rates))
    generator -= np.diag(generator.sum(axis=1))
    system = np.vstack([generator.T, np.ones(size)])
    expected = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    share = np.empty(size)
    stationary(rates, np.empty_like(rates), share)
    assert share == pytest.approx(expected, abs=1e-8)


def test_a_stock_is_at_rest_from_the_first_day() -> None:
    """Nothing drifts: neither shares nor churn, in a market in which nothing happens by itself."""
    twin = warm({**REST, "customers": 12_000, "gate.attention": 0.004}).fork(Scenario(name="none"))
    start = twin.world.counts[:, :, N.PRESENT].sum(axis=1)
    left: list[int] = []
    for quarter in range(1, 9):
        twin.run(quarter * 91.3125)
        left.append(int(twin.world.counts[:, :, N.LEFT].sum()))
    end = twin.world.counts[:, :, N.PRESENT].sum(axis=1)
    assert (np.abs(end - start) < 4.0 * np.sqrt(start + 1.0)).all()
    flow = np.diff([0, *left])
    trend = stats.linregress(np.arange(8), flow)
    assert abs(trend.slope) < 4.0 * np.sqrt(flow.mean() / 42.0), flow


def test_ages_are_exponential_at_the_rate_of_leaving() -> None:
    """People who are all alike: age is what remains of a constant hazard."""
    people = {**FAMILY, "price_weight": 0.0, "hassle": 0.0, "attention": 1.0, "quality_weight": 0.0}
    twins = {
        "providers": warm({"customers": 20}).market.providers[:1] * 1
        + tuple(p for p in warm({"customers": 20}).market.providers[1:])
    }
    model = warm(
        {**REST, **twins, "customers": 6000, "gate.attention": 0.01, "choice.match_scale": 0.0, "choice.category_exit": -40.0},
        people=people,
    )  # fmt: skip
    w = model.world.arrays
    log_availability = np.log(0.6)
    stay = 1.0 / (1.0 + np.exp(log_availability))
    rate = 0.01 * (1.0 - stay)
    ages = -w.state[S.JOINED, w.codes[C.PROVIDER] == 0].astype(np.float64)
    assert stats.kstest(ages, stats.expon(scale=1.0 / rate).cdf).pvalue > 0.001


def test_who_looks_seldom_is_old() -> None:
    w = warm({**REST, "customers": 4000}).world.arrays
    own = w.codes[C.PROVIDER] >= 0
    age, attention = -w.state[S.JOINED, own], w.traits[T.ATTENTION, own]
    assert stats.spearmanr(age, attention).statistic < -0.3


def test_terms_are_at_every_stage_and_bills_of_the_past_are_not_booked() -> None:
    model = warm(
        {
            "customers": 2000,
            "contract": "term",
            "gate.per": "renewal",
            "gate.attention": 0.3,
            "term_months": 12.0,
        }
    )
    w = model.world.arrays
    own = w.codes[C.PROVIDER] >= 0
    rest = w.state[S.CONTRACT_END, own].astype(np.float64)
    assert ((rest > 0.0) & (rest <= 365.25 + 7.0)).all()
    terms = (w.state[S.CONTRACT_END, own] - w.state[S.JOINED, own]) / 365.25
    assert terms == pytest.approx(np.round(terms), abs=1e-3)
    assert (terms >= 0.99).all()
    assert not w.books.any()
    assert not w.money[[V.VALUE, V.SPENT, V.PAID]].any()
    flows = [row for row in N if row not in (N.PRESENT, N.STARTERS_PRESENT, N.UNBROKEN)]
    assert not w.counts[:, :, flows].any()


def test_terms_end_evenly_however_many_leave_at_their_end() -> None:
    """Through a term people stay: the part that is behind is even, the number of terms is geometric."""
    people = {**FAMILY, "attention": 1.0, "price_weight": 0.0, "hassle": 0.0, "quality_weight": 0.0}
    changes = {
        **REST, "customers": 2500, "contract": "term", "gate.per": "renewal", "gate.attention": 1.0, "term_months": 12.0,
        "choice.match_scale": 0.0, "choice.category_exit": -40.0,
    }  # fmt: skip
    w = warm(changes, people=people).world.arrays
    own = w.codes[C.PROVIDER] >= 0
    rest = w.state[S.CONTRACT_END, own].astype(np.float64) / 365.25
    assert stats.kstest(rest, "uniform").pvalue > 0.001
    terms = np.floor(-w.state[S.JOINED, own] / 365.25)
    leaves = 0.6 / (1.0 + 0.6)
    for number in range(4):
        share = leaves * (1.0 - leaves) ** number
        assert abs((terms == number).mean() - share) < 4.0 * np.sqrt(share / own.sum())


def test_plans_fit_but_for_what_has_changed_since() -> None:
    fit = []
    for error, change in ((0.0, 0.0), (0.15, 0.0), (0.0, 1.0)):
        w = warm(
            {**REST, "customers": 2000, "people.plan_error": error, "people.need_change": change}
        ).world.arrays
        own = w.codes[C.PROVIDER] >= 0
        best = np.abs(w.plans[:, 0][:, None] - w.traits[T.NEED]).argmin(axis=0)
        fit.append((w.codes[C.PLAN] == best)[own].mean())
    assert fit[0] == 1.0
    assert fit[1] < 0.9
    assert fit[2] < 0.9


def test_a_cohort_joins_the_focal_provider_on_day_0() -> None:
    model = warm({"customers": 500, "start": "cohort", "warm_up": 6.0})
    w = model.world.arrays
    assert model.marketplace.day == 0.0
    assert (w.codes[C.PROVIDER] == 0).all()
    assert (w.state[S.JOINED] == 0.0).all()
    assert w.counts[0, :, N.PRESENT].sum() == w.counts[0, :, N.STARTERS_PRESENT].sum() == 500
    assert (w.crm[0, K.KNOWN] == 1.0).all()
    assert not w.books.any()
    assert w.counts[:, :, N.JOINED].sum() == 0


def test_the_sample_stands_for_the_firm() -> None:
    model = warm({"customers": 300, "firm_customers": 6000.0})
    present = int(model.world.present(0).sum())
    assert model.world.ledger.scale == pytest.approx(6000.0 / present)
    assert model.providers[0].firm_customers == pytest.approx(6000.0)
    assert model.providers[1].firm_customers == pytest.approx(model.world.present(1).sum() * 6000.0 / present)
    assert warm({"customers": 300, "firm_customers": 10.0}).world.ledger.scale == 1.0
