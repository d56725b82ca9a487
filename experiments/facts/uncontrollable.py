"""Uncontrollable: what a retention programme gains where more customers leave whatever it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.columns import N
from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, as_ids, customers_of
from experiments.facts.treatments import Notice

DEPTH = 0.2


def _gain(lab: Lab, changes: Mapping[str, Any]) -> float:
    """Days that customers of the fork stay longer because of a discount that nobody is told of, per customer."""
    warm = lab.warm(changes)
    slots = customers_of(warm)
    offer = Notice(slots=as_ids(slots), depth=DEPTH, months=36.0, silent=True)
    days = [
        int(twin.history.readings[-1].counts[twin.focal, :, N.CUSTOMER_DAYS].sum()) / 1e6
        for twin in (lab.run(warm, offer), lab.run(warm))
    ]
    return (days[0] - days[1]) / slots.size


def _observe(lab: Lab) -> Observed:
    doubled = {"people.involuntary": 2.0 * lab.market.people.involuntary}
    return {"as_is": _gain(lab, {}), "doubled": _gain(lab, doubled)}


FACT = Fact(
    name="uncontrollable",
    number="18",
    statement="Uncontrollable churn damps every return on retention.",
    source="Braun & Schweidel 2011, Marketing Science 30(5) (abstract)",
    design=(
        f"Twin worlds: a lasting discount of {100 * DEPTH:.0f} % for the customers of the fork. "
        "Customer-days gained "
        "in three years, with "
        "people.involuntary as it is and doubled, under the same luck."
    ),
    parameters=("people.involuntary", "gate.attention", "choice.match_scale"),
    figures=(
        Figure(
            name="customer-days gained with doubled involuntary churn, relative to as it is, less 1",
            role=CAL,
            published="below 0",
            of=lambda seen: seen["doubled"] / seen["as_is"] - 1.0,
            high=0.0,
            why="the sign",
        ),
    ),
    observe=_observe,
    market="saas",
    customers=8_000,
    replicates=10,
    months=36.0,
)
