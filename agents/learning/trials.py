"""What an adaptive blend remembers: who was assigned to which tactic, what came of it, and what it believes.

Each quarter is an experiment. Tactics for customers are withheld from a random part of them (holdouts), releases of the
product reach a random half (staged release), the desk's tactics are on in random fortnights (switchback). What a tactic
is worth is counted in what the firm sees: margin at list on what was bought, and for everyone who stayed some months of
margin more, less what the books say that the tactic has cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.crm import Crm
from agents.learning.bandit import Belief, Estimate, lift_estimate, switchback
from agents.learning.churn import stayed
from agents.learning.segments import OBSERVED_SEGMENTS, observed_segment

SEGMENTS = len(OBSERVED_SEGMENTS)
WEEKS = 104
"""Weeks of switchback that are remembered."""


class Believed(NamedTuple):
    """What was believed at a review about a tactic in an observed segment.

    Attributes:
        day: of the review.
        tactic, segment: names; segment `all` where it cannot be told apart.
        mean, error: net gain per unit of money spent on it, and the standard deviation of the belief.
        share: part of the budget that it got from then on.
    """

    day: float
    tactic: str
    segment: str
    mean: float
    error: float
    share: float


@dataclass(frozen=True)
class Snapshot:
    """What the firm saw of its customers on a day: slots, day of joining, purchases, observed segment."""

    day: float
    ids: NDArray[np.int32]
    joined: NDArray[np.float32]
    purchases: NDArray[np.float32]
    segment: NDArray[np.int64]

    @classmethod
    def of(cls, crm: Crm, ids: NDArray[np.int32]) -> Snapshot:
        """A look at some customers now."""
        return cls(
            crm.day, ids, crm.joined[ids].copy(), crm.purchases[ids].copy(), observed_segment(crm, ids)
        )

    def worth(self, crm: Crm, margin: float, months: float) -> NDArray[np.float64]:
        """What each of them has been worth since, in currency, float64 [ids].

        Margin at list on what it bought, and `months` of margin at its own pace for whoever is still there.

        Args:
            crm: as it stands now.
            margin: share of the list price.
            months: of future margin that a stay is taken to be worth.
        """
        there = stayed(crm, self.ids, self.joined)
        price = crm.price[self.ids].astype(np.float64) * margin
        tenure = np.maximum(crm.day - self.joined, 91.3125) / 30.4375
        pace = np.minimum(crm.purchases[self.ids] / tenure, 31.0)
        bought = np.maximum(crm.purchases[self.ids] - self.purchases, 0.0)
        return np.asarray(np.where(there, price * (bought + months * pace), 0.0), np.float64)


@dataclass
class Trials:
    """The memory of an adaptive blend: plain state, copied at a fork; arrays are replaced, never changed.

    Attributes:
        belief: about each tactic in each observed segment; None before the first review.
        snapshot: of the customers at the last review.
        assigned: who was to get each tactic since, bool [tactics, snapshot's ids].
        coverage: probability of that, float64 [tactics, segments].
        spent: what each tactic had cost then, in currency of the firm.
        losses, on: customers lost per week, as a share, and the desk's tactics that were on in it, by name.
        known: customers known at the end of the last week.
        log: everything believed at every review.
    """

    belief: Belief | None = None
    snapshot: Snapshot | None = None
    assigned: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    coverage: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    spent: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()
    on: tuple[frozenset[str], ...] = ()
    known: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    log: tuple[Believed, ...] = ()

    def copy(self) -> Trials:
        """The same memory in another world."""
        return replace(self, belief=None if self.belief is None else self.belief.copy())

    def week(self, crm: Crm, on: frozenset[str]) -> None:
        """A week ends: note which share of the customers known at its start is lost, and which tactics were on."""
        if self.known.size:
            lost = 1.0 - float(np.mean(crm.known[self.known] > 0.0))
            self.losses, self.on = (*self.losses, lost)[-WEEKS:], (*self.on, on)[-WEEKS:]
        self.known = crm.members()

    def by_customer(self, tactic: int, segment: int, worth: NDArray[np.float64]) -> Estimate | None:
        """Gain per customer assigned to a tactic in a segment since the last review, in currency."""
        assert self.snapshot is not None, "nothing has been assigned yet"
        here = self.snapshot.segment == segment
        chance = float(self.coverage[tactic, segment])
        if not 0.0 < chance < 1.0:
            return None
        return lift_estimate(worth[here], self.assigned[tactic, here], chance)

    def by_week(self, tactic: str, stay: float) -> Estimate | None:
        """Gain per customer and week of a desk's tactic, in currency, where a stay is worth so much."""
        found = switchback(np.array(self.losses), np.array([tactic in on for on in self.on], bool))
        return None if found is None else Estimate(-found.value * stay, found.error * stay)
