"""Contest: the probability of each scenario to be truly best, with luck taken off and the draws kept apart.

A scenario that wins in half of the plausible markets has probability 1/2 however often it is replicated. Counting wins
of noisy means mixes luck in; comparing grand means forgets that markets differ. Here is an empirical Bayes answer.

Notation of `intervals`, now with one entry per scenario: the vector of draw means of draw d is

    m[d] = t[d] + b[.] + e[d,.],   t[d] ~ Normal(mu, A),   b[.] ~ Normal(0, B / R),   e[d,.] ~ Normal(0, E / R)

with covariance matrices over scenarios (paired luck shows in their off-diagonal entries), estimated from the matrices
of mean squares MA, MB, ME; a difference with negative eigenvalues is cut to the positive ones and scaled back to its
own trace, since the cut alone would inflate it. With a flat prior on mu and K = A (A + E/R)^-1,

    t[d] = m[.] + K (m[d] - m[.]) + g + h[d]
    h[d] ~ Normal(0, A - K A)                                           own to each draw
    g ~ Student(R - 1), covariance (I - K)(A + E/R)(I - K)' / D + B / R   shared by all draws

(Efron and Morris, Journal of the American Statistical Association 68, 1973, in several dimensions.) The probability
is the mean over draws of P(t[d] is largest in s), by simulation with constant seeds, so the same runs give the same
number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import chdtri, ndtri

from experiments.crossing import BoolArray, FloatArray, IntArray

SAMPLES = 1024
"""Simulated worlds; the simulation's standard error is below 0.5 / sqrt(SAMPLES) = 0.016, as a rule far below."""
SEED_OWN = 7_301
SEED_SHARED = 7_302
RELATIVE_ZERO = 1e-13
"""Eigenvalues below this share of the largest are rounding."""


@dataclass(frozen=True)
class Contest:
    """Probabilities of being truly best.

    Attributes:
        probability: shape (..., scenarios), sums to 1 over scenarios; NaN where nothing can be said.
        error: standard deviation, over what luck leaves open, of the share of these draws in which the scenario is
            truly best; NaN with one replicate.
    """

    probability: FloatArray
    error: FloatArray


def contest(values: FloatArray) -> Contest:
    """Probability of having the largest true value, mean over draws.

    Args:
        values: shape (cells, scenarios, D, R); larger is better (change the sign where less is).

    Scenarios without any value (nothing was spent, so no return on it) do not compete. A cell is NaN throughout where
    a scenario is defined in some runs only (leaving it out would flatter the others, keeping it would judge the runs
    it survived), where fewer than two compete, and with one draw. Scenarios equal in every run share their
    probability evenly. With one replicate luck cannot be taken off: the probability is the share of draws won as
    measured.
    """
    cells, scenarios, draws, _ = values.shape
    probability = np.full((cells, scenarios), np.nan)
    error = np.full((cells, scenarios), np.nan)
    finite = np.isfinite(values)
    always, ever = finite.all(axis=(2, 3)), finite.any(axis=(2, 3))
    competes = always & (always == ever).all(axis=1)[:, None]
    competes &= competes.sum(axis=1, keepdims=True) >= 2
    if draws > 1 and competes.any():
        leader = _leaders(values)
        stands = competes & (leader == np.arange(scenarios))
        for pattern in np.unique(stands[stands.any(axis=1)], axis=0):
            rows = np.flatnonzero((stands == pattern).all(axis=1))
            who = np.flatnonzero(pattern)
            probability[np.ix_(rows, who)], error[np.ix_(rows, who)] = _decided(values[np.ix_(rows, who)])
        _share(probability, error, competes, leader)
    return Contest(probability, error)


def _leaders(values: FloatArray) -> IntArray:
    """For each scenario the first one that equals it in every run, shape (cells, scenarios)."""
    cells, scenarios = values.shape[:2]
    leader = np.tile(np.arange(scenarios), (cells, 1))
    for later in range(1, scenarios):
        for earlier in range(later - 1, -1, -1):
            equal = (values[:, later] == values[:, earlier]).all(axis=(1, 2))
            leader[equal, later] = leader[equal, earlier]
    return leader


def _share(probability: FloatArray, error: FloatArray, competes: BoolArray, leader: IntArray) -> None:
    """Give every one of several equal scenarios its part of what their leader won, in place."""
    same = (leader[:, :, None] == leader[:, None, :]) & competes[:, None, :]
    many = np.maximum(same.sum(axis=2), 1)
    for table in (probability, error):
        table[:] = np.where(competes, np.take_along_axis(table, leader, axis=1) / many, np.nan)


