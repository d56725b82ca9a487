"""Options: which files each group of the configuration offers, found by looking, without loading any library."""

from __future__ import annotations

from pathlib import Path

from experiments.paths import conf_dir
from experiments.registry import plugin_folders

OWN = "tenure_conf"
"""Folder of the user's own configuration, in the folder the command runs in."""


def own_folder() -> Path | None:
    """The user's own folder as an absolute path, or None where there is none."""
    own = Path(OWN).absolute()
    return own if own.is_dir() else None


def folders() -> tuple[Path, ...]:
    """Where configuration is looked for, first found first taken: the user's own, the shipped, plug-ins'."""
    own = own_folder()
    return (*((own,) if own else ()), conf_dir(), *plugin_folders())


def options(group: str) -> tuple[str, ...]:
    """Names of the files of a group, sorted.

    Args:
        group: such as `market` or `strategy`.
    """
    found = {path.stem for folder in folders() for path in (folder / group).glob("*.yaml")}
    return tuple(sorted(found))


def groups() -> tuple[str, ...]:
    """The groups that hold at least one file, sorted; Hydra's own apart."""
    found = {path.parent.name for folder in folders() for path in folder.glob("*/*.yaml")}
    return tuple(sorted(found - {"hydra"}))
