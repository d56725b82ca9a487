"""Cohort: replicates are added until luck is small, and a curve knows how far it is from a law."""

from dataclasses import replace

import numpy as np
import pytest

from agents.market import Market
from agents.miniature import FAMILY, ISOLATED, QUIET, customers, market
from agents.segments import Customers
from experiments.calibration import cohort
from experiments.calibration.cohort import Curve, Simulation

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def half() -> tuple[Market, Customers]:
    """A market in which half of the customers leave at each monthly renewal."""
    place = market(
        {
            **ISOLATED,
            **QUIET,
            "start": "cohort",
            "contract": "term",
            "term_months": 1.0,
            "pulse": 15.0,
            "gate.per": "renewal",
            "gate.attention": 0.5,
            "gate.g_dissatisfaction": 0.0,
            "gate.p_notice": 0.0,
            "choice.rule": "leave",
            "choice.returns": False,
            "customers": 500,
            "firm_customers": 500.0,
        }
    )
    people = customers({**FAMILY, "attention": 1.0})
    return replace(place, providers=place.providers[:1]), people


def test_lucks_are_added_until_the_end_is_known_well_enough(half: tuple[Market, Customers]) -> None:
    few = Simulation(*half, seed=1, replicates=2, tolerance=1.0).survival(3)
    many = Simulation(*half, seed=1, replicates=2, tolerance=0.06).survival(3)
    assert few.lucks == 2
    assert few.error > 0.06 >= many.error
    assert 2 < many.lucks < cohort.MOST
    assert many.customers.sum() == 500 * many.lucks
    last = Simulation(*half, seed=1, replicates=many.lucks - 1, tolerance=1.0).survival(3)
    assert last.error > 0.06


def test_the_simulated_curve_is_the_law(half: tuple[Market, Customers]) -> None:
    curve = Simulation(*half, seed=1, replicates=8, tolerance=1.0).survival(3)
    assert curve.mean[:, 0].tolist() == [1.0, 1.0]
    assert curve.distance(np.tile(0.5 ** np.arange(4), (2, 1))) < 4.0
    assert curve.distance(np.tile(0.6 ** np.arange(4), (2, 1))) > 4.0


def test_error_and_distance_of_a_known_curve() -> None:
    curve = Curve(
        np.array([[1.0, 0.5], [1.0, 0.2]]), np.array([[0.0, 0.25], [0.0, 0.16]]), np.array([100.0, 400.0]), 1
    )
    assert curve.error == pytest.approx(0.1)
    assert curve.distance(np.array([[1.0, 0.4], [1.0, 0.2]])) == pytest.approx(2.0)
