"""Worlds: a market, its customers and the scenarios to run in it, built and checked together."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from agents.market import Market
from agents.scenario import Scenario
from agents.segments import Customers
from agents.shock import Shock
from agents.strategies.strategy import Strategy
from experiments.errors import ConfigError
from experiments.names import hint
from experiments.schemas import Findings, build
from sim.quantities import Quantity

TODAY = "today"
ENSEMBLE = "ensemble"
_KEYS = ("focal", "rivals", "shocks")
"""Keys of a scenario."""


@dataclass(frozen=True)
class World:
    """One plausible market with its customers, what runs in it today, and the scenarios to compare."""

    market: Market
    customers: Customers
    today: Scenario
    scenarios: tuple[Scenario, ...]


def build_world(
    configuration: Mapping[str, Any], focal: str | None = None, findings: Findings | None = None
) -> World:
    """The world that a configuration describes.

    Args:
        configuration: plain containers with `market`, `customers`, `scenarios`.
        focal: the focal provider; None takes the market's first.
        findings: collects parameters and evidence.

    Raises:
        ConfigError: anything unknown, missing, out of range or clashing.
    """
    node = _section(configuration, "market")
    market = build(Market, node, "market", findings, extra=(TODAY, ENSEMBLE))
    customers = build(Customers, _section(configuration, "customers"), "customers", findings)
    providers = _unique([p.name for p in market.providers], "market.providers")
    _unique([p.name for p in market.plans], "market.plans")
    _unique([s.name for s in customers.segments], "customers.segments")
    first = focal_of(focal, providers)
    rivals = [name for name in providers if name != first]
    today = _scenario(TODAY, _today(node.get(TODAY) or {}, first), f"market.{TODAY}", rivals, findings)
    listed = configuration.get("scenarios") or {}
    if not listed:
        raise ConfigError(
            "scenarios=[] leaves nothing to run; list at least one, as in scenarios=[none,active]."
        )
    scenarios = tuple(
        _scenario(name, inner, f"scenarios.{name}", rivals, findings) for name, inner in listed.items()
    )
    return World(market, customers, today, scenarios)


def focal_of(focal: str | None, providers: list[str]) -> str:
    """The focal provider: the one asked for, else the first.

    Raises:
        ConfigError: the market has no provider of this name.
    """
    if focal is None:
        return providers[0]
    if focal not in providers:
        raise ConfigError(f"focal={focal} is not a provider of this market; {hint(focal, providers)}.")
    return focal


def _section(configuration: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    node = configuration.get(name)
    if not isinstance(node, Mapping):
        raise ConfigError(f"{name}={node} is not usable; name a file of conf/{name}/.")
    return node


def _unique(names: list[str], key: str) -> list[str]:
    """Names that are there and differ from each other and from `all`, which stands for everyone."""
    if not names:
        raise ConfigError(f"{key}=[] is empty; at least one is needed.")
    for name in names:
        if names.count(name) > 1 or name == "all":
            reason = "is taken by the sum over everyone" if name == "all" else "stands there twice"
            raise ConfigError(f"{key}: the name {name} {reason}; give each its own name.")
    return names


def _today(node: object, focal: str) -> object:
    """What runs today; what a provider runs as a rival is left out while it is the focal one."""
    others = node.get("rivals") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(others, Mapping):
        return node
    return {**node, "rivals": {name: inner for name, inner in others.items() if name != focal}}


def _scenario(name: str, node: object, key: str, rivals: list[str], findings: Findings | None) -> Scenario:
    if not isinstance(node, Mapping):
        raise ConfigError(
            f"{key}={node} is not a scenario; it needs focal: and may have rivals: and shocks:."
        )
    for inner in node:
        if inner not in _KEYS:
            raise ConfigError(f"{key}.{inner} is not a key of a scenario; {hint(inner, _KEYS)}.")
    focal = _programme(node.get("focal"), f"{key}.focal", findings)
    others = node.get("rivals") or {}
    if not isinstance(others, Mapping):
        raise ConfigError(f"{key}.rivals={others} is not usable; write rivals: {{NAME: {{SLOT: strategy}}}}.")
    for rival in others:
        if rival not in rivals:
            raise ConfigError(f"{key}.rivals.{rival} is not a rival in this market; {hint(rival, rivals)}.")
    programmes = {r: _programme(inner, f"{key}.rivals.{r}", findings) for r, inner in others.items()}
    listed = node.get("shocks") or {}
    if not isinstance(listed, Mapping):
        raise ConfigError(f"{key}.shocks={listed} is not usable; write shocks: {{NAME: {{kind: ...}}}}.")
    shocks = {str(n): build(Shock, inner, f"{key}.shocks.{n}", findings) for n, inner in listed.items()}
    return Scenario(name=name, focal=focal, rivals=programmes, shocks=shocks)


def _programme(node: object, key: str, findings: Findings | None) -> dict[str, Strategy]:
    """One provider's strategies by slot; an empty slot (null) holds none."""
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        raise ConfigError(f"{key}={node} is not usable; write {{SLOT: strategy}}.")
    found: dict[str, Strategy] = {
        str(slot): build(Strategy, inner, f"{key}.{slot}", findings)
        for slot, inner in node.items()
        if inner is not None
    }
    _no_clash(found, key)
    return found


