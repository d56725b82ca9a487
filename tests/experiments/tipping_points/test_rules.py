"""Rules are learned where there is one to learn, and judged on what they have not seen."""

import numpy as np
import pytest

from experiments.points.axis import Axis
from experiments.tipping_points.rules import judged, learned, wilson

AXES = (
    Axis("one", ("one",), 0.0, 2.0),
    Axis("two", ("two",), 1.0, 100.0, log=True),
    Axis("no", ("no",), 0.0, 1.0),
)


def sample(seed: int, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Points, and winner 1 where the first is below .8 and the second above 10; else 0."""
    shares = np.random.default_rng(seed).random((count, 3))
    table = np.stack([axis.at(shares[:, i]) for i, axis in enumerate(AXES)], axis=1)
    return table, ((table[:, 0] < 0.8) & (table[:, 1] > 10.0)).astype(np.intp)


def test_a_planted_rule_is_found_and_holds_on_fresh_points() -> None:
    table, best = sample(1)
    (_, rule) = learned(AXES, table, best)
    assert rule.winner == 1
    said = {(c.axis.name, c.above): c.value for c in rule.conditions}
    assert said["one", False] == pytest.approx(0.8, abs=0.05)
    assert said["two", True] == pytest.approx(10.0, rel=0.1)
    row = judged(rule, AXES, *sample(2), "active")
    assert row[0] == "active"
    assert "active wins when one is at most 0.8" in row[1].replace("0.79", "0.8").replace("0.81", "0.8")
    assert row[2] > 0.95
    assert row[5] > 0.95
    assert row[3] < row[2] <= row[4]


def test_one_winner_needs_no_question() -> None:
    table, best = sample(1)
    (rule,) = learned(AXES, table, np.zeros_like(best))
    assert rule.conditions == ()
    assert rule.said("none") == "none wins wherever the assumptions lie"


def test_wilsons_interval_covers_as_often_as_it_says() -> None:
    hits = np.random.default_rng(3).binomial(40, 0.9, size=2_000)
    inside = [low <= 0.9 <= high for _, low, high in (wilson(int(h), 40) for h in hits)]
    assert 0.93 < np.mean(inside) < 0.98
    assert np.isnan(wilson(0, 0)).all()
