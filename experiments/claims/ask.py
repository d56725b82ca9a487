"""Ask: run everything that the claims need, judge them, say who wins where, and write it all down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import TasksFailedError
from experiments.session import folder_of, session, shown, whereabouts

if TYPE_CHECKING:
    import pandas as pd

    from experiments.claims.cases import Lived
    from experiments.claims.found import ClaimsFound
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.session import Session
    from experiments.work import Model

CLAIMS, VERDICTS, WINNERS, RUNS, REPORT = (
    "claims.csv", "verdicts.csv", "winners.csv", "runs.parquet", "report.html",
)  # fmt: skip


def claims(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> ClaimsFound:
    """Compose, run and judge the claims; the function behind `tenure experiment=claims`.

    Args:
        overrides: as on the command line, without `experiment=claims`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration or the claims cannot be used, or the folder holds another run.
        TasksFailedError: nothing was left of any world.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return judged(compose(["experiment=claims", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=claims`: run, judge, write, say the verdicts.

    Returns:
        None: claims have no goal.

    Raises:
        TasksFailedError: some tasks, or whole worlds, failed; everything else was kept and written.
    """
    from experiments.campaign import said
    from experiments.console import Console

    console = Console()
    whereabouts(folder, console)
    found = judged(resolved, folder, console)
    _announce(found, console)
    if found.failures:
        raise TasksFailedError(said(found.failures, shown(folder)))
    return None


def judged(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> ClaimsFound:
    """Judge the claims of a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: the claims or every world cannot be used, or the folder holds another configuration.
        TasksFailedError: nothing was left of any world.
    """
    from experiments.claims.cases import all_lived, cases
    from experiments.claims.claim import read_claims
    from experiments.claims.found import ClaimsFound
    from experiments.claims.judge import table, verdicts
    from experiments.claims.winners import read_goal, winners

    asked, usual = resolved.experiment, resolved.settings.horizon_months
    listed = read_claims(asked.claims)
    goals = [read_goal(name) for name in asked.goals]
    parts, notes = cases(resolved, listed)
    with session(resolved, folder, console, executor, model) as running:
        worlds, lost = all_lived(resolved, parts, running)
    rows = table(listed, worlds, lost, usual)
    found = ClaimsFound(
        resolved=resolved,
        folder=folder,
        claims=listed,
        table=rows,
        verdicts=verdicts(listed, rows),
        winners=winners(worlds, goals, asked.kinds, usual),
        currencies={w.part.case.market: w.resolved.world.market.currency for w in worlds},
        manifest=running.finished(_hash(worlds), claims={claim.name: asdict(claim) for claim in listed}),
        failures=tuple(running.failures),
        notes=(
            *notes,
            *(f"{case.title} is missing: {why}" for case, why in lost.items()),
            *(note for world in worlds for note in world.notes),
            *(("Only one set of assumptions was tried (draws=1): every verdict is at point values.",)
              if resolved.settings.draws == 1 else ()),
        ),
    )  # fmt: skip
    _write(found, worlds, running)
    return found


def _hash(worlds: Sequence[Lived]) -> str:
    """SHA-256 over the results' hashes of all worlds, by world."""
    from experiments.fingerprint import digest

    return digest(sorted([world.part.case.title, world.results_hash] for world in worlds))


def _write(found: ClaimsFound, worlds: Sequence[Lived], running: Session) -> None:
    from experiments.claims.page import sheet
    from experiments.manifest import write_manifest
    from experiments.report.page import write_text
    from experiments.report.sheet import render
    from experiments.tables import write_frame

    for name, frame in ((CLAIMS, found.table), (VERDICTS, found.verdicts), (WINNERS, found.winners)):
        frame.to_csv(found.folder / name, index=False, lineterminator="\n")
    write_frame(_runs(worlds), found.folder / RUNS)
    if found.resolved.experiment.report:
        write_text(render(sheet(found)), found.folder / REPORT)
    write_manifest(found.manifest, running.folder)


def _runs(worlds: Sequence[Lived]) -> pd.DataFrame:
    """The runs of every world in one table, its keys in front."""
    import pandas as pd

    parts = []
    for world in worlds:
        case = world.part.case
        part = world.runs.copy()
        for place, name in enumerate(("market", "customers", "horizon_months")):
            part.insert(place, name, getattr(case, name))
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True)
    texts = [name for name in whole.columns if whole[name].dtype not in ("int64", "int32", "float64")]
    return whole.astype(dict.fromkeys(texts, "str"))


def _announce(found: ClaimsFound, console: Console) -> None:
    """Say what was found."""
    from experiments.claims.page import chance, summary

    console.say(f"\n{found.sentence}\n{found.chance}\n")
    rows = [
        (
            str(row["claim"]),
            summary(row),
            *(str(row[name]) for name in ("held", "failed", "undecided")),
            chance(row),
        )
        for row in found.verdicts.to_dict(orient="records")
    ]
    console.table(
        "Claims, over all worlds", ("", "verdict", "held", "failed", "undecided", "by chance"), rows
    )
    console.say("")
    for line in (*found.winning, *(f"Note: {note}" for note in found.notes)):
        console.say(line)
    if found.resolved.experiment.report:
        console.say(f"Report: {shown(found.folder / REPORT)}")
