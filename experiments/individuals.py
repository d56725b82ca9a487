"""Individual effects as data: a row per customer of the fork - what the firm saw, did and got, and what that changed.

**Treatment.** A customer is *treated* where the scenario's strategies are for it. In an ordinary scenario they are for
everybody (whom they reach in the end, and when, is part of the policy): treated 1, propensity 1; in the baseline, 0 and
0. A randomised trial is a scenario in which exactly one strategy of the focal provider is aimed by `Randomised`: each
customer is treated by a coin of its own, tossed once, with the known propensity `share * intensity`, before anything
that the scenario could change. Whether the treated are then contacted, or have left before, is part of the effect
(intention to treat). Such a scenario alone is the table that uplift libraries take: features `seen_*`, treatment
`treated`, outcome `stayed` or `value`. Contacts by other strategies, save offers and welcome offers are the same
policy for both groups; `spent` tells on whom money went, and is an outcome, never a treatment.

**Effect.** With Y(everybody) the outcome of a customer in the world in which everybody is treated, and Y(nobody) in
which nobody is, both with the same luck,

    effect_realised = Y(everybody) - Y(nobody),   Y = 1 for who stayed without a break to the horizon, else 0.

For an ordinary scenario these worlds are itself and the baseline. For a trial they are the same scenario with the coin
always and never falling for treatment, whatever the trial itself assigned: the effect on the untreated is
counterfactual, and so is half of the effect on the treated. `type` is (Y(everybody), Y(nobody)) in words, so that
effect_realised is 1 for persuadables, -1 for sleeping dogs, 0 for sure things and lost causes. `effect_expected` is the
mean of Y(everybody) - Y(nobody) over other lucks that continue from the customer's own state at the fork.

Where nobody affects anybody, a trial's outcome is Y(everybody) for the treated and Y(nobody) for the others, to the
bit, and treating one customer alone has the same effect. Where customers affect each other (`interference`), the effect
is that of the policy, spill-over included, and a trial's outcomes are those of a half-treated world.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import C, K, V
from agents.market import Market
from agents.scenario import Scenario
from agents.strategies.blend.blend import Blend
from agents.strategies.strategy import Strategy
from agents.targeting import Everyone, Randomised
from agents.view import ProviderView
from experiments.settings import FEWEST_LUCKS
from sim.luck import Luck
from sim.quantities import DAYS_PER_MONTH, MICROS

if TYPE_CHECKING:
    from agents.model import MarketModel

POLICY_EFFECT = "policy effect, spill-over included"
"""What effects are where customers affect each other."""
OWN_EFFECT = "effect on the customer alone"
"""What effects are where nobody affects anybody."""
FEATURES = tuple(
    column.name.lower()
    for column in K
    if column not in (K.KNOWN, K.DISCOUNT_END, K.LAST_TICKET, K.LAST_CONTACT, K.ANSWERED, K.ARM)
    and not column.name.endswith("_MONTH")
)
"""What the firm saw on the day of the fork: columns of its CRM, but for marks and for days that may never have come."""
UNLIMITED = {"cap": 1000, "budget": 1e6}
"""From here on a contact cap and a budget bind nobody."""


def starters(warm: MarketModel) -> NDArray[np.int64]:
    """Slots of the focal provider's customers of the fork, ascending."""
    return np.flatnonzero(warm.at_fork.provider == warm.focal)


def stayed(model: MarketModel) -> NDArray[np.bool_]:
    """Who of the fork has stayed without a break, by slot."""
    return np.asarray(model.world.arrays.codes[C.UNBROKEN] == 1)


