"""Workers: processes that take one task at a time from a pipe; no task is lost with one of them.

Each worker has a pipe of its own, so that the parent knows which task a dead worker was at: it is tried again by
another worker, and one that takes three workers with it is a failed task, not the end of the run. (A pool of
`concurrent.futures` breaks as a whole and cannot tell.)

On Linux workers are forked from a server that has imported the model once, elsewhere they are spawned. They never
import Hydra, never use more than one thread of a linear-algebra library, and leave Ctrl-C to the parent.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event
from types import ModuleType, TracebackType
from typing import Any, Generic, Self, TypeVar

from sim import threads

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 64
"""Tasks that are looked over for one that suits a worker, and homes that are remembered of each."""
TRIES = 3
"""Workers that a task may take with it before it counts as failed."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Done(Generic[R]):
    """A task that was finished: its place among the items, and what it gave back."""

    index: int
    value: R


@dataclass(frozen=True)
class Failed:
    """A task that failed by itself: its place among the items, one sentence, and the traceback if it raised."""

    index: int
    error: str
    details: str = ""


def one_thread() -> None:
    """Tell linear-algebra libraries that are not loaded yet to use one thread."""
    for name in THREADS:
        os.environ[name] = "1"


def default_workers() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _context() -> Any:
    if not sys.platform.startswith("linux"):
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["experiments.preload"])
    return context


def warm() -> None:
    """Start loading the model in the background, where workers can be forked from a server that has done so."""
    if sys.platform.startswith("linux"):
        from multiprocessing import forkserver

        _context()
        with _no_main():
            forkserver.ensure_running()


