"""A competing firm: offer, product, desk, CRM, outbox and strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zlib import crc32

import mesa
import numpy as np
import simpy
from numpy.typing import NDArray

from agents import dialogue, observe, touch
from agents.columns import SPENDING, C, L
from agents.crm import Crm
from agents.learning.churn import ChurnModel
from agents.learning.memory import Memory
from agents.outbox import Ids, Outbox
from agents.product import ProductLine
from agents.service import Service
from agents.strategies.blend.blend import Blend, unfolded
from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView
from agents.world import Lookers, World, spread_adverts
from sim.desk import Desks
from sim.luck import Decision, uniforms
from sim.marketplace import Pulse
from sim.quantities import DAYS_PER_MONTH, MICROS

if TYPE_CHECKING:
    from agents.model import MarketModel


@dataclass
class Running:
    """A strategy at work.

    Attributes:
        slot, tag: its place, and where it stands in the books.
        state, memory: its plain state, and what it has learned.
        allowed: bool by slot of the people, whom it may address; None for everyone.
    """

    slot: str
    tag: int
    strategy: Strategy
    state: dict[str, float] = field(default_factory=dict)
    allowed: NDArray[np.bool_] | None = None
    memory: Memory | None = None

    def resumed(self, strategy: Strategy) -> Running:
        """The same at work in another world, or as another version of the strategy."""
        memory = None if self.memory is None else self.memory.copy()
        return Running(self.slot, self.tag, strategy, dict(self.state), self.allowed, memory)

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
        standing: firm amounts paid per month, by tag; crews: hours of named staff of the firm a month, by tag.
        committed, worked: currency and staff minutes of the firm that this month's contacts have committed, by tag.
        standing_costs: bookings of standing orders and people for a pulse, and what they were computed from.
        bound: how often a rule refused a strategy something, by slot and rule.
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
        self.crews: dict[int, float] = {}
        self.worked: dict[int, float] = {}
        self.month = -1
        self.tags: Mapping[str, int] = {}
        self.bound: dict[tuple[str, str], int] = {}
        self.service: Service | None = None
        self.firm_customers = 0.0
        self.standing_costs: tuple[object, NDArray[np.int64]] = ((), np.empty((0, 4), np.int64))
        self._members: tuple[int, Ids] = (-1, np.empty(0, np.int32))

    @property
    def has_crm(self) -> bool:
        """Whether this firm keeps a CRM."""
        return bool(self.world.arrays.crm_of[self.number] >= 0)

    @property
    def learns(self) -> bool:
        """Whether its strategies may learn from its data."""
        return self.name in self.model.learners

    @property
    def savers(self) -> list[Running]:
        """What runs here and may make a would-be leaver an offer, by slot."""
        able = [
            slot
            for slot, running in self.running.items()
            if type(running.strategy).save is not Strategy.save and running.strategy.intensity > 0.0
        ]
        return [self.running[slot] for slot in sorted(able)]

    @property
    def at_rest(self) -> bool:
        """Whether nothing that a strategy began goes on here, nor is asked for."""
        going = self.running or self.outbox.requests or self.standing or self.crews or self.adverts
        return not (going or self.product.moves or (self.service is not None and self.service.hired))

    @property
    def staff(self) -> float:
        """People at the desk of the whole firm, without what strategies added."""
        return 0.0 if self.service is None else self.service.people * self.service.teams

    @property
    def solved(self) -> float:
        """First-contact resolution, without what strategies trained."""
        return self.world.market.service.solved

    def refuse(self, slot: str, rule: str, number: int) -> None:
        """A rule refused a strategy some contacts, offers or minutes."""
        if number:
            self.bound[slot, rule] = self.bound.get((slot, rule), 0) + number

    def crm(self, day: float) -> Crm:
        """The CRM, read-only."""
        return Crm(self.world.arrays.crm[self.world.arrays.crm_of[self.number]], day)

    def members(self) -> Ids:
        """Slots of whom the firm takes for customers, ascending. Between two pulses nobody comes or goes."""
        market = self.model.marketplace
        if not market.at_rest:
            return self.crm(market.day).members()
        if self._members[0] != market.number:
            self._members = market.number, self.crm(market.day).members()
        return self._members[1].copy()

    def churn_risk(self, ids: Ids, day: float) -> NDArray[np.float64] | None:
        """The churn model's scores, or None."""
        return self.churn.risk(self.crm(day), ids, self.world.arrays.plans[:, 0])

    def true_risk(self, ids: Ids) -> NDArray[np.float32]:
        """The true probability of leaving within a month: for oracles."""
        pace = self.world.pace(Pulse(0, float(self.environment.now), self.world.market.pulse))
        return self.world.leave_probability(pace, ids, DAYS_PER_MONTH)

    def take_over(self, other: Provider, desks: Desks) -> None:
        """Continue another world's provider: everything but its strategies; `desks` are those of this world."""
        self.product = other.product.copy()
        self.churn = other.churn.copy()
        self.service = other.service.copy(desks) if other.service is not None else None
        self.standing, self.adverts = dict(other.standing), dict(other.adverts)
        self.trained, self.committed = dict(other.trained), dict(other.committed)
        self.crews, self.worked = dict(other.crews), dict(other.worked)
        self.month, self.firm_customers = other.month, other.firm_customers
        self.outbox = Outbox(list(other.outbox.requests))

    def start(
        self, strategies: Mapping[str, Strategy], before: Mapping[str, Running], tags: Mapping[str, int]
    ) -> None:
        """Run these strategies from now on.

        A slot that ran the same kind of strategy before is continued with its state and without launch cost; so are the
        tactics of a blend that is continued, as the blend last had them.
        """
        self.tags = tags
        coming = unfolded(strategies)
        kept = {slot: old for slot, old in before.items() if old.continued_by(coming.get(slot))}
        for slot, old in sorted(before.items()):
            tactic = coming.get(slot)
            # A tactic of a blend that goes on is taken over as the blend left it, also where it was stopped for now.
            if (
                slot not in strategies
                and slot.rpartition(".")[0] in kept
                and type(tactic) is type(old.strategy)
            ):
                assert tactic is not None, "its type was seen"
                self._run(old.resumed(replace(tactic, intensity=old.strategy.intensity)), new=False)
        for slot, strategy in strategies.items():
            if slot in kept:
                self._run(kept[slot].resumed(strategy), new=False)
            else:
                self._run(Running(slot, tags[slot], strategy), new=True)

    def _run(self, running: Running, new: bool) -> None:
        """Let a strategy begin, or go on; at intensity 0 it only takes its place."""
        self.running[running.slot] = running
        if running.strategy.intensity > 0.0:
            running.state.setdefault("launched", float(self.environment.now))
            view = ProviderView(self, running)
            if new:
                running.strategy.launch(view)
            running.strategy.set_up(view)
            self.environment.process(self._dates(running, view))

    def _dates(self, running: Running, view: ProviderView) -> Calendar:
        """A strategy's calendar, until the strategy runs no more or runs otherwise."""
        strategy = running.strategy
        for date in strategy.calendar(view):
            yield date
            if running.strategy is not strategy or self.running.get(running.slot) is not running:
                return

    def govern(self, blend: Running, name: str, intensity: float, allowed: NDArray[np.bool_] | None) -> None:
        """Start a tactic of a blend, change its intensity and whom it may address, or stop it with intensity 0.

        Args:
            allowed: bool by slot; None allows everyone.

        Raises:
            KeyError: when the blend has no such tactic.
        """
        assert isinstance(blend.strategy, Blend), "only blends govern"
        slot, tactic = f"{blend.slot}.{name}", blend.strategy.tactics[name]
        level = tactic.intensity * blend.strategy.intensity * intensity
        old = self.running.get(slot)
        if old is None:
            if level > 0.0:  # A tactic's dates are the blend's: months since the blend was launched.
                state = {"launched": blend.state["launched"]}
                started = Running(slot, self.tags[slot], replace(tactic, intensity=level), state, allowed)
                self._run(started, new=True)
            return
        old.allowed = allowed
        if level != old.strategy.intensity:
            if level == 0.0:
                self.end(old)
            old.strategy = replace(tactic, intensity=level)
            self._run(old, new=False)

    def end(self, running: Running) -> None:
        """End what a strategy has going: requests, standing orders, people, programmes, offers."""
        world, tag, pace = self.world, running.tag, self.model.pace
        row = world.levers[self.number]
        self.outbox.requests[:] = [asked for asked in self.outbox.requests if asked.slot != running.slot]
        self.standing.pop(tag, None)
        self.crews.pop(tag, None)
        if self.service is not None and tag in self.service.hired:
            self.service.hire(tag, 0.0, 0.0)
        if self.trained.pop(tag, None) is not None:
            self.set_solved()
        if self.adverts.pop(tag, None) is not None:
            self.set_adverts()
        if row[L.WELCOME_TAG] == tag:
            row[L.WELCOME_DEPTH] = row[L.WELCOME_MONTHS] = row[L.WELCOME_TAG] = 0.0
        if row[L.PROGRAMME_TAG] == tag:
            touch.close_programme(world.arrays, world.rules, pace.beat, self.number)
            row[L.EARN] = row[L.PROGRAMME_TAG] = 0.0
        if row[L.COMMUNITY_TAG] == tag:
            dialogue.close_community(world.arrays, self.number)
            row[L.PEERS] = row[L.CIRCLE_TIES] = row[L.COMMUNITY_TAG] = 0.0
        if row[L.REFERRAL_TAG] == tag:
            row[L.REFERRAL_REWARD] = row[L.REFERRAL_GIFT] = row[L.REFERRAL_TAG] = 0.0
        if row[L.STAGE_TAG] == tag:
            row[L.STAGED], row[L.STAGE_TAG] = 1.0, 0.0
            observe.note_stage(world.arrays, world.key, self.number)
        if row[L.TIER_TAG] == tag:
            dialogue.close_levels(world.arrays, world.rules, self.number)
            row[L.TIER_1 : L.TIER_TAG + 1] = 0.0

    def spent(self, slot: str) -> float:
        """What a strategy has cost so far, discounts included, in currency of the firm."""
        books = self.world.arrays.books[self.number, :, self.tags[slot]]
        return float(books[:, list(SPENDING)].sum()) / MICROS * self.world.ledger.scale

    def set_solved(self) -> None:
        """First-contact resolution is the best that today's or a strategy's training gives."""
        best = max(self.world.market.service.solved, *self.trained.values(), 0.0)
        self.world.levers[self.number, L.SOLVED] = best

    def set_adverts(self) -> None:
        """Advertising is today's and what strategies add."""
        world = self.world
        reach = world.market.providers[self.number].adverts + sum(r for r, _ in self.adverts.values())
        world.levers[self.number, L.ADVERTS] = reach / DAYS_PER_MONTH
        spread_adverts(world.levers, world.market.gate.p_advert)

    def review(self, day: float, number: int) -> None:
        """A quarter ends: the churn model learns, where a strategy asks it, or may ask it after the fork.

        Args:
            day: the clock, in days; number: of the quarter.
        """
        needed = day <= 0.0 or any(running.strategy.learns for running in self.running.values())
        if not (self.has_crm and needed and self.learns):
            return
        crm, world = self.crm(day), self.world
        members = self.members()
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
        offered = np.zeros(met.size, np.bool_)
        for running in self.savers:
            open_to = ~offered if running.allowed is None else ~offered & running.allowed[lookers.ids[met]]
            asked = met[open_to]
            if not asked.size:
                continue
            offer = running.strategy.save(ProviderView(self, running), lookers.ids[asked])
            if offer is not None:
                lookers.depth[asked], lookers.months[asked] = offer.depth, offer.months
                lookers.tags[asked] = running.tag
                offered[open_to] = offer.depth > 0.0
        return met[offered]
