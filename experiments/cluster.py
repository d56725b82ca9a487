"""Cluster: tasks on the workers of a Dask scheduler, on any number of machines; results come back over the network.

Workers need this version of the project and nothing else: no shared folder. A worker that dies takes no task with it:
the scheduler gives it to another, and a task that has taken several workers with it is a failed task.
"""

from __future__ import annotations

import importlib.util
import pickle
import platform
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from experiments.errors import ConfigError
from experiments.fingerprint import code_version
from experiments.workers import Done, Failed

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 3
"""Tasks that are handed out per thread: one that runs and some that wait on the worker, so that it never idles."""
PATIENCE = 20
"""Seconds to wait for the scheduler, and for the first worker."""


def versions() -> dict[str, str]:
    """What workers must have in common with the one who asks, so that results are the same to the bit."""
    import numba
    import numpy as np

    return {
        "tenure": code_version(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


class Cluster:
    """Workers behind a Dask scheduler.

    Args:
        address: of the scheduler, such as `tcp://127.0.0.1:8786`.

    Raises:
        ConfigError: the library is missing, nobody answers, or a worker cannot do the work.
    """

    shares_files = False

    def __init__(self, address: str) -> None:
        if importlib.util.find_spec("distributed") is None:
            raise ConfigError(
                "executor=dask needs the library distributed; install it with pip install 'tenure-lab[cluster]'."
            )
        import distributed

        make: Any = distributed.Client
        try:
            self._client: Any = make(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"executor.address={address} does not answer; start a scheduler there with `dask scheduler`, or give "
                "the address that it prints."
            ) from error
        try:
            self._check(address)
        except ConfigError:
            self._client.close()
            raise

    def _check(self, address: str) -> None:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ConfigError(
                f"executor.address={address} has no workers; start one with `dask worker {address} --nthreads 1`."
            ) from error
        for worker, threads in self._client.nthreads().items():
            if threads != 1:
                raise ConfigError(
                    f"executor.address={address}: worker {worker} runs {threads} threads; start workers with "
                    "--nthreads 1, and --nworkers for more of them."
                )
        own = versions()
        for worker, theirs in self._client.run(versions).items():
            for name, version in own.items():
                if theirs[name] != version:
                    raise ConfigError(
                        f"executor.address={address}: worker {worker} has {name} {theirs[name][:12]}, not "
                        f"{version[:12]}; install the same versions on it."
                    )

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        self._client.close()

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[Done[R] | Failed]:
        """Do tasks; results come as they are finished, and the next item is taken when a worker is about to be free.

        Leaving the iterator early cancels what is running.
        """
        import distributed

        version = code_version()
        coming = enumerate(items)
        places: dict[str, tuple[int, Any]] = {}
        make: Any = distributed.as_completed
        results = make(loop=self._client.loop)

        def hand_out() -> None:
            index, item = next(coming, (-1, None))
            if index >= 0:
                order = pickle.dumps((function, item))
                future = self._client.submit(_done, order, version, pure=False)
                places[future.key] = (index, future)
                results.add(future)

        try:
            for _ in range(AHEAD * max(1, sum(self._client.nthreads().values()))):
                hand_out()
            for future in results:
                index, _ = places.pop(future.key)
                hand_out()
                if future.status == "finished":
                    good, value, details = future.result()
                    yield Done(index, value) if good else Failed(index, value, details)
                else:
                    yield Failed(
                        index, f"the workers died at this task, or the cluster lost it ({_why(future)})"
                    )
                future.release()
        finally:
            self._client.cancel([future for _, future in places.values()], force=True)


def _why(future: Any) -> str:
    error = future.exception() if future.status == "error" else None
    return type(error).__name__ if error is not None else str(future.status)


def _done(order: bytes, version: str) -> tuple[bool, Any, str]:
    """A worker's part: what a task gave back, or why it failed."""
    from threadpoolctl import threadpool_limits

    if code_version() != version:
        raise RuntimeError("this worker has another version of the project")
    try:
        function, item = pickle.loads(order)  # noqa: S301  # from our own client
        with threadpool_limits(1):
            return True, function(item), ""
    except Exception as error:  # noqa: BLE001  # whatever a task raises becomes its row
        return False, f"{type(error).__name__}: {error}", traceback.format_exc()
