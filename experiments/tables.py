"""Tables: outcomes as the tidy tables of a run, sorted by construction, and the hash of their values."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.tasks import Axes, Cell, Outcome

ALL = "all"
"""The provider or segment that stands for everyone."""
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Key:
    """A key column: labels, sorted where the table is sorted by them, and which of them each row has."""

    labels: tuple[Any, ...]
    codes: Codes


@dataclass(frozen=True)
class Tidy:
    """A tidy table: key columns and one value per row; rows are sorted by the keys.

    Attributes:
        name: the file's name without ending.
        keys: the key columns in order; `unit` follows from `metric`.
        value: the values; NaN where undefined.
    """

    name: str
    keys: Mapping[str, Key]
    value: Floats

    def frame(self) -> pd.DataFrame:
        """The table for pandas; texts are categories, in sorted order."""
        columns: dict[str, Any] = {}
        for name, key in self.keys.items():
            words = isinstance(key.labels[0], str)
            columns[name] = _category(key) if words else np.asarray(key.labels)[key.codes]
        return pd.DataFrame({**columns, "value": self.value})

    def write(self, path: Path) -> None:
        """Write the table as Parquet, whole or not at all; texts as plain strings."""
        columns = {}
        for name, key in self.keys.items():
            coded = pa.DictionaryArray.from_arrays(pa.array(key.codes), pa.array(list(key.labels)))
            columns[name] = coded.cast(coded.type.value_type)
        write_parquet(pa.table({**columns, "value": pa.array(self.value)}), path)

    def feed(self, digest: Any) -> None:
        """Feed the canonical form to a hash, see `results_hash`."""
        heads = {name: list(key.labels) for name, key in self.keys.items() if name != "unit"}
        digest.update(
            json.dumps([self.name, heads], separators=(",", ":"), ensure_ascii=False).encode("utf-8")
        )
        for name, key in self.keys.items():
            if name != "unit":
                digest.update(key.codes.astype("<i4").tobytes())
        plain = np.where(np.isnan(self.value), np.nan, self.value) + 0.0
        digest.update(plain.astype("<f8").tobytes())


def _category(key: Key) -> Any:
    """Categories in sorted order; labels that occur twice (units of several metrics) are one category."""
    categories: list[str] = sorted(set(key.labels))
    moved = np.array([categories.index(label) for label in key.labels], dtype=np.int32)
    return pd.Categorical.from_codes(moved[key.codes], dtype=pd.CategoricalDtype(categories))


def results_hash(tables: Iterable[Tidy]) -> str:
    """SHA-256 over the sorted values of some tables, in hexadecimal.

    Canonical form of a table, whose rows are sorted by its key columns (texts by code point, numbers by size): the
    JSON list of its name and of the sorted labels of each key column except `unit` (no spaces, UTF-8), then for each of
    these columns the position of each row's label as 32-bit integers, then the values as IEEE doubles, all
    little-endian; -0 is written as 0 and every NaN as the same quiet one. Times, paths, machines and file bytes are no
    part of it.
    """
    digest = hashlib.sha256()
    for table in tables:
        table.feed(digest)
    return digest.hexdigest()


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a Parquet file beside its place, then move it there."""
    beside = path.with_name(f".{path.name}.tmp")
    try:
        pq.write_table(table, beside, compression="zstd")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]], path: Path) -> None:
    """Write a CSV file: floats as `repr`, NaN as an empty cell, lines ended by a line feed.

    The file appears whole or not at all: it is written beside its place, synced, then renamed.

    Raises:
        OSError: the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([_written(value) for value in row] for row in rows)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _written(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else repr(float(value))


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a table of plain columns as Parquet, whole or not at all."""
    write_parquet(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), path)


def runs_table(outcomes: Mapping[Cell, Outcome], axes: Axes) -> Tidy:
    """The table of `runs.parquet`: every metric by scenario, draw, replicate, provider and segment."""
    providers, segments = (*axes.providers, ALL), (*axes.segments, ALL)
    inner = {"provider": providers, "segment": segments, "metric": axes.metrics}
    order = np.ix_(*(_order(labels) for labels in inner.values()))
    values = [outcomes[cell].runs[order] for cell in sorted(outcomes)]
    return _tidy("runs", sorted(outcomes), inner, values, axes.units)


def timeline_table(outcomes: Mapping[Cell, Outcome], axes: Axes) -> Tidy:
    """The table of `timeline.parquet`: every metric over time by scenario, draw, replicate and provider."""
    days = tuple(float(day) for day in next(iter(outcomes.values())).days) if outcomes else ()
    inner: dict[str, Sequence[Any]] = {
        "provider": (*axes.providers, ALL),
        "day": days,
        "metric": axes.timeline,
    }
    order = np.ix_(*(_order(labels) for labels in inner.values()))
    values = [outcomes[cell].timeline[order] for cell in sorted(outcomes)]
    return _tidy("timeline", sorted(outcomes), inner, values, axes.units)


def _order(labels: Sequence[Any]) -> NDArray[np.intp]:
    return np.array(sorted(range(len(labels)), key=lambda i: labels[i]), dtype=np.intp)


def _tidy(
    name: str,
    cells: Sequence[Cell],
    inner: Mapping[str, Sequence[Any]],
    values: Sequence[Floats],
    units: Mapping[str, str],
) -> Tidy:
    sizes = [len(labels) for labels in inner.values()]
    rows = int(np.prod(sizes))
    keys: dict[str, Key] = {}
    for place, column in enumerate(("scenario", "draw", "replicate")):
        labels = tuple(sorted({cell[place] for cell in cells}))
        index = {label: i for i, label in enumerate(labels)}
        codes = np.array([index[cell[place]] for cell in cells], dtype=np.int32)
        keys[column] = Key(labels, np.repeat(codes, rows))
    for place, (column, listed) in enumerate(inner.items()):
        labels = tuple(sorted(listed))
        shape = [1] * len(sizes)
        shape[place] = sizes[place]
        one = np.broadcast_to(np.arange(sizes[place], dtype=np.int32).reshape(shape), sizes).ravel()
        keys[column] = Key(labels, np.tile(one, len(cells)))
    metric = keys["metric"]
    keys["unit"] = Key(tuple(units[m] for m in metric.labels), metric.codes)
    value = np.concatenate([v.ravel() for v in values]) if values else np.zeros(0)
    return Tidy(name, keys, value.astype(np.float64, copy=False))
