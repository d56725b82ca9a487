"""A model in a millisecond whose effects are planted: what each metric does in which market is known."""

from __future__ import annotations

import numpy as np

from agents.market import Market
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.metrics import METRICS, TIMELINE
from experiments.tasks import Outcome, Task

METRIC = list(METRICS).index
COST = METRIC("cost")
ACTIVE = {"campaigns", "save", "events", "tiers", "check_ins", "feedback", "community", "referrals"}
"""Slots of the shipped active scenario; the passive one has four others."""


def simulate(task: Task) -> list[Outcome]:
    """Effects on the focal provider by metric, of the active slots unless said otherwise.

    - churn_rate: -2 everywhere, with a spread of 0.3 over draws: lower is true, higher is false
    - profit: +2 in telecom, -2 elsewhere; lifetime_value: +2 with comfort seekers, -2 with others
    - retention: 2 x a spread of 1 over draws, 0 in the mean: nobody can say
    - satisfaction: nothing at all; cost: 10 for each strategy, a little more than in proportion
    - engagement: not measured
    """
    return [_outcome(task, scenario, _effects(task, scenario)) for scenario in task.scenarios]


def _effects(task: Task, scenario: Scenario) -> dict[str, float]:
    active = sum(s.intensity for slot, s in scenario.focal.items() if slot in ACTIVE) / 8.0
    wave = np.random.default_rng([11, task.draw]).normal(size=2)
    spread = [-1.0, 1.0][task.draw % 2] * (1.0 + 0.1 * wave[1])
    telecom = "Mobile" in task.market.title
    comfort = "comfort" in task.customers.title
    return {
        "churn_rate": active * (-2.0 + 0.3 * wave[0]),
        "profit": active * (2.0 if telecom else -2.0),
        "lifetime_value": active * (2.0 if comfort else -2.0),
        "retention": active * 2.0 * spread,
        "customer_equity": active,
        "engagement": float("nan"),
    }


def _outcome(task: Task, scenario: Scenario, effects: dict[str, float], noise: float = 0.05) -> Outcome:
    shape = (len(task.market.providers) + 1, len(task.customers.segments) + 1, len(METRICS))
    luck = round(64.0 * np.random.default_rng([task.seed, task.replicate]).normal()) / 64.0
    runs = np.full(shape, 100.0 + luck)
    spends = bool(scenario.focal)
    own = np.random.default_rng([task.seed, task.replicate, task.draw, spends]).normal(size=len(METRICS))
    for name, effect in effects.items():
        runs[0, :, METRIC(name)] += effect + spends * noise * own[METRIC(name)]
    effort = sum(s.intensity for s in scenario.focal.values())
    runs[..., COST] = 0.0
    runs[0, :, COST] = 10.0 * effort * (1.0 + 0.1 * effort)
    days = np.arange(3.0) * 30.4375
    timeline = np.ones((shape[0], 3, len(TIMELINE)))
    return Outcome(scenario=scenario.name, runs=runs, timeline=timeline, days=days)


def fails_in_saas(task: Task) -> list[Outcome]:
    """Raises in one market, whatever is run there."""
    if "Software" in task.market.title:
        raise ArithmeticError("the books do not balance")
    return simulate(task)


def fails_everywhere(task: Task) -> list[Outcome]:
    """Raises."""
    raise ArithmeticError("the books do not balance")


def additive(task: Task) -> list[Outcome]:
    """Every strategy adds a dyadic number of its own to every metric, so that sums are exact."""
    return [_outcome(task, scenario, _sums(task, scenario), noise=0.0) for scenario in task.scenarios]


def interacting(task: Task) -> list[Outcome]:
    """As `additive`, and passive and active together add 3 to customer equity and take 1.5 from retention."""
    outcomes = []
    for scenario in task.scenarios:
        effects = _sums(task, scenario)
        active = sum(s.intensity for slot, s in scenario.focal.items() if slot in ACTIVE) / 8.0
        passive = sum(s.intensity for slot, s in scenario.focal.items() if slot not in ACTIVE) / 4.0
        wave = np.random.default_rng([11, task.draw]).normal()
        effects["customer_equity"] += active * passive * (3.0 + 0.2 * wave)
        effects["retention"] -= 1.5 * active * passive
        outcomes.append(_outcome(task, scenario, effects, noise=0.0))
    return outcomes


def _sums(task: Task, scenario: Scenario) -> dict[str, float]:
    kick = 1.0 + (task.draw % 4) / 4.0
    total = sum(s.intensity * kick for s in scenario.focal.values())
    return {name: total for name in METRICS if name != "cost"}


def solve_attention(market: Market, customers: Customers, today: Scenario, focal: str, seed: int) -> Market:
    """The market as it is."""
    return market
