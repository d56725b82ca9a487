"""Interaction: 0 where effects add up, recovered where one is planted, told from the metric's good side."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from experiments.crossing import Crossing, crossing
from experiments.settings import SynergySettings
from experiments.synergy.interaction import COLUMNS, effects, orders

RunsOf = Callable[..., pd.DataFrame]
ASKED = SynergySettings(name="synergy")
ARMS = ("none", "passive", "active", "blend")
DRAWS, REPLICATES = 8, 5


def values(interaction: npt.ArrayLike, noise: float = 0.0, seed: int = 0) -> npt.NDArray[np.float64]:
    """Four arms with shared luck, effects that differ between draws, and an interaction by draw."""
    random = np.random.default_rng(seed)
    luck = random.normal(size=(1, REPLICATES))
    first, second = random.normal(3.0, 1.0, (DRAWS, 1)), random.normal(-1.0, 1.0, (DRAWS, 1))
    base = np.broadcast_to(np.round(64.0 * luck) / 64.0, (DRAWS, REPLICATES))
    first, second = np.round(64.0 * first) / 64.0, np.round(64.0 * second) / 64.0
    beyond = np.broadcast_to(np.reshape(interaction, (-1, 1)), (DRAWS, REPLICATES))
    arms = np.stack([base, base + first, base + second, base + first + second + beyond])
    return arms + noise * random.normal(size=arms.shape)


def crossed(runs_of: RunsOf, arms: npt.ArrayLike, metric: str, scenarios: tuple[str, ...] = ARMS) -> Crossing:
    return crossing(runs_of(np.asarray(arms)[None], scenarios, [metric]))


def interaction(table: pd.DataFrame) -> dict[str, Any]:
    (row,) = table[table["part"] == "interaction"].to_dict(orient="records")
    return {str(name): value for name, value in row.items()}


def test_what_adds_up_has_an_interaction_of_exactly_0(runs_of: RunsOf) -> None:
    table = effects(crossed(runs_of, values(0.0), "profit"), ASKED, ["profit"], None)
    assert list(table.columns) == list(COLUMNS)
    assert table["scenario"].tolist() == ["passive", "active", "blend", "blend"]
    row = interaction(table)
    assert [row[n] for n in ("difference", "low", "high", "luck_low", "luck_high")] == [0.0] * 5
    assert (row["reading"], row["on_average"]) == ("additive", "additive")
    means = table["difference"].tolist()
    assert means[2] == pytest.approx(means[0] + means[1])


@pytest.mark.parametrize(
    ("metric", "size", "reading"),
    [
        ("profit", 2.0, "synergy"),
        ("profit", -2.0, "overlap"),
        ("churn_rate", 2.0, "overlap"),
        ("churn_rate", -2.0, "synergy"),
        ("looks", 2.0, "higher"),
    ],
)
def test_a_planted_interaction_is_recovered(runs_of: RunsOf, metric: str, size: float, reading: str) -> None:
    row = interaction(effects(crossed(runs_of, values(size, 0.1), metric), ASKED, [metric], None))
    assert row["low"] < size < row["high"]
    assert row["reading"] == reading


def test_what_adds_up_but_for_noise_gives_0_within_its_intervals(runs_of: RunsOf) -> None:
    """The luck interval misses 0 in 5 % of markets, the range over plausible markets in no more."""
    repeats = 100
    tables = (
        effects(crossed(runs_of, values(0.0, 0.5, seed), "profit"), ASKED, ["profit"], None)
        for seed in range(repeats)
    )
    rows = [interaction(table) for table in tables]
    error = np.sqrt(0.95 * 0.05 / repeats)
    assert sum(row["on_average"] != "unclear" for row in rows) / repeats == pytest.approx(0.05, abs=3 * error)
    assert sum(row["reading"] != "unclear" for row in rows) / repeats <= 0.05 + 3 * error


def test_an_interaction_that_differs_between_markets_is_one_on_average_only(runs_of: RunsOf) -> None:
    sizes = np.tile([-1.0, 3.0], DRAWS // 2)
    row = interaction(effects(crossed(runs_of, values(sizes, 0.05), "profit"), ASKED, ["profit"], None))
    assert (row["reading"], row["on_average"]) == ("unclear", "synergy")


def test_one_draw_is_read_by_luck_alone_and_nothing_by_nothing(runs_of: RunsOf) -> None:
    alone = values(2.0, 0.1)[:, :1]
    row = interaction(effects(crossed(runs_of, alone, "profit"), ASKED, ["profit"], None))
    assert np.isnan(row["low"])
    assert (row["reading"], row["on_average"]) == ("synergy", "synergy")
    gone = values(2.0, 0.1)
    gone[3, 2, 1] = np.nan
    row = interaction(effects(crossed(runs_of, gone, "profit"), ASKED, ["profit"], None))
    assert row["reading"] == "undefined"


def test_orders_are_compared_pair_by_pair_and_basis_by_basis(runs_of: RunsOf) -> None:
    names = ("a", "b", "c")
    scenarios = (*names, "a@equal_spend", "b@equal_spend")
    random = np.random.default_rng(1)
    luck = random.normal(size=(1, 1, REPLICATES))
    levels = np.array([1.0, 3.0, 2.0, 5.0, 4.0])[:, None, None]
    arms = levels + luck + 0.05 * random.normal(size=(5, DRAWS, REPLICATES))
    table = orders(crossed(runs_of, arms, "profit", scenarios), names, ["profit"], None)
    pairs = list(zip(table["scenario"], table["other"], table["basis"], strict=True))
    assert pairs == [
        ("a", "b", "as_configured"), ("a", "c", "as_configured"), ("b", "c", "as_configured"),
        ("a", "b", "equal_spend"),
    ]  # fmt: skip
    assert_allclose(table["difference"], [-2.0, -1.0, 1.0, 1.0], atol=0.1)
    assert table["reading"].tolist() == ["worse", "worse", "better", "better"]
