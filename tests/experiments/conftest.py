"""Synthetic runs whose truth is known, and markets whose answer is planted."""

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest


@pytest.fixture(autouse=True)
def from_nothing() -> None:
    """No test simulates from what another has left in memory."""
    assembly = sys.modules.get("experiments.assembly")
    if assembly is not None:
        assembly.forget()


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


@pytest.fixture(scope="session")
def planted() -> Iterator[Any]:
    """The module of markets whose answers over points are planted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent / "models"))
        yield import_module("planted_points")
