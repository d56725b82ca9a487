"""Outputs: small tables of what happened, means over runs, and outcomes that come back from the store as they were."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.groups import GROUPS
from experiments.intervals import estimate
from experiments.metrics import METRICS
from experiments.outcomes import outcome_of, record_of
from experiments.outputs import beliefs_frame, bound_frame, groups_frame, write_frame
from experiments.store import Store
from experiments.summary import DIFFERENCE_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS, summary, write_summary
from experiments.tables import runs_table
from experiments.tasks import Axes, Cell, Outcome

UNDEFINED = ("cost_later", "trust")
AXES = Axes(("north",), ("a",), tuple(METRICS), ("profit",), {name: m.unit for name, m in METRICS.items()})
BELIEF = ("mix", 91.3125, "events", "a", 0.02, 0.01, 0.25, math.nan)


def outcome(level: float) -> Outcome:
    """Every metric at a level, but two that are undefined."""
    runs = np.full((2, 2, len(METRICS)), level)
    runs[..., [list(METRICS).index(name) for name in UNDEFINED]] = np.nan
    return Outcome(scenario="", runs=runs, timeline=np.zeros((2, 1, 1)), days=np.zeros(1))


@pytest.fixture
def outcomes() -> dict[Cell, Outcome]:
    luck = np.random.default_rng(3).normal(size=(2, 3, 4))
    return {
        (name, d, r): outcome(10.0 + 2.0 * i + luck[i, d, r])
        for i, name in enumerate(("none", "active"))
        for d in range(3)
        for r in range(4)
    }


def test_refusals_are_means_over_runs_and_runs_without_count_as_0(outcomes: dict[Cell, Outcome]) -> None:
    bound = (("north", "promotions", "channel cap", 12.0), ("north", "", "total budget", 0.0))
    outcomes["active", 0, 0] = replace(outcomes["active", 0, 0], bound=bound)
    outcomes["active", 2, 1] = replace(outcomes["active", 2, 1], bound=bound[:1])
    frame = bound_frame(outcomes)
    assert frame.to_numpy().tolist() == [["active", "north", "promotions", "channel cap", 2.0]]


def test_beliefs_are_tidy_sorted_and_written_only_where_there_are_any(
    outcomes: dict[Cell, Outcome], tmp_path: Path
) -> None:
    path = tmp_path / "beliefs.csv"
    write_frame(beliefs_frame(outcomes), path)
    assert not path.exists()
    later = ("mix", 182.625, "events", "a", 0.03, 0.01, 0.5, 0.04)
    outcomes["active", 1, 2] = replace(outcomes["active", 1, 2], beliefs=(later, BELIEF))
    write_frame(beliefs_frame(outcomes), path)
    assert path.read_text(encoding="utf-8").splitlines() == [
        "scenario,draw,replicate,strategy,day,tactic,segment,believed,error,share,true",
        "active,1,2,mix,91.3125,events,a,0.02,0.01,0.25,",
        "active,1,2,mix,182.625,events,a,0.03,0.01,0.5,0.04",
    ]
    write_frame(beliefs_frame({}), path)
    assert not path.exists()


def test_outcomes_come_back_from_the_store_with_refusals_and_beliefs(tmp_path: Path) -> None:
    kept = replace(outcome(1.0), bound=(("north", "events", "seats", 3.0),), beliefs=(BELIEF,))
    store = Store(tmp_path)
    store.write("0" * 64, record_of(kept))
    record = store.read("0" * 64)
    assert record is not None
    found = outcome_of(record, "active")
    assert found.bound == kept.bound
    assert found.beliefs[0][:-1] == BELIEF[:-1]
    assert math.isnan(found.beliefs[0][-1])


def test_groups_have_intervals_and_hold_their_bounds(outcomes: dict[Cell, Outcome]) -> None:
    generator = np.random.default_rng(5)
    shares = generator.dirichlet((2.0, 20.0, 8.0, 1.0), size=(3, 4))
    for d in range(3):
        for r in range(4):
            groups = tuple(
                (name, float(share), 10.0 * (i + 1))
                for i, (name, share) in enumerate(zip(GROUPS, shares[d, r]))
            )
            outcomes["active", d, r] = replace(outcomes["active", d, r], groups=groups)
    frame = groups_frame(outcomes)
    assert frame["group"].tolist() == list(GROUPS)
    assert set(frame["scenario"]) == {"active"}
    expected = estimate(np.moveaxis(shares, -1, 0))
    for column, values in zip(("share", "low", "high", "luck_low", "luck_high"), vars(expected).values()):
        np.testing.assert_allclose(frame[column], values, rtol=1e-12)
    assert (frame["bound_low"] <= frame["share"]).all()
    assert (frame["share"] <= frame["bound_high"]).all()
    np.testing.assert_allclose(frame["spend_share"], [0.1, 0.2, 0.3, 0.4])
    # Fréchet: both leave with a share between max(0, p + q - 1) and min(p, q) for shares of leavers p and q
    leave_without = shares[..., 2] + shares[..., 0]
    leave_with = shares[..., 2] + shares[..., 3]
    lost = frame.set_index("group").loc["lost cause"]
    assert lost["bound_high"] == pytest.approx(np.minimum(leave_without, leave_with).mean())
    assert lost["bound_low"] == pytest.approx(np.maximum(0.0, leave_without + leave_with - 1.0).mean())


def test_the_summary_holds_every_metric_and_leaves_the_undefined_empty(
    outcomes: dict[Cell, Outcome], tmp_path: Path
) -> None:
    directions = {name: metric.direction for name, metric in METRICS.items()}
    frame = summary(runs_table(outcomes, AXES).frame(), "none", directions)
    texts = frame[list(TEXT_COLUMNS)].to_numpy().tolist()
    assert texts == sorted(texts)
    assert len(frame) == 2 * 2 * 2 * len(METRICS)
    gone = frame["metric"].isin(UNDEFINED)
    assert frame.loc[gone, list(NUMBER_COLUMNS)].isna().all(axis=None)
    assert frame.loc[~gone & (frame["scenario"] == "active"), list(DIFFERENCE_COLUMNS)].notna().all(axis=None)
    path = tmp_path / "summary.csv"
    write_summary(frame, path)
    written = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = written.query(
        "scenario == 'active' and metric == 'trust' and provider == 'all' and segment == 'all'"
    )
    assert row[list(NUMBER_COLUMNS)].to_numpy().tolist() == [[""] * len(NUMBER_COLUMNS)]
    assert row["unit"].tolist() == [METRICS["trust"].unit]
    assert row["direction"].tolist() == ["1"]
