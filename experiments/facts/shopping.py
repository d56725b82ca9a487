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


def _observe(lab: Lab) -> Observed:
    warm = lab.warm()
    seen: list[Shoppers] = []

    def watch(twin: MarketModel) -> Shoppers:
        seen.append(Shoppers(twin))
        return seen[0]

    twin = lab.run(warm, watch=watch)
    same = warm.at_fork.generation == seen[0].leaving.generation
    there = (warm.at_fork.provider >= 0) & same
    assert twin is seen[0].model
    return {
        "people": float(there.sum()),
        "looked": float((seen[0].looked & there).sum()),
        "switched": float((seen[0].switched & there).sum()),
    }


FACT = Fact(
    name="shopping",
    number="15, 16",
    statement="Most customers do not look; of those who do, about half switch.",
    source=(
        "Honka 2014, RAND J. Economics 45(4) (abstract); J.D. Power 2025, US car insurance, "
        "and Ofcom, UK "
        "mobile (second-hand); Hortaçsu, Madanizadeh & Puller 2017 (abstract)"
    ),
    design="Customers of all providers who stay alive and in place for a year: who looked, who left by choice.",
    parameters=(
        "gate.attention", "gate.p_advert", "choice.match_scale", "choice.memory", "providers.*.availability",
        "customers.segments.*.hassle", "customers.segments.*.horizon",
    ),
    figures=(
        Figure(
            name="shoppers of a year who switch",
            role=CAL,
            published="29 of 57 (car insurance): .51",
            of=lambda seen: seen["switched"] / seen["looked"],
            low=0.35,
            high=0.65,
            why="the figure give or take .15, which another industry may differ by",
        ),
        Figure(
            name="customers who switch in a year",
            role=CAL,
            published="9.5 % (US mobile, .83 % a month) to 16 % (UK mobile)",
            of=lambda seen: seen["switched"] / seen["people"],
            low=0.08,
            high=0.16,
            why="between both figures, less those who go involuntarily",
        ),
    ),
    observe=_observe,
    customers=8_000,
    replicates=8,
    months=12.0,
)  # fmt: skip
