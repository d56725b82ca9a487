"""Shelf: finished tasks of points as partitioned Parquet, whole parts or none, found by content.

A part holds a few thousand rows, one for each task and provider recorded, and is written beside, synced and renamed.
A killed run loses at most the rows that were not yet in a part. Read all of it with one line:

    pd.read_parquet("outputs/DATE/TIME/points")        pl.read_parquet("outputs/DATE/TIME/points/*.parquet")
    duckdb.sql("select * from 'outputs/DATE/TIME/points/*.parquet'")
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.metrics import METRICS
from experiments.tables import write_parquet

Floats = NDArray[np.float64]
FOLDER = "points"
LABELS = ("stage", "world", "point", "draw", "replicate", "scenario", "provider")
"""Key columns; `attention`, one column for each metric and `key` follow them."""
ROWS = 8192
"""Rows after which a part is written."""
SECONDS = 5.0
"""Seconds after which a part is written however few its rows are."""
_TEXTS = frozenset({"stage", "world", "scenario", "provider"})
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string() if name in _TEXTS else pa.int32()) for name in LABELS),
        pa.field("attention", pa.float64()),
        *(pa.field(name, pa.float64()) for name in METRICS),
        pa.field("key", pa.binary(16)),
    ]
)
_METRICS = tuple(METRICS)


@dataclass(frozen=True, slots=True)
class Row:
    """One task: labels, and its values by provider.

    Attributes:
        stage, world, point, draw, replicate, scenario: labels.
        attention: mean attention of its world.
        values: float64 [providers, metrics].
        key: its content.
    """

    stage: str
    world: str
    point: int
    draw: int
    replicate: int
    scenario: str
    attention: float
    values: Floats
    key: bytes


class Shelf:
    """Rows in a folder of parts.

    Args:
        root: the folder; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._waiting: list[tuple[Row, tuple[str, ...]]] = []
        self._since = time.monotonic()

    @property
    def parts(self) -> list[Path]:
        """Finished parts, by name."""
        return sorted(self.root.glob("*.parquet")) if self.root.is_dir() else []

    def add(self, row: Row, providers: tuple[str, ...]) -> None:
        """Keep a row; it is on disk after the next `flush`, which comes by itself when enough are waiting."""
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append((row, providers))
        if len(self._waiting) >= ROWS or time.monotonic() - self._since > SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what waits as a part."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self.root.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(b"".join(row.key for row, _ in waiting) + waiting[0][0].stage.encode())
        write_parquet(_table(waiting), self.root / f"part-{name.hexdigest()[:24]}.parquet")


def _table(rows: Sequence[tuple[Row, tuple[str, ...]]]) -> pa.Table:
    columns: dict[str, list[Any]] = {"provider": [name for _, providers in rows for name in providers]}
    for name in (*LABELS[:-1], "attention", "key"):
        columns[name] = [getattr(row, name) for row, providers in rows for _ in providers]
    values = np.concatenate([row.values for row, _ in rows])
    arrays = {name: pa.array(listed, _SCHEMA.field(name).type) for name, listed in columns.items()}
    arrays |= {name: pa.array(np.ascontiguousarray(values[:, i])) for i, name in enumerate(_METRICS)}
    return pa.table([arrays[field.name] for field in _SCHEMA], schema=_SCHEMA)


class Index:
    """Which tasks some shelves hold, by content, and their values.

    Args:
        shelves: looked through in this order.
    """

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self._shelves = tuple(shelves)
        self._parts: list[Path] = []
        self._at: dict[bytes, int] = {}
        self._open: tuple[int, dict[bytes, tuple[float, Floats]]] = (-1, {})
        self.refresh()

    def refresh(self) -> None:
        """Take in the parts that have been written since."""
        known = set(self._parts)
        for part in (part for shelf in self._shelves for part in shelf.parts if part not in known):
            number = len(self._parts)
            self._parts.append(part)
            for key in pq.read_table(part, columns=["key"])["key"].to_pylist():
                self._at.setdefault(key, number)

    def __contains__(self, key: bytes) -> bool:
        return key in self._at

    def __len__(self) -> int:
        return len(self._at)

    def values(self, key: bytes) -> tuple[float, Floats]:
        """Mean attention and values, float64 [providers, metrics], of a task that is there."""
        number = self._at[key]
        if self._open[0] != number:
            self._open = (number, dict(_read(self._parts[number])))
        return self._open[1][key]


def _read(part: Path) -> Iterator[tuple[bytes, tuple[float, Floats]]]:
    """The tasks of a part; providers of one task stand one after the other."""
    table = pq.read_table(part, columns=["key", "attention", *_METRICS])
    keys = table["key"].to_pylist()
    attention = table["attention"].to_numpy()
    values = np.stack([table[name].to_numpy() for name in _METRICS], axis=1)
    start = 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or keys[place] != keys[start]:
            yield keys[start], (float(attention[start]), values[start:place])
            start = place


def label_of(stage: str, world: str, point: int, draw: int, replicate: int, scenario: str) -> bytes:
    """Eight bytes that stand for a task's labels."""
    text = f"{stage}\0{world}\0{point}\0{draw}\0{replicate}\0{scenario}"
    return hashlib.sha256(text.encode()).digest()[:8]


def labels(parts: Sequence[Path]) -> Iterator[bytes]:
    """The labels of all rows of some parts."""
    for part in parts:
        columns = pq.read_table(part, columns=list(LABELS[:-1])).to_pydict()
        yield from map(label_of, *(columns[name] for name in LABELS[:-1]))


def values_hash(parts: Sequence[Path]) -> str:
    """SHA-256 over the sorted digests of the rows' labels and values, in hexadecimal; how rows lie in parts is nothing.

    Values are little-endian float64, all NaN alike; attention counts, keys do not.
    """
    digests = []
    for part in parts:
        table = pq.read_table(part)
        columns = [table[name].to_pylist() for name in LABELS]
        values = np.stack([table[name].to_numpy() for name in ("attention", *_METRICS)], axis=1).astype("<f8")
        values[np.isnan(values)] = np.nan
        for row, label in zip(values, zip(*columns, strict=True), strict=True):
            digests.append(hashlib.sha256(repr(label).encode() + row.tobytes()).digest())
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
