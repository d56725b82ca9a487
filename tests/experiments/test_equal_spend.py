"""The search for the factor that meets a cost: on functions whose answer is known."""

import math
from collections.abc import Callable

import pytest

from experiments.equal_spend import SEARCHES, Search

COSTS: dict[str, tuple[Callable[[float], float], int]] = {
    "proportional": (lambda f: 80.0 * f, 1),
    "rising faster": (lambda f: 80.0 * f**1.7, 5),
    "rising slower": (lambda f: 80.0 * math.sqrt(f), 2),
    "nothing below a threshold": (lambda f: max(0.0, 100.0 * (f - 0.2)), 8),
    "fixed and running": (lambda f: 80.0 * (0.9 * f + 0.1 * f * f), 3),
}


@pytest.mark.parametrize("name", COSTS)
def test_the_target_is_met_to_one_per_cent_in_few_steps(name: str) -> None:
    cost, steps = COSTS[name]
    search = Search(20.0, (1.0, cost(1.0)))
    for _ in range(steps):
        found = cost(search.factor)
        if search.error(found) <= 0.01:
            assert 0.0 < search.factor < 1.0
            return
        search.tell(found)
    pytest.fail(f"{name}: not met in {steps} steps")


@pytest.mark.parametrize("missed_by", [0.97, 1.01, 1.04])
def test_with_a_known_power_one_miss_near_the_target_is_put_right(missed_by: float) -> None:
    """Cost rises by another power near the target than on the way there from the intensities as configured."""

    def cost(factor: float) -> float:
        return 80.0 * (0.2 * factor + 0.8 * factor**3)

    def factor_of(target: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if cost(middle) < target else (low, middle)
        return low

    f = factor_of(4.0)
    power = f * (0.2 + 2.4 * f * f) / (0.2 * f + 0.8 * f**3)
    errors = []
    for known in (power, None):
        search = Search(4.0, (1.0, 80.0), power=known)
        search.factor = factor_of(4.0 * missed_by)
        search.tell(cost(search.factor))
        errors.append(search.error(cost(search.factor)))
    assert errors[0] < 1e-3 < errors[1]


def test_a_cost_in_steps_ends_beside_the_step_and_the_search_with_it() -> None:
    search = Search(25.0, (1.0, 80.0))
    for _ in range(SEARCHES):
        search.tell(20.0 * math.floor(4.0 * search.factor))
    assert search.low[0] < 0.5 <= search.high[0]
    assert search.high[0] - search.low[0] < 0.05


def test_a_scenario_at_the_target_keeps_its_intensities() -> None:
    assert Search(80.0, (1.0, 80.0)).factor == 1.0
