"""Referred: customers whom a friend brought, while the friend stays and after it has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import NONE, B, C, S
from agents.model import MarketModel
from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, Leaving
from sim.marketplace import Pulse


@dataclass
class Joiners:
    """Weeks and exits of all who joined any provider since the fork: not referred, referred, referrer gone.

    Attributes:
        weeks, exits: float64 [3], by group.
        friend: who has referred each person to its present provider, NONE for nobody or who has left the market.
    """

    model: MarketModel
    weeks: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    exits: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    leaving: Leaving = field(init=False)
    group: NDArray[np.int64] = field(init=False)
    friend: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.leaving = Leaving(self.model)
        self.friend = np.full(len(self.model.world.people), NONE)
        self.group = self._groups()

    def _groups(self) -> NDArray[Any]:
        """-1 for those who did not join since the fork, else the group each is in now."""
        arrays = self.model.world.arrays
        provider = arrays.codes[C.PROVIDER]
        joined = (provider != NONE) & (arrays.state[S.JOINED] > 0.0)
        referred = joined & (self.friend != NONE)
        there = referred & (provider[np.maximum(self.friend, 0)] == provider)
        return np.where(there, 1, np.where(referred, 2, np.where(joined, 0, NONE)))

    def __call__(self, pulse: Pulse) -> None:
        """Count a pulse that has ended."""
        generation, arrays = self.leaving.generation, self.model.world.arrays
        _, gone, new = self.leaving.step()
        known = self.group >= 0
        self.weeks += np.bincount(self.group[known], minlength=3) * (pulse.days / 7.0)
        self.exits += np.bincount(self.group[known & gone], minlength=3)
        referred = arrays.codes[C.REFERRED] == 1
        self.friend[new] = np.where(referred, arrays.bonds[B.RECOMMENDER], NONE)[new]
        replaced = generation != self.leaving.generation
        self.friend[(self.friend != NONE) & replaced[np.maximum(self.friend, 0)]] = NONE
        self.group = self._groups()


def _observe(lab: Lab) -> Observed:
    seen: list[Joiners] = []

    def watch(twin: MarketModel) -> Joiners:
        seen.append(Joiners(twin))
        return seen[0]

    lab.run(lab.warm(), lab.strategies["referrals"], watch=watch)
    groups = ("others", "referred", "abandoned")
    return {
        f"{name}_{what}": float(table[n])
        for what, table in (("weeks", seen[0].weeks), ("exits", seen[0].exits))
        for n, name in enumerate(groups)
    }


def _hazard(seen: Observed, group: str) -> float:
    return seen[f"{group}_exits"] / seen[f"{group}_weeks"]


def _reason(seen: Observed) -> str:
    return (
        f"{_hazard(seen, 'referred'):.4f} against {_hazard(seen, 'others'):.4f} exits a week; nothing in the "
        "model holds a "
        "referred customer but that its friend has not left: recommendations reach ties of like segment and "
        "taste, "
        "prompted looks choose no better match than others"
    )


FACT = Fact(
    name="referred",
    number="17",
    statement="Referred customers leave less, but only while the referrer stays.",
    source=(
        "Schmitt, Skiera & Van den Bulte 2011, J. Marketing 75(1); Van den Bulte, Bayer, Skiera & Schmitt "
        "2018, J. Marketing "
        "Research 55(1) (abstracts)"
    ),
    design=(
        "The focal provider runs the referrals of conf/strategy. Exits by choice per week of all who joined "
        "any provider since the fork: not referred, "
        "referred with the referrer still there, referred with the referrer gone."
    ),
    parameters=(
        "gate.g_peers", "network.homophily", "network.eased", "network.recommend", "network.p_recommend",
        "network.half_life",
    ),
    figures=(
        Figure(
            name="hazard of the referred while the referrer stays, relative to others who joined",
            role=CAL,
            published="below 1",
            of=lambda seen: _hazard(seen, "referred") / _hazard(seen, "others"),
            low=0.0,
            high=1.0,
            why="the sign",
            reason=_reason,
        ),
        Figure(
            name="hazard of the referred after the referrer left, relative to before",
            role=CAL,
            published="above 1: only while the referrer stays",
            of=lambda seen: _hazard(seen, "abandoned") / _hazard(seen, "referred"),
            low=1.0,
            why="the sign",
        ),
    ),
    observe=_observe,
    strategies=("referrals",),
    customers=40_000,
    replicates=40,
    months=36.0,
)  # fmt: skip
