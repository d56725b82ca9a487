"""One customer as an object, in plain Python: the mechanisms of the model where nobody runs a strategy.

Both peers are made of it; they differ in who calls it and when. It covers: attention gate per day, incidents of three
kinds with novelty, voice and recovery (answered at once, acting after the look), satisfaction, grievance, commitment
and expectation, life events, monthly bills, comparing with Gumbel noise and a memory window, switching costs, joining,
leaving, and the replacement of people who leave the market. What only strategies could move (pressure, salience,
discounts, points, CRM) is left out, so the peers do a little less than the model they are compared with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from agents.market import Market, Plan
from agents.market import Provider as Terms
from agents.segments import Customers
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR
from tests.bench.people import Traits

LN2 = math.log(2.0)


class Rules:
    """A market's parameters as a customer needs them, computed once. Rates per day; `days` is the length of a week."""

    def __init__(self, market: Market) -> None:
        gate, rule, service, experience = market.gate, market.choice, market.service, market.experience
        self.days = days = market.pulse
        self.attention_none = gate.attention_none
        self.g_grievance, self.g_dissatisfaction = gate.g_grievance, gate.g_dissatisfaction
        self.g_commitment, self.s_ref = gate.g_commitment, gate.s_ref
        self.match_scale, self.misfit = rule.match_scale, rule.misfit
        self.category_exit, self.memory = rule.category_exit, rule.memory
        self.novelty, self.learn = service.novelty, service.learn
        self.drops = (service.drop_friction, service.drop_doubt, service.drop_failure)
        self.hurts = (service.grievance_friction, service.grievance_doubt, 1.0)
        self.recovery, self.heal, self.solved = service.recovery, service.heal, service.solved
        self.hours = service.minutes / 60.0
        self.worth_help = experience.worth_help
        self.satisfaction_kept = 0.5 ** (days / (service.satisfaction_half_life * DAYS_PER_MONTH))
        self.grievance_kept = 0.5 ** (days / (service.grievance_half_life * DAYS_PER_MONTH))
        slow, fast = 1.0 / (experience.tau * DAYS_PER_MONTH), LN2 / (experience.h * DAYS_PER_MONTH)
        self.commitment_kept, self.expectation_kept = math.exp(-slow * days), math.exp(-fast * days)
        self.experience_gain = (
            experience.kappa * (self.expectation_kept - self.commitment_kept) / (slow - fast)
        )
        self.life_event = 1.0 - math.exp(-market.people.need_change * days / DAYS_PER_YEAR)
        self.involuntary = market.people.involuntary / DAYS_PER_MONTH
        self.plan_error = market.people.plan_error
        self.plans = tuple(market.plans)
        self.price, self.margin = market.money.price, market.money.margin
        self.acquisition = market.money.acquisition
        self.yearly = 1.0 + market.money.discount_rate


@dataclass
class Firm:
    """A provider: its terms, and what happened to its customers."""

    name: str
    quality: float
    profile: float
    price: float
    log_availability: float
    reputation: float
    friction: float
    doubt: float
    failure: float
    prompt_rate: float
    customers: int = 0
    customer_days: float = 0.0
    looks: int = 0
    left: int = 0
    left_involuntary: int = 0
    joined: int = 0
    incidents: int = 0
    tickets: int = 0
    revenue: float = 0.0
    service_cost: float = 0.0
    acquisition: float = 0.0


def firms_of(market: Market, customers: Customers) -> list[Firm]:
    """The providers of a market; reputation is what an average newcomer would live through."""
    service = market.service
    voice = sum(segment.share * segment.voice for segment in customers.segments)
    kept = 1.0 - voice * service.solved * min(1.0, service.recovery)
    drag = sum(
        getattr(service, kind) * getattr(service, f"drop_{kind}") for kind in ("friction", "doubt", "failure")
    )
    drag *= kept * service.satisfaction_half_life / LN2
    adverts = sum(terms.adverts for terms in market.providers)

    def firm(terms: Terms) -> Firm:
        often = terms.incidents / DAYS_PER_MONTH
        return Firm(
            name=terms.name,
            quality=terms.quality,
            profile=terms.profile,
            price=terms.price,
            log_availability=math.log(terms.availability),
            reputation=max(0.0, terms.quality - drag * terms.incidents),
            friction=service.friction * often,
            doubt=service.doubt * often,
            failure=service.failure * often,
            prompt_rate=(adverts - terms.adverts) / DAYS_PER_MONTH * market.gate.p_advert,
        )

    return [firm(terms) for terms in market.providers]


