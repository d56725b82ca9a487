"""What a firm can learn about churn from its own CRM: a logistic regression, refitted each quarter.

At each quarter the firm takes a keyed sample of at most 2,500 known customers and notes their features; a quarter later
it sees who of them is still known in the same relationship, and fits. Scoring is a dot product. Source of the practice:
Ascarza 2018, who also shows that ranking by risk need not find whom a campaign can save.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from agents.crm import Crm
from agents.learning.regression import fit_logistic
from agents.ranking import foremost

SAMPLE = 2500
"""Most rows of a fit."""
QUARTER = 91.3125
"""Days between fits, and the span over which leaving is predicted."""
_FEWEST = 10


def features(crm: Crm, ids: NDArray[np.int32], levels: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the firm knows of some customers, float64 [ids, 9]: tenure, price, discounts, tickets, activity, misfit."""
    day = crm.day
    tenure = np.maximum(day - crm.joined[ids], 1.0)
    return np.column_stack(
        [
            1.0 / (1.0 + tenure / 90.0),
            np.minimum(tenure, 3652.5) / 365.25,
            crm.price[ids],
            np.where(crm.discount_end[ids] > day, crm.discount[ids], 0.0),
            np.abs(crm.discount_end[ids] - day) < QUARTER,
            np.minimum(crm.tickets[ids] / tenure * 91.0, 5.0),
            1.0 / (1.0 + np.maximum(day - crm.last_ticket[ids], 0.0) / 30.0),
            np.minimum((day - crm.last_purchase[ids]) * (crm.purchases[ids] + 1.0) / tenure, 10.0),
            np.abs(levels[crm.plan[ids].astype(np.int64)] - crm.need_seen[ids]),
        ]
    ).astype(np.float64)


def stayed(crm: Crm, ids: NDArray[np.int32], joined: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Who of some customers is still known in the relationship that began on the day `joined`, bool [ids]."""
    return np.asarray((crm.known[ids] > 0.0) & (crm.joined[ids] == joined), np.bool_)


def standardisation(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and spread of each feature, float64 [k] each; the spread of a constant is 1."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    return centre, np.where(spread < 1e-9, 1.0, spread)


@dataclass
class ChurnModel:
    """The provider's churn model: plain state, copied at a fork.

    Attributes:
        sampled, rows, joined: the sample that waits for its outcome: slots, features, and the day each had joined.
    """

    sampled: NDArray[np.int32] | None = None
    rows: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 9)))
    joined: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    _weights: NDArray[np.float64] | None = None
    _to_fit: tuple[NDArray[np.float64], NDArray[np.bool_]] | None = None

    def copy(self) -> ChurnModel:
        """The same knowledge in another world: arrays are replaced, never changed."""
        return replace(self)

    @property
    def weights(self) -> NDArray[np.float64] | None:
        """Coefficients on raw features, the last one the intercept; None until something has been learned.

        The fit is made when it is first asked for: most firms ask less often than each quarter, and a later sample
        replaces what an earlier one would have told.
        """
        if self._to_fit is not None:
            (rows, left), self._to_fit = self._to_fit, None
            centre, spread = standardisation(rows)
            fit = fit_logistic((rows - centre) / spread, left, penalty=1.0)
            slope = fit.slope / spread
            self._weights = np.append(slope, fit.intercept - slope @ centre)
        return self._weights

    def review(
        self, crm: Crm, levels: NDArray[np.float32], luck: NDArray[np.float32], members: NDArray[np.int32]
    ) -> None:
        """A quarter's end: learn from the last sample, then take a new one of the members with the smallest luck."""
        if self.sampled is not None:
            self.learn(self.rows, ~stayed(crm, self.sampled, self.joined))
        chosen = np.sort(foremost(members, np.zeros(members.size), luck, SAMPLE))
        self.sampled, self.joined = chosen, crm.joined[chosen].copy()
        self.rows = features(crm, chosen, levels)

    def learn(self, rows: NDArray[np.float64], left: NDArray[np.bool_]) -> None:
        """What is known of a sample from now on, if enough of it left and enough did not: who left, bool [rows]."""
        if min(left.sum(), (~left).sum()) >= _FEWEST:
            self._to_fit = rows, left

    def risk(
        self, crm: Crm, ids: NDArray[np.int32], levels: NDArray[np.float32]
    ) -> NDArray[np.float64] | None:
        """Estimated risk of leaving within a quarter, on the logit scale; None while nothing is known."""
        weights = self.weights
        if weights is None:
            return None
        score: NDArray[np.float64] = features(crm, ids, levels) @ weights[:-1] + weights[-1]
        return score
