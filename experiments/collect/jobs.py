"""Jobs: what each folder of a multirun holds, and how the jobs' commands differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import ConfigError
from experiments.identity import MANIFEST

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "summary.csv"
DONE, UNFINISHED, FAILED = "done", "unfinished", "failed in part"


@dataclass(frozen=True)
class Job:
    """One job.

    Attributes:
        name: of its folder.
        folder: where it is.
        changes: value by key of its own overrides that differ between the jobs.
        state: DONE, FAILED in part (it kept the rest) or UNFINISHED.
        goal: name of the metric it was judged by; `""` where it is not known.
        results_hash: of its values; `""` where it has none.
    """

    name: str
    folder: Path
    changes: Mapping[str, str]
    state: str
    goal: str
    results_hash: str

    @property
    def label(self) -> str:
        """What tells it from the others."""
        return ", ".join(f"{key}={value}" for key, value in self.changes.items()) or self.name


def jobs(folder: Path) -> list[Job]:
    """The jobs of a multirun folder, in the order of their numbers.

    Raises:
        ConfigError: the folder is not there or holds no job.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"experiment.folder={folder} is not a folder; give one that a command with -m has left."
        )
    found = sorted((p for p in folder.iterdir() if (p / ".hydra").is_dir()), key=_number)
    if not found:
        raise ConfigError(f"experiment.folder={folder} holds no job; give the folder that holds 0, 1, ...")
    overrides = {path: _overrides(path) for path in found}
    keys = list(dict.fromkeys(key for own in overrides.values() for key in own))
    differing = [key for key in keys if len({own.get(key, "") for own in overrides.values()}) > 1]
    return [_job(path, {key: own[key] for key in differing if key in own}) for path, own in overrides.items()]


def _number(path: Path) -> tuple[int, str]:
    digits = path.name.split("_", maxsplit=1)[0]
    return (int(digits) if digits.isdecimal() else 1_000_000, path.name)


def _overrides(path: Path) -> dict[str, str]:
    from omegaconf import OmegaConf

    file = path / ".hydra" / "overrides.yaml"
    if not file.is_file():
        return {}
    listed = [str(one) for one in OmegaConf.load(file)]
    return {key: value for key, _, value in (one.partition("=") for one in listed)}


def _job(path: Path, changes: Mapping[str, str]) -> Job:
    file = path / MANIFEST
    manifest: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    goal = ((manifest.get("configuration") or {}).get("goal") or {}).get("metric") or ""
    results = manifest.get("results_hash") or ""
    finished = bool(results) and not manifest.get("partial")
    state = UNFINISHED if not finished else FAILED if (path / "failures.csv").is_file() else DONE
    return Job(path.name, path, changes, state, goal, results)


def collected(listed: Sequence[Job]) -> pd.DataFrame:
    """`summary.csv` of every comparison among the jobs, behind columns for the job and for what was changed in it."""
    import pandas as pd

    keys = list(dict.fromkeys(key for job in listed for key in job.changes))
    parts = []
    for job in listed:
        if (job.folder / SUMMARY).is_file():
            part = pd.read_csv(job.folder / SUMMARY)
            for place, key in enumerate(keys):
                part.insert(place, key, job.changes.get(key, ""))
            part.insert(0, "job", job.name)
            part.insert(len(keys) + 1, "goal", part["metric"] == job.goal)
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"job": []})
