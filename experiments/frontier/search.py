"""Search: the best spend within a budget on a smooth surface through simulated points (SciPy).

Cost and goal were simulated under common luck at points of the box of intensities and share treated. Through each runs
a thin-plate spline; differential evolution seeks the highest goal whose cost stays below the budget, on the shares of
the box. What it proposes is simulated before anything is said about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TRIES = 60
"""Generations of the search."""


@dataclass(frozen=True)
class Surface:
    """Goal and cost over shares of the box.

    Attributes:
        goal, cost: functions of shares, float64 [points, axes] -> float64 [points].
        axes: how many.
    """

    goal: Callable[[Floats], Floats]
    cost: Callable[[Floats], Floats]
    axes: int


def surface(shares: Floats, goal: Floats, cost: Floats) -> Surface:
    """Splines through simulated means.

    Args:
        shares: of the box, float64 [points, axes].
        goal, cost: means over lucks, float64 [points]; goal: better is higher.
    """
    from scipy.interpolate import RBFInterpolator

    def through(values: Floats) -> Callable[[Floats], Floats]:
        scale = float(np.ptp(values)) or 1.0
        spline = RBFInterpolator(shares, (values - values.mean()) / scale, kernel="thin_plate_spline")
        return lambda at: np.asarray(spline(np.atleast_2d(at)) * scale + values.mean())

    return Surface(through(goal), through(cost), shares.shape[1])


def best_within(known: Surface, budget: float, seed: int) -> Floats:
    """Shares of the box with the highest goal whose cost is within the budget; all 0 where no other is.

    Args:
        known: the surface.
        budget: highest cost.
        seed: of the search.
    """
    from scipy.optimize import differential_evolution

    nothing = np.zeros((1, known.axes))
    scale = abs(float(known.goal(nothing)[0])) + 1.0

    def loss(at: Floats) -> Floats:
        """Negative goal; what is over the budget is worse than anything, the more the further over."""
        points = np.atleast_2d(at.T)
        over = np.maximum(known.cost(points) - budget, 0.0) / max(budget, 1e-12)
        return np.asarray(np.where(over > 0.0, 1e3 * scale * (1.0 + over), -known.goal(points)))

    found = differential_evolution(
        loss, [(0.0, 1.0)] * known.axes, maxiter=TRIES, popsize=20, rng=np.random.default_rng(seed), vectorized=True,
        updating="deferred", polish=False, tol=1e-8,
    )  # fmt: skip
    best = np.asarray(found.x, np.float64)
    if known.cost(best[None])[0] > budget or known.goal(best[None])[0] < known.goal(nothing)[0]:
        return np.zeros(known.axes)
    return best
