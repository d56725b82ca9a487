"""Whole runs on the clock: what each strategy costs, small markets, one large market on threads, replicates, commands.

Unlike the passes of `bench_market` these use every core they may, so that they are timed by the clock on the wall.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agents.model import MarketModel
from agents.scenario import Scenario
from experiments.assembly import assemble
from experiments.options import options
from experiments.workers import Done, Pool, default_workers
from sim import threads
from sim.luck import Luck
from tests.bench.results import Results
from tests.bench.setting import resolved

SMALL = ("market=telecom", "scenarios=[none]", "market.warm_up=1")
_PULSE = 7.0


@dataclass(frozen=True)
class Runs:
    """How much is measured.

    Attributes:
        people, weeks: of the market in which strategies are timed one by one.
        large: people of the large market; large_weeks: of its pulses.
        replicates: runs of 10,000 people that the time of a thousand is taken from.
        commands: whether whole commands are timed.
    """

    people: int = 20_000
    weeks: int = 104
    large: int = 1_000_000
    large_weeks: int = 104
    replicates: int = 40
    commands: bool = True


QUICK_RUNS = Runs(people=1_000, weeks=4, large=3_000, large_weeks=4, replicates=2, commands=False)
"""Only to see that everything runs."""


def warm(
    overrides: tuple[str, ...], people: int, scenarios: tuple[Scenario, ...], seed: int = 1
) -> MarketModel:
    """A market of the shipped telecom on the day of the fork, in which these scenarios may be forked."""
    sizes = (f"market.customers={people}", f"firm_customers={max(250_000, people)}")
    world = resolved((*overrides, *sizes)).world
    model = assemble(
        world.market, world.customers, world.today, scenarios, world.market.providers[0].name, Luck(1, seed)
    )
    model.warm_up()
    return model


def seconds(model: MarketModel, scenario: Scenario, weeks: int) -> float:
    """Seconds by the clock of a twin that runs a scenario for some weeks."""
    twin = model.fork(scenario)
    start = time.perf_counter()
    twin.run(weeks * _PULSE)
    return time.perf_counter() - start


def bench_strategies(runs: Runs, results: Results) -> None:
    """What each strategy of the library costs, alone, on top of the same market without it."""
    names = options("strategy")
    every = resolved((*SMALL, *(f"+strategy@scenarios.none.focal.{name}={name}" for name in names))).world
    alone = [Scenario(name=name, focal={name: every.scenarios[0].focal[name]}) for name in names]
    none = Scenario(name="none")
    model = warm(SMALL, runs.people, (none, *alone))
    scale = 1e9 / (runs.people * runs.weeks)
    base = min(seconds(model, none, runs.weeks) for _ in range(3)) * scale
    for scenario in alone:
        seconds(model, scenario, min(runs.weeks, 17))  # Its first quarter imports what it learns with.
        cost = min(seconds(model, scenario, runs.weeks) for _ in range(2)) * scale
        results.add(f"strategy {scenario.name}, {runs.people:,} customers", cost - base, "ns more")


def bench_small(runs: Runs, results: Results) -> None:
    """A pulse of so few people that all of it is overhead, with desks and without."""
    none = Scenario(name="none")
    for text, overrides, bar in (
        ("overhead of a pulse, no strategies, no desks", (*SMALL, "market.service.desk=false"), 40.0),
        ("overhead of a pulse, no strategies, desks at work", SMALL, None),
    ):
        model = warm(overrides, 50, (none,))
        gc.collect()  # What the peers left behind is nothing that this market has to look through.
        cost = min(seconds(model, none, runs.weeks) for _ in range(60)) / runs.weeks
        results.add(text, cost * 1e6, "us", bar)


def bench_large(runs: Runs, results: Results) -> None:
    """One large market with the full blend, on every core."""
    world = resolved(("market=telecom", "scenarios=[none,blend]", "market.warm_up=1")).world
    model = warm(SMALL, runs.large, world.scenarios)
    threads.use(default_workers())
    try:
        for scenario, bar in zip(world.scenarios, (None, 3.0)):
            taken = seconds(model, scenario, runs.large_weeks) * 104 / runs.large_weeks
            results.add(f"{runs.large:,} customers, 104 weeks, {scenario.name}, threads", taken, "s", bar)
    finally:
        threads.use(1)


def replicate(number: int) -> float:
    """One replicate of 10,000 people from its birth to its end; returns its churn."""
    none = Scenario(name="none")
    model = warm(SMALL, 10_000, (none,), number)
    model.fork(none).run(104 * _PULSE)
    return float(model.world.counts.sum())


def bench_replicates(runs: Runs, results: Results) -> None:
    """Many replicates of a small market, on every core; the time of a thousand is taken from some."""
    with Pool() as pool:
        list(pool.run(replicate, range(2 * pool.workers)))
        start = time.perf_counter()
        done = list(pool.run(replicate, range(runs.replicates)))
        taken = time.perf_counter() - start
    assert all(isinstance(one, Done) for one in done), "a replicate failed"
    results.add("1,000 replicates of 10,000 customers", taken * 1000 / runs.replicates, "s", 20.0)


def bench_commands(runs: Runs, results: Results) -> None:
    """The default comparison and the help, as commands in processes of their own."""
    if not runs.commands:
        return
    with TemporaryDirectory() as folder:
        for text, arguments, bar in (
            ("the default comparison, whole command", (f"hydra.run.dir={folder}/run",), 15.0),
            ("--help, whole command", ("--help",), 0.3),
        ):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "experiments", *arguments],
                check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).resolve().parents[2],
            )  # fmt: skip
            results.add(text, time.perf_counter() - start, "s", bar)


def bench_threads_agree(runs: Runs, results: Results) -> bool:
    """Whether a market comes to the same books on one thread and on several."""
    none = Scenario(name="none")
    model = warm(SMALL, max(2 * threads.LARGE, runs.people), (none,))
    books = []
    for count in (1, max(2, default_workers())):
        threads.use(count)
        twin = model.fork(none)
        twin.run(4 * _PULSE)
        books.append(twin.world.arrays.books.copy())
    threads.use(1)
    same = bool(np.array_equal(books[0], books[1]))
    results.details["threads_agree"] = same
    return same
