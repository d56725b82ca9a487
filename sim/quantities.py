"""Quantities: the unit, the meaning and the allowed range of a parameter stand once, in the field that holds it.

A parameter class is a frozen dataclass whose fields are made by `quantity`, `whole`, `choice` or `text`. Whoever reads
configuration, draws assumptions, writes reports or documentation asks `quantities(cls)`; nobody repeats a range.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

_KEY = "quantity"
DAYS_PER_MONTH = 30.4375
"""Days of a month in this product: a twelfth of 365.25."""
DAYS_PER_YEAR = 365.25
MICROS = 1_000_000
"""Money is booked in whole millionths of the currency."""


@dataclass(frozen=True)
class Quantity:
    """What is known of a parameter before it has a value.

    Attributes:
        unit: its unit, in words that a report can print; `""` for a plain number.
        low, high: the allowed range, ends included; None for texts, choices and switches.
        doc: what it means, one sentence.
        choices: the allowed words, for a choice.
        integer: whether only whole numbers are allowed.
    """

    unit: str
    doc: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    integer: bool = False

    def problem(self, value: object) -> str | None:
        """Why a value is not allowed, or None where it is; the caller adds the key and the fix."""
        if self.choices:
            return None if value in self.choices else f"allowed are {', '.join(self.choices)}"
        if self.low is None or self.high is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"a number from {self.low:g} to {self.high:g} is needed"
        if not self.low <= value <= self.high:
            return f"allowed is {self.low:g} to {self.high:g}" + (f" ({self.unit})" if self.unit else "")
        if self.integer and value != int(value):
            return f"a whole number from {self.low:g} to {self.high:g} is needed"
        return None


def _field(quantity_: Quantity, default: Any) -> Any:
    if isinstance(default, list | dict):
        return dataclasses.field(default_factory=default.copy, metadata={_KEY: quantity_})
    return dataclasses.field(default=default, metadata={_KEY: quantity_})


def quantity(unit: str, low: float, high: float, doc: str, default: Any = dataclasses.MISSING) -> Any:
    """A real number with a unit and an allowed range."""
    return _field(Quantity(unit, doc, low, high), default)


def whole(unit: str, low: int, high: int, doc: str, default: Any = dataclasses.MISSING) -> Any:
    """A whole number with a unit and an allowed range."""
    return _field(Quantity(unit, doc, low, high, integer=True), default)


def choice(doc: str, *choices: str, default: Any = dataclasses.MISSING) -> Any:
    """One of some words."""
    return _field(Quantity("", doc, choices=choices), default)


def text(doc: str, default: Any = dataclasses.MISSING) -> Any:
    """A text, a switch or a nested parameter class: no range of its own."""
    return _field(Quantity("", doc), default)


def quantities(cls: type) -> dict[str, Quantity]:
    """The quantities of a parameter class by field name, in the order of the fields."""
    return {f.name: f.metadata[_KEY] for f in dataclasses.fields(cls) if _KEY in f.metadata}
