"""Hydra's own launchers run the command unmodified, and a job's results are those of the same command alone."""

import json
import sys
from pathlib import Path

import pytest

from experiments.__main__ import main

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="submitit forks")]
SMALL = [
    "scenarios=[none,placebo]", "draws=1", "replicates=1", "horizon_months=3", "market.customers=300", "market.warm_up=1",
    "market.churn_target=null", "executor.workers=0", "experiment.report=false", "experiment.equal_spend=false",
]  # fmt: skip


def results(folder: Path) -> object:
    return json.loads((folder / "manifest.json").read_text("utf-8"))["results_hash"]


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_launcher_gives_the_same_hash(
    launcher: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(
        f"hydra_plugins.hydra_{launcher.partition('_')[0]}_launcher", reason="extra `launchers` missing"
    )
    monkeypatch.chdir(tmp_path)
    assert main([*SMALL, "seed=2", "hydra.run.dir=alone"]) == 0
    assert main(["-m", *SMALL, "seed=2", f"hydra/launcher={launcher}", "hydra.sweep.dir=jobs"]) == 0
    assert results(tmp_path / "jobs" / "0") == results(tmp_path / "alone")
