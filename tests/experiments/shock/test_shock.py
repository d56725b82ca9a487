"""Who holds, on a market with planted losses."""

from pathlib import Path
from typing import Any

import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.errors import ConfigError
from experiments.shock.ask import NEWCOMER, shocked
from experiments.shock.found import ShockFound
from experiments.work import Model
from experiments.workers import Pool

ASKED = [
    "experiment=shock", "scenarios=[none,active]", "market.churn_target=null", "goal=profit", "draws=1", "replicates=5",
    "experiment.answers=[match]",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shock")


@pytest.fixture(scope="module")
def found(planted: Any, folder: Path) -> ShockFound:
    with Pool(0) as pool:
        return shocked(compose(ASKED), folder, Console(quiet=True), pool, Model(planted.struck))


def test_planted_losses_are_recovered_whatever_the_luck(found: ShockFound, planted: Any) -> None:
    goal: Any = found.goal.set_index(["shock", "scenario"])
    assert goal.loc[("outage", "none"), "change"] == pytest.approx(-planted.HURT)
    assert goal.loc[("outage", "active"), "change"] == pytest.approx(-planted.HURT / 2)
    assert goal.loc[("price war, match", "none"), "change"] == pytest.approx(-planted.HURT - 1.0)
    luck = goal.loc[("outage", "none"), "luck_high"] - goal.loc[("outage", "none"), "luck_low"]
    assert luck == pytest.approx(0.0, abs=1e-9), "twin worlds share their luck"


def test_who_holds_and_where_the_winner_flips(found: ShockFound) -> None:
    assert set(found.holds["holds_best"]) == {"active"}
    assert found.holds["decided"].all()
    assert (found.holds["best_without"] == "none").all()
    assert found.holds["flips"].all()
    assert "active under 10 (clearly under 10)" in found.sentence


def test_an_entrant_is_there_from_the_beginning_and_nobody_finds_it(found: ShockFound, planted: Any) -> None:
    assert planted.MARKETS[-1][-1].name == NEWCOMER
    assert planted.MARKETS[-1][-1].availability == 1e-6


def test_it_leaves_a_page_and_tables(found: ShockFound, folder: Path) -> None:
    assert {p.name for p in folder.iterdir()} == {
        "holds.csv",
        "manifest.json",
        "points",
        "report.html",
        "shock.csv",
    }
    assert found.sentence in (folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("experiment.only=[flood]", r"experiment.only=\['flood'\] leaves no shock; name some of price_war"),
        (
            "experiment.shocks.outage.provider=nobody",
            "experiment.shocks.outage: provider=nobody is not in this market",
        ),
    ],
)
def test_what_cannot_strike_is_said_in_a_sentence(
    change: str, said: str, planted: Any, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=said), Pool(0) as pool:
        shocked(compose([*ASKED, change]), tmp_path, Console(quiet=True), pool, Model(planted.struck))
