"""Session: one experiment at work in its folder, with an executor, a store and a manifest, kept whatever happens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.identity import same_run

if TYPE_CHECKING:
    from experiments.campaign import Campaign, Failure
    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor
    from experiments.points.survey import Survey
    from experiments.store import Store
    from experiments.work import Model


@dataclass
class Session:
    """What the tasks of one experiment share.

    Attributes:
        folder: where the experiment writes.
        about: the manifest as it was before the run.
        executor, store, console, model: see `experiments.campaign.Campaign`.
        start: when it began, on the clock of `time.perf_counter`.
        campaigns, surveys: those begun so far.
    """

    folder: Path
    about: Mapping[str, Any]
    executor: Executor
    store: Store
    console: Console
    model: Model
    start: float
    campaigns: list[Campaign] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)

    def campaign(self, where: str = "", partial: bool = False) -> Campaign:
        """Begin a campaign.

        Args:
            where: how its failures are told from those of other campaigns of the session.
            partial: whether Ctrl-C ends it with what is finished, and is not raised.
        """
        from experiments.campaign import Campaign

        begun = Campaign(self.executor, self.store, self.console, self.model, where, partial)
        self.campaigns.append(begun)
        return begun

    @property
    def failures(self) -> list[Failure]:
        """What failed so far, in every campaign and survey."""
        return [failure for one in self._begun for failure in one.failures]

    @property
    def _begun(self) -> list[Campaign | Survey]:
        return [*self.campaigns, *self.surveys]

    def interrupted(self, computed: int) -> None:
        """Say what Ctrl-C leaves.

        Args:
            computed: tasks that were finished before it.
        """
        self.console.say(
            f"Interrupted: {computed} finished tasks are kept; the same command goes on from there."
        )

    def finished(self, results_hash: str, **more: Any) -> dict[str, Any]:
        """The manifest of the run, finished now.

        Args:
            results_hash: of its values.
            more: further entries.
        """
        return {
            **self.about,
            **more,
            "results_hash": results_hash,
            "tasks_computed": sum(one.tasks_computed for one in self._begun),
            "tasks_reused": sum(one.tasks_reused for one in self._begun),
            "duration": round(time.perf_counter() - self.start, 3),
        }


@contextmanager
def session(
    resolved: Resolved,
    folder: Path,
    console: Console,
    executor: Executor | None = None,
    model: Model | None = None,
) -> Iterator[Session]:
    """Make the folder ready, hand out a session, and leave nothing half-done behind.

    Args:
        resolved: the question.
        folder: where to write; may hold the same run, which is then gone on with.
        console: where to speak.
        executor: where tasks run; None takes, and ends, the one of the settings.
        model: what simulates; None takes this project's.

    Raises:
        ConfigError: the folder holds another configuration.
    """
    from experiments.executors import executor_of
    from experiments.manifest import manifest, write_manifest
    from experiments.store import Store
    from experiments.work import MODEL
    from sim.cache import is_news

    start = time.perf_counter()
    same_run(folder, resolved.configuration)
    folder.mkdir(parents=True, exist_ok=True)
    about = manifest(resolved.configuration, resolved.settings.seed)
    write_manifest(about, folder)
    shared = resolved.settings.store
    store = Store(Path(shared).absolute() if shared else folder)
    store.sweep()
    team = executor or executor_of(resolved.settings.executor)
    held = Session(folder, about, team, store, console, model or MODEL, start)
    if model is None and is_news():
        console.say("The model is compiled first, once for this version; that takes about a minute.")
    try:
        yield held
    except KeyboardInterrupt:
        held.interrupted(sum(campaign.tasks_computed for campaign in held.campaigns))
        raise
    finally:
        if executor is None:
            team.close()
        store.sweep()
        # Here, because it loads what tables need: workers begin without waiting for that.
        from experiments.outputs import FAILURES, write_failures

        write_failures(held.failures, folder / FAILURES)


def folder_of(folder: Path | str | None) -> Path:
    """Where a run that Python started writes, absolute: the folder asked for, or `outputs/DATE/TIME`."""
    if folder is not None:
        return Path(folder).absolute()
    return (Path("outputs") / f"{datetime.now().astimezone():%Y-%m-%d/%H-%M-%S}").absolute()


def shown(path: Path) -> Path:
    """A path as it is told to people: from the working folder where it lies in it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def whereabouts(folder: Path, console: Console) -> None:
    """Say where the run writes and how to go on with it."""
    console.say(
        f"hydra.run.dir={shown(folder)} (given again with the same command, an interrupted run goes on there)"
    )
