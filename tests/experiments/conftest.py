"""Synthetic runs whose truth is known."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

RunsOf = Callable[..., pd.DataFrame]


@pytest.fixture
def runs_of() -> RunsOf:
    """Give the function that lays values out as the tidy runs table."""

    def table(
        values: npt.ArrayLike,
        scenarios: Sequence[str],
        metrics: Sequence[str] = ("profit",),
        units: Sequence[str] | None = None,
        provider: str = "focal",
        segment: str = "all",
    ) -> pd.DataFrame:
        """Values of shape (metrics, scenarios, draws, replicates), or without the first axis."""
        array = np.asarray(values, dtype=float)
        array = array if array.ndim == 4 else array[None]
        metric, scenario, draw, replicate = np.indices(array.shape).reshape(4, -1)
        return pd.DataFrame(
            {
                "scenario": np.array(scenarios)[scenario],
                "draw": draw,
                "replicate": replicate,
                "provider": provider,
                "segment": segment,
                "metric": np.array(metrics)[metric],
                "unit": np.array(units or ["EUR"] * len(metrics))[metric],
                "value": array.reshape(-1),
            }
        )

    return table
