"""The market as a SimPy user would write it: a process per customer, waking for every incident, bill and look."""

from __future__ import annotations

import math
from collections.abc import Generator
from random import Random

import simpy

from agents.market import Market
from agents.segments import Customers
from tests.bench.customer import Customer, Place
from tests.bench.people import people
from tests.bench.setting import Observed, observed_of_peer

Waiting = Generator[simpy.Event, None, None]


class SimPyMarket:
    """A market whose customers all start with the first provider.

    Args:
        market, customers: the parameters; `market.customers` is the number of processes.
        seed: of all its dice.
    """

    def __init__(self, market: Market, customers: Customers, seed: int) -> None:
        self.environment = simpy.Environment()
        self.days = market.pulse
        self.place = Place(market, customers, people(market, customers, seed), Random(seed))
        self.customers = [Customer(self.place, self.place.firms[0]) for _ in range(market.customers)]
        self.place.start_counting()

    def run(self, weeks: int) -> None:
        """Live some weeks from day 0: the processes of everybody, and of the one who counts them."""
        for customer in self.customers:
            self.environment.process(self.life(customer, weeks))
        self.environment.process(self.census(weeks))
        self.environment.run()

    def observed(self) -> Observed:
        """Read off what happened so far."""
        return observed_of_peer(self.place, self.customers)

    def life(self, customer: Customer, weeks: int) -> Waiting:
        """A customer's weeks: at each end it looks or does not."""
        environment = self.environment
        for week in range(1, weeks + 1):
            day, end = environment.now, week * self.days
            if customer.leaves_market <= day:
                customer.be_replaced(day, end)
            customer.fade()
            yield from self.live(customer, end)
            self.close(customer, end)

    def live(self, customer: Customer, end: float) -> Waiting:
        """Incidents, a Poisson process, and bills at their moments, until the week's end."""
        environment, firm, dice = self.environment, customer.firm, self.place.dice
        rates = (0.0, 0.0, 0.0) if firm is None else customer.incident_rates(firm)
        incident = math.inf if firm is None else environment.now + dice.expovariate(rates[2])
        while (moment := min(incident, customer.next_bill)) <= end:
            yield environment.timeout(moment - environment.now)
            if moment == customer.next_bill:
                customer.bill()
            elif firm is not None:
                customer.suffer(firm, rates)
                incident = moment + dice.expovariate(rates[2])
        yield environment.timeout(end - environment.now)

    def close(self, customer: Customer, end: float) -> None:
        """The end of a customer's week."""
        looks = customer.is_looking()
        if looks:
            customer.count_look()
        if customer.tickets:
            customer.be_answered()
        if looks:
            customer.move(customer.compare(end, customer.hassle), end)

    def census(self, weeks: int) -> Waiting:
        """Count customers just after each week's end."""
        yield self.environment.timeout(self.days / 16.0)
        for _ in range(weeks):
            yield self.environment.timeout(self.days)
            self.place.count_days(self.days)


def run(market: Market, customers: Customers, seed: int, weeks: int) -> Observed:
    """Run a market for some weeks."""
    model = SimPyMarket(market, customers, seed)
    model.run(weeks)
    return model.observed()
