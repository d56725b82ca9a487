"""The CRM of a provider as its strategies see it: read-only columns about the relationships it knows of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.columns import K

Column = NDArray[np.float32]


class Crm:
    """Read-only views of a provider's CRM, by slot. Days are days of the clock; money in currency.

    A slot is a person as the firm knows it; columns speak of the current relationship only.
    """

    __slots__ = ("_columns", "day")

    def __init__(self, columns: NDArray[np.float32], day: float) -> None:
        locked = columns.view()
        locked.flags.writeable = False
        self._columns = locked
        self.day = day

    def _column(self, number: K) -> Column:
        column: Column = self._columns[number]
        return column

    @property
    def known(self) -> Column:
        """1 for whom the firm takes for a customer."""
        return self._column(K.KNOWN)

    @property
    def joined(self) -> Column:
        """Day of joining."""
        return self._column(K.JOINED)

    @property
    def plan(self) -> Column:
        """Number of the plan."""
        return self._column(K.PLAN)

    @property
    def price(self) -> Column:
        """List price per month, or per purchase."""
        return self._column(K.PRICE)

    @property
    def discount(self) -> Column:
        """Depth of the last discount given."""
        return self._column(K.DISCOUNT)

    @property
    def discount_end(self) -> Column:
        """Day on which the last discount ends or ended."""
        return self._column(K.DISCOUNT_END)

    @property
    def purchases(self) -> Column:
        """Bills or purchases so far."""
        return self._column(K.PURCHASES)

    @property
    def last_purchase(self) -> Column:
        """Day of the last bill or purchase."""
        return self._column(K.LAST_PURCHASE)

    @property
    def spend(self) -> Column:
        """Paid so far."""
        return self._column(K.SPEND)

    @property
    def tickets(self) -> Column:
        """Tickets so far."""
        return self._column(K.TICKETS)

    @property
    def last_ticket(self) -> Column:
        """Day of the last ticket."""
        return self._column(K.LAST_TICKET)

    @property
    def contacts(self) -> Column:
        """Contacts so far."""
        return self._column(K.CONTACTS)

    @property
    def last_contact(self) -> Column:
        """Day of the last contact."""
        return self._column(K.LAST_CONTACT)

    @property
    def need_seen(self) -> Column:
        """Estimated need, 0 to 1."""
        return self._column(K.NEED_SEEN)

    @property
    def position_seen(self) -> Column:
        """Estimated product taste, -1 to 1."""
        return self._column(K.POSITION_SEEN)

    @property
    def signals(self) -> Column:
        """Readings behind these estimates."""
        return self._column(K.SIGNALS)

    @property
    def member(self) -> Column:
        """1 for members of the points programme."""
        return self._column(K.MEMBER)

    @property
    def points(self) -> Column:
        """Balance of points, in currency."""
        return self._column(K.POINTS)

    @property
    def reactions(self) -> Column:
        """Contacts with content that were opened or followed."""
        return self._column(K.REACTIONS)

    @property
    def answer(self) -> Column:
        """Last answer to a survey: satisfaction with an error."""
        return self._column(K.ANSWER)

    @property
    def answered(self) -> Column:
        """Day of the last answer; far in the past where there is none."""
        return self._column(K.ANSWERED)

    @property
    def told(self) -> Column:
        """1 where trouble was told that nobody has followed up yet."""
        return self._column(K.TOLD)

    @property
    def solved(self) -> Column:
        """Tickets and told troubles that were solved so far."""
        return self._column(K.SOLVED)

    @property
    def attended(self) -> Column:
        """Events attended so far."""
        return self._column(K.ATTENDED)

    @property
    def in_community(self) -> Column:
        """1 for members of the community."""
        return self._column(K.CIRCLE)

    @property
    def tier(self) -> Column:
        """Level in the tiered programme, 0 for none."""
        return self._column(K.TIER)

    @property
    def spend_year(self) -> Column:
        """Paid since the programme's last review."""
        return self._column(K.SPEND_YEAR)

    @property
    def referred(self) -> Column:
        """Friends that this customer has brought."""
        return self._column(K.REFERRED)

    @property
    def stage(self) -> Column:
        """1 where the last staged release has come, 0 where not."""
        return self._column(K.STAGE)

    @property
    def arm(self) -> Column:
        """Part in a randomised pilot: 1 treated, -1 held out, 0 none."""
        return self._column(K.ARM)

    def members(self) -> NDArray[np.int32]:
        """Slots of whom the firm takes for customers, ascending."""
        return np.flatnonzero(self.known > 0.0).astype(np.int32)
