"""Attention: solved so that churn under today's programmes meets its target."""

import math
from dataclasses import replace

import pytest

from agents.market import Market
from agents.miniature import customers, market
from agents.scenario import Scenario
from experiments import attention
from experiments.attention import churn_under_today, solve_attention
from experiments.compose import compose

TODAY = Scenario(name="today")
PLACE = {"people.involuntary": 0.002, "service.team_customers": 5000.0, "warm_up": 2.0}


@pytest.mark.parametrize("target", [0.015, 0.03, 0.06])
def test_churn_meets_its_target(target: float) -> None:
    place = market({**PLACE, "churn_target": target})
    solved = solve_attention(place, customers(), TODAY, "focal", 1)
    assert churn_under_today(solved, customers(), TODAY, "focal", 1) == pytest.approx(
        target, rel=attention.TOLERANCE
    )
    assert solved.gate.attention != place.gate.attention
    unchanged = {**vars(solved), "gate": None}
    assert unchanged == {**vars(place), "gate": None}, "nothing but attention moves"


def test_the_last_step_from_nearby_takes_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Churn rises by a power that is not the usual one: the second try is 3 % off, and tells the third."""
    tried = []

    def churn(place: Market, *_: object) -> float:
        tried.append(place.gate.attention)
        return 0.02 * math.sqrt(place.gate.attention / 0.01)

    monkeypatch.setattr(attention, "churn_under_today", churn)
    place = market({**PLACE, "gate.attention": 0.012, "churn_target": 0.02 * 1.2**-0.5})
    solved = solve_attention(place, customers(), TODAY, "focal", 1).gate.attention
    assert len(tried) == 2
    assert 0.01 < abs(churn(place_at(place, tried[1])) / 0.02 * 1.2**0.5 - 1.0) < attention.NEAR
    assert solved not in tried
    assert solved == pytest.approx(0.01 / 1.2, rel=1e-9)


def test_a_try_in_which_nobody_left_tells_no_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second try is near by chance; the first one had no churn whose logarithm could be taken."""

    def churn(place: Market, *_: object) -> float:
        return 0.0 if place.gate.attention < 0.001 else 0.98 * 0.02 * math.sqrt(place.gate.attention / second)

    place = market({**PLACE, "gate.attention": 0.0001, "churn_target": 0.02})
    second = attention._next([(0.0001, 0.0)], 0.0001, 1.0)
    monkeypatch.setattr(attention, "churn_under_today", churn)
    solved = solve_attention(place, customers(), TODAY, "focal", 1)
    assert churn(solved) == pytest.approx(0.02, rel=attention.TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("draw", range(3))
def test_churn_meets_its_target_in_a_shipped_market(draw: int) -> None:
    asked = compose(["market=telecom"])
    world = asked.draw(draw)
    solved = solve_attention(world.market, world.customers, world.today, asked.focal, 1)
    churn = churn_under_today(solved, world.customers, world.today, asked.focal, 1)
    assert churn == pytest.approx(world.market.churn_target, rel=attention.TOLERANCE)


def test_without_a_target_attention_stays() -> None:
    place = market(PLACE)
    assert solve_attention(place, customers(), TODAY, "focal", 1) is place


def test_a_target_below_what_moves_and_deaths_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "PILOT", 500)
    monkeypatch.setattr(attention, "MONTHS", 6.0)
    place = market({**PLACE, "people.involuntary": 0.05, "churn_target": 0.02})
    with pytest.raises(
        ValueError, match=r"market\.churn_target=0\.02: .*raise the target, or lower .*people\.involuntary"
    ):
        solve_attention(place, customers(), TODAY, "focal", 1)


def test_churn_rises_with_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "PILOT", 2000)
    monkeypatch.setattr(attention, "MONTHS", 12.0)
    churn = [
        churn_under_today(market({**PLACE, "gate.attention": a}), customers(), TODAY, "focal", 1)
        for a in (0.0005, 0.002, 0.008)
    ]
    assert churn[0] < churn[1] < churn[2]


def test_an_attention_that_leaves_no_room_for_its_spread_is_tried_lower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Above .9 no such people exist; churn is .04 times attention, so that .02 asks for .5."""

    def churn(place: Market, *_: object) -> float:
        if place.gate.attention > 0.9:
            raise ValueError("a probability with such a mean allows a smaller spread")
        return 0.04 * place.gate.attention

    monkeypatch.setattr(attention, "churn_under_today", churn)
    place = market({**PLACE, "gate.attention": 0.95, "churn_target": 0.02})
    solved = solve_attention(place, customers(), TODAY, "focal", 1)
    assert solved.gate.attention == pytest.approx(0.5, rel=attention.TOLERANCE)
    monkeypatch.setattr(attention, "churn_under_today", lambda place, *_: churn(place_at(place, 0.95)))
    with pytest.raises(ValueError, match="allows a smaller spread"):
        solve_attention(place, customers(), TODAY, "focal", 1)


def place_at(place: Market, mean: float) -> Market:
    """The market with another mean attention."""
    return replace(place, gate=replace(place.gate, attention=mean))
