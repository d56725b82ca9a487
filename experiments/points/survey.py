"""Survey: points through an executor, batch by batch; rows are kept as they come and never computed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.campaign import Failure
from experiments.console import Progress
from experiments.points.base import Base
from experiments.points.found import Found
from experiments.points.shelf import FOLDER, Index, Row, Shelf, label_of, labels, values_hash
from experiments.points.work import Answer, Batch, Cell, Worked, worked
from experiments.session import Session
from experiments.workers import Done, Failed

BATCH_SECONDS = 0.4
"""Work that is handed over at a time; less would be spent on handing over."""
MOST = 512
"""Most worlds of a batch."""
Keys = Mapping[tuple[int, str], bytes]
"""Content of a world's tasks by replicate and scenario."""


@dataclass(frozen=True)
class Stage:
    """Points over one base, under some draws and lucks.

    Attributes:
        name: a label, such as `grid` or `fresh`.
        base: the world that they change.
        points: what each sets, by dotted key.
        draws: of the other assumptions, 0, 1, ... or as listed.
        replicates: lucks, 0, 1, ... or as listed.
    """

    name: str
    base: Base
    points: Sequence[Mapping[str, float]]
    draws: Sequence[int]
    replicates: Sequence[int]

    @property
    def tasks(self) -> int:
        """How many there are."""
        return len(self.points) * len(self.draws) * len(self.replicates) * len(self.base.scenarios)


@dataclass
class Survey:
    """All points of one experiment.

    Attributes:
        running: the session that it belongs to.
        failures: what failed so far.
        tasks_computed, tasks_reused: tasks that this run made, and that it found.
        interrupted: whether somebody pressed Ctrl-C: nothing more is computed, what is there is still read.
        index: what is on the shelves already.
        pace: how much is handed over at a time.
    """

    running: Session
    failures: list[Failure] = field(default_factory=list)
    tasks_computed: int = 0
    tasks_reused: int = 0
    interrupted: bool = False
    _own: Shelf = field(init=False)
    _shared: Shelf | None = field(init=False)
    index: Index = field(init=False)
    _written: set[bytes] = field(init=False)
    pace: _Pace = field(init=False)

    def __post_init__(self) -> None:
        own, root = self.running.folder / FOLDER, self.running.store.root / FOLDER
        self._own = Shelf(own)
        self._shared = None if root == own else Shelf(root)
        self.index = Index([self._own, *([self._shared] if self._shared else [])])
        self._written = set(labels(self._own.parts))
        self.pace = _Pace()
        self.running.surveys.append(self)

    @property
    def folder(self) -> Path:
        """Where the rows are."""
        return self._own.root

    def run(self, stages: Sequence[Stage], label: str = "simulating") -> list[Found]:
        """Have every task of some stages simulated, as far as it is not there already.

        After Ctrl-C what was finished is kept and given back; `interrupted` says so.

        Args:
            stages: what to run; several share one progress bar.
            label: what the bar calls it.
        """
        self.index.refresh()
        total = sum(stage.tasks for stage in stages)
        with self.running.console.progress(label, total) as progress:
            handed = _Handed(self, stages, progress)
            batches = handed.batches()
            try:
                if self.interrupted:
                    for _ in batches:  # Labels what other runs have left; nothing is handed over.
                        continue
                else:
                    for result in self.running.executor.run(worked, batches):
                        handed.take(result)
                    for result in self.running.executor.run(worked, handed.singly()):
                        handed.take(result)
            except KeyboardInterrupt:
                self.interrupted = True
                self.running.interrupted(self.tasks_computed)
            finally:
                for shelf in (self._own, self._shared):
                    if shelf is not None:
                        shelf.flush()
        return [Found(stage, self.folder) for stage in stages]

    def results_hash(self) -> str:
        """SHA-256 over the sorted digests of all rows of this run: labels and values, never keys or parts."""
        return values_hash(self._own.parts)

    def keep(self, row: Row, providers: tuple[str, ...], fresh: bool) -> None:
        """Put a row on the shelves that lack it."""
        label = label_of(row.stage, row.world, row.point, row.draw, row.replicate, row.scenario)
        if label not in self._written:
            self._written.add(label)
            self._own.add(row, providers)
        if fresh and self._shared is not None:
            self._shared.add(row, providers)


@dataclass
class _Pace:
    """How many worlds make a batch: as many as take `BATCH_SECONDS`, by what the last ones took."""

    seconds: float | None = None

    def tell(self, worlds: int, seconds: float) -> None:
        """Learn from a batch."""
        each = seconds / worlds
        self.seconds = each if self.seconds is None else 0.7 * self.seconds + 0.3 * each

    @property
    def worlds(self) -> int:
        """Worlds for the next batch; one until something is known."""
        return 1 if self.seconds is None else min(MOST, max(1, int(BATCH_SECONDS / max(self.seconds, 1e-6))))


