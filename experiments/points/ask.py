"""Ask: what every experiment over points does around its own question - metrics, notes, files, how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import ConfigError, TasksFailedError
from experiments.session import Session, shown, whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from experiments.campaign import Failure
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.points.found import Found
    from experiments.points.survey import Survey
    from experiments.report.sheet import Sheet

REPORT = "report.html"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What an experiment over points found; its files are in `folder`.

    Attributes:
        resolved: the question.
        folder: where it was written.
        manifest: what the run was.
        failures: tasks that failed by themselves.
        notes: sentences that limit the result.
        partial: whether it was interrupted.
    """

    resolved: Resolved
    folder: Path
    manifest: Mapping[str, Any]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    partial: bool

    @property
    def sentence(self) -> str:
        """The answer."""
        raise NotImplementedError

    @property
    def value(self) -> float | None:
        """The number that a search over commands would look at; None where there is none."""
        raise NotImplementedError


def answered(
    run: Callable[[Resolved, Path, Console], Finding], resolved: Resolved, folder: Path
) -> float | None:
    """Run an experiment as a command: say where it writes, what it found, and end as the result deserves.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; what was finished is kept, and a partial report is written.
    """
    from experiments.campaign import said
    from experiments.console import Console

    console = Console()
    whereabouts(folder, console)
    found = run(resolved, folder, console)
    console.say(f"\n{found.sentence}\n")
    for note in found.notes:
        console.say(f"Note: {note}")
    if (folder / REPORT).is_file():
        console.say(f"Report: {shown(folder / REPORT)}")
    if found.partial:
        raise KeyboardInterrupt
    if found.failures:
        raise TasksFailedError(said(found.failures, shown(folder)))
    return found.value


def metrics_of(resolved: Resolved, more: Iterable[str]) -> list[str]:
    """The goal's metric and others, each once.

    Raises:
        ConfigError: one is not a metric.
    """
    from experiments.metrics import METRICS
    from experiments.names import hint

    listed = list(dict.fromkeys([resolved.goal.metric, *more]))
    for name in listed:
        if name not in METRICS:
            raise ConfigError(f"experiment.metrics: {name} is not a metric; {hint(name, METRICS)}.")
    return listed


def limits(resolved: Resolved, stages: Sequence[Found], survey: Survey) -> list[str]:
    """Sentences that limit a result, most serious first."""
    notes = []
    if survey.interrupted:
        done, asked = sum(found.finished for found in stages), sum(found.stage.tasks for found in stages)
        notes.append(
            f"PARTIAL: interrupted after {done:,} of {asked:,} tasks; the same command goes on from there."
        )
    if survey.failures:
        notes.append(
            f"{len(survey.failures):,} tasks failed (failures.csv); points that miss one have no result."
        )
    if resolved.settings.draws == 1:
        notes.append("Whatever was not moved is held at its point value (draws=1).")
    return notes


def simulated(resolved: Resolved, customers: int | None) -> list[tuple[str, str]]:
    """Facts below the heading of a page: market, customers, provider, goal and what was simulated."""
    settings, world = resolved.settings, resolved.world
    people = world.market.customers if customers is None else customers
    size = f"{settings.horizon_months:g} months, {settings.draws} draws, {settings.replicates} replicates"
    return [
        ("Market", world.market.title),
        ("Customers", world.customers.title),
        ("Provider", resolved.focal),
        ("Goal", resolved.goal.title),
        ("Simulated", f"{people:,} people, {size} at each point"),
    ]


def ending(
    resolved: Resolved, folder: Path, running: Session, survey: Survey, stages: Sequence[Found], *notes: str
) -> dict[str, Any]:
    """What every `Finding` holds, once the work is done or interrupted.

    Args:
        resolved, folder: the question and where it was written.
        running, survey: the work.
        stages: what came of it.
        notes: more sentences that limit the result.

    Raises:
        TasksFailedError: nothing was finished.
        KeyboardInterrupt: nothing was finished before somebody pressed Ctrl-C.
    """
    if not any(found.finished for found in stages):
        if survey.interrupted:
            raise KeyboardInterrupt
        first = survey.failures[0].error if survey.failures else "no task was finished"
        raise TasksFailedError(f"No point was finished; the first error is {first} (all in failures.csv).")
    partial = {"partial": True} if survey.interrupted else {}
    return {
        "resolved": resolved,
        "folder": folder,
        "manifest": running.finished(survey.results_hash(), **partial),
        "failures": tuple(survey.failures),
        "notes": (*limits(resolved, stages, survey), *notes),
        "partial": survey.interrupted,
    }


def write_answer(found: Finding, sheet: Callable[[], Sheet] | None, **tables: pd.DataFrame) -> None:
    """Write tables as `NAME.csv`, the page and the manifest.

    Args:
        found: what was found.
        sheet: makes the page; None writes none.
        tables: pandas tables by name.
    """
    from experiments.manifest import write_manifest
    from experiments.report.page import write_text
    from experiments.report.sheet import render

    folder = found.folder
    for name, table in tables.items():
        beside = folder / f".{name}.csv.tmp"
        table.to_csv(beside, index=False, lineterminator="\n")
        beside.replace(folder / f"{name}.csv")
    if sheet is not None:
        write_text(render(sheet()), folder / REPORT)
    write_manifest(dict(found.manifest), folder)
