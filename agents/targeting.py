"""Targeting: whom a strategy is for. A part of its own, apart from what is offered.

`pick` returns slots in the order of importance, so that caps and budgets cut the least important.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.learning.churn import QUARTER, features
from agents.learning.segments import payments_per_day
from agents.learning.uplift import UpliftModel
from agents.ranking import foremost
from sim.quantities import quantity

if TYPE_CHECKING:
    from agents.view import ProviderView

Ids = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Targeting:
    """Whom a strategy is for.

    Attributes:
        peeks: whether it reads hidden states; such a strategy is labelled an oracle.
        learns: whether it needs the provider's churn model.
    """

    peeks: ClassVar[bool] = False
    learns: ClassVar[bool] = False

    share: float = quantity(
        "share of candidates", 0.0, 1.0, "How many of the candidates are picked.", default=1.0
    )

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """Importance of each candidate; higher is picked first."""
        raise NotImplementedError

    def pick(self, view: ProviderView, ids: Ids, intensity: float, occasion: int) -> Ids:
        """The `share * intensity` most important candidates, most important first; ties by the strategy's luck."""
        number = round(ids.size * self.share * intensity)
        return foremost(ids, self.scores(view, ids, occasion), view.uniform(ids, occasion), number)


@dataclass(frozen=True, kw_only=True)
class Everyone(Targeting):
    """All candidates; at an intensity below 1, a random part of them."""

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """All alike: ties are broken by the strategy's luck."""
        return np.zeros(ids.size)


@dataclass(frozen=True, kw_only=True)
class Random(Targeting):
    """A random share: what any other targeting has to beat."""

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """All alike: the strategy's luck picks."""
        return np.zeros(ids.size)


@dataclass(frozen=True, kw_only=True)
class Randomised(Targeting):
    """The treated of a randomised trial: a coin of each customer's own, tossed once; the same people at every date.

    Each customer is treated with probability `share * intensity`, whoever else is there, so that treating one takes
    nobody else's place; who is not treated is the control group. At a lower intensity a part of the same people is.
    The coin is keyed by strategy slot, customer and generation: newcomers get theirs when they come.
    """

    ASSIGNMENT: ClassVar[int] = 2**31 - 1
    """The coin's occasion: beyond every day of the clock, so that no other luck of the strategy is the same."""

    def drawn(self, view: ProviderView, ids: Ids, intensity: float) -> NDArray[np.bool_]:
        """Who of some customers is treated."""
        return np.asarray(view.uniform(ids, self.ASSIGNMENT) < np.float32(self.share * intensity))

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """The lower the coin fell, the longer a budget keeps the customer."""
        return -view.uniform(ids, self.ASSIGNMENT).astype(np.float64)

    def pick(self, view: ProviderView, ids: Ids, intensity: float, occasion: int) -> Ids:
        """The treated among the candidates."""
        treated = ids[self.drawn(view, ids, intensity)]
        return treated[np.argsort(-self.scores(view, treated, occasion), kind="stable")]


@dataclass(frozen=True, kw_only=True)
class Risk(Targeting):
    """The highest estimated risk of leaving within a quarter; random until something has been learned."""

    learns: ClassVar[bool] = True

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """The churn model's score, on the logit scale."""
        risk = view.churn_risk(ids)
        return np.zeros(ids.size) if risk is None else risk


@dataclass(frozen=True, kw_only=True)
class Value(Targeting):
    """The highest payments per day of the relationship, as the CRM has seen them."""

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """Payments per day since joining, over 30 days at least."""
        return payments_per_day(view.crm, ids)


@dataclass(frozen=True, kw_only=True)
class Uplift(Targeting):
    """The highest estimated rise of staying through being treated, learned from a randomised pilot inside the market.

    At each date a random part of the candidates is the pilot: half of it is treated, half held out. A quarter later the
    firm sees who stayed, and fits (`agents.learning.uplift`). Of the others those with the highest estimated lift are
    picked, as long as it is above 0; at random until something has been learned.
    """

    learns: ClassVar[bool] = True

    explore: float = quantity("share of candidates", 0.0, 1.0, "The pilot.", default=0.2)

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """The estimated lift; zeros while nothing is known."""
        lift = view.memory(UpliftModel).lift(features(view.crm, ids, view.plan_levels))
        return np.zeros(ids.size) if lift is None else lift

    def pick(self, view: ProviderView, ids: Ids, intensity: float, occasion: int) -> Ids:
        """The pilot's treated half, then whoever is worth treating, highest lift first."""
        if not view.may_learn:
            return super().pick(view, ids, intensity, occasion)
        model = view.memory(UpliftModel)
        if model.waiting and view.day - view.state["piloted"] >= QUARTER - 7.0:
            model.review(view.crm)
        luck = view.uniform(ids, occasion)
        pilot = luck < self.explore * intensity
        treated = luck < self.explore * intensity / 2.0
        if pilot.any() and not model.waiting:
            view.state["piloted"] = view.day
            rows = features(view.crm, ids[pilot], view.plan_levels)
            joined = view.crm.joined[ids[pilot]].copy()
            model.note(ids[pilot], rows, treated[pilot], joined, 0.5, luck[pilot])
        view.assign(ids[~pilot], 0)
        view.assign(ids[pilot & ~treated], -1)
        view.assign(ids[treated], 1)
        number = max(0, round(ids.size * self.share * intensity) - int(treated.sum()))
        rest, others_luck = ids[~pilot], luck[~pilot]
        scores = self.scores(view, rest, occasion)
        if model.weights is not None:
            worth = scores > 0.0
            rest, others_luck, scores = rest[worth], others_luck[worth], scores[worth]
        return np.concatenate([ids[treated], foremost(rest, scores, others_luck, number)])


@dataclass(frozen=True, kw_only=True)
class Oracle(Targeting):
    """The highest true probability of leaving. It peeks at hidden states, and reports say so: a bound, not a policy."""

    peeks: ClassVar[bool] = True

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """The true probability of leaving within a month."""
        return view.true_risk(ids).astype(np.float64)
