"""A provider's service: its tickets go to the desk, together with those of the firm's other customers, and come back."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from agents.columns import C, N, X
from agents.law import Pace
from agents.touch import answer_tickets
from agents.world import World
from sim.compiled import allocating
from sim.desk import Desk
from sim.luck import Decision, bits, exponential, poisson, unit
from sim.marketplace import Pulse
from sim.shifts import Shifts
from sim.tickets import BACKGROUND, ENDED, Ended, Tickets, make_tickets

_BACKGROUND = int(Decision.BACKGROUND)
_RESOLUTION = 1 << 10
_GENERATIONS = 1 << 16
_KINDS = 4
_FAILURE = 2
_MINUTES_PER_DAY = 1440.0
_WEEK = range(7)
_OPENS = 8.0


@allocating
def background_tickets(key, provider, occasion, mean, team, minutes, patience):  # type: ignore[no-untyped-def]
    """Tickets of a team's customers who are not simulated: float64 [4, n] of share of the pulse, work, patience, team."""
    number = poisson(mean, key, _BACKGROUND, provider, occasion * 256 + team)
    out = np.empty((4, number))
    for n in range(number):
        a, b, c, _ = bits(key, _BACKGROUND, n, provider, occasion, 0x4000 + team)
        out[0, n] = unit(a)
        out[1, n] = minutes * exponential(unit(b))
        out[2, n] = patience * exponential(unit(c))
        out[3, n] = team
    return out