class Place:
    """What the customers of one market share: its rules, its firms, the newcomers to come, and the dice.

    Args:
        market, customers: the parameters.
        newcomers: traits of everybody who will ever be born.
        dice: Python's generator.
    """

    def __init__(
        self, market: Market, customers: Customers, newcomers: Iterator[Traits], dice: Random
    ) -> None:
        self.rules = Rules(market)
        self.firms = firms_of(market, customers)
        self.newcomers = newcomers
        self.dice = dice
        self.looks_of_none = 0
        self.prompt_rate = sum(terms.adverts for terms in market.providers) / DAYS_PER_MONTH
        self.prompt_rate *= market.gate.p_advert

    def start_counting(self) -> None:
        """Those who are there on day 0 have not joined since."""
        for firm in self.firms:
            firm.joined, firm.acquisition = 0, 0.0

    def count_days(self, days: float) -> None:
        """Count the customers of some days."""
        for firm in self.firms:
            firm.customer_days += firm.customers * days


class Customer:
    """A person in a market, who joins a firm at day 0."""

    def __init__(self, place: Place, firm: Firm) -> None:
        self.place, self.rules, self.dice = place, place.rules, place.dice
        self.value = self.paid = 0.0
        self.be_born(0.0)
        self.origin: Firm | None = firm
        self.join(firm, 0.0)

    def be_born(self, day: float) -> None:
        """Become somebody else, without provider and history."""
        (
            self.attention, self.usage_rate, self.spend, self.price_weight, self.quality_weight, self.voice,
            self.taste_help, self.value_of_time, self.hassle, self.horizon, self.position, self.phase,
            bill_phase, self.need,
        ) = next(self.place.newcomers)  # fmt: skip
        rate = self.rules.involuntary
        self.leaves_market = day + self.dice.expovariate(rate) if rate > 0.0 else math.inf
        periods = math.floor((day - bill_phase) / DAYS_PER_MONTH) + 1
        self.next_bill = bill_phase + periods * DAYS_PER_MONTH
        self.firm: Firm | None = None
        self.last_firm: Firm | None = None
        self.origin = None
        self.satisfaction = self.grievance = self.last_grievance = 0.0
        self.commitment = self.expectation = self.experience = self.uses = 0.0
        self.plan: Plan = self.rules.plans[0]
        self.window = -1
        self.noise: list[float] = []
        self.misjudgement = 0.0
        self.tickets: list[int] = []

    # A week of life.

    def fade(self) -> None:
        """States that move by themselves over a week."""
        rules, firm = self.rules, self.firm
        self.last_grievance *= rules.grievance_kept
        if self.dice.random() < rules.life_event:
            self.need = self.dice.random()
        if firm is None:
            self.experience = 0.0
            return
        self.satisfaction = firm.quality + (self.satisfaction - firm.quality) * rules.satisfaction_kept
        self.grievance *= rules.grievance_kept
        lived = self.experience / rules.days
        surprise = lived - self.expectation
        self.commitment = self.commitment * rules.commitment_kept + surprise * rules.experience_gain
        self.expectation = lived - surprise * rules.expectation_kept
        self.experience = 0.0
        self.uses += rules.days * self.usage_rate

    def incident_rates(self, firm: Firm) -> tuple[float, float, float]:
        """Cumulated rates a day of friction, doubt and failure."""
        new = 1.0 + self.rules.novelty * math.exp(-self.uses / self.rules.learn)
        friction = firm.friction * new
        small = friction + firm.doubt * new
        return friction, small, small + firm.failure

    def suffer(self, firm: Firm, rates: tuple[float, float, float]) -> None:
        """An incident of a random kind; those with a voice hand in a ticket."""
        place = self.dice.random() * rates[2]
        kind = 0 if place < rates[0] else 1 if place < rates[1] else 2
        self.satisfaction = max(0.0, self.satisfaction - self.rules.drops[kind])
        self.grievance += self.rules.hurts[kind]
        firm.incidents += 1
        if self.dice.random() < self.voice:
            firm.tickets += 1
            self.tickets.append(kind)

    def bill(self) -> None:
        """The monthly bill of the person's day, where there is a firm to send one."""
        rules, firm = self.rules, self.firm
        if firm is not None:
            gross = rules.price * firm.price * self.plan.price * self.spend
            service = gross * (1.0 - rules.margin)
            firm.revenue += gross
            firm.service_cost += service
            self.paid += gross
            if self.origin is firm:
                self.value += (gross - service) / rules.yearly ** (self.next_bill / DAYS_PER_YEAR)
        self.next_bill += DAYS_PER_MONTH

    def is_looking(self) -> bool:
        """Whether the person looks around this week: attention x m, and rivals' advertisements."""
        rules, firm = self.rules, self.firm
        if firm is None:
            hazard = rules.attention_none + self.place.prompt_rate
        else:
            m = math.exp(
                rules.g_grievance * self.grievance
                + rules.g_dissatisfaction * max(0.0, rules.s_ref - self.satisfaction)
                - rules.g_commitment * self.commitment
            )
            hazard = self.attention * m + firm.prompt_rate
        return self.dice.random() >= math.exp(-hazard * rules.days)

    def be_answered(self) -> None:
        """The desk answered the week's tickets at once; solving restores and heals, and help is an experience."""
        rules, dice = self.rules, self.dice
        for kind in self.tickets:
            satisfaction = self.satisfaction
            if dice.random() < rules.solved:
                satisfaction += rules.recovery * rules.drops[kind]
                self.grievance = max(0.0, self.grievance - rules.heal * rules.hurts[kind])
            self.satisfaction = min(1.0, max(0.0, satisfaction))
            hours = dice.expovariate(1.0) * rules.hours
            self.experience += self.taste_help * self.value_of_time * hours * rules.worth_help
        self.tickets.clear()

    def count_look(self) -> None:
        """One more look, with the own firm or with none."""
        if self.firm is None:
            self.place.looks_of_none += 1
        else:
            self.firm.looks += 1

    # Comparing and moving.

    def see(self, day: float) -> None:
        """Form new views of the alternatives where a memory window is over."""
        window = math.floor((day + self.phase) / self.rules.memory)
        if window != self.window:
            dice = self.dice
            self.window = window
            self.noise = [-math.log(-math.log(1.0 - dice.random())) for _ in range(len(self.place.firms) + 1)]
            self.misjudgement = dice.gauss(0.0, self.rules.plan_error)

    def plan_elsewhere(self) -> Plan:
        """The plan that seems nearest to the person's need."""
        seen = self.need + self.misjudgement
        return min(self.rules.plans, key=lambda plan: abs(plan.level - seen))

    def utility(self, firm: Firm, plan: Plan, quality: float, once: float) -> float:
        """Utility of a firm with a plan, at a quality and with what switching there costs once."""
        rules = self.rules
        fit = 1.0 - abs(self.position - firm.profile) - rules.misfit * abs(self.need - plan.level)
        cost = rules.price * firm.price * plan.price * self.spend + once / self.horizon
        return (
            self.quality_weight * (quality - rules.s_ref)
            + rules.match_scale * min(1.0, max(-1.0, fit))
            - self.price_weight * cost
        )

    def compare(self, day: float, hassle: float) -> Firm | None:
        """Where the person wants to be after a look: the best of the own firm, the others, and none."""
        self.see(day)
        own, elsewhere = self.firm, self.plan_elsewhere()
        best, chosen = self.rules.category_exit + self.noise[-1], None
        for firm, noise in zip(self.place.firms, self.noise, strict=False):
            if firm is own:
                v = self.utility(firm, self.plan, self.satisfaction, 0.0) + self.commitment
            else:
                v = self.utility(firm, elsewhere, firm.reputation, hassle) + firm.log_availability
            if v + noise > best:
                best, chosen = v + noise, firm
        return chosen

    def move(self, firm: Firm | None, day: float) -> None:
        """Go where one wants to be."""
        if firm is self.firm:
            return
        if self.firm is not None:
            self.firm.left += 1
            self.leave(self.firm)
        if firm is not None:
            self.join(firm, day)

    def leave(self, firm: Firm) -> None:
        """The relationship ends and is remembered."""
        firm.customers -= 1
        self.last_firm, self.last_grievance = firm, self.grievance
        self.firm = None

    def join(self, firm: Firm, day: float) -> None:
        """A relationship begins: satisfaction as reputed, an old grievance restored, the rest at 0."""
        self.see(day)
        self.firm, self.plan = firm, self.plan_elsewhere()
        self.satisfaction = firm.reputation
        self.grievance = self.last_grievance if self.last_firm is firm else 0.0
        self.commitment = self.expectation = self.uses = 0.0
        firm.customers += 1
        firm.joined += 1
        firm.acquisition += self.rules.acquisition

    def be_replaced(self, day: float, end: float) -> None:
        """The person leaves the market; another comes and chooses at once, with the views of the week's end."""
        if self.firm is not None:
            self.firm.left_involuntary += 1
            self.leave(self.firm)
        self.be_born(day)
        self.move(self.compare(end, hassle=0.0), end)
