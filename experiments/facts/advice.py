"""Advice: a plan recommended to those whose plan is far from their need, and to those whom it fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.columns import C, T
from agents.model import MarketModel
from experiments.facts.fact import CAL, VAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, Slots, as_ids, customers_of, left
from experiments.facts.treatments import PlanAdvice

FAR = 0.25
"""Distance of need and plan, in need, from which a plan is badly matched."""
FITS = 0.8
"""Match of customer, provider and best plan from which a customer is well matched."""


def _groups(warm: MarketModel) -> tuple[Slots, Slots, Slots]:
    """The inert with a bad plan, the engaged who are well matched, and everybody's best plan."""
    world, slots = warm.world, customers_of(warm)
    levels = world.arrays.plans[:, 0]
    need, attention = world.arrays.traits[T.NEED, slots], world.arrays.traits[T.ATTENTION, slots]
    gaps = np.abs(levels[None, :] - need[:, None])
    best = gaps.argmin(axis=1)
    plan = world.arrays.codes[C.PLAN, slots]
    profile = warm.market.providers[warm.focal].profile
    far = np.abs(world.arrays.traits[T.POSITION, slots] - profile)
    match = 1.0 - far - warm.market.choice.misfit * gaps[np.arange(slots.size), best]
    inert = attention < np.median(attention)
    bad = gaps[np.arange(slots.size), plan] > FAR
    everybodys = np.zeros(world.arrays.codes.shape[1], np.int64)
    everybodys[slots] = best
    return slots[inert & bad], slots[~inert & (best == plan) & (match > FITS)], everybodys


def _campaign(lab: Lab, changes: Mapping[str, Any]) -> dict[str, float]:
    """People and leavers of both groups, without and with the recommendation."""
    warm = lab.warm(changes)
    inert, engaged, best = _groups(warm)
    everyone = np.concatenate([inert, engaged])
    advice = PlanAdvice(slots=as_ids(everyone), plans=as_ids(best[everyone]))
    control, treated = lab.run(warm), lab.run(warm, advice)
    return {
        f"{group}_{what}": float(value)
        for group, slots in (("inert", inert), ("engaged", engaged))
        for what, value in (
            ("people", slots.size),
            ("control", left(control, slots)),
            ("treated", left(treated, slots)),
        )
    }


def _observe(lab: Lab) -> Observed:
    on, off = _campaign(lab, {}), _campaign(lab, {"gate.p_contact": 0.0})
    return {**on, **{f"{name}_off": value for name, value in off.items()}}


def _rise(seen: Observed, group: str, world: str = "") -> float:
    """Rise of the share who leave, in percentage points."""
    more = seen[f"{group}_treated{world}"] - seen[f"{group}_control{world}"]
    return 100.0 * more / seen[f"{group}_people{world}"]


def _control(seen: Observed) -> str:
    share = 100.0 * seen["engaged_control"] / seen["engaged_people"]
    return (
        f"{share:.1f} % of them leave anyway within the time; one contact that fits wakes few, but the "
        "experience of "
        "one message is smaller still: it cannot outweigh the waking"
    )


FACT = Fact(
    name="advice",
    number="4",
    statement="Proactive contact raises churn among inert, badly matched customers.",
    source="Ascarza, Iyengar & Schleicher 2016, J. Marketing Research 53(1) (abstract)",
    design=(
        "Twin worlds: a call recommends the best plan. Inert and badly matched: attention below the median "
        "and a plan "
        f"more than {FAR} from the need. Engaged and well matched: attention above it, the best plan "
        "already, match above "
        f"{FITS}. Churn within three months."
    ),
    parameters=(
        "gate.p_contact", "choice.misfit", "choice.match_scale", "experience.worth_content", "experience.kappa",
        "gate.attention",
    ),
    figures=(
        Figure(
            name="rise of churn among the inert and badly matched, percentage points in 3 months",
            role=CAL,
            published="6.4 % to 10.0 %: +3.6",
            of=lambda seen: _rise(seen, "inert"),
            low=0.0,
            why="the sign",
        ),
        Figure(
            name="the same without the gate (gate.p_contact = 0), as a share of it",
            role=VAL,
            published="gone",
            of=lambda seen: _rise(seen, "inert", "_off") / _rise(seen, "inert"),
            high=0.1,
            why="no rise is left beyond a tenth",
        ),
        Figure(
            name="rise of churn among the engaged and well matched, percentage points in 3 months",
            role=CAL,
            published="below 0",
            of=lambda seen: _rise(seen, "engaged"),
            high=0.0,
            why="the sign",
            reason=_control,
        ),
    ),
    observe=_observe,
    customers=16_000,
    replicates=40,
    months=3.0,
)  # fmt: skip
