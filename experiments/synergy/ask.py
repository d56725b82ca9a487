"""Ask: run the four scenarios and the orders, take the interaction, and write it all down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import ConfigError, TasksFailedError
from experiments.session import folder_of, session, shown, whereabouts

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.synergy.found import SynergyFound
    from experiments.trial import Trial
    from experiments.verdict import Verdict
    from experiments.work import Model

TABLE, REPORT = "synergy.csv", "report.html"


def synergy(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> SynergyFound:
    """Compose and run it; the function behind `tenure experiment=synergy`.

    Args:
        overrides: as on the command line, without `experiment=synergy`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: no draw and luck was left in which every scenario was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return interacted(compose(["experiment=synergy", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=synergy`: run, write, say what was found.

    Returns:
        the goal's interaction, mean over draws and lucks; None where it has no value.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
    """
    from experiments.campaign import said
    from experiments.console import Console

    console = Console()
    whereabouts(folder, console)
    found = interacted(resolved, folder, console)
    _announce(found, console)
    if found.failures:
        raise TasksFailedError(said(found.failures, shown(folder)))
    return found.value


def interacted(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> SynergyFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: a scenario or metric is not there, or the folder holds another configuration.
        TasksFailedError: no draw and luck was left in which every scenario was finished.
    """
    import pandas as pd

    from experiments.crossing import crossing
    from experiments.recompose import recomposed
    from experiments.synergy.found import SynergyFound
    from experiments.synergy.interaction import arms, effects, orders
    from experiments.tables import results_hash, runs_table, timeline_table
    from experiments.trial import Trial

    asked = resolved.experiment
    metrics = _metrics(resolved)
    existing = _there(resolved)
    order = tuple(name for name in asked.orders if name in existing)
    scenarios = list(dict.fromkeys([*arms(asked), *order]))
    comparison = recomposed(resolved, scenarios, {}, len(order) > 1, asked.tolerance)
    with session(resolved, folder, console, executor, model) as running:
        trial = Trial(comparison, running.campaign(), frozenset(order))
        trial.run()
    outcomes, dropped = trial.outcomes()
    tables = [table(outcomes, trial.axes) for table in (runs_table, timeline_table)]
    runs = tables[0].frame()
    crossed = crossing(runs).narrowed(provider=comparison.focal, segment="all")
    pilot = comparison.settings.replicates if trial.plan else None
    found = SynergyFound(
        resolved=resolved,
        folder=folder,
        table=pd.concat(
            [effects(crossed, asked, metrics, pilot), orders(crossed, order, metrics, pilot)],
            ignore_index=True,
        ),
        orders=order,
        order=_order(comparison, runs, order, pilot),
        manifest=running.finished(results_hash(tables)),
        failures=tuple(running.failures),
        notes=tuple(_notes(comparison, resolved, trial, order, dropped)),
    )
    tables[0].write(folder / "runs.parquet")
    _write(found)
    return found


def _metrics(resolved: Resolved) -> list[str]:
    """The goal's metric and the others, each once."""
    from experiments.metrics import METRICS
    from experiments.names import hint

    for name in resolved.experiment.metrics:
        if name not in METRICS:
            raise ConfigError(f"experiment.metrics: {name} is not a metric; {hint(name, METRICS)}.")
    return list(dict.fromkeys([resolved.goal.metric, *resolved.experiment.metrics]))


def _there(resolved: Resolved) -> set[str]:
    """Scenarios that can be run.

    Raises:
        ConfigError: one of the four is not among them, or stands for two.
    """
    from experiments.names import hint
    from experiments.options import options
    from experiments.synergy.interaction import arms

    asked = resolved.experiment
    there = {*options("scenarios"), *(s.name for s in resolved.world.scenarios)}
    named = dict(zip(("neither", "passive", "active", "both"), arms(asked), strict=True))
    for key, name in named.items():
        if name not in there:
            raise ConfigError(f"experiment.{key}={name} is not a scenario; {hint(name, there)}.")
        if list(named.values()).count(name) > 1:
            raise ConfigError(f"experiment.{key}={name} stands for two of the four scenarios; name four.")
    return there


def _order(
    comparison: Resolved, runs: pd.DataFrame, order: Sequence[str], pilot: int | None
) -> Verdict | None:
    """The goal's verdict among the orders at equal spend."""
    from experiments.metrics import METRICS
    from experiments.tasks import EQUAL_SPEND
    from experiments.verdict import verdict

    scaled = [name for name in order if f"{name}{EQUAL_SPEND}" in set(runs["scenario"])]
    if len(scaled) < 2:
        return None
    part = runs[runs["scenario"].isin([f"{name}{EQUAL_SPEND}" for name in scaled])]
    part = part.assign(scenario=part["scenario"].astype(str).str.removesuffix(EQUAL_SPEND))
    goal = comparison.goal
    direction = METRICS[goal.metric].direction
    return verdict(part, scaled[0], goal.name, goal.metric, direction, comparison.focal, pilot=pilot)


def _notes(
    comparison: Resolved, resolved: Resolved, trial: Trial, order: Sequence[str], dropped: Sequence[str]
) -> list[str]:
    """Sentences that limit the result, most serious first."""
    asked, notes = resolved.experiment, []
    if dropped:
        notes.append(f"Some tasks failed; {', '.join(dropped)} left out of every table (failures.csv).")
    world = {s.name: s for s in comparison.world.scenarios}
    passive, active, both = (world[name].focal for name in (asked.passive, asked.active, asked.both))
    if dict(both) != {**passive, **active} or set(passive) & set(active):
        notes.append(
            f"{asked.both} is not exactly {asked.passive} plus {asked.active}: other strategies differ too."
        )
    notes += [
        f"{name} is left out of the orders: there is no such scenario."
        for name in asked.orders
        if name not in order
    ]
    notes += [
        f"At equal spend {name} costs {share:.1%} of the common spend: its cost moves in steps."
        for name, share in (trial.equal.reached if trial.equal else {}).items()
        if abs(share - 1.0) > asked.tolerance
    ]
    if resolved.settings.draws == 1:
        notes.append("Only one set of assumptions was tried (draws=1): every reading is at point values.")
    return notes


def _write(found: SynergyFound) -> None:
    from experiments.manifest import write_manifest
    from experiments.report.page import write_text
    from experiments.report.sheet import render
    from experiments.synergy.page import sheet

    found.table.to_csv(found.folder / TABLE, index=False, lineterminator="\n")
    if found.resolved.experiment.report:
        write_text(render(sheet(found)), found.folder / REPORT)
    write_manifest(found.manifest, found.folder)


def _announce(found: SynergyFound, console: Console) -> None:
    """Say what was found."""
    from experiments.synergy.interaction import INTERACTION

    console.say(f"\n{found.sentence}\n{found.ordering}\n")
    rows = [
        (str(row["metric"]).replace("_", " "), *found.texts(row), str(row["reading"]))
        for row in found.rows(INTERACTION)
    ]
    head = ("", "beyond the sum", "95 % over markets", "95 % by luck", "reading")
    console.table("Interaction by metric", head, rows)
    console.say("")
    for note in found.notes:
        console.say(f"Note: {note}")
    if found.resolved.experiment.report:
        console.say(f"Report: {shown(found.folder / REPORT)}")
