"""Whom a campaign saves, learned from randomised pilots: better than chance, worse than an oracle, shrunk where ignorant."""

import pickle
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.columns import K
from agents.crm import Crm
from agents.learning import uplift
from agents.learning.bandit import lift_estimate
from agents.learning.churn import QUARTER, SAMPLE, ChurnModel, features
from agents.learning.uplift import FEWEST_LEAVERS, UpliftModel
from agents.miniature import warm
from agents.scenario import Scenario

Rows = NDArray[np.float64]
Effect = Callable[[Rows, Rows], Rows]
SEEDS = 40
TOP = 0.3


def drawn(rng: np.random.Generator, number: int) -> Rows:
    """Nine features, some skewed, some nearly constant."""
    rows = rng.normal(size=(number, 9))
    rows[:, 0] = 1.0 / (1.0 + np.exp(rows[:, 0]))
    rows[:, 1] = np.exp(0.7 * rows[:, 1])
    rows[:, 4] = rows[:, 4] > 1.2
    rows[:, 8] = np.abs(0.3 * rows[:, 8])
    return rows


REFERENCE = drawn(np.random.default_rng(0), 5000)
"""By whose mean and spread features are standardised in the truth."""


def directions(seed: int) -> tuple[Rows, Rows]:
    """What risk and effect depend on: two orthogonal directions in standardised features."""
    risk, other = np.random.default_rng([seed, 7]).normal(size=(2, 9))
    risk /= np.linalg.norm(risk)
    other -= risk * (risk @ other)
    return risk, other / np.linalg.norm(other)


def saves_a_part(risk: Rows, other: Rows) -> Rows:
    return 0.4 * risk * (1.0 + 0.5 * other)


def wakes_the_risky(risk: Rows, other: Rows) -> Rows:
    """Lift falls with risk, and is negative for many: sleeping dogs."""
    z = np.log(risk / (1.0 - risk))
    return np.asarray(-0.02 * (z - z.mean()) / z.std())


def nothing(risk: Rows, other: Rows) -> Rows:
    return np.zeros_like(risk)


def truth(seed: int, rows: Rows, effect: Effect) -> tuple[Rows, Rows]:
    """Probability of leaving without treatment, about 6 % on average, and the lift."""
    z = (rows - REFERENCE.mean(axis=0)) / REFERENCE.std(axis=0)
    toward, other = directions(seed)
    risk = 1.0 / (1.0 + np.exp(3.1 - 0.9 * z @ toward))
    return risk, np.minimum(effect(risk, z @ other), risk)


@cache
def pilot(seed: int, effect: Effect, propensity: float = 0.5) -> UpliftModel:
    """A model that has seen the outcome of one pilot; shared by the tests, never changed."""
    rng = np.random.default_rng(seed)
    rows = drawn(rng, SAMPLE)
    risk, lift = truth(seed, rows, effect)
    treated = rng.random(SAMPLE) < propensity
    stayed = rng.random(SAMPLE) >= risk - treated * lift
    model = UpliftModel(rows=rows, treated=treated, propensity=np.full(SAMPLE, propensity), stayed=stayed)
    model._fit()
    return model


def crm(known: Rows, joined: Rows, day: float = 200.0) -> Crm:
    columns = np.zeros((len(K), known.size), np.float32)
    columns[K.KNOWN], columns[K.JOINED] = known, joined
    return Crm(columns, day)


def noted(model: UpliftModel, number: int, first: int = 0, propensity: float = 0.5, width: int = 3) -> None:
    """Note a pilot of slots `first` and on, who all joined on day 50; every second one is treated."""
    ids = np.arange(first, first + number, dtype=np.int32)
    rows = np.random.default_rng(first).normal(size=(number, width))
    model.note(ids, rows, ids % 2 == 0, np.full(number, 50.0, np.float32), propensity)


@pytest.mark.parametrize("propensity", [0.5, 0.8])
@pytest.mark.parametrize("effect", [saves_a_part, wakes_the_risky])
def test_its_ranking_beats_chance_and_not_the_oracle(effect: Effect, propensity: float) -> None:
    fresh = drawn(np.random.default_rng(1), 5000)
    top = int(TOP * len(fresh))
    gains, short = [], []
    for seed in range(SEEDS):
        lift = truth(seed, fresh, effect)[1]
        score = pilot(seed, effect, propensity=propensity).lift(fresh)
        assert score is not None
        gain = lift[np.argsort(-score)[:top]].mean() - lift.mean()
        gains.append(gain)
        short.append(np.sort(lift)[-top:].mean() - lift.mean() - gain)
    for sample in (gains, short):
        assert np.mean(sample) > 4.0 * np.std(sample, ddof=1) / np.sqrt(SEEDS)


