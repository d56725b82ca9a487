"""Quantities: a field knows its unit and range, and says in words why a value is refused."""

from dataclasses import dataclass, fields

import pytest

from sim.quantities import Quantity, choice, quantities, quantity, text, whole


@dataclass(frozen=True, kw_only=True)
class Example:
    rate: float = quantity("per month", 0.0, 2.0, "A rate.")
    cap: int = whole("contacts", 0, 10, "A cap.", default=3)
    form: str = choice("A form.", "term", "none", default="none")
    title: str = text("A title.", default="")
    extras: list[int] = text("More.", default=[1])


def test_the_fields_of_a_class_in_their_order() -> None:
    assert list(quantities(Example)) == [f.name for f in fields(Example)]
    rate = quantities(Example)["rate"]
    assert (rate.unit, rate.doc, rate.low, rate.high) == ("per month", "A rate.", 0.0, 2.0)
    assert quantities(Example)["form"].choices == ("term", "none")


def test_defaults_are_not_shared() -> None:
    first, second = Example(rate=1.0), Example(rate=1.0)
    assert first.extras == [1]
    assert first.extras is not second.extras


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("rate", 2.0, None),
        ("rate", 0, None),
        ("rate", 2.1, "allowed is 0 to 2 (per month)"),
        ("rate", float("nan"), "allowed is 0 to 2 (per month)"),
        ("rate", True, "a number from 0 to 2 is needed"),
        ("rate", "1", "a number from 0 to 2 is needed"),
        ("cap", 4.0, None),
        ("cap", 4.5, "a whole number from 0 to 10 is needed"),
        ("cap", 11, "allowed is 0 to 10 (contacts)"),
        ("form", "term", None),
        ("form", "yearly", "allowed are term, none"),
        ("title", object(), None),
    ],
)
def test_why_a_value_is_refused(field: str, value: object, problem: str | None) -> None:
    assert quantities(Example)[field].problem(value) == problem


def test_no_unit_is_named_where_there_is_none() -> None:
    assert Quantity("", "x", 0.0, 1.0).problem(5) == "allowed is 0 to 1"


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_whole_number_is_finite(value: float) -> None:
    assert quantities(Example)["cap"].problem(value) == "allowed is 0 to 10 (contacts)"
