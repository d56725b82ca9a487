"""Exact special cases: with effects off, the compiled market is a law whose answer is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import chi2

from agents.columns import C, N, S, T
from agents.market import Market, Provider
from agents.miniature import FAMILY, ISOLATED, QUIET, customers, market, provider
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.calibration import bgnbd, sbg
from experiments.calibration.geometric import class_survival
from experiments.calibration.purchase_law import PurchaseLaw
from sim.luck import Luck
from sim.quantities import DAYS_PER_MONTH

Floats = npt.NDArray[np.float64]

EFFECTS_OFF: Mapping[str, Any] = {
    **ISOLATED,
    **QUIET,
    "gate.g_grievance": 0.0,
    "gate.g_dissatisfaction": 0.0,
    "gate.g_peers": 0.0,
    "gate.g_commitment": 0.0,
    "gate.p_notice": 0.0,
    "start": "cohort",
}
LEAVERS: Mapping[str, Any] = {**EFFECTS_OFF, "choice.rule": "leave", "choice.returns": False}
YEAR = 12.0 * DAYS_PER_MONTH
CDNOW = (0.243, 4.414, 0.793, 2.426)
WEEKS = 39
SURE = 4.0
"""Standard errors: a correct market fails one such comparison in 16,000."""


def spread(alpha: float, beta: float) -> float:
    """Coefficient of variation of Beta(alpha, beta)."""
    return float((beta / (alpha * (alpha + beta + 1.0))) ** 0.5)


def alone(place: Market) -> Market:
    return replace(place, providers=place.providers[:1])


def people(changes: Mapping[str, Any]) -> Customers:
    """One kind of people, with independent traits."""
    first = customers({**FAMILY, **changes}).segments[0]
    return Customers(title="Alike", segments=(replace(first, share=1.0, attention=1.0, usage=1.0),))


def joined(place: Market, who: Customers, seed: int = 1) -> MarketModel:
    model = MarketModel(place, who, Scenario(name="today"), Luck(seed, 0), place.providers[0].name)
    model.warm_up()
    return model


def unbroken(model: MarketModel, terms: int) -> Floats:
    """Share of each segment with an unbroken stay after 0, 1, ... terms."""
    found = [model.world.counts[0, :, N.UNBROKEN].astype(np.float64)]
    for term in range(1, terms + 1):
        model.run(term * model.market.term_months * DAYS_PER_MONTH)
        found.append(model.world.counts[0, :, N.UNBROKEN].astype(np.float64))
    return np.array(found) / found[0]


def renewing(alpha: float, beta: float, **changes: Any) -> MarketModel:
    """A cohort that looks at each renewal with an own probability ~ Beta(alpha, beta), and leaves when looking."""
    place = market(
        {
            **LEAVERS,
            "contract": "term",
            "gate.per": "renewal",
            "gate.attention": alpha / (alpha + beta),
            "customers": 40_000,
            "firm_customers": 40_000.0,
            **changes,
        }
    )
    return joined(alone(place), people({"spread_attention": spread(alpha, beta)}))


def z_scores(observed: Floats, expected: Floats, size: float) -> Floats:
    return (observed - expected) / np.sqrt(expected * (1.0 - expected) / size)


# --- renewals: the sBG ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "beta"), [(0.704, 1.182), (0.668, 3.806), (3.8, 15.2), (0.067, 0.267)], ids=str
)
def test_renewals_with_beta_attention_are_the_sbg(alpha: float, beta: float) -> None:
    model = renewing(alpha, beta, pulse=60.0)
    observed = unbroken(model, 12)[1:, 0]
    assert np.abs(z_scores(observed, sbg.survival(np.arange(1, 13), alpha, beta), 40_000)).max() < SURE


def test_the_sbg_does_not_depend_on_the_pulse() -> None:
    """A renewal is one occasion with one luck of its own pulse: other pulses are other lucks of the same law."""
    expected = sbg.survival(np.arange(1, 5), 0.704, 1.182)
    for pulse in (7.0, 30.4375, 91.3125):
        observed = unbroken(renewing(0.704, 1.182, pulse=pulse), 4)[1:, 0]
        assert np.abs(z_scores(observed, expected, 40_000)).max() < SURE, pulse


def test_monthly_terms_are_the_sbg_by_the_month() -> None:
    model = renewing(0.8, 6.0, term_months=1.0, pulse=7.0)
    observed = unbroken(model, 6)[1:, 0]
    assert np.abs(z_scores(observed, sbg.survival(np.arange(1, 7), 0.8, 6.0), 40_000)).max() < SURE


@pytest.mark.parametrize("share", [0.9, 0.6, 0.3])
def test_a_choice_among_lookers_is_the_sbg_of_the_ridge(share: float) -> None:
    """V_own = -price_weight and V_none = ln(q / (1 - q)) - price_weight: one who looks leaves with probability q."""
    alpha, beta, weight = 0.6, 0.7, 3.0
    place = alone(
        market(
            {
                **EFFECTS_OFF,
                "choice.returns": False,
                "choice.match_scale": 0.0,
                "choice.category_exit": float(np.log(share / (1.0 - share))) - weight,
                "people.plan_error": 0.0,
                "gate.s_ref": 0.8,
                "contract": "term",
                "gate.per": "renewal",
                "gate.attention": alpha / (alpha + beta),
                "customers": 40_000,
                "firm_customers": 40_000.0,
                "pulse": 60.0,
            }
        )
    )
    place = replace(place, plans=(replace(place.plans[1], price=1.0),))
    model = joined(place, people({"spread_attention": spread(alpha, beta), "price_weight": weight}))
    observed = unbroken(model, 8)[1:, 0]
    expected = sbg.survival(np.arange(1, 9), alpha, beta, share)
    assert np.abs(z_scores(observed, expected, 40_000)).max() < SURE


def test_two_classes_are_the_published_table() -> None:
    """Of 10,000 customers a third stays with .9 a year, two thirds with .5: 6,333 / 4,367 / 3,263 / 2,604 are left."""
    table = np.array([10_000.0, 6_333.0, 4_367.0, 3_263.0, 2_604.0])
    mean = (0.1 + 2.0 * 0.5) / 3.0
    one = people({}).segments[0]
    faithful = replace(one, name="faithful", share=1.0 / 3.0, attention=0.1 / mean)
    fickle = replace(one, name="fickle", share=2.0 / 3.0, attention=0.5 / mean)
    place = alone(
        market(
            {
                **LEAVERS,
                "contract": "term",
                "gate.per": "renewal",
                "gate.attention": mean,
                "customers": 90_000,
                "firm_customers": 90_000.0,
                "pulse": 60.0,
            }
        )
    )
    model = joined(place, Customers(title="Two classes", segments=(faithful, fickle)))
    shares = model.starters[0] / model.starters[0].sum()
    stays = unbroken(model, 4)
    assert (
        np.round(10_000 * class_survival(np.arange(5), (1 / 3, 2 / 3), (0.9, 0.5))).tolist() == table.tolist()
    )
    expected = np.array([[0.9**t, 0.5**t] for t in range(5)])
    for segment in range(2):
        size = float(model.starters[0, segment])
        assert np.abs(z_scores(stays[1:, segment], expected[1:, segment], size)).max() < SURE
    together = 10_000 * (stays * [1 / 3, 2 / 3]).sum(axis=1)
    errors = 10_000 * np.sqrt((expected * (1.0 - expected) * [1 / 3, 2 / 3]).sum(axis=1) / 90_000)
    assert (np.abs(together - table)[1:] < SURE * errors[1:] + 0.5).all()
    assert abs(shares[0] - 1 / 3) < SURE * (2 / 9 / 90_000) ** 0.5


# --- purchases: BG/NBD ---------------------------------------------------------------------------------


def buying(
    pulse: float, size: int, seed: int = 1, law: tuple[float, float, float, float] = CDNOW
) -> MarketModel:
    """A cohort that buys at an own rate ~ Gamma and at each purchase leaves with an own probability ~ Beta."""
    r, alpha, a, b = law
    place = alone(
        market(
            {
                **LEAVERS,
                "contract": "none",
                "gate.per": "purchase",
                "gate.attention": a / (a + b),
                "purchases.usage_rate": r / alpha / 7.0,
                "purchases.u0": 40.0,
                "purchases.price_elasticity": 0.0,
                "purchases.salience_jump": 0.0,
                "purchases.advance": 0.0,
                "customers": size,
                "firm_customers": float(size),
                "pulse": pulse,
            }
        )
    )
    return joined(place, people({"spread_attention": spread(a, b), "spread_usage": r**-0.5}), seed)


def bought(model: MarketModel, weeks: float) -> Floats:
    """Purchases of each customer within some weeks of joining, the first at joining not counted."""
    model.run(7.0 * weeks)
    found: Floats = model.world.arrays.state[S.USES].astype(np.float64)
    assert model.world.counts[0, :, N.PURCHASES].sum() == found.sum()
    return found


@pytest.mark.parametrize("pulse", [1.0, 7.0, 30.4375])
def test_repeat_counts_are_bg_nbd(pulse: float) -> None:
    size = 40_000 if pulse > 1.0 else 15_000
    counts = bought(buying(pulse, size), WEEKS)
    cells = np.arange(8)
    expected = bgnbd.count_probability(cells, float(WEEKS), *CDNOW)
    expected = np.append(expected[:7], 1.0 - expected[:7].sum()) * size
    observed = np.bincount(np.minimum(counts, 7).astype(np.int64), minlength=8)
    assert ((observed - expected) ** 2 / expected).sum() < chi2.ppf(1.0 - 1e-4, 7)


@pytest.mark.parametrize("pulse", [7.0, 30.4375])
def test_cumulative_purchases_are_bg_nbd(pulse: float) -> None:
    model = buying(pulse, 60_000, seed=2)
    for weeks in (13, 26, 39, 78):
        counts = bought(model, weeks)
        error = counts.std() / counts.size**0.5
        assert abs(counts.mean() - float(bgnbd.expected_purchases(weeks, *CDNOW))) < SURE * error


def test_purchases_agree_with_the_reference_law_drawn_by_numpy() -> None:
    """The same law drawn by another program: distribution at two ages, and how many have stopped for good."""
    size, law = 40_000, (1.5, 6.0, 1.2, 5.0)
    model = buying(7.0, size, seed=3, law=law)
    customer, time, occasion = PurchaseLaw(*law).repeat_purchases(
        np.full(size, 52.0), np.random.default_rng(4)
    )
    for weeks in (13.0, 52.0):
        ours, theirs = bought(model, weeks), np.bincount(customer[time <= weeks], minlength=size)
        top = 12
        pair = np.array(
            [np.bincount(np.minimum(x, top).astype(int), minlength=top + 1) for x in (ours, theirs)]
        )
        expected = pair.sum(axis=0) / 2.0
        assert ((pair - expected) ** 2 / expected).sum() < chi2.ppf(1.0 - 1e-4, top)
    stopped = (model.world.arrays.codes[C.PROVIDER] < 0).mean()
    other = (np.bincount(customer, minlength=size) >= occasion).mean()
    assert abs(stopped - other) < SURE * (stopped * (1.0 - stopped) * 2.0 / size) ** 0.5


def test_nobody_drops_out_at_joining() -> None:
    """Where every look is certain and ends it, everybody still makes one purchase after the first."""
    place = buying(7.0, 2_000).market
    sure = replace(place, gate=replace(place.gate, attention=1.0))
    model = joined(sure, people({"usage": 1.0, "spread_usage": 0.0, "spread_attention": 0.0}))
    counts = bought(model, 26.0)
    rate = float(model.world.arrays.traits[T.USAGE_RATE, 0])
    bought_once = 1.0 - np.exp(-rate * 26.0 * 7.0)
    assert counts.max() == 1.0
    assert abs(counts.mean() - bought_once) < SURE * (bought_once * (1.0 - bought_once) / 2_000) ** 0.5


# --- looking by the day: who stays where ---------------------------------------------------------------


def roaming(own_availability: bool, providers: tuple[Provider, ...], none: float) -> tuple[Floats, Floats]:
    """Shares of providers and none, last, after years of looking and choosing; and their standard errors."""
    size = 20_000
    place = market(
        {
            **EFFECTS_OFF,
            "choice.own_availability": own_availability,
            "choice.match_scale": 0.0,
            "choice.category_exit": none,
            "choice.memory": 30.0,
            "gate.attention": 0.02,
            "gate.attention_none": 0.02,
            "gate.s_ref": 0.8,
            "people.plan_error": 0.0,
            "money.exit_fee": 0.0,
            "customers": size,
            "firm_customers": float(size),
            "pulse": 15.0,
        }
    )
    place = replace(place, providers=providers, plans=place.plans[1:2])
    model = joined(place, people({"price_weight": 0.0, "hassle": 0.0}))
    model.run(3.0 * YEAR)
    share = np.bincount(model.world.arrays.codes[C.PROVIDER] % (len(providers) + 1)).astype(np.float64) / size
    return share, np.sqrt(share * (1.0 - share) / size)


THREE = tuple(
    provider({"name": name, "availability": availability, "adverts": 0.0, "quality": 0.8})
    for name, availability in (("one", 0.9), ("two", 0.5), ("three", 0.2))
)


def choosing(own_availability: bool, none: float) -> Floats:
    """Where one who looks goes, from each provider and none: logit of the utilities."""
    log = np.log([each.availability for each in THREE])
    utilities = np.tile(np.append(log, none), (4, 1))
    if not own_availability:
        utilities[range(3), range(3)] = 0.0
    weights: Floats = np.exp(utilities)
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def test_with_availability_for_all_shares_are_logit() -> None:
    share, error = roaming(True, THREE, none=-1.0)
    expected = choosing(True, -1.0)[0]
    assert (np.abs(share - expected) < SURE * error).all()


def test_with_the_incumbent_always_available_shares_are_stationary() -> None:
    share, error = roaming(False, THREE, none=-1.0)
    moves = choosing(False, -1.0)
    values, vectors = np.linalg.eig(moves.T)
    stationary = np.real(vectors[:, np.argmax(np.real(values))])
    stationary /= stationary.sum()
    assert (np.abs(share - stationary) < SURE * error).all()
    assert (np.abs(share - choosing(True, -1.0)[0]) > SURE * error).any()
