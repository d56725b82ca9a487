"""Community: belonging, ties and peers, and what they do to revenue."""

from __future__ import annotations

from agents.columns import A
from agents.model import MarketModel
from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, customers_of, left


def _revenue(twin: MarketModel) -> float:
    """Revenue of the focal provider since the fork, in millionths."""
    return float(twin.history.readings[-1].books[twin.focal, :, A.REVENUE].sum())


def _observe(lab: Lab) -> Observed:
    warm = lab.warm()
    slots = customers_of(warm)
    control, treated = lab.run(warm), lab.run(warm, lab.strategies["community"])
    return {
        "people": float(slots.size),
        "control": _revenue(control),
        "treated": _revenue(treated),
        "control_left": float(left(control, slots)),
        "treated_left": float(left(treated, slots)),
    }


FACT = Fact(
    name="community",
    number="14",
    statement="A community earns between less than nothing and a little.",
    source=(
        "Algesheimer et al. 2010, Marketing Science 29(4), an experiment: no gain, lower spend; Manchanda, "
        "Packard & "
        "Pattabhiramaiah 2015, Marketing Science 34(3), observation: +19 % revenue (abstracts)"
    ),
    design=(
        "Twin worlds: the community of conf/strategy is opened to all customers, who join where belonging "
        "is worth its "
        "hassle to them; they get news each month, answer each other's questions, and get to know each "
        "other. Revenue of "
        "two years."
    ),
    parameters=(
        "experience.worth_belonging", "experience.kappa", "experience.h", "gate.p_contact", "gate.g_peers",
        "customers.segments.*.taste_belonging",
    ),
    figures=(
        Figure(
            name="revenue with the community, relative change",
            role=CAL,
            published="0 or less (experiment) to +19 % (observation)",
            of=lambda seen: seen["treated"] / seen["control"] - 1.0,
            low=-0.1,
            high=0.19,
            why="from below 0 to what observation, which selects the loyal, says",
        ),
    ),
    observe=_observe,
    strategies=("community",),
    customers=8_000,
    replicates=8,
    months=24.0,
)  # fmt: skip
