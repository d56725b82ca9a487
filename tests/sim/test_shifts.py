"""Shifts: the weekly table, its changes in absolute time, and the minutes it pays."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.shifts import MICRO_MINUTES, Shifts, on_duty

QUARTERS = st.integers(1, 7 * 96 - 1)


@st.composite
def tables(draw: st.DrawFn) -> Shifts:
    edges = sorted(draw(st.sets(QUARTERS, max_size=6)))
    staff = draw(st.lists(st.integers(0, 4), min_size=len(edges) + 1, max_size=len(edges) + 1))
    return Shifts((0.0, *(edge / 96 for edge in edges)), tuple(staff))


def test_office_hours_are_staffed_and_nothing_else() -> None:
    office = Shifts.hours(3, 9, 17)
    for hour in range(14 * 24):
        weekday, clock = hour // 24 % 7, hour % 24
        assert office.staff_at(hour / 24) == (3 if weekday < 5 and 9 <= clock < 17 else 0), hour
    assert office.paid(0.0, 7.0) == 3 * 5 * 8 * 60 * 1_000_000
    assert office.peak == 3
    assert office.person_days == pytest.approx(5.0)


def test_a_night_shift_is_the_sum_of_its_halves() -> None:
    night = Shifts.hours(2, 22, 24, range(7)) + Shifts.hours(2, 0, 6, range(7))
    assert [night.staff_at(4 + hour / 24) for hour in (0, 5, 6, 21, 22, 23)] == [2, 2, 0, 0, 2, 2]
    assert Shifts.always(1) + Shifts.always(2) == Shifts.always(3)


@given(table=tables(), other=tables(), day=st.floats(-30, 30))
def test_added_tables_add_their_people(table: Shifts, other: Shifts, day: float) -> None:
    assert (table + other).staff_at(day) == table.staff_at(day) + other.staff_at(day)


@given(table=tables(), start=st.floats(-20, 400), length=st.floats(1e-6, 20), where=st.floats(0, 1))
def test_changes_say_who_is_on_duty_at_any_time(
    table: Shifts, start: float, length: float, where: float
) -> None:
    days, staff = table.changes(start, start + length)
    assert days[0] == start
    assert all(earlier < later for earlier, later in pairwise(days))
    assert days[-1] < start + length
    probe = min(start + where * length, np.nextafter(start + length, -np.inf))
    assert staff[int(np.searchsorted(days, probe, side="right")) - 1] == table.staff_at(probe)


@given(table=tables(), start=st.floats(0, 400), first=st.floats(1e-3, 20), second=st.floats(1e-3, 20))
def test_paid_time_is_the_integral_of_the_staff(
    table: Shifts, start: float, first: float, second: float
) -> None:
    middle, end = start + first, start + first + second
    days, staff = table.changes(start, end)
    integral = np.dot(np.diff([*days, end]), staff)
    assert table.paid(start, end) == pytest.approx(integral * MICRO_MINUTES, abs=2)
    assert table.paid(start, middle) + table.paid(middle, end) == table.paid(start, end)


def test_a_week_starts_over_to_the_last_bit() -> None:
    table = Shifts((0.0, 6.5), (1, 2))
    for week in range(-10, 2_000):
        assert table.staff_at(7.0 * week) == 1
        assert table.staff_at(np.nextafter(7.0 * week, -np.inf)) == 2
        assert table.paid(np.nextafter(7.0 * week, -np.inf), 7.0 * week) == 0


def test_rosters_follow_each_other() -> None:
    rosters = ((0.0, Shifts.always(2)), (3.0, Shifts.hours(5, 12, 24)), (5.0, Shifts.always(1)))
    days, staff, paid = on_duty(rosters, 1.0, 6.0)
    assert days.tolist() == [1.0, 3.0, 3.5, 4.0, 4.5, 5.0]
    assert staff.tolist() == [2, 0, 5, 0, 5, 1]
    assert paid == (2 * 2 + 5 * 1 + 1) * MICRO_MINUTES


def test_shifts_can_be_sent_to_another_process() -> None:
    office = Shifts.hours(3, 9, 17)
    assert pickle.loads(pickle.dumps(office)) == office


@pytest.mark.parametrize(
    ("starts", "staff", "message"),
    [
        ((), (), "as many starts as staff"),
        ((0.0, 1.0), (1,), "as many starts as staff"),
        ((1.0,), (1,), "increase from 0"),
        ((0.0, 2.0, 2.0), (1, 2, 3), "increase from 0"),
        ((0.0, 7.0), (1, 2), "less than 7"),
        ((0.0, float("nan")), (1, 2), "increase from 0"),
        ((0.0,), (-1,), "0 or more"),
    ],
)
def test_an_impossible_table_is_refused(
    starts: tuple[float, ...], staff: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Shifts(starts, staff)


@pytest.mark.parametrize(
    ("opens", "closes", "days"), [(9, 9, (0,)), (22, 30, (0,)), (-1, 5, (0,)), (9, 17, (7,))]
)
def test_impossible_hours_are_refused(opens: float, closes: float, days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"0-24 hours|0 \(Monday\) to 6"):
        Shifts.hours(1, opens, closes, days)
