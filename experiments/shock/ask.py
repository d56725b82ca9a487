"""Ask: run every scenario without and with each shock, from one warm state, and see who holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import ConfigError
from experiments.session import folder_of, session

if TYPE_CHECKING:
    from agents.shock import Shock
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.points.base import Base
    from experiments.shock.found import ShockFound
    from experiments.work import Model

UNDER = "_under_"
NEWCOMER = "newcomer"
"""Provider that a new entrant adds to the market; nobody finds it before its day."""
CLOSED = 1e-6
"""Availability of a provider that nobody finds."""


def shock(overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False) -> ShockFound:
    """Compose and run it; the function behind `tenure experiment=shock`.

    Args:
        overrides: as on the command line, without `experiment=shock`.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another run.
        TasksFailedError: nothing was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    return shocked(compose(["experiment=shock", *overrides]), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=shock`: run, write, say who holds.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; a partial report is written.
    """
    from experiments.points.ask import answered

    return answered(shocked, resolved, folder)


def shocked(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> ShockFound:
    """Run a composed question into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: no shock is listed or one strikes nobody, or the folder holds another configuration.
        TasksFailedError: nothing was finished.
    """
    from experiments.points.ask import ending, metrics_of, write_answer
    from experiments.points.survey import Stage, Survey
    from experiments.shock.found import ShockFound
    from experiments.shock.page import sheet
    from experiments.shock.tables import judged, losses

    asked, settings = resolved.experiment, resolved.settings
    metrics = metrics_of(resolved, asked.metrics)
    names = tuple(scenario.name for scenario in resolved.world.scenarios)
    shocks = _shocks(resolved)
    base = _base(resolved, names, shocks)
    with session(resolved, folder, console, executor, model) as running:
        survey = Survey(running)
        (ran,) = survey.run([Stage("shock", base, ({},), range(settings.draws), range(settings.replicates))])
        found = ShockFound(
            **ending(resolved, folder, running, survey, [ran]),
            scenarios=names,
            shocks=shocks,
            table=losses(resolved, ran, names, tuple(shocks), metrics),
            holds=judged(resolved, ran, names, tuple(shocks)),
        )
    write_answer(
        found, (lambda: sheet(found)) if asked.report else None, shock=found.table, holds=found.holds
    )
    return found


def _shocks(resolved: Resolved) -> dict[str, Shock]:
    """The shocks by name, each also with the rivals' answers where these are asked for.

    Raises:
        ConfigError: there is none, or one strikes a provider that is not there.
    """
    from dataclasses import replace

    asked = resolved.experiment
    listed = {name: one for name, one in asked.shocks.items() if name in (asked.only or asked.shocks)}
    if not listed:
        raise ConfigError(
            f"experiment.only={list(asked.only or ())} leaves no shock; name some of {', '.join(asked.shocks)}."
        )
    found: dict[str, Shock] = {}
    names = [provider.name for provider in resolved.world.market.providers]
    for name, one in listed.items():
        try:
            one.struck([*names, NEWCOMER], names.index(resolved.focal))
        except ValueError as error:
            raise ConfigError(f"experiment.shocks.{name}: {error}.") from error
        told = name.replace("_", " ")
        found[told] = replace(one, answer="none")
        for reply in asked.answers:
            found[f"{told}, {reply.replace('_', ' ')}"] = replace(one, answer=reply)
    return found


def _base(resolved: Resolved, names: Sequence[str], shocks: Mapping[str, Shock]) -> Base:
    """A world in which every scenario under every shock is a scenario, so that all share one warm state."""
    from experiments.points.base import base_of
    from experiments.worlds import without_evidence

    listed = without_evidence(resolved.configuration["scenarios"])
    scenarios: dict[str, Any] = {name: listed[name] for name in names}
    for number, one in enumerate(shocks.values()):
        for name in names:
            own = {**(listed[name].get("shocks") or {}), "shock": asdict(one)}
            scenarios[f"{name}{UNDER}{number}"] = {**listed[name], "shocks": own}
    market = without_evidence(resolved.configuration["market"])
    if any(one.kind == "entrant" and one.provider is None for one in shocks.values()):
        providers = market["providers"]
        last = list(providers.values())[-1]
        market = {**market, "providers": {**providers, NEWCOMER: {**last, "availability": CLOSED}}}
    return base_of(
        resolved,
        name="shock",
        configuration={**resolved.configuration, "market": market, "scenarios": scenarios},
        baseline=resolved.baseline,
        customers=resolved.experiment.customers,
    )
