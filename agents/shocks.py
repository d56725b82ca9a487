"""Shocks: what happens to a market at a stated time, whoever runs which strategy.

A shock is part of a scenario's world and no strategy: it spends nothing and knows nobody. While it lasts it is laid
over the providers' levers for the length of each pulse and taken off again at its end, so that strategies go on working
on their own levers below it. Shocks begin and end with whole pulses; one of size 0 changes nothing, to the bit.

    price_war       price of `provider` x (1 - size)                       the first rival, unless named
    price_rise      price of `provider` x (1 + size); customers notice     the focal provider, unless named
    outage          failures of `provider` x (1 + size)                    the focal provider, unless named
    renewal_event   everybody (of `provider`) looks with probability size, once
    entrant         availability of `provider` = size, until then nobody finds it   the last provider, unless named

Other rivals may answer after a time: `match` takes the same change of price, `counter_offer` gives joiners a discount.
The focal provider's answer is its scenario.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.columns import L
from sim.quantities import DAYS_PER_MONTH, choice, quantity, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.law import Law
    from agents.world import World
    from sim.marketplace import Pulse

KINDS = ("price_war", "price_rise", "outage", "renewal_event", "entrant")
_WELCOME = (L.WELCOME_DEPTH, L.WELCOME_MONTHS, L.WELCOME_TAG)


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


class Shocks:
    """The shocks of one world.

    Args:
        shocks: by name.
        names: of the providers.
        focal: number of the focal provider.

    Raises:
        ValueError: one strikes a provider that is not there.
    """

    def __init__(self, shocks: Mapping[str, Shock], names: list[str], focal: int) -> None:
        self._struck = [(shock, shock.struck(names, focal)) for _, shock in sorted(shocks.items())]
        self._focal = focal
        self._below: tuple[NDArray[np.float32], Law] | None = None

    def lay_over(self, world: World, pulse: Pulse) -> None:
        """Change the levers for the rest of this pulse, and prompt those who notice.

        An outage also raises the law's rate of candidates, from which incidents are thinned: `pace` must be taken anew.
        """
        if not self._struck:
            return
        self._below = (world.levers.copy(), world.law)
        for shock, struck in self._struck:
            if shock.size > 0.0:
                self._prompt(world, shock, struck, pulse)
                if struck is not None:
                    self._strike(world, shock, struck, pulse)

    def take_off(self, world: World) -> None:
        """Give levers and law back as they were."""
        if self._below is not None:
            world.levers[:], world.law = self._below
            self._below = None

    @property
    def has_outage(self) -> bool:
        """Whether any shock is an outage."""
        return any(shock.kind == "outage" and shock.size > 0.0 for shock, _ in self._struck)

    def _prompt(self, world: World, shock: Shock, struck: int | None, pulse: Pulse) -> None:
        if not shock.begins(pulse):
            return
        from agents import touch  # Here, because settings hold shocks and need no compiler.

        if shock.kind == "renewal_event":
            everybody = range(len(world.market.providers)) if struck is None else (struck,)
            for number in everybody:
                touch.prompt(world.arrays, number, np.float32(shock.size))
        if shock.kind == "price_rise" and struck is not None:
            touch.prompt(world.arrays, struck, np.float32(world.market.gate.p_price_rise))

    def _strike(self, world: World, shock: Shock, struck: int, pulse: Pulse) -> None:
        row = world.levers[struck]
        if shock.lasting(pulse):
            if shock.kind in ("price_war", "price_rise"):
                row[L.PRICE] *= np.float32(_price(shock))
            elif shock.kind == "outage":
                row[L.FAILURE] *= np.float32(1.0 + shock.size)
                row[L.FAILURE_BEFORE] *= np.float32(1.0 + shock.size)
                most = np.float32(world.law.failure_candidates * (1.0 + shock.size))
                world.law = world.law._replace(failure_candidates=most)
            elif shock.kind == "entrant":
                from sim.numeric import log64

                row[L.LOG_AVAILABILITY] = log64(shock.size)
        if shock.answer != "none" and shock.lasting(pulse, shock.answer_after):
            for number in self._others(world, struck):
                self._answer(world.levers[number], shock)

    def _others(self, world: World, struck: int) -> Iterator[int]:
        return (n for n in range(len(world.market.providers)) if n not in (struck, self._focal))

    def _answer(self, row: NDArray[np.float32], shock: Shock) -> None:
        if shock.answer == "match":
            row[L.PRICE] *= np.float32(_price(shock))
        elif shock.counter > row[L.WELCOME_DEPTH]:
            row[list(_WELCOME)] = (shock.counter, shock.counter_months, 0.0)


def _price(shock: Shock) -> float:
    """The factor on a price; of shocks that change none, 1."""
    return {"price_war": 1.0 - shock.size, "price_rise": 1.0 + shock.size}.get(shock.kind, 1.0)
