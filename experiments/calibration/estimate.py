"""Estimate: positive parameters found by maximum likelihood, with what is left unknown about them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.errors import FitError

FloatArray = NDArray[np.float64]

LOWEST, HIGHEST = 1e-4, 1e4
"""Parameters are sought between these two, in the unit the likelihood works in."""

GRADIENT_STEP, HESSIAN_STEP = 1e-4, 1e-3  # in log parameters: rounding and truncation both stay below 1e-5
FLAT = 0.1  # a smaller curvature: a parameter known to within a factor of 500, which is not known


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The most likely parameters and the normal law of their logarithms around them.

    `covariance[i, j]` is that of the logarithms, the inverse of the observed information. A parameter in `at_bound`
    ran to the end of its range; it is held there, with variance 0.
    """

    names: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    log_likelihood: float
    at_bound: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return float(self.values[self.names.index(name)])

    def standard_errors(self) -> FloatArray:
        """Standard errors of the parameters themselves, by the delta method: value x standard error of its log."""
        return self.values * np.sqrt(np.diag(self.covariance))

    def sentence(self) -> str:
        """The parameters with their standard errors, and which of them the data could not size, for a reader."""
        errors = zip(self.names, self.values, self.standard_errors(), strict=True)
        lost = "at the end of its range: the data give it no size, and draws do not move it"
        told = [
            f"{name} {value:.3g} ({lost if name in self.at_bound else f'standard error {error:.2g}'})"
            for name, value, error in errors
        ]
        return ", ".join(told) + "."

    def draws(self, count: int, seed: int) -> FloatArray:
        """Plausible parameter sets, shape (count, parameters): log parameters from their asymptotic normal law.

        The first m of n draws are the same as m draws. Rounded to 9 digits, so that the last bits of a linear
        algebra library do not reach a market.
        """
        eigenvalues, axes = np.linalg.eigh(self.covariance)
        signs = np.where(axes[np.abs(axes).argmax(axis=0), range(len(axes))] < 0, -1.0, 1.0)
        root = axes * signs * np.sqrt(np.clip(eigenvalues, 0.0, None))
        standard = np.random.Generator(np.random.Philox(seed)).standard_normal((count, len(self.names)))
        drawn = np.exp(np.log(self.values) + standard @ root.T)
        digits: FloatArray = np.array([float(f"{value:.9g}") for value in drawn.ravel()])
        return digits.reshape(drawn.shape)


def maximise(
    log_likelihood: Callable[[FloatArray], float],
    names: tuple[str, ...],
    start: FloatArray,
    units: FloatArray | None = None,
) -> Estimate:
    """Find the parameters, between `LOWEST` and `HIGHEST`, that make `log_likelihood` largest.

    Quasi-Newton steps on the log parameters, then Newton steps until the last moves no logarithm by 1e-8. Where the
    likelihood is flat, as it is when customers do not differ, it is followed until a parameter reaches its bound and
    is held there. `units` multiplies the found values back, free the likelihood works in units of its own.

    Raises:
        FitError: following a flat likelihood lowers it, so that the data fix no parameters at all.
    """
    from scipy.optimize import minimize

    def at(logs: FloatArray) -> float:
        return log_likelihood(np.exp(logs))

    box = [(float(np.log(LOWEST)), float(np.log(HIGHEST)))] * len(start)
    rough = minimize(lambda logs: -at(logs), np.log(start), jac="3-point", method="L-BFGS-B", bounds=box)
    logs: FloatArray = np.asarray(rough.x, dtype=np.float64)
    logs, free, hessian = _polish(at, logs, names)
    covariance = np.zeros((len(names), len(names)))
    covariance[np.ix_(free, free)] = np.linalg.inv(-hessian)
    return Estimate(
        names=names,
        values=np.exp(logs) * (1.0 if units is None else units),
        covariance=covariance,
        log_likelihood=at(logs),
        at_bound=tuple(name for i, name in enumerate(names) if i not in free),
    )


def _polish(
    at: Callable[[FloatArray], float], logs: FloatArray, names: tuple[str, ...]
) -> tuple[FloatArray, NDArray[np.intp], FloatArray]:
    """Newton steps in the free directions; gives the summit, what is free there, and the curvature."""
    free = _inside(logs)
    for _ in range(30):
        hessian = _hessian(at, logs, free)
        if len(free) == 0:
            break
        curvatures, axes = np.linalg.eigh(hessian)
        if curvatures[-1] > -FLAT:
            logs = _follow(at, logs, free, axes[:, -1], names)
            free = np.intersect1d(free, _inside(logs))
            continue
        step = np.zeros_like(logs)
        step[free] = -np.linalg.solve(hessian, _gradient(at, logs, free))
        step *= min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-300))
        logs = np.clip(logs + step, np.log(LOWEST), np.log(HIGHEST))
        free = np.intersect1d(free, _inside(logs))
        if np.abs(step).max() < 1e-8:
            break
    return logs, free, _hessian(at, logs, free)


def _inside(logs: FloatArray) -> NDArray[np.intp]:
    """Which parameters are not at a bound."""
    return np.flatnonzero((logs > np.log(LOWEST) + 1e-6) & (logs < np.log(HIGHEST) - 1e-6))


def _follow(
    at: Callable[[FloatArray], float],
    logs: FloatArray,
    free: NDArray[np.intp],
    direction: FloatArray,
    names: tuple[str, ...],
) -> FloatArray:
    """Go along a flat direction, the better way of the two, until the first parameter meets its bound."""
    ends = [_at_bound(logs, free, way) for way in (direction, -direction)]
    best = max(ends, key=at)
    if not at(best) >= at(logs) - 1.0:
        raise FitError(f"the data do not fix {', '.join(names)}: give more customers or more periods")
    return best


def _at_bound(logs: FloatArray, free: NDArray[np.intp], direction: FloatArray) -> FloatArray:
    """Where a line from `logs` leaves the range."""
    room = np.where(direction > 0, np.log(HIGHEST) - logs[free], np.log(LOWEST) - logs[free])
    with np.errstate(divide="ignore"):
        lengths = np.where(np.abs(direction) > 1e-12, room / direction, np.inf)
    end = logs.copy()
    end[free] += direction * lengths.min()
    return np.clip(end, np.log(LOWEST), np.log(HIGHEST))


def _moves(size: int, free: NDArray[np.intp], length: float) -> FloatArray:
    """One step of `length` along each free direction, a row each."""
    rows: FloatArray = np.zeros((len(free), size))
    rows[np.arange(len(free)), free] = length
    return rows


def _gradient(at: Callable[[FloatArray], float], logs: FloatArray, free: NDArray[np.intp]) -> FloatArray:
    """Slope along the free directions, by central differences."""
    moves = _moves(len(logs), free, GRADIENT_STEP)
    return np.array([at(logs + move) - at(logs - move) for move in moves]) / (2.0 * GRADIENT_STEP)


def _hessian(at: Callable[[FloatArray], float], logs: FloatArray, free: NDArray[np.intp]) -> FloatArray:
    """Curvature along the free directions, by central differences."""
    moves = _moves(len(logs), free, HESSIAN_STEP)
    curvature: FloatArray = np.zeros((len(free), len(free)))
    for i, one in enumerate(moves):
        for j, other in enumerate(moves[: i + 1]):
            mixed = (
                at(logs + one + other)
                - at(logs + one - other)
                - at(logs - one + other)
                + at(logs - one - other)
            )
            curvature[i, j] = curvature[j, i] = mixed / (4.0 * HESSIAN_STEP**2)
    return curvature
