"""A firm's own segments: cells of what it sees in its CRM, not the segments that people were born into.

Tenure, payments and recent trouble are what every firm has; together they are the recency, frequency and money of
practice. Tactics can be judged per cell, and reports can say for whom they worked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.crm import Crm

LONG = 365.25
"""Days of tenure from which a customer counts as settled."""
RECENT = 90.0
"""Days during which a ticket counts as recent trouble."""

OBSERVED_SEGMENTS: tuple[str, ...] = tuple(
    f"{tenure}, {payments}, {trouble}"
    for tenure in ("first year", "settled")
    for payments in ("pays less", "pays more")
    for trouble in ("quiet", "recent ticket")
)
"""Names of the observed segments, by code."""


def payments_per_day(crm: Crm, ids: NDArray[np.int32]) -> NDArray[np.float64]:
    """Paid per day of the relationship, currency per day, float64 [ids]; over 30 days at least."""
    return np.asarray(crm.spend[ids] / np.maximum(crm.day - crm.joined[ids], 30.0), np.float64)


def observed_segment(crm: Crm, ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """The code of each customer's cell, an index of `OBSERVED_SEGMENTS`, int64 [ids].

    Code = 4 [tenure of a year or more] + 2 [payments per day above the median of known customers] + [a ticket within
    90 days]. Codes keep their meaning; only the median moves with the customers.

    Args:
        crm: the firm's CRM.
        ids: slots of customers whom the firm knows.
    """
    members = crm.members()
    median = float(np.median(payments_per_day(crm, members))) if members.size else 0.0
    settled = crm.day - crm.joined[ids] >= LONG
    more = payments_per_day(crm, ids) > median
    trouble = crm.day - crm.last_ticket[ids] <= RECENT
    return 4 * settled.astype(np.int64) + 2 * more.astype(np.int64) + trouble.astype(np.int64)
