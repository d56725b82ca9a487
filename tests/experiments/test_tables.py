"""Tables: sorted by construction, and a hash of their values alone."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from experiments.tables import results_hash, runs_table, timeline_table
from experiments.tasks import Axes, Cell, Outcome

AXES = Axes(
    providers=("zeta", "alpha"),
    segments=("b", "a"),
    metrics=("profit", "churn_rate"),
    timeline=("retention",),
    units={"profit": "EUR", "churn_rate": "per month", "retention": "share"},
)


def outcome(number: float) -> Outcome:
    """Providers zeta, alpha, all; segments b, a, all; metrics profit, churn_rate."""
    runs = number + np.arange(18.0).reshape(3, 3, 2)
    return Outcome(
        scenario="", runs=runs, timeline=number + np.arange(6.0).reshape(3, 2, 1), days=np.array([0.0, 30.5])
    )


@pytest.fixture
def outcomes() -> dict[Cell, Outcome]:
    cells = [("none", 0, 1), ("active", 1, 0), ("active", 0, 0), ("none", 0, 0)]
    return {cell: outcome(100.0 * i) for i, cell in enumerate(cells)}


def test_rows_are_sorted_and_every_value_stands_where_it_belongs(outcomes: dict[Cell, Outcome]) -> None:
    frame = runs_table(outcomes, AXES).frame()
    keys = ["scenario", "draw", "replicate", "provider", "segment", "metric"]
    assert frame[keys].equals(frame[keys].sort_values(keys, ignore_index=True))
    assert len(frame) == 4 * 18
    row = frame[
        (frame["scenario"] == "none") & (frame["replicate"] == 1) & (frame["provider"] == "alpha")
        & (frame["segment"] == "all") & (frame["metric"] == "churn_rate")
    ]  # fmt: skip
    assert row["value"].tolist() == [outcomes["none", 0, 1].runs[1, 2, 1]]
    assert row["unit"].tolist() == ["per month"]
    over_time = timeline_table(outcomes, AXES).frame()
    assert sorted(set(over_time["day"])) == [0.0, 30.5]
    assert over_time["value"].sum() == sum(o.timeline.sum() for o in outcomes.values())


def test_the_hash_knows_values_and_labels_and_nothing_else(outcomes: dict[Cell, Outcome]) -> None:
    known = results_hash((runs_table(outcomes, AXES), timeline_table(outcomes, AXES)))
    backwards = dict(reversed(outcomes.items()))
    assert results_hash((runs_table(backwards, AXES), timeline_table(backwards, AXES))) == known
    in_another_order = replace(AXES, providers=("alpha", "zeta"))
    swapped = {
        cell: replace(o, runs=o.runs[[1, 0, 2]], timeline=o.timeline[[1, 0, 2]])
        for cell, o in outcomes.items()
    }
    assert (
        results_hash((runs_table(swapped, in_another_order), timeline_table(swapped, in_another_order)))
        == known
    )
    moved = dict(outcomes)
    runs = moved["none", 0, 0].runs.copy()
    runs[0, 0, 0] = np.nextafter(runs[0, 0, 0], 1e9)
    moved["none", 0, 0] = replace(moved["none", 0, 0], runs=runs)
    assert results_hash((runs_table(moved, AXES), timeline_table(moved, AXES))) != known
    renamed = {("other" if s == "none" else s, d, r): o for (s, d, r), o in outcomes.items()}
    assert results_hash((runs_table(renamed, AXES), timeline_table(renamed, AXES))) != known


def test_zero_has_no_sign_and_undefined_is_undefined() -> None:
    def of(*values: float) -> str:
        runs = np.zeros((3, 3, 2))
        runs[0, 0] = values
        one = replace(outcome(0.0), runs=runs)
        return results_hash((runs_table({("s", 0, 0): one}, AXES),))

    other_nan = np.frombuffer(np.uint64(0xFFF8000000000001).tobytes(), dtype=np.float64)[0]
    assert of(0.0, np.nan) == of(-0.0, other_nan)
    assert of(0.0, np.nan) != of(0.0, 0.0)


def test_the_canonical_form_is_the_documented_one() -> None:
    axes = Axes(("p",), ("s",), ("m",), ("t",), {"m": "EUR", "t": "share"})
    runs = np.array([[[1.5], [2.5]], [[3.5], [4.5]]])
    one = Outcome(scenario="", runs=runs, timeline=np.zeros((2, 1, 1)), days=np.zeros(1))
    head = (
        '["runs",{"scenario":["x"],"draw":[0],"replicate":[2],"provider":["all","p"],'
        '"segment":["all","s"],"metric":["m"]}]'
    )
    columns = ([0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0])
    digest = hashlib.sha256(head.encode())
    for column in columns:
        digest.update(np.array(column, dtype="<i4").tobytes())
    digest.update(np.array([4.5, 3.5, 2.5, 1.5], dtype="<f8").tobytes())
    assert results_hash((runs_table({("x", 0, 2): one}, axes),)) == digest.hexdigest()
