"""One customer: a row of the columns as an object to look at, and its history, for debugging and teaching."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents.columns import NONE, C, S, T, V
from agents.model import MarketModel
from sim.quantities import MICROS

_HISTORY = (
    "SATISFACTION", "GRIEVANCE", "COMMITMENT", "EXPECTATION", "PRESSURE", "SALIENCE", "DISCOUNT", "DISCOUNT_END",
)  # fmt: skip


@dataclass
class Customer:
    """A person of a market, looked at: reads the columns afresh at each question and can change nothing.

    Args:
        model: the market.
        slot: the person's slot.

    Attributes:
        history: one row per pulse since `watch` was called: day, provider and the hidden states.

    Raises:
        IndexError: when the market has no such slot.
    """

    model: MarketModel
    slot: int
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not 0 <= self.slot < len(self.model.world.people):
            raise IndexError(
                f"slot {self.slot}: the market has slots 0 to {len(self.model.world.people) - 1}"
            )

    @property
    def generation(self) -> int:
        """How many persons have had this slot before."""
        return int(self.model.world.arrays.codes[C.GENERATION, self.slot])

    @property
    def segment(self) -> str:
        """Name of the segment."""
        return self.model.customers.segments[int(self.model.world.arrays.codes[C.SEGMENT, self.slot])].name

    @property
    def provider(self) -> str | None:
        """Name of the provider, None without one."""
        number = int(self.model.world.arrays.codes[C.PROVIDER, self.slot])
        return None if number == NONE else self.model.market.providers[number].name

    @property
    def plan(self) -> str | None:
        """Name of the plan, None without a provider."""
        if self.provider is None:
            return None
        return self.model.market.plans[int(self.model.world.arrays.codes[C.PLAN, self.slot])].name

    @property
    def traits(self) -> dict[str, float]:
        """What the person is, by name."""
        return {trait.name.lower(): float(self.model.world.arrays.traits[trait, self.slot]) for trait in T}

    @property
    def state(self) -> dict[str, float]:
        """What changes, by name."""
        return {state.name.lower(): float(self.model.world.arrays.state[state, self.slot]) for state in S}

    @property
    def money(self) -> dict[str, float]:
        """Value to its provider of origin, spent on it, paid by it, and points, in currency."""
        return {row.name.lower(): float(self.model.world.arrays.money[row, self.slot]) / MICROS for row in V}

    def note(self, day: float) -> None:
        """Write down the present in the history."""
        arrays = self.model.world.arrays
        row = {name.lower(): float(arrays.state[S[name], self.slot]) for name in _HISTORY}
        row["need"] = float(arrays.traits[T.NEED, self.slot])
        self.history.append(
            {"day": day, "generation": self.generation, "provider": self.provider, "plan": self.plan, **row}
        )


def watch(model: MarketModel, slot: int) -> Customer:
    """Look at a customer at the end of every pulse from now on; its `history` grows as the market runs."""
    customer = Customer(model, slot)
    model.watchers.append(lambda pulse: customer.note(pulse.end))
    return customer
