"""Trial: which tasks a comparison runs, in which order.

The worlds of the draws - their mean attention, solved for the churn under `today` - one task per draw and luck with all
scenarios in it - more lucks, where a target precision asks for them - equal spend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from experiments.campaign import Campaign, Ran
from experiments.compose import Resolved
from experiments.equal_spend import EqualSpend, equal_spend
from experiments.errors import ConfigError, TasksFailedError
from experiments.metrics import METRICS, TIMELINE
from experiments.tasks import Axes, Cell, Outcome, Solve, Task
from experiments.work import with_attention

if TYPE_CHECKING:
    from experiments.precision import Plan


@dataclass
class Trial:
    """The tasks of one comparison and what became of them.

    Attributes:
        resolved: the question.
        campaign: runs them.
        equal_among: scenarios that are brought to equal spend; None takes all that spend.
        ran: every scenario of every task, those at equal spend included.
        equal: what equal spend took; None where it was not asked or fewer than two scenarios spend.
        plan: what a target precision asked for; None without one.
    """

    resolved: Resolved
    campaign: Campaign
    equal_among: frozenset[str] | None = None
    ran: list[Ran] = field(default_factory=list)
    equal: EqualSpend | None = None
    plan: Plan | None = None

    def run(self) -> None:
        """Run everything.

        Raises:
            ConfigError: a target precision that cannot be planned for.
            TasksFailedError: nothing was left to compare.
        """
        settings = self.resolved.settings
        worlds = self._worlds()
        tasks = self._tasks(worlds, range(settings.replicates))
        self.ran = self.campaign.outcomes(tasks, "simulating")
        if self.campaign.interrupted:
            return
        if settings.precision.target is not None:
            self.plan = self._planned(settings.precision.target)
            more = self._tasks(worlds, range(settings.replicates, self.plan.replicates))
            self.ran += self.campaign.outcomes(more, "simulating more")
            tasks += more
        if self.resolved.experiment.equal_spend and tasks and not self.campaign.interrupted:
            equal = equal_spend(
                self.campaign,
                self._brought_together(tasks),
                self.ran,
                self._cost(),
                self.resolved.experiment.tolerance,
            )
            if not self.campaign.interrupted:  # Else it would take lucks from what is finished as configured.
                self.equal = equal
                self.ran += equal.ran if equal else ()

    def _worlds(self) -> list[Task]:
        """A task of every draw whose mean attention could be solved."""
        firsts = [self._first(draw) for draw in range(self.resolved.settings.draws)]
        to_solve = [task for task in firsts if task.market.churn_target is not None]
        solves = [
            Solve(
                market=t.market, customers=t.customers, today=t.today, focal=t.focal, seed=t.seed, draw=t.draw
            )
            for t in to_solve
        ]
        solved = dict(zip((t.draw for t in to_solve), self.campaign.attentions(solves)))
        worlds = []
        for task in firsts:
            attention = solved.get(task.draw, task.market.gate.attention)
            if attention is not None:
                worlds.append(replace(task, market=with_attention(task.market, attention)))
        return worlds

    def _first(self, draw: int) -> Task:
        world, settings = self.resolved.draw(draw), self.resolved.settings
        return Task(
            market=world.market,
            customers=world.customers,
            today=world.today,
            scenarios=world.scenarios,
            baseline=self.resolved.baseline,
            focal=self.resolved.focal,
            seed=settings.seed,
            draw=draw,
            replicate=0,
            horizon_months=settings.horizon_months,
            paired=settings.paired,
            learning=settings.learning,
            individuals=settings.individuals,
            records=self.resolved.experiment.customers,
        )

    def _tasks(self, worlds: Sequence[Task], replicates: Iterable[int]) -> list[Task]:
        return [replace(world, replicate=replicate) for replicate in replicates for world in worlds]

    def _brought_together(self, tasks: Sequence[Task]) -> list[Task]:
        """The tasks with only the scenarios that are brought to equal spend, and the baseline."""
        if self.equal_among is None:
            return list(tasks)
        kept = self.equal_among | {self.resolved.baseline}
        return [replace(t, scenarios=tuple(s for s in t.scenarios if s.name in kept)) for t in tasks]

    def _cost(self) -> tuple[int, int]:
        """Where the focal provider and its cost stand in an outcome's runs."""
        return self.axes.providers.index(self.resolved.focal), self.axes.metrics.index("cost")

    def _planned(self, target: float) -> Plan:
        """How many replicates the target asks for, judged by those at hand."""
        from experiments.precision import TargetPrecision
        from experiments.tables import runs_table

        settings = self.resolved.settings
        runs = runs_table(self.outcomes()[0], self.axes).frame()
        wish = TargetPrecision(
            target,
            settings.precision.relative,
            pilot=settings.replicates,
            cap=max(settings.precision.max_replicates, settings.replicates),
        )
        try:
            return wish.plan(runs, self.resolved.baseline, self.resolved.goal.metric, self.resolved.focal)
        except ValueError as error:
            raise ConfigError(f"precision.target={target:g} cannot be planned for: {error}") from error

    @property
    def axes(self) -> Axes:
        """What the positions in the outcomes' arrays mean."""
        world = self.resolved.world
        return Axes(
            providers=tuple(p.name for p in world.market.providers),
            segments=tuple(s.name for s in world.customers.segments),
            metrics=tuple(METRICS),
            timeline=tuple(TIMELINE),
            units={
                name: metric.unit.replace("currency", world.market.currency)
                for name, metric in {**TIMELINE, **METRICS}.items()
            },
        )

    def outcomes(self) -> tuple[dict[Cell, Outcome], tuple[str, ...]]:
        """Every outcome of the draws and lucks in which all scenarios were finished, and what had to be left out.

        Raises:
            TasksFailedError: there is none.
            KeyboardInterrupt: there is none yet.
        """
        dropped = without_gaps(self.ran)
        kept = [r for r in self.ran if not {("draw", r.draw), ("replicate", r.replicate)} & dropped]
        if not kept and self.campaign.interrupted:
            raise KeyboardInterrupt
        if not kept:
            first = self.campaign.failures[0].error if self.campaign.failures else "no task"
            raise TasksFailedError(
                f"No draw and luck was finished in every scenario; the first error is {first} (all in failures.csv)."
            )
        found = {(r.scenario, r.draw, r.replicate): self.campaign.outcome(r) for r in kept}
        return found, tuple(f"{kind} {number}" for kind, number in sorted(dropped))


def without_gaps(ran: Iterable[Ran]) -> set[tuple[str, int]]:
    """The fewest draws and replicates to leave out so that none of the rest failed.

    One after the other: the draw or the replicate that failed in the largest share of its runs.
    """
    good: dict[tuple[int, int], bool] = {}
    for r in ran:
        good[r.draw, r.replicate] = good.get((r.draw, r.replicate), True) and r.key is not None
    dropped: set[tuple[str, int]] = set()
    while not all(good.values()):
        shares: Mapping[tuple[str, int], float] = {
            **{("draw", d): _failed(v for (draw, _), v in good.items() if draw == d) for d, _ in good},
            **{("replicate", r): _failed(v for (_, rep), v in good.items() if rep == r) for _, r in good},
        }
        worst = max(shares, key=lambda kind: (shares[kind], kind))
        dropped.add(worst)
        good = {(d, r): v for (d, r), v in good.items() if worst not in (("draw", d), ("replicate", r))}
    return dropped


def _failed(values: Iterable[bool]) -> float:
    listed = list(values)
    return listed.count(False) / len(listed)
