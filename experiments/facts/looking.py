"""Looking: how many customers of a mobile market look, and leave, in a year."""

from __future__ import annotations

from experiments.facts.fact import CAL, Fact, Figure
from experiments.facts.shopping import DESIGN, PARAMETERS, observe

FACT = Fact(
    name="looking",
    number="16",
    statement="Most customers do not look; few switch in a year.",
    source=(
        "Ofcom, UK mobile (second-hand); Verizon 2024 (filing); Hortaçsu, Madanizadeh & Puller 2017, electricity: a "
        "rival is considered in under 2 % of months (abstract)"
    ),
    design=DESIGN,
    parameters=PARAMETERS,
    figures=(
        Figure(
            name="customers who switch in a year",
            role=CAL,
            published="9.5 % (US, .83 % a month) to 16 % (UK)",
            of=lambda seen: seen["switched"] / seen["people"],
            low=0.08,
            high=0.16,
            why="between both figures, less those of the first who go involuntarily",
        ),
        Figure(
            name="customers who look, per month",
            role=CAL,
            published="under 2 % of months (electricity)",
            of=lambda seen: seen["looked"] / seen["people"] / 12.0,
            low=0.0,
            high=0.02,
            why="the figure",
        ),
    ),
    observe=observe,
    customers=8_000,
    replicates=8,
    months=12.0,
)
