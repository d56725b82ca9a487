"""Contacts: profit over the number of contacts a month, on one channel, and with another beside it."""

from __future__ import annotations

import numpy as np

from experiments.facts.fact import CAL, VAL, Fact, Figure, Observed
from experiments.facts.lab import Lab
from experiments.facts.treatments import Mailing
from experiments.measure import profit

LEVELS = (0.0, 2.0, 4.0, 7.0, 10.0, 13.0)
"""Messages a month."""
BESIDE = 2.0
"""Letters a month beside them, in the second series."""
PULSE = 2.0
"""Days: nobody is contacted twice in a pulse, so that shorter ones let more contacts through."""


def _observe(lab: Lab) -> Observed:
    free = {
        "pulse": PULSE, "contacts.cap": 1000, "rules.cap_message": 1000, "rules.cap_post": 1000,
    }  # fmt: skip
    warm = lab.warm(free)
    scale = warm.world.ledger.scale / 1e6 / warm.providers[warm.focal].firm_customers
    seen = {}
    for series, beside in (("alone", 0.0), ("beside", BESIDE)):
        for level in LEVELS:
            twin = lab.run(warm, Mailing(per_month=level, beside=beside, gap=PULSE))
            books = twin.history.readings[-1].books[twin.focal].sum(axis=0)
            seen[f"{series}_{level:g}"] = float(profit(books)) * scale
    return seen


def parabola(seen: Observed, series: str) -> tuple[float, float]:
    """Least-squares parabola of profit over messages a month: its curvature and where it is highest."""
    profits = [seen[f"{series}_{level:g}"] for level in LEVELS]
    curvature, slope, _ = np.polyfit(LEVELS, profits, 2)
    return float(curvature), float(-slope / (2.0 * curvature))


def _flat(seen: Observed) -> str:
    profits = ", ".join(f"{level:g}: {seen[f'alone_{level:g}']:.2f}" for level in LEVELS)
    return f"profit per customer by messages a month: {profits}"


FACT = Fact(
    name="contacts",
    number="7",
    statement="Contacts have an inverted U, and one channel's optimum falls as another rises.",
    source=(
        "Zhang, Kumar & Cosguner 2017, J. Marketing Research 54(6) (abstract); Godfrey, Seiders & Voss "
        "2011, J. Marketing 75(4) "
        "(second-hand)"
    ),
    design=(
        f"Twin worlds: messages about each customer's estimated taste, {', '.join(f'{x:g}' for x in LEVELS)} "
        "a month, caps off; once "
        f"more with {BESIDE:g} letters a month beside. Profit of a year per customer, and the parabola "
        "through it."
    ),
    parameters=(
        "contacts.weight_message", "contacts.half_life", "experience.rho", "experience.worth_content", "gate.p_contact",
        "purchases.salience_jump", "purchases.advance", "customers.segments.*.contact_tolerance",
    ),
    figures=(
        Figure(
            name="curvature of profit over messages a month, alone",
            role=VAL,
            published="an inverted U: below 0",
            of=lambda seen: parabola(seen, "alone")[0],
            high=0.0,
            why="the sign",
            reason=_flat,
        ),
        Figure(
            name="messages a month at which profit is highest",
            role=CAL,
            published="7 (at 4 a loss of 32 %, at 10 of 16 %)",
            of=lambda seen: parabola(seen, "alone")[1],
            low=4.0,
            high=10.0,
            why="between the two levels at which a loss was published",
            reason=_flat,
        ),
        Figure(
            name="change of that optimum by letters beside it",
            role=VAL,
            published="below 0",
            of=lambda seen: parabola(seen, "beside")[1] - parabola(seen, "alone")[1],
            high=0.0,
            why="the sign",
        ),
    ),
    observe=_observe,
    market="online_retail",
    customers=3_000,
    replicates=12,
    months=12.0,
)  # fmt: skip
