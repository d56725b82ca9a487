"""Compare: all scenarios on the same draws and lucks, as they are and at equal spend, judged by one goal.

comparison = compare(["market=saas", "draws=4"])
print(comparison.verdict.sentence)
comparison.summary.query("metric == 'churn_rate' and segment == 'all'")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from experiments.errors import TasksFailedError
from experiments.session import folder_of, session, shown, whereabouts
from experiments.workers import Pool

if TYPE_CHECKING:
    from experiments.comparison import Comparison
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.work import Model

_LATER = ("experiments.findings", "experiments.announcement")
"""What is needed when everything has run."""
_REPORT = "experiments.report.page"
"""What only the report needs."""


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

    return compared(compose(overrides), folder_of(folder), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=compare`: run, write, say the verdict.

    Returns:
        the goal's value of the last listed scenario, mean over draws and lucks.

    Raises:
        TasksFailedError: some tasks failed; everything else was kept and written.
        KeyboardInterrupt: it was interrupted; what was finished is kept, and a partial report is written.
    """
    from experiments.console import Console

    console = Console()
    whereabouts(folder, console)
    comparison = compared(resolved, folder, console)
    # Only now, because it loads what tables need: workers begin without waiting for that.
    from experiments.announcement import announce
    from experiments.campaign import said

    announce(comparison, console)
    if comparison.manifest.get("partial"):
        raise KeyboardInterrupt
    if comparison.failures:
        raise TasksFailedError(said(comparison.failures, shown(folder)))
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
    from experiments.trial import Trial

    with session(resolved, folder, console, executor, model) as running:
        for sentence in _lasting(resolved):
            console.say(sentence)
        trial = Trial(resolved, running.campaign(partial=True))
        waits = executor is None and resolved.settings.executor.workers != 0
        later = [*_LATER, *([_REPORT] if resolved.experiment.report else [])] if waits else []
        with _importing(later, running.executor):
            try:
                trial.run()
            except KeyboardInterrupt:  # Between two lists of tasks.
                trial.campaign.interrupted = True
        if trial.campaign.interrupted:
            running.interrupted(trial.campaign.tasks_computed)
        # Workers that are there already draw the figures.
        at_hand = running.executor.shares_files and trial.campaign.computed and not trial.campaign.interrupted
        team = running.executor if waits and at_hand else None
        from experiments.findings import Findings

        return Findings(resolved, trial, folder).comparison(running.about, running.start, team)


@contextmanager
def _importing(modules: Sequence[str], executor: Executor) -> Iterator[None]:
    """Import what is needed afterwards, as soon as workers are at work and this process waits for them."""
    begun = executor.at_work if isinstance(executor, Pool) else None

    def work() -> None:
        if begun is not None:
            begun.wait()
        for module in modules:
            import_module(module)

    thread = Thread(target=work, name="tenure-imports")
    thread.start()
    try:
        yield
    finally:
        if begun is not None:  # Perhaps there was nothing to do.
            begun.set()
        thread.join()


def _lasting(resolved: Resolved) -> Iterator[str]:
    """What is said beforehand where expected effects make a run long."""
    settings = resolved.settings
    if settings.individuals:
        from experiments.individuals import worlds

        scenarios = resolved.world.scenarios
        more = settings.individuals * worlds(scenarios, resolved.baseline)
        yield (
            f"Expected effects of single customers take {more} worlds more in each replicate, beside "
            f"{len(scenarios)}: this takes long, and progress shows whole replicates only."
        )
