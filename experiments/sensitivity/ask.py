"""Ask: screen the assumptions where they are many, then split the variance of the differences among the largest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.errors import ConfigError
from experiments.session import folder_of, session

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.points.axis import Axis
    from experiments.points.found import Floats, Found
    from experiments.sensitivity.found import SensitivityFound
    from experiments.work import Model


def sensitivity(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> SensitivityFound:
    """Compose and run it; the function behind `tenure experiment=sensitivity`.

    Args:
        overrides: as on the command line, without `experiment=sensitivity`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return told(compose(["experiment=sensitivity", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=sensitivity`: run, write, say which assumption decides most.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(told, resolved, folder)


def told(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> SensitivityFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: nothing is moved or nothing is compared, or the folder holds another configuration.
        TasksFailedError: nothing was finished.
    """
    from experiments.points.ask import ending, write_answer
    from experiments.points.axis import assumptions, axes_of
    from experiments.points.base import base_of
    from experiments.points.survey import Stage, Survey
    from experiments.sensitivity.found import SensitivityFound
    from experiments.sensitivity.indices import indices, morris_design, screening, sobol_design
    from experiments.sensitivity.page import sheet

    asked, settings = resolved.experiment, resolved.settings
    axes = assumptions(resolved, asked.under) if asked.over is None else axes_of(resolved, asked.over)
    if len(axes) < 2:
        raise ConfigError(
            f"experiment.over names {len(axes)} parameters; sensitivity is shared among two at least."
        )
    base = base_of(resolved, customers=asked.customers, recalibrate=asked.recalibrate, point_values=True)
    if len(base.scenarios) < 2:
        raise ConfigError(
            f"scenarios=[{base.scenarios[0]}] leaves no difference to look at; list two, as in scenarios=[none,active]."
        )
    metric, lucks = resolved.goal.metric, range(settings.replicates)
    screened: pd.DataFrame | None = None
    stages: list[Found] = []
    with session(resolved, folder, console, executor, model) as running:
        survey = Survey(running)
        kept = axes
        if len(axes) > asked.most:
            design, shares = morris_design(axes, asked.trajectories, settings.seed)
            (ran,) = survey.run([Stage("screening", base, design, range(1), lucks)], "screening")
            stages.append(ran)
            screened = screening(axes, shares, outputs(ran, metric), settings.seed)
            kept = _largest(axes, screened, asked.most)
        split = None
        if len(kept) > 1:
            design = sobol_design(kept, asked.points, settings.seed)
            (ran,) = survey.run([Stage("sobol", base, design, range(1), lucks)], "splitting variance")
            stages.append(ran)
            split = indices(kept, outputs(ran, metric), settings.seed)
        found = SensitivityFound(
            **ending(resolved, folder, running, survey, stages, *_unsaid(stages, metric)),
            axes=axes,
            screening=screened,
            indices=split,
            base=base,
        )
    tables = {"screening": screened, "sensitivity": split}
    write_answer(
        found,
        (lambda: sheet(found)) if asked.report else None,
        **{name: table for name, table in tables.items() if table is not None},
    )
    return found


def outputs(ran: Found, metric: str) -> dict[str, Floats]:
    """What indices are told of, float64 [points]: each scenario's difference to the baseline, then the levels."""
    base = ran.stage.base
    means = ran.values(metric).mean(axis=(2, 3))
    against = means[:, base.scenarios.index(base.baseline)]
    differences = {
        f"{name} less {base.baseline}": means[:, place] - against
        for place, name in enumerate(base.scenarios)
        if name != base.baseline
    }
    return {**differences, **{name: means[:, place] for place, name in enumerate(base.scenarios)}}


def _largest(axes: Sequence[Axis], screened: pd.DataFrame, most: int) -> tuple[Axis, ...]:
    """The axes with the largest effect on any difference, in their own order; all where nothing was told."""
    differences = screened[screened["output"].str.contains(" less ")]
    if differences.empty:
        return ()
    scaled = differences.assign(
        share=differences["mu_star"]
        / differences.groupby("output")["mu_star"].transform("max").replace(0.0, np.nan)
    )
    order = scaled.groupby("axis")["share"].max().sort_values(ascending=False, kind="stable")
    chosen = set(order.index[:most])
    return tuple(axis for axis in axes if axis.name in chosen)


def _unsaid(stages: Sequence[Found], metric: str) -> list[str]:
    """Why some output has no index."""
    return [
        f"In {found.stage.name}, {int(missing):,} of {len(found.stage.points):,} points lack a value in some scenario: "
        "outputs that miss one have no index."
        for found in stages
        if (missing := np.isnan(found.values(metric)).any(axis=(1, 2, 3)).sum())
    ]
