"""The command from end to end, with a model of a millisecond: folders, exit codes, sweeps, interruption."""

import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from experiments import work
from experiments.__main__ import main
from experiments.work import Model

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parent / "models"
SMALL = [
    "scenarios=[none,placebo,active]",
    "draws=1",
    "replicates=2",
    "executor.workers=0",
    "experiment.report=false",
]


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    """The fake model in place of the real one, and an empty working folder."""
    monkeypatch.syspath_prepend(str(MODELS))
    monkeypatch.chdir(tmp_path)
    fake_model = import_module("fake_model")
    model = Model(fake_model.simulate, fake_model.solve_attention)
    monkeypatch.setattr(work, "MODEL", model)
    return model


def manifest(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return content


def test_a_run_says_where_it_goes_and_what_it_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*SMALL[:-1]]) == 0
    (folder,) = tmp_path.glob("outputs/*/*")
    said = capsys.readouterr().out
    assert f"hydra.run.dir={folder.relative_to(tmp_path)}" in said.splitlines()[0]
    assert "At point values alone, 'active' has the highest customer equity" in said
    assert f"Report: {folder.relative_to(tmp_path) / 'report.html'}" in said
    assert (folder / ".hydra" / "overrides.yaml").exists()
    assert (folder / "report.html").stat().st_size > 10_000


def test_the_same_command_goes_on_and_another_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*SMALL, "hydra.run.dir=here"]) == 0
    first = manifest(tmp_path / "here")
    before = (tmp_path / "here" / ".hydra" / "config.yaml").read_bytes()
    assert main([*SMALL, "hydra.run.dir=here"]) == 0
    again = manifest(tmp_path / "here")
    assert (again["tasks_computed"], again["results_hash"]) == (0, first["results_hash"])
    capsys.readouterr()
    assert main([*SMALL, "hydra.run.dir=here", "seed=2"]) == 2
    assert "holds another run: seed is 1 there and 2 here" in capsys.readouterr().err
    assert (tmp_path / "here" / ".hydra" / "config.yaml").read_bytes() == before
    assert manifest(tmp_path / "here") == again


def test_failed_tasks_end_with_exit_code_1_and_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fake: Model, tmp_path: Path
) -> None:
    fake_model = import_module("fake_model")
    monkeypatch.setattr(work, "MODEL", Model(fake_model.fails_in_replicate_1, fake.solve_attention))
    assert main([*SMALL, "hydra.run.dir=here", "replicates=3"]) == 1
    said = capsys.readouterr()
    assert "tenure: 1 task failed, the first with ArithmeticError: the books do not balance" in said.err
    assert "Traceback" not in said.err
    assert (tmp_path / "here" / "summary.csv").exists()
    assert "Note: 1 task failed; replicate 1 is left out of every table" in said.out


@pytest.mark.slow
def test_a_sweep_runs_one_job_for_each_combination(tmp_path: Path) -> None:
    assert main(["-m", *SMALL, "seed=1,2", "goal=profit,cost", "hydra.sweep.dir=sweep"]) == 0
    jobs = sorted(path.name for path in (tmp_path / "sweep").iterdir() if path.is_dir())
    assert jobs == ["0", "1", "2", "3"]
    hashes = [manifest(tmp_path / "sweep" / job)["results_hash"] for job in jobs]
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]


@pytest.mark.slow
def test_a_combination_that_cannot_be_used_ends_with_exit_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    both = "scenarios=[none,placebo],[none]"
    assert main(["-m", *SMALL[1:], both, "baseline=none,placebo", "hydra.sweep.dir=sweep"]) == 2
    assert "tenure: baseline=placebo is not among the scenarios" in capsys.readouterr().err
    assert [manifest(tmp_path / "sweep" / job)["results_hash"] is not None for job in "012"] == [True] * 3


