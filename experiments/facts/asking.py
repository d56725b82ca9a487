"""Asking: customers who were asked how things are, a year on."""

from __future__ import annotations

from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, as_ids, customers_of, left
from experiments.facts.treatments import Asking

_PURPOSE = 12


def _observe(lab: Lab) -> Observed:
    warm = lab.warm()
    slots = customers_of(warm)
    sample = slots[lab.chance(_PURPOSE).random(slots.size) < 0.5]
    ids = as_ids(sample)
    return {
        "people": float(sample.size),
        "control": float(left(lab.run(warm), sample)),
        "acted": float(left(lab.run(warm, Asking(slots=ids, minutes=20.0)), sample)),
        "ignored": float(left(lab.run(warm, Asking(slots=ids)), sample)),
    }


def _change(seen: Observed, world: str) -> float:
    """Change of the share who leave, in percentage points."""
    return 100.0 * (seen[world] - seen["control"]) / seen["people"]


FACT = Fact(
    name="asking",
    number="12",
    statement="Being asked for feedback lowers defection a year on.",
    source="Dholakia & Morwitz 2002, J. Consumer Research 29(2) (abstract)",
    design=(
        "Twin worlds: a random half of the customers are called once and asked; what they tell is followed "
        "up within a week, or "
        "is not. Churn within a year."
    ),
    parameters=(
        "dialogue.asked", "dialogue.response_call", "dialogue.broken_promise", "gate.p_contact", "service.heal",
        "experience.worth_recognition", "experience.kappa",
    ),
    figures=(
        Figure(
            name="change of churn within a year, asked and followed up, percentage points",
            role=CAL,
            published="below 0",
            of=lambda seen: _change(seen, "acted"),
            high=0.0,
            why="the sign",
        ),
        Figure(
            name="the same where nobody acts on what is told, less that",
            role=CAL,
            published="asked and not acted on is worse",
            of=lambda seen: _change(seen, "ignored") - _change(seen, "acted"),
            low=0.0,
            why="the sign",
        ),
    ),
    observe=_observe,
    customers=16_000,
    replicates=16,
    months=12.0,
)  # fmt: skip
