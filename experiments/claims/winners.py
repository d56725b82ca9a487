"""Winners: for each case and goal the best scenario, of all and of the kinds, as configured and at equal spend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from omegaconf import OmegaConf

from experiments.claims.cases import Lived
from experiments.claims.claim import AS_CONFIGURED, EQUAL_SPEND
from experiments.compose import goal_of
from experiments.crossing import plain_name
from experiments.errors import ConfigError
from experiments.metrics import METRICS
from experiments.names import hint
from experiments.options import folders, options
from experiments.settings import Goal
from experiments.verdict import Verdict, verdict

ALL, KINDS = "all", "kinds"
COLUMNS = (
    "market",
    "customers",
    "goal",
    "metric",
    "unit",
    "field",
    "basis",
    "best",
    "equals",
    "p_best",
    "runner_up",
    "difference",
    "low",
    "high",
    "luck_low",
    "luck_high",
    "distinguishable",
)
"""Columns of `winners.csv`; `field` is the `kinds` or `all` scenarios that were compared; `equals` are identical to the
best in every run; differences are best less runner-up, `distinguishable` is whether they leave 0 out; a cell is empty
where one draw or one luck cannot tell."""


def read_goal(name: str) -> Goal:
    """A goal by name, from the folder `goal/` of the configuration.

    Raises:
        ConfigError: there is none of this name, or it cannot be judged by.
    """
    for folder in folders():
        path = folder / "goal" / f"{name}.yaml"
        if path.is_file():
            return goal_of(OmegaConf.to_container(OmegaConf.load(path), resolve=True))
    raise ConfigError(f"experiment.goals: {name} is not a goal; {hint(name, options('goal'))}.")


def winners(
    worlds: Sequence[Lived], goals: Sequence[Goal], kinds: Sequence[str], usual: float
) -> pd.DataFrame:
    """Who wins where: `COLUMNS`, by case, goal, field and basis.

    Args:
        worlds: what ran; those over another horizon than the usual are left out.
        goals: to judge by.
        kinds: scenarios that compete among themselves too.
        usual: months of the experiment.
    """
    rows = [
        row
        for world in worlds
        if world.part.case.horizon_months == usual
        for goal in goals
        for row in _rows(world, goal, kinds)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(world: Lived, goal: Goal, kinds: Sequence[str]) -> Iterator[dict[str, Any]]:
    compared = world.part.scenarios
    for field, names in ((KINDS, [kind for kind in kinds if kind in compared]), (ALL, compared)):
        if len(names) > 1:
            yield _row(world, goal, field, AS_CONFIGURED, _judged(world, goal, names))
        equal = [name for scenario in names if (name := world.at(scenario, equal_spend=True)) is not None]
        if len(equal) > 1:
            yield _row(world, goal, field, EQUAL_SPEND, _judged(world, goal, equal))


def _judged(world: Lived, goal: Goal, names: Sequence[str]) -> Verdict:
    """The verdict among some scenarios, whatever their names say of equal spend."""
    plain = {name: plain_name(name) for name in names}
    runs = world.runs[world.runs["scenario"].isin(names)]
    runs = runs.assign(scenario=runs["scenario"].astype(str).map(plain))
    baseline = world.resolved.baseline if world.resolved.baseline in plain.values() else plain[names[0]]
    return verdict(
        runs,
        baseline,
        goal.name,
        goal.metric,
        METRICS[goal.metric].direction,
        world.resolved.focal,
        pilot=world.pilot,
    )


def _row(world: Lived, goal: Goal, field: str, basis: str, found: Verdict) -> dict[str, Any]:
    gap = found.to_runner_up
    ends = {name: getattr(gap, name) if gap else None for name in ("low", "high", "luck_low", "luck_high")}
    return {
        "market": world.part.case.market,
        "customers": world.part.case.customers,
        "goal": goal.name,
        "metric": goal.metric,
        "unit": found.unit,
        "field": field,
        "basis": basis,
        "best": found.best,
        "equals": " ".join(found.equals),
        "p_best": math.nan if found.p_best is None else found.p_best,
        "runner_up": found.runner_up,
        "difference": gap.difference if gap else math.nan,
        **{name: math.nan if end is None else end for name, end in ends.items()},
        "distinguishable": gap is not None and gap.distinguishable,
    }
