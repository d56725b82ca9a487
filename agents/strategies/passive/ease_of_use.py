"""Ease of use: take away friction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agents.strategies.strategy import Calendar, Strategy
from sim.quantities import quantity

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class EaseOfUse(Strategy):
    """Rebuilds site and app so that fewer things go wrong for everyone, in releases.

    Mechanism: investment lowers the rate of `friction`, after the product's delay and with its diminishing returns;
    fewer frictions mean less dissatisfaction, less grievance and fewer tickets, hence fewer looks. Nobody is
    contacted.
    Costs: `build` up front, `upkeep` each month, per customer of the firm.
    Fails: where little friction was there; where the horizon is shorter than the delay; where upkeep is less than the
    product's decay.
    Sources: Keaveney 1995 (inconvenience is named by 21 % of switchers).
    """

    kind: ClassVar[str] = "passive"
    randomised_by: ClassVar[str] = "product"

    build: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Investment at the start.")
    upkeep: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Investment each month after."
    )

    def launch(self, view: ProviderView) -> None:
        """Invest in the rebuild."""
        view.invest("friction", self.build * self.intensity, upfront=True)

    def calendar(self, view: ProviderView) -> Calendar:
        """Invest in upkeep each month."""
        while True:
            yield view.next_date(months=1)
            view.invest("friction", self.upkeep * self.intensity)
