"""A competing firm: offer, product, desk, CRM, outbox and strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

import mesa
import numpy as np
import simpy
from numpy.typing import NDArray

from agents.columns import C
from agents.crm import Crm
from agents.learning.churn import ChurnModel
from agents.outbox import Ids, Outbox
from agents.product import ProductLine
from agents.service import Service
from agents.strategies.strategy import Strategy
from agents.view import ProviderView
from agents.world import Lookers, World
from sim.luck import Decision, uniforms
from sim.marketplace import Pulse
from sim.quantities import DAYS_PER_MONTH

if TYPE_CHECKING:
    from agents.model import MarketModel


@dataclass
class Running:
    """A strategy at work: its slot, its tag in the books, and its plain state."""

    slot: str
    tag: int
    strategy: Strategy
    state: dict[str, float] = field(default_factory=dict)

    def continued_by(self, strategy: Strategy | None) -> bool:
        """Whether a strategy in the same slot carries this one on: the same kind, neither of them at intensity 0."""
        if strategy is None or type(strategy) is not type(self.strategy):
            return False
        return self.strategy.intensity > 0.0 and strategy.intensity > 0.0

    @property
    def identity(self) -> int:
        """A stable number of the slot's name: strategies keep their luck whoever else runs."""
        return crc32(self.slot.encode()) & 0xFFFF


class Provider(mesa.Agent):
    """One firm in one world.

    Attributes:
        number: its row in the tables; the focal provider is the first unless the experiment says otherwise.
        running: its strategies by slot.
        standing: firm amounts paid per month, by tag.
        firm_customers: customers of the real firm at the fork (before it, at the start).
    """

    def __init__(self, model: MarketModel, number: int) -> None:
        super().__init__(model)
        self.number = number
        self.name = model.market.providers[number].name
        self.world: World = model.world
        self.environment: simpy.Environment = model.marketplace.environment
        self.running: dict[str, Running] = {}
        self.outbox = Outbox()
        self.product = ProductLine()
        self.churn = ChurnModel()
        self.standing: dict[int, float] = {}
        self.adverts: dict[int, tuple[float, float]] = {}
        self.trained: dict[int, float] = {}
        self.committed: dict[int, float] = {}
        self.month = -1
        self.bound: dict[str, int] = {}
        self.service: Service | None = None
        self.firm_customers = 0.0

    @property
    def has_crm(self) -> bool:
        """Whether this firm keeps a CRM."""
        return bool(self.world.arrays.crm_of[self.number] >= 0)

    @property
    def staff(self) -> float:
        """People at the desk of the whole firm, without what strategies added."""
        return 0.0 if self.service is None else self.service.people * self.service.teams

    @property
    def solved(self) -> float:
        """First-contact resolution, without what strategies trained."""
        return self.world.market.service.solved

    def crm(self, day: float) -> Crm:
        """The CRM, read-only."""
        return Crm(self.world.arrays.crm[self.world.arrays.crm_of[self.number]], day)

    def churn_risk(self, ids: Ids, day: float) -> NDArray[np.float64] | None:
        """The churn model's scores, or None."""
        return self.churn.risk(self.crm(day), ids, self.world.arrays.plans[:, 0])

    def true_risk(self, ids: Ids) -> NDArray[np.float32]:
        """The true probability of leaving within a month: for oracles."""
        pace = self.world.pace(Pulse(0, float(self.environment.now), self.world.market.pulse))
        return self.world.leave_probability(pace, ids, DAYS_PER_MONTH)

    def take_over(self, other: Provider) -> None:
        """Continue another world's provider: everything but its strategies."""
        self.product = other.product.copy()
        self.churn = other.churn.copy()
        self.service = other.service.copy() if other.service is not None else None
        self.standing, self.adverts = dict(other.standing), dict(other.adverts)
        self.trained, self.committed = dict(other.trained), dict(other.committed)
        self.month, self.firm_customers = other.month, other.firm_customers
        self.outbox = Outbox(list(other.outbox.requests))

    def start(
        self, strategies: Mapping[str, Strategy], before: Mapping[str, Running], tags: Mapping[str, int]
    ) -> None:
        """Run these strategies from now on.

        A slot that ran the same kind of strategy before is continued with its state and without launch cost.
        """
        for slot, strategy in strategies.items():
            old = before.get(slot)
            continued = old is not None and old.continued_by(strategy)
            launched = {"launched": float(self.environment.now)}
            state = dict(old.state) if old is not None and continued else launched
            running = Running(slot, tags[slot], strategy, state)
            self.running[slot] = running
            if strategy.intensity > 0.0:
                view = ProviderView(self, running)
                if not continued:
                    strategy.launch(view)
                strategy.set_up(view)
                self.environment.process(strategy.calendar(view))

    def review(self, day: float, number: int) -> None:
        """A quarter ends: the churn model learns, where a strategy asks it, or may ask it after the fork.

        Args:
            day: the clock, in days; number: of the quarter.
        """
        needed = day <= 0.0 or any(running.strategy.learns for running in self.running.values())
        if not (self.has_crm and needed and self.name in self.model.learners):
            return
        crm, world = self.crm(day), self.world
        members = crm.members()
        luck = uniforms(
            world.key, int(Decision.SAMPLE), members, world.arrays.codes[C.GENERATION, members],
            number & 0xFFFFFFFF, self.number,
        )  # fmt: skip
        self.churn.review(crm, world.arrays.plans[:, 0], luck, members)

    def ask_to_stay(self, lookers: Lookers, met: NDArray[np.int64]) -> NDArray[np.int64]:
        """The save desk: the first strategy (by slot) with an offer for a would-be leaver makes it.

        Args:
            lookers: all who look; offers are written into it. met: positions of leavers who must cancel in person.

        Returns:
            Positions of those who got an offer.
        """
        left = met
        for slot in sorted(self.running):
            running = self.running[slot]
            if running.strategy.intensity == 0.0 or not left.size:
                continue
            offer = running.strategy.save(ProviderView(self, running), lookers.ids[left])
            if offer is not None:
                lookers.depth[left], lookers.months[left], lookers.tags[left] = (
                    offer.depth,
                    offer.months,
                    running.tag,
                )
                left = left[offer.depth <= 0.0]
        return np.setdiff1d(met, left)
