"""Seasons: a factor on attention and on needs, exactly 1 where nothing is known."""

from dataclasses import fields, replace

import numpy as np
import pytest

from agents.columns import N, S
from agents.law import pace_of
from agents.market import FLAT, Season
from agents.miniature import QUIET, warm
from sim.marketplace import Pulse
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR

JANUARY, JULY = Pulse(1, 7.0, 7.0), Pulse(27, 189.0, 7.0)
WINTER = Season(january=2.0, july=0.5)


def test_a_flat_season_is_exactly_one_whatever_its_level() -> None:
    thirds = Season(**{field.name: 1.0 / 3.0 for field in fields(Season)})
    for day in (-1e4, -0.5, 0.0, 31.0, 364.9, 7000.0):
        assert FLAT.factor(day) == 1.0
        assert thirds.factor(day) == pytest.approx(1.0, abs=1e-15)


def test_a_year_has_mean_one_and_months_come_round() -> None:
    middles = (np.arange(12) + 0.5) * DAYS_PER_MONTH
    factors = [WINTER.factor(day) for day in middles]
    assert np.mean(factors) == pytest.approx(1.0, abs=1e-15)
    assert factors[0] / factors[6] == pytest.approx(4.0)
    for years in (-3, 1, 2):
        assert [WINTER.factor(day + years * DAYS_PER_YEAR) for day in middles] == factors
    assert WINTER.factor(-1.0) == factors[11]


def test_needs_follow_their_season_and_attention_does_not() -> None:
    """Twelve needs a month of 4,000 people: Poisson, so that the ratio of counts has a known error."""
    shop = {"contract": "none", "purchases.u0": 40.0, "purchases.usage_rate": 0.4, "gate.attention": 1e-6}
    bought = {}
    for name, pulse in (("january", JANUARY), ("july", JULY)):
        world = warm({"customers": 4000, **QUIET, **shop, "purchases.season": WINTER}).world
        before = world.counts[:-1, :, N.PURCHASES].sum()
        world.live_and_look(world.pace(pulse))
        bought[name] = int(world.counts[:-1, :, N.PURCHASES].sum() - before)
    ratio = bought["january"] / bought["july"]
    assert abs(np.log(ratio / 4.0)) < 4.0 * np.sqrt(1.0 / bought["january"] + 1.0 / bought["july"])


def test_uses_under_a_contract_follow_the_season_of_needs() -> None:
    model = warm({"customers": 50, **QUIET, "purchases.season": WINTER})
    grown = []
    for pulse in (JANUARY, JULY):
        world = model.world.twin()
        before = world.arrays.state[S.USES].astype(np.float64)
        world.live_and_look(world.pace(pulse))
        grown.append((world.arrays.state[S.USES] - before).sum())
    assert grown[0] / grown[1] == pytest.approx(4.0, rel=1e-3)


def test_seasons_stand_still_in_the_pace_where_there_are_none() -> None:
    model = warm({"customers": 50})
    pace = model.world.pace(JULY)
    assert pace.attention_season == np.float32(1.0)
    assert pace.needing_days == pace.days
    wintry = replace(model.market, gate=replace(model.market.gate, season=WINTER))
    pace = pace_of(wintry, model.world.law, JULY.day, JULY.days, JULY.number)
    assert pace.attention_season == np.float32(0.5 * 12.0 / 12.5)
