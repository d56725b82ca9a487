"""The law of one customer under the BG/NBD, stated and drawn: what a simulated market must agree with."""

from dataclasses import dataclass

import numpy as np

from experiments.calibration.durations import IntArray
from experiments.calibration.estimate import FloatArray


@dataclass(frozen=True, slots=True)
class PurchaseLaw:
    """How one customer buys and stops; `alpha` in weeks, other parameters without unit.

    1. On joining the customer draws a rate L ~ Gamma(shape r, rate alpha) per week, of mean r / alpha, and apart from
       it an attention P ~ Beta(a, b). Both are kept for life.
    2. Joining is a purchase, not a repeat, and no occasion to leave.
    3. While active, repeat purchases are a Poisson process of rate L.
    4. At each repeat purchase, after it is made, the customer leaves for good with probability `choose` x P.

    In the market: `per: purchase`, attention ~ Beta(a, b), `choose: leave` (`choose` = 1), `return: never`, no look at
    joining, usage rate L / 7 per day, and every effect on look and purchase off.
    """

    r: float
    alpha: float
    a: float
    b: float
    choose: float = 1.0

    def customers(self, count: int, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Rates per week and attentions of `count` new customers."""
        rates = generator.gamma(self.r, 1.0 / self.alpha, count)
        return rates, generator.beta(self.a, self.b, count)

    def repeat_purchases(
        self, weeks: FloatArray, generator: np.random.Generator
    ) -> tuple[IntArray, FloatArray, IntArray]:
        """Repeat purchases of new customers, each watched for an own number of weeks.

        Gives customer (index into `weeks`) and time since joining in weeks of every repeat purchase, sorted by both,
        and for each customer the occasion on which it leaves: 1 for the first repeat purchase, and so on.
        """
        rates, attentions = self.customers(len(weeks), generator)
        wanted = generator.poisson(rates * weeks)
        leaving = np.maximum(attentions * self.choose, 1e-15)
        occasion = generator.geometric(leaving)
        customer = np.repeat(np.arange(len(weeks)), wanted)
        time = generator.uniform(0.0, 1.0, len(customer)) * weeks[customer]
        order = np.lexsort((time, customer))
        customer, time = customer[order], time[order]
        number = np.arange(len(customer)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
        made = number < occasion[customer]
        return customer[made], time[made], occasion
