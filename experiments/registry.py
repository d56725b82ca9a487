"""Registered classes: the only ones that configuration can build.

A class is registered by where it lives: in a module below `agents.strategies`, in `agents.targeting`, or behind an
entry point of the group `tenure.plugins` (a module, whose own classes count, or a class). Nothing else is ever
imported because a YAML says so.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

from experiments.errors import ConfigError
from experiments.names import hint

PACKAGES = ("agents.strategies",)
MODULES = ("agents.targeting",)
GROUP = "tenure.plugins"


@dataclass(frozen=True)
class Plugin:
    """An installed plug-in: the entry point's name, what it points to, and the distribution that brings it."""

    name: str
    value: str
    distribution: str
    version: str


@cache
def own_modules() -> frozenset[str]:
    """Names of the modules of this project whose classes may be built; none of them is imported to find out."""
    found = set(MODULES)
    for name in PACKAGES:
        package = importlib.import_module(name)
        found |= {module.name for module in pkgutil.walk_packages(package.__path__, f"{name}.")}
    return frozenset(found)


@cache
def _entry_points() -> tuple[metadata.EntryPoint, ...]:
    return tuple(sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name))


@cache
def plugins() -> tuple[Plugin, ...]:
    """The installed plug-ins, by name; none of them is imported."""
    return tuple(
        Plugin(p.name, p.value, p.dist.name if p.dist else "", p.dist.version if p.dist else "")
        for p in _entry_points()
    )


def plugin_folders() -> tuple[Path, ...]:
    """Folders `conf/` that plug-ins bring along, to be put on the search path; no plug-in is imported."""
    found = []
    for point in _entry_points():
        spec = importlib.util.find_spec(point.module.partition(".")[0])
        places = spec.submodule_search_locations if spec else None
        found += [Path(place) / "conf" for place in places or () if (Path(place) / "conf").is_dir()]
    return tuple(dict.fromkeys(found))


def _classes(module: ModuleType) -> Iterator[type]:
    for _, member in inspect.getmembers(module, inspect.isclass):
        if member.__module__ == module.__name__ and is_dataclass(member) and not inspect.isabstract(member):
            yield member


def target_of(cls: type) -> str:
    """The dotted name by which configuration asks for a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


@cache
def _plugin_classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for point in _entry_points():
        loaded = point.load()
        members = _classes(loaded) if isinstance(loaded, ModuleType) else iter((loaded,))
        found.update({target_of(cls): cls for cls in members if isinstance(cls, type)})
    return found


def registered() -> dict[str, type]:
    """Every registered class by its dotted name; imports all modules and plug-ins that hold one."""
    found: dict[str, type] = {}
    for name in sorted(own_modules()):
        found.update({target_of(cls): cls for cls in _classes(importlib.import_module(name))})
    return found | _plugin_classes()


def find(target: object, parent: type, key: str) -> type:
    """The registered class of a `_target_`.

    Args:
        target: the dotted name that configuration gives.
        parent: class that it must derive from.
        key: where the `_target_` stands, for the message.

    Raises:
        ConfigError: it is not registered, or not a `parent`.
    """
    cls = _lookup(str(target))
    if cls is None or not issubclass(cls, parent) or cls is parent:
        known = [name for name, c in registered().items() if issubclass(c, parent) and c is not parent]
        raise ConfigError(
            f"{key}={target} is not a registered {parent.__name__.lower()}; {hint(target, known)}."
        )
    return cls


def _lookup(target: str) -> type | None:
    module, _, name = target.rpartition(".")
    if module in own_modules():
        own = {target_of(cls): cls for cls in _classes(importlib.import_module(module))}
        return own.get(f"{module}.{name}")
    return _plugin_classes().get(target)
