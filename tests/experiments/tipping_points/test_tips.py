"""Tipping points of straight leads, and of none."""

import numpy as np
import pytest

from experiments.tipping_points import tips
from experiments.tipping_points.tips import FLIPS, MAY_FLIP, STAYS, UNCLEAR, tip

SHARES = np.linspace(0.0, 1.0, 5)


def values(lead: float, slope: float, noise: float = 0.0, lucks: int = 12):  # type: ignore[no-untyped-def]
    """A winner and one other; the lead falls along a straight line; luck of its own moves the whole line."""
    luck = np.random.default_rng(4).normal(size=(1, 1, lucks))
    own = np.random.default_rng(5).normal(size=(1, 1, lucks)) * noise
    line = (lead - slope * SHARES)[:, None, None]
    return np.concatenate([line + own, np.zeros_like(line + own)], axis=1) + luck


def test_a_planted_flip_is_recovered_within_its_interval() -> None:
    told = tip(SHARES, values(0.6, 1.0, noise=0.1), 0, 0.0)
    assert told.reading == FLIPS
    assert told.overtaken_by == 1
    assert told.at == pytest.approx(0.6, abs=4 * 0.1 / np.sqrt(12))
    assert told.low <= 0.6 <= told.high
    assert told.flipped == 1.0


@pytest.mark.parametrize(
    ("lead", "noise", "reading"), [(2.0, 0.1, STAYS), (1.1, 1.0, UNCLEAR), (0.9, 1.0, MAY_FLIP)]
)
def test_what_is_not_sure_is_not_said(lead: float, noise: float, reading: str) -> None:
    told = tip(SHARES, values(lead, 1.0, noise), 0, 0.0)
    assert told.reading == reading
    assert np.isnan(told.at) == (reading != MAY_FLIP)


def test_intervals_of_tipping_points_cover(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tips, "RESAMPLES", 200)
    inside = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        own = rng.normal(size=(1, 1, 20)) * 0.4
        line = (0.5 - SHARES)[:, None, None]
        both = np.concatenate([line + own, np.zeros_like(line + own)], axis=1)
        told = tip(SHARES, both, 0, 0.0)
        low = -np.inf if np.isnan(told.low) else told.low
        high = np.inf if np.isnan(told.high) else told.high
        inside.append(low <= 0.5 <= high)
    assert 0.88 <= np.mean(inside) <= 0.99
