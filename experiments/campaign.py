"""Campaign: tasks through an executor and a store; what is finished is never done twice, what fails is a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.console import Console
from experiments.executors import Executor
from experiments.outcomes import outcome_of
from experiments.recent import Recent
from experiments.store import Record, Store
from experiments.tasks import Outcome, Solve, Task, outcome_keys
from experiments.work import Assignment, Kept, Model, Solving, simulated, solved
from experiments.workers import Done, Failed

ROOM = 32 << 20
"""Bytes of records that a campaign does not read again."""


@dataclass(frozen=True)
class Failure:
    """A task that failed by itself; replicate -1 stands for the whole draw, `where` for the campaign."""

    draw: int
    replicate: int
    scenarios: tuple[str, ...]
    error: str
    details: str
    where: str = ""


def counted(failures: Sequence[Failure]) -> str:
    """How many tasks failed, in words."""
    return f"{len(failures)} task{'' if len(failures) == 1 else 's'}"


def said(failures: Sequence[Failure], folder: Path) -> str:
    """What became of a run in which some tasks failed, in a sentence; `folder` holds the rest."""
    return (
        f"{counted(failures)} failed, the first with {failures[0].error}; everything else is in {folder}, the errors "
        "are in failures.csv there."
    )


@dataclass(frozen=True)
class Ran:
    """One scenario of one task: where it belongs, and the key of its outcome; the key is None where it failed."""

    scenario: str
    draw: int
    replicate: int
    key: str | None


@dataclass
class Campaign:
    """All tasks of one run.

    Attributes:
        executor: does them.
        store: keeps them.
        console: shows how far they are.
        model: what simulates.
        where: how its failures are told from those of other campaigns.
        failures: what failed so far.
        computed, reused: keys that this run made, and that it found.
        partial: whether Ctrl-C ends the work with what is finished, and is not raised.
        interrupted: whether that happened: nothing more is begun, what is not there stays missing.
    """

    executor: Executor
    store: Store
    console: Console
    model: Model
    where: str = ""
    partial: bool = False
    failures: list[Failure] = field(default_factory=list)
    computed: set[str] = field(default_factory=set)
    reused: set[str] = field(default_factory=set)
    interrupted: bool = False
    _read: Recent[Record] = field(default_factory=lambda: Recent(ROOM), repr=False)

    @property
    def tasks_computed(self) -> int:
        """How many tasks this run made."""
        return len(self.computed)

    @property
    def tasks_reused(self) -> int:
        """How many tasks this run found."""
        return len(self.reused)

    def attentions(self, solves: Sequence[Solve]) -> list[float | None]:
        """The mean attention of each world; None where it could not be solved."""
        keys = [solve.key for solve in solves]
        missing = self._missing(dict(zip(keys, solves)))
        lost = {}
        items = [Solving(solve, key, self._root, self.model) for key, solve in missing.items()]
        with self._ended_by_ctrl_c():
            for place, failed in self._run(solved, items, "solving attention", len(items)):
                key = items[place].key
                if failed is None:
                    self.computed.add(key)
                else:
                    lost[key] = failed
        return [self._attention(solve, key, lost.get(key)) for solve, key in zip(solves, keys)]

    def _attention(self, solve: Solve, key: str, failed: Failed | None) -> float | None:
        if failed is not None:
            self.failures.append(Failure(solve.draw, -1, (), failed.error, failed.details, self.where))
            return None
        record = self.store.read(key)
        if record is None:
            assert self.interrupted, "a record was removed while the run was going on"
            return None
        return float(record.meta["attention"])

    def outcomes(self, tasks: Sequence[Task], label: str) -> list[Ran]:
        """Have every scenario of every task simulated, as far as it is not there already.

        Args:
            tasks: what to run.
            label: what the progress bar calls it.
        """
        keys = [outcome_keys(task) for task in tasks]
        wanted = {key: (task, name) for task, named in zip(tasks, keys) for name, key in named.items()}
        missing = self._missing(wanted)
        items = []
        for task, named in zip(tasks, keys):
            # A key that several scenarios or tasks share is computed by the first that needs it.
            own = {name: key for name, key in named.items() if missing.get(key) == (task, name)}
            if own:
                items.append(Assignment(_narrowed(task, own), own, self._root, self.model))
        with self._ended_by_ctrl_c():
            for place, failed in self._run(simulated, items, label, sum(len(i.keys) for i in items)):
                item = items[place]
                if failed is None:
                    self.computed |= set(item.keys.values())
                else:
                    self.failures.append(
                        Failure(
                            item.task.draw,
                            item.task.replicate,
                            tuple(item.keys),
                            failed.error,
                            failed.details,
                            self.where,
                        )
                    )
        if self.interrupted:  # What a worker kept counts, whether or not its word was heard.
            self.computed |= {key for key in missing if self.store.read(key) is not None}
        return [
            Ran(name, task.draw, task.replicate, key if key in self.computed or key in self.reused else None)
            for task, named in zip(tasks, keys)
            for name, key in named.items()
        ]

    def outcome(self, ran: Ran) -> Outcome:
        """What a scenario of a task came to, from the store; what was read last is still known."""
        assert ran.key is not None, "only finished tasks have an outcome"
        record = self._read.get(ran.key)
        if record is None:
            record = self.store.read(ran.key)
            assert record is not None, "a record was removed while the run was going on"
            self._read.keep(ran.key, record, sum(array.nbytes for array in record.arrays.values()))
        return outcome_of(record, ran.scenario)

    @contextmanager
    def _ended_by_ctrl_c(self) -> Iterator[None]:
        """Work that Ctrl-C ends with what is finished, where the campaign is one that may end so."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.partial:
                raise
            self.interrupted = True

    @property
    def _root(self) -> Path | None:
        """Where workers keep what they did; None where they do not see our files."""
        return self.store.root if self.executor.shares_files else None

    def _missing(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        missing = {}
        for key, value in wanted.items():
            if key in self.computed or key in self.reused:
                continue
            if self.store.read(key) is None:
                missing[key] = value
            else:
                self.reused.add(key)
        return missing

    def _run(
        self, function: Callable[[Any], Kept], items: Sequence[Any], label: str, total: int
    ) -> Iterator[tuple[int, Failed | None]]:
        """Do the items; their places come as they are finished, with the failure where one failed."""
        if not items or self.interrupted:
            return
        with self.console.progress(label, total) as progress:
            for result in self.executor.run(function, items):
                weight = len(getattr(items[result.index], "keys", "1"))
                if isinstance(result, Done):
                    for key, record in result.value.items():
                        self.store.write(key, record)
                    progress.advance(weight)
                    yield result.index, None
                else:
                    progress.advance(weight, failed=True)
                    yield result.index, result


def _narrowed(task: Task, own: Mapping[str, str]) -> Task:
    """The task with only those scenarios whose outcome is missing, and the baseline they are told against."""
    return replace(
        task, scenarios=tuple(s for s in task.scenarios if s.name in own or s.name == task.baseline)
    )
