"""Work that can be counted, and ratios of times taken in one run: they hold on any machine, seconds do not."""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from agents.model import MarketModel
from tests.bench.bench_market import fork, warm
from tests.bench.mesa_peer import MesaMarket
from tests.bench.setting import SAME, parameters, real
from tests.bench.timing import timed

WEEKS = 26
FEW, MANY = 1_000, 8_000

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def few() -> MarketModel:
    return warm(FEW)


@pytest.fixture(scope="module")
def many() -> MarketModel:
    return warm(MANY)


def calls(model: MarketModel, scenario: str) -> float:
    """Calls of Python and C functions in a pulse."""
    twin = fork(model, scenario)
    twin.run(WEEKS * 7.0)  # Whatever is imported late is imported now.
    twin = fork(model, scenario)
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        counted[event] += 1

    sys.setprofile(count)
    try:
        twin.run(WEEKS * 7.0)
    finally:
        sys.setprofile(None)
    return (counted["call"] + counted["c_call"]) / WEEKS


@pytest.mark.parametrize(("scenario", "most"), [("none", 180), ("blend", 800)])
def test_a_pulse_calls_so_many_functions_however_many_customers(
    few: MarketModel, many: MarketModel, scenario: str, most: int
) -> None:
    """Strategies find somebody to address more often where there are more people: a little more, not eight times."""
    small, large = calls(few, scenario), calls(many, scenario)
    assert small < most
    assert large < 1.4 * small


def memory(model: MarketModel) -> tuple[int, int]:
    """Bytes that a run takes at most beside its world, and that it leaves behind."""
    twin = fork(model, "none")
    twin.run(28.0)
    tracemalloc.start()
    try:
        twin.run(WEEKS * 7.0)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak, after


def test_memory_beside_the_columns_is_bounded(few: MarketModel, many: MarketModel) -> None:
    """Tickets are the firm's and lookers a few; what a run remembers of itself does not grow with its customers."""
    (small, small_left), (large, large_left) = memory(few), memory(many)
    assert large < small + 16 * (MANY - FEW)
    assert large_left < 1.1 * small_left


def test_customers_cost_less_each_the_more_there_are(few: MarketModel, many: MarketModel) -> None:
    def cost(model: MarketModel, size: int) -> float:
        return timed(lambda _: fork(model, "none"), lambda twin: twin.run(WEEKS * 7.0), WEEKS * size, 3).best

    assert cost(many, MANY) < cost(few, FEW)


def test_columns_are_much_faster_than_agents() -> None:
    """A tenth of what `make bench` measures at a size where it tells something."""
    market, customers = parameters(SAME, 2_000)
    ours = timed(lambda n: real(market, customers, 1, n), lambda m: m.run(WEEKS * 7.0), 2_000 * WEEKS, 3)
    theirs = timed(lambda n: MesaMarket(market, customers, n), lambda m: m.run(WEEKS), 2_000 * WEEKS, 1)
    assert theirs.best > 5.0 * ours.best
