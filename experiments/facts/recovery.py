"""Recovery: the same customers without a failure, with one that is made good, and with one that is not."""

from __future__ import annotations

import numpy as np

from agents.columns import S
from agents.live import solve
from agents.model import MarketModel
from experiments.facts.fact import VAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, Slots, customers_of, left
from experiments.individuals import stayed
from sim.quantities import DAYS_PER_MONTH

SHARE = 0.5
_PURPOSE = 10
_LATER = 1.0


def fail(model: MarketModel, slots: Slots, recovered: bool) -> None:
    """A core failure meets some customers now, and is solved at once or never: the event itself, without a desk."""
    world, law = model.world, model.world.law
    satisfaction, grievance = world.arrays.state[S.SATISFACTION], world.arrays.state[S.GRIEVANCE]
    satisfaction[slots] = np.maximum(np.float32(0.0), satisfaction[slots] - law.drop_failure)
    grievance[slots] += np.float32(1.0)
    if recovered:
        for slot in slots:
            solve(world.arrays, law, slot, law.drop_failure, np.float32(1.0), True)


def _world(lab: Lab, warm: MarketModel, slots: Slots, happens: bool, recovered: bool) -> tuple[int, float]:
    """How many leave, and the mean satisfaction of those still there after a month."""
    twin = lab.run(warm, months=0.0)
    if happens:
        fail(twin, slots, recovered)
    twin.run(_LATER * DAYS_PER_MONTH)
    there = slots[stayed(twin)[slots]]
    satisfaction = float(twin.world.arrays.state[S.SATISFACTION, there].mean(dtype=np.float64))
    twin.run(lab.months * DAYS_PER_MONTH)
    return left(twin, slots), satisfaction


def _observe(lab: Lab) -> Observed:
    warm = lab.warm()
    customers = customers_of(warm)
    slots = customers[lab.chance(_PURPOSE).random(customers.size) < SHARE]
    seen = {"people": float(slots.size)}
    for name, happens, recovered in (
        ("none", False, False),
        ("made_good", True, True),
        ("left_so", True, False),
    ):
        seen[f"{name}_left"], seen[f"{name}_satisfaction"] = _world(lab, warm, slots, happens, recovered)
    return seen


def _points(seen: Observed, more: str, less: str) -> float:
    """How many percentage points more stay in one world than in another."""
    return 100.0 * (seen[f"{less}_left"] - seen[f"{more}_left"]) / seen["people"]


FACT = Fact(
    name="recovery",
    number="10",
    statement="Recovery helps but does not repay the failure.",
    source=(
        "de Matos, Henrique & Rossi 2007, J. Service Research 10(1); Knox & van Oest 2014, J. Marketing 78(5) "
        "(abstracts)"
    ),
    design=(
        "Three worlds: a core failure meets half of the customers on the first day and is solved at once, "
        "or is never "
        "told, or does not happen. Who stays for six months."
    ),
    parameters=(
        "service.recovery", "service.heal", "service.drop_failure", "service.grievance_half_life",
        "gate.g_grievance", "gate.g_dissatisfaction",
    ),
    figures=(
        Figure(
            name="stay, no failure less failure made good, percentage points",
            role=VAL,
            published="above 0",
            of=lambda seen: _points(seen, "none", "made_good"),
            low=0.0,
            why="the sign",
        ),
        Figure(
            name="stay, failure made good less failure, percentage points",
            role=VAL,
            published="above 0",
            of=lambda seen: _points(seen, "made_good", "left_so"),
            low=0.0,
            why="the sign",
        ),
        Figure(
            name="satisfaction after a month, failure made good less no failure",
            role=VAL,
            published="may be above 0 (satisfaction, not loyalty)",
            of=lambda seen: seen["made_good_satisfaction"] - seen["none_satisfaction"],
            low=-0.05,
            high=0.1,
            why="restored in satisfaction: at most a quarter of a failure's drop below",
        ),
    ),
    observe=_observe,
    customers=12_000,
    replicates=12,
    months=6.0,
)  # fmt: skip
