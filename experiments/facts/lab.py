"""Lab: one replicate of a fact's market - its warm state, twins of it, and who left them.

Who experiments may know what no firm does: groups are formed by true traits, and treated at random. What is done to
customers still goes through the levers of a strategy, but where a fact is about an event itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import C
from agents.market import Market
from agents.miniature import changed
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.segments import Customers
from agents.strategies.strategy import Strategy
from experiments.assembly import assemble
from experiments.individuals import starters, stayed
from sim.luck import Luck
from sim.marketplace import Pulse
from sim.quantities import DAYS_PER_MONTH

TRIAL = "trial"
"""Slot of the treatment, beside what the focal provider runs today."""

Slots = NDArray[np.int64]
Watch = Callable[[MarketModel], Callable[[Pulse], None]]
"""Given a twin, what looks at it at the end of each of its pulses."""


@dataclass(frozen=True, kw_only=True)
class Lab:
    """One replicate.

    Attributes:
        market, customers, today, focal: the world.
        seed, replicate: the key of all luck.
        months: from the fork to the end.
        strategies: shipped ones that the fact runs, as configured, by the names of their files.
    """

    market: Market
    customers: Customers
    today: Scenario
    focal: str
    seed: int
    replicate: int
    months: float
    strategies: Mapping[str, Strategy] = field(default_factory=dict)

    @property
    def luck(self) -> Luck:
        """The replicate's luck."""
        return Luck(self.seed, self.replicate)

    def chance(self, purpose: int) -> np.random.Generator:
        """Who is drawn into a sample: a generator of its own for each purpose, apart from the market's luck."""
        return np.random.default_rng((self.seed, self.replicate, purpose))

    def warm(self, changes: Mapping[str, Any] | None = None, learner: Strategy | None = None) -> MarketModel:
        """The market on the day of the fork, after its warm-up under `today`.

        Args:
            changes: parameters with other values, by dotted name.
            learner: a treatment for which the focal provider has to learn from the warm-up on.

        Raises:
            TypeError: a name is no parameter.
        """
        trial = Scenario(name=TRIAL, focal={**self.today.focal, TRIAL: learner or Strategy()})
        model = assemble(
            changed(self.market, changes or {}), self.customers, self.today, (trial,), self.focal, self.luck
        )
        model.warm_up()
        return model

    def run(
        self,
        warm: MarketModel,
        treatment: Strategy | None = None,
        months: float | None = None,
        watch: Watch | None = None,
        luck: Luck | None = None,
    ) -> MarketModel:
        """A twin of a warm market with `today`'s programmes and perhaps a treatment, run to the end.

        Args:
            warm: on the day of the fork.
            treatment: what the focal provider runs beside.
            months: another horizon.
            watch: makes, from the twin, what looks at each of its pulses.
            luck: another luck from the fork on.
        """
        focal = dict(self.today.focal) if treatment is None else {**self.today.focal, TRIAL: treatment}
        twin = warm.fork(replace(self.today, focal=focal), luck)
        if watch is not None:
            twin.watchers.append(watch(twin))
        twin.run((self.months if months is None else months) * DAYS_PER_MONTH)
        return twin


def customers_of(warm: MarketModel) -> Slots:
    """The focal provider's customers of the fork, ascending."""
    return starters(warm)


def left(twin: MarketModel, slots: Slots) -> int:
    """How many of some customers of the fork have left since, for whatever reason."""
    return int((~stayed(twin)[slots]).sum())


def tied_to(warm: MarketModel, slots: Slots) -> Slots:
    """Customers of the focal provider at the fork with a tie to any of some people, who are not among these."""
    arrays = warm.world.arrays
    touched = np.zeros(arrays.codes.shape[1], bool)
    for slot in slots:
        touched[arrays.ties[arrays.starts[slot] : arrays.starts[slot + 1]]] = True
    touched[slots] = False
    return np.flatnonzero(touched & (warm.at_fork.provider == warm.focal))


def as_ids(slots: Slots) -> tuple[int, ...]:
    """Slots as a treatment takes them."""
    return tuple(int(slot) for slot in slots)


@dataclass
class Leaving:
    """Who leaves by choice in each pulse of a twin, and from where; a `Watch`.

    Attributes:
        provider, generation: of everybody at the end of the last pulse seen.
    """

    model: MarketModel
    provider: NDArray[np.int8] = field(init=False)
    generation: NDArray[np.int8] = field(init=False)

    def __post_init__(self) -> None:
        self._remember()

    def _remember(self) -> None:
        codes = self.model.world.arrays.codes
        self.provider, self.generation = codes[C.PROVIDER].copy(), codes[C.GENERATION].copy()

    def step(self) -> tuple[NDArray[np.int8], NDArray[np.bool_], NDArray[np.bool_]]:
        """What happened since the last call, at most a pulse.

        Returns:
            everybody's provider before, who has left it by choice, and who has a new relationship or is a new person.
        """
        before, generation = self.provider, self.generation
        self._remember()
        same = generation == self.generation
        moved = before != self.provider
        return before, (before >= 0) & moved & same, moved | ~same
