"""Ask: run every profile from one warm state, and read payoffs, best replies, equilibria and the arms race."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.errors import ConfigError
from experiments.session import folder_of, session

if TYPE_CHECKING:
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.points.base import Base
    from experiments.points.found import Floats, Found
    from experiments.tournament.found import TournamentFound
    from experiments.work import Model

AGAINST = "_against_"
METRICS_TOLD = ("churn_rate", "profit", "customer_equity", "market_share", "cost", "customer_surplus")
"""Metrics that are told of every provider when everybody plays the same set, beside the goal's."""


def tournament(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> TournamentFound:
    """Compose and run it; the function behind `tenure experiment=tournament`.

    Args:
        overrides: as on the command line, without `experiment=tournament`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return played(compose(["experiment=tournament", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=tournament`: run, write, say who should play what.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(played, resolved, folder)


def played(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> TournamentFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: the rival is not there, or the folder holds another configuration.
        TasksFailedError: nothing was finished.
    """
    from experiments.points.ask import ending, write_answer
    from experiments.points.survey import Stage, Survey
    from experiments.tournament.found import TournamentFound
    from experiments.tournament.game import equilibria
    from experiments.tournament.page import sheet
    from experiments.tournament.tables import everybody, payoffs

    settings, asked = resolved.settings, resolved.experiment
    sets = tuple(scenario.name for scenario in resolved.world.scenarios)
    rivals = _rivals(resolved)
    base = _base(resolved, sets, rivals)
    with session(resolved, folder, console, executor, model) as running:
        survey = Survey(running)
        (ran,) = survey.run(
            [Stage("profiles", base, ({},), range(settings.draws), range(settings.replicates))]
        )
        own, other = (matrix(ran, resolved.goal.metric, sets, firms) for firms in ((resolved.focal,), rivals))
        whole = np.isfinite(own).all() and np.isfinite(other).all()
        found = TournamentFound(
            **ending(resolved, folder, running, survey, [ran]),
            sets=sets,
            rivals=rivals,
            payoffs=payoffs(resolved, sets, own, other),
            everybody=everybody(resolved, ran, sets, (resolved.focal, *rivals)),
            equilibria=tuple(equilibria(_over_draws(own), _over_draws(other))) if whole else (),
        )
    write_answer(
        found,
        (lambda: sheet(found)) if asked.report else None,
        tournament=found.payoffs,
        everybody=found.everybody,
    )
    return found


def _over_draws(values: Floats) -> Floats:
    """Means over draws for each luck: the bootstrap is over lucks, draws are ignorance."""
    return np.asarray(values.mean(axis=2))


def matrix(ran: Found, metric: str, sets: Sequence[str], firms: Sequence[str]) -> Floats:
    """Payoffs, better is higher, float64 [own set, the others' set, draws, replicates]; of several firms their mean."""
    from experiments.metrics import METRICS

    sign = METRICS[metric].direction
    values = np.mean([ran.values(metric, firm)[0] for firm in firms], axis=0) * sign
    names = ran.stage.base.scenarios
    return np.stack([np.stack([values[names.index(f"{a}{AGAINST}{b}")] for b in sets]) for a in sets])


def _rivals(resolved: Resolved) -> tuple[str, ...]:
    """Who plays on the other side.

    Raises:
        ConfigError: there is nobody, or the asked one is not there.
    """
    from experiments.names import hint

    others = [p.name for p in resolved.world.market.providers if p.name != resolved.focal]
    if not others:
        raise ConfigError(
            f"market={resolved.world.market.title} has no rival, so there is nobody to play against."
        )
    asked = resolved.experiment.rival
    if asked is not None and asked not in others:
        raise ConfigError(f"experiment.rival={asked} is not a rival in this market; {hint(asked, others)}.")
    return tuple(others) if asked is None else (asked,)


def _base(resolved: Resolved, sets: Sequence[str], rivals: Sequence[str]) -> Base:
    """A world in which every profile is a scenario, so that all share one warm state."""
    from experiments.points.base import base_of

    listed = resolved.configuration["scenarios"]
    profiles: dict[str, Any] = {}
    for own in sets:
        for other in sets:
            programme = listed[other].get("focal") or {}
            profiles[f"{own}{AGAINST}{other}"] = {
                "focal": listed[own].get("focal") or {},
                "rivals": dict.fromkeys(rivals, programme),
            }
    return base_of(
        resolved,
        name="tournament",
        configuration={**resolved.configuration, "scenarios": profiles},
        baseline=next(iter(profiles)),
        customers=resolved.experiment.customers,
        everyone=True,
    )
