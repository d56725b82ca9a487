"""Shifts: how many people are on duty, hour by hour through the week, and what minutes that pays for.

A week has 7 days and starts on day 0, a Monday; the table repeats for ever. Between two of its starts the number of
people on duty is constant. Times are days, so that 9 o'clock on Tuesday is 1 + 9/24.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

WEEK = 7.0
MICRO_MINUTES = 1_440_000_000
"""Millionths of a minute in a day: working time is counted in whole ones, so that sums are exact in any order."""

WEEKDAYS = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Shifts:
    """The people on duty through the week: `staff[k]` of them from `starts[k]` until the next start.

    Args:
        starts: days since the start of the week, increasing, the first 0, all below 7.
        staff: people on duty from each start on, 0 or more.

    Raises:
        ValueError: if the table is not of that form.
    """

    starts: tuple[float, ...]
    staff: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.starts or len(self.starts) != len(self.staff):
            raise ValueError(
                f"shifts need as many starts as staff, got {len(self.starts)} and {len(self.staff)}"
            )
        ends = (*self.starts[1:], WEEK)
        if self.starts[0] != 0.0 or not all(start < end for start, end in zip(self.starts, ends)):
            raise ValueError(f"starts of shifts must increase from 0 to less than 7 days, got {self.starts}")
        if min(self.staff) < 0:
            raise ValueError(f"staff of a shift must be 0 or more, got {self.staff}")

    @cached_property
    def _hash(self) -> int:
        return hash((self.starts, self.staff))

    def __hash__(self) -> int:
        """Computed once: every pulse of every desk looks its shifts up."""
        return self._hash

    @classmethod
    def always(cls, people: int) -> Shifts:
        """The same number of people round the clock."""
        return cls((0.0,), (people,))

    @classmethod
    def hours(cls, people: int, opens: float, closes: float, days: Iterable[int] = WEEKDAYS) -> Shifts:
        """People on duty from `opens` to `closes` (hours, 0 <= opens < closes <= 24) on some days (0 = Monday).

        A night shift is the sum of two: `hours(2, 22, 24) + hours(2, 0, 6)`.

        Raises:
            ValueError: if the hours or the days do not exist.
        """
        if not 0.0 <= opens < closes <= 24.0:
            raise ValueError(f"a desk opens and closes within one day (0-24 hours), got {opens} to {closes}")
        days = sorted(set(days))
        if any(day not in range(7) for day in days):
            raise ValueError(f"days of the week are 0 (Monday) to 6 (Sunday), got {days}")
        return cls._covering(
            [((24.0 * day + opens) / 24.0, (24.0 * day + closes) / 24.0, people) for day in days]
        )

    @classmethod
    def _covering(cls, duties: list[tuple[float, float, int]]) -> Shifts:
        """The table of duties (from, until, people) that may overlap."""
        edges = sorted({0.0} | {edge for duty in duties for edge in duty[:2] if edge < WEEK})
        staff = [sum(people for start, end, people in duties if start <= edge < end) for edge in edges]
        kept = [k for k in range(len(edges)) if k == 0 or staff[k] != staff[k - 1]]
        return cls(tuple(edges[k] for k in kept), tuple(staff[k] for k in kept))

    def __add__(self, other: Shifts) -> Shifts:
        duties = [
            duty
            for table in (self, other)
            for duty in zip(table.starts, (*table.starts[1:], WEEK), table.staff)
        ]
        return self._covering(duties)

    @property
    def peak(self) -> int:
        """The most people that are ever on duty together."""
        return max(self.staff)

    @cached_property
    def _worked(self) -> tuple[float, ...]:
        """Person-days worked since the start of the week at each start, and at the end of the week."""
        ends = (*self.starts[1:], WEEK)
        spans = (people * (end - start) for start, end, people in zip(self.starts, ends, self.staff))
        return tuple(accumulate(spans, initial=0.0))

    @property
    def person_days(self) -> float:
        """Person-days worked in a week."""
        return self._worked[-1]

    def _shift_at(self, day: float) -> tuple[int, int]:
        """The week, and the row of the table, that hold on a day."""
        week = math.floor(day / WEEK)
        if WEEK * week > day:  # the quotient of a smallest negative number rounds up to 0
            week -= 1
        # Compared as the absolute days that `changes` hands out, so that both agree to the last bit.
        return week, bisect_right(self.starts, day, key=lambda start: WEEK * week + start) - 1

    def staff_at(self, day: float) -> int:
        """People on duty at a time, in days."""
        return self.staff[self._shift_at(day)[1]]

    def changes(self, day0: float, day1: float) -> tuple[list[float], list[int]]:
        """When in [day0, day1) the number of people on duty is set, and to what; the first time is `day0` itself."""
        week, row = self._shift_at(day0)
        weeks = range(week, math.floor(day1 / WEEK) + 1)
        days = [WEEK * number + start for number in weeks for start in self.starts]
        last = bisect_left(days, day1)
        return [day0, *days[row + 1 : last]], [*(self.staff * len(weeks))[row : max(last, row + 1)]]

    def _paid_until(self, day: float) -> int:
        """Millionths of a minute worked from day 0 until a day (negative before day 0)."""
        week, row = self._shift_at(day)
        in_shift = self.staff[row] * (day - (WEEK * week + self.starts[row]))
        return round((week * self.person_days + self._worked[row] + in_shift) * MICRO_MINUTES)

    def paid(self, day0: float, day1: float) -> int:
        """Working time paid in [day0, day1), the integral of the staff on duty, in millionths of a minute.

        Adjacent spans add up exactly: `paid(a, b) + paid(b, c) == paid(a, c)`.
        """
        return self._paid_until(day1) - self._paid_until(day0)


Rosters = tuple[tuple[float, Shifts], ...]
"""From which day on which shifts are in force, in the order of time."""


@lru_cache(maxsize=8192)
def on_duty(rosters: Rosters, day0: float, day1: float) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """When in [day0, day1) the number of people on duty is set, to what, and the working time paid (see `Shifts.paid`).

    `rosters` holds, in the order of time, from which day on which shifts are in force; the first from `day0` or before.
    Callers share the arrays and must not write to them.
    """
    days: list[float] = []
    staff: list[int] = []
    paid = 0
    ends = [start for start, _ in rosters[1:]] + [day1]
    for (start, shifts), end in zip(rosters, ends):
        begin, finish = max(start, day0), min(end, day1)
        if begin < finish:
            new_days, new_staff = shifts.changes(begin, finish)
            days += new_days
            staff += new_staff
            paid += shifts.paid(begin, finish)
    return np.array(days), np.array(staff, np.int64), paid


@lru_cache(maxsize=2048)  # The worlds of an experiment mostly ask for the same weeks of the same tables.
def all_on_duty(
    desks: tuple[Rosters, ...], day0: float, day1: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """What `on_duty` says of teams of several desks: days, staff, where those of each desk begin, and what is paid.

    Callers share the arrays and must not write to them.
    """
    days, staff, paid = zip(*(on_duty(rosters, day0, day1) for rosters in desks))
    begins = np.array([0, *accumulate(one.size for one in days)])
    return np.concatenate(days), np.concatenate(staff), begins, np.array(paid, np.int64)
