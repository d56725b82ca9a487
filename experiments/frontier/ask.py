"""Ask: simulate the box, seek the best spend within each budget, hold the caps, and score the winners on fresh luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.frontier.search import Surface, best_within, surface
from experiments.frontier.spends import Spend
from experiments.metrics import METRICS
from experiments.points.survey import Stage
from experiments.session import folder_of, session

if TYPE_CHECKING:
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.frontier.box import Box
    from experiments.frontier.found import FrontierFound
    from experiments.points.found import Floats, Found
    from experiments.points.survey import Survey
    from experiments.work import Model

ROUNDS = 5
"""Times a spend that breaks its cap is cut before it is given up."""
MARGIN = 0.99
"""Share of a cap that a cut aims at."""


def frontier(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> FrontierFound:
    """Compose and run it; the function behind `tenure experiment=frontier`.

    Args:
        overrides: as on the command line, without `experiment=frontier`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return spent(compose(["experiment=frontier", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=frontier`: run, write, say how much of each a budget buys.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(spent, resolved, folder)


def spent(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> FrontierFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: a programme or a targeting is not there, or the folder holds another configuration.
        TasksFailedError: nothing was finished.
    """
    from experiments.frontier.box import box_of
    from experiments.frontier.found import FrontierFound
    from experiments.frontier.page import sheet
    from experiments.frontier.spends import metrics_of, table
    from experiments.points.ask import ending, write_answer
    from experiments.points.survey import Survey

    box = box_of(resolved)
    with session(resolved, folder, console, executor, model) as running:
        search = _Search(resolved, Survey(running), box)
        spends = search.spends()
        names = metrics_of(resolved)
        searched, fresh = search.scored(spends, names)
        found = FrontierFound(
            **ending(resolved, folder, running, search.survey, search.stages, *search.notes),
            spends=tuple(spends),
            table=table(resolved, box, spends, searched, fresh),
        )
    write_answer(found, (lambda: sheet(found)) if resolved.experiment.report else None, frontier=found.table)
    return found


@dataclass
class _Search:
    """From the box to spends that hold their caps.

    Attributes:
        resolved, survey, box: the question, what runs it, and what money can be spent on.
        stages: what was simulated.
        notes: sentences that limit the result.
    """

    resolved: Resolved
    survey: Survey
    box: Box
    stages: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def spends(self) -> list[Spend]:
        """The best spend within each budget, by ascending budget, held to its cap under the luck of the search."""
        resolved, box, asked = self.resolved, self.box, self.resolved.experiment
        design = box.design
        ran = self._run("box", design, "simulating the box", self._lucks)
        goal, cost = ran.columns([resolved.goal.metric, "cost"])
        goal = (goal * METRICS[resolved.goal.metric].direction).mean(axis=(2, 3))
        cost = cost.mean(axis=(2, 3)) / box.customer_months
        if not (np.isfinite(goal).all() and np.isfinite(cost).all()):
            self.notes.append("Points of the box are missing, so that no spend could be sought.")
            return []
        known = {
            kind: surface(design.shares, goal[:, place], cost[:, place])
            for place, kind in enumerate(box.kinds, start=1)
        }
        full = float(cost[:, 1:].max())
        budgets = sorted(asked.budgets) if asked.budgets else [share * full for share in asked.shares]
        return self._held([self._proposed(known, budget, float(goal[0, 0])) for budget in budgets])

    @property
    def _lucks(self) -> range:
        return range(self.resolved.settings.replicates)

    @property
    def _fresh(self) -> range:
        return range(len(self._lucks), 2 * len(self._lucks))

    def _run(self, name: str, points: Sequence[Mapping[str, float]], label: str, lucks: range) -> Found:
        draws = range(self.resolved.settings.draws)
        (ran,) = self.survey.run([Stage(name, self.box.base, points, draws, lucks)], label)
        self.stages.append(ran)
        return ran

    def _proposed(self, known: Mapping[str, Surface], budget: float, nothing: float) -> Spend:
        """What the surfaces say is best within a budget; nothing where nothing is better."""
        found = Spend(budget, (0.0, 0.0, self.box.axes[2].high), self.box.kinds[0])
        best = nothing
        for kind, one in known.items():
            shares = best_within(one, budget, self.resolved.settings.seed)
            value = float(one.goal(shares[None])[0])
            if shares[:2].any() and value > best:
                best = value
                values = tuple(
                    float(a.at(np.array([s]))[0]) for a, s in zip(self.box.axes, shares, strict=True)
                )
                found = Spend(budget, values, kind)
        return found

    def _held(self, spends: list[Spend]) -> list[Spend]:
        """Simulate them, on the luck of the search and on fresh luck, and cut those that break their cap under any."""
        for turn in range(ROUNDS):
            open_ = [place for place, spend in enumerate(spends) if not (spend.held or spend.is_nothing)]
            if not open_ or self.survey.interrupted:
                break
            points = [spends[place].point(self.box) for place in open_]
            most = np.maximum(*(
                self._run(f"{name} {turn}", points, "holding the caps", lucks).values("cost").max(axis=(2, 3))
                for name, lucks in (("cap", self._lucks), ("fresh cap", self._fresh))
            )) / self.box.customer_months  # fmt: skip
            for row, place in enumerate(open_):
                spend = spends[place]
                cost = float(most[row, self.box.place(spend)])
                if not np.isfinite(cost):
                    continue
                within = cost <= spend.budget
                spends[place] = (
                    replace(spend, held=True) if within else spend.cut(MARGIN * spend.budget / cost)
                )
        given_up = [spend for spend in spends if not (spend.held or spend.is_nothing)]
        for spend in given_up:
            self.notes.append(f"No spend was found that holds the cap of {spend.budget:.4g}; it is left out.")
        return [spend for spend in spends if spend not in given_up]

    def scored(self, spends: Sequence[Spend], names: Sequence[str]) -> tuple[list[Floats], list[Floats]]:
        """Metrics of the spends on the luck of the search and on fresh luck."""
        if not spends:
            return [np.zeros((0, 1, 1, 1)) for _ in names], [np.zeros((0, 1, 1, 1)) for _ in names]
        points = [spend.point(self.box) for spend in spends]
        before = self._run("searched", points, "scoring", self._lucks)
        after = self._run("fresh", points, "scoring on fresh luck", self._fresh)
        return before.columns(names), after.columns(names)
