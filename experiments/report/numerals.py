"""Numbers for people: units turned into words, digits that matter, thousands kept apart.

Numbers that are read together (a difference and its intervals) are written together, with the same scale and the same
decimals. The exact value always stands beside it in the page, as the `value` of a `<data>` element.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.quantities import DAYS_PER_MONTH

Sort = Literal["share", "money", "months", "count", "plain"]

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "CHF": "CHF" + NO_BREAK}
SHARES = frozenset({"share", "shares", "fraction", "probability", "rate", "%", "percent"})
COUNTS = frozenset(
    {"customer", "customers", "people", "person", "persons", "count", "contact", "contacts", "look", "looks"}
    | {"referral", "referrals", "join", "joins"}
)
SCALES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Measure:
    """How values of one unit are shown: `factor` from the stored to the shown value, signs before and after it."""

    sort: Sort
    factor: float
    prefix: str
    suffix: str
    words: str

    def axis(self, difference: bool) -> str:
        """The label of an axis."""
        if self.sort == "share" and difference:
            return "percentage points"
        return self.words


def measure(unit: str, currency: str) -> Measure:
    """The measure of a unit such as `share/month`, `currency/customer`, `customers`, `days`, or anything else."""
    head, _, per = unit.strip().replace(" per ", "/").removeprefix("per ").partition("/")
    if unit.strip().startswith("per "):
        head, per = "", head
    head, per = head.strip(), per.strip().replace("/", " and ")
    of = f" per {per}" if per else ""
    if not head and per.startswith("customer"):
        return Measure("count", 1.0, "", "", f"per {per}")
    if head.lower() in SHARES or (head in {"", "1"} and per):
        return Measure("share", 100.0, "", "%", f"%{of}")
    if head.lower().split(" ")[0] in {"money", "currency"} or head == currency:
        return Measure("money", 1.0, sign(currency), "", f"{sign(currency).strip()}{of}")
    if head.lower() in {"day", "days", "month", "months"}:
        factor = 1.0 / DAYS_PER_MONTH if head.lower().startswith("day") else 1.0
        return Measure("months", factor, "", f"{NO_BREAK}mo", f"months{of}")
    if head.lower() in COUNTS:
        return Measure("count", 1.0, "", "", f"{head}{of}")
    return Measure("plain", 1.0, "", "", unit.strip())


def sign(currency: str) -> str:
    """The sign written before an amount: `€`, or the code itself with a space."""
    if len(currency) > 1:
        return SIGNS.get(currency.upper(), currency + NO_BREAK)
    return currency


def write(
    values: Sequence[float],
    unit: Measure,
    *,
    signed: bool = False,
    digits: int = 3,
    keep: Sequence[float] | None = None,
    bare: Sequence[bool] | None = None,
) -> list[str]:
    """The values as texts of one scale and one number of decimals.

    `signed` writes differences: a sign before each, and shares in percentage points. `digits` are the significant
    digits of the largest; more decimals are taken (two at most) where one of `keep` (default: of the values) is not 0
    and would read as 0. Those that are `bare` are written without unit and letter, for ranges under a number
    that has them. What is not finite is a dash.
    """
    shown = [value * unit.factor for value in values]
    divisor, letter = scale(shown, unit)
    shown = [value / divisor for value in shown]
    kept = shown if keep is None else [value * unit.factor / divisor for value in keep]
    places = decimals(shown, kept, digits, whole=unit.sort == "count" and divisor == 1.0 and not signed)
    suffix = f"{NO_BREAK}pp" if signed and unit.sort == "share" else unit.suffix
    tail = (f"{NO_BREAK}{letter}" if letter else "") + suffix
    stripped = [False] * len(shown) if bare is None else bare
    return [
        _text(value, places, "" if strip else unit.prefix, "" if strip else tail, signed)
        for value, strip in zip(shown, stripped, strict=True)
    ]


def scale(shown: Iterable[float], unit: Measure) -> tuple[float, str]:
    """Divisor and letter for large numbers: amounts are written out up to 100,000, counts up to a million."""
    top = max((abs(v) for v in shown if math.isfinite(v)), default=0.0)
    for divisor, letter in SCALES:
        if unit.sort == "money" and top >= (1e5 if divisor == 1e3 else divisor):
            return divisor, letter
        if unit.sort == "count" and top >= divisor > 1e3:
            return divisor, letter
    return 1.0, ""


def decimals(shown: Iterable[float], kept: Iterable[float], digits: int, whole: bool = False) -> int:
    """Decimals that give the largest its significant digits and keep those of `kept` from reading as 0."""
    sizes = [abs(v) for v in shown if math.isfinite(v) and v != 0.0]
    if not sizes or (whole and (max(sizes) >= 100.0 or all(size == round(size) for size in sizes))):
        return 0
    wanted = digits - 1 - math.floor(math.log10(max(sizes)))
    smallest = min((abs(v) for v in kept if math.isfinite(v) and v != 0.0), default=max(sizes))
    needed = -math.floor(math.log10(smallest))
    return max(0, min(max(wanted, min(needed, wanted + 2)), 8))


def between(low: str, high: str) -> str:
    """Two written numbers as a range; where both read the same, that one `throughout`."""
    return f"{high} throughout" if low == high else f"{low} to {high}"


def _text(value: float, places: int, prefix: str, tail: str, signed: bool) -> str:
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "never" if value > 0 else NOTHING
    if value == 0.0:
        return f"{prefix}0{tail if tail.endswith(('%', 'pp', 'mo')) else ''}"
    number = f"{abs(value):,.{places}f}"
    zero = float(number.replace(",", "")) == 0.0
    mark = "" if zero else MINUS if value < 0 else "+" if signed else ""
    return f"{mark}{prefix}{number}{tail}"


def probability(value: float) -> str:
    """A probability in whole per cent; never a false certainty."""
    if not math.isfinite(value):
        return NOTHING
    if value < 0.01:
        return "<1%"
    return ">99%" if value > 0.99 else f"{100.0 * value:.0f}%"


def likelihood(value: float) -> str:
    """The calibrated words of the IPCC's guidance note (Mastrandrea et al. 2010) for a probability."""
    steps = (
        (0.99, "virtually certain"),
        (0.90, "very likely"),
        (0.66, "likely"),
        (0.33, "about as likely as not"),
        (0.10, "unlikely"),
        (0.01, "very unlikely"),
    )
    return next((words for bound, words in steps if value >= bound), "exceptionally unlikely")


def plain(value: object) -> str:
    """A value of configuration: numbers with at most six significant digits, words as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (math.isfinite(value) and value == round(value) and abs(value) < 1e15):
        return f"{int(value):,}".replace("-", MINUS)
    return f"{value:,.6g}".replace("-", MINUS)


def span(seconds: float) -> str:
    """A duration in words."""
    if seconds < 60.0:
        return f"{seconds:.1f} seconds"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
