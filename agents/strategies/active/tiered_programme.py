"""Tiered programme: levels by yearly spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agents.strategies.strategy import Calendar, Ids, Strategy
from sim.quantities import DAYS_PER_MONTH, quantity

if TYPE_CHECKING:
    from agents.view import ProviderView

_YEAR = 12.0
_REVIEW = "review"
"""The yearly review among the strategy's dates."""


@dataclass(frozen=True, kw_only=True)
class TieredProgramme(Strategy):
    """Three levels by what a customer spends in a year, each with its benefits, reviewed once a year.

    Mechanism: members of a level get its benefits month by month, partly as gifts (free delivery, vouchers), the rest
    as recognition (a line of their own, early access), both an experience. A step in status is felt as recognition,
    also downwards. The benefits that a level still promises until the review are lost by leaving: a stake, and so a
    cost of switching. Who sees the next level within reach before the review buys more, because each purchase brings
    it nearer. Spend that passes a threshold lifts at once; only the review lets fall.

    Costs: a platform up front and monthly; benefits of everybody on a level, at `cost` per unit of what they are worth.

    Fails: demotion hurts, and hurts whom the firm had praised; light customers see nothing of it; most is paid to heavy
    users who would have stayed anyway; the effort near a threshold ends with the review; after it, the stake is new
    and nobody is near the next level.

    Sources: Kivetz, Urminsky & Zheng 2006 (effort grows near a reward); Wagner, Hennig-Thurau & Rudolph 2009 (demoted
    customers are less loyal than those who never had the status); Drèze & Nunes 2009 (status needs steps).
    """

    kind: ClassVar[str] = "active"
    excludes: ClassVar[tuple[str, ...]] = ("TieredProgramme",)

    threshold_1: float = quantity("x typical yearly spend", 0.01, 100.0, "Yearly spend of the first level.")
    threshold_2: float = quantity("x typical yearly spend", 0.01, 100.0, "Yearly spend of the second level.")
    threshold_3: float = quantity("x typical yearly spend", 0.01, 100.0, "Yearly spend of the third level.")
    benefit_1: float = quantity(
        "share of typical spend", 0.0, 1.0, "What the first level's benefits are worth."
    )
    benefit_2: float = quantity(
        "share of typical spend", 0.0, 1.0, "What the second level's benefits are worth."
    )
    benefit_3: float = quantity(
        "share of typical spend", 0.0, 1.0, "What the third level's benefits are worth."
    )
    gifts: float = quantity(
        "share", 0.0, 1.0, "Part of the benefits that are gifts; the rest is recognition."
    )
    cost: float = quantity(
        "currency per currency", 0.01, 10.0, "Cost of what is worth one unit to a customer."
    )
    status: float = quantity("share of typical yearly spend", 0.0, 1.0, "What a step up or down is felt as.")
    platform: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Platform at the start.")
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Platform each month."
    )

    def launch(self, view: ProviderView) -> None:
        """Pay for the platform and give everybody the level of the past year."""
        view.spend(self.platform * self.intensity * view.firm_customers, upfront=True)
        view.review_levels(first=True)

    def set_up(self, view: ProviderView) -> None:
        """Run the programme until the next review, and pay for the platform each month."""
        view.pay_monthly(self.running * self.intensity * view.firm_customers)
        typical = view.typical_spend
        review = view.state.get(_REVIEW, view.state["launched"]) + _YEAR * DAYS_PER_MONTH
        view.levels(
            (self.threshold_1 * typical, self.threshold_2 * typical, self.threshold_3 * typical),
            self._benefits(view),
            self.status * self.intensity * typical,
            review,
        )

    def calendar(self, view: ProviderView) -> Calendar:
        """Deliver the benefits each month; once a year, review everybody's level and promise another year."""
        while True:
            yield view.next_date(months=1)
            members = view.members
            tiers = view.crm.tier[members]
            for level, yearly in enumerate(self._benefits(view), 1):
                self._deliver(view, members[tiers == np.float32(level)], yearly / _YEAR)
            if view.is_due(_REVIEW, _YEAR):
                self.set_up(view)
                view.review_levels()

    def _benefits(self, view: ProviderView) -> tuple[float, float, float]:
        """What each level's benefits are worth a year, in currency."""
        worth = self.intensity * view.typical_spend
        return self.benefit_1 * worth, self.benefit_2 * worth, self.benefit_3 * worth

    def _deliver(self, view: ProviderView, ids: Ids, worth: float) -> None:
        """A month's benefits to the members of a level, in currency each."""
        for kind, part in (("gift", self.gifts * worth), ("recognition", (1.0 - self.gifts) * worth)):
            if part > 0.0:
                view.serve(ids, kind, np.full(ids.size, part, np.float32), part * self.cost)
