"""Rules: when a scenario wins, in words that a person can say, judged on points and lucks that it was not learned from.

A decision tree of two questions at most is grown on the winners over the plausible box; of its leaves the one that
tells most of a scenario's wins apart becomes its rule. Precision is the share of points under the rule where the
scenario wins, coverage the share of its wins that lie under the rule; both with Wilson's 95 % interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from experiments.points.axis import Axis

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
QUESTIONS = 2
"""Most conditions of a rule."""
SMALLEST = 0.06
"""Smallest share of the points that a rule may speak of."""
COLUMNS = (
    "scenario", "rule", "precision", "precision_low", "precision_high", "coverage", "coverage_low", "coverage_high",
    "wins", "points",
)  # fmt: skip
"""Columns of `rules.csv`; `wins` of `points` fresh ones are the scenario's."""


@dataclass(frozen=True)
class Condition:
    """An assumption below or above a value."""

    axis: Axis
    above: bool
    value: float

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Whether it holds, by value of the axis."""
        return np.asarray(values > self.value if self.above else values <= self.value)

    def __str__(self) -> str:
        unit = (
            f" {self.axis.unit}" if self.axis.unit and self.axis.unit not in ("probability", "share") else ""
        )
        return f"{self.axis.name.replace('_', ' ')} is {'above' if self.above else 'at most'} {self.value:.3g}{unit}"


@dataclass(frozen=True)
class Rule:
    """When a scenario wins.

    Attributes:
        winner: place of the scenario.
        conditions: all hold; none: everywhere.
    """

    winner: int
    conditions: tuple[Condition, ...]

    def holds(self, axes: Sequence[Axis], table: Floats) -> NDArray[np.bool_]:
        """Whether it speaks of each point, bool [points]."""
        found = np.ones(table.shape[0], np.bool_)
        for condition in self.conditions:
            found &= condition.holds(table[:, list(axes).index(condition.axis)])
        return found

    def said(self, name: str) -> str:
        """The rule in words."""
        if not self.conditions:
            return f"{name} wins wherever the assumptions lie"
        return f"{name} wins when {' and '.join(map(str, self.conditions))}"


def learned(axes: Sequence[Axis], table: Floats, best: Places) -> list[Rule]:
    """A rule for every scenario that wins somewhere, most wins first.

    Args:
        axes: the assumptions.
        table: their values, float64 [points, axes].
        best: place of the winner, intp [points], none below 0.
    """
    from sklearn.tree import DecisionTreeClassifier

    names, counts = np.unique(best, return_counts=True)
    if names.size == 1:
        return [Rule(int(names[0]), ())]
    shares = np.stack([axis.share(table[:, i]) for i, axis in enumerate(axes)], axis=1)
    fewest = max(3, int(SMALLEST * best.size))
    tree = DecisionTreeClassifier(
        max_depth=QUESTIONS, min_samples_leaf=fewest, class_weight="balanced", random_state=0
    ).fit(shares, best)
    leaves = tree.apply(shares)
    paths = dict(_paths(tree.tree_, axes))
    rules = []
    for place in names[np.argsort(-counts, kind="stable")]:
        wins = best == place
        scores = {}
        for leaf in np.unique(leaves):
            under = leaves == leaf
            precision, coverage = wins[under].mean(), (wins & under).sum() / wins.sum()
            scores[int(leaf)] = (
                2 * precision * coverage / (precision + coverage) if wins[under].any() else 0.0
            )
        rules.append(Rule(int(place), paths[max(scores, key=lambda leaf: scores[leaf])]))
    return rules


def _paths(
    tree: Any, axes: Sequence[Axis], node: int = 0, above: tuple[Condition, ...] = ()
) -> list[tuple[int, tuple[Condition, ...]]]:
    """The conditions on the way to each leaf; two on the same side of one axis are the narrower one."""
    if tree.children_left[node] < 0:
        return [(node, above)]
    axis = axes[tree.feature[node]]
    value = float(axis.at(np.array([tree.threshold[node]]))[0])
    found = []
    for child, side in ((tree.children_left[node], False), (tree.children_right[node], True)):
        kept = tuple(c for c in above if (c.axis, c.above) != (axis, side))
        found += _paths(tree, axes, int(child), (*kept, Condition(axis, side, value)))
    return found


def wilson(hits: int, count: int) -> tuple[float, float, float]:
    """A share with Wilson's 95 % interval; NaN of nothing."""
    if count == 0:
        return (float("nan"),) * 3
    z, share = float(ndtri(0.975)), hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return share, float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def judged(rule: Rule, axes: Sequence[Axis], table: Floats, best: Places, name: str) -> tuple[Any, ...]:
    """A rule as a row of `COLUMNS`, judged on fresh points."""
    under, wins = rule.holds(axes, table), best == rule.winner
    hits = int((under & wins).sum())
    return (
        name,
        rule.said(name.replace("_", " ")),
        *wilson(hits, int(under.sum())),
        *wilson(hits, int(wins.sum())),
        int(wins.sum()),
        int(best.size),
    )
