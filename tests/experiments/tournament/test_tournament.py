"""A tournament in a planted market: an arms race in which active beats none and leaves everybody poorer."""

from pathlib import Path
from typing import Any

import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.errors import ConfigError
from experiments.tournament.ask import played
from experiments.tournament.found import TournamentFound
from experiments.work import Model
from experiments.workers import Pool

ASKED = [
    "experiment=tournament", "scenarios=[none,active]", "market.churn_target=null", "goal=profit", "draws=1",
    "replicates=5",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tournament")


@pytest.fixture(scope="module")
def found(planted: Any, folder: Path) -> TournamentFound:
    with Pool(0) as pool:
        return played(compose(ASKED), folder, Console(quiet=True), pool, Model(planted.arms_race))


def test_the_race_is_the_equilibrium_and_makes_everybody_poorer(found: TournamentFound, planted: Any) -> None:
    (only,) = found.equilibria
    assert (only.own, only.other, only.sure) == ((0.0, 1.0), (0.0, 1.0), 1.0)
    assert "alderline with active and the others with active is an equilibrium" in found.sentence
    table = found.everybody
    active = table[(table["set"] == "active") & (table["metric"] == "profit")]
    assert active["difference"].tolist() == pytest.approx([-planted.EFFORT] * len(active))
    assert set(active["provider"]) == {"alderline", *found.rivals}


def test_payoffs_and_losses_are_those_planted(found: TournamentFound, planted: Any) -> None:
    own: Any = found.payoffs[found.payoffs["side"] == "focal"].set_index(["own", "others"])
    assert own.loc[("active", "none"), "best_reply"]
    assert own.loc[("none", "none"), "loss"] == pytest.approx(planted.STEAL - planted.EFFORT)
    gap = own.loc[("active", "none"), "mean"] - own.loc[("none", "none"), "mean"]
    assert gap == pytest.approx(planted.STEAL - planted.EFFORT)


def test_it_leaves_a_page_and_tables(found: TournamentFound, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "everybody.csv", "manifest.json", "points", "report.html", "tournament.csv",
    }  # fmt: skip
    assert found.sentence in (folder / "report.html").read_text("utf-8")


def test_a_rival_that_is_not_there_is_refused(planted: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"experiment.rival=brackwav is not a rival"), Pool(0) as pool:
        played(
            compose([*ASKED, "experiment.rival=brackwav"]),
            tmp_path,
            Console(quiet=True),
            pool,
            Model(planted.arms_race),
        )
