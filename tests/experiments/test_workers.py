"""Workers: every result comes back, whoever dies."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from experiments import workers
from experiments.workers import TRIES, Done, Failed, Pool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


def values(results: Iterable[Done[Any] | Failed]) -> dict[int, Any]:
    """What came back by place; fails where something failed."""
    found = {}
    for result in results:
        assert isinstance(result, Done), result
        found[result.index] = result.value
    return found


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The fake model as workers import it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "models"))
    return import_module("fake_model")


def test_results_come_back_with_their_places(fake: ModuleType) -> None:
    with Pool(2) as pool:
        found = values(pool.run(fake.double, range(20)))
        again = values(pool.run(fake.double, range(3)))
    assert found == {i: 2 * i for i in range(20)}
    assert again == {i: 2 * i for i in range(3)}


def test_workers_never_load_hydra_and_use_one_thread(fake: ModuleType) -> None:
    with Pool(2) as pool:
        found = values(pool.run(fake.process_of, range(8))).values()
    assert {(tuple(loaded), threads) for _, loaded, threads in found} == {((), "1")}
    assert os.getpid() not in {pid for pid, _, _ in found}


@pytest.mark.parametrize(("tasks", "each"), [(1, 4), (2, 2), (3, 1), (9, 1)])
def test_cores_without_a_task_become_threads_of_the_others(fake: ModuleType, tasks: int, each: int) -> None:
    with Pool(4) as pool:
        found = values(pool.run(fake.spans_of_a_million, range(tasks)))
    assert set(found.values()) == {each}


def test_a_worker_gets_a_task_that_it_knows_the_home_of_else_one_that_nobody_knows() -> None:
    orders = [workers._Order(n, b"", home) for n, home in enumerate(["a", "b", "c", None, "a"])]
    line = workers._Line(iter(orders), 9)

    def given(mine: str, others: str) -> int:
        order = line.next(mine, others)
        assert order is not None
        return order.index

    assert given("b", "ac") == 1
    assert given("", "ac") == 3
    assert given("a", "c") == 0
    assert given("", "ac") == 2
    line.back(orders[1])
    assert given("c", "") == 1
    assert given("c", "a") == 4
    assert line.next("", "") is None


def test_tasks_that_are_made_one_by_one_are_not_made_before_they_are_needed() -> None:
    made: list[int] = []

    def one_by_one() -> Iterator[workers._Order]:
        for n in range(5):
            made.append(n)
            yield workers._Order(n, b"")

    line = workers._Line(one_by_one(), 1)
    assert [line.next("", "").index for _ in range(2)] == [0, 1]  # type: ignore[union-attr]
    assert made == [0, 1]


def test_a_task_that_raises_is_a_row_and_the_rest_goes_on(fake: ModuleType) -> None:
    with Pool(2) as pool:
        found = {r.index: r for r in pool.run(fake.raises_at_3, range(6))}
    failed = found.pop(3)
    assert isinstance(failed, Failed)
    assert failed.error == "ValueError: three is not allowed"
    assert "raises_at_3" in failed.details
    assert values(found.values()) == {i: 2 * i for i in (0, 1, 2, 4, 5)}


def test_a_worker_killed_by_a_task_is_replaced_and_the_task_singled_out(fake: ModuleType) -> None:
    with Pool(2) as pool:
        found = {r.index: r for r in pool.run(fake.dies_at_3, range(8))}
    failed = found.pop(3)
    assert isinstance(failed, Failed)
    assert failed.error == f"{TRIES} workers died at this task, the last by signal 9 (SIGKILL)"
    assert values(found.values()) == {i: 2 * i for i in (0, 1, 2, 4, 5, 6, 7)}


def test_a_task_whose_worker_was_killed_is_tried_again(fake: ModuleType, tmp_path: Path) -> None:
    items = [str(tmp_path / f"{i}") for i in range(4)]
    with Pool(2) as pool:
        found = values(pool.run(fake.dies_once, items))
    assert found == {i: str(i) for i in range(4)}


def test_without_workers_tasks_run_here(fake: ModuleType) -> None:
    with Pool(0) as pool:
        found = {r.index: r for r in pool.run(fake.raises_at_3, range(5))}
        here = next(iter(pool.run(fake.process_of, [0])))
    assert isinstance(found[3], Failed)
    assert isinstance(here, Done)
    assert here.value[0] == os.getpid()


def test_leaving_early_ends_the_workers(fake: ModuleType) -> None:
    with Pool(2) as pool:
        results = pool.run(fake.double, range(50))
        next(results)
        results.close()
        assert pool._team == []
        assert len(list(pool.run(fake.double, range(5)))) == 5


UNGUARDED = """
import subprocess
import sys
sys.path.insert(0, sys.argv[1])
import fake_model
from experiments import workers
from experiments.workers import Pool
def here(number):
    return number
with Pool(2) as pool:
    print(sorted(r.value for r in pool.run(fake_model.double, range(4))))
    print({r.error.partition(":")[0] for r in pool.run(here, range(2))})
"""


@pytest.mark.slow
def test_a_program_without_a_guard_is_not_started_again_by_its_workers(
    tmp_path: Path, project_root: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(UNGUARDED)
    environment = {**os.environ, "PYTHONPATH": str(project_root)}
    models = str(Path(__file__).parent / "models")
    done = subprocess.run(
        [sys.executable, str(program), models], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[0, 2, 4, 6]", "{'AttributeError'}"]


def test_workers_that_are_spawned_do_the_same(fake: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_context", lambda: get_context("spawn"))
    with Pool(1) as pool:
        assert values(pool.run(fake.double, range(3))) == {i: 2 * i for i in range(3)}
        ((_, loaded, threads),) = values(pool.run(fake.process_of, [0])).values()
    assert (loaded, threads) == ([], "1")
