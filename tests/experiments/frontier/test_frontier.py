"""The frontier of two programmes with diminishing returns, whose best split has a closed form."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.errors import ConfigError
from experiments.frontier.ask import spent
from experiments.frontier.found import FrontierFound
from experiments.frontier.search import best_within, surface
from experiments.work import Model
from experiments.workers import Pool

BUDGETS = (0.3, 0.6, 1.0)
STEPS = 7
ASKED = [
    "experiment=frontier", "market.churn_target=null", "goal=profit", "replicates=4", "experiment.targeting=[value]",
    "experiment.budgets=[0.3,0.6,1.0]", f"experiment.steps={STEPS}",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frontier")


@pytest.fixture(scope="module")
def found(planted: Any, folder: Path) -> FrontierFound:
    with Pool(0) as pool:
        return spent(compose(ASKED), folder, Console(quiet=True), pool, Model(planted.two_programmes))


def split(planted: Any, budget: float) -> tuple[float, float]:
    """Intensities with the highest worth within a budget: worth per price of the last unit alike (Lagrange)."""
    (a, b), (p, q) = planted.ROOTS, planted.PRICES
    ratio = (a * q / (b * p)) ** 2
    active = budget / (p * ratio + q)
    return ratio * active, active


def test_a_closed_form_split_is_recovered_within_a_grid_step(found: FrontierFound, planted: Any) -> None:
    step = 1.0 / (STEPS - 1)
    assert len(found.spends) == len(BUDGETS)
    for spend in found.spends:
        passive, active = split(planted, spend.budget)
        assert spend.values[0] == pytest.approx(passive, abs=step)
        assert spend.values[1] == pytest.approx(active, abs=step)


def test_no_cap_is_ever_exceeded(found: FrontierFound, folder: Path) -> None:
    rows = pd.read_parquet(folder / "points")
    rows = rows[(rows["stage"] == "fresh") | (rows["stage"] == "searched")]
    cost = rows[rows["scenario"] == "mix_value"].groupby("point")["cost"].max()
    months = found.resolved.world.market.firm_customers * found.resolved.settings.horizon_months
    assert (cost.to_numpy() / months <= np.array(BUDGETS)).all()
    assert (cost.to_numpy() / months > 0.9 * np.array(BUDGETS)).all(), "and most of it is spent"


def test_marginal_returns_fall_and_shrinkage_is_told(found: FrontierFound) -> None:
    goal = found.goal
    assert (np.diff(goal["marginal"]) < 0.0).all()
    assert goal["shrinkage"].abs().max() == pytest.approx(0.0, abs=1e-9), (
        "luck of its own moves both worlds alike"
    )
    assert "distinguishable" in found.sentence


def test_it_leaves_a_page_and_a_table(found: FrontierFound, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "frontier.csv",
        "manifest.json",
        "points",
        "report.html",
    }
    assert found.sentence in (folder / "report.html").read_text("utf-8")


def test_where_nothing_pays_nothing_is_spent() -> None:
    shares = np.stack(np.meshgrid(*[np.linspace(0, 1, 4)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    known = surface(shares, -shares[:, 0] - shares[:, 1], shares[:, 0] + shares[:, 1])
    assert best_within(known, 0.5, seed=1)[:2].max() < 0.02


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "experiment.passive=pasive",
            "experiment.passive=pasive is not a listed scenario; did you mean passive",
        ),
        ("experiment.targeting=[valu]", "valu is not a targeting; did you mean value"),
    ],
)
def test_what_cannot_be_spent_on_is_said_in_a_sentence(
    change: str, said: str, planted: Any, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=said), Pool(0) as pool:
        spent(compose([*ASKED, change]), tmp_path, Console(quiet=True), pool, Model(planted.two_programmes))
