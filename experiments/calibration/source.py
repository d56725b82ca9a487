"""Source: the file that a calibration reads - where it lies and what it holds."""

import os
from collections.abc import Mapping
from pathlib import Path

from experiments.calibration.data import CDNOW_ROW, cdnow_path, example
from experiments.calibration.errors import DataError
from experiments.calibration.table import first_line, read_comma_separated

EXAMPLE = "example:"
CDNOW = "cdnow"
DATA = "TENURE_DATA"
"""Variable of the environment that names a folder of real data."""


def locate(path: str | None) -> Path:
    """The file of `data.path`: a path, `example:NAME` for one that ships, or `example:cdnow`.

    CDNOW comes with the extra `cdnow`, or lies as `cdnow_sample.txt` in the folder that TENURE_DATA names.

    Raises:
        DataError: none was given, or it is not there.
    """
    if not path:
        raise DataError(
            "data.path is missing: give data.path=FILE, or data.path=example:subscription_survival to try"
        )
    if not path.startswith(EXAMPLE):
        found = Path(path).expanduser()
        if not found.is_file():
            raise DataError(f"data.path={path} is not a file: give the path from the folder you are in")
        return found
    name = path.removeprefix(EXAMPLE)
    return _cdnow() if name == CDNOW else example(name)


def _cdnow() -> Path:
    folder = os.environ.get(DATA)
    beside = Path(folder).expanduser() / "cdnow_sample.txt" if folder else None
    return beside if beside is not None and beside.is_file() else cdnow_path()


def kind_of(path: Path, columns: Mapping[str, str]) -> str:
    """What a file holds, by its first line: survival, subscriptions or transactions.

    Args:
        path: the file.
        columns: other names of columns, by the known name.

    Raises:
        DataError: its columns are none of those known.
    """
    if CDNOW_ROW.fullmatch(first_line(path)):
        return "transactions"
    names = set(read_comma_separated(path).cells)
    known = {name: columns.get(name, name).lower() for name in ("start", "end", "customer", "date", "value")}
    if {"year", "month"} & names:
        return "survival"
    if {known["start"], known["end"]} <= names:
        return "subscriptions"
    if {known["customer"], known["date"], known["value"]} <= names:
        return "transactions"
    raise DataError(
        f"{path}: columns {', '.join(sorted(names))} are not known, allowed are year (or month) and share, or start "
        "and end, or customer, date and value: rename them, or say which is which, as in "
        "experiment.columns={customer: client, date: day}"
    )
