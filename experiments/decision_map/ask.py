"""Ask: run every cell of every market, judge it for each goal and horizon, draw the maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import ConfigError
from experiments.session import folder_of, session

if TYPE_CHECKING:
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.decision_map.found import MapFound
    from experiments.decision_map.maps import Map, Side
    from experiments.executors import Executor
    from experiments.points.axis import Axis
    from experiments.points.base import Base
    from experiments.points.found import Found
    from experiments.points.survey import Stage
    from experiments.settings import Goal
    from experiments.work import Model

STAGE = "map"


def decision_map(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> MapFound:
    """Compose and run it; the function behind `tenure experiment=decision_map`.

    Args:
        overrides: as on the command line, without `experiment=decision_map`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return mapped(compose(["experiment=decision_map", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=decision_map`: run, draw, say who wins where.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(mapped, resolved, folder)


def mapped(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> MapFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: an axis, a market, a mix or a goal is not there, or the folder holds another configuration.
        TasksFailedError: nothing was finished.
    """
    from experiments.decision_map.figure import save_slides
    from experiments.decision_map.found import MapFound
    from experiments.decision_map.maps import tidy
    from experiments.decision_map.page import sheet
    from experiments.points.ask import ending, write_answer
    from experiments.points.survey import Survey

    asked = resolved.experiment
    goals = _goals(resolved)
    horizons = tuple(asked.horizons or (resolved.settings.horizon_months,))
    places = _places(resolved, console)
    stages = [place.stage(resolved, months) for months in horizons for place in places]
    with session(resolved, folder, console, executor, model) as running:
        survey = Survey(running)
        ran = survey.run(stages)
        by_horizon = {
            months: ran[i * len(places) : (i + 1) * len(places)] for i, months in enumerate(horizons)
        }
        maps = tuple(
            one
            for goal in goals
            for months in horizons
            for one in _maps(resolved, goal, months, places, by_horizon[months])
        )
        found = MapFound(
            **ending(resolved, folder, running, survey, ran),
            maps=maps,
            table=tidy(maps, resolved.world.market.currency),
        )
    save_slides(found)
    write_answer(found, (lambda: sheet(found)) if asked.report else None, decision_map=found.table)
    return found


@dataclass(frozen=True)
class _Place:
    """A world of the maps: its base at any horizon, its axes (none: it is one cell), and how it is called."""

    question: Resolved
    title: str
    mix: str
    axes: tuple[Axis, ...]

    def stage(self, resolved: Resolved, months: float) -> Stage:
        from experiments.points.design import grid
        from experiments.points.survey import Stage

        settings = resolved.settings
        points: Sequence[Mapping[str, float]] = (
            grid(self.axes, resolved.experiment.steps) if self.axes else ({},)
        )
        name = f"{self.title}, {self.mix}" if self.mix else self.title
        return Stage(
            STAGE,
            self._base(resolved, f"{name}, {months:g} months", months),
            points,
            range(settings.draws),
            range(settings.replicates),
        )

    def _base(self, resolved: Resolved, name: str, months: float) -> Base:
        from experiments.points.base import base_of

        return base_of(
            self.question,
            name=name,
            customers=resolved.experiment.customers,
            horizon_months=months,
            point_values=resolved.settings.draws == 1,
            recalibrate=resolved.experiment.recalibrate,
        )


def _goals(resolved: Resolved) -> tuple[Goal, ...]:
    from experiments.claims.winners import read_goal

    names = resolved.experiment.goals
    return (resolved.goal,) if names is None else tuple(read_goal(name) for name in names)


def _places(resolved: Resolved, console: Console) -> list[_Place]:
    """The worlds to map, composed."""
    from experiments.names import hint
    from experiments.options import options
    from experiments.points.axis import PAIR, axes_of
    from experiments.recompose import recomposed

    asked = resolved.experiment
    over = asked.over or PAIR
    if asked.map == "numbers" and len(over) != 2:
        raise ConfigError(
            f"experiment.over names {len(over)} parameters; a map has two, x before y, as in "
            "experiment.over={p_contact:null,kappa:null}."
        )
    known = options("market")
    markets = known if asked.markets == ("all",) else asked.markets
    for name in markets or ():
        if name not in known:
            raise ConfigError(f"experiment.markets: {name} is not a market; {hint(name, known)}.")
    mixes = (None,) if asked.map == "numbers" else asked.mixes
    places = []
    scenarios = [scenario.name for scenario in resolved.world.scenarios]
    for market in markets or (None,):
        for mix in mixes:
            groups = {**({"market": market} if market else {}), **({"customers": mix} if mix else {})}
            if groups:
                console.say(
                    f"Composing {' with '.join(groups.values())} customers."
                    if mix
                    else f"Composing {market}."
                )
            question = recomposed(resolved, scenarios, groups, False, 0.01) if groups else resolved
            axes = axes_of(question, over) if asked.map == "numbers" else ()
            places.append(_Place(question, question.world.market.title, mix or "", axes))
    return places


def _maps(
    resolved: Resolved, goal: Goal, months: float, places: Sequence[_Place], ran: Sequence[Found]
) -> list[Map]:
    """The maps of one goal and horizon, one for each field of competitors."""
    from experiments.decision_map.maps import Map, fields, joined, of_axes, panel

    names = ran[0].stage.base.scenarios
    found = []
    for field, among in fields(names, resolved.experiment.kinds).items():
        if resolved.experiment.map == "numbers":
            panels = tuple(
                panel(
                    place.title,
                    of_axes(place.axes[0], resolved.experiment.steps),
                    of_axes(place.axes[1], resolved.experiment.steps),
                    one.values(goal.metric),
                    names,
                    among,
                    goal.metric,
                )
                for place, one in zip(places, ran, strict=True)
            )
        else:
            x, y = _sides(places)
            panels = (panel("", x, y, joined(ran, goal.metric), names, among, goal.metric),)
        found.append(Map(goal, months, field, panels))
    return found


def _sides(places: Sequence[_Place]) -> tuple[Side, Side]:
    """Markets along x, mixes of customers along y: the order in which places stand."""
    from experiments.decision_map.maps import Side

    markets = tuple(dict.fromkeys(place.title for place in places))
    mixes = tuple(dict.fromkeys(place.mix for place in places))
    return Side("market", markets), Side("customers", mixes)
