"""Judge: each claim in each case, and over all of them.

In a case the claim's difference is paired, run by run. Two things can be said, and both are, each by its 95 % interval:

    verdict      held    the plausible range leaves 0 out on the claimed side: so it is in nearly any market like this
                 failed  it leaves 0 out on the other side
                 undecided otherwise
    on_average   the same by the luck interval: so it is on average over the draws, whatever single markets do

With one draw there is no plausible range; the luck interval, at point values, then stands for both. A difference of
exactly 0 in every run is undecided, and said to be identical. A metric without a value in some run is undefined.

Over all cases a claim is `held` (in every case that was decided, and in at least one), `failed` (the same the other
way), `depends on` (held in some, failed in others), `undecided` (decided in none), or `not judged` (a value in none).
What it depends on is what keeps the cases apart: the market if no market holds both, the customers if no mix does,
either if both would do, and neither alone if neither does.

Chance. A 95 % interval leaves a true 0 out on a given side in 2.5 % of cases; the range over plausible markets in less
where markets are alike. `chance` is the binomial probability of at least as many cases on one side as were found there
- the side that won, or, where it depends, the side with fewer - if there were no difference in any case and cases were
independent. They share assumptions and luck, so it is a yardstick and no test.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from scipy.stats import binom

from experiments.claims.cases import Case, Lived
from experiments.claims.claim import EQUAL_SPEND, Claim
from experiments.intervals import CONFIDENCE
from experiments.metrics import METRICS
from experiments.verdict import Contrast, contrast

HELD, FAILED, UNDECIDED = "held", "failed", "undecided"
UNDEFINED, NOT_RUN = "undefined", "not run"
DEPENDS, NOT_JUDGED = "depends on", "not judged"
DECIDED = (HELD, FAILED)
ONE_SIDE = (1.0 - CONFIDENCE) / 2.0
"""Largest probability that an interval leaves 0 out on a given side where there is no difference."""

COLUMNS = (
    "claim",
    "market",
    "customers",
    "horizon_months",
    "metric",
    "unit",
    "direction",
    "scenario",
    "other",
    "basis",
    "difference",
    "low",
    "high",
    "luck_low",
    "luck_high",
    "verdict",
    "on_average",
    "identical",
    "reason",
)
"""Columns of `claims.csv`, one row per claim and case; `reason` says why there is no value."""
VERDICT_COLUMNS = (
    "claim",
    "text",
    "source",
    "verdict",
    "depends_on",
    "held",
    "failed",
    "undecided",
    "undefined",
    "not_run",
    "chance",
    "on_average",
    "on_average_held",
    "on_average_failed",
)
"""Columns of `verdicts.csv`, one row per claim: verdicts, numbers of cases, and `chance`."""


def table(
    claims: Sequence[Claim], worlds: Sequence[Lived], lost: Mapping[Case, str], usual: float
) -> pd.DataFrame:
    """Every claim in every case that it is about, in their order: `COLUMNS`.

    Args:
        claims: to judge.
        worlds: what ran.
        lost: cases that could not be run, and why.
        usual: months of claims that name no horizon.
    """
    ran = {world.part.case: world for world in worlds}
    rows = [
        _row(claim, case, ran.get(case), lost.get(case, ""))
        for claim in claims
        for case in (*ran, *lost)
        if claim.about(case.market) and (claim.horizon or usual) == case.horizon_months
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def verdict_of(low: float | None, high: float | None, sign: int) -> str:
    """Held, failed or undecided, from the ends of an interval and the sign that is claimed.

    Args:
        low, high: ends; None where there is no interval.
        sign: +1 where more is claimed, -1 where less is.
    """
    if low is None or high is None or low <= 0.0 <= high:
        return UNDECIDED
    return HELD if (low > 0.0) == (sign > 0) else FAILED


def overall(verdicts: Iterable[str]) -> str:
    """The verdict over all cases from those of each."""
    found = set(verdicts)
    if found >= set(DECIDED):
        return DEPENDS
    decided = found & set(DECIDED)
    if decided:
        return decided.pop()
    return UNDECIDED if UNDECIDED in found else NOT_JUDGED


def depends_on(rows: pd.DataFrame) -> str:
    """What keeps the cases where a claim held from those where it failed; empty where it did not do both."""
    decided = rows[rows["verdict"].isin(DECIDED)]
    if decided["verdict"].nunique() < 2:
        return ""
    apart = [
        name
        for name in ("market", "customers")
        if decided.groupby(name, observed=True)["verdict"].nunique().max() == 1
    ]
    return " or ".join(apart) or "neither alone"


def verdicts(claims: Sequence[Claim], rows: pd.DataFrame) -> pd.DataFrame:
    """Every claim over all its cases, in their order: `VERDICT_COLUMNS`.

    Args:
        claims: those judged.
        rows: what `table` gave.
    """
    found = [_verdict(claim, rows[rows["claim"] == claim.name]) for claim in claims]
    return pd.DataFrame(found, columns=list(VERDICT_COLUMNS))


def by_chance(rows: pd.DataFrame) -> float:
    """How many cells would be decided, at most, if there were no difference in any of them."""
    return 2.0 * ONE_SIDE * float(rows["verdict"].isin((*DECIDED, UNDECIDED)).sum())


def _row(claim: Claim, case: Case, world: Lived | None, why: str) -> dict[str, Any]:
    found, reason = _contrast(claim, world) if world is not None else (None, why)
    row: dict[str, Any] = {
        "claim": claim.name,
        "market": case.market,
        "customers": case.customers,
        "horizon_months": case.horizon_months,
        "metric": claim.metric,
        "unit": METRICS[claim.metric].unit,
        "direction": claim.direction,
        "scenario": claim.contrast[0],
        "other": claim.contrast[1],
        "basis": claim.basis,
        **dict.fromkeys(("difference", "low", "high", "luck_low", "luck_high"), math.nan),
        "verdict": NOT_RUN,
        "on_average": NOT_RUN,
        "identical": False,
        "reason": reason,
    }
    if world is not None:
        row["unit"] = row["unit"].replace("currency", world.resolved.world.market.currency)
    if found is None:
        return row
    row["difference"] = found.difference
    if not math.isfinite(found.difference):
        reason = f"{claim.metric} has no value in some run"
        return {**row, "verdict": UNDEFINED, "on_average": UNDEFINED, "reason": reason}
    average = verdict_of(found.luck_low, found.luck_high, claim.sign)
    ends = ("low", "high", "luck_low", "luck_high")
    return {
        **row,
        **{name: math.nan if (end := getattr(found, name)) is None else end for name in ends},
        "verdict": average if found.low is None else verdict_of(found.low, found.high, claim.sign),
        "on_average": average,
        "identical": found.identical,
    }


def _contrast(claim: Claim, world: Lived) -> tuple[Contrast | None, str]:
    """The claim's difference in a world, or why there is none."""
    names = [world.at(name, claim.basis == EQUAL_SPEND) for name in claim.contrast]
    gone = [scenario for scenario, name in zip(claim.contrast, names, strict=True) if name is None]
    if gone:
        how = " at equal spend" if claim.basis == EQUAL_SPEND else ""
        return None, f"{' and '.join(gone)} did not run{how}"
    one, other = (str(name) for name in names)
    return contrast(world.crossed.narrowed(metric=claim.metric), one, other, world.pilot), ""


def _verdict(claim: Claim, rows: pd.DataFrame) -> dict[str, Any]:
    count = rows["verdict"].value_counts().to_dict()
    number = {name: int(count.get(name, 0)) for name in (HELD, FAILED, UNDECIDED, UNDEFINED, NOT_RUN)}
    judged = number[HELD] + number[FAILED] + number[UNDECIDED]
    sides = [n for n in (number[HELD], number[FAILED]) if n]
    return {
        "claim": claim.name,
        "text": claim.text,
        "source": claim.source,
        "verdict": overall(rows["verdict"]),
        "depends_on": depends_on(rows),
        "held": number[HELD],
        "failed": number[FAILED],
        "undecided": number[UNDECIDED],
        "undefined": number[UNDEFINED],
        "not_run": number[NOT_RUN],
        "chance": float(binom.sf(min(sides) - 1, judged, ONE_SIDE)) if sides else math.nan,
        "on_average": overall(rows["on_average"]),
        "on_average_held": int((rows["on_average"] == HELD).sum()),
        "on_average_failed": int((rows["on_average"] == FAILED).sum()),
    }
