"""Ask: run the scenarios at every point, and write down who is best where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import ConfigError
from experiments.session import folder_of, session

if TYPE_CHECKING:
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.points.axis import Axis
    from experiments.points.design import Design
    from experiments.sweep.found import SweepFound
    from experiments.work import Model

MOST = 10_000_000
"""Most points of a grid."""


def sweep(overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False) -> SweepFound:
    """Compose and run it; the function behind `tenure experiment=sweep`.

    Args:
        overrides: as on the command line, without `experiment=sweep`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return swept(compose(["experiment=sweep", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=sweep`: run, write, say what was found.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(swept, resolved, folder)


def swept(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> SweepFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: an axis or a metric is not there, or the folder holds another configuration.
        TasksFailedError: nothing was finished.
    """
    from experiments.points.ask import ending, metrics_of, write_answer
    from experiments.points.axis import PAIR, assumptions, axes_of
    from experiments.points.base import base_of
    from experiments.points.survey import Stage, Survey
    from experiments.points.table import tidy
    from experiments.sweep.found import SweepFound
    from experiments.sweep.page import sheet

    asked, settings = resolved.experiment, resolved.settings
    metrics = metrics_of(resolved, asked.metrics)
    axes = (
        assumptions(resolved, asked.under)
        if asked.under is not None and asked.over is None
        else axes_of(resolved, asked.over or PAIR)
    )
    design = designed(resolved, axes)
    base = base_of(resolved, customers=asked.customers, recalibrate=asked.recalibrate)
    stage = Stage("sweep", base, design, range(settings.draws), range(settings.replicates))
    with session(resolved, folder, console, executor, model) as running:
        survey = Survey(running)
        (ran,) = survey.run([stage])
        found = SweepFound(
            **ending(resolved, folder, running, survey, [ran]),
            design=design,
            scenarios=base.scenarios,
            table=tidy(ran, metrics, resolved.world.market.currency),
        )
    write_answer(found, (lambda: sheet(found)) if asked.report else None, sweep=found.table)
    return found


def designed(resolved: Resolved, axes: Sequence[Axis]) -> Design:
    """The points that the settings ask for.

    Raises:
        ConfigError: nothing is moved, or a grid would be too large.
    """
    from experiments.points.design import grid, latin_hypercube, sobol

    asked = resolved.experiment
    if not axes:
        raise ConfigError(
            "experiment.over={} moves nothing; name a parameter, as in experiment.over={kappa:null}."
        )
    if asked.design == "grid":
        points = 1
        for axis in axes:
            points *= len(axis.steps(asked.steps))
        if points > MOST:
            raise ConfigError(
                f"experiment.steps={asked.steps} over {len(axes)} parameters makes {points:,} points, more than "
                f"{MOST:,}; take fewer of either, or experiment.design=sobol."
            )
        return grid(axes, asked.steps)
    make = latin_hypercube if asked.design == "latin_hypercube" else sobol
    return make(axes, asked.points, resolved.settings.seed)
