"""What a firm that learns believed at its reviews, and what was true: pooled over segments and runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.report.material import Material
from experiments.report.numerals import between, write
from experiments.report.tables import Grid, Number, number
from sim.quantities import DAYS_PER_MONTH

NORMAL = 1.959964
"""Two-sided 95 % quantile of the normal law, by which a firm reads its own standard errors."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Belief:
    """What was believed of a tactic over the reviews, arrays of shape (reviews,); NaN where nothing was.

    Attributes:
        tactic: its name.
        months: of the reviews, since the fork.
        believed, low, high: lift of staying per customer treated, with the firm's own 95 % interval.
        true: the lift in twin worlds.
        share: of the money that was given out at the review, 0 to 1.
    """

    tactic: str
    months: Floats
    believed: Floats
    low: Floats
    high: Floats
    true: Floats
    share: Floats


@dataclass(frozen=True)
class Mind:
    """One learning strategy of one scenario: its beliefs by tactic, and how often they held the truth.

    Attributes:
        scenario, strategy: whose mind it is.
        tactics: its beliefs; those that got most at the last review first.
        held, judged: beliefs (a review, tactic, segment and run each) whose 95 % interval held the truth, of those
            whose truth is known.
    """

    scenario: str
    strategy: str
    tactics: tuple[Belief, ...]
    held: int
    judged: int


def minds(material: Material) -> tuple[Mind, ...]:
    """Every learning strategy of every scenario, in the order of the scenarios."""
    table = material.results.beliefs
    if table.empty:
        return ()
    rank = {name: i for i, name in enumerate(material.scenarios)}
    found = [_mind(str(s), str(slot), rows) for (s, slot), rows in table.groupby(["scenario", "strategy"])]
    return tuple(
        sorted(found, key=lambda mind: (rank.get(mind.scenario, len(rank)), mind.scenario, mind.strategy))
    )


def _mind(scenario: str, strategy: str, rows: pd.DataFrame) -> Mind:
    """Segments of a run are independent and weigh the same, and so do runs.

    The believed lift is the mean over segments, then over runs. Its interval is the firm's own: the standard error of
    the mean over segments, sqrt(sum of squares) / segments, as the root of its mean square over runs; how far runs
    differ is no part of it.
    """
    days = np.sort(rows["day"].astype(float).unique())
    known = rows[np.isfinite(rows["believed"]) & np.isfinite(rows["error"])]
    runs = known.assign(square=known["error"] ** 2).groupby(["tactic", "day", "draw", "replicate"])
    mean, variance = runs["believed"].mean(), runs["square"].sum() / runs.size() ** 2
    centre, error = (part.groupby(["tactic", "day"]).mean() for part in (mean, variance))
    given = rows.groupby(["tactic", "day"])["share"].sum()
    share = given / given.groupby("day").transform("sum")
    truth = rows.groupby(["tactic", "day"])["true"].mean()
    beliefs = []
    for tactic in sorted(str(name) for name in rows["tactic"].unique()):
        at = pd.MultiIndex.from_product([[tactic], days])
        believed, half, true, part = (
            column.reindex(at).to_numpy(dtype=np.float64)
            for column in (centre, NORMAL * np.sqrt(error), truth, share)
        )
        beliefs.append(
            Belief(
                tactic, days / DAYS_PER_MONTH, believed, believed - half, believed + half, true,
                np.nan_to_num(part),
            )
        )  # fmt: skip
    judged = known[np.isfinite(known["true"])]
    held = (judged["true"] - judged["believed"]).abs() <= NORMAL * judged["error"]
    beliefs.sort(key=lambda belief: -belief.share[-1])
    return Mind(scenario, strategy, tuple(beliefs), int(held.sum()), len(judged))


def belief_grid(material: Material) -> Grid | None:
    """What was believed at the last review, beside the truth and the share of the money."""
    rows: list[tuple[str, str, tuple[Number, ...]]] = []
    share = material.measure("share")
    for mind in minds(material):
        for belief in mind.tactics:
            values = [float(v[-1]) for v in (belief.believed, belief.low, belief.high, belief.true)]
            believed, low, high, true = write(values, share, signed=True)
            part = float(belief.share[-1])
            interval = between(low, high) if np.isfinite(values[1]) else "–"
            numbers = (
                number(values[0], believed),
                Number(interval, ""),
                number(values[3], true),
                number(part, write([part], share)[0]),
            )
            rows.append((mind.scenario, f"{mind.strategy}: {belief.tactic}".replace("_", " "), numbers))
    if not rows:
        return None
    return Grid(("believed lift of staying", "the firm's 95 %", "true lift", "of the money"), tuple(rows))


def calibration(material: Material) -> tuple[str, ...]:
    """How often the firm's intervals held the truth, a sentence per mind whose truth is known."""
    return tuple(
        f"{mind.scenario}, {mind.strategy.replace('_', ' ')}: the firm's 95 % interval held the truth in "
        f"{mind.held:,} of {mind.judged:,} beliefs ({mind.held / mind.judged:.0%})."
        for mind in minds(material)
        if mind.judged
    )
