"""One world: the arrays of a market's people and providers, and the compiled passes over them under their names."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from agents import choice, live, move, network, observe
from agents.arrays import BLOCK, Arrays
from agents.columns import COPULA, A, B, K, L, N, T, X
from agents.law import Law, Pace, law_of, pace_of
from agents.market import CHANNELS, Market
from agents.population import Population
from agents.segments import Customers
from agents.traits import Traits, traits_of
from sim import threads
from sim.ledger import Ledger
from sim.luck import Luck
from sim.marketplace import Pulse
from sim.numeric import log64
from sim.quantities import DAYS_PER_MONTH, MICROS
from sim.rows import row_of

_SWITCHING = np.float32(1.0)
"""To move from where one is takes the whole effort of switching."""
TAGS = 64
"""Tags of the books at most: ordinary business and 63 strategies, tactics of blends included."""
_TAGS_AT_LEAST = 8
"""Tags of the books of however few strategies, so that passes can be tried by hand."""

Ids = NDArray[np.int32]
R = TypeVar("R")


class Channel(NamedTuple):
    """What a contact by a channel is.

    Attributes:
        number: index of the channel; weight: how intrusive a contact is.
        cost, micros: of a contact, in currency and in whole millionths.
        cap: contacts of one customer a month.
    """

    number: int
    weight: np.float32
    cost: float
    micros: int
    cap: float


def channels_of(market: Market) -> dict[str, Channel]:
    """The channels of a market, by name."""
    contacts, found = market.contacts, {}
    for number, name in enumerate(CHANNELS):
        weight, cost = (
            np.float32(getattr(contacts, f"weight_{name}")),
            float(getattr(contacts, f"cost_{name}")),
        )
        cap = float(getattr(market.rules, f"cap_{name}"))
        found[name] = Channel(number, weight, cost, round(cost * MICROS), cap)
    return found


@dataclass
class Lookers:
    """Who looks in a pulse, what it is offered to stay, and where it goes; arrays by position."""

    ids: Ids
    depth: NDArray[np.float32]
    months: NDArray[np.float32]
    tags: NDArray[np.int8]
    destination: NDArray[np.int8]
    adopt: NDArray[np.bool_]
    held: NDArray[np.bool_]

    @classmethod
    def of(cls, ids: Ids) -> Self:
        """Lookers without offers who have not chosen yet."""
        n = ids.size
        (depth, months), (tags, destination) = np.zeros((2, n), np.float32), np.zeros((2, n), np.int8)
        adopt, held = np.zeros((2, n), np.bool_)
        return cls(ids, depth, months, tags, destination, adopt, held)

    def at(self, positions: NDArray[np.int64]) -> Lookers:
        """Some of them, as a copy."""
        return Lookers(
            self.ids[positions], self.depth[positions], self.months[positions], self.tags[positions],
            self.destination[positions], self.adopt[positions], self.held[positions],
        )  # fmt: skip


@dataclass(frozen=True)
class Room:
    """What a thread works in; nothing in it outlives a pass.

    Attributes:
        scratch: room of `live.live_and_look` for one block, used by other passes too.
        tickets, lookers, renewers: what the pass found.
        rows: two rows over the providers and none; sums: of `observe.record` for one block; births: of a birth.
        counts, books: what a thread adds up apart from the others.
    """

    scratch: tuple[
        NDArray[np.float32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]
    ]
    tickets: NDArray[np.float64]
    lookers: Ids
    renewers: Ids
    rows: tuple[NDArray[np.float32], NDArray[np.float32]]
    sums: NDArray[np.int64]
    births: NDArray[np.float64]
    counts: NDArray[np.int64]
    books: NDArray[np.int64]

    @classmethod
    def of(cls, arrays: Arrays, people: int) -> Self:
        """Room for a span of so many people."""
        rows = arrays.levers.shape[0]
        return cls(
            scratch=(
                np.empty((16, BLOCK), np.float32),
                np.empty(BLOCK, np.float32),
                np.empty((7, BLOCK), np.int32),
                np.empty(rows, np.float32),
                np.empty(rows, np.float32),
            ),
            tickets=np.empty((len(X), 4 * people + 64)),
            lookers=np.empty(people, np.int32),
            renewers=np.empty(people, np.int32),
            rows=(np.empty(rows, np.float32), np.empty(rows, np.float32)),
            sums=np.empty((4, BLOCK), np.int64),
            births=np.empty(COPULA),
            counts=np.zeros_like(arrays.counts),
            books=np.zeros_like(arrays.books),
        )


@dataclass(frozen=True)
class Span:
    """The people [low, high) that a thread takes, and its room."""

    low: int
    high: int
    room: Room


class World:
    """Everything that changes while a market runs, but for desks and strategies.

    Args:
        market, customers: the parameters.
        luck: the replicate's luck.
        firms: numbers of the providers that keep a CRM.
        tags: tags of the books that strategies need, ordinary business included.
    """

    def __init__(
        self, market: Market, customers: Customers, luck: Luck, firms: tuple[int, ...], tags: int = 1
    ) -> None:
        self.market = market
        self.customers = customers
        self.channels = channels_of(market)
        self.law = law_of(market)
        self._own_law, self._paces = self.law, dict[Pulse, Pace]()
        self.traits: Traits = traits_of(market, customers)
        self.key = luck.key
        self.people = Population.empty(market.customers)
        self.arrays = self._arrays(firms, max(tags, _TAGS_AT_LEAST))
        self.ledger = Ledger(self.arrays.books, 1.0)
        self._buffers()

    def _arrays(self, firms: tuple[int, ...], tags: int) -> Arrays:
        providers, size = len(self.market.providers), self.market.customers
        crm_of = np.full(providers + 1, -1, np.int64)
        crm_of[list(firms)] = np.arange(len(firms))
        starts, ties, weights = network.no_ties(size)
        return Arrays(
            self.people.traits,
            self.people.state,
            self.people.codes,
            self.people.money,
            crm=np.zeros((len(firms), len(K), size), np.float32),
            crm_of=crm_of,
            levers=levers_of(self.market, self.customers),
            plans=np.array([[plan.level, plan.price] for plan in self.market.plans], np.float32),
            books=np.zeros((providers, len(self.customers.segments), tags, len(A)), np.int64),
            counts=np.zeros((providers + 1, len(self.customers.segments), len(N)), np.int64),
            bonds=np.full((len(B), size), -1, np.int32),
            starts=starts,
            ties=ties,
            weights=weights,
        )

    def tie(self) -> None:
        """Draw the network of the people as they stand: once, when a market is filled."""
        traits = self.people.traits
        starts, ties, weights = network.network_of(
            self.market.network, self.key, traits[T.SOCIABILITY], self.people.segment, traits[T.POSITION]
        )
        self.arrays = replace(self.arrays, starts=starts, ties=ties, weights=weights)

    @property
    def has_network(self) -> bool:
        """Whether anybody knows anybody."""
        return bool(self.arrays.ties.size)

    def _buffers(self) -> None:
        size = self.market.customers
        self._replaced = np.empty(size, np.int32)
        self._newcomers = Lookers.of(np.empty(64, np.int32))
        self._rooms = [Room.of(self.arrays, size)]
        self._whole = [Span(0, size, self._rooms[0])]
        self._is_small = size < 2 * threads.LARGE

    def _spans(self) -> list[Span]:
        """The spans of people that threads take, each with room of its own to work in."""
        if self._is_small:
            return self._whole
        cuts = threads.spans(len(self.people), BLOCK)
        if len(cuts) < 2:
            return self._whole
        for place, (low, high) in enumerate(cuts):
            if place == len(self._rooms):
                self._rooms.append(Room.of(self.arrays, high - low))
            elif self._rooms[place].lookers.size < high - low:
                self._rooms[place] = Room.of(self.arrays, high - low)
        return [Span(low, high, room) for (low, high), room in zip(cuts, self._rooms)]

    def side_by_side(self, work: Callable[[Span], R]) -> list[R]:
        """Do something for each span of the people, each on a thread of its own, by `arrays_of` the span.

        In it, nobody may affect anybody else. What threads have counted and booked is added up when all are done.
        """
        spans = self._spans()
        if len(spans) == 1:
            return [work(spans[0])]
        done = threads.together(work, spans)
        self._gather(spans)
        return done

    def arrays_of(self, span: Span) -> Arrays:
        """The arrays as a thread sees them: the first one counts and books in place, the others apart."""
        if span.low == 0:
            return self.arrays
        return replace(self.arrays, counts=span.room.counts, books=span.room.books)

    def _gather(self, spans: list[Span]) -> None:
        """Add up what threads have counted and booked apart."""
        for span in spans[1:]:
            self.arrays.counts[:] += span.room.counts
            self.arrays.books[:] += span.room.books
            span.room.counts[:] = 0
            span.room.books[:] = 0

    def twin(self) -> World:
        """A twin: the same people, books and levers, none shared.

        Room to work in is shared, because nothing in it outlives a pulse: twins run one at a time within a process. So
        is what never changes: plans, who keeps a CRM, the network, and the pace of each pulse.
        """
        twin = copy(self)
        twin.people = self.people.copy()
        mine, people = self.arrays, twin.people
        twin.arrays = replace(
            mine, traits=people.traits, state=people.state, codes=people.codes, money=people.money, crm=mine.crm.copy(),
            levers=mine.levers.copy(), books=mine.books.copy(), counts=mine.counts.copy(), bonds=mine.bonds.copy(),
        )  # fmt: skip
        twin.ledger = Ledger(twin.arrays.books, self.ledger.scale)
        return twin

    def pace(self, pulse: Pulse) -> Pace:
        """The pace of a pulse, computed once for all twins but those whose law an outage has changed."""
        if self.law is not self._own_law:
            return pace_of(self.market, self.law, pulse.day, pulse.days, pulse.number)
        found = self._paces.get(pulse)
        if found is None:
            found = pace_of(self.market, self.law, pulse.day, pulse.days, pulse.number)
            self._paces[pulse] = found
        return found

    @property
    def law(self) -> Law:
        """The market's law, as an outage may have changed it for this pulse."""
        return self._law

    @law.setter
    def law(self, law: Law) -> None:
        self._law, self.rules = law, row_of(law)

    @property
    def levers(self) -> NDArray[np.float32]:
        """The lever table, float32 [providers + 1, len(L)]."""
        return self.arrays.levers

    @property
    def counts(self) -> NDArray[np.int64]:
        """The counts, int64 [providers + 1, segments, len(N)]."""
        return self.arrays.counts

    def present(self, provider: int) -> NDArray[np.int64]:
        """Customers of a provider now, by segment."""
        return self.arrays.counts[provider, :, N.PRESENT]

    def replace_involuntary(self, pace: Pace) -> Ids:
        """Replace whoever leaves the market; returns the slots with new people, who have no provider yet."""
        t = self.traits

        def replaced(span: Span) -> Ids:
            # Ties of who left forget its advice, on whatever thread: whoever comes first, nothing is left.
            slots = self._replaced[span.low : span.high]
            count = move.replace_involuntary(
                self.arrays_of(span), self.rules, pace.beat, self.key, span.low, span.high, t.tables, t.factor,
                t.shares, t.horizons, t.memory, t.bill, t.involuntary, span.room.births, slots,
            )  # fmt: skip
            return slots[:count]

        found = self.side_by_side(replaced)
        return found[0] if len(found) == 1 else np.concatenate(found)

    def live_and_look(self, pace: Pace) -> tuple[NDArray[np.float64], Ids, Ids]:
        """Live and look: the tickets raised (rows `X`), who looks, whose term ends; views that the next call reuses."""

        def lived(span: Span) -> tuple[NDArray[np.float64], Ids, Ids]:
            room = span.room
            tickets, lookers, renewers = live.live_and_look(
                self.arrays_of(span), self.rules, pace.beat, self.key, span.low, span.high, *room.scratch,
                room.tickets, room.lookers, room.renewers,
            )  # fmt: skip
            return room.tickets[:, :tickets], room.lookers[:lookers], room.renewers[:renewers]

        found = self.side_by_side(lived)
        if len(found) == 1:
            return found[0]
        tickets, lookers, renewers = zip(*found)
        raised = sum(part.shape[1] for part in tickets)
        together = np.empty((len(X), raised + 1))[
            :, :raised
        ]  # A view, as one span gives: compiled code sees them.
        np.concatenate(tickets, axis=1, out=together)
        return together, np.concatenate(lookers), np.concatenate(renewers)

    def recommend(self, pace: Pace) -> None:
        """Let customers recommend their provider to their ties, who may look in the next pulse."""
        room = self._rooms[0]
        luck, chance, some, _, _ = room.scratch
        network.recommend(
            self.arrays, self.rules, pace.beat, self.key, luck[0], chance, some[0], room.rows[0]
        )

    def choose(self, pace: Pace, lookers: Lookers) -> None:
        """Let lookers choose; the same noise whenever they choose again within a memory window."""
        if not lookers.ids.size:
            return

        def chosen(part: tuple[Span, slice]) -> None:
            span, some = part
            choice.choose(
                self.arrays, self.rules, pace.beat, self.key, lookers.ids[some], lookers.depth[some],
                lookers.months[some], _SWITCHING, *span.room.rows, lookers.destination[some], lookers.adopt[some],
                lookers.held[some],
            )  # fmt: skip

        spans, size = self._spans(), lookers.ids.size
        if len(spans) == 1:
            chosen((spans[0], slice(None)))
            return
        cuts = [size * part // len(spans) for part in range(len(spans) + 1)]
        threads.together(chosen, [(span, slice(*ends)) for span, ends in zip(spans, pairwise(cuts))])

    def settle_in(self, pace: Pace, people: Ids) -> None:
        """New people choose at once among all providers and none, at no effort of switching, and move."""
        if self._newcomers.ids.size < people.size:
            self._newcomers = Lookers.of(np.empty(2 * people.size, np.int32))
        room = self._newcomers
        move.settle_in(
            self.arrays, self.rules, pace.beat, self.key, people, *self._rooms[0].rows, room.depth, room.months,
            room.tags, room.destination, room.adopt, room.held,
        )  # fmt: skip

    def move_and_book(self, pace: Pace, lookers: Lookers, renewers: Ids) -> None:
        """Carry out what lookers chose, and renew the terms of those who stayed."""
        if not lookers.ids.size and not renewers.size:
            return
        move.move_and_book(
            self.arrays, self.rules, pace.beat, self.key, lookers.ids, lookers.destination, lookers.adopt,
            lookers.depth, lookers.months, lookers.tags, lookers.held, renewers,
        )  # fmt: skip

    def observe_signals(self, provider: int, month: int) -> None:
        """A provider's CRM reads signals of needs and tastes."""
        self.side_by_side(
            lambda span: observe.observe_signals(
                self.arrays, self.rules, self.key, provider, month, span.low, span.high
            )
        )

    def follow_fashion(self, month: int) -> None:
        """The tastes of whole segments move by a month of their own luck, the same in every scenario."""
        spread = self.market.people.drift.fashion
        if spread > 0.0:
            observe.follow_fashion(self.arrays, self.key, month, np.float32(spread / 12.0**0.5))

    def record(self, pace: Pace, month: int) -> None:
        """Add a recording of everyone to the counts."""

        def recorded(span: Span) -> None:
            _, rate, some, _, _ = span.room.scratch
            observe.record(
                self.arrays_of(span), self.rules, pace.beat, self.key, month, span.low, span.high, span.room.rows[0],
                rate, some[0], span.room.sums,
            )  # fmt: skip

        self.side_by_side(recorded)

    def leave_probability(self, pace: Pace, customers: Ids, days: float) -> NDArray[np.float32]:
        """What an oracle sees: the true probability that customers leave within some days, at present states."""
        out = np.empty(customers.size, np.float32)
        observe.leave_probability(
            self.arrays, self.rules, pace.beat, self.key, customers, np.float32(days), self._rooms[0].rows[0], out,
        )  # fmt: skip
        return out


def levers_of(market: Market, customers: Customers) -> NDArray[np.float32]:
    """The lever table of a market in which nobody runs a strategy.

    Reputation is what an average newcomer would live through: quality less the satisfaction that incidents take, after
    recovery by voiced and solved tickets: q - sum of rate * drop * (1 - voice solved recovery) * half-life / ln 2.
    """
    service = market.service
    table = np.zeros((len(market.providers) + 1, len(L)), np.float32)
    voice = sum(segment.share * segment.voice for segment in customers.segments)
    kept = 1.0 - voice * service.solved * min(1.0, service.recovery)
    months = service.satisfaction_half_life / 0.6931471805599453
    per_month = (
        service.friction * service.drop_friction
        + service.doubt * service.drop_doubt
        + service.failure * service.drop_failure
    )
    for row, provider in zip(table, market.providers, strict=False):
        row[L.QUALITY] = provider.quality
        row[L.PROFILE] = provider.profile
        row[L.PRICE] = provider.price
        row[L.LOG_AVAILABILITY] = log64(provider.availability)
        row[L.REPUTATION] = max(0.0, provider.quality - per_month * provider.incidents * kept * months)
        row[L.FRICTION] = service.friction * provider.incidents / DAYS_PER_MONTH
        row[L.DOUBT] = service.doubt * provider.incidents / DAYS_PER_MONTH
        row[L.FAILURE] = service.failure * provider.incidents / DAYS_PER_MONTH
        row[L.SOLVED] = service.solved
        row[L.STAGED] = 1.0
        row[L.ADVERTS] = provider.adverts / DAYS_PER_MONTH
    spread_adverts(table, market.gate.p_advert)
    return table


def spread_adverts(table: NDArray[np.float32], p_advert: float) -> None:
    """Fill the hazard of looks that everybody else's advertisements bring to a provider's customers, and to none's."""
    adverts = table[:-1, L.ADVERTS].astype(np.float64)
    table[:-1, L.PROMPT_RATE] = (adverts.sum() - adverts) * p_advert
    table[-1, L.PROMPT_RATE] = adverts.sum() * p_advert
