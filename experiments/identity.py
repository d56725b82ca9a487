"""Identity: whether a folder holds a run of the same configuration, so that going on there is the same run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.errors import ConfigError

MANIFEST = "manifest.json"
ELSEWHERE = ("executor", "store")
"""Keys that say where tasks run and are kept, and change no result."""


def telling(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a configuration that results depend on, as JSON gives it back."""
    kept = {key: value for key, value in configuration.items() if key not in ELSEWHERE}
    told: dict[str, Any] = json.loads(json.dumps(kept))
    return told


def same_run(folder: Path, configuration: Mapping[str, Any]) -> None:
    """Make sure that a folder is new or holds the same run.

    Args:
        folder: where a run is about to write.
        configuration: what it is about to do.

    Raises:
        ConfigError: the folder holds another configuration, or something that is no run.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return
    try:
        held = json.loads(path.read_text("utf-8"))["configuration"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"hydra.run.dir={folder} holds a {MANIFEST} that is not a run's; name another folder."
        ) from error
    difference = next(_differences(telling(held), telling(configuration)), None)
    if difference is not None:
        key, there, here = difference
        raise ConfigError(
            f"hydra.run.dir={folder} holds another run: {key} is {there} there and {here} here; "
            "name another folder, or the same configuration to go on."
        )


def _differences(there: Any, here: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(there, dict) and isinstance(here, dict):
        for name in sorted(there.keys() | here.keys()):
            inner = f"{key}.{name}" if key else name
            yield from _differences(there.get(name, "not"), here.get(name, "not"), inner)
        if list(there) != list(here) and there == here and key == "scenarios":
            yield key, list(there), list(here)
    elif there != here:
        yield key, there, here