def test_where_the_risky_are_woken_ranking_by_risk_does_harm_and_by_lift_does_not() -> None:
    fresh = drawn(np.random.default_rng(1), 5000)
    top = int(TOP * len(fresh))
    differences = []
    for seed in range(SEEDS):
        model, churn = pilot(seed, wakes_the_risky), ChurnModel()
        churn.learn(model.rows, ~model.stayed)
        score = model.lift(fresh)
        assert score is not None
        assert churn.weights is not None
        lift = truth(seed, fresh, wakes_the_risky)[1]
        by_lift, by_risk = (lift[np.argsort(-s)[:top]].mean() for s in (score, fresh @ churn.weights[:-1]))
        differences.append(by_lift - by_risk)
    assert np.mean(differences) > 4.0 * np.std(differences, ddof=1) / np.sqrt(SEEDS)


@pytest.mark.parametrize("effect", [saves_a_part, wakes_the_risky])
def test_risk_as_a_direction_of_its_own_helps_where_lift_goes_with_it_or_against_it(
    effect: Effect, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = drawn(np.random.default_rng(1), 5000)
    top = int(TOP * len(fresh))
    differences = []
    for seed in range(SEEDS):
        with_, lift = pilot(seed, effect), truth(seed, fresh, effect)[1]
        without = with_.copy()
        with monkeypatch.context() as patch:
            patch.setattr(uplift, "_RISK", 1e-6)
            without._fit()
        ours, theirs = with_.lift(fresh), without.lift(fresh)
        assert ours is not None
        assert theirs is not None
        differences.append(lift[np.argsort(-ours)[:top]].mean() - lift[np.argsort(-theirs)[:top]].mean())
    assert np.mean(differences) > 3.0 * np.std(differences, ddof=1) / np.sqrt(SEEDS)


def test_without_an_effect_the_lifts_are_around_zero() -> None:
    fresh = drawn(np.random.default_rng(1), 2000)
    means, along = [], []
    for seed in range(SEEDS):
        score = pilot(seed, nothing).lift(fresh)
        assert score is not None
        means.append(score.mean())
        risk = truth(seed, fresh, nothing)[0]
        along.append(np.cov(score, risk)[0, 1] / risk.var())
    for sample in (means, along):
        assert abs(np.mean(sample)) < 4.0 * np.std(sample, ddof=1) / np.sqrt(SEEDS)


def test_shrinkage_is_honest() -> None:
    """Squared error below that of least squares on the transformed outcome, and below that of the mean lift alone."""
    fresh = drawn(np.random.default_rng(1), 2000)
    against_raw, against_mean = [], []
    for seed in range(SEEDS):
        model = pilot(seed, saves_a_part)
        lift, score, mean = truth(seed, fresh, saves_a_part)[1], model.lift(fresh), model.mean_lift()
        assert score is not None
        assert mean is not None
        design = np.column_stack([model.rows, np.ones(SAMPLE)])
        transformed = model.stayed * (model.treated - 0.5) / 0.25
        raw = np.column_stack([fresh, np.ones(len(fresh))]) @ np.linalg.lstsq(design, transformed)[0]
        error = np.mean((score - lift) ** 2)
        against_raw.append(np.mean((raw - lift) ** 2) - error)
        against_mean.append(np.mean((mean.value - lift) ** 2) - error)
    for sample in (against_raw, against_mean):
        assert np.mean(sample) > 4.0 * np.std(sample, ddof=1) / np.sqrt(SEEDS)


def test_lifts_average_to_the_mean_lift_of_the_pilot() -> None:
    model = pilot(3, saves_a_part, propensity=0.8)
    score, mean = model.lift(model.rows), model.mean_lift()
    assert score is not None
    assert mean is not None
    assert score.mean() == pytest.approx(mean.value, abs=1e-12)
    assert mean == lift_estimate(model.stayed, model.treated, 0.8)
    assert score.std() > 0.0


@pytest.mark.parametrize("leavers", [FEWEST_LEAVERS - 1, FEWEST_LEAVERS])
def test_with_few_leavers_everybody_gets_the_mean(leavers: int) -> None:
    model = UpliftModel()
    noted(model, 1000)
    known = np.ones(1000)
    known[:leavers] = 0.0
    model.review(crm(known, np.full(1000, 50.0)))
    assert model.weights is not None
    assert (model.weights[:-1] != 0.0).any() == (leavers >= FEWEST_LEAVERS)
    mean = model.mean_lift()
    assert mean is not None
    if leavers < FEWEST_LEAVERS:
        assert model.weights[-1] == mean.value


def test_nothing_is_known_before_somebody_left() -> None:
    model = UpliftModel()
    rows = np.zeros((4, 3))
    assert model.lift(rows) is None
    assert model.mean_lift() is None
    model.review(crm(np.ones(4), np.full(4, 50.0)))
    noted(model, 1000)
    assert model.lift(rows) is None
    model.review(crm(np.ones(1000), np.full(1000, 50.0)))
    assert model.stayed.all()
    assert model.stayed.size == 1000
    assert model.lift(rows) is None
    assert model.mean_lift() is None


def test_who_came_back_has_left() -> None:
    model = UpliftModel()
    noted(model, 4)
    model.review(crm(np.array([1.0, 0.0, 1.0, 1.0]), np.array([50.0, 50.0, 120.0, 50.0])))
    assert model.stayed.tolist() == [True, False, False, True]
    assert model.waiting == ()


def test_pilots_are_pooled_and_the_oldest_forgotten() -> None:
    model = UpliftModel()
    place = crm((np.arange(4000) % 9 > 0).astype(float), np.full(4000, 50.0))
    noted(model, 1000)
    noted(model, 1000, first=1000, propensity=0.8)
    model.review(place)
    assert model.stayed.size == 2000
    noted(model, 1500, first=2000, propensity=0.7)
    model.review(place)
    assert {len(x) for x in (model.rows, model.treated, model.propensity, model.stayed)} == {SAMPLE}
    assert model.propensity.tolist() == [0.8] * 1000 + [0.7] * 1500
    assert model.stayed.tolist() == (np.arange(1000, 3500) % 9 > 0).tolist()
    assert model.weights is not None


def test_a_large_pilot_is_sampled_by_its_luck() -> None:
    number = SAMPLE + 500
    ids = np.arange(number, dtype=np.int32)
    luck = np.random.default_rng(1).random(number).astype(np.float32)
    rows, joined = np.column_stack([ids, -ids]).astype(np.float64), np.zeros(number, np.float32)
    model = UpliftModel()
    with pytest.raises(ValueError, match="needs luck"):
        model.note(ids, rows, ids % 3 == 0, joined, 0.3)
    model.note(ids, rows, ids % 3 == 0, joined, 0.3, luck)
    (kept,) = model.waiting
    assert kept.ids.tolist() == sorted(np.argsort(luck)[:SAMPLE].tolist())
    assert (kept.rows[:, 0] == kept.ids).all()
    assert (kept.treated == (kept.ids % 3 == 0)).all()


def test_a_pilot_that_is_none_is_refused() -> None:
    ids, rows, joined = np.arange(4, dtype=np.int32), np.zeros((4, 2)), np.zeros(4, np.float32)
    for propensity in (0.0, 1.0, np.array([0.5, 0.5, 0.5, 1.0])):
        with pytest.raises(ValueError, match="randomised"):
            UpliftModel().note(ids, rows, ids > 1, joined, propensity)
    with pytest.raises(ValueError, match="4 slots, but 3 rows"):
        UpliftModel().note(ids, rows[:3], ids > 1, joined, 0.5)


def test_a_copy_learns_apart_and_travels() -> None:
    model = UpliftModel()
    place = crm((np.arange(4000) % 9 > 0).astype(float), np.full(4000, 50.0))
    noted(model, 2000)
    twin, traveller = model.copy(), pickle.loads(pickle.dumps(model))
    model.review(place)
    assert twin.weights is None
    assert twin.stayed.size == 0
    for other in (twin, traveller):
        other.review(place)
        assert other.weights is not None
        assert model.weights is not None
        assert other.weights.tobytes() == model.weights.tobytes()


def test_a_constant_feature_does_no_harm() -> None:
    model = pilot(5, saves_a_part).copy()
    model.rows = model.rows.copy()
    model.rows[:, 3] = 7.0
    model._fit()
    assert model.weights is not None
    assert np.isfinite(model.weights).all()
    assert abs(model.weights[3]) < 1e-9
    model.rows = np.full_like(model.rows, 7.0)
    model._fit()
    lift, mean = model.lift(model.rows), model.mean_lift()
    assert lift is not None
    assert mean is not None
    assert lift == pytest.approx(mean.value)


@pytest.mark.slow
def test_in_a_market_it_sees_what_the_crm_sees_and_finds_no_lift_in_no_treatment() -> None:
    idle = Scenario(name="idle")
    model = warm(
        {"customers": 4000, "gate.attention": 0.01, "warm_up": 0.0, "service.desk": False}, idle
    ).fork(idle)
    provider, fitted = model.providers[0], UpliftModel()
    day = model.marketplace.day
    before = provider.crm(day)
    ids = before.members()[:SAMPLE]
    arms = np.random.default_rng(1).random(ids.size) < 0.5
    fitted.note(
        ids, features(before, ids, model.world.arrays.plans[:, 0]), arms, before.joined[ids].copy(), 0.5
    )
    model.run(day + QUARTER)
    fitted.review(provider.crm(model.marketplace.day))
    mean, score = fitted.mean_lift(), fitted.lift(fitted.rows)
    assert mean is not None
    assert score is not None
    assert abs(mean.value) < 4.0 * mean.error
    assert np.isfinite(score).all()
