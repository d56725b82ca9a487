"""The market as a Mesa user would write it: an agent per customer, activated in random order once a week."""

from __future__ import annotations

from random import Random

import mesa

from agents.market import Market
from agents.segments import Customers
from tests.bench.customer import Customer, Firm, Place
from tests.bench.people import people
from tests.bench.setting import Observed, observed_of_peer


class Shopper(Customer, mesa.Agent):  # type: ignore[misc]
    """A customer as an agent; a step is a week."""

    def __init__(self, model: MesaMarket) -> None:
        mesa.Agent.__init__(self, model)
        Customer.__init__(self, model.place, model.place.firms[0])

    def step(self) -> None:
        """Live, perhaps look, perhaps move."""
        day, end = self.model.day, self.model.end
        if self.leaves_market <= day:
            self.be_replaced(day, end)
        self.fade()
        firm = self.firm
        if firm is not None:
            self.live(firm, end - day)
        if self.next_bill <= end:
            self.bill()
        looks = self.is_looking()
        if looks:
            self.count_look()
        if self.tickets:
            self.be_answered()
        if looks:
            self.move(self.compare(end, self.hassle), end)

    def live(self, firm: Firm, days: float) -> None:
        """The incidents of a week, a Poisson process."""
        rates = self.incident_rates(firm)
        gap = self.dice.expovariate(rates[2])
        while gap < days:
            self.suffer(firm, rates)
            gap += self.dice.expovariate(rates[2])


class MesaMarket(mesa.Model):  # type: ignore[misc]
    """A market whose customers all start with the first provider.

    Args:
        market, customers: the parameters; `market.customers` is the number of agents.
        seed: of all its dice.
    """

    def __init__(self, market: Market, customers: Customers, seed: int) -> None:
        super().__init__(rng=seed)
        self.random = Random(seed)
        self.place = Place(market, customers, people(market, customers, seed), self.random)
        self.day, self.end = 0.0, market.pulse
        for _ in range(market.customers):
            Shopper(self)
        self.place.start_counting()

    def step(self) -> None:
        """One week of everybody."""
        self.agents.shuffle_do("step")
        days = self.end - self.day
        self.place.count_days(days)
        self.day, self.end = self.end, self.end + days

    def run(self, weeks: int) -> None:
        """Live some weeks."""
        for _ in range(weeks):
            self.step()

    def observed(self) -> Observed:
        """Read off what happened so far."""
        return observed_of_peer(self.place, self.agents)


def run(market: Market, customers: Customers, seed: int, weeks: int) -> Observed:
    """Run a market for some weeks."""
    model = MesaMarket(market, customers, seed)
    model.run(weeks)
    return model.observed()
