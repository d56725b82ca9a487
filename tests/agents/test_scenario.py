"""Scaling a scenario: intensities of the focal provider, and with them everything that it costs."""

import pytest

from agents.columns import A
from agents.miniature import warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.placebo import Placebo

PLACEBO = Placebo(upfront=2.0, per_month=0.5, intensity=0.8)
SCENARIO = Scenario(name="placebo", focal={"a": PLACEBO, "b": PLACEBO}, rivals={"rival": {"a": PLACEBO}})


def test_scaling_reaches_every_strategy_of_the_focal_provider_and_no_rival() -> None:
    scaled = SCENARIO.scaled(0.25)
    assert [strategy.intensity for strategy in scaled.focal.values()] == [0.2, 0.2]
    assert scaled.rivals == SCENARIO.rivals
    assert (scaled.name, SCENARIO.focal["a"].intensity) == ("placebo", 0.8)


def test_a_scaled_placebo_costs_its_share() -> None:
    """Once and by the month, at the focal provider; the rival pays as before."""
    warmed = warm({"customers": 40}, SCENARIO)

    def costs(scenario: Scenario) -> list[float]:
        model: MarketModel = warmed.fork(scenario)
        model.run(35.0)
        books = model.world.arrays.books[:, :, 1:].sum(axis=(1, 2))
        return [float(books[provider, account]) for provider in (0, 1) for account in (A.UPFRONT, A.FIXED)]

    whole, quarter = costs(SCENARIO), costs(SCENARIO.scaled(0.25))
    assert min(whole) > 0.0
    assert quarter[:2] == pytest.approx([0.25 * cost for cost in whole[:2]], rel=1e-6)
    assert quarter[2:] == whole[2:]
