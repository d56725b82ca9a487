"""Preflight: everything a command asks for is composed and checked before Hydra takes over and before a folder is made.

With `-m` each value of each sweep is checked once (the others at their first), not each combination: what only a
combination gets wrong is said by its own job.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from omegaconf import DictConfig

from experiments.compose import Resolved, composed, resolve, run_folder, split
from experiments.diagnosis import explained
from experiments.identity import same_run
from experiments.options import options
from experiments.search_path import register

MULTIRUN = "hydra.mode=MULTIRUN"


@dataclass(frozen=True)
class Checked:
    """One job, composed and checked: Hydra's configuration with its own node, and what was built from it."""

    whole: DictConfig
    resolved: Resolved


def preflight(arguments: Sequence[str]) -> Checked | None:
    """Check a command line.

    Args:
        arguments: what follows the program's name.

    Returns:
        the job, where the command is one and overrides are all it gives; None where Hydra has to read more.

    Raises:
        ConfigError: it cannot be run; the message is one sentence.
        SystemExit: an option that no command has (code 2).
    """
    asked = get_args_parser().parse_args(list(arguments))
    if asked.hydra_help or asked.shell_completion or asked.experimental_rerun:
        return None
    register()
    many = asked.multirun or MULTIRUN in asked.overrides
    for overrides in jobs(asked.overrides) if many else [list(asked.overrides)]:
        with explained(overrides):
            whole = composed(overrides)
            if asked.cfg or asked.info:
                continue
            folder = run_folder(whole)
            kept = copy.deepcopy(whole)
            resolved = resolve(*split(whole), overrides)
        if not many:
            same_run(folder, resolved.configuration)
            if not any(argument.startswith("-") for argument in arguments):
                return Checked(kept, resolved)
    return None


def jobs(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Overrides without sweeps that together try every value of every sweep.

    Sweeps whose values only a sweeper knows (intervals) are left out.
    """
    with explained(overrides):
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    tried = [_values(override) for override in parsed]
    first = [values[0] for values in tried if values]
    yield first
    at = 0
    for values in tried:
        for value in values[1:]:
            yield [*first[:at], value, *first[at + 1 :]]
        at += bool(values)


def _values(override: Override) -> list[str]:
    if not override.is_sweep_override():
        return [override.input_line or ""]
    key = override.get_key_element()
    asked: object = override.value()
    if isinstance(asked, Glob):
        return [f"{key}={name}" for name in asked.filter(list(options(override.key_or_group)))]
    if not override.is_discrete_sweep():
        return []
    return [f"{key}={value}" for value in override.sweep_string_iterator()]
