"""Reasons: what part of all switching would not happen without one of its causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from agents.columns import N
from agents.market import Market
from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab
from sim.quantities import DAYS_PER_MONTH

REASONS = {
    "core failure": 0.44,
    "encounter": 0.34,
    "price": 0.30,
    "inconvenience": 0.21,
    "answer to failure": 0.17,
    "competition": 0.10,
    "involuntary": 0.06,
}
"""Share of switchers who name a reason; several may be named."""


def without(market: Market, reason: str) -> Mapping[str, Any]:
    """The market's parameters without a cause.

    Core failure: none happen. Encounter: nothing has to be asked, and nobody waits. Price: all ask the same.
    Inconvenience: no friction. Answer to failure: all trouble that is told is solved. Competition: nobody advertises.
    Involuntary: nobody moves away or dies.
    """
    same_price = tuple(replace(firm, price=market.providers[0].price) for firm in market.providers)
    changes: dict[str, Mapping[str, Any]] = {
        "core failure": {"service.failure": 0.0},
        "encounter": {"service.doubt": 0.0, "service.wait_cost": 0.0, "service.abandon_grievance": 0.0},
        "price": {"providers": same_price},
        "inconvenience": {"service.friction": 0.0},
        "answer to failure": {"service.solved": 1.0},
        "competition": {"gate.p_advert": 0.0},
        "involuntary": {"people.involuntary": 0.0},
    }
    return changes[reason]


def _ended(lab: Lab, changes: Mapping[str, Any]) -> float:
    """Relationships with any provider that ended after the fork, per customer-month."""
    twin = lab.run(lab.warm(changes))
    counts = twin.history.readings[-1].counts[:-1].sum(axis=(0, 1))
    ended = counts[N.LEFT] + counts[N.LEFT_INVOLUNTARY]
    return float(ended / (counts[N.CUSTOMER_DAYS] / 1e6)) * DAYS_PER_MONTH


def _observe(lab: Lab) -> Observed:
    return {
        "all": _ended(lab, {}),
        **{reason: _ended(lab, without(lab.market, reason)) for reason in REASONS},
    }


def _share(seen: Observed, reason: str) -> float:
    return 1.0 - seen[reason] / seen["all"]


def _reason(seen: Observed, reason: str) -> str:
    """How far off, and what is known of why."""
    if reason == "price":
        return (
            "providers' prices lie so near each other that as many are kept by a rival's higher price as "
            "are drawn by "
            "a lower one; nobody raises its price"
        )
    gap = 1.0 - seen[reason] / seen["all"] - REASONS[reason]
    size = "more" if gap > 0.0 else "less"
    return (
        f"{abs(gap):.2f} {size} than is named; interviews count every reason that comes to mind, a world "
        "without the "
        "cause counts those who would have stayed"
    )


FACT = Fact(
    name="reasons",
    number="11",
    statement="Why people switch: several reasons each.",
    source="Keaveney 1995, J. Marketing 59(2), 45 services (second-hand)",
    design=(
        "The same market without one cause at a time, from before its warm-up on; the share of ended "
        "relationships that go "
        "with it. Shares need not sum to 1."
    ),
    parameters=(
        "service.failure", "service.doubt", "service.friction", "service.solved", "gate.g_grievance",
        "gate.g_dissatisfaction", "gate.p_advert", "gate.attention", "people.involuntary", "providers.*.price",
    ),
    figures=tuple(
        Figure(
            name=f"ended relationships that go with the cause: {reason}",
            role=CAL,
            published=f"{100 * share:.0f} %",
            of=partial(_share, reason=reason),
            low=share / 2.0,
            high=share * 2.0,
            why="the figure within a factor of 2",
            reason=partial(_reason, reason=reason),
        )
        for reason, share in REASONS.items()
    ),
    observe=_observe,
    customers=8_000,
    replicates=8,
    months=24.0,
)  # fmt: skip
