"""Purchases: from a log to what is known of each customer."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import purchases
from experiments.calibration.errors import DataError


def log(*rows: tuple[str, str]) -> pd.DataFrame:
    """A transaction log."""
    frame = pd.DataFrame(rows, columns=["customer", "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]), value=1.0)


SMALL = log(
    ("a", "2021-01-01"),
    ("a", "2021-01-15"),
    ("a", "2021-01-15"),  # the same day: one purchase
    ("a", "2021-01-28"),  # the last day of week 4
    ("a", "2021-01-29"),  # the first of week 5
    ("b", "2021-01-08"),
    ("c", "2021-01-29"),
    ("c", "2021-02-05"),
)


def test_frequency_recency_and_time_watched() -> None:
    found = purchases.summarise(SMALL, weeks=4)
    assert found.customer.tolist() == ["a", "b"]
    assert found.frequency.tolist() == [2, 0]
    np.testing.assert_allclose(found.recency * 7, [27, 0])
    np.testing.assert_allclose(found.observed * 7, [27, 20])
    np.testing.assert_allclose(found.first * 7, [0, 7])
    assert found.origin == date(2021, 1, 1)


def test_repeats_by_the_end_of_each_week_are_those_of_the_cohort() -> None:
    found = purchases.summarise(SMALL, weeks=4)
    assert purchases.cumulative_repeats(SMALL, found, [1, 2, 3, 4, 5, 6]).tolist() == [0, 0, 1, 2, 3, 3]


def test_the_window_and_the_repeats_in_it_agree() -> None:
    generator = np.random.default_rng(3)
    days = pd.Timestamp("2020-05-04") + pd.to_timedelta(generator.integers(0, 200, 600), unit="D")
    table = pd.DataFrame({"customer": generator.integers(0, 80, 600).astype(str), "date": days, "value": 1.0})
    for weeks in (5, 11, 26):
        found = purchases.summarise(table, weeks)
        assert purchases.cumulative_repeats(table, found, [weeks]).tolist() == [found.frequency.sum()]
        assert (found.recency <= found.observed).all()
        assert ((found.recency > 0) == (found.frequency > 0)).all()


def test_who_was_there_before_the_origin_is_left_out() -> None:
    found = purchases.summarise(SMALL, weeks=5, origin=date(2021, 1, 5))
    assert found.customer.tolist() == ["b", "c"]
    np.testing.assert_allclose(found.first * 7, [3, 24])
    assert purchases.cumulative_repeats(SMALL, found, [4, 5]).tolist() == [0, 1]


def test_last_whole_week() -> None:
    assert purchases.last_week(SMALL) == 5
    assert purchases.last_week(log(("a", "2021-01-01"), ("a", "2021-01-28"))) == 4


def test_says_when_nobody_came_or_came_again() -> None:
    with pytest.raises(DataError, match="nobody bought a second time in the 1 weeks"):
        purchases.summarise(SMALL, weeks=1)
    with pytest.raises(DataError, match="nobody bought for the first time in the 4 weeks from 2022"):
        purchases.summarise(SMALL, weeks=4, origin=date(2022, 1, 1))


@pytest.mark.evidence
def test_cdnow_as_published(cdnow: pd.DataFrame) -> None:
    found = purchases.summarise(cdnow, weeks=39)
    assert len(found) == 2_357
    assert np.bincount(np.minimum(found.frequency, 7).astype(int)).tolist() == [
        1411,
        439,
        214,
        100,
        62,
        38,
        29,
        64,
    ]
    assert purchases.cumulative_repeats(cdnow, found, [39, 78]).tolist() == [2_457, 4_339]
    assert purchases.last_week(cdnow) == 78