class _Handed:
    """The batches of some stages: handed out as workers ask for them, taken back as they are done."""

    def __init__(self, survey: Survey, stages: Sequence[Stage], progress: Progress) -> None:
        self._survey = survey
        self._stages = stages
        self._progress = progress
        self._out: dict[int, tuple[Batch, tuple[Keys, ...]]] = {}
        self._count = 0
        self.again: list[tuple[Batch, tuple[Keys, ...]]] = []

    def batches(self) -> Iterator[Batch]:
        """Batches of what is missing, one after the other; what is there is labelled in passing."""
        for place, stage in enumerate(self._stages):
            waiting: list[tuple[Cell, Keys]] = []
            for missing in self._missing(stage):
                waiting.append(missing)
                if len(waiting) >= self._survey.pace.worlds:
                    yield self._batch(place, waiting)
                    waiting = []
            if waiting:
                yield self._batch(place, waiting)

    def singly(self) -> Iterator[Batch]:
        """What was lost with a worker, world by world, so that only the one that kills it is lost."""
        self._out, self._count = {}, 0
        lost, self.again = self.again, []
        for batch, keys in lost:
            for one in zip(batch.cells, keys, strict=True):
                yield self._batch(batch.stage, [one])

    def _batch(self, place: int, missing: Sequence[tuple[Cell, Keys]]) -> Batch:
        cells, keys = zip(*missing, strict=True)
        batch = Batch(place, self._stages[place].base.packed, cells, self._survey.running.model)
        self._out[self._count] = (batch, keys)
        self._count += 1
        return batch

    def _missing(self, stage: Stage) -> Iterator[tuple[Cell, Keys]]:
        """Worlds of which something is missing, and the keys of that."""
        survey, base = self._survey, stage.base
        for point, given in enumerate(stage.points):
            values = base.there(given)
            for draw in stage.draws:
                drawn = base.drawn(draw)
                wanted: dict[int, list[str]] = {}
                keys: dict[tuple[int, str], bytes] = {}
                for replicate, scenario, key in base.content.keys(values, drawn, stage.replicates):
                    if key in survey.index:
                        row = Row(
                            stage.name,
                            base.name,
                            point,
                            draw,
                            replicate,
                            scenario,
                            *survey.index.values(key),
                            key,
                        )
                        survey.keep(row, base.providers, fresh=False)
                        survey.tasks_reused += 1
                        self._progress.advance(1)
                    else:
                        wanted.setdefault(replicate, []).append(scenario)
                        keys[replicate, scenario] = key
                if wanted and not survey.interrupted:
                    names = {replicate: tuple(listed) for replicate, listed in wanted.items()}
                    yield Cell(point, draw, values, drawn, names), keys

    def take(self, result: Done[Answer] | Failed) -> None:
        """Keep what a batch came to."""
        batch, keys = self._out.pop(result.index)
        if isinstance(result, Done):
            self._survey.pace.tell(len(batch.cells), result.value.seconds)
            for one in result.value.worked:
                self._take(batch, batch.cells[one.cell], keys[one.cell], one)
        elif len(batch.cells) > 1:
            self.again.append((batch, keys))
        else:
            (cell,) = batch.cells
            for replicate, names in cell.wanted.items():
                self._fail(batch, cell, Worked(0, replicate, names, None, 0.0, result.error, result.details))

    def _take(self, batch: Batch, cell: Cell, keys: Keys, one: Worked) -> None:
        if one.values is None:
            self._fail(batch, cell, one)
            return
        survey, stage = self._survey, self._stages[batch.stage]
        base = stage.base
        for name, values in zip(one.scenarios, one.values, strict=True):
            row = Row(
                stage.name,
                base.name,
                cell.point,
                cell.draw,
                one.replicate,
                name,
                one.attention,
                values,
                keys[one.replicate, name],
            )
            survey.keep(row, base.providers, fresh=True)
            survey.tasks_computed += 1
        self._progress.advance(len(one.scenarios))

    def _fail(self, batch: Batch, cell: Cell, one: Worked) -> None:
        stage = self._stages[batch.stage]
        where = f"{stage.name}, {stage.base.name}, point {cell.point}"
        self._survey.failures.append(
            Failure(cell.draw, one.replicate, one.scenarios, one.error, one.details, where)
        )
        self._progress.advance(cell.tasks if one.replicate < 0 else len(one.scenarios), failed=True)
