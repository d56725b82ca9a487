"""A market whose answer has a closed form, for tests of experiments over points; found by workers through sys.path.

Each of `PEOPLE` customers is about to leave with probability `HAZARD`; `active` contacts everybody for `p_contact`
dollars and saves a leaver, worth `VALUE`, with probability `kappa`. So active beats none where
kappa x VALUE x HAZARD > p_contact, by the same luck in both worlds, and nothing else matters. `passive` is worth
`PASSIVE` whatever the numbers are.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

from experiments.metrics import METRICS, TIMELINE
from experiments.tasks import Outcome, Task

PEOPLE = 4_000
HAZARD = 0.1
VALUE = 2.0
PASSIVE = 0.01
"""Value of `passive` per customer."""


def worth(kappa: float, p_contact: float) -> float:
    """Expected value of `active` over `none`, per customer."""
    return kappa * VALUE * HAZARD - p_contact


def simulate(task: Task) -> list[Outcome]:
    """Every metric is the value per customer; scenarios share leavers and luck."""
    rng = np.random.default_rng([task.seed, task.replicate])
    leaves = rng.random(PEOPLE) < HAZARD
    saved = leaves & (rng.random(PEOPLE) < task.market.experience.kappa)
    kept = VALUE * (1.0 - leaves.mean())
    values = {
        "none": kept,
        "passive": kept + PASSIVE,
        "active": kept + VALUE * saved.mean() - task.market.gate.p_contact,
    }
    shape = (len(task.market.providers) + 1, len(task.customers.segments) + 1, len(METRICS))
    timeline = np.zeros((shape[0], 1, len(TIMELINE)))
    return [
        Outcome(scenario=s.name, runs=np.full(shape, values[s.name]), timeline=timeline, days=np.ones(1))
        for s in task.scenarios
    ]


def fails_at_large_kappa(task: Task) -> list[Outcome]:
    """Raises where kappa is above .4."""
    if task.market.experience.kappa > 0.4:
        raise ArithmeticError("the books do not balance")
    return simulate(task)


def kills_at_large_kappa(task: Task) -> list[Outcome]:
    """Takes the worker with it where kappa is above .4."""
    if task.market.experience.kappa > 0.4:
        os.kill(os.getpid(), signal.SIGKILL)
    return simulate(task)


def counts(task: Task) -> list[Outcome]:
    """Leaves a line for each call in the file that `TENURE_TEST_CALLS` names."""
    with Path(os.environ["TENURE_TEST_CALLS"]).open("a") as file:
        file.write(f"{task.replicate} {' '.join(s.name for s in task.scenarios)}\n")
    return simulate(task)


ROOTS = (3.0, 4.0)
"""Worth of the root of the passive and of the active programme's intensity."""
PRICES = (2.0, 1.0)
"""Cost of each at intensity 1, per customer and month."""


def two_programmes(task: Task) -> list[Outcome]:
    """Diminishing returns of two programmes; luck moves the value by itself and the cost by 1 %."""
    luck = np.random.default_rng([task.seed, task.replicate]).normal(size=2)
    shape = (len(task.market.providers) + 1, len(task.customers.segments) + 1, len(METRICS))
    found = []
    for scenario in task.scenarios:
        passive = scenario.focal["ease"].intensity if "ease" in scenario.focal else 0.0
        active = scenario.focal["save"].intensity if "save" in scenario.focal else 0.0
        runs = np.full(shape, 10.0 + luck[0] + ROOTS[0] * passive**0.5 + ROOTS[1] * active**0.5)
        spent = (PRICES[0] * passive + PRICES[1] * active) * (1.0 + 0.01 * np.tanh(luck[1]))
        runs[..., list(METRICS).index("cost")] = spent * task.market.firm_customers * task.horizon_months
        timeline = np.zeros((shape[0], 1, len(TIMELINE)))
        found.append(Outcome(scenario=scenario.name, runs=runs, timeline=timeline, days=np.ones(1)))
    return found


STEAL, EFFORT = 3.0, 0.5
"""What an active firm takes from those that are not, and what being active costs it."""


def arms_race(task: Task) -> list[Outcome]:
    """Being active takes from rivals that are not, and costs everyone who is."""
    luck = np.random.default_rng([task.seed, task.replicate]).normal()
    names = [provider.name for provider in task.market.providers]
    shape = (len(names) + 1, len(task.customers.segments) + 1, len(METRICS))
    found = []
    for scenario in task.scenarios:
        active = np.array([bool(scenario.of(name, task.focal, task.today)) for name in names])
        gain = np.array([
            np.mean([float(own) - float(other) for j, other in enumerate(active) if j != i]) for i, own in enumerate(active)
        ])  # fmt: skip
        runs = np.full(shape, 10.0 + luck)
        runs[:-1] += (STEAL * gain - EFFORT * active)[:, None, None]
        timeline = np.zeros((shape[0], 1, len(TIMELINE)))
        found.append(Outcome(scenario=scenario.name, runs=runs, timeline=timeline, days=np.ones(1)))
    return found


HURT = 4.0
"""What any shock costs those that are not active; the active lose half of it."""
MARKETS: list[tuple[Any, ...]] = []
"""The providers of each market that was struck."""


def struck(task: Task) -> list[Outcome]:
    """Being active costs 1 and halves what a shock hurts; a shock that rivals answer costs 1 more."""
    MARKETS.append(task.market.providers)
    luck = np.random.default_rng([task.seed, task.replicate]).normal()
    shape = (len(task.market.providers) + 1, len(task.customers.segments) + 1, len(METRICS))
    found = []
    for scenario in task.scenarios:
        active = bool(scenario.focal)
        hurt = sum(HURT / (1 + active) + (one.answer != "none") for one in scenario.shocks.values())
        runs = np.full(shape, 10.0 + luck - active - hurt)
        timeline = np.zeros((shape[0], 1, len(TIMELINE)))
        found.append(Outcome(scenario=scenario.name, runs=runs, timeline=timeline, days=np.ones(1)))
    return found
