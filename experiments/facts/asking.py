"""Asking: customers who were asked how things are, a year on."""

from __future__ import annotations

import numpy as np

from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, as_ids, customers_of, left
from experiments.facts.treatments import Asking

_PURPOSE = 12


def _observe(lab: Lab) -> Observed:
    warm, deaf = lab.warm(), lab.warm({"gate.p_contact": 0.0})
    slots = customers_of(warm)
    sample = slots[lab.chance(_PURPOSE).random(slots.size) < 0.5]
    acting, ignoring = Asking(slots=as_ids(sample), minutes=20.0), Asking(slots=as_ids(sample))
    there = np.intersect1d(sample, customers_of(deaf))
    control = left(lab.run(warm), sample)
    return {
        "people": float(sample.size),
        "acted": float(left(lab.run(warm, acting), sample) - control),
        "ignored": float(left(lab.run(warm, ignoring), sample) - control),
        "deaf_people": float(there.size),
        "deaf": float(left(lab.run(deaf, acting), there) - left(lab.run(deaf), there)),
    }


def _change(seen: Observed, world: str) -> float:
    """Change of the share who leave, in percentage points."""
    return 100.0 * seen[world] / seen["people"]


def _woken(seen: Observed) -> str:
    change = 100.0 * seen["deaf"] / seen["deaf_people"]
    return (
        "the call itself makes some look: where contacts wake nobody (gate.p_contact = 0) the same call "
        "changes churn by "
        f"{change:.2f} points, so that recognition and healed trouble are what is too small beside the waking"
    )


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
            reason=_woken,
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
