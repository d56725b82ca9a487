"""The market as a Mesa model: providers as agents, people as columns, one pulse a step.

The order of a pulse:

{phases}

Mesa's tools and front end hook on here; its own random generator is never drawn from: all luck is `sim.luck`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import mesa
import numpy as np
from numpy.typing import NDArray

from agents import choice, observe, stock
from agents.columns import MOST, C, N
from agents.law import Pace, pace_of
from agents.learning.churn import QUARTER
from agents.market import Market
from agents.provider import Provider
from agents.scenario import Scenario
from agents.segments import Customers
from agents.service import Service, ServiceCentre
from agents.settle import begin_month, run_standing, settle
from agents.shocks import Shocks
from agents.strategies.blend.blend import unfolded
from agents.world import TAGS, Ids, Lookers, World
from sim.desk import Desks
from sim.luck import Luck
from sim.marketplace import Marketplace, Phase, Pulse
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.records import History

_NO_IDS = np.empty(0, np.int32)
PHASES = (
    ("replace_involuntary", "people who move away or die are replaced; the new choose at once"),
    (
        "settle_outboxes",
        "requests of strategies are carried out, within caps and budgets; standing costs are paid",
    ),
    (
        "meet_shocks",
        "what strikes the market is laid over the providers' levers, until the pulse is recorded",
    ),
    ("live_and_look", "one pass over everyone: experience, incidents, purchases, bills, attention"),
    ("recommend", "content customers tell their ties, who may look in the next pulse"),
    ("work_the_desk", "tickets are served; results act in the next pulse"),
    ("choose", "one pass over those who look"),
    ("ask_to_stay", "save desks meet would-be leavers, who choose again with the same noise"),
    ("move_and_book", "leave, join, renew; everything is booked"),
    ("observe", "CRMs read signals; firms learn"),
    ("record", "the books are closed, recordings are made"),
)
"""The phases of a pulse: method of `MarketModel`, and what it does. The pulse is built from this list."""
__doc__ = __doc__.format(phases="\n".join(f"{n}. {name}: {text}" for n, (name, text) in enumerate(PHASES, 1)))


@dataclass
class Passing:
    """What one phase of a pulse leaves for the next."""

    pace: Pace
    tickets: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    renewers: Ids = field(default_factory=lambda: _NO_IDS)
    lookers: Lookers = field(default_factory=lambda: Lookers.of(_NO_IDS))


@dataclass(frozen=True)
class AtFork:
    """Who was who on the day of the fork, by slot: provider (NONE for none), segment and generation."""

    provider: NDArray[np.int8]
    segment: NDArray[np.int8]
    generation: NDArray[np.int8]


class MarketModel(mesa.Model):
    """A market in one world.

    Args:
        market, customers: the parameters.
        today: what runs before the fork.
        luck: the replicate's luck.
        focal: name of the focal provider.
        slots: slots of every strategy that any scenario of the experiment runs: they get the tags of the books.
        firms: names of the providers that keep a CRM in any of them; the focal one always does.
        learners: names of the providers that need a churn model in any of them: they learn from the warm-up on.

    Raises:
        ValueError: when a name is unknown, the firm is smaller than its sample, or there are too many strategies,
            providers, plans or segments.
    """

    def __init__(
        self,
        market: Market,
        customers: Customers,
        today: Scenario,
        luck: Luck,
        focal: str,
        slots: frozenset[str] = frozenset(),
        firms: frozenset[str] = frozenset(),
        learners: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(rng=0)
        self.market, self.customers, self.today, self.luck, self.learners = (
            market,
            customers,
            today,
            luck,
            learners,
        )
        for key, number in (
            ("market.providers", len(market.providers)),
            ("market.plans", len(market.plans)),
            ("customers.segments", len(customers.segments)),
        ):
            if number >= MOST:
                raise ValueError(f"{key}: {number} of them; allowed are fewer than {MOST}; remove some")
        names = [provider.name for provider in market.providers]
        if focal not in names:
            raise ValueError(f"focal={focal}: no such provider; allowed are {', '.join(names)}")
        self.focal = names.index(focal)
        self.tags = tags_of(slots | today.slots)
        keeps = {focal} | firms | {name for name, running in today.rivals.items() if running}
        kept = tuple(number for number, name in enumerate(names) if name in keeps)
        self.world = World(market, customers, luck, kept, len(self.tags) + 1)
        self._open(self._first_day(), 0)
        self._populate()
        for provider in self.providers:
            provider.start(today.of(provider.name, focal, today), {}, self.tags)

    # Beginnings.

    def _first_day(self) -> float:
        pulses = (
            0
            if self.market.start == "cohort"
            else round(self.market.warm_up * DAYS_PER_MONTH / self.market.pulse)
        )
        return -pulses * self.market.pulse

    def _open(self, day: float, number: int) -> None:
        """A marketplace at a day, with providers that run nothing yet."""
        self.marketplace = Marketplace(
            [Phase(name, getattr(self, name)) for name, _ in PHASES], self.market.pulse, day, number
        )
        self.history = History()
        self.frozen = False
        self.watchers: list[Callable[[Pulse], None]] = []
        self.shocks = Shocks({}, [], 0)
        self.passing = Passing(pace_of(self.market, self.world.law, day, self.market.pulse, number))
        self.providers = [Provider(self, number) for number in range(len(self.market.providers))]
        # Mesa numbers agents by a table of their class, which would keep every market alive; the numbers are given.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self._worked_before = self.world.counts[:-1, :, N.WORKED].copy()
        self.tickets_per_day = np.zeros(len(self.providers))
        self.starters = self.world.counts[:-1, :, N.STARTERS_PRESENT].copy()
        self.starters_fixed = np.zeros((len(self.providers), len(self.customers.segments)), np.int64)

    def _populate(self) -> None:
        world, people, t = self.world, self.market.people, self.world.traits
        day = self.marketplace.day
        # The stock stands at the end of a pulse that never was, so that its first day is the beginning of time.
        pace = pace_of(self.market, world.law, day - 1.0, 1.0, 0)
        born = (t.tables, t.factor, t.shares, t.horizons, t.memory, t.bill)
        if self.market.start == "cohort":
            stock.draw_cohort(
                world.arrays, world.rules, pace.beat, world.key, self.focal, t.involuntary, *born
            )
            world.counts[:, :, N.JOINED] = 0
            world.arrays.books[:] = 0
        else:
            stock.draw_stock(
                world.arrays, world.rules, pace.beat, world.key, self._mean_grievance(),
                people.need_change / DAYS_PER_YEAR, t.involuntary, *born,
            )  # fmt: skip
        world.tie()
        self._scale()
        self._read_everyone(pace, day)
        desks, services = Desks(day), []
        for provider in self.providers:
            provider.firm_customers = float(world.present(provider.number).sum()) * world.ledger.scale
            rate = float(self.tickets_per_day[provider.number]) * float(world.present(provider.number).sum())
            provider.service = Service(world, desks, provider.number, rate)
            services.append(provider.service)
        self.centre = ServiceCentre(world, desks, services)
        stock.start_counting(world.arrays)

    def _mean_grievance(self) -> NDArray[np.float32]:
        """Mean grievance of a customer at rest, by provider: what incidents leave, over its half-life."""
        service, months = self.market.service, self.market.service.grievance_half_life / 0.6931471805599453
        per_month = (
            service.friction * service.grievance_friction
            + service.doubt * service.grievance_doubt
            + service.failure
        )
        return np.array([per_month * p.incidents * months for p in self.market.providers], np.float32)

    def _scale(self) -> None:
        sample = int(self.world.present(self.focal).sum())
        if sample == 0:
            raise ValueError(
                f"market.customers={self.market.customers}: no customer starts with "
                f"{self.providers[self.focal].name}; raise it"
            )
        self.world.ledger.scale = max(1.0, self.market.firm_customers / sample)

    # A pulse, phase by phase, in the order of PHASES.

    @property
    def pace(self) -> Pace:
        """The pace of the present pulse."""
        return self.passing.pace

    def replace_involuntary(self, pulse: Pulse) -> None:
        """People who move away or die are replaced in place; the new choose at once among all providers and none."""
        pace = self.passing.pace = self.world.pace(pulse)
        replaced = self.world.replace_involuntary(pace)
        if replaced.size:
            self.world.settle_in(pace, replaced)

    def settle_outboxes(self, pulse: Pulse) -> None:
        """Carry out what strategies asked for, provider by provider; pay what runs by itself."""
        month = int(pulse.day // DAYS_PER_MONTH)
        for provider in self.providers:
            if provider.month != month:
                begin_month(provider, month)
            if not provider.at_rest:
                settle(provider, self.pace)
                run_standing(provider, pulse)
        self.centre.pay(pulse.days)

    def meet_shocks(self, pulse: Pulse) -> None:
        """What strikes the market acts from here to the end of the pulse."""
        self.shocks.lay_over(self.world, pulse)
        if self.shocks.has_outage:
            self.passing.pace = self.world.pace(pulse)

    def live_and_look(self, pulse: Pulse) -> None:
        """One compiled pass over everyone."""
        self.passing.tickets, ids, renewers = self.world.live_and_look(self.pace)
        self.passing.lookers, self.passing.renewers = Lookers.of(ids), renewers

    def recommend(self, pulse: Pulse) -> None:
        """Customers recommend their provider to their ties."""
        if self.world.has_network and self.market.network.recommend > 0.0:
            self.world.recommend(self.pace)

    def work_the_desk(self, pulse: Pulse) -> None:
        """Each provider's desk serves tickets; what it did acts from the next pulse's live on."""
        self.centre.work(pulse, self.pace, self.passing.tickets, self.tickets_per_day)

    def choose(self, pulse: Pulse) -> None:
        """Who looks compares."""
        self.world.choose(self.pace, self.passing.lookers)

    def ask_to_stay(self, pulse: Pulse) -> None:
        """Save desks meet the would-be leavers who must cancel in person; these choose again with the same noise."""
        lookers, world = self.passing.lookers, self.world
        in_person = np.float32(self.market.choice.in_person)
        waiting = []
        for firm in self.providers:
            if not (firm.running and firm.savers):
                continue
            met = choice.leavers_met(
                world.arrays.codes, world.key, pulse.number, in_person, firm.number, lookers.ids,
                lookers.destination,
            )  # fmt: skip
            if not met.size:
                continue
            waiting.append((firm, firm.outbox.set_aside()))
            offered = firm.ask_to_stay(lookers, met)
            if offered.size:
                again = lookers.at(offered)
                world.choose(self.pace, again)
                lookers.destination[offered], lookers.adopt[offered] = again.destination, again.adopt
                lookers.held[offered] = again.held
        for firm, asked in waiting:
            settle(firm, self.pace)  # What a save desk costs belongs to the pulse in which it met people.
            firm.outbox.put_back(asked)  # What waits for the next pulse does not come again in this one.

    def move_and_book(self, pulse: Pulse) -> None:
        """Carry out what was chosen."""
        self.world.move_and_book(self.pace, self.passing.lookers, self.passing.renewers)

    def observe(self, pulse: Pulse) -> None:
        """Each month CRMs read signals of needs and tastes, and find out who is inactive; each quarter firms learn."""
        self.world.arrays.codes[C.OFFERED_PLAN] = 0
        month, quarter = int(pulse.end // DAYS_PER_MONTH), int(pulse.end // QUARTER)
        if month != int(pulse.day // DAYS_PER_MONTH):
            if not self.frozen:  # Who runs nothing any more reads its CRM no more.
                self._read_signals(month, pulse.end)
            self.world.follow_fashion(month)
        if quarter != int(pulse.day // QUARTER):
            for provider in self.providers:
                provider.review(pulse.end, quarter)

    def _read_signals(self, month: int, day: float) -> None:
        world = self.world
        for provider in self.providers:
            if provider.has_crm:
                world.observe_signals(provider.number, month)
                if world.law.no_contract:
                    gaps = self.market.purchases.inactive_after
                    observe.forget_inactive(world.arrays, provider.number, gaps, day)

    def record(self, pulse: Pulse) -> None:
        """Close the books of the pulse; at the end of a month, look at everyone."""
        world = self.world
        observe.close_pulse(
            world.counts, world.ledger.spread, self._worked_before, self.starters_fixed, round(pulse.days * 1e6),
            self.pace.discount_factor,
        )  # fmt: skip
        world.ledger.close(self.pace.discount_factor)
        if not self.frozen and _month(pulse.end) != _month(pulse.day):
            self._note(pulse.end)
        self.shocks.take_off(world)
        for watcher in self.watchers:
            watcher(pulse)

    def _note(self, day: float) -> None:
        world = self.world
        self._read_everyone(self.pace, day)
        self.history.note(day, world.counts, world.arrays.books, world.ledger.discounted)

    def _read_everyone(self, pace: Pace, day: float) -> None:
        before = self.world.counts.copy()
        self.world.record(pace, _month(day))
        observe.expected_of_one(self.world.counts, before, self.tickets_per_day)

    # Running and forking.

    def step(self) -> None:
        """One pulse: Mesa's unit of time."""
        self.marketplace.step(float("inf"))

    def run(self, until: float) -> None:
        """Run to a day, and take a reading there."""
        self.marketplace.run(until)
        if not self.history.readings or self.history.readings[-1].day < self.marketplace.day:
            self._note(self.marketplace.day)

    def run_on(self, days: float) -> None:
        """Run the same world on with its terms frozen: calendars stop; levers, standing orders and offers stay.

        Pulses are four times as long, nobody takes readings, and desks do as they did in the last quarter, without a
        queue: what is projected is a remainder.
        """
        self.frozen = True
        world = self.world
        # Nobody reads a CRM any more, so nobody keeps one.
        world.arrays = replace(world.arrays, crm_of=np.full_like(world.arrays.crm_of, -1))
        day, number = self.marketplace.day, self.marketplace.number
        self.marketplace = Marketplace(self.marketplace.phases, 4.0 * self.market.pulse, day, number)
        for provider in self.providers:
            provider.environment = self.marketplace.environment
            provider.running = {}
            provider.outbox.take()
        self.centre.freeze()
        self.marketplace.run(day + days)
        world.ledger.close(self.pace.discount_factor)

    def warm_up(self) -> None:
        """Run `today` up to the day of the fork and start counting there."""
        self.marketplace.run(0.0)
        self._start_counting()

    def _start_counting(self) -> None:
        stock.start_counting(self.world.arrays)
        self.world.ledger.restart()
        self.starters = self.world.counts[:-1, :, N.STARTERS_PRESENT].copy()
        self.starters_fixed[:] = 0
        self._worked_before[:] = 0
        codes = self.world.arrays.codes
        self.at_fork = AtFork(codes[C.PROVIDER].copy(), codes[C.SEGMENT].copy(), codes[C.GENERATION].copy())
        self.history = History()
        self._scale()
        for provider in self.providers:
            provider.bound.clear()
            provider.firm_customers = (
                float(self.world.present(provider.number).sum()) * self.world.ledger.scale
            )

    def fork(self, scenario: Scenario, luck: Luck | None = None) -> MarketModel:
        """A twin of this warm market in which providers run a scenario's strategies from now on.

        Args:
            scenario: what runs from the fork on.
            luck: another luck from the fork on, for the same people; None goes on with the same.

        Raises:
            ValueError: when the scenario needs a slot that has no tag, or a shock strikes nobody.
        """
        unknown = scenario.slots - set(self.tags)
        if unknown:
            raise ValueError(
                f"scenario {scenario.name}: slots {', '.join(sorted(unknown))} have no tag; name them in `slots`"
            )
        twin = object.__new__(MarketModel)
        mesa.Model.__init__(twin, rng=0)
        for name in ("market", "customers", "today", "luck", "learners", "focal", "tags", "at_fork"):
            setattr(twin, name, getattr(self, name))
        twin.world = self.world.twin()
        if luck is not None:
            twin.luck, twin.world.key = luck, luck.key
        twin._open(self.marketplace.day, self.marketplace.number)
        twin.tickets_per_day[:] = self.tickets_per_day
        names = [provider.name for provider in self.market.providers]
        focal = names[self.focal]
        twin.shocks = Shocks(scenario.shocks, names, self.focal)
        desks = Desks()
        desks.restore(self.centre.desks.state)
        for old, new in zip(self.providers, twin.providers, strict=True):
            new.take_over(old, desks)
            strategies = scenario.of(new.name, focal, self.today)
            coming = unfolded(strategies)
            for slot, running in old.running.items():
                if not running.continued_by(coming.get(slot)):
                    new.end(running)
            new.start(strategies, old.running, self.tags)
        services = [new.service for new in twin.providers if new.service is not None]
        twin.centre = ServiceCentre(twin.world, desks, services, self.centre.past.copy())
        return twin


def _month(day: float) -> int:
    """Whole months between the fork and a day; the last moment of a month belongs to the next."""
    return int(day / DAYS_PER_MONTH + 1e-6)


def tags_of(slots: frozenset[str] | set[str]) -> dict[str, int]:
    """Tags of the books by slot, from 1.

    Raises:
        ValueError: when there are more strategies than tags.
    """
    if len(slots) >= TAGS:
        raise ValueError(
            f"{len(slots)} strategies run in one experiment; the books have room for {TAGS - 1}; remove some"
        )
    return {slot: number for number, slot in enumerate(sorted(slots), 1)}
