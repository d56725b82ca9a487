"""A cluster on this machine: the same results as local processes, whoever dies, and clear words where there is none."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from experiments import cluster
from experiments.cluster import Cluster
from experiments.compose import compose
from experiments.console import Console
from experiments.errors import ConfigError
from experiments.sweep.ask import swept
from experiments.trial import Trial
from experiments.work import Model
from experiments.workers import Done, Failed, Pool

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
MODELS = Path(__file__).parent / "models"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills by signal"),
    # Dask's own worker processes are told to end when the cluster closes, and leave sockets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler with two worker processes that find the planted models."""
    path = os.pathsep.join([str(MODELS), *sys.path])
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(MODELS))
        patch.setenv("PYTHONPATH", path)
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as local:
            yield local.scheduler_address


@pytest.fixture
def fake(address: str) -> ModuleType:
    return import_module("fake_model")


@pytest.fixture
def executor(address: str) -> Iterator[Cluster]:
    held = Cluster(address)
    yield held
    held.close()


def test_tasks_come_back_failed_ones_as_rows(fake: ModuleType, executor: Cluster) -> None:
    found = {r.index: r for r in executor.run(fake.raises_at_3, iter(range(20)))}
    failed = found.pop(3)
    assert isinstance(failed, Failed)
    assert failed.error == "ValueError: three is not allowed"
    assert {i: r.value for i, r in found.items() if isinstance(r, Done)} == {
        i: 2 * i for i in range(20) if i != 3
    }


def test_a_killed_workers_tasks_come_back(fake: ModuleType, executor: Cluster, tmp_path: Path) -> None:
    paths = [str(tmp_path / "killer"), *(str(tmp_path / str(i)) for i in range(4))]
    for path in paths[1:]:
        Path(path).touch()
    found = {r.index: r for r in executor.run(fake.dies_once, iter(paths))}
    assert all(isinstance(r, Done) for r in found.values())
    assert len(found) == 5


def test_a_sweep_gives_the_same_hash_as_local_processes(address: str, tmp_path: Path) -> None:
    planted: Any = import_module("planted_points")
    question = compose(
        [
            "experiment=sweep",
            "scenarios=[none,active]",
            "market.churn_target=null",
            "goal=profit",
            "experiment.steps=3",
        ]
    )
    hashes = set()
    for name, held in (("dask", Cluster(address)), ("local", Pool(2))):
        found = swept(question, tmp_path / name, Console(quiet=True), held, Model(planted.simulate))
        held.close()
        hashes.add(found.manifest["results_hash"])
    assert len(hashes) == 1


def test_records_of_a_comparison_are_kept_by_the_one_who_asks(
    fake: ModuleType, address: str, tmp_path: Path
) -> None:
    from experiments.session import session

    question = compose(
        ["scenarios=[none,placebo]", "draws=2", "replicates=2", "experiment.equal_spend=false"]
    )
    model = Model(fake.simulate, fake.solve_attention)
    with session(question, tmp_path, Console(quiet=True), Cluster(address), model) as held:
        trial = Trial(question, held.campaign())
        trial.run()
        held.executor.close()
    outcomes, dropped = trial.outcomes()
    assert (len(outcomes), dropped) == (8, ())


def test_nobody_there_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(
        ConfigError, match=r"executor.address=tcp://127.0.0.1:1 does not answer; start a scheduler"
    ):
        Cluster("tcp://127.0.0.1:1")


def test_a_worker_of_another_version_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "code_version", lambda: "another")
    with pytest.raises(ConfigError, match=r"has tenure .*, not another; install the same versions"):
        Cluster(address)
