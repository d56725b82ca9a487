"""A comparison: what was found, as tables, a verdict and a report."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.campaign import Failure
from experiments.compose import Resolved
from experiments.outputs import assumptions
from experiments.verdict import Verdict

if TYPE_CHECKING:
    from experiments.executors import Executor

_EXACT = 1e9
"""A larger ratio of variances is rounding: the difference does not depend on luck at all."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison found; its files are in `folder`.

    Attributes:
        resolved: the question.
        folder: where it was written.
        summary, runs, timeline: the tables of `summary.csv`, `runs.parquet` and `timeline.parquet`.
        ledger, groups, pairing: what the report shows beside them (`experiments.report.inputs`).
        bound, beliefs: the tables of `bound.csv` and `beliefs.csv`, which are written where they are not empty.
        verdict: the answer.
        manifest: what the run was.
        failures: tasks that failed by themselves; their draws or lucks are left out of every table.
        notes: sentences that limit the result.
        value: the goal's value of the last listed scenario, mean over draws and lucks.
    """

    resolved: Resolved
    folder: Path
    summary: pd.DataFrame
    runs: pd.DataFrame
    timeline: pd.DataFrame
    ledger: pd.DataFrame
    groups: pd.DataFrame
    pairing: pd.DataFrame
    bound: pd.DataFrame
    beliefs: pd.DataFrame
    verdict: Verdict
    manifest: Mapping[str, Any]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    value: float

    def _told(self) -> pd.DataFrame:
        """What pairing gained, for the last listed scenario but the baseline; the goal first, the exact left out.

        A metric that differs by the same amount under every luck has a ratio without bound: no measurement.
        """
        others = [one.name for one in self.resolved.world.scenarios if one.name != self.resolved.baseline]
        rows = self.pairing[self.pairing["scenario"] == others[-1]] if others else self.pairing
        rows = rows[rows["variance_ratio"] < _EXACT]
        first = rows["metric"] == self.resolved.goal.metric
        return pd.concat([rows[first], rows[~first]], ignore_index=True)

    def report(self, executor: Executor | None = None, meanwhile: Callable[[], None] | None = None) -> Path:
        """Write `report.html` and return its path; see `experiments.report.page.write_report`."""
        from experiments.report.inputs import ReportInput
        from experiments.report.page import write_report

        asked, market = self.resolved, self.resolved.world.market
        names = [scenario.name for scenario in asked.world.scenarios]
        content = ReportInput(
            title=f"Retention strategies: {market.title}",
            question=f"Which of {', '.join(names)} is best for {asked.goal.title}?",
            market=market.title,
            currency=market.currency,
            baseline=asked.baseline,
            focal=asked.focal,
            verdict=self.verdict,
            summary=self.summary,
            timeline=self.timeline,
            ledger=self.ledger,
            groups=self.groups,
            pairing=self._told(),
            bound=self.bound,
            beliefs=self.beliefs,
            assumptions=assumptions(asked.parameters, () if asked.settings.draws == 1 else asked.ensemble),
            manifest={"command": shlex.join(["tenure", *asked.overrides]), **self.manifest},
            notes=self.notes,
            order=names,
        )
        path = self.folder / "report.html"
        write_report(content, path, executor, meanwhile)
        return path
