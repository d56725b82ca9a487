"""Notice: a letter that says that the price falls, and the churn of the month after it."""

from __future__ import annotations

from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, as_ids, customers_of, left
from experiments.facts.treatments import Notice

DEPTH = 0.02
"""The price falls by so much: enough to be announced, too little to keep many."""


def _observe(lab: Lab) -> Observed:
    warm = lab.warm()
    slots = customers_of(warm)
    letter = Notice(slots=as_ids(slots), depth=DEPTH, months=24.0)
    return {
        "people": float(slots.size),
        "control": float(left(lab.run(warm), slots)),
        "treated": float(left(lab.run(warm, letter), slots)),
    }


FACT = Fact(
    name="notice",
    number="5",
    statement="A notice alone makes people look: they leave more although their price falls.",
    source="Inattention in Contract Markets 2021 (abstract)",
    design=(
        f"Twin worlds: a letter to all customers that their price falls by {100 * DEPTH:.0f} %. Churn within "
        "a month."
    ),
    parameters=("gate.p_contact", "gate.attention", "choice.memory", "choice.match_scale"),
    figures=(
        Figure(
            name="churn in the month after a notice, relative to none",
            role=CAL,
            published="1 % to 1.6 %: 1.6 times",
            of=lambda seen: seen["treated"] / seen["control"],
            low=1.3,
            high=1.9,
            why="the figure give or take half of its rise",
        ),
    ),
    observe=_observe,
    customers=16_000,
    replicates=12,
    months=1.0,
)
