"""The marketplace: a SimPy clock in days, and the phases of a pulse in the order in which they are listed.

Between pulses SimPy runs the calendars of strategies. Everything that is due up to the end of a pulse, that moment
included, has happened when the pulse is over, so that a world can be copied there; what strategies asked for waits in
outboxes, so that the order of simultaneous events never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import simpy


@dataclass(frozen=True)
class Pulse:
    """One pulse: it covers the days (day, day + days]. `number` counts from the beginning of the world.

    Attributes:
        end: the last moment of the pulse.
    """

    number: int
    day: float
    days: float
    end: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "end", self.day + self.days)


@dataclass(frozen=True)
class Phase:
    """A named step of the pulse."""

    name: str
    act: Callable[[Pulse], None]


class Clock(simpy.Environment):
    """SimPy's environment, moved on from outside: a pulse at a time."""

    def come_to(self, day: float) -> None:
        """Let everything happen that is due up to a day, this moment included; then it is that day."""
        while self.peek() <= day:
            self.step()
        self._now = max(self._now, day)


class Marketplace:
    """The clock and the order of a market.

    Args:
        phases: what happens in a pulse, in this order.
        length: days of a pulse.
        day: where time begins, in days; the day of the fork is 0.
        number: number of the first pulse.

    Attributes:
        day: the end of the last pulse.
        number: number of the next pulse.
        at_rest: whether no pulse is going on.

    Raises:
        ValueError: when the length is not positive.
    """

    def __init__(self, phases: Sequence[Phase], length: float, day: float = 0.0, number: int = 0) -> None:
        if not length > 0.0:
            raise ValueError(f"market.pulse={length}: a pulse needs a positive length in days; use 7")
        self.environment = Clock(initial_time=day)
        self.phases = tuple(phases)
        self.length = length
        self._origin = day
        self._whole = 0
        self.number = number
        self.day = day
        self.at_rest = True

    def step(self, until: float) -> Pulse:
        """One pulse, shortened where it would pass `until`; returns it. The next one ends where it would have ended."""
        whole = self._origin + (self._whole + 1) * self.length
        end = min(whole, until)
        pulse = Pulse(self.number, self.day, end - self.day)
        self.environment.come_to(self.day)  # What has been asked for since the last pulse.
        self.at_rest = False
        for phase in self.phases:
            phase.act(pulse)
        self.at_rest = True
        self.day = end
        self.number += 1
        self._whole += end == whole
        self.environment.come_to(end)
        return pulse

    def run(self, until: float) -> None:
        """Pulses up to a day. Whole pulses are counted, so that time does not drift; the last pulse may be shorter."""
        while self.day < until - 1e-9:
            self.step(until)
