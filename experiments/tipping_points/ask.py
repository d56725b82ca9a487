"""Ask: who wins at the point values, what overtakes it, how much of the box it holds, and by which rule."""

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
    from experiments.points.winners import Places
    from experiments.tipping_points.found import TippingFound
    from experiments.tipping_points.tips import Tip
    from experiments.work import Model


def tipping_points(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> TippingFound:
    """Compose and run it; the function behind `tenure experiment=tipping_points`.

    Args:
        overrides: as on the command line, without `experiment=tipping_points`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return tipped(compose(["experiment=tipping_points", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=tipping_points`: run, write, say what flips the winner.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(tipped, resolved, folder)


def tipped(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> TippingFound:
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
    import pandas as pd

    from experiments.metrics import METRICS
    from experiments.points.ask import ending, write_answer
    from experiments.points.axis import assumptions, axes_of
    from experiments.points.base import base_of
    from experiments.points.design import sobol
    from experiments.points.survey import Stage, Survey
    from experiments.points.winners import winners
    from experiments.tipping_points import rules, tips
    from experiments.tipping_points.found import TippingFound
    from experiments.tipping_points.page import sheet

    asked, settings = resolved.experiment, resolved.settings
    axes = assumptions(resolved, asked.under) if asked.over is None else axes_of(resolved, asked.over)
    base = base_of(resolved, customers=asked.customers, recalibrate=asked.recalibrate, point_values=True)
    if not axes or len(base.scenarios) < 2:
        raise ConfigError(
            "experiment=tipping_points needs two scenarios and one assumption at least; list them, as in "
            "scenarios=[passive,active]."
        )
    metric, direction = resolved.goal.metric, METRICS[resolved.goal.metric].direction
    lucks = range(settings.replicates)
    with session(resolved, folder, console, executor, model) as running:
        survey = Survey(running)
        stages = survey.run([Stage("ends", base, _ends(axes), range(1), lucks)], "trying the ends")
        ends = _goal(stages[0], metric, direction)
        winner = int(np.argmax(ends[0].mean(axis=1))) if np.isfinite(ends[0]).all() else -1
        inner = _between(axes, ends, winner, asked.steps) if winner >= 0 else []
        stages += survey.run(
            [Stage("between", base, [axes[i].set_to(v) for i, v in inner], range(1), lucks)], "closing in"
        )
        between = _goal(stages[1], metric, direction)
        box = sobol(axes, asked.points, settings.seed)
        fresh = sobol(axes, asked.fresh, settings.seed + 1)
        later = range(settings.replicates, 2 * settings.replicates)
        stages += survey.run([Stage("box", base, box, range(1), lucks)], "sampling the box")
        stages += survey.run([Stage("fresh", base, fresh, range(1), later)], "judging on fresh luck")
        known, judged = (winners(one.values(metric), direction) for one in stages[2:])
        table = pd.DataFrame(
            [
                tips.row(axis, told, base.scenarios)
                for place, axis in enumerate(axes)
                if (told := _tip(place, axis, ends, inner, between, winner))
            ],
            columns=list(tips.COLUMNS),
        )
        told_rules = _rules(axes, box.table, known.best, fresh.table, judged.best, base.scenarios)
        everywhere = np.concatenate([known.best, judged.best])
        found = TippingFound(
            **ending(resolved, folder, running, survey, stages),
            scenarios=base.scenarios,
            winner=base.scenarios[winner] if winner >= 0 else "",
            table=_sorted(table),
            rules=pd.DataFrame(told_rules, columns=list(rules.COLUMNS)),
            stays=rules.wilson(
                int((everywhere[everywhere >= 0] == winner).sum()), int((everywhere >= 0).sum())
            ),
        )
    write_answer(
        found, (lambda: sheet(found)) if asked.report else None, tipping_points=found.table, rules=found.rules
    )
    return found


def _ends(axes: Sequence[Axis]) -> list[dict[str, float]]:
    """The point values themselves, then for each axis its low end and its high end."""
    points: list[dict[str, float]] = [{}]
    for axis in axes:
        points += [axis.set_to(axis.low), axis.set_to(axis.high)]
    return points


def _goal(ran: Found, metric: str, direction: int) -> Floats:
    """The goal, better is higher, float64 [points, scenarios, lucks]."""
    return np.asarray(ran.values(metric)[:, :, 0] * direction)


def _between(axes: Sequence[Axis], ends: Floats, winner: int, steps: int) -> list[tuple[int, float]]:
    """Values between the point value and every end at which the winner is overtaken: (axis, value)."""
    from experiments.tipping_points.tips import lead_of

    found = []
    for place, axis in enumerate(axes):
        for side, end in ((1, axis.low), (2, axis.high)):
            own = ends[2 * place + side]
            if np.isfinite(own).all() and lead_of(own[None], winner).mean() < 0.0:
                start, stop = float(axis.share(_point(axis))), float(axis.share(end))
                inside = axis.at(np.linspace(start, stop, steps + 2)[1:-1])
                found += [
                    (place, float(value)) for value in np.unique(inside) if value not in (_point(axis), end)
                ]
    return found


def _point(axis: Axis) -> float:
    return axis.point if axis.point is not None else float(axis.at(np.array([0.5]))[0])


def _tip(
    place: int, axis: Axis, ends: Floats, inner: Sequence[tuple[int, float]], between: Floats, winner: int
) -> Tip | None:
    from experiments.tipping_points.tips import tip

    if winner < 0:
        return None
    tried = {_point(axis): ends[0], axis.low: ends[2 * place + 1], axis.high: ends[2 * place + 2]}
    tried.update({value: between[row] for row, (own, value) in enumerate(inner) if own == place})
    listed = sorted(tried)
    values = np.stack([tried[value] for value in listed])
    if not np.isfinite(values).all():
        return None
    return tip(axis.share(np.array(listed)), values, winner, float(axis.share(_point(axis))))


def _rules(
    axes: Sequence[Axis],
    table: Floats,
    best: Places,
    fresh: Floats,
    judged_by: Places,
    scenarios: Sequence[str],
) -> list[tuple[object, ...]]:
    from experiments.tipping_points.rules import judged, learned

    known, told = best >= 0, judged_by >= 0
    if known.sum() < 8 or not told.any():
        return []
    return [
        judged(rule, axes, fresh[told], judged_by[told], scenarios[rule.winner])
        for rule in learned(axes, table[known], best[known])
    ]


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """What flips first; within a reading by how much the worse end costs the winner."""
    from experiments.tipping_points.tips import FLIPS, MAY_FLIP, STAYS, UNCLEAR

    order = {FLIPS: 0, MAY_FLIP: 1, UNCLEAR: 2, STAYS: 3}
    worst = table[["lead_at_low", "lead_at_high"]].min(axis=1)
    keys = table.assign(_order=table["reading"].map(order), _worst=worst)
    return (
        keys.sort_values(["_order", "_worst"], kind="stable")
        .drop(columns=["_order", "_worst"])
        .reset_index(drop=True)
    )
