"""What a firm learns about churn: from its own CRM only, each quarter, plain enough to be copied."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from agents.columns import C
from agents.learning import churn
from agents.learning.churn import QUARTER, SAMPLE, ChurnModel
from agents.learning.regression import Logistic, fit_logistic
from agents.miniature import warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.targeting import Risk


def risky(intensity: float = 1.0) -> Scenario:
    """Learns, and gives nothing away, so that it changes nobody."""
    strategy = Promotions(
        every=1.0, depth=0.0, months=2.0, channel="message", targeting=Risk(share=0.2), save_depth=0.0, save_months=3.0,
        save_cost=0.0, welcome_depth=0.0, welcome_months=0.0, intensity=intensity,
    )  # fmt: skip
    return Scenario(name="risky", focal={"save": strategy})


def learned(days: float, learning: bool = True, **changes: Any) -> MarketModel:
    place = {"customers": 3000, "gate.attention": 0.01, "warm_up": 0.0, "service.desk": False, **changes}
    people = {"spread_attention": 1.5}
    twin = warm(place, risky(), learning=learning, people=people).fork(risky())
    twin.run(days)
    return twin


def test_nothing_is_known_before_a_second_quarter_ends() -> None:
    for quarters, known in ((1.05, False), (2.05, True)):
        assert (learned(quarters * QUARTER).providers[0].churn.weights is not None) is known
    assert learned(2.05 * QUARTER, learning=False).providers[0].churn.weights is None


def test_scores_rank_who_leaves_next() -> None:
    model = learned(2.05 * QUARTER, customers=6000, **{"choice.memory": 30.0})  # type: ignore[arg-type]
    provider = model.providers[0]
    day = model.marketplace.day
    members = provider.crm(day).members()
    risk = provider.churn_risk(members, day)
    assert risk is not None
    generation = model.world.arrays.codes[C.GENERATION, members].copy()
    model.run(day + QUARTER)
    codes = model.world.arrays.codes
    left = (codes[C.PROVIDER, members] != 0) | (codes[C.GENERATION, members] != generation)
    area = roc_auc_score(left, risk)
    error = np.sqrt(area * (1.0 - area) / min(left.sum(), (~left).sum()))
    assert area > 0.5 + 4.0 * error


def test_it_fits_on_a_keyed_sample_of_members() -> None:
    model = learned(1.05 * QUARTER, customers=8000)
    fitted = model.providers[0].churn
    assert fitted.sampled is not None
    assert fitted.sampled.size == SAMPLE
    assert (np.diff(fitted.sampled) > 0).all()
    again = learned(1.05 * QUARTER, customers=8000).providers[0].churn
    assert again.sampled is not None
    assert fitted.sampled.tolist() == again.sampled.tolist()
    assert fitted.rows.shape == (SAMPLE, 9)
    assert np.isfinite(fitted.rows).all()


def test_a_copy_learns_apart() -> None:
    fitted = learned(2.05 * QUARTER).providers[0].churn
    before, copied = fitted.weights, fitted.copy()
    assert copied.weights is before is not None
    copied.learn(fitted.rows, fitted.rows[:, 0] > np.median(fitted.rows[:, 0]))
    assert copied.weights is not before
    assert fitted.weights is before


def weights_of(model: ChurnModel) -> list[float]:
    assert model.weights is not None
    found: list[float] = model.weights.tolist()
    return found


def test_only_what_is_asked_for_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two samples that have told who left, only the later one counts when somebody asks; it is fitted once."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(2, 300, 9))
    left = rng.random((2, 300)) < 0.3
    eager: list[list[float]] = []
    fits: list[int] = []
    for n in range(2):
        model = ChurnModel()
        model.learn(rows[n], left[n])
        eager.append(weights_of(model))

    def counted(*sample: Any, **how: Any) -> Logistic:
        fits.append(1)
        return fit_logistic(*sample, **how)

    monkeypatch.setattr(churn, "fit_logistic", counted)
    model = ChurnModel()
    for n in range(2):
        model.learn(rows[n], left[n])
    twin = model.copy()
    for asked in (model, model, twin):
        assert weights_of(asked) == eager[1] != eager[0]
    assert len(fits) == 2, "one each for the model and its copy"


def test_too_few_leavers_teach_nothing() -> None:
    model = ChurnModel()
    rows = np.random.default_rng(1).normal(size=(100, 9))
    model.learn(rows, np.arange(100) < 9)
    assert model.weights is None
    model.learn(rows, np.arange(100) < 10)
    assert model.weights is not None


def test_a_constant_feature_does_no_harm() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(400, 9))
    rows[:, 3] = 7.0
    left = rng.random(400) < 1.0 / (1.0 + np.exp(-2.0 * rows[:, 0] + 1.0))
    model = ChurnModel()
    model.learn(rows, left)
    assert model.weights is not None
    assert np.isfinite(model.weights).all()
    assert model.weights[0] == pytest.approx(2.0, abs=0.6)
    assert abs(model.weights[3]) < 1e-6


def test_learning_changes_no_customer_by_itself() -> None:
    with_, without = (learned(2.5 * QUARTER, learning=learning, customers=300) for learning in (True, False))
    for name in ("state", "codes", "money", "crm"):
        assert getattr(with_.world.arrays, name).tobytes() == getattr(without.world.arrays, name).tobytes()


def test_the_module_says_how_many_rows_a_fit_may_take() -> None:
    assert churn.SAMPLE <= 2500
