"""Feedback loop: ask, attend to what is told, remove what causes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agents.market import CHANNELS
from agents.strategies.strategy import Calendar, Strategy
from agents.targeting import Targeting
from sim.quantities import DAYS_PER_MONTH, choice, quantity, text

if TYPE_CHECKING:
    from agents.view import ProviderView

_WEEK = 0.25
"""Months between the days on which staff follow up: a quarter of a month."""
_KEPT = 0.8
"""Part of the evidence that still counts a month later; a quarter halves it."""


@dataclass(frozen=True, kw_only=True)
class FeedbackLoop(Strategy):
    """Surveys on a calendar, staff who close the loop with whoever told trouble, and money for its root causes.

    Mechanism: an answer may tell of an incident that went silent. Staff follow it up week by week, before the promise
    that lies in asking falls due: help, and a chance that it heals. To be asked and to answer is recognition. Each
    month the firm invests in fewer core failures, in proportion to the share of answers that told trouble: `fix` where
    all did, nothing where none did. The share comes from the firm's own answers, half forgotten within a quarter.

    Costs: platform up front and monthly; each survey and each answer; wages of the staff, idle or not; the fixes.

    Fails: asked and not acted on is worse than not asking: each trouble told and not followed up in time breaks a
    promise, and grieves; a survey is a contact, which wakes the inert; answers are few and noisy; the satisfied are
    asked for nothing; fixes come late, and where failures are rare they are money for nothing.

    Sources: Dholakia & Morwitz 2002 (customers who were asked defect less a year on); Knox & van Oest 2014 and
    de Matos, Henrique & Rossi 2007 (recovery helps, it does not repay the failure).
    """

    kind: ClassVar[str] = "active"
    rations: ClassVar[bool] = True

    every: float = quantity("months", 0.25, 60.0, "Time between surveys.")
    channel: str = choice("Channel of the survey.", *CHANNELS)
    targeting: Targeting = text("Whom it asks.")
    answer_cost: float = quantity("currency per answer", 0.0, 1000.0, "Reward and handling of an answer.")
    hours: float = quantity(
        "hours per customer of the firm and month", 0.0, 100.0, "Staff that close the loop; 0: nobody acts."
    )
    minutes: float = quantity("minutes", 1.0, 600.0, "Staff time per trouble that was told.")
    fix: float = quantity(
        "currency per customer of the firm and month",
        0.0,
        1000.0,
        "Invested in fewer core failures if all answers told trouble; 0: causes stay.",
    )
    platform: float = quantity("currency per customer of the firm", 0.0, 1000.0, "Platform at the start.")
    running: float = quantity(
        "currency per customer of the firm and month", 0.0, 100.0, "Platform each month."
    )

    def launch(self, view: ProviderView) -> None:
        """Pay for the platform."""
        view.spend(self.platform * self.intensity * view.firm_customers, upfront=True)

    def set_up(self, view: ProviderView) -> None:
        """Employ the staff and pay for the platform each month."""
        view.employ(self.hours * self.intensity * view.firm_customers)
        view.pay_monthly(self.running * self.intensity * view.firm_customers)

    def calendar(self, view: ProviderView) -> Calendar:
        """Each week hear and follow up; each month fix; at its dates, ask."""
        while True:
            yield view.next_date(_WEEK)
            self._hear(view)
            if view.is_due("fix", 1.0):
                self._fix(view)
            if view.is_due("survey", self.every):
                ids = self.targeting.pick(view, view.members, self.intensity, int(view.day))
                view.ask(ids, self.channel, self.answer_cost)

    def _hear(self, view: ProviderView) -> None:
        """Count the week's answers and those that told trouble, and have all open trouble followed up, oldest first."""
        members, crm, state = view.members, view.crm, view.state
        answered, told = crm.answered[members], crm.told[members] > 0.0
        fresh = answered >= view.day - _WEEK * DAYS_PER_MONTH
        state["answers"] = state.get("answers", 0.0) + float(fresh.sum())
        state["troubles"] = state.get("troubles", 0.0) + float((fresh & told).sum())
        open_cases = members[told]
        if self.hours > 0.0 and open_cases.size:
            order = np.lexsort((open_cases, answered[told]))
            view.follow_up(open_cases[order], self.minutes)

    def _fix(self, view: ProviderView) -> None:
        """Invest in fewer failures as far as what was told justifies it; old answers count less."""
        state = view.state
        if self.fix > 0.0 and state["troubles"] > 0.0:
            view.invest("failure", self.fix * self.intensity * state["troubles"] / state["answers"])
        state["answers"] *= _KEPT
        state["troubles"] *= _KEPT
