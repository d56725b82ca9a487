"""Loaders: what they accept, and the one sentence they say otherwise."""

import gzip
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import data
from experiments.calibration.errors import DataError


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def sentence(path: Path, problem: str) -> str:
    """An error as a whole."""
    return f"{path}, {problem}"


def test_survival_in_percent(tmp_path: Path) -> None:
    found = data.load_survival(written(tmp_path, "year,share\n0,100\n1,60\n2,45.5\n"))
    assert found.frame["period"].tolist() == [0, 1, 2]
    assert found.frame["share"].tolist() == [1.0, 0.6, 0.455]
    assert (found.unit, found.period) == ("percent", "year")
    assert found.said == "file.csv: column 'share' read as survival in percent over 2 years."


def test_survival_in_fractions_by_month_without_month_0(tmp_path: Path) -> None:
    found = data.load_survival(written(tmp_path, "# a note, with a comma\n\nMonth,Share\n1,.9\n2,.85\n"))
    assert found.frame["share"].tolist() == [1.0, 0.9, 0.85]
    assert (found.unit, found.period) == ("fraction", "month")
    assert found.durations(100).lost.tolist() == pytest.approx([10.0, 5.0])


def test_survival_of_a_chosen_column(tmp_path: Path) -> None:
    path = written(tmp_path, "year,a,b\n0,1,1\n1,.9,.5\n2,.8,.4\n")
    assert data.survival_columns(path) == ["a", "b"]
    assert data.load_survival(path, "B").frame["share"].tolist() == [1.0, 0.5, 0.4]
    with pytest.raises(DataError, match="'share' is missing, found are a, b: choose one of them as column"):
        data.load_survival(path)
    with pytest.raises(DataError, match="column 'c' is missing, found are year, a, b"):
        data.load_survival(path, "c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "year,share\n0,100\n1,60\n2,61\n",
            (
                "line 4, column 'share': '61' is not allowed, allowed is no more than on the line before: "
                "give those still there, not new ones"
            ),
        ),
        (
            "year,share\n0,1000\n1,600\n2,500\n",
            (
                "line 2, column 'share': '1000' is not allowed, allowed is 0 to 100 (percent) or 0 to 1: "
                "divide by the size of the cohort"
            ),
        ),
        (
            "year,share\n0,80\n1,60\n2,50\n",
            (
                "line 2, column 'share': '80' is not allowed, allowed is 100 at year 0: "
                "divide the column by its first value"
            ),
        ),
        (
            "year,share\n0,100\n1,n/a\n2,50\n",
            (
                "line 3, column 'share': 'n/a' is not allowed, allowed is 0 to 100 (percent) or 0 to 1: "
                "divide by the size of the cohort"
            ),
        ),
        (
            "year,share\n0,100\n# a gap\n2,60\n3,50\n",
            (
                "line 4, column 'year': '2' is not allowed, allowed is 0 or 1 and then the next whole number on each "
                "line: sort, and leave none out"
            ),
        ),
        (
            "year,share\n0,100\n1\n",
            "line 3: 1 cells, allowed is one for each of year, share: check its commas and quotes",
        ),
        (
            "year,year\n0,100\n1,60\n",
            "line 1: column names are ['year', 'year'], allowed are different ones: rename them",
        ),
    ],
)
def test_survival_says_where_and_what(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError) as caught:
        data.load_survival(path)
    assert str(caught.value) == sentence(path, said)


def test_survival_needs_two_periods(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 year given, needed are 2 or more: add years"):
        data.load_survival(written(tmp_path, "year,share\n0,100\n1,60\n"))


@pytest.mark.parametrize("content", [b"", b"year,share\n", b"# only a note\n"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="needed are column names and one row or more"):
        data.load_survival(path)


def test_files_that_are_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv cannot be opened \(No such file or directory\)"):
        data.load_survival(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be opened"):
        data.load_transactions(tmp_path)
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"year,share\n0,100\n1,\xff\xfe\n")
    for load in (data.load_survival, data.load_transactions, data.load_subscriptions):
        with pytest.raises(DataError, match="save it as CSV in UTF-8"):
            load(path)
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(b"year,share\n0,100\n")
    with pytest.raises(DataError, match="save it as CSV"):
        data.load_survival(packed)


def test_the_example_is_the_published_table() -> None:
    path = data.example("subscription_survival")
    assert "Fader" in path.read_text(encoding="utf-8").splitlines()[0]
    assert data.survival_columns(path) == ["regular", "high_end"]
    for column, last in (("regular", 0.173), ("high_end", 0.394)):
        table = data.load_survival(path, column)
        assert len(table.frame) == 13
        assert table.frame["share"].iloc[-1] == pytest.approx(last)
    with pytest.raises(DataError, match="allowed are subscription_survival"):
        data.example("other")


@pytest.mark.evidence
def test_the_example_agrees_with_the_data_folder(tenure_data: Path) -> None:
    for column in ("regular", "high_end"):
        ours = data.load_survival(data.example("subscription_survival"), column)
        theirs = data.load_survival(tenure_data / "subscription_survival.csv", column)
        pd.testing.assert_frame_equal(ours.frame, theirs.frame)


def test_subscriptions(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffstart,end,segment\n2021-01-31,,gold\n2021-02-01,2021-06-30,\n")
    found = data.load_subscriptions(path)
    assert found["start"].dt.strftime("%Y-%m-%d").tolist() == ["2021-01-31", "2021-02-01"]
    assert found["end"].isna().tolist() == [True, False]
    assert found["segment"].tolist() == ["gold", "all"]


def test_subscriptions_under_other_names(tmp_path: Path) -> None:
    path = written(tmp_path, "Signed_Up,left,plan\n20210131,2021-03-01T10:00:00,a\n")
    found = data.load_subscriptions(path, {"start": "signed_up", "end": "left", "segment": "plan"})
    assert found["end"].iloc[0] == pd.Timestamp("2021-03-01")
    assert found["segment"].tolist() == ["a"]
    assert data.load_subscriptions(path, {"start": "signed_up", "end": "left"})["segment"].tolist() == ["all"]
    with pytest.raises(DataError, match="column 'finish' cannot be renamed, allowed are start, end, segment"):
        data.load_subscriptions(path, {"finish": "left"})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "2021-13-01,",
            "column 'start': '2021-13-01' is not allowed, allowed is a day as YYYY-MM-DD: write it so",
        ),
        (",2021-01-01", "column 'start': '' is not allowed, allowed is a day as YYYY-MM-DD: write it so"),
        (
            "2021-01-05,01.02.2021",
            "column 'end': '01.02.2021' is not allowed, allowed is a day as YYYY-MM-DD or nothing: write it so",
        ),
        (
            "2021-01-05,2021-01-04",
            (
                "column 'end': '2021-01-04' is not allowed, allowed is a day from the start 2021-01-05 on, or nothing: "
                "correct or remove the row"
            ),
        ),
    ],
)
def test_subscriptions_say_where_and_what(tmp_path: Path, row: str, said: str) -> None:
    path = written(tmp_path, f"start,end\n2020-01-01,\n{row}\n")
    with pytest.raises(DataError) as caught:
        data.load_subscriptions(path)
    assert str(caught.value) == sentence(path, f"line 3, {said}")


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="column 'start' is missing, found are started, end: did you mean 'started'"
    ):
        data.load_subscriptions(written(tmp_path, "started,end\n2020-01-01,\n"))


