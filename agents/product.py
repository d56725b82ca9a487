"""A provider's product: money makes incidents rarer, with delay and diminishing returns, and needs upkeep.

    share removed = ceiling * (1 - exp(-stock / scale)),   d stock / dt = -decay * stock + releases

with the stock in currency per customer of the firm, by kind of incident.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.market import INCIDENTS, Product
from sim.numeric import exp64, log64
from sim.quantities import DAYS_PER_MONTH


@dataclass
class ProductLine:
    """Investment in one provider's product: plain state, copied at a fork.

    Attributes:
        stock: currency per firm customer at work, by kind of incident.
        releases: (day, kind, currency per firm customer) still to come.
    """

    stock: dict[str, float] = field(default_factory=lambda: dict.fromkeys(INCIDENTS, 0.0))
    releases: list[tuple[float, str, float]] = field(default_factory=list)

    def copy(self) -> ProductLine:
        """The same product in another world."""
        return ProductLine(dict(self.stock), list(self.releases))

    def invest(self, kind: str, amount: float, day: float, law: Product) -> None:
        """Put currency per firm customer into making one kind of incident rarer; it is released after the delay.

        Raises:
            ValueError: for an unknown kind of incident.
        """
        if kind not in self.stock:
            raise ValueError(f"product.{kind}: no such incident; allowed are {', '.join(INCIDENTS)}")
        self.releases.append((day + law.delay, kind, amount))

    @property
    def moves(self) -> bool:
        """Whether anything was ever invested in it."""
        return bool(self.releases) or any(self.stock.values())

    def advance(self, day: float, days: float, law: Product) -> bool:
        """Let a pulse pass; True where the incidents' rates have changed."""
        if not self.moves:
            return False
        kept = exp64(log64(max(1.0 - law.decay, 1e-12)) * days / DAYS_PER_MONTH)
        for kind in self.stock:
            self.stock[kind] *= kept
        due = sorted(release for release in self.releases if release[0] <= day)
        self.releases = [release for release in self.releases if release[0] > day]
        for _, kind, amount in due:
            self.stock[kind] += amount
        return True

    def remaining(self, kind: str, law: Product) -> float:
        """The factor by which the kind's rate is left."""
        return 1.0 - law.ceiling * (1.0 - float(exp64(-self.stock[kind] / law.scale)))
