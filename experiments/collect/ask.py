"""Ask: read the jobs of a multirun folder, and write them down together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import ConfigError
from experiments.session import folder_of, shown, whereabouts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from experiments.collect.jobs import Job
    from experiments.compose import Resolved

TABLE = "collect.csv"


@dataclass(frozen=True)
class Collected:
    """What was collected; its files are in `folder`.

    Attributes:
        source: the multirun folder.
        folder: where it was written.
        jobs: the jobs.
        table: the jobs' summaries behind one another (`collect.csv`).
        currency: of amounts; `""` where the jobs differ.
        manifest: what the run was.
    """

    source: Path
    folder: Path
    jobs: tuple[Job, ...]
    table: pd.DataFrame
    currency: str
    manifest: Mapping[str, Any]

    @property
    def goal(self) -> pd.DataFrame:
        """Rows of each job's own goal, of all its customers, as configured."""
        if "metric" not in self.table:
            return self.table
        rows = self.table[
            self.table["goal"] & (self.table["segment"] == "all") & (self.table["provider"] != "all")
        ]
        firsts = rows.groupby("job")["provider"].transform("first")
        return rows[(rows["provider"] == firsts) & ~rows["scenario"].str.contains("@")]

    @property
    def sentence(self) -> str:
        """How many jobs are done, and which scenario is best in how many of them."""
        from experiments.collect.jobs import DONE

        done = sum(job.state == DONE for job in self.jobs)
        head = f"{done} of {len(self.jobs)} jobs are done"
        goal = self.goal
        if goal.empty:
            return f"{head}; none of them is a comparison, so there is nothing to compare."
        best = goal.assign(signed=goal["mean"] * goal["direction"]).sort_values("signed", kind="stable")
        counts = best.groupby("job")["scenario"].last().value_counts()
        parts = [f"{name} in {count}" for name, count in counts.items()]
        return f"{head}; the best scenario for its own goal is {', '.join(parts)}."


def collect(source: Path | str, folder: Path | str | None = None) -> Collected:
    """Collect a multirun folder; the function behind `tenure experiment=collect`.

    Args:
        source: the folder that holds the jobs 0, 1, ...
        folder: where to write; None makes `outputs/DATE/TIME`.

    Raises:
        ConfigError: there is no such folder, or it holds no job.
    """
    from experiments.compose import compose

    return gathered(compose(["experiment=collect", f"experiment.folder={source}"]), folder_of(folder))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=collect`: read, write, say what the jobs found.

    Raises:
        ConfigError: no folder was given, or it holds no job.
    """
    from experiments.console import Console

    console = Console()
    whereabouts(folder, console)
    found = gathered(resolved, folder)
    console.say(f"\n{found.sentence}\n")
    console.say(f"Report: {shown(folder / 'report.html')}")
    return None


def gathered(resolved: Resolved, folder: Path) -> Collected:
    """Collect what a composed question names into a folder.

    Raises:
        ConfigError: no folder was given, or it holds no job.
    """
    from experiments.collect.jobs import collected, jobs
    from experiments.collect.page import sheet
    from experiments.identity import same_run
    from experiments.manifest import manifest, write_manifest
    from experiments.report.page import write_text
    from experiments.report.sheet import render

    asked = resolved.experiment.folder
    if asked is None:
        raise ConfigError("experiment.folder is missing; give the folder that a command with -m has left.")
    start = time.perf_counter()
    source = Path(asked)
    listed = tuple(jobs(source))
    same_run(folder, resolved.configuration)
    folder.mkdir(parents=True, exist_ok=True)
    found = Collected(
        source=source,
        folder=folder,
        jobs=listed,
        table=collected(listed),
        currency=_currency(listed),
        manifest={
            **manifest(resolved.configuration, resolved.settings.seed),
            "jobs": {job.name: job.results_hash for job in listed},
            "duration": round(time.perf_counter() - start, 3),
        },
    )
    beside = folder / f".{TABLE}.tmp"
    found.table.to_csv(beside, index=False, lineterminator="\n")
    beside.replace(folder / TABLE)
    write_text(render(sheet(found, resolved)), folder / "report.html")
    write_manifest(dict(found.manifest), folder)
    return found


def _currency(listed: tuple[Job, ...]) -> str:
    import json

    from experiments.identity import MANIFEST

    found = set()
    for job in listed:
        if (job.folder / MANIFEST).is_file():
            configuration = json.loads((job.folder / MANIFEST).read_text("utf-8")).get("configuration") or {}
            found.add(str((configuration.get("market") or {}).get("currency", "")))
    return found.pop() if len(found) == 1 else ""
