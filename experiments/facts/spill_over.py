"""Spill-over: what a campaign to some customers does to their friends."""

from __future__ import annotations

import numpy as np

from agents.columns import C
from experiments.facts.fact import VAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, as_ids, customers_of, left, tied_to
from experiments.facts.treatments import Notice

DEPTH = 0.3
"""Discount, as a share of the price."""
SHARE = 0.1
"""Share of the customers who are treated."""
_PURPOSE = 9


def _observe(lab: Lab) -> Observed:
    warm = lab.warm()
    slots = customers_of(warm)
    sample = slots[lab.chance(_PURPOSE).random(slots.size) < SHARE]
    friends = tied_to(warm, sample)
    control = lab.run(warm)
    campaign = lab.run(warm, Notice(slots=as_ids(sample), depth=DEPTH, months=lab.months, silent=True))
    arrays = warm.world.arrays
    own = arrays.codes[C.PROVIDER] == warm.focal
    ties = sum(int(own[arrays.ties[arrays.starts[i] : arrays.starts[i + 1]]].sum()) for i in sample)
    gate, network = warm.market.gate, warm.market.network
    return {
        "people": float(slots.size),
        "sample": float(sample.size),
        "direct": float(left(control, sample) - left(campaign, sample)),
        "spilled": float(left(control, friends) - left(campaign, friends)),
        "leaving": left(control, slots) / lab.months,
        "ties": ties / sample.size,
        "months": network.half_life / np.log(2.0),
        "rise": np.expm1(gate.g_peers),
    }


def _first_order(seen: Observed) -> float:
    """What one avoided exit is worth among ties: ties x rise of their hazard x months it lasts x hazard."""
    return seen["ties"] * seen["rise"] * seen["months"] * seen["leaving"] / seen["people"]


def _reason(seen: Observed) -> str:
    churn = 100.0 * seen["leaving"] / seen["people"]
    return (
        f"an avoided exit spares {seen['ties']:.1f} tied customers a hazard raised by {100 * seen['rise']:.0f} % for "
        f"{seen['months']:.1f} months at {churn:.2f} % a month: at most {_first_order(seen):.3f} exits, since "
        "advertisements and notices do not pass along ties; the study's figure is of usage, too"
    )


FACT = Fact(
    name="spill_over",
    number="9",
    statement="A campaign spills over to friends of the treated.",
    source="Ascarza, Ebbes, Netzer & Danielson 2017, J. Marketing Research 54(3) (abstract)",
    design=(
        f"Twin worlds: a random {100 * SHARE:.0f} % of the customers get {100 * DEPTH:.0f} % off, told to "
        "nobody. Direct: exits of "
        "the treated "
        "that it avoids; spill-over: exits avoided among their untreated first-degree ties with the same "
        "provider, summed."
    ),
    parameters=(
        "gate.g_peers", "network.ties", "network.half_life", "network.homophily", "network.recommend", "gate.attention",
    ),
    figures=(
        Figure(
            name="spill-over relative to the direct effect",
            role=VAL,
            published=".28",
            of=lambda seen: seen["spilled"] / seen["direct"],
            low=0.1,
            high=0.5,
            why="as the list of facts accepts it",
            reason=_reason,
        ),
    ),
    observe=_observe,
    customers=20_000,
    replicates=16,
    months=9.0,
)  # fmt: skip
