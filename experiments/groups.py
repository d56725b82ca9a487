"""The four groups: what a scenario did to each customer of the fork, beside the baseline, under one luck.

How the groups divide depends on how luck couples the two worlds; only the shares that stay in each world do not. For
stays p (scenario) and q (baseline) the share of persuadables lies in [max(0, p - q), min(p, 1 - q)], whatever the
coupling (Frechet bounds), and the other three follow from it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GROUPS = ("persuadable", "sure thing", "lost cause", "sleeping dog")
"""Stays only in the scenario; in both worlds; in neither; only in the baseline."""


def types_of(stayed: NDArray[np.bool_], stayed_baseline: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Index into `GROUPS` of each customer."""
    return np.where(stayed, np.where(stayed_baseline, 1, 0), np.where(stayed_baseline, 3, 2)).astype(np.int8)


def bounds(stay: float, stay_baseline: float) -> dict[str, tuple[float, float]]:
    """Lowest and highest share of each group that the two shares of stayers allow."""
    low = max(0.0, stay - stay_baseline)
    high = min(stay, 1.0 - stay_baseline)
    return {
        "persuadable": (low, high),
        "sure thing": (stay - high, stay - low),
        "lost cause": (1.0 - stay_baseline - high, 1.0 - stay_baseline - low),
        "sleeping dog": (stay_baseline - stay + low, stay_baseline - stay + high),
    }
