"""The store: whole or not at all."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from experiments.store import Record, Store

KEY = "ab" * 32


def record(size: int = 1000) -> Record:
    return Record(
        {"ledger": [["a", "b", 0.1]], "n": 3},
        {
            "runs": np.arange(size, dtype=np.float64).reshape(-1, 2) / 7.0,
            "words": np.array(["one", "three"]),
            "flags": np.array([True, False]),
            "nan": np.array([np.nan, -0.0]),
            "none": np.zeros((0, 3)),
        },
    )


def test_a_record_comes_back_to_the_bit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.read(KEY) is None
    store.write(KEY, record())
    found = store.read(KEY)
    assert found is not None
    assert found.meta == {"ledger": [["a", "b", 0.1]], "n": 3}
    for name, array in record().arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert found.arrays[name].tobytes() == array.tobytes()


def test_equal_records_are_equal_files_under_deterministic_names(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        Store(tmp_path / folder).write(KEY, record())
    assert Store(tmp_path / "one").path(KEY).name == f"{KEY}.task"
    assert len({Store(tmp_path / f).path(KEY).read_bytes() for f in ("one", "two")}) == 1


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda _: b"", lambda b: b[:99] + b"x" + b[100:]]
)
def test_a_torn_file_counts_as_missing(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    store = Store(tmp_path)
    store.write(KEY, record())
    store.path(KEY).write_bytes(spoil(store.path(KEY).read_bytes()))
    assert store.read(KEY) is None


def test_a_foreign_file_counts_as_missing(tmp_path: Path) -> None:
    store, other = Store(tmp_path), "cd" * 32
    store.write(KEY, record())
    store.path(other).parent.mkdir()
    store.path(KEY).rename(store.path(other))
    assert store.read(other) is None


def test_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="The array bad holds object"):
        Store(tmp_path).write(KEY, Record({}, {"bad": np.array([{}, None], dtype=object)}))
    assert not Store(tmp_path).path(KEY).exists()


WRITER = """
import sys
from collections.abc import Callable
from pathlib import Path
import numpy as np
from experiments.store import Record, Store
store, number = Store(Path(sys.argv[1])), 0
while True:
    store.write(f"{number:064x}", Record({}, {"runs": np.full(20_000, float(number))}))
    number += 1
"""


def test_killing_a_writer_leaves_only_whole_records(tmp_path: Path, project_root: Path) -> None:
    store = Store(tmp_path)
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=project_root)
        while not store.path(f"{5:064x}").exists():
            assert writer.poll() is None
        writer.kill()
        writer.wait()
        kept = sorted((tmp_path / "tasks").rglob("*.task"))
        assert len(kept) >= 5
        assert all(store.read(path.stem) is not None for path in kept)
        store.path(f"{5:064x}").unlink()


def test_sweeping_removes_what_was_left_half_written(tmp_path: Path) -> None:
    store, partial = Store(tmp_path), tmp_path / ".partial"
    partial.mkdir()
    old, new = partial / f"{KEY}.1", partial / f"{KEY}.2"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.sweep()
    assert [path.name for path in partial.iterdir()] == [new.name]
    os.utime(new, (0, 0))
    store.sweep()
    assert not partial.exists()
