"""Verdict: which scenario is best for a goal, by how much, how surely, and whether equal spend changes the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from experiments import wording
from experiments.contest import contest
from experiments.crossing import Crossing, FloatArray, crossing, plain_name
from experiments.intervals import estimate
from experiments.summary import equal_spend_field, plain_field

Unclear = Literal["", "identical", "luck", "market", "both", "unknown"]


@dataclass(frozen=True)
class Contrast:
    """A paired difference with both intervals; None where one draw or one replicate cannot give them.

    Attributes:
        scenario, other: the difference is `scenario` minus `other`, in the metric's unit.
        difference: its mean.
        low, high: 95 % range of its true value in one plausible market.
        luck_low, luck_high: 95 % interval of its mean at these draws.
        identical: whether it is exactly 0 in every single run.
    """

    scenario: str
    other: str
    difference: float
    low: float | None
    high: float | None
    luck_low: float | None
    luck_high: float | None
    identical: bool

    @property
    def unclear(self) -> Unclear:
        """Why the two are not distinguishable: which interval includes 0; empty where they are.

        `unknown`: one run has neither interval.
        """
        if self.identical:
            return "identical"
        luck, market = _holds_zero(self.luck_low, self.luck_high), _holds_zero(self.low, self.high)
        if luck is None and market is None:
            return "unknown"
        if luck and market:
            return "both"
        if luck:
            return "luck"
        return "market" if market else ""

    @property
    def distinguishable(self) -> bool:
        """Whether every interval that could be estimated leaves 0 out."""
        return self.unclear == ""


@dataclass(frozen=True)
class Verdict:
    """The answer to one question, for reports and for the terminal.

    Attributes:
        goal, metric, unit, direction: what is judged by; +1 where more is better, -1 where less is.
        provider, segment: whose value.
        baseline: scenario that differences are taken against.
        best: scenario with the best mean; "" where none can be judged.
        p_best: its probability of being truly best; None with one draw.
        equals: scenarios identical to the best in every run.
        likeliest: scenario with the highest probability of being truly best; "" with one draw.
        runner_up: next best mean; "" where there is none.
        to_baseline: best minus baseline; None where best is the baseline.
        to_runner_up: best minus runner-up; None where there is none.
        differences: each scenario's mean difference to the baseline, best first.
        left_out: scenarios whose value is undefined in some run, with (runs defined, runs).
        draws, replicates: numbers of plausible markets and of lucks.
        equal_spend: the same verdict among the scenarios scaled to equal spend; None where none was scaled.
    """

    goal: str
    metric: str
    unit: str
    direction: int
    provider: str
    segment: str
    baseline: str
    best: str
    p_best: float | None
    equals: tuple[str, ...]
    likeliest: str
    runner_up: str
    to_baseline: Contrast | None
    to_runner_up: Contrast | None
    differences: tuple[tuple[str, float], ...]
    left_out: Mapping[str, tuple[int, int]]
    draws: int
    replicates: int
    equal_spend: Verdict | None = None

    @property
    def at_point_values(self) -> bool:
        """Whether only one set of assumptions was tried."""
        return self.draws == 1

    @property
    def distinguishable(self) -> bool:
        """Whether the best scenario is distinguishable from the runner-up, and has no equal."""
        return self.to_runner_up is not None and not self.equals and self.to_runner_up.distinguishable

    @property
    def equal_spend_agrees(self) -> bool | None:
        """Whether the same scenario is best at equal spend; None where that was not asked."""
        if self.equal_spend is None:
            return None
        return plain_name(self.equal_spend.best) in (self.best, *self.equals)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return wording.sentence(self)

    @property
    def details(self) -> tuple[str, ...]:
        """Further sentences, most important first."""
        return wording.details(self)


def verdict(
    runs: pd.DataFrame,
    baseline: str,
    goal: str,
    metric: str,
    direction: int,
    provider: str,
    segment: str = "all",
    pilot: int | None = None,
) -> Verdict:
    """Judge the scenarios by one metric.

    The best has the best mean, which is what a firm that has to choose once should go by; where another scenario is
    more often truly best, `likeliest` names it. Probabilities are those of `summary`.

    Args:
        runs: the runs table; other metrics, providers and segments in it are ignored.
        baseline: scenario that differences are taken against.
        goal: name of the goal, for the reader.
        metric: the metric behind the goal.
        direction: +1 where more is better, -1 where less is.
        provider, segment: whose value.
        pilot: see `intervals.luck_interval`.

    Raises:
        ValueError: no such value, an unknown baseline, a goal without direction, or a metric with two units.
    """
    if direction not in (-1, 1):
        raise ValueError(f"The goal {goal!r} has direction {direction}; only 1 and -1 can be judged.")
    crossed = crossing(runs).narrowed(metric=metric, provider=provider, segment=segment)
    if len(crossed.cells) > 1:
        units = ", ".join(crossed.cells["unit"])
        raise ValueError(f"Metric {metric!r} comes in several units, {units}; one is needed.")
    crossed.position(baseline, "baseline")
    scaled = equal_spend_field(crossed.scenarios)
    counterpart = _judged(crossed, scaled, baseline, goal, direction, None, pilot) if scaled else None
    return _judged(crossed, plain_field(crossed.scenarios), baseline, goal, direction, counterpart, pilot)


def contrast(crossed: Crossing, scenario: str, other: str, pilot: int | None = None) -> Contrast:
    """The paired difference of two scenarios in a crossing of one cell."""
    values = crossed.values[0, crossed.position(scenario)] - crossed.values[0, crossed.position(other)]
    found = estimate(values, pilot)
    return Contrast(
        scenario,
        other,
        float(found.mean),
        _known(found.low),
        _known(found.high),
        _known(found.luck_low),
        _known(found.luck_high),
        bool((values == 0.0).all()),
    )


def _judged(
    crossed: Crossing,
    field: tuple[str, ...],
    baseline: str,
    goal: str,
    direction: int,
    counterpart: Verdict | None,
    pilot: int | None,
) -> Verdict:
    ranked = _ranked(crossed, field, baseline, direction)
    best = ranked[0] if ranked else ""
    equals = tuple(name for name in ranked[1:] if contrast(crossed, best, name).identical)
    behind = [name for name in ranked[1:] if name not in equals]
    chances = _chances(crossed, field, direction)
    return Verdict(
        goal=goal,
        metric=str(crossed.cells["metric"].iloc[0]),
        unit=str(crossed.cells["unit"].iloc[0]),
        direction=direction,
        provider=str(crossed.cells["provider"].iloc[0]),
        segment=str(crossed.cells["segment"].iloc[0]),
        baseline=baseline,
        best=best,
        p_best=chances.get(best),
        equals=equals,
        likeliest=max(chances, key=lambda name: (chances[name], name == best), default=""),
        runner_up=behind[0] if behind else "",
        to_baseline=_against(crossed, best, baseline, pilot) if best not in ("", baseline) else None,
        to_runner_up=contrast(crossed, best, behind[0], pilot) if behind else None,
        differences=_differences(crossed, ranked, baseline),
        left_out=_left_out(crossed, field),
        draws=len(crossed.draws),
        replicates=len(crossed.replicates),
        equal_spend=counterpart,
    )


def _ranked(crossed: Crossing, names: tuple[str, ...], baseline: str, direction: int) -> list[str]:
    """Scenarios defined in every run, best mean first; of equal means the baseline, then by name."""
    means = {name: float(crossed.values[0, crossed.position(name)].mean()) for name in names}
    defined = [name for name in names if np.isfinite(means[name])]
    return sorted(defined, key=lambda name: (-direction * means[name], name != baseline, name))


def _against(crossed: Crossing, scenario: str, other: str, pilot: int | None = None) -> Contrast | None:
    """The contrast, or None where the other is undefined in some run."""
    found = contrast(crossed, scenario, other, pilot)
    return found if np.isfinite(found.difference) else None


def _chances(crossed: Crossing, field: tuple[str, ...], direction: int) -> dict[str, float]:
    values: FloatArray = crossed.values[:, [crossed.position(name) for name in field]] * direction
    chances = zip(field, contest(values).probability[0], strict=True)
    return {name: float(chance) for name, chance in chances if np.isfinite(chance)}


def _differences(crossed: Crossing, ranked: list[str], baseline: str) -> tuple[tuple[str, float], ...]:
    others = (_against(crossed, name, baseline) for name in ranked if name != baseline)
    return tuple((found.scenario, found.difference) for found in others if found is not None)


def _left_out(crossed: Crossing, field: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    total = len(crossed.draws) * len(crossed.replicates)
    counts = dict(zip(crossed.scenarios, crossed.defined()[0].tolist(), strict=True))
    return {name: (counts[name], total) for name in field if counts[name] < total}


def _known(value: FloatArray) -> float | None:
    return float(value) if np.isfinite(value) else None


def _holds_zero(low: float | None, high: float | None) -> bool | None:
    return None if low is None or high is None else low <= 0.0 <= high
