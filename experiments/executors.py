"""Executors: where tasks run. Anything with this shape will do; results do not depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from experiments.settings import Executor as ExecutorSettings
from experiments.workers import Done, Failed, Pool

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """Does tasks."""

    @property
    def shares_files(self) -> bool:
        """Whether those who do them see the files of this process."""
        ...

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[Done[R] | Failed]:
        """Do the items in any order; give each one's result, or why it failed, as it is finished.

        The next item is taken when somebody is free to do it: any number of them needs no memory.
        """
        ...

    def close(self) -> None:
        """Give back what was taken to do it."""
        ...


def executor_of(settings: ExecutorSettings) -> Executor:
    """The executor that the settings ask for.

    Raises:
        ConfigError: a cluster that does not answer, or cannot do the work.
    """
    if settings.name == "dask":
        from experiments.cluster import Cluster

        return Cluster(settings.address)
    return Pool(settings.workers)
