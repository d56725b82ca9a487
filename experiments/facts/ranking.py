"""Ranking: whom a proactive campaign should be for - those it changes most, or those most likely to leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import C, S, T
from agents.model import MarketModel
from agents.strategies.active.promotions import Promotions
from agents.targeting import Risk, Targeting, Uplift
from experiments.facts.fact import VAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, Slots, as_ids, customers_of, left
from experiments.facts.treatments import Notice
from experiments.individuals import stayed

SHARE = 0.2
"""Share of the customers that the campaign is for."""
LUCKS = 6
"""Lucks of the twin worlds that lift is learned from; the campaign is scored on another."""
DEPTH = 0.1
"""Discount, as a share of the price."""
LEARNING = 4.0
"""Over so many times the months of the one campaign a firm learns and is judged: two years."""
_STATES = (S.SATISFACTION, S.GRIEVANCE, S.COMMITMENT, S.PEER_EXITS)
_TRAITS = (
    T.ATTENTION,
    T.PRICE_WEIGHT,
    T.QUALITY_WEIGHT,
    T.HASSLE,
    T.HORIZON,
    T.VALUE_OF_TIME,
    T.POSITION,
    T.NEED,
)


def _seen(warm: MarketModel, slots: Slots, risk: NDArray[np.float32]) -> NDArray[np.float64]:
    """What lift may depend on: true states and traits, plan and risk; float64 [customers, k]."""
    arrays = warm.world.arrays
    columns = [
        *(arrays.state[row, slots] for row in _STATES),
        *(arrays.traits[row, slots] for row in _TRAITS),
        arrays.codes[C.PLAN, slots],
        risk,
    ]
    return np.column_stack(columns).astype(np.float64)


def oracle_of_lift(
    lab: Lab, warm: MarketModel, campaign: Notice, slots: Slots, risk: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Each customer's lift as twin worlds under other lucks teach it: boosted trees on the realised effects."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    effects = np.zeros(slots.size)
    for number in range(LUCKS):
        luck = replace(warm.luck, salt=f"{warm.luck.salt}/lift/{number}")
        treated, control = lab.run(warm, campaign, luck=luck), lab.run(warm, luck=luck)
        effects += stayed(treated)[slots].astype(np.float64) - stayed(control)[slots]
    features = _seen(warm, slots, risk)
    trees = HistGradientBoostingRegressor(
        max_iter=60,
        learning_rate=0.05,
        max_leaf_nodes=4,
        min_samples_leaf=max(20, slots.size // 20),
        random_state=0,
    )
    lift: NDArray[np.float64] = trees.fit(features, effects).predict(features)
    return lift


def _saved(lab: Lab, changes: Mapping[str, Any], world: str) -> dict[str, float]:
    """Exits avoided per 100 treated, treating the top by lift, and by true risk."""
    warm = lab.warm(changes)
    slots = customers_of(warm)
    everybody = Notice(slots=as_ids(slots), channel="message", depth=DEPTH, months=3.0)
    risk = warm.world.leave_probability(warm.pace, slots.astype(np.int32), 91.0)
    lift = oracle_of_lift(lab, warm, everybody, slots, risk)
    number = round(SHARE * slots.size)
    lost = left(lab.run(warm), slots)
    seen = {}
    for name, scores in (("lift", lift), ("risk", risk)):
        top = slots[np.argsort(-scores, kind="stable")[:number]]
        campaign = replace(everybody, slots=as_ids(top))
        seen[f"{world}_{name}"] = 100.0 * (lost - left(lab.run(warm, campaign), slots)) / number
    return seen


def _programme(targeting: Targeting) -> Promotions:
    """The same campaign each quarter, for whomever the firm picks."""
    return Promotions(
        every=3.0, depth=DEPTH, months=3.0, channel="message", targeting=targeting, save_depth=0.0, save_months=1.0,
        save_cost=0.0, welcome_depth=0.0, welcome_months=0.0,
    )  # fmt: skip


def _learned(lab: Lab) -> dict[str, float]:
    """Customers of the fork and how many of them are lost in two years, the firm learning lift, or risk."""
    uplift, risk = _programme(Uplift(share=SHARE)), _programme(Risk(share=SHARE))
    warm = lab.warm({}, risk)
    slots = customers_of(warm)
    return {
        "people": float(slots.size),
        "quarters": LEARNING * lab.months / 3.0,
        "learned_lift": float(left(lab.run(warm, uplift, months=LEARNING * lab.months), slots)),
        "learned_risk": float(left(lab.run(warm, risk, months=LEARNING * lab.months), slots)),
    }


def _observe(lab: Lab) -> Observed:
    asleep = {"gate.p_contact": 0.0, "gate.p_expiry": 0.0}
    return {**_saved(lab, {}, "shipped"), **_saved(lab, asleep, "asleep"), **_learned(lab)}


def _pilots(seen: Observed) -> str:
    leavers = 0.2 * seen["learned_risk"] / seen["quarters"]
    return (
        f"a pilot of a fifth of these {seen['people']:.0f} customers shows about {leavers:.0f} leavers a "
        "quarter, from which lift "
        "can hardly be told; the risk model learns from all"
    )


def _gain(seen: Observed, world: str) -> float:
    return seen[f"{world}_lift"] - seen[f"{world}_risk"]


FACT = Fact(
    name="ranking",
    number="6",
    statement=(
        "Ranking by lift beats ranking by risk for a proactive campaign; and there are regimes where it does "
        "not."
    ),
    source=(
        "Ascarza 2018, J. Marketing Research 55(1) (abstract); against: a team at Orange Belgium found no "
        "significant gain (abstract)"
    ),
    design=(
        f"Twin worlds: a message with {100 * DEPTH:.0f} % off for three months to the {100 * SHARE:.0f} % "
        "with the highest true "
        "risk, or with the highest lift. "
        f"Lift is learned from twin worlds under {LUCKS} other lucks: an oracle, not what a firm can know. "
        "Exits within six "
        "months. Then the same each quarter for two years by what the firm itself learns: uplift from "
        "pilots, or risk."
    ),
    parameters=(
        "gate.p_contact", "gate.p_expiry", "gate.attention", "customers.segments.*.price_weight",
        "customers.segments.*.spread_weights", "customers.segments.*.hassle",
    ),
    figures=(
        Figure(
            name="exits avoided per 100 treated, by true lift less by true risk",
            role=VAL,
            published="above 0",
            of=lambda seen: _gain(seen, "shipped"),
            low=0.0,
            why="the sign",
        ),
        Figure(
            name="exits avoided per 100 customers in two years, by learned lift less by learned risk",
            role=VAL,
            published="above 0",
            of=lambda seen: 100.0 * (seen["learned_risk"] - seen["learned_lift"]) / seen["people"],
            low=0.0,
            why="the sign",
            reason=_pilots,
        ),
        Figure(
            name="by true lift less by true risk, where no contact and no expiry wakes anybody",
            role=VAL,
            published="regimes without a significant gain",
            of=lambda seen: _gain(seen, "asleep"),
            absent=True,
            why="not shown to be above 0 with as many replicates",
        ),
    ),
    observe=_observe,
    customers=16_000,
    replicates=12,
    months=6.0,
)  # fmt: skip
