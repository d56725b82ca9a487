"""Placebo: money for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agents.strategies.strategy import Strategy
from sim.quantities import quantity

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class Placebo(Strategy):
    """Spends and does nothing: it moves the ledger, by exactly its cost, and no customer by one bit.

    Mechanism: none.
    Costs: `upfront` once and `per_month`, both per customer of the firm.
    Fails: always.
    Sources: no trustworthy source was found, and none is needed: it is the laboratory's own control.

    It shows what spending alone looks like in every table, and that the laboratory adds nothing to it.
    """

    kind: ClassVar[str] = "placebo"

    upfront: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Paid once at the start.")
    per_month: float = quantity(
        "currency per customer of the firm and month", 0.0, 1000.0, "Paid each month."
    )

    def launch(self, view: ProviderView) -> None:
        """Pay once."""
        view.spend(self.upfront * self.intensity * view.firm_customers, upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Pay each month."""
        view.pay_monthly(self.per_month * self.intensity * view.firm_customers)
