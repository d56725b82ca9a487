r"""Store: finished tasks as files, found by content, whole or not at all.

A record is written to `.partial/` on the same file system, synced, then renamed to `tasks/KEY[:2]/KEY.task`. Reading
checks the key inside and a SHA-256 at the end: a file that is torn, foreign or of another format counts as missing and
is computed anew.

File: the bytes `TENURE1\n`; length of the header, 8 bytes, little-endian; header, JSON with `key`, `meta` and
`arrays` (name, dtype, shape); the arrays' bytes in that order, C order, little-endian; SHA-256 of all before.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"TENURE1\n"
_DIGEST = hashlib.sha256().digest_size
_STALE = 3600.0
"""Seconds after which a file in `.partial/` belongs to no living process."""


@dataclass(frozen=True)
class Record:
    """What a task left: small facts as JSON, and arrays of numbers, truth values or fixed-width text."""

    meta: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Store:
    """Finished tasks in a folder; several processes and several runs may share it.

    Args:
        root: the folder; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where the record of a key stands, if it is there."""
        return self.root / "tasks" / key[:2] / f"{key}.task"

    def read(self, key: str) -> Record | None:
        """The record of a key, or None where there is none that is whole."""
        try:
            data = self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        return _decoded(data, key)

    def write(self, key: str, record: Record) -> None:
        """Keep a record; an existing one of the same key is replaced.

        Raises:
            OSError: the folder cannot be written.
            TypeError: an array holds objects.
        """
        path = self.path(key)
        partial = self.root / ".partial"
        beside = partial / f"{key}.{os.getpid()}"
        for folder in (partial, path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                file.write(_encoded(key, record))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed processes left half-written, and the folder for it where it is empty."""
        partial = self.root / ".partial"
        if not partial.is_dir():
            return
        now = time.time()
        for left in partial.iterdir():
            if now - left.stat().st_mtime > _STALE:
                left.unlink(missing_ok=True)
        if not any(partial.iterdir()):
            partial.rmdir()


def _encoded(key: str, record: Record) -> bytes:
    arrays = {name: _plain(array, name) for name, array in record.arrays.items()}
    listed = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps(
        {"key": key, "meta": dict(record.meta), "arrays": listed}, separators=(",", ":")
    ).encode()
    parts = [
        MAGIC,
        len(header).to_bytes(8, "little"),
        header,
        *(array.tobytes() for array in arrays.values()),
    ]
    whole = b"".join(parts)
    return whole + hashlib.sha256(whole).digest()


def _plain(array: NDArray[Any], name: str) -> NDArray[Any]:
    found = np.ascontiguousarray(array)
    if found.dtype.kind not in "fiubU":
        raise TypeError(f"The array {name} holds {found.dtype}; numbers, truth values and texts can be kept.")
    return found.astype(found.dtype.newbyteorder("<"), copy=False)


def _decoded(data: bytes, key: str) -> Record | None:
    whole, end = data[:-_DIGEST], data[-_DIGEST:]
    if not whole.startswith(MAGIC) or hashlib.sha256(whole).digest() != end:
        return None
    at = len(MAGIC) + 8
    length = int.from_bytes(whole[len(MAGIC) : at], "little")
    header = json.loads(whole[at : at + length])
    if header["key"] != key:
        return None
    at += length
    arrays = {}
    for name, dtype, shape in header["arrays"]:
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(whole, np.dtype(dtype), count, at).reshape(shape)
        at += arrays[name].nbytes
    return Record(header["meta"], arrays)
