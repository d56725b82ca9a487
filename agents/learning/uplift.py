"""What a firm can learn about whom a campaign saves: a linear model of lift, fitted on its own randomised pilots.

Lift is the rise of the probability of staying through treatment. Ranking by lift is not ranking by risk: those most
likely to leave may be beyond saving, or leave because they are approached (Ascarza 2018).

Effects of a point or so among a few leavers per hundred are hard to see. What the fit does about it:

- like the transformed outcome (Athey and Imbens 2016) it needs the known propensity only, but it works net of what the
  features predict for everybody (Robinson 1988; Nie and Wager 2021): with treatment w of known propensity p and stay y,
  minimise the sum of (y - m(x) - (w - p) lift(x))^2. Without m(x), the noise of nearly everyone staying anyway buries
  the ranking, and so it does in the class transformation (Jaskowski and Jaroszewicz 2012);
- lift(x) is the mean lift plus a linear part with a strong normal prior about 0: one standard deviation of a feature
  moves the lift by 7 % of the rate of leaving, give or take. With few leavers hardly anything but the mean is left;
- the estimated risk is a direction of its own with twice that prior, for a campaign that saves a part of those who
  would leave has its lift there, and one that wakes sleeping dogs has it there with the sign turned.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.crm import Crm
from agents.learning.bandit import Estimate, lift_estimate
from agents.learning.churn import SAMPLE, standardisation, stayed
from agents.learning.regression import fit_logistic, ridge_slope

FEWEST_LEAVERS = 30
"""Leavers (and stayers) below which the same lift is expected of everybody."""
_PRIOR = 0.07
"""Prior standard deviation of the lift per standard deviation of a feature, in rates of leaving."""
_RISK = 2.0
"""Prior standard deviation along the estimated risk, relative to that of a feature."""


@dataclass(frozen=True)
class Pilot:
    """Customers drawn for a randomised pilot that waits for its outcome.

    Attributes:
        ids: slots, int32 [n].
        rows: features, float64 [n, k].
        treated: whether treated, bool [n].
        propensity: known probability of treatment, float64 [n].
        joined: the day on which each had joined, float32 [n].
    """

    ids: NDArray[np.int32]
    rows: NDArray[np.float64]
    treated: NDArray[np.bool_]
    propensity: NDArray[np.float64]
    joined: NDArray[np.float32]


@dataclass
class UpliftModel:
    """A firm's model of the lift of one tactic: plain state, copied at a fork.

    Attributes:
        weights: coefficients on raw features, the last one the intercept; None until a pilot has told something.
        waiting: pilots that wait for their outcome.
        rows, treated, propensity, stayed: resolved customers, the last 2,500 at most.
    """

    weights: NDArray[np.float64] | None = None
    waiting: tuple[Pilot, ...] = ()
    rows: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    treated: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    propensity: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    stayed: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    def copy(self) -> UpliftModel:
        """The same knowledge in another world: arrays are replaced, never changed."""
        return replace(self)

    def note(
        self,
        ids: NDArray[np.int32],
        rows: NDArray[np.float64],
        treated: NDArray[np.bool_],
        joined: NDArray[np.float32],
        propensity: ArrayLike,
        luck: NDArray[np.float32] | None = None,
    ) -> None:
        """Remember a pilot that was drawn now; its outcome is seen at the next review, a quarter later.

        Args:
            ids: slots of all who were randomised, held out ones included.
            rows: what the CRM said of them when they were drawn, float64 [ids, k].
            treated: who was treated.
            joined: the day on which each had joined, `crm.joined[ids]`.
            propensity: probability of treatment, above 0 and below 1, one number or [ids].
            luck: keyed uniform luck of each; those with the smallest stay, where more than 2,500 took part.

        Raises:
            ValueError: when more than 2,500 come without luck, lengths differ, or a propensity is not inside 0 to 1.
        """
        p = np.broadcast_to(np.asarray(propensity, np.float64), ids.shape)
        if {len(rows), len(treated), len(joined)} != {ids.size}:
            raise ValueError(
                f"{ids.size} slots, but {len(rows)} rows, {len(treated)} arms, {len(joined)} days"
            )
        if ((p <= 0.0) | (p >= 1.0)).any():
            raise ValueError("a pilot is randomised: its propensity lies above 0 and below 1")
        kept = np.arange(ids.size)
        if ids.size > SAMPLE:
            if luck is None:
                raise ValueError(f"a pilot of {ids.size} needs luck that picks {SAMPLE} of them")
            kept = np.sort(np.argsort(luck, kind="stable")[:SAMPLE])
        arms = treated[kept].astype(np.bool_)
        pilot = Pilot(ids[kept], rows[kept].astype(np.float64), arms, p[kept], joined[kept])
        self.waiting = (*self.waiting, pilot)

    def review(self, crm: Crm) -> None:
        """A quarter's end: see who of the waiting pilots stayed in the same relationship, and fit all that is known."""
        if not self.waiting:
            return
        for pilot in self.waiting:
            before = self.rows if self.stayed.size else np.empty((0, pilot.rows.shape[1]))
            self.rows = np.concatenate([before, pilot.rows])[-SAMPLE:]
            self.treated = np.concatenate([self.treated, pilot.treated])[-SAMPLE:]
            self.propensity = np.concatenate([self.propensity, pilot.propensity])[-SAMPLE:]
            self.stayed = np.concatenate([self.stayed, stayed(crm, pilot.ids, pilot.joined)])[-SAMPLE:]
        self.waiting = ()
        self._fit()

    def mean_lift(self) -> Estimate | None:
        """Mean lift among the resolved, with its standard error; None while it cannot be told."""
        return lift_estimate(self.stayed, self.treated, self.propensity)

    def lift(self, rows: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Estimated rise of the probability of staying through treatment, float64 [n]; None while nothing is known."""
        if self.weights is None:
            return None
        lift: NDArray[np.float64] = rows @ self.weights[:-1] + self.weights[-1]
        return lift

    def _fit(self) -> None:
        mean = self.mean_lift()
        if mean is None:
            return
        centre, spread = standardisation(self.rows)
        slope = np.zeros(self.rows.shape[1])
        if min(self.stayed.sum(), (~self.stayed).sum()) >= FEWEST_LEAVERS:
            slope = self._slope((self.rows - centre) / spread) / spread
        self.weights = np.append(slope, mean.value - slope @ centre)

    def _slope(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lift per standard deviation of each feature: a ridge on residuals whose penalty is the prior's."""
        risk = fit_logistic(rows, ~self.stayed, penalty=10.0)
        expected = 1.0 - risk.probability(rows)
        spread = (rows @ risk.slope).std()
        direction = _RISK * risk.slope / spread if spread > 1e-9 else np.zeros(rows.shape[1])
        surplus = self.treated - self.propensity
        rate = 1.0 - self.stayed.mean()
        penalty = (1.0 - rate) / (rate * _PRIOR**2)  # variance of a residual by that of the prior
        fit = ridge_slope(
            np.column_stack([rows, rows @ direction]), (self.stayed - expected) / surplus, surplus**2, penalty
        )
        slope: NDArray[np.float64] = fit[:-1] + fit[-1] * direction
        return slope
