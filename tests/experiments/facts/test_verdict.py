"""Figures, their intervals and their verdicts, on replicates whose answer is known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from experiments.facts.catalogue import FACTS
from experiments.facts.fact import CAL, VAL, Figure
from experiments.facts.verdict import judge, means, pseudo_values
from experiments.intervals import luck_interval

FACT = FACTS["notice"]
SEEN = [{"a": a, "b": b} for a, b in ((1.0, 2.0), (1.2, 2.2), (0.9, 1.9), (1.1, 2.3))]


def figure(low: float = -math.inf, high: float = math.inf, role: str = VAL, absent: bool = False) -> Figure:
    """The difference of both, .975 below 0 on average."""
    return Figure(
        name="a - b",
        role=role,
        published="-1",
        of=lambda s: s["a"] - s["b"],
        low=low,
        high=high,
        absent=absent,
    )


def test_jackknife_of_a_mean_is_the_mean() -> None:
    values = pseudo_values(figure(), SEEN)
    own = np.array([s["a"] - s["b"] for s in SEEN])
    assert values == pytest.approx(own, abs=1e-12)
    found = judge(FACT, figure(), "here", SEEN)
    low, high = luck_interval(own[None, :])
    assert (found.simulated, found.low, found.high) == pytest.approx((own.mean(), low, high), abs=1e-12)


def test_jackknife_of_a_ratio_has_the_delta_methods_error() -> None:
    chance = np.random.default_rng(5)
    a, b = chance.normal(10.0, 1.0, 400), chance.normal(20.0, 2.0, 400)
    seen = [{"a": x, "b": y} for x, y in zip(a, b)]
    ratio = replace(figure(), of=lambda s: s["a"] / s["b"])
    values = pseudo_values(ratio, seen)
    # Var(a/b) = (1/20)^2 (1 + .5^2 x 4) / 400 for these independent normals.
    assert values.std(ddof=1) / 20.0 == pytest.approx((2.0**0.5 / 20.0) / 20.0, rel=0.12)
    assert values.mean() == pytest.approx(0.5, abs=4.0 * 2.0**0.5 / 400.0)


@pytest.mark.parametrize(
    ("low", "high", "good", "word"),
    [
        (-1.5, -0.5, True, ""),
        (-math.inf, 0.0, True, ""),
        (0.0, math.inf, False, "outside"),
        (-0.975, 0.0, False, "beyond"),
        (-1.5, -0.98, False, "beyond"),
    ],
)
def test_whole_interval_has_to_lie_in_the_accepted_range(
    low: float, high: float, good: bool, word: str
) -> None:
    for role, words in ((VAL, ("failed", "held")), (CAL, ("not calibrated", "calibrated"))):
        found = judge(FACT, figure(low, high, role), "here", SEEN)
        assert found.verdict == words[good]
        assert found.good is good
        assert word in found.reason
        assert bool(found.reason) is not good


def test_no_change_at_all_is_no_sign() -> None:
    same = [{"a": 1.0, "b": 1.0}] * 3
    assert judge(FACT, figure(low=0.0), "here", same).verdict == "failed"
    assert judge(FACT, figure(high=0.0), "here", same).verdict == "failed"


def test_absence_holds_unless_the_figure_is_shown_to_lie_above_0() -> None:
    assert judge(FACT, figure(absent=True), "here", SEEN).verdict == "held"
    turned = replace(figure(absent=True), of=lambda s: s["b"] - s["a"])
    assert judge(FACT, turned, "here", SEEN).verdict == "failed"


def test_figure_that_divides_by_nothing_fails_and_says_so() -> None:
    ratio = replace(figure(0.0, 1.0), of=lambda s: s["a"] / (s["b"] - s["b"]))
    found = judge(FACT, ratio, "here", SEEN)
    assert found.verdict == "failed"
    assert "undefined" in found.reason


def test_reason_is_computed_from_what_was_observed() -> None:
    told = replace(figure(0.0, 1.0), reason=lambda s: f"a is {s['a']:.2f}")
    assert judge(FACT, told, "here", SEEN).reason.endswith("a is 1.05")


def test_refusals() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        pseudo_values(figure(), SEEN[:1])
    with pytest.raises(ValueError, match="role=other"):
        figure(role="other")
    with pytest.raises(ValueError, match="not below"):
        figure(1.0, 1.0)
    assert means(SEEN) == pytest.approx({"a": 1.05, "b": 2.1})
