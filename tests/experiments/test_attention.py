"""Attention: solved so that churn under today's programmes meets its target."""

import pytest

from agents.miniature import customers, market
from agents.scenario import Scenario
from experiments import attention
from experiments.attention import churn_under_today, solve_attention

TODAY = Scenario(name="today")
PLACE = {"people.involuntary": 0.002, "service.team_customers": 5000.0, "warm_up": 2.0}


def test_churn_meets_its_target() -> None:
    place = market({**PLACE, "churn_target": 0.03})
    solved = solve_attention(place, customers(), TODAY, "focal", 1)
    assert churn_under_today(solved, customers(), TODAY, "focal", 1) == pytest.approx(
        0.03, rel=attention.TOLERANCE
    )
    assert solved.gate.attention != place.gate.attention
    unchanged = {**vars(solved), "gate": None}
    assert unchanged == {**vars(place), "gate": None}, "nothing but attention moves"


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
