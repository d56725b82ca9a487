"""The experiment on a market where only two assumptions matter, by how much is known."""

from pathlib import Path
from typing import Any

import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.sensitivity.ask import told
from experiments.sensitivity.found import SensitivityFound
from experiments.work import Model
from experiments.workers import Pool

ASKED = [
    "experiment=sensitivity", "scenarios=[none,active]", "market.churn_target=null", "goal=profit",
    "experiment.over={kappa:[0.1,0.4],p_contact:[0.0,0.1],p_price_rise:null}", "experiment.points=64",
]  # fmt: skip


def run(planted: Any, folder: Path, *more: str) -> SensitivityFound:
    with Pool(0) as pool:
        return told(compose([*ASKED, *more]), folder, Console(quiet=True), pool, Model(planted.simulate))


def test_what_matters_is_told_from_what_does_not(planted: Any, tmp_path: Path) -> None:
    found = run(planted, tmp_path)
    own = found.of("active less none")
    assert own is not None
    table: Any = own.set_index("axis")
    gain, cost = (0.3 * planted.VALUE * planted.HAZARD) ** 2, 0.1**2
    for name, share in (("kappa", gain / (gain + cost)), ("p_contact", cost / (gain + cost))):
        assert table.loc[name, "total_low"] - 0.03 <= share <= table.loc[name, "total_high"] + 0.03
    assert table.loc["p_price_rise", "total"] == pytest.approx(0.0, abs=1e-9)
    assert found.sentence.index("p_contact") < found.sentence.index("kappa")
    assert {p.name for p in tmp_path.iterdir()} == {
        "manifest.json",
        "points",
        "report.html",
        "sensitivity.csv",
    }
    assert found.sentence in (tmp_path / "report.html").read_text("utf-8")


def test_many_are_screened_first_and_those_that_matter_are_kept(planted: Any, tmp_path: Path) -> None:
    found = run(planted, tmp_path, "experiment.most=2", "experiment.points=16")
    assert found.indices is not None
    assert set(found.indices["axis"]) == {"kappa", "p_contact"}
    assert (tmp_path / "screening.csv").is_file()
