"""Clocks for the benchmark: processor time of one thread, repeated; and where a pulse spends it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from agents.model import PHASES, MarketModel
from sim.marketplace import Phase, Pulse

Made = TypeVar("Made")


@dataclass(frozen=True)
class Timed:
    """Nanoseconds of processor time per customer-week of repeated runs of the same work.

    Processor time is wall time on a machine with nothing else to do; where others compete for the processor it leaves
    out the time they took, though not what they did to caches and clock rates.
    """

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """What is compared with a bar."""
        return median(self.runs)

    @property
    def best(self) -> float:
        """The least disturbed run."""
        return min(self.runs)


def timed(
    make: Callable[[int], Made],
    work: Callable[[Made], object],
    customer_weeks: int,
    repeats: int,
    read: Callable[[Made], object] | None = None,
) -> Timed:
    """Make something, let it work on the clock, and read off what it came to, several times.

    Args:
        make: gets the number of the run; not timed.
        work: is timed.
        customer_weeks: how much work that is.
        repeats: how often.
        read: sees each after its work; not timed.
    """
    runs = []
    for number in range(repeats):
        made = make(number)
        start = time.process_time()
        work(made)
        runs.append((time.process_time() - start) / customer_weeks * 1e9)
        if read is not None:
            read(made)
    return Timed(tuple(runs))


def phases_of(model: MarketModel, weeks: int) -> dict[str, float]:
    """Run a market for some weeks; nanoseconds per customer-week by phase, in the order of a pulse.

    `calendars` is what happens between pulses: strategies at work.
    """
    spent: defaultdict[str, float] = defaultdict(float)

    def clocked(phase: Phase) -> Phase:
        def act(pulse: Pulse) -> None:
            start = time.process_time()
            phase.act(pulse)
            spent[phase.name] += time.process_time() - start

        return Phase(phase.name, act)

    market = model.marketplace
    market.phases = tuple(clocked(phase) for phase in market.phases)
    start = time.process_time()
    model.run(market.day + weeks * market.length)
    whole = time.process_time() - start
    spent["calendars"] = whole - sum(spent.values())
    scale = 1e9 / (weeks * len(model.world.people))
    return {name: spent[name] * scale for name in [*(name for name, _ in PHASES), "calendars"]}
