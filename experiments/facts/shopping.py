"""Shopping: how many look in a year, and how many of these switch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agents.model import MarketModel
from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, Leaving
from sim.marketplace import Pulse


@dataclass
class Shoppers:
    """Who of the fork's customers, of all providers, has looked, and who has switched, by slot."""

    model: MarketModel
    looked: NDArray[np.bool_] = field(init=False)
    switched: NDArray[np.bool_] = field(init=False)
    leaving: Leaving = field(init=False)

    def __post_init__(self) -> None:
        self.leaving = Leaving(self.model)
        self.looked = np.zeros(self.leaving.provider.size, bool)
        self.switched = self.looked.copy()

    def __call__(self, _pulse: Pulse) -> None:
        """Look at a pulse that has ended."""
        before, gone, _ = self.leaving.step()
        looking = self.model.passing.lookers.ids
        self.looked[looking[before[looking] >= 0]] = True
        self.switched |= gone


def observe(lab: Lab) -> Observed:
    """How many there were, looked, and switched within the time."""
    warm = lab.warm()
    seen: list[Shoppers] = []

    def watch(twin: MarketModel) -> Shoppers:
        seen.append(Shoppers(twin))
        return seen[0]

    lab.run(warm, watch=watch)
    same = warm.at_fork.generation == seen[0].leaving.generation
    there = (warm.at_fork.provider >= 0) & same
    return {
        "people": float(there.sum()),
        "looked": float((seen[0].looked & there).sum()),
        "switched": float((seen[0].switched & there).sum()),
    }


PARAMETERS = (
    "gate.attention", "gate.p_advert", "choice.match_scale", "choice.memory", "providers.*.availability",
    "customers.segments.*.hassle", "customers.segments.*.horizon",
)  # fmt: skip
DESIGN = "Customers of all providers who stay alive and in place for a year: who looked, who left by choice."

FACT = Fact(
    name="shopping",
    number="15",
    statement="Of those who shop for a car insurance, about half switch.",
    source="Honka 2014, RAND J. Economics 45(4) (abstract); J.D. Power 2025, US car insurance (second-hand)",
    design=DESIGN,
    parameters=PARAMETERS,
    figures=(
        Figure(
            name="shoppers of a year who switch",
            role=CAL,
            published="29 of 57: .51",
            of=lambda seen: seen["switched"] / seen["looked"],
            low=0.4,
            high=0.6,
            why="the figure give or take .1",
        ),
    ),
    observe=observe,
    market="car_insurance",
    customers=8_000,
    replicates=8,
    months=12.0,
)
