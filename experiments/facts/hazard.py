"""Hazard: discrete-time regression of leaving on a log of person-weeks, by a library's generalised linear model.

With the complementary log-log link, the coefficients of a discrete-time regression are those of Cox's proportional
hazards in continuous time (Prentice & Gloeckler, Biometrics 34, 1978):

    P(leave in the week | still there) = 1 - exp(-exp(week + beta' x))

Nearly all person-weeks end in staying. All that end in leaving are kept, of the others a random share, which are
weighted by its inverse; errors are then those of a weighted likelihood (Barlow, Biometrics 50, 1994).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hazard:
    """A fitted regression.

    Attributes:
        coefficients, errors: log hazard ratio per unit of each covariate, and its robust standard error.
        events, rows: weeks that ended in leaving, and all that were used.
    """

    coefficients: Floats
    errors: Floats
    events: int
    rows: int


@dataclass
class PersonWeeks:
    """A log of person-weeks that keeps every week that ended in leaving and a random share of the others.

    Attributes:
        kept: share of the others that are kept.
        chance: decides which.
    """

    kept: float
    chance: np.random.Generator
    _rows: list[Floats] = field(default_factory=list)
    _events: list[NDArray[np.bool_]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not 0.0 < self.kept <= 1.0:
            raise ValueError(f"kept={self.kept}; allowed is more than 0 to 1")

    def choose(self, events: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Positions of the weeks to keep: all events, and the share of the others."""
        return np.flatnonzero(events | (self.chance.random(events.size) < self.kept))

    def add(self, covariates: Floats, events: NDArray[np.bool_]) -> None:
        """Keep some weeks, chosen by `choose`; covariates float64 [weeks, k]."""
        self._rows.append(covariates)
        self._events.append(events)

    def table(self) -> tuple[Floats, NDArray[np.bool_], Floats]:
        """Covariates, events and weights of all that was kept."""
        events = np.concatenate(self._events)
        return np.concatenate(self._rows), events, np.where(events, 1.0, 1.0 / self.kept)


def hazard_regression(covariates: Floats, events: NDArray[np.bool_], weights: Floats) -> Hazard:
    """Fit the regression of the module's docstring; an intercept is added, covariates that do not vary are refused.

    Args:
        covariates: float64 [weeks, k]; events: bool [weeks]; weights: float64 [weeks].

    Raises:
        ValueError: nobody left, or a covariate does not vary.
    """
    import statsmodels.api as sm

    if not events.any():
        raise ValueError("nobody left: there is no hazard to regress")
    spread = covariates.std(axis=0)
    if (spread == 0.0).any():
        raise ValueError(f"covariate {int(np.argmin(spread))} does not vary")
    # Standardised while fitting: columns of like size keep the iteration well conditioned.
    scaled = (covariates - covariates.mean(axis=0)) / spread
    model = sm.GLM(
        events.astype(np.float64),
        sm.add_constant(scaled, has_constant="add"),
        family=sm.families.Binomial(link=sm.families.links.CLogLog()),
        freq_weights=weights,
    )
    start = np.zeros(covariates.shape[1] + 1)
    start[0] = np.log(events.sum() / weights.sum())
    fit = model.fit(start_params=start, cov_type="HC0")
    return Hazard(
        np.asarray(fit.params[1:]) / spread,
        np.asarray(fit.bse[1:]) / spread,
        int(events.sum()),
        int(events.size),
    )
