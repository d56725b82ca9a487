"""Equal spend: what the scenarios come to when all spend as much as the cheapest of them.

A scenario's intensities are scaled together, by one factor for all draws and lucks, until its mean focal cost
(discounts included) over all runs equals the lowest among the compared scenarios that spend, as configured. Cost is
nothing at factor 0 and rises with the factor, but need not be proportional: points are only taken up where they are
worth it, staff comes in heads. So the factor is bracketed and found by the secant of log cost over log factor on a few
runs, corrected by one luck of each draw, then checked on all runs and corrected there where they still misled. A
correction follows the power by which the same runs' cost rises from there to the scenario as configured: points near
the target lie too near each other to tell it, where cost moves in steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.scenario import Scenario
from experiments.campaign import Campaign, Ran
from experiments.tasks import EQUAL_SPEND, Task

PILOT = 8
"""One task in so many is a task on which factors are sought first; at least 2, at most 8 are."""
ROUGHLY = 3.0
"""Tolerances within which the first few runs have found a factor; more would fit it to these few."""
NEAR = 0.25
"""Share of the target within which the next step is not tried on the few, where one luck of each draw follows."""
PROPORTIONAL = 0.1
"""Tolerances within which cost has to follow the factor for it to be taken as proportional everywhere."""
SEARCHES = 12
"""Steps after which a search ends with what it has."""
CHECKS = 3
"""Times all runs are done, at most."""


@dataclass
class Search:
    """The factor at which a rising function of it meets a target; bracketed, by secants in logarithms.

    Attributes:
        target: cost to meet.
        low, high: factor and cost of the nearest points known below and above; the lower may cost nothing.
        before: the point above that was the nearest one before `high`.
        power: the power by which cost rises with the factor, where it is known from elsewhere.
    """

    target: float
    high: tuple[float, float]
    low: tuple[float, float] = (0.0, 0.0)
    before: tuple[float, float] | None = None
    power: float | None = None
    factor: float = field(init=False)

    def __post_init__(self) -> None:
        self.factor = self._next()

    def tell(self, cost: float) -> None:
        """Learn the cost at the factor, and move on."""
        if cost > self.target:
            self.before, self.high = self.high, (self.factor, cost)
        else:
            self.low = (self.factor, cost)
        self.factor = self._next()

    def error(self, cost: float) -> float:
        """How far a cost is from the target, as a share of it."""
        return abs(cost - self.target) / self.target

    def _power(self) -> float:
        """The power by which cost rises with the factor, from the two points above; 1 as long as there is one."""
        return 1.0 if self.before is None else _power(self.before, self.high)

    def _next(self) -> float:
        (f0, c0), (f1, c1) = self.low, self.high
        if c1 <= self.target:
            return f1
        if self.power is not None:
            f, c = min(
                (self.low, self.high), key=lambda point: abs(math.log(max(point[1], 1e-300) / self.target))
            )
            guess = f * float((self.target / c) ** (1.0 / self.power))
            if f0 < guess < f1:
                return guess
        if c0 <= 0.0:
            guess = f1 * float((self.target / c1) ** (1.0 / self._power()))
            return guess if guess > f0 else math.sqrt(f0 * f1)
        share = math.log(self.target / c0) / math.log(c1 / c0)
        # Away from both ends, so that a step in the cost cannot stop the search there.
        share = min(max(share, 0.02), 0.98)
        return f0 * math.exp(share * math.log(f1 / f0))


def _power(above: tuple[float, float], below: tuple[float, float]) -> float:
    """The power by which cost rises from one point (factor, cost) to another; 1 where it does not rise."""
    (f1, c1), (f0, c0) = above, below
    return math.log(c1 / c0) / math.log(f1 / f0) if c1 > c0 and f1 > f0 else 1.0


@dataclass(frozen=True)
class EqualSpend:
    """What was found.

    Attributes:
        target: mean focal cost of the cheapest scenario that spends, in the market's currency.
        factors: factor on all intensities by scenario.
        reached: mean focal cost at that factor, as a share of the target, by scenario.
        ran: every run of the scaled scenarios.
    """

    target: float
    factors: Mapping[str, float]
    reached: Mapping[str, float]
    ran: tuple[Ran, ...]


def equal_spend(
    campaign: Campaign,
    tasks: Sequence[Task],
    ran: Sequence[Ran],
    cost: tuple[int, int],
    tolerance: float,
) -> EqualSpend | None:
    """Scale the scenarios that spend to the cheapest of them, and run them.

    Args:
        campaign: runs what is needed.
        tasks: all tasks of the comparison.
        ran: what they came to.
        cost: positions of the focal provider and of `cost` in an outcome's `runs`.
        tolerance: how near the target the mean cost must come, as a share.

    Returns:
        None where fewer than two scenarios spend anything.
    """
    failed = {(r.draw, r.replicate) for r in ran if r.key is None}
    finished = tuple(task for task in tasks if (task.draw, task.replicate) not in failed)
    return _Scaling(campaign, finished, cost, tolerance).found(ran) if finished else None


@dataclass
class _Scaling:
    campaign: Campaign
    tasks: tuple[Task, ...]
    cost: tuple[int, int]
    tolerance: float

    def found(self, ran: Sequence[Ran]) -> EqualSpend | None:
        """Search on the pilot, then check on everything."""
        spenders = {s.name: s for s in self.tasks[0].scenarios if s.focal}
        plain = {name: self._costs([r for r in ran if r.scenario == name]) for name in spenders}
        means = {name: _mean(costs) for name, costs in plain.items() if _mean(costs) > 0.0}
        if len(means) < 2:
            return None
        target, cheapest = min((mean, name) for name, mean in means.items())
        scenarios = {n: s for n, s in spenders.items() if n in means and n != cheapest}
        factors = self._pilot(scenarios, plain, means, target)
        return self._checked(spenders, factors, means, target, cheapest, ran)

    def _pilot(
        self,
        scenarios: Mapping[str, Scenario],
        plain: Mapping[str, Mapping[tuple[int, int], float]],
        means: Mapping[str, float],
        target: float,
    ) -> dict[str, float]:
        """Factors that meet the target.

        They are sought on a few runs, then corrected by one luck of each draw, because draws differ more than lucks do,
        where cost is not just proportional. Both are told relative to what those runs cost as configured.
        """
        factors = {name: target / means[name] for name in scenarios}
        searches, proportional = {}, set()
        checked = self._each_draw() != self._few()
        for name, cost in self._as_configured(self._few(), scenarios, plain).items():
            searches[name] = Search(target * cost / means[name], (1.0, cost))
        for step in range(SEARCHES):
            if not searches:
                break
            asked = {name: search.factor for name, search in searches.items()}
            ran = self._run(self._few(), scenarios, asked)
            for name in list(searches):
                cost, search = (
                    _mean(self._costs([r for r in ran if r.scenario == _scaled_name(name)])),
                    searches[name],
                )
                factors[name] = asked[name]
                if step == 0 and search.error(cost) <= PROPORTIONAL * self.tolerance:
                    proportional.add(name)
                if math.isnan(cost) or search.error(cost) <= ROUGHLY * self.tolerance:
                    del searches[name]
                    continue
                search.tell(cost)
                if checked and search.error(cost) <= NEAR:
                    factors[name] = search.factor
                    del searches[name]
        if factors and checked:
            unsure = {name: scenario for name, scenario in scenarios.items() if name not in proportional}
            known = self._as_configured(self._each_draw(), unsure, plain)
            ran = (
                self._run(self._each_draw(), scenarios, {name: factors[name] for name in known})
                if known
                else []
            )
            for name, here in known.items():
                cost = _mean(self._costs([r for r in ran if r.scenario == _scaled_name(name)]))
                if cost > 0.0:
                    wanted, power = target * here / means[name], _power((1.0, here), (factors[name], cost))
                    factors[name] = min(1.0, factors[name] * (wanted / cost) ** (1.0 / power))
        return factors

    def _as_configured(
        self,
        tasks: Sequence[Task],
        scenarios: Mapping[str, Scenario],
        plain: Mapping[str, Mapping[tuple[int, int], float]],
    ) -> dict[str, float]:
        """Mean cost as configured over some tasks, of the scenarios that spend there."""
        cells = {(task.draw, task.replicate) for task in tasks}
        costs = {
            name: _mean({cell: c for cell, c in plain[name].items() if cell in cells}) for name in scenarios
        }
        return {name: cost for name, cost in costs.items() if cost > 0.0}

    def _checked(
        self,
        scenarios: Mapping[str, Scenario],
        factors: dict[str, float],
        means: Mapping[str, float],
        target: float,
        cheapest: str,
        plain: Sequence[Ran],
    ) -> EqualSpend:
        """Run everything at the factors; correct those that miss."""
        searches = {name: Search(target, (1.0, means[name])) for name in factors}
        kept: dict[str, list[Ran]] = {}
        reached = {cheapest: 1.0}
        open_ = dict(factors)
        for _ in range(CHECKS):
            if not open_:
                break
            ran = self._run(self.tasks, scenarios, open_, full=True)
            for name in list(open_):
                kept[name] = [r for r in ran if r.scenario == _scaled_name(name)]
                cost = _mean(self._costs(kept[name]))
                factors[name], reached[name] = open_.pop(name), cost / target
                searches[name].factor = factors[name]
                if searches[name].error(cost) > self.tolerance:
                    searches[name].power = _power((1.0, means[name]), (factors[name], cost))
                    searches[name].tell(cost)
                    open_[name] = searches[name].factor
        own = [replace(r, scenario=_scaled_name(cheapest)) for r in plain if r.scenario == cheapest]
        return EqualSpend(
            target, {**factors, cheapest: 1.0}, reached, (*own, *(r for rs in kept.values() for r in rs))
        )

    def _few(self) -> tuple[Task, ...]:
        """Some tasks, spread over the draws."""
        ordered = sorted(self.tasks, key=lambda task: (task.replicate, task.draw))
        return tuple(ordered[: min(max(2, len(ordered) // PILOT), PILOT)])

    def _each_draw(self) -> tuple[Task, ...]:
        """A task of each draw, of at most as many as are sought on."""
        firsts = {task.draw: task for task in sorted(self.tasks, key=lambda task: -task.replicate)}
        return tuple(firsts[draw] for draw in sorted(firsts)[:PILOT])

    def _run(
        self,
        tasks: Sequence[Task],
        scenarios: Mapping[str, Scenario],
        factors: Mapping[str, float],
        full: bool = False,
    ) -> list[Ran]:
        """Run the scaled scenarios; in full with the baseline beside them, which some metrics are told against."""
        scaled = tuple(
            replace(scenarios[name].scaled(f), name=_scaled_name(name)) for name, f in factors.items()
        )
        asked = [
            replace(task, scenarios=(*scaled, task.scenario(task.baseline)))
            if full
            else replace(task, scenarios=scaled, baseline="", projected=False, records=False, individuals=0)
            for task in tasks
        ]
        ran = self.campaign.outcomes(asked, "equal spend" if full else "seeking equal spend")
        return [r for r in ran if r.scenario.endswith(EQUAL_SPEND)]

    def _costs(self, ran: Sequence[Ran]) -> dict[tuple[int, int], float]:
        """Focal cost of everyone by draw and replicate; runs that failed are left out."""
        focal, metric = self.cost
        return {
            (r.draw, r.replicate): float(self.campaign.outcome(r).runs[focal, -1, metric])
            for r in ran
            if r.key is not None
        }


def _scaled_name(name: str) -> str:
    return f"{name}{EQUAL_SPEND}"


def _mean(costs: Mapping[tuple[int, int], float]) -> float:
    """The mean, NaN of nothing; summed in a fixed order."""
    return math.fsum(costs.values()) / len(costs) if costs else math.nan
