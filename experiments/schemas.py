"""Schemas: plain configuration becomes frozen parameter objects, or one clear sentence.

The schema of everything is its dataclass: types from the annotations, unit and allowed range from `sim.quantities`. A
mapping builds the class its place is annotated with; where that is a base class, `_target_` names one of the
registered classes (`experiments.registry`). Nothing else is ever imported or called.

Every mapping that builds an object may carry `evidence:`. Building collects, beside the object, every parameter it met
(`Leaf`) and every piece of evidence (`Scope`); `experiments.evidence` brings them together.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from experiments.errors import ConfigError
from experiments.names import hint, nearest
from experiments.registry import find
from sim.quantities import Quantity, quantities

T = TypeVar("T")
EVIDENCE = "evidence"
TARGET = "_target_"
_PLAIN = Quantity("", "")


@dataclass(frozen=True)
class Leaf:
    """A parameter as it was met: its dotted key in the whole configuration, its value and what is known of it."""

    key: str
    value: Any
    quantity: Quantity

    @property
    def numeric(self) -> bool:
        """Whether it is a number with an allowed range, which needs evidence."""
        return self.quantity.low is not None and self.value is not None


@dataclass(frozen=True)
class Scope:
    """A piece of `evidence:`, which speaks for the keys below `prefix`."""

    prefix: str
    entries: Mapping[str, Any]


@dataclass
class Findings:
    """What building met on its way."""

    leaves: list[Leaf] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def build(
    cls: type[T], node: object, key: str, findings: Findings | None = None, extra: Sequence[str] = ()
) -> T:
    """The object that a mapping describes.

    Args:
        cls: a dataclass, or a base class whose registered subclass `_target_` names.
        node: plain containers, no interpolation left.
        key: dotted key of the node, for messages.
        findings: collects parameters and evidence; None collects nothing.
        extra: keys of this mapping that somebody else reads.

    Raises:
        ConfigError: unknown or missing key, wrong type, value out of range, class not registered.
    """
    findings = Findings() if findings is None else findings
    if not isinstance(node, Mapping):
        raise ConfigError(
            f"{key}={node} is not usable; a mapping is needed, with the keys of {cls.__name__}."
        )
    if TARGET in node:
        cls = find(node[TARGET], cls, f"{key}.{TARGET}")
    fields = {f.name: f for f in dataclasses.fields(typing.cast(Any, cls)) if f.init}
    hints = _hints(typing.cast(Any, cls))
    _no_strangers(cls, node, key, (*fields, EVIDENCE, TARGET, *extra), fields)
    if node.get(EVIDENCE) is not None:
        findings.scopes.append(Scope(key, _mapping(node[EVIDENCE], f"{key}.{EVIDENCE}")))
    values: dict[str, Any] = {}
    for name, f in fields.items():
        known = quantities(cls).get(name, _PLAIN)
        if name in node:
            values[name] = _value(hints[name], node[name], _join(key, name), known, findings)
        elif f.default is not dataclasses.MISSING:
            values[name] = f.default
            _default(f.default, _join(key, name), known, findings)
        elif f.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{_join(key, name)} is missing; {_wanted(known)}.")
    try:
        return cls(**values)
    except ValueError as error:
        raise ConfigError(_sentence(str(error), key)) from error


def _no_strangers(
    cls: type, node: Mapping[Any, Any], key: str, allowed: Sequence[str], known: Mapping[str, Any]
) -> None:
    for name in node:
        if name not in allowed:
            raise ConfigError(f"{_join(key, str(name))} is not a key of {cls.__name__}; {hint(name, known)}.")


def _default(value: Any, key: str, known: Quantity, findings: Findings) -> None:
    if not dataclasses.is_dataclass(value) and not isinstance(value, tuple):
        findings.leaves.append(Leaf(key, value, known))


def _wanted(known: Quantity) -> str:
    if known.choices:
        return f"give one of {', '.join(known.choices)} ({known.doc.rstrip('.')})"
    if known.low is not None and known.high is not None:
        unit = f" {known.unit}" if known.unit else ""
        return f"give a number from {known.low:g} to {known.high:g}{unit} ({known.doc.rstrip('.')})"
    return f"give it ({known.doc.rstrip('.')})" if known.doc else "give it"


def _sentence(message: str, key: str) -> str:
    head = key.partition(".")[0]
    text = message if message.startswith(head) else f"{key}: {message}"
    return text if text.endswith(".") else f"{text}."


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _mapping(node: object, key: str) -> Mapping[str, Any]:
    if not isinstance(node, Mapping):
        raise ConfigError(f"{key}={node} is not usable; a mapping is needed.")
    return node


def _value(hint_: Any, node: Any, key: str, known: Quantity, findings: Findings) -> Any:
    """A field's value: an object, a sequence of them, or a scalar."""
    options = typing.get_args(hint_) if _is_union(hint_) else (hint_,)
    if node is None:
        if type(None) in options:
            findings.leaves.append(Leaf(key, None, known))
            return None
        raise ConfigError(f"{key} has no value; {_wanted(known)}.")
    (wanted,) = [option for option in options if option is not type(None)]
    if typing.get_origin(wanted) is tuple:
        return _sequence(typing.get_args(wanted)[0], node, key, known, findings)
    if typing.get_origin(wanted) in {Mapping, dict}:
        inner = typing.get_args(wanted)[1]
        items = _mapping(node, key).items()
        return {str(k): _value(inner, v, _join(key, str(k)), known, findings) for k, v in items}
    if isinstance(wanted, type) and wanted not in _SCALARS:
        return build(wanted, node, key, findings)
    value = _scalar(wanted, node, key, known)
    findings.leaves.append(Leaf(key, value, known))
    return value


def _is_union(hint_: Any) -> bool:
    return isinstance(hint_, types.UnionType) or typing.get_origin(hint_) is typing.Union


_SCALARS: dict[type, str] = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}


def _scalar(wanted: Any, node: Any, key: str, known: Quantity) -> Any:
    problem = known.problem(node)
    if problem:
        near = nearest(node, known.choices)
        meant = f"; did you mean {near}" if near else ""
        raise ConfigError(f"{key}={_shown(node)} is not allowed; {problem}{meant}.")
    if wanted is float and isinstance(node, int | float) and not isinstance(node, bool):
        return float(node)
    if wanted is int and isinstance(node, int | float) and not isinstance(node, bool) and node == int(node):
        return int(node)
    if wanted in _SCALARS and type(node) is not wanted:
        raise ConfigError(f"{key}={_shown(node)} is not allowed; {_SCALARS[wanted]} is needed.")
    return node


def _shown(node: Any) -> str:
    return "''" if node == "" else str(node)


def _sequence(inner: Any, node: Any, key: str, known: Quantity, findings: Findings) -> tuple[Any, ...]:
    """A list, or, for objects with a name, a mapping from name to the rest."""
    if isinstance(node, Mapping) and isinstance(inner, type) and "name" in _hints(inner):
        return tuple(
            build(inner, {"name": name, **_mapping(rest, _join(key, name))}, _join(key, name), findings)
            for name, rest in node.items()
            if rest is not None
        )
    if isinstance(node, str | Mapping) or not isinstance(node, Sequence):
        raise ConfigError(f"{key}={_shown(node)} is not usable; a list is needed.")
    return tuple(_value(inner, item, _join(key, str(i)), known, findings) for i, item in enumerate(node))
