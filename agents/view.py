"""What a strategy is given: its provider's CRM, public facts, and the levers. Never the world.

Reading gives what the firm sees; pulling a lever puts a request into the provider's outbox. Trying to set anything says
which lever to use. An oracle declares that it peeks, and only then `true_risk` answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
import simpy
from numpy.typing import NDArray

from agents.crm import Crm
from agents.market import KINDS
from agents.outbox import (
    Advertise,
    Contact,
    Enrol,
    Hire,
    Ids,
    Invest,
    Offer,
    Programme,
    Reprice,
    Request,
    Serve,
    Spend,
    Standing,
    Train,
    Welcome,
)
from agents.touch import CONTENT, NOTICE, PLAN
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
    "staff": "hire(...)",
    "friction": "invest('friction', ...)",
}


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

    @property
    def crm(self) -> Crm:
        """The CRM, read-only."""
        return self._provider.crm(self.day)

    @property
    def members(self) -> Ids:
        """Slots of whom the firm takes for customers, ascending."""
        return self.crm.members()

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
        generations = world.arrays.codes[1, ids]
        return uniforms(world.key, int(Decision.TARGET), ids, generations, occasion, self._running.identity)

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

    def next_date(self, months: float) -> simpy.events.Timeout:
        """Wait for the strategy's next date: every `months` since it was launched, also over a restart."""
        launched, step = self.state["launched"], months * DAYS_PER_MONTH
        number = int(np.floor((self.day - launched) / step + 1e-9)) + 1
        return self.wait(max(launched + number * step - self.day, 0.0))

    # The levers.

    def _ask(self, request: type[Request], **fields: object) -> None:
        running = self._running
        self._provider.outbox.put(request(slot=running.slot, tag=running.tag, **fields))  # type: ignore[arg-type]

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
