r"""Indices: Morris screening and Sobol indices of any number of outputs, with intervals (SALib).

For an output Y = f(x_1, ..., x_k) with independent, uniform x_i (on their own scales):

    first order  S_i = Var(E[Y | x_i]) / Var(Y)            what x_i alone explains
    total        T_i = 1 - Var(E[Y | all but x_i]) / Var(Y)  what would be left unexplained without it, interactions in
    screening    mu*_i = mean |Y(x + step in x_i) - Y(x)|, in units of Y over the whole range; sigma_i its scatter

Sobol, Mathematics and Computers in Simulation 55, 2001; Saltelli et al., Computer Physics Communications 181, 2010;
Morris, Technometrics 33, 1991; Campolongo, Cariboni and Saltelli, Environmental Modelling & Software 22, 2007.
Intervals are bootstraps over the base points, 95 %: they say how well this many points tell the index. All points share
their luck, so that luck is no part of the variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.points.axis import Axis
from experiments.points.design import Design, at_shares

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
LEVELS = 4
"""Levels of a Morris design."""
RESAMPLES = 500
SCREENING_COLUMNS = ("axis", "output", "mu_star", "low", "high", "mu", "sigma")
INDEX_COLUMNS = ("axis", "output", "first", "first_low", "first_high", "total", "total_low", "total_high")


def _problem(axes: Sequence[Axis]) -> dict[str, Any]:
    """Shares of ranges, so that an assumption is uniform on its own scale."""
    return {"num_vars": len(axes), "names": [a.name for a in axes], "bounds": [[0.0, 1.0]] * len(axes)}


def morris_design(axes: Sequence[Axis], trajectories: int, seed: int) -> tuple[Design, Floats]:
    """Trajectories in which one assumption after the other takes a step; and their shares."""
    from SALib.sample import morris

    shares = np.asarray(morris.sample(_problem(axes), trajectories, num_levels=LEVELS, seed=seed), np.float64)
    return at_shares(axes, shares), shares


def sobol_design(axes: Sequence[Axis], points: int, seed: int) -> Design:
    """Two base samples of so many points, and for each assumption one with its column exchanged."""
    from SALib.sample import sobol

    shares = sobol.sample(_problem(axes), points, calc_second_order=False, scramble=True, seed=seed)
    return at_shares(axes, np.asarray(shares, np.float64))


def screening(axes: Sequence[Axis], shares: Floats, outputs: dict[str, Floats], seed: int) -> pd.DataFrame:
    """Elementary effects, `SCREENING_COLUMNS`, largest first within each output.

    Args:
        axes: what was moved.
        shares: of the design, float64 [points, axes].
        outputs: by name, float64 [points]; one that is undefined somewhere is left out.
        seed: of the bootstrap.
    """
    import pandas as pd
    from SALib.analyze import morris

    rows: list[tuple[Any, ...]] = []
    for name, output in outputs.items():
        if not np.isfinite(output).all():
            continue
        told = morris.analyze(
            _problem(axes), shares, output, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed
        )
        star, half = np.asarray(told["mu_star"], float), np.asarray(told["mu_star_conf"], float)
        for place in np.argsort(-star, kind="stable"):
            low, high = max(star[place] - half[place], 0.0), star[place] + half[place]
            rows.append(
                (
                    axes[place].name,
                    name,
                    star[place],
                    low,
                    high,
                    float(told["mu"][place]),
                    float(told["sigma"][place]),
                )
            )
    return pd.DataFrame(rows, columns=list(SCREENING_COLUMNS))


def indices(axes: Sequence[Axis], outputs: dict[str, Floats], seed: int) -> pd.DataFrame:
    """Sobol indices, `INDEX_COLUMNS`, largest total first within each output.

    An output that is the same everywhere depends on nothing: its indices are 0.

    Args:
        axes: what was moved.
        outputs: by name, float64 [points] in the order of `sobol_design`; one that is undefined somewhere is left out.
        seed: of the bootstrap.
    """
    import pandas as pd
    from SALib.analyze import sobol

    rows: list[tuple[Any, ...]] = []
    for name, output in outputs.items():
        if not np.isfinite(output).all():
            continue
        if np.ptp(output) == 0.0:
            rows += [(axis.name, name, *([0.0] * 6)) for axis in axes]
            continue
        told = sobol.analyze(
            _problem(axes),
            output,
            calc_second_order=False,
            num_resamples=RESAMPLES,
            conf_level=0.95,
            seed=seed,
        )
        total = np.asarray(told["ST"], float)
        for place in np.argsort(-total, kind="stable"):
            first, f = float(told["S1"][place]), float(told["S1_conf"][place])
            t = float(told["ST_conf"][place])
            rows.append(
                (
                    axes[place].name,
                    name,
                    first,
                    first - f,
                    first + f,
                    total[place],
                    total[place] - t,
                    total[place] + t,
                )
            )
    return pd.DataFrame(rows, columns=list(INDEX_COLUMNS))
