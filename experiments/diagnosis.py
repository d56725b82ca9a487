"""Diagnosis: what Hydra could not compose, said in one sentence with the nearest name.

Looked into only after composing failed; the way without mistakes pays nothing for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import yaml  # type: ignore[import-untyped]
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.errors import ConfigError
from experiments.names import hint
from experiments.options import groups, options

_SYNTAX = "write KEY=VALUE, and quote values that hold commas, brackets or spaces, as in 'KEY=\"a, b\"'"


@contextmanager
def explained(overrides: Iterable[str]) -> Iterator[None]:
    """Turns whatever composing raises into a `ConfigError` of one sentence.

    Args:
        overrides: those that were composed.

    Raises:
        ConfigError: instead of anything of Hydra, OmegaConf or YAML.
    """
    try:
        yield
    except ConfigError:
        raise
    except (HydraException, OmegaConfBaseException, yaml.YAMLError, ValueError) as error:
        raise ConfigError(_sentence(error, list(overrides))) from error


def _sentence(error: Exception, overrides: list[str]) -> str:
    if isinstance(error, yaml.YAMLError):
        return _yaml(error)
    if isinstance(error, OverrideParseException):
        return _syntax(overrides, error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing(str(error.missing_cfg_file))
    parsed = OverridesParser.create().parse_overrides(overrides)
    return _several(parsed) or _no_name(parsed) or _unknown(parsed) or _first_line(error)


def _first_line(error: Exception) -> str:
    text = str(error).partition("\n")[0].rstrip(".")
    return f"The configuration cannot be composed: {text}."


def _yaml(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _first_line(error)
    return f"{mark.name}, line {mark.line + 1}: this is not YAML ({getattr(error, 'problem', '')}); correct the line."


def _syntax(overrides: Sequence[str], error: Exception) -> str:
    for override in overrides:
        try:
            OverridesParser.create().parse_overrides([override])
        except OverrideParseException:
            return f"{override} is not an override; {_SYNTAX}."
    return _first_line(error)


def _missing(file: str) -> str:
    group, _, name = file.rpartition("/")
    if not group:
        return f"{file}.yaml is missing in the configuration; install tenure-lab anew."
    return f"{group}={name} is not there; {hint(name, options(group))}."


def _several(overrides: Sequence[Override]) -> str | None:
    for override in overrides:
        if override.is_sweep_override():
            return (
                f"{override.input_line} gives several values; add -m to run one after the other, "
                "or write a list, KEY=[a,b]."
            )
    return None


def _no_name(overrides: Sequence[Override]) -> str | None:
    """A group whose choice is no name."""
    for override in overrides:
        key, value = override.key_or_group, override.value()
        listed = value if isinstance(value, list) else [value]
        if key in groups() and not override.is_delete() and not all(isinstance(v, str) for v in listed):
            return f"{override.input_line} is not a choice; {hint(value, options(key))}."
    return None


def _unknown(overrides: Sequence[Override]) -> str | None:
    """A key that the configuration does not have; found by composing without the keys."""
    from experiments.compose import composed, split

    known = groups()
    chosen = [o for o in overrides if o.key_or_group in known and o.package is None]
    cfg, choices = split(composed([o.input_line or "" for o in chosen]))
    places = [place for place in choices if "@" in place]
    for override in overrides:
        if override in chosen or override.is_add():
            continue
        if override.package is not None:
            place = f"{override.key_or_group}@{override.package}"
            if place not in places:
                return f"{override.input_line} changes nothing that is there; {hint(place, places)}."
        elif not override.key_or_group.startswith("hydra"):
            found = _unknown_key(cfg, override.key_or_group)
            if found:
                return found
    return None


def _unknown_key(cfg: DictConfig, key: str) -> str | None:
    node: object = cfg
    done: list[str] = []
    for part in key.split("."):
        path = ".".join(done)
        if not isinstance(node, DictConfig):
            return None if OmegaConf.is_list(node) else f"{key} is not a key; {path} holds a value, not keys."
        raw = node._get_node(part, validate_access=False)
        done.append(part)
        if raw is None:
            names = [str(name) for name in node if str(name) != "evidence"]
            return f"{'.'.join(done)} is not a key; {hint(part, names)}."
        reference = re.fullmatch(r"\$\{([\w.]+)\}", str(raw._value())) if raw._is_interpolation() else None
        if reference and len(done) < len(key.split(".")):
            rest = key.removeprefix(".".join(done))
            return f"{key} cannot be set, {'.'.join(done)} is the market's; set {reference[1]}{rest} instead."
        node = raw
    return None
