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
from typing import TYPE_CHECKING

import numpy as np

from agents import touch
from agents.columns import L
from agents.shock import Shock
from sim.marketplace import Pulse
from sim.numeric import log64

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.law import Law
    from agents.world import World

_WELCOME = (L.WELCOME_DEPTH, L.WELCOME_MONTHS, L.WELCOME_TAG)


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