class Service:
    """The desk of one provider, staffed for the expected load under `today`.

    Args:
        world: the world it serves.
        provider: the provider's number.
        day: when it opens.
        tickets_per_day: tickets that its simulated customers are expected to raise a day at the start.
    """

    def __init__(self, world: World, provider: int, day: float, tickets_per_day: float) -> None:
        self.provider = provider
        law, scale = world.market.service, world.ledger.scale
        present = int(world.present(provider).sum())
        self.teams = max(1, round(present * scale / law.team_customers))
        simulated = max(1, min(self.teams, round(present / law.team_customers)))
        self.hours = law.hours
        work = tickets_per_day * scale / self.teams * law.minutes / 60.0
        self.people = max(work / (law.hours * law.load), 0.05)
        self.hired: dict[int, tuple[float, float]] = {}
        self.desk = Desk(self._shifts(), self.teams, simulated, day)
        self._slots = -(-len(world.people) // simulated) * simulated

    def copy(self) -> Service:
        """The same desk in another world, tickets in hand included."""
        twin = copy(self)
        twin.hired = dict(self.hired)
        twin.desk = copy(self.desk)
        twin.desk.restore(self.desk.snapshot())
        return twin

    def _shifts(self) -> Shifts:
        """All people in whole persons and one part-timer, open seven days."""
        people = self.people + sum(extra for extra, _ in self.hired.values())
        hours = min(24.0 - 1e-9, self.hours + sum(more for _, more in self.hired.values()))
        opens = min(_OPENS, 24.0 - hours)
        whole, part = divmod(people, 1.0)
        shifts = Shifts.hours(int(whole), opens, opens + hours, _WEEK)
        if part * hours > 1e-3:
            shifts = shifts + Shifts.hours(1, opens, opens + part * hours, _WEEK)
        return shifts

    def hire(self, tag: int, people: float, hours: float, day: float) -> None:
        """People per team and opening hours that a strategy adds from a day on; zeros end it."""
        self.hired[tag] = (people, hours)
        if people == 0.0 and hours == 0.0:
            del self.hired[tag]
        self.desk.set_shifts(self._shifts(), day)

    def paid_hours(self, days: float) -> dict[int, float]:
        """Hours paid by the firm in some days by tag: those that its strategies added, the rest under 0."""
        opened = min(24.0 - 1e-9, self.hours + sum(more for _, more in self.hired.values()))
        paid = {
            tag: (extra * opened + self.people * more) * days * self.teams
            for tag, (extra, more) in self.hired.items()
        }
        paid[0] = self.people * self.hours * days * self.teams
        return paid

    def step(self, world: World, pulse: Pulse, tickets: NDArray[np.float64], tickets_per_day: float) -> Ended:
        """Work through a pulse: the provider's tickets of the simulated and of everybody else."""
        mine = tickets[:, tickets[X.PROVIDER] == self.provider]
        end = np.nextafter(pulse.end, pulse.day)
        own = self._own(world, pulse, mine, end)
        if not world.market.service.desk:
            return answered_at_once(own)
        scale, simulated = world.ledger.scale, self.desk.simulated_teams
        mean = max(0.0, tickets_per_day * pulse.days * (scale / self.teams - 1.0 / simulated))
        rows = [own]
        for team in range(simulated):
            law = world.market.service
            others = background_tickets(
                world.key, self.provider, pulse.number, mean, team, law.minutes, law.patience / 24.0
            )
            arrivals = np.minimum(pulse.day + others[0] * pulse.days, end)
            work = others[1] / _MINUTES_PER_DAY
            rows.append(make_tickets(BACKGROUND, arrivals, work, others[2], 1, others[3].astype(np.int32)))
        return self.desk.step(pulse.day, pulse.end, np.concatenate(rows))

    def _own(self, world: World, pulse: Pulse, mine: NDArray[np.float64], end: float) -> Tickets:
        """The simulated customers' tickets. The id names the slot in its low part, so that the team follows from it, then
        the kind of incident, the person's generation and the luck of being solved.
        """
        slots = mine[X.CUSTOMER].astype(np.int64)
        resolved = (mine[X.RESOLVED] * _RESOLUTION).astype(np.int64)
        rest = (resolved * _GENERATIONS + world.arrays.codes[C.GENERATION, slots]) * _KINDS + mine[
            X.KIND
        ].astype(np.int64)
        return make_tickets(
            slots + self._slots * rest,
            np.minimum(pulse.day + mine[X.ARRIVAL] * pulse.days, end),
            mine[X.MINUTES] / _MINUTES_PER_DAY,
            mine[X.PATIENCE],
            np.where(mine[X.KIND] == _FAILURE, 0, 1),  # A core failure is more urgent than a question.
        )

    def answer(self, world: World, pace: Pace, ended: Ended) -> None:
        """Let what the desk did reach the customers."""
        if not ended.size:
            return
        rest, slots = np.divmod(ended["id"], self._slots)
        rest, kinds = np.divmod(rest, _KINDS)
        resolved, generations = np.divmod(rest, _GENERATIONS)
        law = world.market.service
        lost = np.array([law.drop_friction, law.drop_doubt, law.drop_failure], np.float32)
        hurts = np.array([law.grievance_friction, law.grievance_doubt, 1.0], np.float32)
        answer_tickets(
            world.arrays, world.law, pace, self.provider, slots, generations,
            ended["wait"], ended["abandoned"], ended["service"] * _MINUTES_PER_DAY, lost[kinds], hurts[kinds],
            ((resolved + 0.5) / _RESOLUTION).astype(np.float32), world.market.money.wage / 60.0 * 1e6,
        )  # fmt: skip


def answered_at_once(tickets: Tickets) -> Ended:
    """What a desk without waiting would do: every ticket is answered when it arrives."""
    ended = np.zeros(tickets.size, ENDED)
    for name in ("id", "priority", "service"):
        ended[name] = tickets[name]
    ended["end"] = tickets["arrival"] + tickets["service"]
    return ended


def expected_tickets(counts: NDArray[np.int64], before: NDArray[np.int64], provider: int) -> float:
    """Tickets a day that one customer of a provider is expected to raise, from the last recording."""
    seen = (
        counts[provider, :, [N.EXPECTED_TICKETS, N.RECORDED]]
        - before[provider, :, [N.EXPECTED_TICKETS, N.RECORDED]]
    )
    expected, people = seen.sum(axis=1)
    return float(expected) / 1e6 / max(int(people), 1)
