"""Work: what a worker does with points; it builds their worlds itself and hands numbers back."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiments.metrics import METRICS
from experiments.points.base import ATTENTION, Base, unpacked
from experiments.tasks import Task
from experiments.work import Model, with_attention
from experiments.worlds import World

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One world and what is wanted of it.

    Attributes:
        point, draw: labels.
        values: what the point sets, by dotted key.
        drawn: what the draw sets.
        wanted: scenarios by replicate.
    """

    point: int
    draw: int
    values: Mapping[str, float]
    drawn: Mapping[str, float]
    wanted: Mapping[int, tuple[str, ...]]

    @property
    def tasks(self) -> int:
        """How many scenarios under how many lucks."""
        return sum(len(names) for names in self.wanted.values())


@dataclass(frozen=True)
class Batch:
    """Some worlds over one base; big enough to be worth handing over.

    Attributes:
        stage: place of the stage that it belongs to.
        base: `Base.packed`.
        cells: the worlds.
        model: what simulates.
    """

    stage: int
    base: bytes
    cells: tuple[Cell, ...]
    model: Model


@dataclass(frozen=True)
class Worked:
    """What one replicate of a world came to.

    Attributes:
        cell: place in the batch.
        replicate: which luck; -1: the world itself could not be made.
        scenarios: names.
        values: float64 [scenarios, providers, metrics] of everyone's customers; None where it failed.
        attention: mean attention of the world.
        error, details: one sentence and the traceback, where it failed.
    """

    cell: int
    replicate: int
    scenarios: tuple[str, ...]
    values: Floats | None
    attention: float = float("nan")
    error: str = ""
    details: str = ""


@dataclass(frozen=True)
class Answer:
    """A batch that is done, and the seconds it took."""

    worked: tuple[Worked, ...]
    seconds: float


def worked(batch: Batch) -> Answer:
    """Run a batch; a world that fails is a result of its own and stops no other."""
    start = time.perf_counter()
    base = unpacked(batch.base)
    found: list[Worked] = []
    for place, cell in enumerate(batch.cells):
        found += _cell(base, place, cell, batch.model)
    return Answer(tuple(found), time.perf_counter() - start)


def _cell(base: Base, place: int, cell: Cell, model: Model) -> list[Worked]:
    try:
        world = base.world({**cell.drawn, **cell.values})
        attention = _attention(base, cell, world, model)
    except Exception as error:  # noqa: BLE001  # whatever a world raises becomes its row
        names = tuple(dict.fromkeys(name for names in cell.wanted.values() for name in names))
        return [_failed(place, -1, names, error)]
    market = with_attention(world.market, attention)
    return [
        _replicate(base, place, replace(world, market=market), replicate, names, model, attention)
        for replicate, names in cell.wanted.items()
    ]


def _replicate(
    base: Base,
    place: int,
    world: World,
    replicate: int,
    names: tuple[str, ...],
    model: Model,
    attention: float,
) -> Worked:
    kept = tuple(s for s in world.scenarios if s.name in names or s.name == base.baseline)
    task = Task(
        market=world.market,
        customers=world.customers,
        today=world.today,
        scenarios=kept,
        baseline=base.baseline,
        focal=base.focal,
        seed=base.seed,
        draw=0,
        replicate=replicate,
        horizon_months=base.horizon_months,
        paired=base.paired,
        learning=base.learning,
        projected=base.projected,
    )
    order = [p.name for p in world.market.providers]
    providers = [order.index(base.focal)]
    if base.everyone:
        providers += [number for number, name in enumerate(order) if name != base.focal]
    try:
        runs = {outcome.scenario: outcome.runs for outcome in model.simulate(task)}
        values = np.stack([runs[name][providers, -1] for name in names])
    except Exception as error:  # noqa: BLE001  # whatever a task raises becomes its row
        return _failed(place, replicate, names, error)
    if values.shape[-1] != len(METRICS):
        raise AssertionError(f"{values.shape[-1]} metrics came back, {len(METRICS)} are known")
    return Worked(place, replicate, names, values, attention)


def _failed(place: int, replicate: int, names: tuple[str, ...], error: Exception) -> Worked:
    sentence = f"{type(error).__name__}: {error}"
    return Worked(place, replicate, names, None, error=sentence, details=traceback.format_exc())


def _attention(base: Base, cell: Cell, world: World, model: Model) -> float:
    """The mean attention of the world: set by the point, solved for churn under `today`, or the market's own."""
    if ATTENTION in cell.values or world.market.churn_target is None:
        return world.market.gate.attention
    moved = cell.values if base.recalibrate else {}
    shared = {
        key: value for key, value in {**cell.drawn, **moved}.items() if not key.startswith("scenarios.")
    }
    return _solved(base.packed, tuple(sorted(shared.items())), model)


@lru_cache(maxsize=512)
def _solved(packed: bytes, shared: tuple[tuple[str, float], ...], model: Model) -> float:
    """Solved once for all points that differ in strategies only."""
    base = unpacked(packed)
    world = base.world(dict(shared))
    solved = model.solve_attention(world.market, world.customers, world.today, base.focal, base.seed)
    return solved.gate.attention
