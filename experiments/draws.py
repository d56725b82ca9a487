"""Draws: plausible sets of assumptions.

Draw d takes each assumption independently and uniformly from its range, on the log scale where the range is positive
and spans more than 10 x. The number behind an assumption is SHA-256 of (seed, draw, dotted key of the YAML it comes
from): adding an assumption moves no other, the same assumption is the same number in every scenario of a draw, and no
generator's state is involved. Whole numbers are uniform on the whole numbers of the range.

A market with a calibrated `ensemble` (a list of parameter sets that fitted the data together) takes set
(d + offset) mod n as a whole, the offset being keyed by the seed; its other assumptions are drawn as above.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal

from experiments.evidence import Parameter

LOG_SPAN = 10.0
"""Positive ranges that span more than this factor are drawn on the log scale."""
_EXACT = Context(prec=40)
"""Decimal logarithms are correctly rounded: the same bits on every machine, which libm does not promise."""


def unit(seed: int, draw: int, key: str) -> float:
    """The number in (0, 1) behind an assumption in a draw: 53 bits of SHA-256, at the middle of their cell."""
    digest = hashlib.sha256(f"tenure-draw/{seed}/{draw}/{key}".encode()).digest()
    return (float(int.from_bytes(digest[:8], "little") >> 12) + 0.5) * 2.0**-52


def value(parameter: Parameter, seed: int, draw: int) -> float:
    """An assumption's value in a draw; the point value of what is held."""
    low, high = parameter.low, parameter.high
    if low is None or high is None or not parameter.drawn:
        return parameter.value
    u = unit(seed, draw, parameter.origin)
    if parameter.quantity.integer:
        return min(math.floor(low + u * (high - low + 1.0)), high)
    if low > 0.0 and high > LOG_SPAN * low:
        return min(max(_geometric(low, high, u), low), high)
    return min(max(low + u * (high - low), low), high)


def _geometric(low: float, high: float, u: float) -> float:
    """Low (high / low)^u, correctly rounded."""
    start, end = _EXACT.ln(Decimal(low)), _EXACT.ln(Decimal(high))
    span = _EXACT.subtract(end, start)
    return float(_EXACT.exp(_EXACT.fma(span, Decimal(u), start)))


def values(
    parameters: Iterable[Parameter], ensemble: Sequence[Mapping[str, float]], seed: int, draw: int
) -> dict[str, float]:
    """What a draw changes: value by dotted key, assumptions and the ensemble's set.

    Args:
        parameters: all parameters; held ones are left alone.
        ensemble: parameter sets by dotted key in the whole configuration; may be empty.
        seed: the experiment's seed.
        draw: which draw, 0, 1, ...
    """
    listed = tuple(parameters)
    found = {p.key: value(p, seed, draw) for p in listed if p.drawn}
    if ensemble:
        offset = int(unit(seed, 0, "market.ensemble") * len(ensemble))
        held = {p.key for p in listed if p.kind == "user"}
        chosen = ensemble[(draw + offset) % len(ensemble)]
        found.update({key: number for key, number in chosen.items() if key not in held})
    return found
