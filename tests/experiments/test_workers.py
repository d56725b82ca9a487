"""Workers: every result comes back, whoever dies."""

import os
import sys
from pathlib import Path

import pytest

from experiments.workers import TRIES, Done, Failed, Pool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch):
    """The fake model as workers import it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "models"))
    import fake_model

    return fake_model


def test_results_come_back_with_their_places(fake) -> None:
    with Pool(2) as pool:
        found = list(pool.run(fake.double, range(20)))
        again = list(pool.run(fake.double, range(3)))
    assert sorted((r.index, r.value) for r in found) == [(i, 2 * i) for i in range(20)]
    assert len(again) == 3


def test_workers_never_load_hydra_and_use_one_thread(fake) -> None:
    with Pool(2) as pool:
        found = [r.value for r in pool.run(fake.process_of, range(8))]
    assert {(tuple(loaded), threads) for _, loaded, threads in found} == {((), "1")}
    assert os.getpid() not in {pid for pid, _, _ in found}


def test_a_task_that_raises_is_a_row_and_the_rest_goes_on(fake) -> None:
    with Pool(2) as pool:
        found = {r.index: r for r in pool.run(fake.raises_at_3, range(6))}
    failed = found.pop(3)
    assert isinstance(failed, Failed)
    assert failed.error == "ValueError: three is not allowed"
    assert "raises_at_3" in failed.details
    assert all(isinstance(r, Done) and r.value == 2 * i for i, r in found.items())


def test_a_worker_killed_by_a_task_is_replaced_and_the_task_singled_out(fake) -> None:
    with Pool(2) as pool:
        found = {r.index: r for r in pool.run(fake.dies_at_3, range(8))}
    failed = found.pop(3)
    assert isinstance(failed, Failed)
    assert failed.error == f"{TRIES} workers died at this task, the last by signal 9 (SIGKILL)"
    assert {i: r.value for i, r in found.items()} == {i: 2 * i for i in (0, 1, 2, 4, 5, 6, 7)}


def test_a_task_whose_worker_was_killed_is_tried_again(fake, tmp_path: Path) -> None:
    items = [str(tmp_path / f"{i}") for i in range(4)]
    with Pool(2) as pool:
        found = list(pool.run(fake.dies_once, items))
    assert all(isinstance(r, Done) for r in found)
    assert sorted(r.value for r in found if isinstance(r, Done)) == ["0", "1", "2", "3"]


def test_without_workers_tasks_run_here(fake) -> None:
    with Pool(0) as pool:
        found = {r.index: r for r in pool.run(fake.raises_at_3, range(5))}
        here = next(iter(pool.run(fake.process_of, [0])))
    assert isinstance(found[3], Failed)
    assert isinstance(here, Done)
    assert here.value[0] == os.getpid()


def test_leaving_early_ends_the_workers(fake) -> None:
    with Pool(2) as pool:
        results = pool.run(fake.double, range(50))
        next(results)
        results.close()
        assert pool._team == []
        assert len(list(pool.run(fake.double, range(5)))) == 5
