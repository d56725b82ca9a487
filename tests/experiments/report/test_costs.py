"""Costs: stacks add up to the ledger, whatever sign the books use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from experiments.report import ReportInput
from experiments.report.costs import OTHER, stacks
from experiments.report.inputs import LEDGER_COLUMNS
from experiments.report.material import Material
from experiments.report.palette import RAMP

SERVICE = ("revenue", "cost_of_service")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_both_stacks_add_up_to_what_the_strategies_cost(
    build: Callable[..., ReportInput], sign: float
) -> None:
    ledger = build().ledger
    ledger = ledger.assign(mean=ledger["mean"] * sign)
    found = stacks(Material(build(ledger=ledger)))
    assert found is not None
    spent = (
        ledger[(ledger["strategy"] != "") & (ledger["provider"] == "north")]
        .groupby("scenario")["mean"]
        .sum()
        .abs()
    )
    for stack in found:
        assert stack.scenarios == ("today", "placebo", "passive", "active", "blend")
        for name in stack.scenarios:
            assert stack.totals[name] == pytest.approx(spent[name])
    assert found[0].parts[0] == "upfront"
    assert found[0].amounts["upfront"]["blend"] == pytest.approx(360_000.0)
    assert found[1].amounts["promotions"]["active"] == pytest.approx(1_400_000.0)


def test_a_released_liability_stays_a_deduction(build: Callable[..., ReportInput]) -> None:
    rows = [
        ("passive", "north", "rewards", "points_programme", "currency", -100.0),
        ("active", "north", "rewards", "points_programme", "currency", 30.0),
    ]
    found = stacks(Material(build(ledger=pd.DataFrame(rows, columns=list(LEDGER_COLUMNS)))))
    assert found is not None
    assert found[0].amounts["rewards"] == {"passive": 100.0, "active": -30.0}


def test_what_the_shades_cannot_tell_apart_is_put_together(build: Callable[..., ReportInput]) -> None:
    rows = [("active", "north", "fixed", f"strategy_{i}", "currency", 1.0 + i) for i in range(len(RAMP) + 3)]
    found = stacks(Material(build(ledger=pd.DataFrame(rows, columns=list(LEDGER_COLUMNS)))))
    assert found is not None
    assert len(found[1].parts) == len(RAMP)
    assert found[1].parts[-1] == OTHER
    assert found[1].totals["active"] == pytest.approx(sum(row[-1] for row in rows))


def test_service_alone_is_no_cost_of_retention(build: Callable[..., ReportInput]) -> None:
    ledger: Any = build().ledger
    assert stacks(Material(build(ledger=ledger[ledger["account"].isin(SERVICE)]))) is None
    assert stacks(Material(build(ledger=pd.DataFrame()))) is None