def test_the_job_gives_the_goals_value_of_the_last_scenario(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from experiments.compare import answer
    from experiments.compose import compose

    value = answer(compose([*SMALL, "goal=cost"]), tmp_path / "run")
    rows = (tmp_path / "run" / "summary.csv").read_text("utf-8").splitlines()
    (row,) = [r.split(",") for r in rows if r.startswith("active,alderline,all,cost,")]
    assert value == float(row[6]) > 0.0


INTERRUPTED = """
import signal, sys
sys.path.insert(0, sys.argv[1])
# Interrupts reach it even where the tests were started in the background, by a shell that ignores them there.
signal.signal(signal.SIGINT, signal.default_int_handler)
import fake_model
from experiments import work
from experiments.__main__ import main
work.MODEL = work.Model(fake_model.waits_for_a_file, fake_model.solve_attention)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts by signal")
def test_an_interrupted_run_keeps_what_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_TEST_GATE", str(tmp_path / "gate"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    orders = [*SMALL, "hydra.run.dir=here", "executor.workers=2", "replicates=4"]
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(MODELS), *orders],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while len(list(tmp_path.glob("here/tasks/*/*.task"))) < 4:
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    out, err = child.communicate()
    assert child.returncode == 130, err
    assert "finished tasks are kept; the same command goes on from there" in out
    assert "Traceback" not in err
    partial = manifest(tmp_path / "here")
    assert partial["partial"] is True
    assert "PARTIAL: interrupted with 1 of 4 runs finished in every scenario" in out
    assert (tmp_path / "here" / "summary.csv").is_file()
    (tmp_path / "gate").touch()
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(MODELS), *orders], env=environment, check=True
    )
    assert done.returncode == 0
    whole = manifest(tmp_path / "here")
    assert whole["tasks_reused"] >= 4  # type: ignore[operator]
    assert "partial" not in whole
    assert whole["results_hash"] != partial["results_hash"]


KILLS = 3
"""Times the main process is killed."""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_run_killed_at_random_moments_gives_the_same_numbers(tmp_path: Path) -> None:
    """`kill -9` of the command and its workers, whatever they are at; then the same command to its end."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    orders = [
        "experiment=sweep", "scenarios=[none,active]", "market.churn_target=null", "experiment.steps=12", "goal=profit",
        "executor.workers=2", "experiment.report=false",
    ]  # fmt: skip
    program = [sys.executable, "-c", SLOW, str(MODELS), *orders]
    subprocess.run([*program, "hydra.run.dir=whole"], env=environment, check=True, stdout=subprocess.DEVNULL)
    rng = np.random.default_rng(11)
    killed = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [*program, "hydra.run.dir=here"],
            env=environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            child.wait(timeout=float(rng.uniform(1.0, 6.0)))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            killed += 1
        child.wait()
    subprocess.run([*program, "hydra.run.dir=here"], env=environment, check=True, stdout=subprocess.DEVNULL)
    whole, here = (manifest(tmp_path / name) for name in ("whole", "here"))
    assert here["results_hash"] == whole["results_hash"]
    assert killed > 0


SLOW = """
import sys
sys.path.insert(0, sys.argv[1])
import planted_points
from experiments import work
from experiments.__main__ import main
from experiments.points import shelf, survey
shelf.SECONDS = 0.2
survey.BATCH_SECONDS = 0.02
work.MODEL = work.Model(planted_points.simulate)
sys.exit(main(sys.argv[2:]))
"""


REAL = [
    "scenarios=[none,placebo,active]", "draws=2", "replicates=2", "horizon_months=3", "market.customers=600",
    "experiment.customers=true", "experiment.report=false", "market.churn_target=null",
]  # fmt: skip


@pytest.mark.slow
def test_the_real_model_gives_the_same_hash_on_one_process_and_on_two(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    for workers in (1, 2):
        assert main([*REAL, f"executor.workers={workers}", f"hydra.run.dir={workers}"]) == 0
    one, two = (manifest(tmp_path / name) for name in "12")
    assert one["results_hash"] == two["results_hash"]
    assert one["tasks_reused"] == two["tasks_reused"] == 0
    assert (tmp_path / "1" / "customers.parquet").read_bytes() == (
        tmp_path / "2" / "customers.parquet"
    ).read_bytes()
