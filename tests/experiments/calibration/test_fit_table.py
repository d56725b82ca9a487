"""The fit table and its scores."""

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import bgnbd, sbg, score
from experiments.calibration.durations import Durations
from experiments.calibration.fit_table import (
    COLUMNS,
    purchases_table,
    scores,
    survival_table,
    with_simulation,
)
from experiments.calibration.purchase_law import PurchaseLaw
from experiments.calibration.purchases import cumulative_repeats, summarise


@pytest.fixture
def transactions() -> pd.DataFrame:
    """A log of 500 customers who join over 60 days, of a known law."""
    generator = np.random.default_rng(9)
    joined = generator.integers(0, 60, 500)
    law = PurchaseLaw(0.6, 4.0, 0.9, 2.5)
    customer, time, _ = law.repeat_purchases((140 - joined) / 7, generator)
    day = np.concatenate([joined, joined[customer] + np.floor(7 * time).astype(int)])
    name = np.concatenate([np.arange(500), customer]).astype(str)
    return pd.DataFrame(
        {"customer": name, "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(day, unit="D")}
    )


def test_survival_rows(published: Durations) -> None:
    fit = sbg.fit(published.until(7))
    table = survival_table("regular", published, fit)
    assert list(table.columns) == COLUMNS
    assert table["part"].tolist() == ["fitted"] * 8 + ["held_out"] * 5
    assert (table["unit"] == "year").all()
    np.testing.assert_allclose(table["data"], published.survival())
    np.testing.assert_allclose(table["fitted"], fit.survival(range(13)))
    assert table["simulated"].isna().all()


def test_scores_of_survival(published: Durations) -> None:
    table = survival_table("regular", published, sbg.fit(published.until(7)))
    low, high = 0.9 * table["fitted"], 1.1 * table["fitted"]
    found = scores(with_simulation(table, 1.02 * table["data"], low, high)).set_index(["part", "series"])
    assert found.loc[("fitted", "simulated"), "mape"] == pytest.approx(2.0)
    assert found.loc[("held_out", "simulated"), "mape"] == pytest.approx(2.0)
    assert found.loc[("fitted", "fitted"), "mape"] == pytest.approx(
        score.mape(table["data"][1:8], table["fitted"][1:8])
    )
    assert found["total_error"].isna().all()


def test_scores_of_counts_are_those_of_the_part_alone(transactions: pd.DataFrame) -> None:
    purchases = summarise(transactions, weeks=12)
    fit = bgnbd.fit(purchases)
    table = purchases_table("all", transactions, purchases, fit, weeks=20)
    found = scores(table).set_index(["part", "series"])["total_error"]
    actual = cumulative_repeats(transactions, purchases, [12, 20])
    expected = fit.expected_cumulative(purchases, [12, 20])
    assert found["fitted", "fitted"] == pytest.approx(score.error(actual[0], expected[0]))
    assert found["held_out", "fitted"] == pytest.approx(
        score.error(actual[1] - actual[0], expected[1] - expected[0])
    )


def test_segments_are_scored_apart(published: Durations) -> None:
    fit = sbg.fit(published.until(7))
    one = survival_table("one", published, fit)
    other = survival_table("other", published, fit).assign(data=2 * one["data"])
    found = scores(pd.concat([one, other], ignore_index=True)).set_index(["segment", "part"])["mape"]
    assert found["one", "held_out"] < 5 < found["other", "held_out"]


def test_a_simulation_of_another_length(published: Durations) -> None:
    table = survival_table("one", published, sbg.fit(published.until(7)))
    with pytest.raises(ValueError, match=r"allowed is \(13,\) for each"):
        with_simulation(table, np.zeros(12), np.zeros(12), np.zeros(12))
