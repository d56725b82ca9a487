"""Jobs of a multirun in one table: through Hydra's own launcher, and with a job that never ended."""

import shutil
from importlib import import_module
from pathlib import Path

import pytest

from experiments import work
from experiments.__main__ import main
from experiments.collect.ask import Collected, collect
from experiments.errors import ConfigError
from experiments.work import Model

MODELS = Path(__file__).parents[1] / "models"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three jobs, the last of which did not end."""
    folder = tmp_path_factory.mktemp("collect")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(MODELS))
        patch.chdir(folder)
        fake = import_module("fake_model")
        patch.setattr(work, "MODEL", Model(fake.simulate, fake.solve_attention))
        small = [
            "scenarios=[none,placebo]", "draws=1", "replicates=2", "executor.workers=0", "experiment.report=false",
            "experiment.equal_spend=false",
        ]  # fmt: skip
        assert main(["-m", *small, "seed=1,2,3", "hydra.sweep.dir=sweep"]) == 0
    shutil.rmtree(folder / "sweep" / "2" / "tasks")
    for name in ("manifest.json", "summary.csv"):
        (folder / "sweep" / "2" / name).unlink()
    return folder / "sweep"


@pytest.fixture(scope="module")
def found(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Collected:
    return collect(source, tmp_path_factory.mktemp("out"))


def test_jobs_are_told_by_what_differs_between_them(found: Collected) -> None:
    assert [dict(job.changes) for job in found.jobs] == [{"seed": "1"}, {"seed": "2"}, {"seed": "3"}]
    assert [job.state for job in found.jobs] == ["done", "done", "unfinished"]
    assert set(found.table["seed"].astype(str)) == {"1", "2"}
    assert list(found.table.columns[:3]) == ["job", "seed", "goal"]


def test_the_goal_is_told_for_every_job_and_scenario(found: Collected) -> None:
    assert len(found.goal) == 4
    assert set(found.goal["metric"]) == {"customer_equity"}
    assert found.sentence.startswith(
        "2 of 3 jobs are done; the best scenario for its own goal is placebo in 2"
    )


def test_it_leaves_a_table_and_a_page(found: Collected) -> None:
    assert {path.name for path in found.folder.iterdir()} == {"collect.csv", "manifest.json", "report.html"}
    page = (found.folder / "report.html").read_text("utf-8")
    assert found.sentence in page
    assert "seed=3 is unfinished." in page


def test_a_folder_without_jobs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no job"):
        collect(tmp_path, tmp_path / "out")
    with pytest.raises(ConfigError, match="is not a folder"):
        collect(tmp_path / "nowhere", tmp_path / "out")
