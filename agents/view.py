"""What a strategy is given: its provider's CRM, public facts, and the levers. Never the world.

Reading gives what the firm sees; pulling a lever puts a request into the provider's outbox. Trying to set anything says
which lever to use. An oracle declares that it peeks, and only then `true_risk` answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

import numpy as np
import simpy
from numpy.typing import NDArray

from agents.audience import better_plans, in_turn, luck_of, newcomers, part_of
from agents.columns import C
from agents.crm import Crm
from agents.learning.memory import Memory
from agents.market import CHANNELS, KINDS
from agents.outbox import (
    Advertise,
    Arm,
    Ask,
    CheckIn,
    Community,
    Contact,
    Employ,
    Enrol,
    FollowUp,
    Hire,
    Ids,
    Invest,
    Invite,
    JoinCommunity,
    Levels,
    Offer,
    Programme,
    Referral,
    Reprice,
    Request,
    ReviewLevels,
    Serve,
    Spend,
    Stage,
    Standing,
    Train,
    Welcome,
)
from agents.touch import CONTENT, NOTICE, PLAN
from agents.traits import monthly_price
from sim.luck import Decision, uniforms
from sim.quantities import DAYS_PER_MONTH

if TYPE_CHECKING:
    from agents.provider import Provider, Running

_LEVERS = {
    "satisfaction": "product investment, the desk or an experience",
    "commitment": "serve(...)",
    "attention": "no lever: attention is the customer's own",
    "churn": "no lever: churn is what customers do",
    "provider": "no lever: customers choose",
    "price": "reprice(...) or offer(...)",
    "discount": "offer(...)",
    "pressure": "contact(...)",
    "points": "programme(...)",
    "tier": "levels(...) and review_levels(...)",
    "ties": "community(...) or invite(...)",
    "grievance": "ask(...) and follow_up(...), or the desk",
    "staff": "hire(...)",
    "friction": "invest('friction', ...)",
}


_EVE = 0.25
Remembered = TypeVar("Remembered", bound=Memory)


class ProviderView:
    """A provider through the eyes of one of its strategies.

    Attributes:
        day: the clock, in days; the fork is day 0.
        state: the strategy's own plain state, carried over a restart.
    """

    __slots__ = ("_provider", "_running")
    _provider: Provider
    _running: Running

    def __init__(self, provider: Provider, running: Running) -> None:
        object.__setattr__(self, "_provider", provider)
        object.__setattr__(self, "_running", running)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        lever = _LEVERS.get(
            name, "one of the levers: " + ", ".join(sorted(m for m in dir(type(self)) if m[0] != "_"))
        )
        raise AttributeError(f"a strategy cannot set {name!r}; use {lever}")

    # What the firm sees.

    @property
    def day(self) -> float:
        """The clock, in days."""
        return float(self._provider.environment.now)

    @property
    def state(self) -> dict[str, float]:
        """The strategy's own plain state."""
        return self._running.state

    def memory(self, kind: type[Remembered]) -> Remembered:
        """What the strategy has learned so far: one object of a kind, empty at first, carried over a restart.

        Raises:
            TypeError: when the strategy already keeps another kind.
        """
        if self._running.memory is None:
            self._running.memory = kind()
        if not isinstance(self._running.memory, kind):
            raise TypeError(f"the strategy keeps {type(self._running.memory).__name__}, not {kind.__name__}")
        return self._running.memory

    @property
    def crm(self) -> Crm:
        """The CRM, read-only."""
        return self._provider.crm(self.day)

    @property
    def members(self) -> Ids:
        """Slots of whom the firm takes for customers, ascending; for a tactic of a blend, those it may address."""
        members, allowed = self._provider.members(), self._running.allowed
        return members if allowed is None else members[allowed[members]]

    @property
    def firm_customers(self) -> float:
        """Customers of the real firm on the day the strategy was launched: what fixed costs are sized by."""
        return self._provider.firm_customers

    @property
    def scale(self) -> float:
        """Customers of the real firm behind one customer in the CRM's sample."""
        return self._provider.world.ledger.scale

    @property
    def plan_levels(self) -> NDArray[np.float32]:
        """Level of need that each plan fits."""
        levels = self._provider.world.arrays.plans[:, 0].view()
        levels.flags.writeable = False
        return levels

    @property
    def contract(self) -> str:
        """The market's contract form."""
        return self._provider.world.market.contract

    @property
    def channel_cost(self) -> dict[str, float]:
        """What a contact costs by channel, in currency."""
        contacts = self._provider.world.market.contacts
        return {name: float(getattr(contacts, f"cost_{name}")) for name in CHANNELS}

    @property
    def typical_spend(self) -> float:
        """What a typical customer pays a year at list, in currency."""
        return 12.0 * monthly_price(self._provider.world.market)

    @property
    def margin(self) -> float:
        """Margin, as a share of the list price."""
        return self._provider.world.market.money.margin

    def spent(self, name: str) -> float:
        """What a tactic of this blend has cost so far, discounts included, in currency of the firm."""
        return self._provider.spent(f"{self._running.slot}.{name}")

    @property
    def wage(self) -> float:
        """Wage of service staff, currency per hour."""
        return self._provider.world.market.money.wage

    @property
    def staff(self) -> float:
        """People that the whole firm's desk employs at a time, without what strategies added."""
        return self._provider.staff

    @property
    def solved(self) -> float:
        """First-contact resolution, without what strategies trained."""
        return float(self._provider.solved)

    def uniform(self, ids: Ids, occasion: int) -> NDArray[np.float32]:
        """Luck of the strategy's own for some customers: uniform, keyed by strategy slot, customer and occasion."""
        world = self._provider.world
        return luck_of(world.key, world.arrays.codes[C.GENERATION], ids, occasion, self._running.identity)

    def part_of(self, ids: Ids, share: float, occasion: int) -> Ids:
        """A share of some customers: those whose luck of the strategy's own falls below it."""
        world = self._provider.world
        generations, identity = world.arrays.codes[C.GENERATION], self._running.identity
        return part_of(world.key, generations, ids, share, occasion, identity)

    def newcomers(self, ids: Ids, days: float) -> tuple[Ids, Ids]:
        """Those of some customers who joined within so many days and have not answered since; and the others."""
        return newcomers(self._columns, ids, self.day - days)

    def in_turn(self, ids: Ids, every: float, during: float, occasion: int) -> Ids:
        """Those of some customers whose turn it is, when each of them has one every so many months.

        Turns are spread over the months by the strategy's luck on an occasion.

        Args:
            every: months between the turns of a customer; during: months between the dates at which this is asked.
        """
        world = self._provider.world
        rounds = (self.day - self.state["launched"]) / (every * DAYS_PER_MONTH)
        return in_turn(
            world.key, world.arrays.codes[C.GENERATION], ids, occasion, self._running.identity, rounds, during / every
        )  # fmt: skip

    def better_plans(self, ids: Ids, misfit: float) -> NDArray[np.int64]:
        """The plan that fits each customer's estimated need best, int64 [ids]; -1 where the present one may stay.

        It may stay where it lies no further than `misfit` from the need, and where no signal speaks of the need.
        """
        levels = np.ascontiguousarray(self._provider.world.arrays.plans[:, 0])
        return better_plans(self._columns, levels, ids, misfit)

    @property
    def _columns(self) -> NDArray[np.float32]:
        """The provider's CRM, float32 [len(K), N], for compiled passes that only read."""
        arrays = self._provider.world.arrays
        columns: NDArray[np.float32] = arrays.crm[arrays.crm_of[self._provider.number]]
        return columns

    def luck(self, number: int, occasion: int) -> NDArray[np.float32]:
        """So many uniform numbers of the strategy's own on an occasion."""
        ids = np.arange(number, dtype=np.int32)
        none = np.zeros(number, np.int8)
        key, identity = self._provider.world.key, self._running.identity
        return uniforms(key, int(Decision.TRIAL), ids, none, occasion, identity)

    @property
    def may_learn(self) -> bool:
        """Whether the experiment lets strategies learn from their data."""
        return self._provider.learns

    def intensity_of(self, name: str) -> float:
        """The present intensity of a tactic of this blend."""
        running = self._provider.running.get(f"{self._running.slot}.{name}")
        return 0.0 if running is None else running.strategy.intensity

    def churn_risk(self, ids: Ids) -> NDArray[np.float64] | None:
        """Estimated risk of leaving within a quarter, on the logit scale; None while nothing has been learned yet."""
        return self._provider.churn_risk(ids, self.day)

    def true_risk(self, ids: Ids) -> NDArray[np.float32]:
        """What only an oracle sees: the true probability of leaving within a month.

        Raises:
            PermissionError: for a strategy whose targeting does not declare that it peeks.
        """
        if not self._running.strategy.peeks:
            raise PermissionError(
                "only targeting that declares `peeks` may ask for true_risk; use churn_risk"
            )
        return self._provider.true_risk(ids)

    # The calendar.

    def wait(self, days: float) -> simpy.events.Timeout:
        """Wait for some days: `yield view.wait(30)`."""
        return self._provider.environment.timeout(days)

    def next_date(self, months: float, eve: bool = False) -> simpy.events.Timeout:
        """Wait for the strategy's next date: every `months` since it was launched, also over a restart.

        Args:
            eve: a quarter of a day before: blends hold their reviews before the dates of their tactics.
        """
        launched, step = self.state["launched"] - (_EVE if eve else 0.0), months * DAYS_PER_MONTH
        number = int(np.floor((self.day - launched) / step + 1e-9)) + 1
        return self.wait(max(launched + number * step - self.day, 0.0))

    def is_due(self, what: str, months: float) -> bool:
        """Whether the latest of the strategy's dates every `months` since it was launched has not been taken yet.

        For dates that are looked at in passing, within a denser calendar: to ask takes the date. The day of the last
        date that was taken is kept in `view.state[what]`, so that it outlives a restart.
        """
        launched, step = self.state["launched"], months * DAYS_PER_MONTH
        last = launched + step * float(np.floor((self.day - launched) / step + 1e-9))
        if last <= self.state.get(what, launched) + 1e-6:
            return False
        self.state[what] = last
        return True

    def govern(self, name: str, intensity: float, allowed: NDArray[np.bool_] | None = None) -> None:
        """Start a tactic of this blend, change its intensity and whom it may address, or stop it with intensity 0.

        Args:
            name: of the tactic; allowed: bool by slot, None for everyone.
        """
        self._provider.govern(self._running, name, intensity, allowed)

    # The levers.

    def _ask(self, request: type[Request], **fields: object) -> None:
        running = self._running
        self._provider.outbox.put(
            request(slot=running.slot, tag=running.tag, priority=running.strategy.priority, **fields)  # type: ignore[arg-type]
        )

    def spend(self, amount: float, upfront: bool = False) -> None:
        """Pay an amount of the firm once, in currency."""
        self._ask(Spend, amount=amount, upfront=upfront)

    def pay_monthly(self, amount: float) -> None:
        """Pay an amount of the firm each month from now on; replaces the earlier standing order."""
        self._ask(Standing, per_month=amount)

    def invest(self, kind: str, amount: float, upfront: bool = False) -> None:
        """Put currency per firm customer into making a kind of incident rarer, and pay for it."""
        self._ask(Invest, kind=kind, amount=amount, upfront=upfront)

    def hire(self, people_share: float, hours: float = 0.0) -> None:
        """Employ more people at the desk, as a share of today's, and open longer, in hours a day, from now on."""
        self._ask(Hire, people_share=people_share, hours=hours)

    def train(self, solved: float) -> None:
        """Raise first-contact resolution to a probability from now on."""
        self._ask(Train, solved=solved)

    def reprice(self, level: float) -> None:
        """Set the list price level for everyone, relative to the market's typical price; a rise makes people look."""
        self._ask(Reprice, level=level)

    def welcome(self, depth: float, months: float) -> None:
        """Offer everyone who joins a discount: depth as a share of the price, for some months."""
        self._ask(Welcome, depth=depth, months=months)

    def advertise(self, reach: float, cost_per_reach: float) -> None:
        """Reach people who are not customers this many times per person and month, on top of today's advertising."""
        self._ask(Advertise, reach=reach, cost_per_reach=cost_per_reach)

    def programme(self, earn: float, burn_at: float, hassle_hours: float) -> None:
        """Run a points programme: points per currency spent, burnt at a balance; membership costs hours of hassle."""
        self._ask(Programme, earn=earn, burn_at=burn_at, hassle_hours=hassle_hours)

    def enrol(self, ids: Ids) -> None:
        """Ask customers into the points programme; they decide."""
        self._ask(Enrol, ids=ids)

    def notify(self, ids: Ids, channel: str, depth: float = 0.0, months: float = 0.0) -> None:
        """Contact customers without content, possibly with a discount; in the order of importance."""
        self._contact(ids, channel, NOTICE, np.zeros(ids.size, np.float32), depth, months)

    def send(self, ids: Ids, channel: str, topics: NDArray[np.float32]) -> None:
        """Contact customers about a topic each, a position in product taste."""
        self._contact(ids, channel, CONTENT, topics, 0.0, 0.0)

    def recommend(self, ids: Ids, channel: str, plans: NDArray[np.int64]) -> None:
        """Contact customers and offer a plan to each."""
        self._contact(ids, channel, PLAN, plans.astype(np.float32), 0.0, 0.0)

    def _contact(
        self, ids: Ids, channel: str, content: int, topics: NDArray[np.float32], depth: float, months: float
    ) -> None:
        self._ask(
            Contact, ids=ids, channel=channel, content=content, topics=topics, depth=depth, months=months
        )

    def employ(self, hours: float) -> None:
        """Have named staff for so many hours of the firm a month from now on; they are paid, idle or not."""
        self._ask(Employ, hours=hours)

    def ask(self, ids: Ids, channel: str, answer_cost: float = 0.0) -> None:
        """Ask customers how things are: the CRM gets answers and told trouble, and that must be followed up in time."""
        self._ask(Ask, ids=ids, channel=channel, answer_cost=answer_cost)

    def follow_up(self, ids: Ids, minutes: float) -> None:
        """Let staff attend to what customers told, some minutes each, as far as their hours reach."""
        self._ask(FollowUp, ids=ids, minutes=minutes)

    def check_in(self, ids: Ids, minutes: float, lesson: float = 0.0) -> None:
        """Let staff call customers, ask, attend to what is told, and teach: minutes each, as far as hours reach."""
        self._ask(CheckIn, ids=ids, minutes=minutes, lesson=lesson)

    def invite(
        self, ids: Ids, channel: str, seats: float, no_show: float, worth: float, per_head: float, ties: float
    ) -> None:
        """Invite customers to an event with so many seats of the firm, in the order of importance.

        Args:
            no_show: probability that a seat stays empty; worth: of taking part, in currency; per_head: cost of a seat.
            ties: probability that two who come to such events get to know each other; 0: nobody meets, as at a webinar.
        """
        self._ask(
            Invite,
            ids=ids,
            channel=channel,
            seats=seats,
            no_show=no_show,
            worth=worth,
            per_head=per_head,
            ties=ties,
        )

    def community(self, peers: float, ties: float) -> None:
        """Run a community: members answer a share of each other's questions, and get to know each other."""
        self._ask(Community, peers=peers, ties=ties)

    def join_community(self, ids: Ids, monthly: float, hassle_hours: float) -> None:
        """Ask customers into the community, worth so much a month at so many hours of hassle; they decide."""
        self._ask(JoinCommunity, ids=ids, monthly=monthly, hassle_hours=hassle_hours)

    def levels(
        self,
        thresholds: tuple[float, float, float],
        benefits: tuple[float, float, float],
        status: float,
        review: float,
    ) -> None:
        """Run a tiered programme until the review on a day; thresholds and benefits per year, 0 for no such level."""
        self._ask(Levels, thresholds=thresholds, benefits=benefits, status=status, review=review)

    def review_levels(self, first: bool = False) -> None:
        """Let the past year's spend decide everybody's level."""
        self._ask(ReviewLevels, first=first)

    def reward_referrals(self, reward: float, gift: float) -> None:
        """Pay customers for each friend who joins, and give the friend a present, in currency."""
        self._ask(Referral, reward=reward, gift=gift)

    def stage(self, share: float) -> None:
        """Let coming releases reach only a share of the customers, by luck; 1 lets them reach everybody."""
        self._ask(Stage, share=share)

    def assign(self, ids: Ids, arm: int) -> None:
        """Note in the CRM who is treated (1) or held out (-1) in a randomised pilot, or no longer in it (0)."""
        self._ask(Arm, ids=ids, arm=float(arm))

    def offer(self, ids: Ids, depth: float, months: float) -> None:
        """Give customers a discount for some months, without a contact."""
        self._ask(Offer, ids=ids, depth=depth, months=months)

    def serve(self, ids: Ids, kind: str, quantity: NDArray[np.float32], cost: float) -> None:
        """Deliver a paid service as an experience of a kind; `cost` in currency per customer must be above 0.

        Raises:
            ValueError: for an unknown kind, or a service that costs nothing.
        """
        if kind not in KINDS or not cost > 0.0:
            raise ValueError(
                f"serve: kind {kind!r} at cost {cost:g}; kinds are {', '.join(KINDS)}, and a service costs money"
            )
        self._ask(Serve, ids=ids, kind=kind, quantity=quantity, cost=cost)
