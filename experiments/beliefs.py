"""What a learning blend believed, beside what was true: its log, and the same quantity from twin worlds.

A blend believes in the net gain per unit of money of each tactic in each segment that it observes, over the time
between two reviews. The truth is that of the day of the fork: the tactic alone for everybody, against nothing, on the
same luck, counted as the firm counts (`agents.learning.trials.Snapshot.worth`).
"""

from __future__ import annotations

import numpy as np

from agents.learning.segments import OBSERVED_SEGMENTS
from agents.learning.trials import Snapshot, Trials
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.blend.adaptive_blend import AdaptiveBlend
from sim.quantities import DAYS_PER_MONTH

Belief = tuple[str, float, str, str, float, float, float, float]


def beliefs_of(warm: MarketModel, model: MarketModel) -> tuple[Belief, ...]:
    """What the focal provider's learning blends believed in a finished world, with the truth at the fork.

    Args:
        warm: the market on the day of the fork.
        model: a world forked from it that has run.

    Returns:
        slot, day, tactic, observed segment, believed gain per unit of money, its standard error, the tactic's share of
        the budget from then on, and the true gain; NaN where nobody was in the segment.
    """
    found: list[Belief] = []
    for slot, running in sorted(model.providers[model.focal].running.items()):
        blend, memory = running.strategy, running.memory
        if isinstance(blend, AdaptiveBlend) and isinstance(memory, Trials):
            truth = true_gains(warm, slot, blend)
            found += [
                (slot, b.day, b.tactic, b.segment, b.mean, b.error, b.share, truth[b.tactic, b.segment])
                for b in memory.log
            ]
    return tuple(found)


def true_gains(warm: MarketModel, slot: str, blend: AdaptiveBlend) -> dict[tuple[str, str], float]:
    """The true net gain per unit of money of each tactic in each observed segment, from twin worlds at the fork."""
    base = _finished(warm, Scenario(name="nothing"), blend)
    crm = warm.providers[warm.focal].crm(warm.marketplace.day)
    then = Snapshot.of(crm, crm.members())
    margin, months = warm.market.money.margin, blend.horizon
    without = then.worth(base.providers[base.focal].crm(base.marketplace.day), margin, months)
    found = {}
    for name, tactic in blend.tactics.items():
        place = f"{slot}.{name}"
        twin = _finished(warm, Scenario(name=name, focal={place: tactic}), blend)
        provider = twin.providers[twin.focal]
        gain = then.worth(provider.crm(twin.marketplace.day), margin, months) - without
        unit = provider.spent(place) / max(then.ids.size * warm.world.ledger.scale, 1.0)
        for code, segment in enumerate(OBSERVED_SEGMENTS):
            here = gain[then.segment == code]
            true = float(here.mean()) / unit - 1.0 if here.size and unit > 0.0 else float(np.nan)
            found[name, segment] = true
    return found


def _finished(warm: MarketModel, scenario: Scenario, blend: AdaptiveBlend) -> MarketModel:
    """A twin that has run for the time between two reviews."""
    twin = warm.fork(scenario)
    twin.run(blend.every * DAYS_PER_MONTH)
    return twin