def test_transactions(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(
            'customer,date,value,note\n007,2021-03-01 09:30,5,"a, b"\n12,2021-01-02,7.5,\n007,2021-01-01,0,\n'
        )
    found = data.load_transactions(path)
    assert found["customer"].tolist() == ["007", "007", "12"]
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == ["2021-01-01", "2021-03-01", "2021-01-02"]
    assert found["value"].tolist() == [0.0, 5.0, 7.5]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            ",2021-01-01,3",
            "column 'customer': '' is not allowed, allowed is a name or number: remove the row: it is nobody's",
        ),
        (
            "a,2021-01-01,-3",
            "column 'value': '-3' is not allowed, allowed is an amount from 0: net out or drop refunds",
        ),
        (
            "a,2021-01-01,inf",
            "column 'value': 'inf' is not allowed, allowed is an amount from 0: net out or drop refunds",
        ),
    ],
)
def test_transactions_say_where_and_what(tmp_path: Path, row: str, said: str) -> None:
    path = written(tmp_path, f"customer,date,value\nb,2021-01-01,1\n{row}\n")
    with pytest.raises(DataError) as caught:
        data.load_transactions(path)
    assert str(caught.value) == sentence(path, f"line 3, {said}")


def test_refunds_can_be_dropped(tmp_path: Path) -> None:
    path = written(tmp_path, "customer,date,value\nb,2021-01-01,1\nb,2021-01-02,-1\n")
    assert data.load_transactions(path, refunds="drop")["value"].tolist() == [1.0]


def test_cdnow_format_is_known_by_its_look(tmp_path: Path) -> None:
    path = tmp_path / "sample.txt"
    path.write_bytes(
        b" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n 00021 0002 19970101  3   63.3 \r\n"
    )
    found = data.load_transactions(path)
    assert found["customer"].tolist() == ["00004", "00004", "00021"]
    assert found["value"].tolist() == [29.33, 29.73, 63.3]
    path.write_bytes(b" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  29.73\r\n")
    with pytest.raises(DataError, match="line 2: 4 cells, allowed is one for each of customer, sample_id"):
        data.load_transactions(path)


@pytest.mark.evidence
def test_cdnow_sample(cdnow: pd.DataFrame) -> None:
    assert len(cdnow) == 6_919
    assert cdnow["customer"].nunique() == 2_357
    assert (cdnow["date"].min(), cdnow["date"].max()) == (
        pd.Timestamp("1997-01-01"),
        pd.Timestamp("1998-06-30"),
    )


@pytest.mark.evidence
def test_online_retail_invoices(tenure_data: Path) -> None:
    names = {"customer": "customer_id", "date": "invoice_datetime"}
    found = data.load_transactions(tenure_data / "online_retail_invoices.csv.gz", names, refunds="drop")
    paid = found[found["value"] > 0]
    assert (len(paid), paid["customer"].nunique()) == (18_532, 4_338)


def test_cdnow_path_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", missing)
    with pytest.raises(
        DataError, match=r'not installed: install the extra: pip install "tenure-lab\[cdnow\]"'
    ):
        data.cdnow_path()


def test_cdnow_path_leads_to_the_sample_without_an_import() -> None:
    try:
        metadata.version("lifetimes")
    except metadata.PackageNotFoundError:
        pytest.skip("the extra `cdnow` is not installed")
    found = data.load_transactions(data.cdnow_path())
    assert len(found) == 6_919
    assert found["value"].sum() == pytest.approx(np.round(found["value"].sum(), 2))
