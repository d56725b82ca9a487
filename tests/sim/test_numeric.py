"""Elementary functions against double-precision references, at the error bounds that the module states."""

import numpy as np
import pytest
from scipy.special import ndtri

from sim.numeric import exp32, exp64, log32, log64, normal_quantile

GRID = 20_001


def test_exp32() -> None:
    x = np.linspace(-87.0, 88.0, GRID).astype(np.float32)
    got = np.array([exp32(v) for v in x], np.float64)
    assert np.abs(got / np.exp(x.astype(np.float64)) - 1.0).max() < 3e-7


def test_exp32_outside_its_range_stays_finite_and_monotone() -> None:
    assert 0.0 < exp32(np.float32(-1e30)) <= exp32(np.float32(-87.0))
    assert exp32(np.float32(88.0)) <= exp32(np.float32(1e30)) < np.inf
    assert exp32(np.float32(0.0)) == 1.0


def test_log32() -> None:
    x = np.geomspace(1e-37, 1e38, GRID).astype(np.float32)
    reference = np.log(x.astype(np.float64))
    got = np.array([log32(v) for v in x], np.float64)
    assert np.abs((got - reference) / np.maximum(1.0, np.abs(reference))).max() < 3e-7


def test_log32_near_one() -> None:
    x = np.linspace(0.99, 1.01, GRID).astype(np.float32)
    assert np.abs([log32(v) - np.log(np.float64(v)) for v in x]).max() < 3e-7
    assert log32(np.float32(1.0)) == 0.0


def test_exp64() -> None:
    x = np.linspace(-700.0, 700.0, GRID)
    got = np.array([exp64(v) for v in x])
    assert np.abs(got / np.exp(x) - 1.0).max() < 4e-15


def test_log64() -> None:
    x = np.geomspace(1e-300, 1e300, GRID)
    x = x[x != 1.0]
    got = np.array([log64(v) for v in x])
    assert np.abs(got / np.log(x) - 1.0).max() < 1e-14
    assert log64(1.0) == 0.0


def test_normal_quantile() -> None:
    p = np.concatenate([np.geomspace(1e-15, 0.5, GRID), 1.0 - np.geomspace(1e-15, 0.5, GRID)])
    got = np.array([normal_quantile(v) for v in p])
    assert np.abs(got - ndtri(p)).max() < 1.2e-9 * np.abs(ndtri(p)).max()


@pytest.mark.parametrize("function", [exp32, log32])
def test_single_precision_stays_single(function: object) -> None:
    assert np.asarray(function(np.float32(0.7))).dtype in (np.float32, np.float64)  # type: ignore[operator]
