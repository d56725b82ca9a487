"""Fingerprints: what a result depends on, as SHA-256 over canonical JSON, and over the code that makes trajectories.

Canonical JSON: keys sorted, no spaces, floats by `repr`; an object is its fields and, under `_target_`, its class. A
class of a plug-in also brings the digest of its module's source, so that editing a plug-in never finds old results.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import agents
import experiments
import sim

FORMAT = 1
"""Version of the files in `tasks/` and of the tables."""
RESULTS_VERSION = 7
"""Raised by hand when results mean something else although no code of the model changed."""
_MODEL = (
    "assembly.py", "attention.py", "groups.py", "individuals.py", "measure.py", "metrics.py",
    "points/work.py", "tasks.py", "worlds.py",
)  # fmt: skip
"""Modules of `experiments` that make outcomes; all of `sim` and `agents` do."""
_OWN = ("sim.", "agents.", "experiments.")


def canonical(value: Any) -> Any:
    """A specification as plain JSON values.

    Raises:
        TypeError: something in it has no canonical form.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        cls = type(value)
        found = {f.name: canonical(getattr(value, f.name)) for f in dataclasses.fields(value)}
        source = {} if cls.__module__.startswith(_OWN) else {"_source_": _source(cls)}
        return {"_target_": f"{cls.__module__}.{cls.__qualname__}", **source, **found}
    if isinstance(value, Mapping):
        return {str(key): canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"{type(value).__name__} has no canonical form; use numbers, texts, lists, mappings, dataclasses."
    )


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def _source(cls: type) -> str:
    file = inspect.getsourcefile(cls)
    return "" if file is None else hashlib.sha256(_text(Path(file))).hexdigest()


def _text(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


@cache
def code_version() -> str:
    """SHA-256 over the sources of the model, in hexadecimal: the same on every machine, another after any change."""
    found = hashlib.sha256()
    for package in (sim, agents):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py"), key=lambda p: p.relative_to(folder).as_posix()):
            _add(found, f"{package.__name__}/{path.relative_to(folder).as_posix()}", path)
    for name in _MODEL:
        path = Path(experiments.__path__[0]) / name
        if path.is_file():
            _add(found, f"experiments/{name}", path)
    return found.hexdigest()


def _add(found: Any, name: str, path: Path) -> None:
    text = _text(path)
    found.update(f"{name}\0{len(text)}\0".encode())
    found.update(text)
