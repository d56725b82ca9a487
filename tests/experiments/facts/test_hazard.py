"""The regression finds a hazard ratio that is known, with honest errors, from all person-weeks or a weighted part."""

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.facts.hazard import PersonWeeks, hazard_regression

Floats = NDArray[np.float64]
BETA = np.array([np.log(1.8), -0.4])
WEEKLY = 0.01


def log_of(seed: int, weeks: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Person-weeks with a rare count and a common trait, and a hazard of leaving that is proportional in both."""
    chance = np.random.default_rng(seed)
    covariates = np.column_stack([chance.poisson(0.3, weeks).astype(float), chance.normal(size=weeks)])
    hazard = WEEKLY * np.exp(covariates @ BETA)
    return covariates, chance.random(weeks) < -np.expm1(-hazard)


def test_known_ratio_is_found_within_its_errors() -> None:
    covariates, events = log_of(1, 30_000)
    fit = hazard_regression(covariates, events, np.ones(events.size))
    assert np.all(np.abs(fit.coefficients - BETA) < 3.0 * fit.errors)
    assert fit.events == events.sum()
    assert fit.rows == events.size
    # The information of n events about a coefficient is about n times the covariate's variance among them.
    assert fit.errors[1] == pytest.approx(events.sum() ** -0.5, rel=0.15)


def test_weighted_part_finds_the_same_and_its_errors_are_honest() -> None:
    scores = []
    for seed in range(20):
        covariates, events = log_of(seed, 15_000)
        log = PersonWeeks(0.1, np.random.default_rng(seed))
        for start in range(0, events.size, 1000):
            week = slice(start, start + 1000)
            chosen = log.choose(events[week])
            log.add(covariates[week][chosen], events[week][chosen])
        rows, happened, weights = log.table()
        assert happened.sum() == events.sum()
        fit = hazard_regression(rows, happened, weights)
        scores.append((fit.coefficients - BETA) / fit.errors)
    # 20 squared z-scores sum to a chi-square of 20 degrees: .999 of them lie between 5.4 and 47.5 (two-sided .002).
    total = np.square(scores).sum(axis=0)
    assert np.all((total > 5.4) & (total < 47.5))
    assert np.all(np.abs(np.mean(scores, axis=0)) < 3.5 / np.sqrt(20.0))


def test_weights_restore_the_person_weeks() -> None:
    _, events = log_of(3, 50_000)
    log = PersonWeeks(0.2, np.random.default_rng(3))
    chosen = log.choose(events)
    log.add(np.zeros((chosen.size, 1)), events[chosen])
    _, happened, weights = log.table()
    others = float(weights[~happened].sum())
    expected = float((~events).sum())
    assert abs(others - expected) < 4.0 * (expected * 0.8 / 0.2) ** 0.5
    assert set(weights[happened]) == {1.0}


def test_what_cannot_be_regressed_is_said() -> None:
    covariates, events = log_of(4, 500)
    with pytest.raises(ValueError, match="nobody left"):
        hazard_regression(covariates, np.zeros(500, bool), np.ones(500))
    events[0] = True
    with pytest.raises(ValueError, match="covariate 1 does not vary"):
        hazard_regression(np.column_stack([covariates[:, 0], np.ones(500)]), events, np.ones(500))
    with pytest.raises(ValueError, match="kept=0"):
        PersonWeeks(0.0, np.random.default_rng(0))
