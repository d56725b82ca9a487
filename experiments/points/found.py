"""Found: what a stage came to, read from its parts as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

if TYPE_CHECKING:
    from experiments.points.survey import Stage

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """A stage with its results.

    Attributes:
        stage: what was asked.
        folder: where its rows are.
    """

    stage: Stage
    folder: Path

    def values(self, metric: str, provider: str | None = None) -> Floats:
        """A metric, float64 [points, scenarios, draws, replicates]; NaN where undefined, failed or not yet done.

        Args:
            metric: its name.
            provider: whose; None takes the focal one.
        """
        (found,) = self.columns([metric], provider)
        return found

    def columns(self, metrics: Sequence[str], provider: str | None = None) -> list[Floats]:
        """Several metrics at once, see `values`."""
        stage = self.stage
        base = stage.base
        places = [
            {name: place for place, name in enumerate(listed)}
            for listed in (base.scenarios, stage.draws, stage.replicates)
        ]
        shape = (len(stage.points), len(base.scenarios), len(stage.draws), len(stage.replicates))
        found = [np.full(shape, np.nan) for _ in metrics]
        if not any(self.folder.glob("*.parquet")):
            return found
        mine = (
            (pc.field("stage") == stage.name)
            & (pc.field("world") == base.name)
            & (pc.field("provider") == (provider or base.focal))
        )
        wanted = ["point", "scenario", "draw", "replicate", *metrics]
        for batch in ds.dataset(self.folder, format="parquet").to_batches(columns=wanted, filter=mine):
            if batch.num_rows == 0:
                continue
            columns = batch.to_pydict()
            codes = [
                np.array([known.get(label, -1) for label in columns[name]])
                for known, name in zip(places, ("scenario", "draw", "replicate"), strict=True)
            ]
            point = np.array(columns["point"])
            kept = (point < shape[0]) & np.all([code >= 0 for code in codes], axis=0)
            at = (point[kept], *(code[kept] for code in codes))
            for array, metric in zip(found, metrics, strict=True):
                array[at] = np.array(columns[metric], np.float64)[kept]
        return found

    @property
    def finished(self) -> int:
        """How many of the stage's tasks are there; a metric that is never undefined tells."""
        return int(np.isfinite(self.values("customers_end")).sum())
