"""Compare: all scenarios on the same draws and lucks, as they are and at equal spend, judged by one goal.

comparison = compare(["market=saas", "draws=4"])
print(comparison.verdict.sentence)
comparison.summary.query("metric == 'churn_rate' and segment == 'all'")
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import TasksFailedError
from experiments.identity import same_run

if TYPE_CHECKING:
    from experiments.comparison import Comparison
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.work import Model


def compare(
    overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> Comparison:
    """Compose, run and judge a comparison; the function behind `tenure experiment=compare`.

    Args:
        overrides: as on the command line.
        folder: where to write; None makes `outputs/DATE/TIME`. A folder of the same configuration is gone on with.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or the folder holds another one.
        TasksFailedError: no draw and luck was left in which every scenario was finished.
    """
    from experiments.compose import compose
    from experiments.console import Console

    resolved = compose(overrides)
    place = (
        Path("outputs") / f"{datetime.now().astimezone():%Y-%m-%d/%H-%M-%S}"
        if folder is None
        else Path(folder)
    )
    return compared(resolved, place.absolute(), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=compare`: run, write, say the verdict.

    Returns:
        the goal's value of the last listed scenario, mean over draws and lucks.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
    """
    from experiments.announcement import announce
    from experiments.campaign import counted
    from experiments.console import Console

    console = Console()
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    console.say(
        f"hydra.run.dir={shown} (given again with the same command, an interrupted run goes on there)"
    )
    comparison = compared(resolved, folder, console)
    announce(comparison, console)
    if comparison.failures:
        raise TasksFailedError(
            f"{counted(comparison.failures)} failed, the first with {comparison.failures[0].error}; "
            f"everything else is in {shown}, the errors are in failures.csv there."
        )
    return comparison.value


def compared(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> Comparison:
    """Run a composed comparison into a folder.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: the folder holds another configuration.
        TasksFailedError: no draw and luck was left in which every scenario was finished.
    """
    from experiments.campaign import Campaign
    from experiments.executors import executor_of
    from experiments.findings import Findings
    from experiments.manifest import manifest, write_manifest
    from experiments.outputs import FAILURES, write_failures
    from experiments.store import Store
    from experiments.trial import Trial
    from experiments.work import MODEL
    from sim.compiled import is_cold

    start = time.perf_counter()
    same_run(folder, resolved.configuration)
    folder.mkdir(parents=True, exist_ok=True)
    about = manifest(resolved.configuration, resolved.settings.seed)
    write_manifest(about, folder)
    shared = resolved.settings.store
    store = Store(Path(shared).absolute() if shared else folder)
    store.sweep()
    team = executor or executor_of(resolved.settings.executor)
    campaign = Campaign(team, store, console, model or MODEL)
    if model is None and is_cold():
        console.say("The model is compiled first, once for this version; that takes about a minute.")
    for sentence in _lasting(resolved):
        console.say(sentence)
    try:
        trial = Trial(resolved, campaign)
        trial.run()
    except KeyboardInterrupt:
        console.say(
            f"Interrupted: {len(campaign.computed)} finished tasks are kept; the same command goes on from there."
        )
        raise
    finally:
        if executor is None:
            team.close()
        store.sweep()
        write_failures(campaign.failures, folder / FAILURES)
    return Findings(resolved, trial, folder).comparison(about, start)


def _lasting(resolved: Resolved) -> Iterator[str]:
    """What is said beforehand where expected effects make a run long."""
    from experiments.individuals import worlds

    settings = resolved.settings
    if settings.individuals:
        scenarios = resolved.world.scenarios
        more = settings.individuals * worlds(scenarios, resolved.baseline)
        yield (
            f"Expected effects of single customers take {more} worlds more in each replicate, beside "
            f"{len(scenarios)}: this takes long, and progress shows whole replicates only."
        )