def kind_name(strategy: Strategy) -> str:
    """The name of a strategy's kind: that of its module, as its YAML is called."""
    return type(strategy).__module__.rpartition(".")[2]


def _names(strategy: Strategy) -> set[str]:
    return {kind_name(strategy), type(strategy).__name__}


def _no_clash(programme: Mapping[str, Strategy], key: str) -> None:
    for (one, first), (two, second) in combinations(programme.items(), 2):
        for this, that in ((first, second), (second, first)):
            if _names(that) & set(getattr(type(this), "excludes", ())):
                raise ConfigError(
                    f"{key}.{one} and {key}.{two} clash: {kind_name(this)} excludes {kind_name(that)} at the same "
                    f"provider; drop one, as in {key}.{two}=null."
                )
        desk = getattr(first, "desk", None)
        if desk is not None and desk == getattr(second, "desk", None):
            raise ConfigError(
                f"{key}.{one} and {key}.{two} both run the {desk} desk; a provider has one: drop one, as in "
                f"{key}.{two}=null."
            )


def changed(configuration: Mapping[str, Any], values: Mapping[str, float]) -> dict[str, Any]:
    """The world's part of a configuration with some values replaced, as a copy.

    Segment shares that were replaced are divided by their sum, so that they still sum to 1.

    Args:
        configuration: plain containers.
        values: by dotted key; indices of lists are numbers.
    """
    found: dict[str, Any] = {
        name: copy.deepcopy(configuration.get(name)) for name in ("market", "customers", "scenarios")
    }
    for key, number in values.items():
        *path, last = key.split(".")
        node: Any = found
        for part in path:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        node[int(last) if isinstance(node, list) else last] = number
    if any(key.startswith("customers.segments.") and key.endswith(".share") for key in values):
        _share_out(found["customers"]["segments"])
    return found


def _share_out(segments: Any) -> None:
    listed = list(segments.values() if isinstance(segments, Mapping) else segments)
    total = sum(segment["share"] for segment in listed)
    for segment in listed:
        segment["share"] /= total


def without_evidence(node: Any) -> Any:
    """Plain containers without any `evidence:`, for building again and again."""
    if isinstance(node, Mapping):
        return {key: without_evidence(inner) for key, inner in node.items() if key != "evidence"}
    if isinstance(node, list | tuple):
        return [without_evidence(inner) for inner in node]
    return node


def ensemble_sets(node: Any, known: Mapping[str, Quantity]) -> tuple[dict[str, float], ...]:
    """A market's calibrated ensemble as parameter sets by dotted key in the whole configuration.

    Keys are relative to the market, or begin with `customers.`.

    Args:
        node: a list of mappings, or None.
        known: the parameters there are, by dotted key.

    Raises:
        ConfigError: it is no list of mappings, a key names no parameter, or a value is not allowed.
    """
    found = []
    for i, entry in enumerate(node if isinstance(node, list) else [] if node is None else [node]):
        place = f"market.{ENSEMBLE}.{i}"
        if not isinstance(entry, Mapping) or not entry:
            raise ConfigError(f"{place}={entry} is not usable; write a mapping from key to number.")
        chosen = {k if k.startswith("customers.") else f"market.{k}": v for k, v in _dotted(entry).items()}
        for key, number in chosen.items():
            if key not in known:
                raise ConfigError(f"{place}: {key} is not a parameter; {hint(key, known)}.")
            problem = known[key].problem(number)
            if problem:
                raise ConfigError(f"{place}: {key}={number} is not allowed; {problem}.")
        found.append(chosen)
    return tuple(found)


def _dotted(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, inner in node.items():
        if isinstance(inner, Mapping):
            found.update(_dotted(inner, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = inner
    return found
