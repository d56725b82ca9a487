"""Winners: which scenario is best at each point, how surely, and where two of them break even."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.contest import contest
from experiments.intervals import Estimate, estimate

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Winners:
    """The best scenario at each point.

    Attributes:
        best: place of the scenario with the best mean, intp [points]; -1 where nothing is known.
        second: the next one, intp [points]; -1 where there is none.
        lead: best less second in the goal's own unit, positive where best is better for the goal, with intervals;
            arrays [points].
        p_best: float64 [points, scenarios], mean over draws of the probability of being truly best there; with one
            draw the share of lucks in which the scenario is best.
        decided: whether the best is distinguishable from every other scenario by luck, bool [points].
    """

    best: Places
    second: Places
    lead: Estimate
    p_best: Floats
    decided: NDArray[np.bool_]


def winners(values: Floats, direction: int) -> Winners:
    """Judge every point by itself.

    A point with an undefined or missing value has no winner: a mean over what is left would flatter somebody.

    Args:
        values: of the goal's metric, float64 [points, scenarios, draws, replicates].
        direction: 1 where more is better, -1 where less is.
    """
    signed = values * direction
    points, scenarios = signed.shape[:2]
    means = signed.mean(axis=(2, 3))
    known = np.isfinite(means).all(axis=1)
    order = np.argsort(-np.where(np.isfinite(means), means, -np.inf), axis=1, kind="stable")
    best = np.where(known, order[:, 0], -1)
    second = np.where(known, order[:, min(1, scenarios - 1)], -1) if scenarios > 1 else np.full(points, -1)
    rows = np.arange(points)
    lead = estimate(signed[rows, best] - signed[rows, second])
    return Winners(best, second, lead, _p_best(signed, known), _decided(signed, best, known))


def _decided(signed: Floats, best: Places, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the best is above each other scenario by its luck interval; scenarios equal in every run are one."""
    rows = np.arange(signed.shape[0])
    decided = known.copy()
    for other in range(signed.shape[1]):
        difference = signed[rows, best] - signed[rows, other]
        same = (difference == 0.0).all(axis=(1, 2))
        above = estimate(difference).luck_low > 0.0
        decided &= same | above
    return decided


def _p_best(signed: Floats, known: NDArray[np.bool_]) -> Floats:
    found = np.full(signed.shape[:2], np.nan)
    if not known.any():
        return found
    kept = signed[known]
    if kept.shape[2] > 1:
        found[known] = contest(kept).probability
        return found
    top = kept == kept.max(axis=1, keepdims=True)
    found[known] = (top / top.sum(axis=1, keepdims=True)).mean(axis=(2, 3))
    return found
