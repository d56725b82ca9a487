"""Loaders: survival tables, subscription files and transaction logs, checked and typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from experiments.calibration.durations import Durations, Period, from_shares
from experiments.calibration.errors import DataError
from experiments.calibration.table import Table, first_line, read_blank_separated, read_comma_separated

EXAMPLES = Path(__file__).parent / "examples"
CDNOW_ROW = re.compile(r"\s*\d+\s+\d+\s+\d{8}\s+\d+\s+\d+(\.\d*)?\s*")
CDNOW_COLUMNS = ("customer", "sample_id", "date", "cds", "value")
LARGEST = 1e15  # beyond it cents are lost in a float


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalTable:
    """Shares still there of one cohort: `frame` with `period` (0, 1, ..., whole) and `share` (0..1, first 1)."""

    frame: pd.DataFrame
    period: Period
    column: str
    unit: Literal["percent", "fraction"]
    path: Path

    @property
    def said(self) -> str:
        """How the file was read, in a sentence."""
        last = int(self.frame["period"].iloc[-1])
        return f"{self.path.name}: column {self.column!r} read as survival in {self.unit} over {last} {self.period}s."

    def durations(self, customers: float = 1000.0) -> Durations:
        """Counts for a cohort of `customers` (1,000 as in Fader & Hardie 2007; the table itself has no size)."""
        return from_shares(self.frame["share"].to_numpy(np.float64)[1:], customers, self.period)


def load_survival(path: str | Path, column: str | None = None) -> SurvivalTable:
    """Read a survival table: `year` (or `month`) 0 or 1, 2, 3, ... and a share still there, in % or 0..1.

    The share is in `column`; by default in `share`, or in the only other column there is. Values are percent where
    any is above 1, else fractions: `SurvivalTable.said` tells which. Year 0 may be left out: all are there.

    Raises:
        DataError: one sentence with file, line, column, value, what is allowed and the fix.
    """
    table = read_comma_separated(Path(path))
    period: Period = "month" if "month" in table.cells and "year" not in table.cells else "year"
    name = _share_column(table, period, column)
    times = table.numbers(period, 0, 1e6, f"a whole {period} from 0", "count from the start of the cohort")
    for row, time in enumerate(times):
        if time != times[0] + row or times[0] not in (0, 1):
            table.fail(
                row, period, "0 or 1 and then the next whole number on each line", "sort, and leave none out"
            )
    shares = table.numbers(name, 0, 100, "0 to 100 (percent) or 0 to 1", "divide by the size of the cohort")
    unit: Literal["percent", "fraction"] = "percent" if shares.max() > 1 else "fraction"
    whole = 100.0 if unit == "percent" else 1.0
    if times[0] == 0 and shares[0] != whole:
        table.fail(0, name, f"{whole:g} at {period} 0", "divide the column by its first value")
    rises = np.flatnonzero(np.diff(shares) > 0)
    if rises.size:
        table.fail(
            int(rises[0]) + 1, name, "no more than on the line before", "give those still there, not new ones"
        )
    survival = shares / whole if times[0] == 0 else np.concatenate([[1.0], shares / whole])
    if len(survival) < 3:
        raise DataError(
            f"{table.path}: {len(survival) - 1} {period} given, needed are 2 or more: add {period}s"
        )
    frame = pd.DataFrame({"period": np.arange(len(survival), dtype=np.int64), "share": survival})
    return SurvivalTable(frame, period, name, unit, table.path)


def survival_columns(path: str | Path) -> list[str]:
    """The columns of a survival table that hold shares: all but the time."""
    return [name for name in read_comma_separated(Path(path)).cells if name not in ("year", "month")]


def _share_column(table: Table, period: Period, column: str | None) -> str:
    """Which column holds the shares.

    Raises:
        DataError: several could, and none is named.
    """
    others = [name for name in table.cells if name != period]
    wanted = column.lower() if column is not None else "share"
    if wanted in table.cells or column is not None:
        table.column(wanted)
        return wanted
    if len(others) == 1:
        return others[0]
    raise DataError(
        f"{table.path}: column 'share' is missing, found are {', '.join(others)}: choose one of them as column"
    )


def load_subscriptions(path: str | Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read a subscription file: `start`, `end` (blank where it still runs), and `segment` where there is one.

    `columns` names other columns for these, as `{"start": "signed_up"}`. One row per subscription, in the order of
    the file: `start` and `end` days (`end` the first without it), `segment` text, `all` where blank or not given.

    Raises:
        DataError: one sentence with file, line, column, value, what is allowed and the fix.
    """
    table = read_comma_separated(Path(path))
    names = _renamed(columns, ("start", "end", "segment"))
    start, end = table.days(names["start"], blank=False), table.days(names["end"], blank=True)
    backwards = (end < start).to_numpy()
    if backwards.any():
        row = int(backwards.argmax())
        began = table.column(names["start"])[row]
        table.fail(
            row, names["end"], f"a day from the start {began} on, or nothing", "correct or remove the row"
        )
    segments: list[str] = ["all"] * len(table)
    if names["segment"] in table.cells or (columns is not None and "segment" in columns):
        segments = [cell or "all" for cell in table.column(names["segment"])]
    return pd.DataFrame({"start": start, "end": end, "segment": pd.Series(segments, dtype=object)})


