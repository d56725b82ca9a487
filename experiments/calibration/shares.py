"""Shares: how many of those who look leave - one point of the ridge, or all that fit the data as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np
import pandas as pd

from experiments.calibration.bgnbd import BgNbdFit
from experiments.calibration.errors import FitError
from experiments.calibration.estimate import FloatArray
from experiments.calibration.ridge import CHOOSE_SHARES, TELL_APART, ridge
from experiments.calibration.sbg import SbgFit

Fit = SbgFit | BgNbdFit
FitAt = Callable[[float], Fit]


@dataclass(frozen=True)
class Shares:
    """The ridges of some groups of customers who share one choose share.

    Attributes:
        fit_at: by group, the fit of its data at a choose share.
    """

    fit_at: Mapping[str, FitAt]
    _known: dict[tuple[str, float], Fit | None] = field(default_factory=dict)

    def fit(self, group: str, share: float) -> Fit:
        """The fit of a group at a choose share.

        Raises:
            FitError: its data hold too little.
        """
        found = self._try(group, share)
        return found if found is not None else self.fit_at[group](share)

    def _try(self, group: str, share: float) -> Fit | None:
        """The fit, computed once; None where there is none."""
        if (group, share) not in self._known:
            try:
                self._known[group, share] = self.fit_at[group](share)
            except FitError:
                self._known[group, share] = None
        return self._known[group, share]

    @cached_property
    def tried(self) -> tuple[float, ...]:
        """The shares at which every group can be fitted."""
        return tuple(
            share
            for share in CHOOSE_SHARES
            if all(self._try(group, share) is not None for group in self.fit_at)
        )

    @cached_property
    def ridges(self) -> dict[str, pd.DataFrame]:
        """The ridge of each group."""
        return {
            group: ridge(lambda share, group=group: self.fit(group, share), self.tried)  # type: ignore[misc]
            for group in self.fit_at
        }

    @property
    def fitting(self) -> tuple[float, ...]:
        """The shares that fit all groups together as well as the best does."""
        total = np.sum([table["log_likelihood"].to_numpy() for table in self.ridges.values()], axis=0)
        return tuple(
            share for share, value in zip(self.tried, total, strict=True) if total.max() - value <= TELL_APART
        )

    def behind(self, share: float) -> float:
        """By how much a share's log-likelihood is below the best one's, all groups together."""
        best = max(
            sum(self.fit(g, tried).estimate.log_likelihood for g in self.fit_at) for tried in self.tried
        )
        return max(0.0, best - sum(self.fit(g, share).estimate.log_likelihood for g in self.fit_at))

    def chooses(self, share: float, span: bool, sets: int) -> tuple[float, ...]:
        """The choose share of each parameter set: all that fit, in turn, or the given one alone.

        Where all who look leave there is no choice to vary, and where some choose, all leaving is no choice.
        """
        varied = [value for value in self.fitting if value < 1.0] if span and share < 1.0 else []
        listed = varied or [share]
        return tuple(listed[number % len(listed)] for number in range(sets))

    def draws(self, group: str, chooses: tuple[float, ...], seed: int) -> list[FloatArray]:
        """One plausible parameter vector of a group for each of some choose shares."""
        drawn = {
            share: self.fit(group, share).draws(len(chooses), _seed(seed, group, share))
            for share in sorted(set(chooses))
        }
        return [drawn[share][number] for number, share in enumerate(chooses)]


def _seed(seed: int, group: str, share: float) -> int:
    """A seed of its own for each group and share, so that adding one moves no other."""
    return int.from_bytes(
        sha256(f"tenure-calibrate/{seed}/{group}/{share!r}".encode()).digest()[:8], "little"
    )
