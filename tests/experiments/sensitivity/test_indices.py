"""Indices of functions whose indices are known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.points.axis import Axis
from experiments.sensitivity.indices import indices, morris_design, screening, sobol_design

AXES = tuple(Axis(name, (name,), -np.pi, np.pi) for name in ("one", "two", "three"))
A, B = 7.0, 0.1


def ishigami(
    x: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Ishigami and Homma's function, ISUMA 1990."""
    return np.asarray(np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))


def known() -> tuple[list[float], list[float]]:
    """Its first-order and total indices in closed form."""
    one = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    two, joint = A**2 / 8, 8 * B**2 * np.pi**8 / 225
    variance = one + two + joint
    return [one / variance, two / variance, 0.0], [(one + joint) / variance, two / variance, joint / variance]


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    design = sobol_design(AXES, 1024, seed=1)
    return indices(AXES, {"ishigami": ishigami(design.table), "flat": np.ones(len(design))}, seed=1)


def test_indices_of_a_known_function_lie_within_their_intervals(told: pd.DataFrame) -> None:
    own: Any = told[told["output"] == "ishigami"].set_index("axis")
    for name, first, total in zip(("one", "two", "three"), *known(), strict=True):
        assert own.loc[name, "first_low"] <= first <= own.loc[name, "first_high"]
        assert own.loc[name, "total_low"] <= total <= own.loc[name, "total_high"]
        assert own.loc[name, "total_high"] - own.loc[name, "total_low"] < 0.3


def test_what_never_changes_depends_on_nothing(told: pd.DataFrame) -> None:
    assert (told[told["output"] == "flat"][["first", "total"]] == 0.0).all(axis=None)


def test_an_output_with_a_gap_has_no_index() -> None:
    design = sobol_design(AXES, 8, seed=1)
    values = ishigami(design.table)
    values[3] = np.nan
    assert indices(AXES, {"broken": values}, seed=1).empty


def test_screening_orders_by_effect_and_finds_what_does_nothing() -> None:
    axes = tuple(Axis(name, (name,), 0.0, 2.0) for name in ("large", "small", "nothing"))
    design, shares = morris_design(axes, 6, seed=1)
    table = screening(axes, shares, {"linear": design.table @ np.array([3.0, 1.0, 0.0])}, seed=1)
    assert table["axis"].tolist() == ["large", "small", "nothing"]
    assert table["mu_star"].tolist() == pytest.approx([6.0, 2.0, 0.0], rel=1e-4), "over the whole range"
    assert table["sigma"].max() == pytest.approx(0.0, abs=1e-4)
