"""Manifest: what a run was, so that it can be told from others, gone on with, and repeated."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from experiments import __version__
from experiments.fingerprint import FORMAT, RESULTS_VERSION, code_version
from experiments.identity import MANIFEST
from experiments.registry import plugins

LIBRARIES = (
    "hydra-core", "matplotlib", "mesa", "numba", "numpy", "omegaconf", "pandas", "pyarrow", "scikit-learn", "scipy",
    "simpy", "statsmodels",
)  # fmt: skip


def manifest(configuration: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The manifest of a run that has not finished: what it is about to do, and with what.

    `results_hash`, `tasks_computed`, `tasks_reused` and `duration` (seconds) are null until it has.
    """
    return {
        "format": FORMAT,
        "results_version": RESULTS_VERSION,
        "results_hash": None,
        "tasks_computed": None,
        "tasks_reused": None,
        "configuration": dict(configuration),
        "versions": {
            "tenure-lab": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in LIBRARIES},
        },
        "plugins": [asdict(plugin) for plugin in plugins()],
        "seed": seed,
        "code_version": f"{__version__}+{code_version()[:12]}",
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
        },
        "duration": None,
    }


def write_manifest(content: Mapping[str, Any], folder: Path) -> None:
    """Write `manifest.json` into a folder, whole or not at all."""
    path = folder / MANIFEST
    beside = path.with_name(f".{MANIFEST}.tmp")
    try:
        beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _processor() -> str:
    """The model of the processor, as far as the system tells."""
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
