"""Birthday gifts: a present on each anniversary of joining."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR, quantity


@dataclass(frozen=True, kw_only=True)
class BirthdayGifts(Strategy):
    """Gives customers a present on the anniversary of their joining, once a year.

    Mechanism: a present is an experience of the kind `gift`: worth what it is worth to people with a taste for gifts,
    it builds commitment and, coming every year, an expectation. Nobody is contacted.
    Costs: `cost` per present given.
    Fails: most presents go to people who would have stayed; who is used to presents no longer notices them.
    Sources: no trustworthy source was found for what presents do to churn.
    """

    kind: ClassVar[str] = "active"

    worth: float = quantity("currency", 0.0, 1000.0, "What a present is worth to the customer.")
    cost: float = quantity("currency per present", 0.01, 1000.0, "What a present costs the firm.")

    def calendar(self, view: ProviderView) -> Calendar:
        """Each month, presents for those whose anniversary fell into it."""
        while True:
            yield view.next_date(months=1)
            ids = view.members
            ages = view.day - view.crm.joined[ids]
            year = np.floor(ages / DAYS_PER_YEAR)
            due = (year >= 1.0) & (year > np.floor((ages - DAYS_PER_MONTH) / DAYS_PER_YEAR))
            chosen = view.part_of(ids[due], self.intensity, int(view.day))
            view.serve(chosen, "gift", np.full(chosen.size, self.worth, np.float32), self.cost)
