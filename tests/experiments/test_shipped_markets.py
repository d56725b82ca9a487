"""The shipped markets: the pulse is numerical, `today` is at rest, and the size of the sample is a matter of precision.

Tolerances are standard errors. Leavers are counted, so that a rate over k of them has a relative error of 1 / sqrt(k).
"""

from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from agents.columns import N
from agents.model import MarketModel
from experiments.assembly import assemble
from experiments.attention import solve_attention
from experiments.compose import compose
from experiments.measure import runs_of
from experiments.metrics import METRICS
from experiments.worlds import World
from sim.luck import Luck

pytestmark = pytest.mark.slow
MONTHS = 24
DAYS = MONTHS * 30.4375
SURE = 3.5
PEOPLE = {
    "telecom": 250_000,
    "saas": 250_000,
    "online_retail": 250_000,
    "streaming": 20_000,
    "retail_bank": 60_000,
    "car_insurance": 50_000,
    "fitness_club": 50_000,
}
"""The shipped markets, and how many people show a trend of their churn with the precision asked for."""


@lru_cache(maxsize=len(PEOPLE))
def shipped(name: str) -> World:
    """A shipped market with the attention that its churn under `today` asks for."""
    world = compose([f"market={name}", "scenarios=[none]"]).world
    focal = world.market.providers[0].name
    return replace(world, market=solve_attention(world.market, world.customers, world.today, focal, 1))


def lived(name: str, luck: int = 0, **changes: Any) -> MarketModel:
    """Two years under `today`, after the warm-up under `today`."""
    world = shipped(name)
    place = replace(world.market, **changes)
    focal = place.providers[0].name
    model = assemble(place, world.customers, world.today, (world.today,), focal, Luck(7, luck))
    model.warm_up()
    twin = model.fork(world.today)
    twin.run(DAYS)
    return twin


def churn(model: MarketModel) -> tuple[float, int]:
    """Monthly churn of all providers together, and the number of leavers behind it."""
    total = model.world.counts[:-1].sum(axis=(0, 1))
    left = int(total[N.LEFT] + total[N.LEFT_INVOLUNTARY])
    return left / (float(total[N.CUSTOMER_DAYS]) / 1e6 / 30.4375), left


@pytest.mark.parametrize(
    ("name", "people", "share"),
    [
        ("telecom", 190_000, 0.03),
        ("saas", 54_000, 0.03),
        ("online_retail", 58_000, 0.03),
        ("streaming", 21_000, 0.04),
        ("retail_bank", 65_000, 0.04),
        ("car_insurance", 52_000, 0.04),
        ("fitness_club", 44_000, 0.04),
    ],
)
def test_halving_the_pulse_hardly_moves_churn(name: str, people: int, share: float) -> None:
    """By less than a share, with a 95 % interval below half of it on either side."""
    size: dict[str, Any] = {"customers": people, "firm_customers": float(people)}
    (whole, many), (half, other) = (churn(lived(name, pulse=days, **size)) for days in (7.0, 3.5))
    interval = 1.96 * np.sqrt(1.0 / many + 1.0 / other)
    assert interval < share / 2.0
    assert abs(half / whole - 1.0) < share, (half / whole, interval)


@pytest.mark.parametrize("name", PEOPLE)
def test_churn_under_today_has_no_trend(name: str) -> None:
    """Each month against the same month a year later, because some programmes of `today` come once a year."""
    model = lived(name, customers=PEOPLE[name], firm_customers=1e6)
    counts = np.array([reading.counts[:-1].sum(axis=(0, 1)) for reading in model.history.readings])
    monthly = np.diff(counts, axis=0, prepend=0)
    left = (monthly[:, N.LEFT] + monthly[:, N.LEFT_INVOLUNTARY]).astype(np.float64)
    rate = left / monthly[:, N.CUSTOMER_DAYS]
    # The eleventh pair holds the last reading, which ends within a pulse.
    trend = np.log(rate[12:23] / rate[:11]).mean()
    error = np.sqrt((1.0 / left[12:23] + 1.0 / left[:11]).sum()) / 11
    assert SURE * error < 0.06
    assert abs(trend) < SURE * error, (trend, error)


SIZES = {10_000: 20, 50_000: 3, 250_000: 1}
"""People simulated, and lucks for each: enough of the small to know how they scatter."""
SMALL = min(SIZES)
AGREE = ("churn_rate", "satisfaction", "lifetime_value", "looks", "retention", "profit")


@pytest.mark.parametrize("name", ["telecom", "saas"])
def test_samples_of_every_size_stand_for_the_same_firm(name: str) -> None:
    """Scatter is measured between the small samples and shrinks with the root of size; all means agree within it.

    That scatter comes from 20 samples, so that a difference over it has Student's distribution; of all metrics, pairs
    and markets together one in a hundred such tests would fail by chance.
    """
    likely = stats.t.ppf(1.0 - 0.01 / 2.0 / (len(AGREE) * 3 * 2), SIZES[SMALL] - 1)
    columns = [list(METRICS).index(metric) for metric in AGREE]
    found = {
        people: np.array(
            [
                runs_of(lived(name, luck, customers=people, firm_customers=250_000.0))[0, -1, columns]
                for luck in range(lucks)
            ]
        )
        for people, lucks in SIZES.items()
    }
    scatter = found[SMALL].std(axis=0, ddof=1)
    assert (scatter / np.abs(found[SMALL].mean(axis=0)) < 0.1).all()
    for one, other in combinations(SIZES, 2):
        error = scatter * np.sqrt(sum(SMALL / people / SIZES[people] for people in (one, other)))
        apart = (found[one].mean(axis=0) - found[other].mean(axis=0)) / error
        assert (np.abs(apart) < likely).all(), dict(zip(AGREE, apart))