def _decided(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities and errors of scenarios that differ; values (cells, scenarios, D, R), all finite."""
    cells, scenarios, _, replicates = values.shape
    if scenarios == 1:
        return np.ones((cells, 1)), np.zeros((cells, 1))
    values = values - values.mean(axis=1, keepdims=True)
    if replicates == 1:
        share = _shares(values[..., 0].transpose(1, 2, 0)).T
        return share, np.full_like(share, np.nan)
    centre, own, shared = _posterior(values)
    return _simulated(centre, own, shared, replicates)


def _posterior(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Posterior means (cells, scenarios, D), and square roots of the covariances of h[d] and of g."""
    _, scenarios, draws, replicates = values.shape
    by_draw, by_replicate = values.mean(axis=3), values.mean(axis=2)
    mean = by_draw.mean(axis=2, keepdims=True)
    rest = values - by_draw[..., None] - by_replicate[:, :, None, :] + mean[..., None]
    between = _gram(by_draw - mean) / (draws - 1)
    together = _gram(by_replicate - mean) / (replicates - 1)
    noise = _gram(rest.reshape(*rest.shape[:2], -1)) / ((draws - 1) * (replicates - 1) * replicates)
    truth = _positive(between - noise)
    gain = truth @ _inverse(truth + noise)
    loss = np.eye(scenarios) - gain
    centre_luck = _positive(together / replicates - noise / draws)
    shared = loss @ (truth + noise) @ loss.transpose(0, 2, 1) / draws + centre_luck
    return mean + gain @ (by_draw - mean), _root(truth - gain @ truth), _root(shared)


def _simulated(
    centre: FloatArray, own: FloatArray, shared: FloatArray, replicates: int
) -> tuple[FloatArray, FloatArray]:
    cells, scenarios, draws = centre.shape
    each, common, level = _noise(scenarios, draws)
    student = common / np.sqrt(chdtri(replicates - 1, level) / (replicates - 1))
    probability, error = np.empty((cells, scenarios)), np.empty((cells, scenarios))
    for cell in range(cells):
        worlds = (own[cell] @ each).reshape(scenarios, draws, SAMPLES)
        worlds += (shared[cell] @ student)[:, None, :]
        worlds += centre[cell][:, :, None]
        share = _shares(worlds)
        probability[cell], error[cell] = share.mean(axis=1), share.std(axis=1)
    return probability, error


def _shares(worlds: FloatArray) -> FloatArray:
    """Share of draws in which each scenario is largest, parts of 1 where several are.

    Args:
        worlds: shape (scenarios, draws, ...).
    """
    best = worlds == worlds.max(axis=0)
    parts = np.add.reduce(best, axis=1, dtype=np.float64)
    if np.count_nonzero(best) > best[0].size:
        parts = (best / np.add.reduce(best, axis=0, dtype=np.float64)).sum(axis=1)
    share: FloatArray = parts / worlds.shape[1]
    return share


@lru_cache(maxsize=16)
def _noise(scenarios: int, draws: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Standard normals of h, of g (a Latin hypercube over the samples), and the level of g's chi-square."""
    each = np.random.default_rng([SEED_OWN, scenarios, draws]).standard_normal((scenarios, draws * SAMPLES))
    ranks = np.tile(np.arange(SAMPLES), (scenarios + 1, 1))
    strata = np.random.default_rng([SEED_SHARED, scenarios]).permuted(ranks, axis=1)
    levels = (strata + 0.5) / SAMPLES
    return each, ndtri(levels[:-1]), levels[-1]


def _gram(rows: FloatArray) -> FloatArray:
    return rows @ rows.transpose(0, 2, 1)


def _eigen(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues, those that are negative or rounding set to 0, and eigenvectors of symmetric matrices."""
    values, vectors = np.linalg.eigh((matrix + matrix.transpose(0, 2, 1)) / 2.0)
    smallest = RELATIVE_ZERO * np.maximum(values.max(axis=1, keepdims=True), 0.0)
    return np.where(values > smallest, values, 0.0), vectors


def _rebuilt(values: FloatArray, vectors: FloatArray) -> FloatArray:
    return (vectors * values[:, None, :]) @ vectors.transpose(0, 2, 1)


def _positive(matrix: FloatArray) -> FloatArray:
    """The positive part, scaled to the trace of the whole (to 0 where that is negative)."""
    values, vectors = _eigen(matrix)
    kept = values.sum(axis=1)
    whole = np.maximum(np.trace(matrix, axis1=1, axis2=2), 0.0)
    scale = np.divide(whole, kept, out=np.zeros_like(kept), where=kept > 0.0)
    return _rebuilt(values * scale[:, None], vectors)


def _inverse(matrix: FloatArray) -> FloatArray:
    values, vectors = _eigen(matrix)
    return _rebuilt(np.divide(1.0, values, out=np.zeros_like(values), where=values > 0.0), vectors)


def _root(matrix: FloatArray) -> FloatArray:
    values, vectors = _eigen(matrix)
    return _rebuilt(np.sqrt(values), vectors)
