"""Findings: from the outcomes of a trial to tables, a verdict, and the files of the run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.campaign import counted
from experiments.comparison import Comparison
from experiments.compose import Resolved
from experiments.manifest import write_manifest
from experiments.metrics import METRICS
from experiments.outputs import (
    FAILURES,
    beliefs_frame,
    bound_frame,
    groups_frame,
    ledger_frame,
    write_frame,
)
from experiments.precision import TargetPrecision, pairing
from experiments.summary import summary, write_summary
from experiments.tables import Tidy, results_hash, runs_table, timeline_table
from experiments.tasks import Cell, Outcome
from experiments.trial import Trial
from experiments.verdict import Verdict, verdict

if TYPE_CHECKING:
    from experiments.executors import Executor

PRECISION = 0.01
"""Without a target, replicates needed are told for a half-width of this share of the baseline's mean."""


@dataclass(frozen=True)
class Findings:
    """What a trial says.

    Attributes:
        resolved: the question.
        trial: everything that ran.
        folder: where files go.
    """

    resolved: Resolved
    trial: Trial
    folder: Path

    def comparison(
        self, about: Mapping[str, Any], start: float, executor: Executor | None = None
    ) -> Comparison:
        """Judge, write every file, and say what was found.

        Args:
            about: the manifest as it was before the run.
            start: when the run began, on the clock of `time.perf_counter`.
            executor: draws the report's figures; None draws them here.
        """
        bound, beliefs = bound_frame(self._outcomes), beliefs_frame(self._outcomes)

        def write_others() -> None:
            write_summary(self._summary, self.folder / "summary.csv")
            write_frame(bound, self.folder / "bound.csv")
            write_frame(beliefs, self.folder / "beliefs.csv")

        with ThreadPoolExecutor(1) as aside:
            large = aside.submit(self._write_large)  # Compressed beside what is computed here.
            manifest = {
                **about,
                **({"partial": True} if self.trial.campaign.interrupted else {}),
                "results_hash": results_hash((self._runs, self._timeline)),
                "tasks_computed": len(self.trial.campaign.computed),
                "tasks_reused": len(self.trial.campaign.reused),
                "duration": round(time.perf_counter() - start, 3),
            }
            found = self._judged(manifest, bound, beliefs)
            if self.resolved.experiment.report:
                found.report(executor, meanwhile=write_others)
            else:
                write_others()
            large.result()
        write_manifest({**manifest, "duration": round(time.perf_counter() - start, 3)}, self.folder)
        return found

    def _write_large(self) -> None:
        """Write the tables that have a row for each run or customer."""
        for table in (self._runs, self._timeline):
            table.write(self.folder / f"{table.name}.parquet")
        if self.resolved.experiment.customers:
            # Here, because it loads the model, and else this process needs none.
            from experiments.customer_table import write_customers

            write_customers(self._outcomes, self.folder / "customers.parquet")

    def _judged(self, manifest: Mapping[str, Any], bound: pd.DataFrame, beliefs: pd.DataFrame) -> Comparison:
        """Everything that was found, with its verdict."""
        return Comparison(
            resolved=self.resolved,
            folder=self.folder,
            summary=self._summary,
            runs=self._frame,
            timeline=self._timeline.frame(),
            ledger=ledger_frame(self._outcomes, self.resolved.world.market.currency),
            groups=groups_frame(self._outcomes),
            pairing=self._pairing(),
            bound=bound,
            beliefs=beliefs,
            verdict=self._verdict(),
            manifest=manifest,
            failures=tuple(self.trial.campaign.failures),
            notes=tuple(self._notes()),
            value=self._value(),
        )

    @cached_property
    def _kept(self) -> tuple[dict[Cell, Outcome], tuple[str, ...]]:
        return self.trial.outcomes()

    @property
    def _outcomes(self) -> dict[Cell, Outcome]:
        return self._kept[0]

    @cached_property
    def _runs(self) -> Tidy:
        return runs_table(self._outcomes, self.trial.axes)

    @cached_property
    def _timeline(self) -> Tidy:
        return timeline_table(self._outcomes, self.trial.axes)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        return self._runs.frame()

    @property
    def _pilot(self) -> int | None:
        return self.resolved.settings.replicates if self.trial.plan else None

    @cached_property
    def _summary(self) -> pd.DataFrame:
        directions = {name: metric.direction for name, metric in METRICS.items()}
        return summary(self._frame, self.resolved.baseline, directions, self._pilot)

    def _verdict(self) -> Verdict:
        goal = self.resolved.goal
        direction = METRICS[goal.metric].direction
        return verdict(
            self._frame,
            self.resolved.baseline,
            goal.name,
            goal.metric,
            direction,
            self.resolved.focal,
            pilot=self._pilot,
        )

    def _pairing(self) -> pd.DataFrame:
        precision = self.resolved.settings.precision
        pilot = max(2, self.resolved.settings.replicates)
        wish = (
            TargetPrecision(PRECISION, relative=True, pilot=pilot, cap=max(pilot, precision.max_replicates))
            if precision.target is None
            else TargetPrecision(
                precision.target, precision.relative, pilot, max(pilot, precision.max_replicates)
            )
        )
        return pairing(self._frame, self.resolved.baseline, wish, self.resolved.focal)

    def _value(self) -> float:
        """The goal's value of the last listed scenario, mean over draws and lucks."""
        rows = self._summary
        last = self.resolved.world.scenarios[-1].name
        row = rows[
            (rows["scenario"] == last)
            & (rows["provider"] == self.resolved.focal)
            & (rows["segment"] == "all")
            & (rows["metric"] == self.resolved.goal.metric)
        ]
        return float(row["mean"].iloc[0])

    def _notes(self) -> list[str]:
        """Sentences that limit the result, most serious first."""
        settings, notes = self.resolved.settings, []
        failures, dropped = self.trial.campaign.failures, self._kept[1]
        if self.trial.campaign.interrupted:
            lucks = len({(draw, replicate) for _, draw, replicate in self._outcomes})
            notes.append(
                f"PARTIAL: interrupted with {lucks} of {settings.draws * settings.replicates} runs finished in every "
                "scenario, and without equal spend; the same command goes on from there."
            )
        elif failures:
            verb = "is" if len(dropped) == 1 else "are"
            notes.append(
                f"{counted(failures)} failed; {', '.join(dropped)} {verb} left out of every table ({FAILURES})."
            )
        for name, share in (self.trial.equal.reached if self.trial.equal else {}).items():
            if abs(share - 1.0) > self.resolved.experiment.tolerance:
                notes.append(
                    f"At equal spend {name} costs {share:.1%} of the common spend: its cost moves in steps."
                )
        plan = self.trial.plan
        if plan and not plan.reached:
            notes.append(
                f"The target precision asks for {plan.wanted} replicates; {plan.replicates} were run."
            )
        if not settings.paired:
            notes.append(
                "Scenarios do not share their luck (paired=false): differences carry the luck of both."
            )
        if self.resolved.experiment.customers and not settings.individuals:
            notes.append(
                "Expected effects of single customers were not run (individuals=0); realised ones are."
            )
        peeking = [s.name for s in self.resolved.world.scenarios if any(x.peeks for x in s.focal.values())]
        if peeking:
            notes.append(f"{', '.join(peeking)} peek at hidden states (an oracle): no firm could do this.")
        return notes
