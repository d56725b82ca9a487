"""Durations: what counts as left and as seen, on the calendar."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.calibration import durations
from experiments.calibration.errors import DataError


def records(*rows: tuple[str, str | None]) -> pd.DataFrame:
    """A subscription table of one segment."""
    start, end = (pd.to_datetime(pd.Series(column)) for column in zip(*rows, strict=True))
    return pd.DataFrame({"start": start, "end": end, "segment": "all"})


def test_shares_become_counts_of_the_stated_cohort() -> None:
    found = durations.from_shares([0.6, 0.45, 0.4], customers=200)
    np.testing.assert_allclose(found.lost, [80, 30, 10])
    np.testing.assert_allclose(found.still, [0, 0, 80])
    np.testing.assert_allclose(found.survival(), [1, 0.6, 0.45, 0.4])
    assert found.customers == pytest.approx(200)


@pytest.mark.parametrize("shares", [[], [0.5, 0.6], [1.2, 0.4], [0.5, float("nan")], [0.5, -0.1]])
def test_shares_that_are_none(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="never rise"):
        durations.from_shares(shares)


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=20), st.data())
def test_holding_out_keeps_customers_and_the_curve(shares: list[float], data: st.DataObject) -> None:
    whole = durations.from_shares(sorted(shares, reverse=True))
    periods = data.draw(st.integers(1, len(shares)))
    part = whole.until(periods)
    assert part.customers == pytest.approx(whole.customers)
    np.testing.assert_allclose(part.survival(), whole.survival()[: periods + 1])


@pytest.mark.parametrize("periods", [0, 4])
def test_holding_out_more_than_there_is(periods: int) -> None:
    with pytest.raises(ValueError, match="allowed is 1 to 3"):
        durations.from_shares([0.6, 0.45, 0.4]).until(periods)


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2021-03-10", "2021-04-10", 1),  # the day the month ends: not renewed
        ("2021-03-10", "2021-04-11", 2),
        ("2021-03-10", "2021-03-10", 1),  # left at once
        ("2021-01-31", "2021-02-28", 1),  # a month from the 31st ends with February
        ("2021-01-31", "2021-03-01", 2),
        ("2020-02-29", "2021-02-28", 12),
        ("2020-12-15", "2021-12-16", 13),
    ],
)
def test_period_in_which_a_customer_left(start: str, end: str, period: int) -> None:
    found = durations.from_records(records((start, end)), "month", date(2022, 6, 1))
    assert np.flatnonzero(found.lost).tolist() == [period - 1]
    assert not found.still.any()


def test_years_are_twelve_months() -> None:
    table = records(("2018-05-01", "2019-05-01"), ("2018-05-01", "2019-05-02"), ("2018-05-01", None))
    found = durations.from_records(table, "year", date(2021, 4, 30))
    assert found.lost.tolist() == [1, 1]
    assert found.still.tolist() == [0, 1]


def test_a_period_that_is_not_over_does_not_count() -> None:
    long, left_in_march, there, new = (
        ("2020-12-01", None),
        ("2021-01-01", "2021-03-10"),
        ("2021-01-01", None),
        ("2021-03-01", "2021-03-05"),
    )
    found = durations.from_records(records(long, left_in_march, there, new), "month", date(2021, 3, 15))
    assert found.lost.tolist() == [0, 0, 0]
    assert found.still.tolist() == [0, 2, 1]


def test_the_window_closes_with_the_last_day_in_the_table() -> None:
    table = records(("2021-01-01", "2021-04-01"), ("2021-01-01", None))
    assert durations.from_records(table, "month").lost.tolist() == [0, 0, 1]


@pytest.mark.parametrize(("window", "months", "rate"), [(730, 12, 0.006), (110, 3, 0.012)])
def test_curve_is_not_bent_by_when_customers_came(window: int, months: int, rate: float) -> None:
    """Customers leave on any day at a rate that differs, come over the window, and are cut off in mid-month."""
    generator = np.random.default_rng(8)
    n, closing = 40_000, np.datetime64("2022-01-17")
    came = closing - generator.integers(0, window, n).astype("timedelta64[D]")
    stay = generator.exponential(1 / generator.gamma(0.7, rate, n))
    stayed = (1 + np.floor(np.minimum(stay, 5_000)).astype(int)).astype("timedelta64[D]")
    start, end = pd.Series(came), pd.Series(came + stayed)
    table = pd.DataFrame({"start": start, "end": end.where(end <= closing)})
    found = durations.from_records(table, "month", date(2022, 1, 17))
    days = 30.4375 * np.arange(months + 1)
    truth = (1 + rate * days) ** -0.7
    # Four binomial errors; calendar months differ from the mean month by up to 1.5 days.
    error = np.sqrt(truth * (1 - truth) / found.at_risk[months - 1])
    gap = np.abs(found.survival()[: months + 1] - truth)
    assert (gap <= 4 * error + 1.5 * np.abs(np.gradient(truth, days))).all()


def test_segments_share_the_closing_day() -> None:
    table = records(("2021-01-01", "2021-02-01"), ("2021-01-01", None), ("2021-01-01", "2021-05-01"))
    table["segment"] = ["a", "a", "b"]
    found = durations.by_segment(table, "month")
    assert list(found) == ["a", "b"]
    assert found["a"].still.tolist() == [0, 0, 0, 1]


def test_nobody_watched_for_one_period() -> None:
    table = records(("2021-01-01", "2021-05-01"), ("2021-04-20", None))
    table["segment"] = ["old", "new"]
    with pytest.raises(DataError, match=r"segment 'new': no subscription was watched for one whole month"):
        durations.by_segment(table, "month")