def _serve(pipe: Connection) -> None:
    """A worker's life: take an order, answer, until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    one_thread()
    while True:
        try:
            order = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            pipe.send_bytes(_done(order))
        except (BrokenPipeError, ConnectionResetError):
            return


def _done(order: bytes) -> bytes:
    """Do what was ordered: what it gave back, or why it failed, ready to be sent."""
    try:
        function, item, allowed = pickle.loads(order)  # noqa: S301  # from our own parent
        threads.use(allowed)
        return pickle.dumps((True, function(item), ""))
    except Exception as error:  # noqa: BLE001  # whatever a task raises becomes its row
        return pickle.dumps((False, f"{type(error).__name__}: {error}", traceback.format_exc()))


@dataclass
class _Order:
    """A task that a worker may get: its place in the list, the bytes to send, home, and the workers it took with it."""

    index: int
    message: bytes
    home: str | None = None
    losses: int = 0


@dataclass
class _Worker:
    """A process, what it is at, and the homes of the tasks that it had last."""

    process: BaseProcess
    pipe: Connection
    order: _Order | None = None
    homes: deque[str] = field(default_factory=lambda: deque(maxlen=AHEAD))


class _Line:
    """Orders in line: those that were lost with a worker, then those that come.

    Args:
        coming: the orders.
        ahead: how many of them are looked over for one that suits a worker.
    """

    def __init__(self, coming: Iterator[_Order], ahead: int) -> None:
        self._coming = coming
        self._ahead = ahead
        self._first: list[_Order] = []

    def back(self, order: _Order) -> None:
        """Put an order in front again."""
        self._first.insert(0, order)

    def next(self, mine: Container[str], others: Container[str]) -> _Order | None:
        """The order for a worker: one whose home it knows, else one that no other worker knows, else the first."""
        self._first.extend(islice(self._coming, max(0, self._ahead - len(self._first))))

        def rank(place: int) -> int:
            home = self._first[place].home
            if home is None:
                return 1
            return 0 if home in mine else 1 + (home in others)

        best = min(range(len(self._first)), key=rank, default=None)
        return None if best is None else self._first.pop(best)


class Pool:
    """Local processes, kept between lists of tasks.

    Args:
        workers: how many; None takes every core this process may use, 0 runs tasks in this process.

    Attributes:
        at_work: set as soon as workers have got their first tasks: from then on this process waits for them.
    """

    shares_files = True

    def __init__(self, workers: int | None = None) -> None:
        self.workers = default_workers() if workers is None else workers
        self.at_work = Event()
        self._team: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; what they are at is lost."""
        team, self._team = self._team, []
        for worker in team:
            worker.pipe.close()
            worker.process.terminate()
        for worker in team:
            worker.process.join()

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Generator[Done[R] | Failed, None, None]:
        """Do a list of tasks; results come as they are finished.

        Leaving the iterator early ends the workers.

        Args:
            function: defined in a module, so that workers find it.
            items: one argument each, picklable; the next one is taken when a worker is free, so that any number of
                them needs no memory. In a sequence, items with a `home` go to the worker that last had one of it.
        """
        if self.workers == 0:
            yield from _here(function, items)
            return
        try:
            orders = _orders(function, items, self._threads(items))
            yield from self._spread(_Line(orders, AHEAD if isinstance(items, Sequence) else 1))
        except BaseException:
            self.close()
            raise

    def _threads(self, items: Iterable[Any]) -> int:
        """Threads that a task may use: more than one where there are fewer tasks than workers."""
        return max(1, self.workers // len(items)) if isinstance(items, Sized) and len(items) else 1

    def _spread(self, line: _Line) -> Iterator[Done[Any] | Failed]:
        while True:
            self._hand_out(line)
            self.at_work.set()
            if all(worker.order is None for worker in self._team):
                return
            for place in self._ready():
                worker = self._team[place]
                order = worker.order
                assert order is not None
                answer = _answer(worker)
                if answer is not None:
                    worker.order = None
                    good, value, details = answer
                    yield Done(order.index, value) if good else Failed(order.index, value, details)
                    continue
                self._team[place] = _start()
                order.losses += 1
                if order.losses < TRIES:
                    line.back(order)
                else:
                    yield Failed(
                        order.index, f"{TRIES} workers died at this task, the last by {_cause(worker)}"
                    )

    def _hand_out(self, line: _Line) -> None:
        """Give every free worker a task, first those that were lost with a worker; hire while there are more."""
        for place, worker in enumerate(self._team):
            if worker.order is None:
                order = line.next(worker.homes, self._homes(worker))
                if order is None:
                    return
                self._team[place] = _hand(worker, order)
        while len(self._team) < self.workers:
            order = line.next((), self._homes(None))
            if order is None:
                return
            self._team.append(_hand(_start(), order))

    def _homes(self, of_others_than: _Worker | None) -> set[str]:
        return {home for worker in self._team if worker is not of_others_than for home in worker.homes}

    def _ready(self) -> list[int]:
        """Places of workers at a task that have answered or died."""
        busy = {place: worker for place, worker in enumerate(self._team) if worker.order is not None}
        pipes = {worker.pipe: place for place, worker in busy.items()}
        ends = {worker.process.sentinel: place for place, worker in busy.items()}
        ready = wait([*pipes, *ends])
        return sorted({pipes[r] if isinstance(r, Connection) else ends[r] for r in ready})  # type: ignore[index]


def _orders(function: Callable[[T], R], items: Iterable[T], allowed: int) -> Iterator[_Order]:
    for index, item in enumerate(items):
        yield _Order(index, pickle.dumps((function, item, allowed)), getattr(item, "home", None))


def _here(function: Callable[[T], R], items: Iterable[T]) -> Iterator[Done[R] | Failed]:
    from threadpoolctl import threadpool_limits

    for index, item in enumerate(items):
        try:
            with threadpool_limits(1):
                value = function(item)
        except Exception as error:  # noqa: BLE001  # whatever a task raises becomes its row
            yield Failed(index, f"{type(error).__name__}: {error}", traceback.format_exc())
        else:
            yield Done(index, value)


def _start() -> _Worker:
    context = _context()
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), name="tenure-worker", daemon=True)
    with _no_main():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _no_main() -> Iterator[None]:
    """Hide the running program: workers need nothing of it, and one without a guard would start again in each."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _hand(worker: _Worker, order: _Order) -> _Worker:
    """Give a worker a task; a worker that died while idle is replaced first."""
    try:
        worker.pipe.send_bytes(order.message)
    except (BrokenPipeError, ConnectionResetError):
        worker.process.join()
        worker = _start()
        worker.pipe.send_bytes(order.message)
    worker.order = order
    if order.home is not None:
        worker.homes.append(order.home)
    return worker


def _answer(worker: _Worker) -> tuple[bool, Any, str] | None:
    """What a worker sent, or None where it died before it could."""
    try:
        if worker.pipe.poll():
            answer: tuple[bool, Any, str] = pickle.loads(worker.pipe.recv_bytes())  # noqa: S301  # from our own worker
            return answer
    except (EOFError, OSError):
        pass
    worker.process.join()
    worker.pipe.close()
    return None


def _cause(worker: _Worker) -> str:
    code = worker.process.exitcode
    if code is not None and code < 0:
        return f"signal {-code} ({signal.Signals(-code).name})"
    return f"exit code {code}"
