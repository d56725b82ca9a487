"""Axes are found by name, keep to their range, and say in a sentence what is wrong with them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.compose import Resolved
from experiments.errors import ConfigError
from experiments.points.axis import Axis, assumptions, axes_of


def test_an_assumption_is_found_by_the_end_of_its_name_and_brings_its_range(question: Resolved) -> None:
    (kappa,) = axes_of(question, {"kappa": None})
    assert kappa.keys == ("market.experience.kappa",)
    assert (kappa.name, kappa.low, kappa.high, kappa.point) == ("kappa", 0.02, 0.5, 0.1)
    assert kappa.log
    assert kappa.doc.endswith(".")


def test_a_strategys_assumption_moves_in_every_scenario_and_by_its_whole_key_in_one(
    question: Resolved,
) -> None:
    (everywhere,) = axes_of(question, {"strategy/promotions.depth": (0.0, 0.3)})
    assert all(key.endswith(".depth") for key in everywhere.keys)
    key = everywhere.keys[0]
    (one,) = axes_of(question, {key: (0.0, 0.3)})
    assert one.keys == (key,)


def test_a_number_without_evidence_can_be_moved_with_a_range(question: Resolved) -> None:
    slot = next(iter(question.world.scenarios[1].focal))
    (dial,) = axes_of(question, {f"scenarios.active.focal.{slot}.intensity": (0.0, 2.0)})
    assert (dial.low, dial.high) == (0.0, 2.0)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"kapa": None}, "kapa is not a parameter of this world; did you mean kappa"),
        ({"kappa": (0.5, 0.1)}, r"kappa=\[0.5, 0.1\] is not a range"),
        ({"p_contact": (0.0, 7.0)}, "p_contact=7 is not allowed; allowed is 0 to 1"),
        ({"price": None}, "price may be .*; write which"),
        ({"kappa": None, "market.experience.kappa": None}, "both set market.experience.kappa; drop one"),
    ],
)
def test_a_faulty_axis_is_refused_in_a_sentence(question: Resolved, over: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        axes_of(question, over)


def test_every_assumption_has_an_axis_of_its_own_name(question: Resolved) -> None:
    axes = assumptions(question)
    assert len({axis.name for axis in axes}) == len(axes) > 100
    keys = [key for axis in axes for key in axis.keys]
    assert sorted(keys) == sorted(p.key for p in question.parameters if p.drawn)
    assert {key.split(".")[0] for axis in assumptions(question, ["market"]) for key in axis.keys} == {
        "market"
    }


@given(st.floats(0.0, 1.0), st.booleans())
def test_a_value_stands_in_the_range_where_it_was_put(share: float, log: bool) -> None:
    axis = Axis("a", ("a",), 0.01, 3.0, log)
    value = axis.at(np.array([share]))
    assert axis.low <= value[0] <= axis.high
    assert axis.share(value)[0] == pytest.approx(share, abs=1e-4)


def test_whole_numbers_are_equally_likely_and_stay_whole() -> None:
    axis = Axis("a", ("a",), 2.0, 5.0, integer=True)
    shares = (np.arange(4_000) + 0.5) / 4_000
    values, counts = np.unique(axis.at(shares), return_counts=True)
    assert values.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert (counts == 1_000).all()
    assert axis.set_to(3.0) == {"a": 3}
    assert isinstance(axis.set_to(3.0)["a"], int)
