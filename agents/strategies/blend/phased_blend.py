"""Phased blend: a passive base first, active means on top of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.learning.churn import QUARTER
from agents.strategies.blend.blend import Blend
from agents.strategies.strategy import Calendar
from sim.quantities import DAYS_PER_MONTH, choice, quantity, text

if TYPE_CHECKING:
    from agents.view import ProviderView


@dataclass(frozen=True, kw_only=True)
class PhasedBlend(Blend):
    """Some tactics run from the start, the others follow on a date or when the firm sees that the base has calmed.

    Mechanism: that of its tactics; the order decides whom the later ones meet. A contact wakes fewer who have nothing
    to complain of, so active means may do better on a passive base; means that would have saved people meanwhile come
    too late for them. The measured condition is the share of known customers with a ticket in the last quarter.

    Costs: those of its tactics, from when they run.

    Fails: too early, when there is trouble to be woken; too late, when who would have been persuaded has left, and when
    the horizon ends before the second phase has paid.

    Sources: no trustworthy comparison of orders was found; the claim 'basics first' is tested, not assumed.
    """

    first: tuple[str, ...] = text("Names of the tactics that run from the start; the others follow.")
    when: str = choice(
        "calendar: after `months`; calm: as soon as few have tickets, at the latest after `months`.",
        "calendar",
        "calm",
    )
    months: float = quantity("months", 0.5, 120.0, "When the others follow, at the latest.")
    calm: float = quantity(
        "share", 0.0, 1.0, "Known customers with a ticket in the last quarter below which the base is calm."
    )

    def __post_init__(self) -> None:
        unknown = set(self.first) - set(self.tactics)
        if unknown:
            raise ValueError(
                f"first: {', '.join(sorted(unknown))} is no tactic of the blend; name some of {', '.join(self.tactics)}"
            )

    def set_up(self, view: ProviderView) -> None:
        """Run the first tactics, and the others if their time has come already."""
        for name in self.tactics:
            if name in self.first or "followed" in view.state:
                view.govern(name, 1.0)

    def calendar(self, view: ProviderView) -> Calendar:
        """On the eve of each half month, see whether the others follow."""
        while "followed" not in view.state:
            yield view.next_date(months=0.5, eve=True)
            late = view.day >= view.state["launched"] + (self.months - 0.25) * DAYS_PER_MONTH
            if late or (self.when == "calm" and self._trouble(view) < self.calm):
                view.state["followed"] = view.day
                self.set_up(view)

    def _trouble(self, view: ProviderView) -> float:
        """Share of known customers with a ticket in the last quarter."""
        since = view.day - view.crm.last_ticket[view.members]
        return float(np.mean(since < QUARTER)) if since.size else 0.0
