"""Elementary functions whose bits do not depend on the machine's C library.

`libm` and NumPy pick another implementation of `exp` and `log` for each set of processor features, so that the last bit
of a result is a matter of hardware. Twin worlds must be exact on every machine of one architecture, therefore
everything that feeds a trajectory uses these functions: IEEE additions, multiplications, divisions and bit shifts only,
in a fixed order, never contracted. They are branch-free in the vector loops that call them.

Error bounds, checked in the tests against double-precision references: `exp32` relative error below 3e-7 on [-87, 88];
`log32` absolute error below 3e-7 * max(1, |log x|); `exp64` and `log64` relative error below 4e-15 and 1e-14.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compiled import allocating, inlined

F = np.float32
Whole = int | np.integer[Any]
"""A whole number in compiled code, Python's or NumPy's."""
Real = float | np.floating[Any]
"""A real number in compiled code, Python's or NumPy's."""

_LOG2E = F(1.4426950408889634)
_LN2_HIGH = F(0.693359375)
_LN2_LOW = F(-2.12194440e-4)
_SQRT_HALF = F(0.70710678)

_D_LOG2E = 1.4426950408889634
_D_LN2_HIGH = 6.93147180369123816490e-01
_D_LN2_LOW = 1.90821492927058770002e-10


@inlined
def exp32(x: np.float32) -> np.float32:
    """exp(x) in single precision: range reduction by ln 2, then a polynomial of degree 5 (Cephes' coefficients)."""
    x = min(max(x, F(-87.0)), F(88.0))
    # Adding and taking away 1.5 * 2^23 rounds to the nearest whole number without a call.
    n = (x * _LOG2E + F(12582912.0)) - F(12582912.0)
    r = x - n * _LN2_HIGH
    r = r - n * _LN2_LOW
    p = F(1.9875691500e-4)
    p = p * r + F(1.3981999507e-3)
    p = p * r + F(8.3334519073e-3)
    p = p * r + F(4.1665795894e-2)
    p = p * r + F(1.6666665459e-1)
    p = p * r + F(5.0000001201e-1)
    y = p * (r * r) + r + F(1.0)
    return F(y * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32))


@inlined
def log32(x: np.float32) -> np.float32:
    """log(x) in single precision for normal x > 0: exponent by its bits, mantissa by Cephes' polynomial."""
    bits = F(x).view(np.int32)
    e = F((bits >> np.int32(23)) - np.int32(126))
    m = np.int32((bits & np.int32(0x007FFFFF)) | np.int32(0x3F000000)).view(np.float32)
    low = m < _SQRT_HALF
    e = e - F(1.0) if low else e
    f = m + m - F(1.0) if low else m - F(1.0)
    z = f * f
    p = F(7.0376836292e-2)
    p = p * f + F(-1.1514610310e-1)
    p = p * f + F(1.1676998740e-1)
    p = p * f + F(-1.2420140846e-1)
    p = p * f + F(1.4249322787e-1)
    p = p * f + F(-1.6668057665e-1)
    p = p * f + F(2.0000714765e-1)
    p = p * f + F(-2.4999993993e-1)
    p = p * f + F(3.3333331174e-1)
    y = f * z * p
    y = y + e * _LN2_LOW
    y = y - F(0.5) * z
    return F(f + y + e * _LN2_HIGH)


@allocating
def exp64(x: float) -> float:
    """exp(x) in double precision: range reduction by ln 2 and a Taylor polynomial of degree 13."""
    x = min(max(x, -700.0), 700.0)
    n = np.floor(x * _D_LOG2E + 0.5)
    r = (x - n * _D_LN2_HIGH) - n * _D_LN2_LOW
    y = 1.0
    for k in range(13, 0, -1):
        y = 1.0 + r * y / k
    return y * np.int64((np.int64(n) + 1023) << 52).view(np.float64)


@allocating
def log64(x: float) -> float:
    """log(x) in double precision for normal x > 0: log m = 2 artanh((m - 1) / (m + 1)), 14 terms."""
    bits = np.float64(x).view(np.int64)
    e = (bits >> 52) - 1022
    m = np.int64((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000).view(np.float64)
    if m < 0.7071067811865476:
        m = m + m
        e = e - 1
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    total = 0.0
    for k in range(27, 0, -2):
        total = total * z + 1.0 / k
    return 2.0 * s * total + (e * _D_LN2_LOW + e * _D_LN2_HIGH)


@allocating
def normal_quantile(p: float) -> float:
    """The standard normal quantile by Acklam's rational approximation, relative error below 1.2e-9, for 0 < p < 1."""
    if p < 0.02425 or p > 0.97575:
        q: float = np.sqrt(-2.0 * log64(min(p, 1.0 - p)))
        tail = (
            (
                (
                    ((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e00) * q
                    - 2.549732539343734e00
                )
                * q
                + 4.374664141464968e00
            )
            * q
            + 2.938163982698783e00
        ) / (
            (
                ((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e00) * q
                + 3.754408661907416e00
            )
            * q
            + 1.0
        )
        return tail if p < 0.5 else -tail
    q = p - 0.5
    r = q * q
    return (
        (
            (
                (
                    ((-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02) * r
                    + 1.383577518672690e02
                )
                * r
                - 3.066479806614716e01
            )
            * r
            + 2.506628277459239e00
        )
        * q
        / (
            (
                (
                    ((-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02) * r
                    + 6.680131188771972e01
                )
                * r
                - 1.328068155288572e01
            )
            * r
            + 1.0
        )
    )
