"""Table: a text file of rows and columns that still knows on which line each value stood."""

import csv
import difflib
import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO

import numpy as np
import pandas as pd

from experiments.calibration.errors import DataError
from experiments.calibration.estimate import FloatArray

DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Text cells by column, the line of each row in the file, and the file."""

    path: Path
    cells: Mapping[str, Sequence[str]]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Sequence[str]:
        """The cells of a column.

        Raises:
            DataError: there is no such column.
        """
        if name not in self.cells:
            near = difflib.get_close_matches(name, self.cells, n=1)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else "name the columns in the first line, with commas between"
            )
            raise DataError(
                f"{self.path}: column {name!r} is missing, found are {', '.join(self.cells)}: {hint}"
            )
        return self.cells[name]

    def fail(self, row: int, name: str, allowed: str, fix: str) -> NoReturn:
        """Say what is wrong with one cell."""
        place = f"{self.path}, line {self.lines[row]}, column {name!r}"
        raise DataError(f"{place}: {self.cells[name][row]!r} is not allowed, allowed is {allowed}: {fix}")

    def numbers(self, name: str, low: float, high: float, allowed: str, fix: str) -> FloatArray:
        """A column as numbers in [low, high], both ends allowed.

        Raises:
            DataError: the column is missing, or a cell is blank, not a number or out of range.
        """
        cells = self.column(name)
        values = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(np.float64)
        wrong = ~(np.isfinite(values) & (values >= low) & (values <= high))
        if wrong.any():
            self.fail(int(wrong.argmax()), name, allowed, fix)
        return np.asarray(values)

    def days(self, name: str, *, blank: bool) -> "pd.Series[pd.Timestamp]":
        """A column as days; where `blank` allows it, an empty cell is a missing day. A time of day is left off.

        Raises:
            DataError: the column is missing, or a cell is no day of the calendar.
        """
        cells = self.column(name)
        parts = [DAY.fullmatch(cell) for cell in cells]
        texts = ["-".join(match.groups()) if match else "" for match in parts]
        days = pd.to_datetime(pd.Series(texts, dtype=object), format="%Y-%m-%d", errors="coerce")
        wrong = days.isna().to_numpy() & ~(np.array([cell == "" for cell in cells], dtype=bool) & blank)
        if wrong.any():
            allowed = "a day as YYYY-MM-DD" + (" or nothing" if blank else "")
            self.fail(int(wrong.argmax()), name, allowed, "write it so")
        return days.astype("datetime64[s]")


def read_comma_separated(path: Path) -> Table:
    """Read a CSV file, packed with gzip or not: names in the first line, `#` lines and empty lines left out.

    Raises:
        DataError: the file is missing, empty, not text, or a row has another number of cells than the first line.
    """
    with _opened(path) as text:
        reader = csv.reader(text, strict=True)
        try:
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if _counts(row)]
        except (csv.Error, UnicodeDecodeError, OSError, EOFError) as problem:
            raise DataError(
                f"{path}, after line {reader.line_num}: {problem}: save it as CSV in UTF-8"
            ) from problem
    if len(rows) < 2:
        raise DataError(
            f"{path} holds {len(rows)} lines, needed are column names and one row or more: check the file"
        )
    names = [name.lower() for name in rows[0][1]]
    if len(set(names)) < len(names) or "" in names:
        raise DataError(
            f"{path}, line {rows[0][0]}: column names are {names}, allowed are different ones: rename them"
        )
    return _table(path, names, rows[1:])


def read_blank_separated(path: Path, names: Sequence[str]) -> Table:
    """Read a file of cells with blanks between and no line of names.

    Raises:
        DataError: the file is missing, empty, not text, or a row has another number of cells than there are names.
    """
    with _opened(path) as text:
        try:
            rows = [(line, row.split()) for line, row in enumerate(text, start=1) if row.strip()]
        except (UnicodeDecodeError, OSError, EOFError) as problem:
            raise DataError(f"{path}: {problem}: save it as text in UTF-8") from problem
    return _table(path, names, rows)


def first_line(path: Path) -> str:
    """The first line that is neither empty nor a comment; empty where there is none."""
    with _opened(path) as text:
        try:
            return next((line for line in text if _counts([line])), "")
        except (UnicodeDecodeError, OSError, EOFError) as problem:
            raise DataError(f"{path}: {problem}: save it as CSV in UTF-8") from problem


def _opened(path: Path) -> TextIO:
    """The file as text.

    Raises:
        DataError: it cannot be opened.
    """
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as problem:
        raise DataError(f"{path} cannot be opened ({problem.strerror}): give the path of a file") from problem


def _counts(row: Sequence[str]) -> bool:
    """Whether a row is more than blanks or a comment."""
    return any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")


def _table(path: Path, names: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> Table:
    """The rows turned into columns.

    Raises:
        DataError: a row has another number of cells than there are names.
    """
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in names]
    for line, row in rows:
        if len(row) != len(names):
            raise DataError(
                f"{path}, line {line}: {len(row)} cells, allowed is one for each of {', '.join(names)}: "
                "check its commas and quotes"
            )
        lines.append(line)
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    return Table(path, dict(zip(names, columns, strict=True)), lines)
