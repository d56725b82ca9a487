"""Work: what a worker does with a task; it keeps the results itself where it can, and hands back the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents.market import Market
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.outcomes import record_of
from experiments.store import Record, Store
from experiments.tasks import Outcome, Solve, Task, warm_key


def simulate(task: Task) -> Sequence[Outcome]:
    """Run all scenarios of a task in a market, which is imported here: who only hands tasks out needs none."""
    from experiments.assembly import simulate as run

    return run(task)


def solve_attention(market: Market, customers: Customers, today: Scenario, focal: str, seed: int) -> Market:
    """Solve the mean attention in markets, which are imported here as well."""
    from experiments.attention import solve_attention as solve

    return solve(market, customers, today, focal, seed)


@dataclass(frozen=True)
class Model:
    """What simulates: functions defined in a module, so that workers find them.

    Attributes:
        simulate: all scenarios of a task, from one warm state.
        solve_attention: the market with the mean attention for which churn under `today` meets its target.
    """

    simulate: Callable[[Task], Sequence[Outcome]] = simulate
    solve_attention: Callable[[Market, Customers, Scenario, str, int], Market] = solve_attention


MODEL = Model()
"""This project's own."""


@dataclass(frozen=True)
class Assignment:
    """A task, where to keep what it leaves, and under which keys.

    Attributes:
        task: with the scenarios that are to be run.
        keys: key of the outcome by scenario; scenarios without a key are run for comparison only.
        root: the store's folder; None where this process does not see it: records are handed back instead.
        model: what simulates.
    """

    task: Task
    keys: Mapping[str, str]
    root: Path | None
    model: Model

    @property
    def home(self) -> str:
        """Tasks of one home start from one warm state: they are best done by the worker that has it."""
        return warm_key(self.task)


@dataclass(frozen=True)
class Solving:
    """A mean attention to solve, and where to keep it under which key; see `Assignment`."""

    solve: Solve
    key: str
    root: Path | None
    model: Model


Kept = Mapping[str, Record]
"""Records by key that whoever ordered them has yet to keep."""


def simulated(assignment: Assignment) -> Kept:
    """Run an assignment and keep its outcomes.

    Returns:
        what could not be kept here.
    """
    records = {
        key: record_of(outcome)
        for outcome in assignment.model.simulate(assignment.task)
        if (key := assignment.keys.get(outcome.scenario)) is not None
    }
    return _kept(records, assignment.root)


def solved(solving: Solving) -> Kept:
    """Solve a mean attention and keep it.

    Returns:
        what could not be kept here.
    """
    task = solving.solve
    market = solving.model.solve_attention(task.market, task.customers, task.today, task.focal, task.seed)
    return _kept({solving.key: Record({"attention": market.gate.attention})}, solving.root)


def _kept(records: Kept, root: Path | None) -> Kept:
    if root is None:
        return records
    store = Store(root)
    for key, record in records.items():
        store.write(key, record)
    return {}


def with_attention(market: Market, attention: float) -> Market:
    """The market with another mean attention."""
    return replace(market, gate=replace(market.gate, attention=attention))
