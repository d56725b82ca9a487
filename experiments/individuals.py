"""Individual effects as data: a row per customer of the fork, what the firm saw and did, and what that changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import C, K, V
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.targeting import Everyone, Random
from sim.luck import Luck
from sim.quantities import DAYS_PER_MONTH, MICROS

FEWEST_LUCKS = 50
"""Fewest lucks behind an expected effect."""
FEATURES = (
    "joined", "plan", "price", "discount", "purchases", "last_purchase", "spend", "tickets", "contacts", "need_seen",
    "position_seen", "member", "points",
)  # fmt: skip
"""What the firm saw on the day of the fork, columns of its CRM."""


def starters(warm: MarketModel) -> NDArray[np.int64]:
    """Slots of the focal provider's customers of the fork, ascending."""
    return np.flatnonzero(warm.at_fork.provider == warm.focal)


def stayed(model: MarketModel) -> NDArray[np.bool_]:
    """Who of the fork has stayed without a break, by slot."""
    return np.asarray(model.world.arrays.codes[C.UNBROKEN] == 1)


def seen_at_fork(warm: MarketModel, slots: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The firm's features of some customers on the day of the fork."""
    arrays = warm.world.arrays
    crm = arrays.crm[arrays.crm_of[warm.focal]]
    return {f"seen_{name}": crm[K[name.upper()], slots].copy() for name in FEATURES}


def propensity(scenario: Scenario) -> float:
    """Probability of being picked where every targeted strategy of the focal provider picks at random, else NaN."""
    missed = 1.0
    for strategy in scenario.focal.values():
        targeting = getattr(strategy, "targeting", None)
        if targeting is None:
            continue
        if not isinstance(targeting, Random | Everyone):
            return float("nan")
        missed *= 1.0 - targeting.share * strategy.intensity
    return 1.0 - missed


def expected_effects(
    warm: MarketModel, scenario: Scenario, baseline: Scenario, horizon_months: float, lucks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each customer's mean effect on staying, over lucks continued from the warm state, and its standard error.

    Args:
        warm: the market on the day of the fork.
        lucks: 50 or more; the i-th is the same in both worlds and different from the replicate's own.

    Raises:
        ValueError: for fewer lucks.
    """
    if lucks < FEWEST_LUCKS:
        raise ValueError(
            f"individuals={lucks}: an expected effect needs at least {FEWEST_LUCKS} lucks; raise it, or set 0"
        )
    slots = starters(warm)
    total, squares = np.zeros(slots.size), np.zeros(slots.size)
    for luck in range(lucks):
        own = replace(warm.luck, salt=f"{warm.luck.salt}/individuals/{luck}")
        effect = _stayed_under(warm, scenario, own, horizon_months)[slots] - _stayed_under(
            warm, baseline, own, horizon_months
        )[slots]  # fmt: skip
        total += effect
        squares += effect**2
    mean = total / lucks
    variance = np.maximum(squares / lucks - mean**2, 0.0) * lucks / (lucks - 1)
    return mean, np.sqrt(variance / lucks)


def _stayed_under(
    warm: MarketModel, scenario: Scenario, luck: Luck, horizon_months: float
) -> NDArray[np.float64]:
    model = warm.fork(scenario, luck)
    model.run(horizon_months * DAYS_PER_MONTH)
    return stayed(model).astype(np.float64)


def outcomes(model: MarketModel, slots: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What became of some customers of the fork: whether they stayed, what they were worth, what was spent on them."""
    arrays = model.world.arrays
    spent = arrays.money[V.SPENT, slots] / MICROS
    return {
        "treated": (spent > 0.0).astype(np.int8),
        "stayed": arrays.codes[C.UNBROKEN, slots].astype(np.int8),
        "value": arrays.money[V.VALUE, slots] / MICROS,
        "spent": spent,
    }
