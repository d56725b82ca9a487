"""Shock: what one of the things that may strike a market is made of; what it does stands in `agents.shocks`.

Apart, because the settings of experiments hold shocks and load no library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.quantities import DAYS_PER_MONTH, choice, quantity, text

if TYPE_CHECKING:
    from sim.marketplace import Pulse

KINDS = ("price_war", "price_rise", "outage", "renewal_event", "entrant")


@dataclass(frozen=True, kw_only=True)
class Shock:
    """Something that happens to the market."""

    kind: str = choice("What happens.", *KINDS)
    month: float = quantity("months", 0.0, 240.0, "When it begins, from the fork.")
    lasts: float = quantity(
        "months", 0.0, 240.0, "How long it lasts; a renewal event is over at once.", default=240.0
    )
    size: float = quantity("share", 0.0, 1000.0, "How large it is, see `agents.shocks`; 0 is nothing.")
    provider: str | None = text("Whom it strikes; null takes the kind's own.", default=None)
    answer: str = choice(
        "What the other rivals do about it.", "none", "match", "counter_offer", default="none"
    )
    answer_after: float = quantity("months", 0.0, 240.0, "How long they take to answer.", default=1.0)
    counter: float = quantity("share", 0.0, 0.95, "Discount of their counter-offer to joiners.", default=0.2)
    counter_months: float = quantity("months", 0.0, 60.0, "Months for which a joiner has it.", default=6.0)

    def __post_init__(self) -> None:
        most = {"price_war": 0.95, "renewal_event": 1.0, "entrant": 1.0}.get(self.kind)
        if most is not None and self.size > most:
            raise ValueError(f"size={self.size:g} of {self.kind} is not allowed; allowed is 0 to {most:g}")

    def struck(self, names: list[str], focal: int) -> int | None:
        """The provider that it strikes; None is everybody.

        Raises:
            ValueError: there is no such provider.
        """
        if self.provider is not None:
            if self.provider not in names:
                raise ValueError(
                    f"provider={self.provider} is not in this market; allowed are {', '.join(names)}"
                )
            return names.index(self.provider)
        if self.kind == "renewal_event":
            return None
        if self.kind == "entrant":
            return len(names) - 1
        if self.kind == "price_war":
            rivals = [number for number in range(len(names)) if number != focal]
            if not rivals:
                raise ValueError("a price war needs a rival, and this market has none")
            return rivals[0]
        return focal

    def lasting(self, pulse: Pulse, after: float = 0.0) -> bool:
        """Whether a pulse begins within its time.

        Args:
            pulse: the pulse.
            after: months by which its beginning is put off.
        """
        begin = (self.month + after) * DAYS_PER_MONTH
        return begin <= pulse.day + 1e-9 < (self.month + self.lasts) * DAYS_PER_MONTH

    def begins(self, pulse: Pulse) -> bool:
        """Whether it begins with this pulse: the first that starts on its day or after."""
        begin = self.month * DAYS_PER_MONTH
        return pulse.day - pulse.days < begin - 1e-9 <= pulse.day
