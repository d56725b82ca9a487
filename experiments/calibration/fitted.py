"""Fitted: what the data say about a market, whatever model said it.

A market speaks of means and coefficients of variation, a likelihood of shape parameters. With Beta(a, b) of mean
m = a / (a + b) and Gamma(r, rate alpha), the coefficients of variation are sqrt(b / (a (a + b + 1))) and 1 / sqrt(r).
"""

from dataclasses import dataclass
from typing import Literal

from agents.market import Gate, Purchases
from agents.segments import Segment
from experiments.calibration.errors import FitError
from sim.quantities import quantities

Occasion = Literal["renewal", "purchase"]
WEEK = 7.0
NEVER = 1e-6
"""Who looks more seldom does not do so in a lifetime of renewals or purchases."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How customers of a group look and buy: means and coefficients of variation.

    `attention` is the probability of looking at a renewal or purchase; `usage` the purchases per day, None where the
    data do not speak of use.
    """

    attention: float
    spread_attention: float
    usage: float | None = None
    spread_usage: float | None = None

    @classmethod
    def renewing(cls, alpha: float, beta: float) -> "Habits":
        """Those of Beta(alpha, beta) at each renewal."""
        return cls(*_beta(alpha, beta))

    @classmethod
    def buying(cls, r: float, alpha: float, a: float, b: float) -> "Habits":
        """Those of Beta(a, b) at each purchase, and purchases at a rate ~ Gamma(r, rate alpha) per week."""
        return cls(*_beta(a, b), r / alpha / WEEK, r**-0.5)

    def problem(self) -> str | None:
        """Why no market can hold them, or None where one can."""
        limits = {
            "attention": quantities(Gate)["attention"],
            "spread_attention": quantities(Segment)["spread_attention"],
            "usage": quantities(Purchases)["usage_rate"],
            "spread_usage": quantities(Segment)["spread_usage"],
        }
        for name, limit in limits.items():
            value = getattr(self, name)
            why = None if value is None else limit.problem(value)
            if why:
                return f"{name} {value:.3g} is beyond what a market can hold, {why}"
        return None


def _beta(alpha: float, beta: float) -> tuple[float, float]:
    """Mean and coefficient of variation of Beta(alpha, beta); without any leaving, the least a market can hold."""
    if alpha / (alpha + beta) < NEVER:
        return float(quantities(Gate)["attention"].low or NEVER), 0.0
    return alpha / (alpha + beta), (beta / (alpha * (alpha + beta + 1.0))) ** 0.5


@dataclass(frozen=True, slots=True)
class Group:
    """One group of customers.

    Attributes:
        name: of the segment that it becomes.
        share: of all customers.
        customers: how many stand behind the fit.
        point: the most likely habits.
        sets: plausible habits, one for each parameter set of the ensemble.
        source: the fit and the data behind it, for the evidence.
    """

    name: str
    share: float
    customers: float
    point: Habits
    sets: tuple[Habits, ...]
    source: str

    def checked(self) -> "Group":
        """The group itself, if a market can hold it.

        Raises:
            FitError: the most likely habits are none that a market can hold.
        """
        problem = self.point.problem()
        if problem:
            raise FitError(f"segment {self.name}: {problem}: give more customers or more periods")
        return self


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the data say about a market.

    Attributes:
        title: of the market.
        occasion: when customers look.
        term_months: months from one renewal to the next; 1 without a contract.
        groups: of customers; their shares sum to 1.
        choose: share of those who look who leave, at the point values.
        chooses: the same, one for each parameter set.
        basket: mean value of a purchase and where it was read; None where the data hold no money.
    """

    title: str
    occasion: Occasion
    term_months: float
    groups: tuple[Group, ...]
    choose: float
    chooses: tuple[float, ...]
    basket: tuple[float, str] | None = None

    @property
    def leaves(self) -> bool:
        """Whether all who look leave, so that nobody chooses."""
        return self.choose == 1.0
