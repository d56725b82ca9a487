"""A model in a millisecond, for tests of what runs, keeps and judges; found by workers through sys.path."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np

from agents.market import Market
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.metrics import METRICS, TIMELINE
from experiments.tasks import Floats, Outcome, Task

COST = list(METRICS).index("cost")
MARK = "TENURE_TEST_FOLDER"
"""Environment variable with the folder where calls leave a mark."""


def simulate(task: Task, bend: float = 0.2) -> list[Outcome]:
    """Luck moves everything alike; a strategy adds 2 to every metric and costs 10, a little more than in proportion."""
    _mark(f"simulate {task.draw} {task.replicate} {' '.join(s.name for s in task.scenarios)}")
    luck = np.random.default_rng([task.seed, task.replicate]).normal(size=1)[0]
    return [_outcome(task, scenario, luck, bend) for scenario in task.scenarios]


def costs_in_proportion(task: Task) -> list[Outcome]:
    """The same, where a strategy costs 10 times its intensity."""
    return simulate(task, 0.0)


def _outcome(task: Task, scenario: Scenario, luck: float, bend: float) -> Outcome:
    shape = (len(task.market.providers) + 1, len(task.customers.segments) + 1, len(METRICS))
    effort = sum(strategy.intensity for strategy in scenario.focal.values())
    runs = np.full(shape, 100.0 + 3.0 * luck + 2.0 * effort + task.market.gate.attention)
    runs[..., COST] = 0.0
    runs[0, :, COST] = 10.0 * effort * (1.0 + bend * effort) * (1.0 + 0.01 * luck)
    days: Floats = np.arange(3.0) * 30.4375
    timeline = np.tile(runs[:, -1, :1, None], (1, 3, len(TIMELINE)))
    told = task.baseline and scenario.name != task.baseline
    groups = (
        ("persuadable", 0.1, 3.0),
        ("sure thing", 0.6, 5.0),
        ("lost cause", 0.2, 1.0),
        ("sleeping dog", 0.1, 1.0),
    )
    return Outcome(
        scenario=scenario.name,
        runs=runs,
        timeline=timeline,
        days=days,
        ledger=tuple((task.focal, "contact", slot, s.intensity) for slot, s in scenario.focal.items()),
        groups=groups if told else (),
        customers={"customer": np.arange(4), "segment": np.array(["a", "b", "a", "b"])}
        if task.records
        else None,
    )


def solve_attention(market: Market, customers: Customers, today: Scenario, focal: str, seed: int) -> Market:
    """Twice the attention."""
    _mark("solve")
    return replace(market, gate=replace(market.gate, attention=min(1.0, 2.0 * market.gate.attention)))


def fails_in_replicate_1(task: Task) -> list[Outcome]:
    """Raises for one luck."""
    if task.replicate == 1:
        raise ArithmeticError("the books do not balance")
    return simulate(task)


def _mark(text: str) -> None:
    folder = os.environ.get(MARK)
    if folder:
        with (Path(folder) / f"{os.getpid()}.txt").open("a") as file:
            file.write(f"{text}\n")


def double(number: int) -> int:
    """Twice a number."""
    return 2 * number


def dies_at_3(number: int) -> int:
    """Takes the worker with it whenever it is given 3."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def dies_once(path: str) -> str:
    """Takes the worker with it the first time it is given a path."""
    mark = Path(path)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name


def raises_at_3(number: int) -> int:
    """Fails by itself when given 3."""
    if number == 3:
        raise ValueError("three is not allowed")
    return 2 * number


def process_of(_: int) -> tuple[int, list[str], str | None]:
    """Which process worked, what it has loaded of the configuration's libraries, and its threads."""
    import sys

    return (
        os.getpid(),
        sorted({"hydra", "omegaconf"} & set(sys.modules)),
        os.environ.get("OPENBLAS_NUM_THREADS"),
    )


def waits_for_a_file(task: Task) -> list[Outcome]:
    """Replicate 0 runs at once, the others wait until a file appears."""
    gate = Path(os.environ["TENURE_TEST_GATE"])
    while task.replicate > 0 and not gate.exists():
        pass
    return simulate(task)


def spans_of_a_million(_: int) -> int:
    """Into how many spans this process would cut a million customers."""
    from sim import threads

    return len(threads.spans(1_000_000, 1024))
