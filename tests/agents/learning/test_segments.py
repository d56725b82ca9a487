"""A firm's own segments: cells of what it sees."""

import numpy as np
import pytest

from agents.columns import K
from agents.crm import Crm
from agents.learning.segments import OBSERVED_SEGMENTS, observed_segment, payments_per_day


def crm(day: float = 1000.0) -> Crm:
    """Eight known customers, one of each kind in the order of the codes, and one who is not known and paid most."""
    columns = np.zeros((len(K), 9), np.float32)
    code = np.arange(8)
    columns[K.KNOWN, :8] = 1.0
    columns[K.JOINED, :8] = np.where(code >= 4, day - 400.0, day - 100.0)
    columns[K.SPEND, :8] = (day - columns[K.JOINED, :8]) * np.where(code // 2 % 2 == 1, 2.0, 1.0)
    columns[K.LAST_TICKET, :8] = np.where(code % 2 == 1, day - 30.0, -1e6)
    columns[K.SPEND, 8] = 1e6
    return Crm(columns, day)


def test_each_code_has_its_meaning_and_its_name() -> None:
    ids = np.arange(8, dtype=np.int32)
    assert observed_segment(crm(), ids).tolist() == list(range(8))
    assert len(OBSERVED_SEGMENTS) == len(set(OBSERVED_SEGMENTS)) == 8
    assert OBSERVED_SEGMENTS[0] == "first year, pays less, quiet"
    assert OBSERVED_SEGMENTS[1] == "first year, pays less, recent ticket"
    assert OBSERVED_SEGMENTS[2] == "first year, pays more, quiet"
    assert OBSERVED_SEGMENTS[4] == "settled, pays less, quiet"


def test_it_goes_by_id_whoever_is_asked_about() -> None:
    assert observed_segment(crm(), np.array([6, 0, 3, 3], np.int32)).tolist() == [6, 0, 3, 3]
    assert observed_segment(crm(), np.empty(0, np.int32)).size == 0


def test_time_alone_moves_people_on() -> None:
    young = crm()
    columns = young._columns.copy()
    later = Crm(columns, 1000.0 + 300.0)
    codes = observed_segment(later, np.arange(8, dtype=np.int32))
    assert (codes >= 4).all()
    assert (codes % 2 == 0).all()


def test_payments_count_over_thirty_days_at_least() -> None:
    columns = np.zeros((len(K), 2), np.float32)
    columns[K.KNOWN], columns[K.JOINED], columns[K.SPEND] = 1.0, (90.0, 40.0), 60.0
    assert payments_per_day(Crm(columns, 100.0), np.arange(2, dtype=np.int32)) == pytest.approx([2.0, 1.0])


def test_a_firm_without_customers_has_empty_segments() -> None:
    nobody = Crm(np.zeros((len(K), 3), np.float32), 10.0)
    assert observed_segment(nobody, nobody.members()).size == 0
