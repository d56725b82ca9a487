"""The experiment on a market with a planted flip and a planted assumption that does nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.tipping_points.ask import tipped
from experiments.tipping_points.found import TippingFound
from experiments.work import Model
from experiments.workers import Pool

ASKED = [
    "experiment=tipping_points", "scenarios=[none,active]", "market.churn_target=null", "goal=profit", "replicates=8",
    "experiment.over={kappa:[0.05,0.5],p_contact:[0.0,0.1],p_price_rise:null}", "experiment.points=64",
    "experiment.fresh=64",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tipping")


@pytest.fixture(scope="module")
def found(planted: Any, folder: Path) -> TippingFound:
    with Pool(0) as pool:
        return tipped(compose(ASKED), folder, Console(quiet=True), pool, Model(planted.simulate))


def test_a_planted_flip_is_recovered_and_what_does_nothing_is_said_to(
    found: TippingFound, planted: Any
) -> None:
    """At the point values kappa is .1 and a contact costs .03: none wins, up to kappa = .15 or down to a cost of .02."""
    own: Any = found.table.set_index("axis")
    assert found.winner == "none"
    assert own.loc["kappa", "reading"] == own.loc["p_contact", "reading"] == "flips"
    assert own.loc["kappa", "tips_low"] <= 0.15 <= own.loc["kappa", "tips_high"]
    assert own.loc["p_contact", "tips_low"] <= 0.02 <= own.loc["p_contact", "tips_high"]
    error = planted.VALUE * np.sqrt(planted.HAZARD / planted.PEOPLE / 8)
    assert own.loc["p_contact", "tips_at"] == pytest.approx(0.02, abs=4 * error)
    nothing = own.loc["p_price_rise"]
    assert nothing["reading"] == "stays"
    assert nothing["lead_at_low"] == nothing["lead_at_high"] == nothing["lead_at_point"]
    assert np.isnan(nothing["tips_at"])


def test_the_share_of_the_box_and_the_rules_hold_in_closed_form(found: TippingFound, planted: Any) -> None:
    rng = np.random.default_rng(1)
    kappa = rng.uniform(0.05, 0.5, 100_000)
    wins = planted.worth(kappa, rng.uniform(0.0, 0.1, 100_000)) < 0.0
    share, low, high = found.stays
    assert low < wins.mean() < high
    assert set(found.rules["scenario"]) == {"none", "active"}
    assert (found.rules["precision"] > 0.7).all()
    assert all("kappa" in rule or "p contact" in rule for rule in found.rules["rule"])
    assert 0.0 < share < 1.0


def test_it_leaves_a_page_and_tables(found: TippingFound, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", "points", "report.html", "rules.csv", "tipping_points.csv",
    }  # fmt: skip
    page = (folder / "report.html").read_text("utf-8")
    assert found.sentence in page
    assert found.rules["rule"][0] in page
