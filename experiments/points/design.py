"""Design: which points of a box of axes are tried: a grid, a Latin hypercube, a Sobol sequence, or any list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.points.axis import Axis, Floats


@dataclass(frozen=True)
class Design(Sequence[dict[str, float]]):
    """Points over axes; the i-th item is what point i sets, by dotted key.

    Attributes:
        axes: the columns.
        table: values, float64 [points, axes].
    """

    axes: tuple[Axis, ...]
    table: Floats

    def __post_init__(self) -> None:
        if self.table.shape[1:] != (len(self.axes),):
            raise ValueError(f"a table of shape {self.table.shape} does not fit {len(self.axes)} axes")

    def __len__(self) -> int:
        return int(self.table.shape[0])

    def __getitem__(self, place: int) -> dict[str, float]:  # type: ignore[override]
        row = self.table[place]
        found: dict[str, float] = {}
        for axis, value in zip(self.axes, row, strict=True):
            found.update(axis.set_to(float(value)))
        return found

    def __iter__(self) -> Iterator[dict[str, float]]:
        return (self[place] for place in range(len(self)))

    @property
    def shares(self) -> Floats:
        """Where each point stands in each range, 0 to 1, float64 [points, axes]."""
        return np.stack([axis.share(self.table[:, i]) for i, axis in enumerate(self.axes)], axis=1)


def at_shares(axes: Sequence[Axis], shares: Floats) -> Design:
    """Points at shares of the ranges, float64 [points, axes] from 0 to 1."""
    return Design(tuple(axes), np.stack([axis.at(shares[:, i]) for i, axis in enumerate(axes)], axis=1))


def grid(axes: Sequence[Axis], steps: int | Sequence[int]) -> Design:
    """Every combination of evenly spaced (or listed) values; the last axis moves fastest.

    Args:
        axes: what is moved.
        steps: how many values, of all axes or of each; axes with listed values take those.
    """
    counts = [steps] * len(axes) if isinstance(steps, int) else list(steps)
    columns = [axis.steps(count) for axis, count in zip(axes, counts, strict=True)]
    mesh = np.meshgrid(*columns, indexing="ij")
    return Design(tuple(axes), np.stack([one.ravel() for one in mesh], axis=1))


def latin_hypercube(axes: Sequence[Axis], points: int, seed: int) -> Design:
    """Points of which each n-th part of each range holds exactly one."""
    from scipy.stats import qmc

    return at_shares(
        axes, np.asarray(qmc.LatinHypercube(d=len(axes), rng=np.random.default_rng(seed)).random(points))
    )


def sobol(axes: Sequence[Axis], points: int, seed: int) -> Design:
    """The first points of a scrambled Sobol sequence; balanced where their number is a power of 2."""
    from scipy.stats import qmc

    engine = qmc.Sobol(d=len(axes), rng=np.random.default_rng(seed))
    exponent = max(points - 1, 0).bit_length()
    return at_shares(axes, np.asarray(engine.random_base2(exponent))[:points])