def load_transactions(
    path: str | Path, columns: Mapping[str, str] | None = None, refunds: Literal["reject", "drop"] = "reject"
) -> pd.DataFrame:
    """Read a transaction log: `customer`, `date`, `value`; or the blank-separated CDNOW files, known by their look.

    `columns` names other columns for these, as `{"customer": "customer_id"}`. One row per row of the file, sorted by
    customer and date: `customer` text, `date` a day, `value` money from 0 up. Orders of one day are not merged here.
    A value below 0 is an error, or with `refunds="drop"` its row is left out; what was refunded stays a purchase.

    Raises:
        DataError: one sentence with file, line, column, value, what is allowed and the fix.
    """
    if CDNOW_ROW.fullmatch(first_line(Path(path))):
        table, names = (
            read_blank_separated(Path(path), CDNOW_COLUMNS),
            _renamed(None, ("customer", "date", "value")),
        )
    else:
        table, names = read_comma_separated(Path(path)), _renamed(columns, ("customer", "date", "value"))
    customers = table.column(names["customer"])
    if "" in customers:
        table.fail(
            list(customers).index(""), names["customer"], "a name or number", "remove the row: it is nobody's"
        )
    lowest = -LARGEST if refunds == "drop" else 0.0
    frame = pd.DataFrame(
        {
            "customer": pd.Series(list(customers), dtype=object),
            "date": table.days(names["date"], blank=False),
            "value": table.numbers(
                names["value"], lowest, LARGEST, "an amount from 0", "net out or drop refunds"
            ),
        }
    )
    return frame[frame["value"] >= 0].sort_values(["customer", "date"], kind="stable", ignore_index=True)


def _renamed(columns: Mapping[str, str] | None, known: tuple[str, ...]) -> dict[str, str]:
    """The name in the file of each known column.

    Raises:
        DataError: a column is renamed that is not known.
    """
    given = dict(columns or {})
    for name in given:
        if name not in known:
            raise DataError(
                f"column {name!r} cannot be renamed, allowed are {', '.join(known)}: correct the key"
            )
    return {name: given.get(name, name).lower() for name in known}


def example(name: str) -> Path:
    """Path of an example that comes with the package, such as `subscription_survival`.

    Raises:
        DataError: there is no such example.
    """
    path = EXAMPLES / f"{name}.csv"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in EXAMPLES.glob("*.csv")))
        raise DataError(f"example {name!r} does not exist, allowed are {known}: choose one of them")
    return path


def cdnow_path() -> Path:
    """Path of the CDNOW sample inside the package `lifetimes` (extra `cdnow`), which is not imported.

    Raises:
        DataError: the package is not installed, or does not hold the file.
    """
    from importlib import metadata

    install = 'install the extra: pip install "tenure-lab[cdnow]"'
    try:
        files = metadata.files("lifetimes") or []
    except metadata.PackageNotFoundError as missing:
        raise DataError(
            f"the CDNOW sample comes with the package lifetimes, which is not installed: {install}"
        ) from missing
    for file in files:
        if file.name == "CDNOW_sample.txt":
            return Path(str(file.locate()))
    raise DataError(f"the installed package lifetimes does not hold CDNOW_sample.txt: {install}")
