"""Designs fill the box as their names say, and are the same again."""

import numpy as np
import pytest

from experiments.points.axis import Axis
from experiments.points.design import grid, latin_hypercube, sobol

AXES = (Axis("a", ("market.a",), 0.0, 1.0), Axis("b", ("market.b", "market.c"), 1.0, 100.0, log=True))


def test_a_grid_holds_every_combination_and_the_last_axis_moves_fastest() -> None:
    design = grid(AXES, 3)
    assert design.table[:, 0].tolist() == [0.0] * 3 + [0.5] * 3 + [1.0] * 3
    assert design.table[:3, 1].tolist() == pytest.approx([1.0, 10.0, 100.0])
    assert design[1] == {"market.a": 0.0, "market.b": 10.0, "market.c": 10.0}
    assert len(list(design)) == len(design) == 9


def test_listed_values_are_taken_as_they_are() -> None:
    listed = Axis("a", ("market.a",), 0.1, 0.7, listed=(0.1, 0.2, 0.7))
    assert grid((listed,), 50).table.ravel().tolist() == [0.1, 0.2, 0.7]


def test_each_part_of_a_latin_hypercube_holds_one_point() -> None:
    shares = latin_hypercube(AXES, 50, seed=3).shares
    for column in shares.T:
        assert sorted(np.floor(column * 50 - 1e-9).astype(int).clip(0).tolist()) == list(range(50))


@pytest.mark.parametrize("make", [latin_hypercube, sobol])
def test_a_design_is_the_same_again_and_another_with_another_seed(make: object) -> None:
    assert callable(make)
    one, again, other = make(AXES, 32, 1), make(AXES, 32, 1), make(AXES, 32, 2)
    assert (one.table == again.table).all()
    assert (one.table != other.table).any()


def test_a_sobol_sequence_is_balanced() -> None:
    shares = sobol(AXES, 64, seed=1).shares
    for column in shares.T:
        assert np.histogram(column, bins=8, range=(0.0, 1.0))[0].tolist() == [8] * 8
