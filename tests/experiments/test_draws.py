"""Draws: uniform, keyed, independent of everything else."""

import math

import pytest

from experiments.draws import unit, value, values
from experiments.evidence import Parameter
from sim.quantities import Quantity

PINNED = "0x1.51478d1e81eb7p-1"
"""(SHA-256("tenure-draw/7/2/market.gate.attention")'s first 8 bytes, little-endian, // 4096 + 1/2) / 2^52."""


def parameter(key: str = "a", low: float = 1.0, high: float = 3.0, integer: bool = False) -> Parameter:
    known = Quantity("x", "X.", 0.0, 1e6, integer=integer)
    return Parameter(key, key, low, known, "assumption", "because", low, high)


def many(p: Parameter, count: int = 4000) -> list[float]:
    return [value(p, 5, draw) for draw in range(count)]


def test_draws_are_uniform_on_their_range() -> None:
    drawn = many(parameter())
    assert min(drawn) >= 1.0
    assert max(drawn) <= 3.0
    standard_error = (2.0 / math.sqrt(12.0)) / math.sqrt(len(drawn))
    assert abs(sum(drawn) / len(drawn) - 2.0) < 4.0 * standard_error
    assert sum(x < 1.5 for x in drawn) == pytest.approx(1000, abs=4.0 * math.sqrt(4000 * 0.25 * 0.75))


def test_wide_positive_ranges_are_drawn_on_the_log_scale() -> None:
    wide = many(parameter(low=1e-3, high=1e-1))
    assert sum(x < 1e-2 for x in wide) == pytest.approx(2000, abs=4.0 * math.sqrt(1000))
    narrow = many(parameter(low=1.0, high=10.0))
    assert sum(x < 5.5 for x in narrow) == pytest.approx(2000, abs=4.0 * math.sqrt(1000))


def test_whole_numbers_are_uniform_on_whole_numbers() -> None:
    drawn = many(parameter(low=2.0, high=4.0, integer=True))
    for number in (2, 3, 4):
        assert drawn.count(number) == pytest.approx(4000 / 3, abs=4.0 * math.sqrt(4000 * 2 / 9))


def test_draws_are_pinned_and_independent_of_what_else_is_drawn() -> None:
    alone = values([parameter("b")], (), 7, 2)
    beside = values([parameter("a"), parameter("b"), parameter("c")], (), 7, 2)
    assert alone["b"] == beside["b"]
    assert len(set(beside.values())) == 3
    assert unit(7, 2, "market.gate.attention").hex() == PINNED
    assert values([parameter("b")], (), 7, 3) != alone
    assert values([parameter("b")], (), 8, 2) != alone


def test_the_same_origin_is_the_same_number_wherever_it_stands() -> None:
    one = Parameter(
        "scenarios.a.x", "strategy/x", 1.0, Quantity("", "", 0.0, 9.0), "assumption", "b", 1.0, 3.0
    )
    two = Parameter(
        "scenarios.b.x", "strategy/x", 1.0, Quantity("", "", 0.0, 9.0), "assumption", "b", 1.0, 3.0
    )
    drawn = values([one, two], (), 1, 1)
    assert drawn["scenarios.a.x"] == drawn["scenarios.b.x"]


def test_an_ensemble_is_taken_set_by_set_and_held_values_stay() -> None:
    sets = [{"a": 1.0, "b": 10.0}, {"a": 2.0, "b": 20.0}, {"a": 3.0, "b": 30.0}]
    held = Parameter("a", "a", 9.0, Quantity("", "", 0.0, 99.0), "user", "set by a")
    drawn = [values([held, parameter("c")], sets, 3, draw) for draw in range(6)]
    assert {d["b"] for d in drawn} == {10.0, 20.0, 30.0}
    assert [d["b"] for d in drawn[:3]] == [d["b"] for d in drawn[3:]]
    assert all("a" not in d for d in drawn)
    assert len({d["c"] for d in drawn}) == 6