def seen_at_fork(warm: MarketModel, slots: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The firm's features of some customers on the day of the fork; money in currency, days of the clock (fork: 0)."""
    arrays = warm.world.arrays
    crm = arrays.crm[arrays.crm_of[warm.focal]]
    return {f"seen_{name}": crm[K[name.upper()], slots].copy() for name in FEATURES}


def worlds(scenarios: Sequence[Scenario], baseline: str) -> int:
    """How many worlds an expected effect of each of some scenarios needs under one luck."""
    trials = sum(trial_slot(scenario) is not None for scenario in scenarios)
    ordinary = sum(trial_slot(s) is None and s.name != baseline for s in scenarios)
    return 2 * trials + ordinary + (ordinary > 0)


# Treatment.


def trial_slot(scenario: Scenario) -> str | None:
    """Slot of the strategy whose coin makes a scenario a randomised trial; None for any other scenario.

    Several coins make several treatments, which one column cannot tell: such a scenario is an ordinary one.
    """
    tossed = [
        slot
        for slot, strategy in scenario.focal.items()
        if isinstance(getattr(strategy, "targeting", None), Randomised) and strategy.intensity > 0.0
    ]
    return tossed[0] if len(tossed) == 1 else None


def treatment(
    fork: MarketModel, scenario: Scenario, slots: NDArray[np.int64], is_baseline: bool = False
) -> dict[str, NDArray[Any]]:
    """Who is treated and with which probability, told on the day of the fork, before the scenario changed anything.

    Args:
        fork: the market forked to the scenario, not yet run.
        scenario: what it was forked to.
        slots: customers of the fork.
        is_baseline: whether others are compared to it; then nobody is treated, unless it is a trial itself.

    Returns:
        `treated`, int8, and `propensity`, float64.
    """
    slot = trial_slot(scenario)
    if slot is None:
        treated = np.full(slots.size, not is_baseline)
        return {"treated": treated.astype(np.int8), "propensity": treated.astype(np.float64)}
    provider = fork.providers[fork.focal]
    running = provider.running[slot]
    targeting = _randomised(scenario, slot)
    view = ProviderView(provider, running)
    drawn = targeting.drawn(view, slots.astype(np.int32), running.strategy.intensity)
    share = targeting.share * running.strategy.intensity
    return {"treated": drawn.astype(np.int8), "propensity": np.full(slots.size, share)}


def twins(scenario: Scenario, baseline: Scenario | None) -> tuple[Scenario, Scenario] | None:
    """The scenarios of the two worlds in which everybody and nobody is treated.

    Args:
        scenario: whose effects are asked for.
        baseline: what an ordinary scenario is compared to; None where there is nothing, or where it is this one.

    Returns:
        (everybody, nobody); None for an ordinary scenario without a baseline.
    """
    slot = trial_slot(scenario)
    if slot is not None:
        return _aimed(scenario, slot, 1.0), _aimed(scenario, slot, 0.0)
    return None if baseline is None else (scenario, baseline)


def _randomised(scenario: Scenario, slot: str) -> Randomised:
    targeting = getattr(scenario.focal[slot], "targeting", None)
    assert isinstance(targeting, Randomised)
    return targeting


def _aimed(scenario: Scenario, slot: str, chance: float) -> Scenario:
    """The scenario with another probability of being treated; everything else in it is the same."""
    strategy = scenario.focal[slot]
    targeting = replace(_randomised(scenario, slot), share=chance / strategy.intensity)
    aimed = replace(strategy, targeting=targeting)  # type: ignore[call-arg]  # `_randomised` found it there
    return replace(scenario, focal={**scenario.focal, slot: aimed})


# Interference.


def interferes(market: Market, strategies: Iterable[Strategy], learning: bool) -> bool:
    """Whether treating one customer can change another.

    It can through a desk that all wait for, ties, a contact cap, a budget, seats and staff, places that go to a number
    of the best, and scores that are learned from all.

    Args:
        market: the market.
        strategies: everything that any provider runs.
        learning: whether strategies may fit scores.
    """
    rules, net = market.rules, market.network
    caps = (market.contacts.cap, rules.cap_message, rules.cap_call, rules.cap_post)
    talks = net.ties > 0.0 and (market.gate.g_peers > 0.0 or net.recommend > 0.0)
    if market.service.desk or talks or min(caps) < UNLIMITED["cap"] or rules.budget < UNLIMITED["budget"]:
        return True
    running = [strategy for strategy in strategies if strategy.intensity > 0.0]
    return any(_rations(strategy) or (learning and strategy.learns) for strategy in running)


def _rations(strategy: Strategy) -> bool:
    """Whether what one customer gets is missing for another; of a blend, whether that is so of a tactic."""
    if isinstance(strategy, Blend) and any(_rations(tactic) for tactic in strategy.tactics.values()):
        return True
    targeting = getattr(strategy, "targeting", None)
    places = targeting is not None and not isinstance(targeting, Randomised)
    all_of_them = isinstance(targeting, Everyone) and targeting.share * strategy.intensity >= 1.0
    return strategy.rations or strategy.budget < UNLIMITED["budget"] or (places and not all_of_them)


# Effects.


def stayed_under(
    warm: MarketModel, scenario: Scenario, luck: Luck | None, horizon_months: float
) -> NDArray[np.bool_]:
    """Who of the focal provider's customers of the fork stays to the horizon in a world, in the order of `starters`."""
    model = warm.fork(scenario, luck)
    model.run(horizon_months * DAYS_PER_MONTH)
    return stayed(model)[starters(warm)]


@dataclass
class OtherLucks:
    """Stays under other lucks than the replicate's own, continued from one warm state; each world is run once.

    Args:
        warm: the market on the day of the fork.
        horizon_months: from the fork to the end.
        lucks: 50 or more; the i-th is the same in every world and different from the replicate's own.

    Raises:
        ValueError: for fewer lucks.
    """

    warm: MarketModel
    horizon_months: float
    lucks: int
    _known: list[tuple[Scenario, NDArray[np.bool_]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.lucks < FEWEST_LUCKS:
            raise ValueError(
                f"individuals={self.lucks}: an expected effect needs at least {FEWEST_LUCKS} lucks; raise it, or set 0"
            )

    def stays(self, scenario: Scenario) -> NDArray[np.bool_]:
        """Who stays, [lucks, starters]."""
        for known, found in self._known:
            if known.focal == scenario.focal and known.rivals == scenario.rivals:
                return found
        salt = self.warm.luck.salt
        lucks = [replace(self.warm.luck, salt=f"{salt}/individuals/{n}") for n in range(self.lucks)]
        worlds = [stayed_under(self.warm, scenario, luck, self.horizon_months) for luck in lucks]
        self._known.append((scenario, np.array(worlds)))
        return self._known[-1][1]

    def effects(
        self, everybody: Scenario, nobody: Scenario
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each customer's mean effect on staying over the lucks, and its standard error."""
        effects = self.stays(everybody).astype(np.float64) - self.stays(nobody)
        return effects.mean(axis=0), effects.std(axis=0, ddof=1) / np.sqrt(self.lucks)


def outcomes(model: MarketModel, slots: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What became of some customers of the fork: whether they stayed, what they were worth, what was spent on them.

    `value` is the discounted margin less direct retention cost, `spent` the discounted direct retention cost with the
    provider of the fork, both in currency per customer.
    """
    arrays = model.world.arrays
    return {
        "stayed": arrays.codes[C.UNBROKEN, slots].astype(np.int8),
        "value": arrays.money[V.VALUE, slots] / MICROS,
        "spent": arrays.money[V.SPENT, slots] / MICROS,
    }
