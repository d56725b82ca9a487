"""A sweep over a market whose answer has a closed form."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.errors import ConfigError
from experiments.sweep.ask import swept
from experiments.sweep.found import SweepFound
from experiments.work import Model
from experiments.workers import Pool

ASKED = [
    "experiment=sweep",
    "scenarios=[none,active]",
    "market.churn_target=null",
    "replicates=4",
    "goal=profit",
    "experiment.over={p_contact:[0.0,0.1],kappa:[0.1,0.5]}",
]


def run(simulate: Any, folder: Path, *more: str) -> SweepFound:
    with Pool(0) as pool:
        return swept(compose([*ASKED, *more]), folder, Console(quiet=True), pool, Model(simulate))


@pytest.mark.parametrize("design", ["grid", "latin_hypercube", "sobol"])
def test_the_table_holds_the_difference_at_every_point(design: str, planted: Any, tmp_path: Path) -> None:
    found = run(planted.simulate, tmp_path, f"experiment.design={design}", "experiment.points=25")
    told = found.goal[found.goal["scenario"] == "active"]
    worth = planted.worth(told["kappa"], told["p_contact"])
    error = planted.VALUE * np.sqrt(planted.HAZARD / planted.PEOPLE / 4)
    assert len(told) == 25
    assert np.abs(told["difference"] - worth).max() < 4.5 * error
    covered = (told["difference_luck_low"] <= worth) & (worth <= told["difference_luck_high"])
    assert covered.mean() > 0.75, "one luck for all points: they miss together"
    assert (told["best"] == (told["difference"] > 0)).all()


def test_it_leaves_a_page_a_table_a_manifest_and_the_points(planted: Any, tmp_path: Path) -> None:
    found = run(planted.simulate, tmp_path, "experiment.steps=3")
    assert {p.name for p in tmp_path.iterdir()} == {"manifest.json", "points", "report.html", "sweep.csv"}
    assert found.sentence in (tmp_path / "report.html").read_text("utf-8")
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert (manifest["tasks_computed"], manifest["tasks_reused"]) == (72, 0)
    assert (
        run(planted.simulate, tmp_path, "experiment.steps=3").manifest["results_hash"]
        == manifest["results_hash"]
    )


def test_failures_are_told_and_the_rest_is_kept(planted: Any, tmp_path: Path) -> None:
    found = run(planted.fails_at_large_kappa, tmp_path, "experiment.steps=3")
    assert len(found.failures) == 12
    assert "12 tasks failed" in " ".join(found.notes)
    assert found.goal["best"].sum() == 6
    assert (tmp_path / "failures.csv").is_file()


def test_too_many_points_are_refused(planted: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"experiment.steps=5000 over 2 parameters makes 25,000,000 points"):
        run(planted.simulate, tmp_path, "experiment.steps=5000")
