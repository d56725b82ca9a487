"""Numbers for people: units, digits, signs, scales."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.report.numerals import (
    MINUS,
    NO_BREAK,
    between,
    likelihood,
    measure,
    plain,
    probability,
    span,
    write,
)


@pytest.mark.parametrize(
    ("unit", "sort", "words"),
    [
        ("share", "share", "%"),
        ("share/month", "share", "% per month"),
        ("share per month", "share", "% per month"),
        ("1/month", "share", "% per month"),
        ("per month", "share", "% per month"),
        ("per customer and month", "count", "per customer and month"),
        ("minutes per customer and month", "plain", "minutes per customer and month"),
        ("currency", "money", "€"),
        ("EUR/customer", "money", "€ per customer"),
        ("currency/customer/year", "money", "€ per customer and year"),
        ("days", "months", "months"),
        ("months", "months", "months"),
        ("customers", "count", "customers"),
        ("contacts/customer/year", "count", "contacts per customer and year"),
        ("0..1", "plain", "0..1"),
        ("", "plain", ""),
    ],
)
def test_units(unit: str, sort: str, words: str) -> None:
    found = measure(unit, "EUR")
    assert (found.sort, found.words) == (sort, words)


@pytest.mark.parametrize(
    ("values", "unit", "signed", "digits", "texts"),
    [
        ([0.0142], "share/month", False, 3, ["1.42%"]),
        ([-0.0011, 0.0], "share/month", True, 3, [f"{MINUS}0.110{NO_BREAK}pp", f"0{NO_BREAK}pp"]),
        ([61_843_220.0], "currency", False, 4, [f"€61.84{NO_BREAK}M"]),
        ([1_402_310.0, -12_000.0], "currency", True, 3, [f"+€1.40{NO_BREAK}M", f"{MINUS}€0.01{NO_BREAK}M"]),
        ([99_999.0], "currency", False, 3, ["€99,999"]),
        ([641_200.0], "currency", False, 3, [f"€641{NO_BREAK}k"]),
        ([148_211.4], "customers", False, 4, ["148,211"]),
        ([3_482_110.0], "customers", False, 4, [f"3.482{NO_BREAK}M"]),
        ([60.875], "days", False, 3, [f"2.00{NO_BREAK}mo"]),
        ([float("nan"), 1.0], "0..1", False, 3, ["–", "1.00"]),
        ([float("inf")], "months", False, 3, ["never"]),
        ([3.0, 0.004], "0..1", True, 3, ["+3.000", "+0.004"]),
        ([0.0], "customers", True, 3, ["0"]),
    ],
)
def test_numbers(values: list[float], unit: str, signed: bool, digits: int, texts: list[str]) -> None:
    assert write(values, measure(unit, "EUR"), signed=signed, digits=digits) == texts


def test_bare_numbers_share_the_scale_of_the_one_with_the_unit() -> None:
    texts = write([1.4e6, -2e5, 3e6], measure("currency", "EUR"), signed=True, bare=[False, True, True])
    assert texts == [f"+€1.40{NO_BREAK}M", f"{MINUS}0.20", "+3.00"]
    assert between(texts[1], texts[2]) == f"{MINUS}0.20 to +3.00"
    assert between("+3.00", "+3.00") == "+3.00 throughout"


def test_other_money_stands_before_the_amount() -> None:
    assert write([12.5], measure("currency", "SEK")) == [f"SEK{NO_BREAK}12.5"]
    assert write([12.5], measure("currency", "$")) == ["$12.5"]


@given(st.floats(min_value=1e-6, max_value=1e12), st.sampled_from(["share", "currency", "0..1", "months"]))
def test_what_is_written_is_the_value_to_its_digits(value: float, unit: str) -> None:
    found = measure(unit, "EUR")
    text = write([value], found, digits=4)[0]
    scales = {"k": 1e3, "M": 1e6, "bn": 1e9}
    letter = next((s for s in scales if text.endswith(f"{NO_BREAK}{s}")), "")
    digits = "".join(c for c in text.split(NO_BREAK)[0] if c.isdigit() or c == ".")
    read = float(digits) * scales.get(letter, 1.0) / found.factor
    assert read == pytest.approx(value, rel=6e-4)


@given(st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1, max_size=6))
def test_a_number_that_is_not_zero_keeps_its_sign_or_reads_as_zero(values: list[float]) -> None:
    for value, text in zip(values, write(values, measure("currency", "EUR"), signed=True), strict=True):
        zero = not any(c in "123456789" for c in text)
        assert zero or text.startswith("+" if value > 0 else MINUS)
        assert not (zero and text[0] in f"+{MINUS}")


@pytest.mark.parametrize(
    ("value", "text", "words"),
    [
        (0.0, "<1%", "exceptionally unlikely"),
        (0.05, "5%", "very unlikely"),
        (0.2, "20%", "unlikely"),
        (0.58, "58%", "about as likely as not"),
        (0.7, "70%", "likely"),
        (0.93, "93%", "very likely"),
        (0.995, ">99%", "virtually certain"),
    ],
)
def test_probabilities(value: float, text: str, words: str) -> None:
    assert (probability(value), likelihood(value)) == (text, words)


def test_plain_values_and_durations() -> None:
    assert [plain(v) for v in (150_000, 0.1, -2.5, 1e9, True, "word", 90.0)] == [
        "150,000", "0.1", f"{MINUS}2.5", "1,000,000,000", "True", "word", "90",
    ]  # fmt: skip
    assert [span(s) for s in (9.34, 94.3, 7325.0)] == ["9.3 seconds", "1 min 34 s", "2 h 2 min"]
