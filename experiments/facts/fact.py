"""Fact: a published effect, how it is looked for in a simulated market, and what would count as finding it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from experiments.facts.lab import Lab

Observed = Mapping[str, float]
"""What a replicate comes to: named sums or means, from whose means over replicates the figures are computed."""

CAL = "cal"
"""A fact that parameters may be set by."""
VAL = "val"
"""A fact that must come out; no parameter may be set for it."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a fact, and the range in which it has to lie.

    Attributes:
        name: what is simulated.
        role: CAL or VAL.
        published: the published figure, in words.
        of: the simulated figure, from means over replicates.
        low, high: the accepted range; an infinite end leaves that side open, so that 0 to infinity asks for a sign.
        absent: the other question: whether the figure is *not* shown to lie above 0; the range is not looked at.
        why: where the range comes from.
        reason: why it fails where it does, from means over replicates; what is computed or known, else "".
    """

    name: str
    role: str
    published: str
    of: Callable[[Observed], float]
    low: float = -math.inf
    high: float = math.inf
    absent: bool = False
    why: str = ""
    reason: Callable[[Observed], str] = lambda _: ""

    def __post_init__(self) -> None:
        if self.role not in (CAL, VAL):
            raise ValueError(f"role={self.role} of {self.name}; allowed are {CAL} and {VAL}")
        if not self.low < self.high:
            raise ValueError(f"{self.name}: low={self.low} is not below high={self.high}")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A published effect.

    Attributes:
        name: of the experiment, `experiment=facts/NAME`.
        number: its row in the list of published effects that markets are calibrated on and validated against.
        statement: the effect in a sentence.
        source: where it was published, and how it was read.
        design: how it is looked for, in a sentence or two.
        parameters: dotted names of the parameters able to move its figures.
        figures: its numbers.
        observe: one replicate.
        market: the market it is looked for in, unless the command names another.
        strategies: shipped strategies that it runs, by the names of their files, as `Lab.strategies`.
        customers: people simulated; replicates: lucks; months: from the fork to the end.
    """

    name: str
    number: str
    statement: str
    source: str
    design: str
    parameters: tuple[str, ...]
    figures: tuple[Figure, ...]
    observe: Callable[[Lab], Observed]
    market: str = "telecom"
    strategies: tuple[str, ...] = ()
    customers: int
    replicates: int
    months: float
