"""Evidence: what speaks for each number, and which range it is drawn from.

In the YAML, beside the values and keyed relative to where it stands (nested or dotted, `*` for any one name):

    evidence:
      gate.attention: {assumption: "solved for the churn target", range: [0.0001, 0.01]}
      money.price: {source: "operator's annual report"}
      providers.*.profile: {assumption: "firms differ little", range: [-0.5, 0.5]}

- `source`: where the number was read. It is held.
- `assumption` and `range`: nobody measured it; draws take it from the range. `range: [x, x]` holds it: the firm's own
  choice, not ignorance.
- A value from the command line is marked `user` and held.

Every number needs evidence except `intensity`, `budget` and `priority`, which say how much of a strategy to run and in
which order: no claim about the world.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from experiments.errors import ConfigError
from experiments.names import hint
from experiments.schemas import EVIDENCE, Findings, Leaf, Scope
from sim.quantities import Quantity

Kind = Literal["source", "assumption", "user"]
DIALS = frozenset({"intensity", "budget", "priority"})
"""Fields that say how much of a strategy to run, and when, and claim nothing about the world."""
_FORMS = "{source: TEXT} or {assumption: TEXT, range: [LOW, HIGH]}"


@dataclass(frozen=True)
class Parameter:
    """A number with what speaks for it.

    Attributes:
        key: its dotted key in the whole configuration.
        origin: the dotted key of the YAML it comes from; equal origins are one assumption.
        value: its value at the point values.
        quantity: meaning, unit and allowed range.
        kind: source, assumption or user.
        text: the citation or the reasoning; for `user` the override's key.
        low, high: the range an assumption is drawn from; None where it is held.
    """

    key: str
    origin: str
    value: float
    quantity: Quantity
    kind: Kind
    text: str
    low: float | None = None
    high: float | None = None

    @property
    def drawn(self) -> bool:
        """Whether draws change it."""
        return self.low is not None and self.high is not None and self.low < self.high


@dataclass(frozen=True)
class _Entry:
    key: str
    node: Mapping[str, Any]


def parameters(
    findings: Findings, origins: Mapping[str, str], user: Iterable[str] = ()
) -> tuple[Parameter, ...]:
    """Every number with its evidence, in the order of the configuration.

    Args:
        findings: what `schemas.build` met.
        origins: dotted key of the YAML by key; a key that is not listed is its own origin.
        user: dotted keys set on the command line; they speak for everything below them.

    Raises:
        ConfigError: evidence is missing, malformed, names nothing, or its range leaves out the value.
    """
    entries = {scope.prefix: _flat(scope) for scope in findings.scopes}
    _no_strangers(entries, findings.leaves)
    marked = tuple(user)
    found = []
    for leaf in findings.leaves:
        if not leaf.numeric or leaf.key.rpartition(".")[2] in DIALS:
            continue
        origin = origins.get(leaf.key, leaf.key)
        by_user = next((m for m in marked if leaf.key == m or leaf.key.startswith(f"{m}.")), None)
        if by_user is None:
            found.append(_parameter(leaf, origin, _speaking(leaf, entries)))
        else:
            found.append(Parameter(leaf.key, origin, leaf.value, leaf.quantity, "user", f"set by {by_user}"))
    return tuple(found)


def _flat(scope: Scope) -> dict[str, _Entry]:
    """The entries of one `evidence:` by relative dotted key."""
    found: dict[str, _Entry] = {}

    def visit(node: Mapping[str, Any], path: str) -> None:
        for name, inner in node.items():
            relative = f"{path}.{name}" if path else str(name)
            key = f"{scope.prefix}.{EVIDENCE}.{relative}"
            if not isinstance(inner, Mapping):
                raise ConfigError(f"{key}={inner} is not evidence; write {_FORMS}.")
            if {"source", "assumption", "range"} & set(inner):
                found[relative] = _Entry(key, inner)
            else:
                visit(inner, relative)

    visit(scope.entries, "")
    return found


def _matches(pattern: str, relative: str) -> bool:
    wanted, given = pattern.split("."), relative.split(".")
    return len(wanted) == len(given) and all(w in ("*", g) for w, g in zip(wanted, given))


def _speaking(leaf: Leaf, entries: Mapping[str, Mapping[str, _Entry]]) -> _Entry:
    """The evidence of a parameter: the innermost that names it, exactly before by pattern, itself before its list."""
    parts = leaf.key.split(".")
    for depth in range(len(parts) - 1, -1, -1):
        known = entries.get(".".join(parts[:depth]))
        if known is None:
            continue
        whole = ".".join(parts[depth:])
        listed = whole.rpartition(".")[0] if parts[-1].isdecimal() else ""
        for relative in filter(None, (whole, listed)):
            if relative in known:
                return known[relative]
            for pattern, entry in known.items():
                if "*" in pattern and _matches(pattern, relative):
                    return entry
    raise ConfigError(
        f"{leaf.key}={leaf.value:g} has no evidence; write {_FORMS} under evidence: in its YAML, keyed by its name."
    )


def _no_strangers(entries: Mapping[str, Mapping[str, _Entry]], leaves: Sequence[Leaf]) -> None:
    for prefix, known in entries.items():
        head = f"{prefix}." if prefix else ""
        below = {leaf.key.removeprefix(head) for leaf in leaves if leaf.key.startswith(head)}
        below |= {name.rpartition(".")[0] for name in below if name.rpartition(".")[2].isdecimal()}
        for relative, entry in known.items():
            if relative not in below and not any(_matches(relative, name) for name in below):
                raise ConfigError(
                    f"{entry.key} speaks for a parameter that is not there; {hint(relative, below)}."
                )


def _parameter(leaf: Leaf, origin: str, entry: _Entry) -> Parameter:
    node = entry.node
    if set(node) == {"source"} and _text(node["source"]):
        return Parameter(leaf.key, origin, leaf.value, leaf.quantity, "source", str(node["source"]))
    if set(node) != {"assumption", "range"} or not _text(node["assumption"]):
        raise ConfigError(f"{entry.key}={dict(node)} is not evidence; write {_FORMS}.")
    low, high = _range(leaf, entry)
    return Parameter(
        leaf.key, origin, leaf.value, leaf.quantity, "assumption", str(node["assumption"]), low, high
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _range(leaf: Leaf, entry: _Entry) -> tuple[float, float]:
    given, quantity, key = entry.node["range"], leaf.quantity, f"{entry.key}.range"
    numbers = isinstance(given, Sequence) and [
        float(x) for x in given if isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
    ]
    if not numbers or len(numbers) != 2 or len(given) != 2 or numbers[0] > numbers[1]:
        raise ConfigError(f"{key}={given} is not a range; write [LOW, HIGH] with LOW at most HIGH.")
    for end in numbers:
        problem = quantity.problem(end)
        if problem:
            raise ConfigError(f"{key}={given} leaves what is allowed; {problem}.")
    if not numbers[0] <= leaf.value <= numbers[1]:
        raise ConfigError(
            f"{leaf.key}={leaf.value:g} is outside its own range; {key}={given} must hold it: "
            "change the value or widen the range."
        )
    return numbers[0], numbers[1]
