"""Axis: a number of the world that is moved, over its stated range or over one that is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.draws import LOG_SPAN
from experiments.errors import ConfigError
from experiments.evidence import Parameter
from experiments.names import hint

if TYPE_CHECKING:
    from experiments.compose import Resolved

Floats = NDArray[np.float64]
PAIR: Mapping[str, Sequence[float] | None] = {"p_contact": None, "kappa": None}
"""What is moved where nothing is asked for: the look that a contact causes, and the worth of what it brings."""
_DIGITS = 6
"""Significant digits of a value on an axis: more would differ between machines, and nobody reads them."""


@dataclass(frozen=True)
class Axis:
    """A number that is moved.

    Attributes:
        name: short, unique among the axes of a design: a column in tables.
        keys: dotted keys in the whole configuration that take its value together.
        low, high: its range, ends included.
        log: whether it is even in logarithms.
        integer: whether it takes whole numbers only.
        unit: its unit, in words; `""` for a plain number.
        doc: what it means, one sentence.
        point: its value at the point values; None where nothing is set.
        listed: the values asked for, ascending; empty where the whole range is.
    """

    name: str
    keys: tuple[str, ...]
    low: float
    high: float
    log: bool = False
    integer: bool = False
    unit: str = ""
    doc: str = ""
    point: float | None = None
    listed: tuple[float, ...] = ()

    def at(self, share: Floats) -> Floats:
        """Values at shares of the range, 0 its low end and 1 its high end; whole numbers are equally likely."""
        share = np.asarray(share, np.float64)
        if self.integer:
            steps = np.floor(share * (self.high - self.low + 1.0))
            return np.asarray(np.minimum(self.low + steps, self.high))
        if self.log:
            found = self.low * (self.high / self.low) ** share
        else:
            found = self.low + share * (self.high - self.low)
        return np.clip(rounded(found), self.low, self.high)

    def share(self, value: Floats | float) -> Floats:
        """Where values stand in the range, 0 to 1; the inverse of `at` for what is not whole."""
        given = np.asarray(value, np.float64)
        if self.high == self.low:
            return np.zeros_like(given)
        if self.log:
            return np.asarray(np.log(given / self.low) / math.log(self.high / self.low))
        return np.asarray((given - self.low) / (self.high - self.low))

    def steps(self, count: int) -> Floats:
        """The listed values, or so many evenly over the range, ends included."""
        if self.listed:
            return np.array(self.listed)
        if self.integer:
            return np.unique(np.round(np.linspace(self.low, self.high, count)))
        return self.at(np.linspace(0.0, 1.0, count))

    def set_to(self, value: float) -> dict[str, float]:
        """The value by dotted key."""
        number = float(value)
        return dict.fromkeys(self.keys, int(number) if self.integer else number)


def rounded(values: Floats) -> Floats:
    """Values with as many significant digits as an axis has."""
    listed = [float(f"{value:.{_DIGITS}g}") for value in np.ravel(values)]
    return np.array(listed).reshape(np.shape(values))


def axes_of(resolved: Resolved, over: Mapping[str, Sequence[float] | None]) -> tuple[Axis, ...]:
    """The axes that were asked for.

    Args:
        resolved: the question; its parameters are known by dotted key (`market.gate.p_contact`), by the key of the
            YAML they come from (`strategy/promotions.depth`: in every scenario), or by the end of either
            (`p_contact`) where that is only one.
        over: by such a name: two numbers for a range, more for the values themselves, None for the stated range.

    Raises:
        ConfigError: a name fits nothing or several, a range is missing, reversed or not allowed.
    """
    found = [_asked(resolved, name, given) for name, given in over.items()]
    axes = _named(found)
    taken: dict[str, str] = {}
    for axis in axes:
        for key in axis.keys:
            if key in taken:
                raise ConfigError(f"experiment.over: {axis.name} and {taken[key]} both set {key}; drop one.")
            taken[key] = axis.name
    return axes


def assumptions(resolved: Resolved, under: Sequence[str] = ()) -> tuple[Axis, ...]:
    """An axis over its stated range for every assumption that draws change.

    Args:
        resolved: the question.
        under: only those with a key below one of these (`market`, `customers`, `scenarios.active`); empty: all.
    """
    by_origin: dict[str, list[Parameter]] = {}
    for parameter in resolved.parameters:
        if parameter.drawn:
            by_origin.setdefault(parameter.origin, []).append(parameter)
    kept = [
        same
        for same in by_origin.values()
        if not under or any(_is_under(p.key, head) for p in same for head in under)
    ]
    return _named([_axis(same, None, same[0].origin) for same in kept])


def _is_under(key: str, head: str) -> bool:
    return key == head or key.startswith(f"{head}.")


def _asked(resolved: Resolved, name: str, given: Sequence[float] | None) -> Axis:
    by_key = {p.key: p for p in resolved.parameters}
    if name in by_key:
        return _axis([by_key[name]], given, name)
    origins = {p.origin for p in resolved.parameters}
    fitting = {o for o in origins if o == name} or {
        p.origin for p in resolved.parameters if p.key.endswith(f".{name}") or p.origin.endswith(f".{name}")
    }
    if len(fitting) == 1:
        (origin,) = fitting
        return _axis([p for p in resolved.parameters if p.origin == origin], given, origin)
    if fitting:
        raise ConfigError(
            f"experiment.over: {name} may be {', '.join(sorted(fitting)[:6])}; write which, as in "
            f'experiment.over={{"{min(fitting)}":[LOW,HIGH]}}.'
        )
    if given is not None and _is_set(resolved.configuration, name):
        return _dial(resolved.configuration, name, given)
    known = {key.rpartition(".")[2] for key in by_key} | set(by_key) | origins
    raise ConfigError(f"experiment.over: {name} is not a parameter of this world; {hint(name, known)}.")


def _is_set(configuration: Any, name: str) -> bool:
    *path, last = name.split(".")
    node = configuration
    for part in path:
        node = node.get(part) if isinstance(node, Mapping) else None
    return isinstance(node, Mapping) and ("_target_" in node or isinstance(node.get(last), int | float))


def _dial(configuration: Any, name: str, given: Sequence[float]) -> Axis:
    """An axis over a number that claims nothing about the world and so has no evidence, such as an intensity."""
    node = configuration
    for part in name.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    low, high, listed = _range(name, given)
    point = float(node) if isinstance(node, int | float) else None
    return Axis(name, (name,), low, high, low > 0.0 and high > LOG_SPAN * low, point=point, listed=listed)


def _axis(same: Sequence[Parameter], given: Sequence[float] | None, name: str) -> Axis:
    """An axis over one assumption, wherever it is used."""
    first = same[0]
    listed: tuple[float, ...] = ()
    low, high = first.low, first.high
    if given is not None:
        low, high, listed = _range(name, given)
    if low is None or high is None or (given is None and low == high):
        raise ConfigError(
            f"experiment.over.{name} has no range of its own ({first.kind}); give one, as in "
            f"experiment.over={{{name.rpartition('.')[2]}:[LOW,HIGH]}}."
        )
    for end in (low, high, *listed):
        problem = first.quantity.problem(int(end) if first.quantity.integer and end == int(end) else end)
        if problem:
            raise ConfigError(f"experiment.over.{name}={end:g} is not allowed; {problem}.")
    return Axis(
        name,
        tuple(p.key for p in same),
        low,
        high,
        not first.quantity.integer and low > 0.0 and high > LOG_SPAN * low,
        first.quantity.integer,
        first.quantity.unit,
        first.quantity.doc,
        first.value,
        listed,
    )


def _range(name: str, given: Sequence[float]) -> tuple[float, float, tuple[float, ...]]:
    numbers = sorted({float(number) for number in given})
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)) or (len(given) == 2 and given[0] > given[1]):
        raise ConfigError(
            f"experiment.over.{name}={list(given)} is not a range; write [LOW,HIGH], or the values themselves."
        )
    return numbers[0], numbers[-1], tuple(numbers) if len(numbers) > 2 else ()


def _named(axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """The axes under the shortest ends of their names that tell them apart."""
    from dataclasses import replace

    listed = list(axes)
    parts = [axis.name.replace("/", ".").split(".") for axis in listed]
    names = []
    for own in parts:
        for length in range(1, len(own) + 1):
            if sum(other[-length:] == own[-length:] for other in parts) == 1:
                break
        names.append(".".join(own[-length:]))
    return tuple(replace(axis, name=name) for axis, name in zip(listed, names, strict=True))
