"""Tasks: one draw under one luck, all its scenarios from one warm state; frozen, picklable, known by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.market import Market
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.fingerprint import FORMAT, RESULTS_VERSION, canonical, code_version, digest

Floats = NDArray[np.float64]
EQUAL_SPEND = "@equal_spend"
"""Suffix of a scenario whose intensities were scaled to the common spend."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker simulates.

    Attributes:
        market, customers, today: the world of the draw; mean attention already solved.
        scenarios: to run, each from the one warm state.
        baseline: scenario that the four groups are told against; one of `scenarios`, or "" for no groups.
        focal: the provider to look at.
        seed, replicate: the key of all luck.
        draw: which draw this world is; a label, luck does not depend on it.
        horizon_months: from the fork to the end.
        paired: whether scenarios share their luck.
        learning: whether strategies may fit scores.
        individuals: lucks of its own for each customer's expected effect; 0 leaves it out.
        records: whether the customers' table is wanted.
        projected: whether `lifetime_value_projected` is wanted, which runs the world on beyond the horizon.
    """

    market: Market
    customers: Customers
    today: Scenario
    scenarios: tuple[Scenario, ...]
    baseline: str
    focal: str
    seed: int
    draw: int
    replicate: int
    horizon_months: float
    paired: bool = True
    learning: bool = True
    individuals: int = 0
    records: bool = False
    projected: bool = True

    def scenario(self, name: str) -> Scenario:
        """The scenario of a name."""
        return next(s for s in self.scenarios if s.name == name)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one scenario of a task came to.

    Attributes:
        scenario: its name.
        runs: float64 [providers + 1, segments + 1, metrics]; the last index of the first two is `all`; NaN: undefined.
        timeline: float64 [providers + 1, days, timeline metrics].
        days: float64 [days], days since the fork.
        ledger: provider, account, strategy, amount of the whole firm over the horizon, in the market's currency.
        groups: group, share of the starting focal customers, spend on them; empty where there is no baseline.
        customers: columns of the customers' table, or None.
        bound: provider, slot, rule, contacts that the rule refused over the horizon; rules that refused none are left
            out.
        beliefs: what a firm that learns believed at each of its reviews: slot, day since the fork, tactic, segment,
            believed lift of staying per customer treated, its standard error, the share of the budget given, and the
            true lift from twin worlds (NaN: not run).
    """

    scenario: str
    runs: Floats
    timeline: Floats
    days: Floats
    ledger: tuple[tuple[str, str, str, float], ...] = ()
    groups: tuple[tuple[str, float, float], ...] = ()
    customers: Mapping[str, NDArray[Any]] | None = None
    bound: tuple[tuple[str, str, str, float], ...] = ()
    beliefs: tuple[tuple[str, float, str, str, float, float, float, float], ...] = ()


@dataclass(frozen=True)
class Axes:
    """What the positions in an outcome's arrays mean.

    Attributes:
        providers, segments: names, without `all`, which comes last in the arrays.
        metrics, timeline: metric names in the arrays' order.
        units: unit by metric name, of both.
    """

    providers: tuple[str, ...]
    segments: tuple[str, ...]
    metrics: tuple[str, ...]
    timeline: tuple[str, ...]
    units: Mapping[str, str]


Cell = tuple[str, int, int]
"""Scenario, draw, replicate."""


@lru_cache(maxsize=256)
def _digest(part: Market | Customers) -> str:
    return digest(part)


def _world(task: Task) -> dict[str, Any]:
    """What the warm state of a task comes from."""
    return {
        "market": _digest(task.market),
        "customers": _digest(task.customers),
        "today": canonical(replace(task.today, name="")),
        "luck": [task.seed, task.replicate],
        "focal": task.focal,
        "learning": task.learning,
    }


def warm_key(task: Task) -> str:
    """The content of a task's warm state, SHA-256 in hexadecimal, whatever it is then forked to."""
    return digest(_world(task))


def outcome_keys(task: Task) -> dict[str, str]:
    """The content of each scenario's outcome, SHA-256 in hexadecimal, by the scenario's name.

    Equal keys are equal results, whatever else ran beside, however often, on how many processes. The name of a
    scenario counts only where worlds are unpaired, because there it salts the luck; the number of the draw never does.
    """
    common = {
        "format": FORMAT,
        "results_version": RESULTS_VERSION,
        "code": code_version(),
        **_world(task),
        "baseline": canonical(replace(task.scenario(task.baseline), name="")) if task.baseline else None,
        **{
            name: getattr(task, name)
            for name in ("horizon_months", "paired", "individuals", "records", "projected")
        },
    }
    return {
        s.name: digest({**common, "scenario": canonical(replace(s, name="") if task.paired else s)})
        for s in task.scenarios
    }


@dataclass(frozen=True, kw_only=True)
class Solve:
    """Another kind of task: the mean attention for which churn under `today` meets the market's target.

    Attributes:
        market, customers, today, focal, seed: as of a `Task`.
        draw: which draw this world is; a label.
    """

    market: Market
    customers: Customers
    today: Scenario
    focal: str
    seed: int
    draw: int

    @property
    def key(self) -> str:
        """Its content, SHA-256 in hexadecimal."""
        return digest(
            {
                "format": FORMAT,
                "results_version": RESULTS_VERSION,
                "code": code_version(),
                "solve": [
                    _digest(self.market),
                    _digest(self.customers),
                    canonical(replace(self.today, name="")),
                ],
                "focal": self.focal,
                "seed": self.seed,
            }
        )
