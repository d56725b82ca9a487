"""The map against a market whose break-even has a closed form: save rate x value x hazard = contact cost."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.compose import Resolved, compose
from experiments.console import Console
from experiments.decision_map.ask import mapped
from experiments.decision_map.found import MapFound
from experiments.errors import ConfigError
from experiments.work import Model
from experiments.workers import Pool

ASKED = [
    "experiment=decision_map",
    "scenarios=[none,passive,active]",
    "market.churn_target=null",
    "draws=1",
    "replicates=6",
    "goal=profit",
    "experiment.over={p_contact:[0.0,0.1],kappa:[0.1,0.5]}",
    "experiment.steps=11",
]


def run(planted: Any, folder: Path, *more: str, resolved: Resolved | None = None) -> MapFound:
    question = resolved or compose([*ASKED, *more])
    with Pool(0) as pool:
        return mapped(question, folder, Console(quiet=True), pool, Model(planted.simulate))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("map")


@pytest.fixture(scope="module")
def found(planted: Any, folder: Path) -> MapFound:
    return run(planted, folder)


def truth(planted: Any, cost: Any, kappa: Any) -> Any:
    """By how much active beats the best of the others."""
    return planted.worth(kappa, cost) - planted.PASSIVE


def test_the_border_lies_on_the_closed_form_within_the_error_of_luck(found: MapFound, planted: Any) -> None:
    cells = found.table[found.table["field"] == "all"]
    worth = truth(planted, cells["x"].astype(float), cells["y"].astype(float))
    (panel,) = found.maps[0].panels
    lead = panel.means[:, panel.scenarios.index("active")] - panel.means[:, panel.scenarios.index("passive")]
    error = planted.VALUE * np.sqrt(planted.HAZARD / planted.PEOPLE / 6)
    assert set(cells["best"]) == {"passive", "active"}
    assert np.abs(lead - worth).max() < 4.5 * error
    clearly = np.abs(worth) > 4.5 * error
    assert ((cells["best"] == "active") == (worth > 0))[clearly].all()
    assert cells["decided"][clearly].mean() > 0.8
    assert clearly.sum() > 70


def test_the_break_even_line_crosses_where_margins_do(found: MapFound, planted: Any) -> None:
    (panel,) = found.maps[0].panels
    ((one, other, margin),) = panel.margins()
    assert (one, other) == ("passive", "active")
    costs = np.array(panel.x.ticks, dtype=float)
    for kappa, column in zip(panel.y.ticks, margin.T, strict=True):
        at = planted.worth(float(kappa), 0.0) - planted.PASSIVE
        known = np.isfinite(column)
        if known.sum() > 1 and costs[known][0] < at < costs[known][-1]:
            crossing = np.interp(0.0, column[known], costs[known])
            assert crossing == pytest.approx(
                at, abs=5 * planted.VALUE * np.sqrt(planted.HAZARD / planted.PEOPLE / 6)
            )


@pytest.mark.slow
def test_a_second_seed_agrees_where_the_first_is_sure(found: MapFound, planted: Any, tmp_path: Path) -> None:
    other = run(planted, tmp_path, "seed=2")
    one, two = (t.table[t.table["field"] == "all"].reset_index(drop=True) for t in (found, other))
    sure = one["decided"]
    assert sure.sum() > 80
    assert (one["best"] == two["best"])[sure].mean() >= 0.95


def test_it_leaves_a_page_a_slide_a_table_and_a_manifest(found: MapFound, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "decision_map.csv", "manifest.json", "map-profit-24-all.png", "map-profit-24-kinds.png", "points", "report.html",
    }  # fmt: skip
    page = (folder / "report.html").read_text("utf-8")
    assert found.sentence in page
    assert page.count("<svg viewBox") >= 4
    patterns = re.findall(r'<pattern id="([^"]+)"', page)
    assert patterns, "undecided cells are hatched"
    assert all(f"url(#{name})" in page for name in patterns)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["results_hash"]
    assert "active in" in found.sentence


@pytest.mark.slow
def test_markets_and_customers_make_a_map_of_names(planted: Any, tmp_path: Path) -> None:
    found = run(
        planted, tmp_path, "experiment.map=markets", "experiment.markets=[telecom,saas]",
        "experiment.mixes=[comfort,deal]", "experiment.horizons=[12,24]", "experiment.goals=[churn,profit]",
    )  # fmt: skip
    assert len(found.maps) == 2 * 2 * 2
    assert found.maps[0].panels[0].y.ticks == ("comfort", "deal")
    assert len(found.table) == 8 * 4
    best = found.table[found.table["field"] == "all"].groupby("goal")["best"].agg(set)
    assert best["profit"] == {"passive"}
    assert best["churn"] == {"active"}, (
        "less is better, and at the point values a contact costs more than it saves"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("experiment.over={kappa:null}", "experiment.over names 1 parameters; a map has two"),
        ("experiment.markets=[telekom]", "telekom is not a market; did you mean telecom"),
        ("experiment.goals=[winning]", "winning is not a goal"),
    ],
)
def test_what_cannot_be_mapped_is_said_in_a_sentence(
    change: str, said: str, planted: Any, tmp_path: Path
) -> None:
    asked = [one for one in ASKED if one.split("=")[0] != change.split("=", maxsplit=1)[0]]
    with pytest.raises(ConfigError, match=said), Pool(0) as pool:
        mapped(compose([*asked, change]), tmp_path, Console(quiet=True), pool, Model(planted.simulate))
    assert not any(tmp_path.iterdir())
