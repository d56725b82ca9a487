"""Source: which file data.path means, and what it holds."""

from pathlib import Path

import pytest

from experiments.calibration.data import example
from experiments.calibration.errors import DataError
from experiments.calibration.source import kind_of, locate

CDNOW_LINE = " 00004 0001 19970101  2   29.33\n"


def test_a_path_is_itself(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("year,share\n")
    assert locate(str(file)) == file


def test_an_example_is_the_one_that_ships() -> None:
    assert locate("example:subscription_survival") == example("subscription_survival")


def test_cdnow_is_found_in_the_folder_of_real_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdnow_sample.txt").write_text(CDNOW_LINE)
    monkeypatch.setenv("TENURE_DATA", str(tmp_path))
    assert locate("example:cdnow") == tmp_path / "cdnow_sample.txt"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (None, "data.path is missing: give data.path=FILE"),
        ("nowhere.csv", "data.path=nowhere.csv is not a file"),
        ("example:nothing", "example 'nothing' does not exist, allowed are subscription_survival"),
    ],
)
def test_what_is_not_there_is_said(path: str | None, said: str) -> None:
    with pytest.raises(DataError) as raised:
        locate(path)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("year,share\n0,100\n", "survival"),
        ("Month,a,b\n1,.9,.8\n", "survival"),
        ("start,end,segment\n2020-01-01,,a\n", "subscriptions"),
        ("value,date,customer\n3,2020-01-01,a\n", "transactions"),
        ("amount,day,client\n3,2020-01-01,a\n", "transactions"),
        (CDNOW_LINE, "transactions"),
    ],
)
def test_a_first_line_tells_the_kind(tmp_path: Path, text: str, kind: str) -> None:
    file = tmp_path / "data.txt"
    file.write_text(text)
    columns = {"customer": "Client", "date": "day", "value": "amount"} if "client" in text else {}
    assert kind_of(file, columns) == kind


def test_unknown_columns_are_said(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("who,when\na,b\n")
    with pytest.raises(DataError, match="columns when, who are not known, allowed are year"):
        kind_of(file, {})
