"""Targeting: whom a strategy is for. A part of its own, apart from what is offered.

`pick` returns slots in the order of importance, so that caps and budgets cut the least important.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

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
        scores = self.scores(view, ids, occasion)
        order = np.lexsort((ids, view.uniform(ids, occasion), -scores))
        return ids[order[:number]]


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
        crm = view.crm
        days = np.maximum(crm.day - crm.joined[ids], 30.0)
        return np.asarray(crm.spend[ids] / days, np.float64)


@dataclass(frozen=True, kw_only=True)
class Oracle(Targeting):
    """The highest true probability of leaving. It peeks at hidden states, and reports say so: a bound, not a policy."""

    peeks: ClassVar[bool] = True

    def scores(self, view: ProviderView, ids: Ids, occasion: int) -> NDArray[np.float64]:
        """The true probability of leaving within a month."""
        return view.true_risk(ids).astype(np.float64)
