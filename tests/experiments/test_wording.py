"""Numbers as people read them."""

import pytest

from experiments.wording import amount, figures, probability


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (1234.5, "1,230"),
        (999.6, "1,000"),
        (-12345.0, "-12,300"),
        (999_600.0, "1 million"),
        (1_234_567.0, "1.23 million"),
        (-2.5e9, "-2.5 billion"),
        (0.012345, "0.0123"),
        (123.4, "123"),
        (100.0, "100"),
        (0.5, "0.5"),
        (0.0000123, "1.23e-05"),
    ],
)
def test_numbers_have_three_figures(value: float, text: str) -> None:
    assert figures(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "signed", "text"),
    [
        (1_234_567.0, "EUR", False, "1.23 million EUR"),
        (12.0, "EUR", True, "+12 EUR"),
        (-12.0, "EUR", True, "-12 EUR"),
        (0.0, "EUR", True, "0 EUR"),
        (0.0213, "share", False, "2.13 %"),
        (0.0213, "share per month", False, "2.13 % per month"),
        (-0.0213, "share per month", True, "-2.13 percentage points per month"),
        (3.0, "", True, "+3"),
    ],
)
def test_amounts_carry_their_unit(value: float, unit: str, signed: bool, text: str) -> None:
    assert amount(value, unit, signed) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "less than 1 %"),
        (0.004, "less than 1 %"),
        (0.5, "50 %"),
        (0.996, "more than 99 %"),
        (1.0, "more than 99 %"),
    ],
)
def test_a_simulated_probability_is_never_certain(value: float, text: str) -> None:
    assert probability(value) == text
