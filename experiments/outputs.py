"""Outputs: the folder that a comparison leaves."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.campaign import Failure
from experiments.evidence import Parameter
from experiments.groups import GROUPS, bounds
from experiments.intervals import estimate
from experiments.report.inputs import (
    BELIEF_COLUMNS,
    BOUND_COLUMNS,
    GROUP_COLUMNS,
    LEDGER_COLUMNS,
    Assumption,
)
from experiments.tables import write_csv
from experiments.tasks import Cell, Outcome

FAILURES = "failures.csv"


def ledger_frame(outcomes: Mapping[Cell, Outcome], currency: str) -> pd.DataFrame:
    """The ledger by scenario, provider, account and strategy: mean amount of a run, sorted.

    A run in which nothing was booked counts as 0.

    Args:
        outcomes: what the scenarios came to.
        currency: the unit of all amounts.
    """
    runs: dict[str, int] = {}
    sums: dict[tuple[str, str, str, str], list[float]] = {}
    for (scenario, _, _), outcome in sorted(outcomes.items()):
        runs[scenario] = runs.get(scenario, 0) + 1
        for provider, account, strategy, amount in outcome.ledger:
            sums.setdefault((scenario, provider, account, strategy), []).append(amount)
    rows = [(*key, currency, math.fsum(amounts) / runs[key[0]]) for key, amounts in sorted(sums.items())]
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))


def groups_frame(outcomes: Mapping[Cell, Outcome]) -> pd.DataFrame:
    """The four groups by scenario: share with both intervals and its bounds, and the mean money spent on each.

    Which customer is of which group depends on how luck couples the worlds; how far that could go say the bounds of
    each run (`experiments.groups.bounds`), of which the means stand here. The intervals are those of the shares under
    the coupling that was run (`experiments.intervals.estimate`).

    Args:
        outcomes: what the scenarios came to, all draws crossed with all replicates.
    """
    found: dict[str, dict[tuple[int, int], NDArray[np.float64]]] = {}
    for (scenario, draw, replicate), outcome in sorted(outcomes.items()):
        if outcome.groups:
            found.setdefault(scenario, {})[draw, replicate] = _grouped(outcome)
    rows: list[tuple[Any, ...]] = []
    for scenario, runs in found.items():
        draws, replicates = (sorted({key[place] for key in runs}) for place in (0, 1))
        values = np.array([[runs[d, r] for r in replicates] for d in draws])
        share = estimate(np.moveaxis(values[..., 0], -1, 0))
        low, high, spend = values[..., 1:].mean(axis=(0, 1)).T
        money = math.fsum(spend)
        for i, group in enumerate(GROUPS):
            part = spend[i] / money if money else math.nan
            sure = (share.low[i], share.high[i], share.luck_low[i], share.luck_high[i])
            numbers = (share.mean[i], *sure, low[i], high[i], spend[i], part)
            rows.append((scenario, group, *(float(number) for number in numbers)))
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))


def _grouped(outcome: Outcome) -> NDArray[np.float64]:
    """Share, lowest and highest possible share and spend of a run, float64 [groups, 4], in the order of `GROUPS`."""
    shares = {group: share for group, share, _ in outcome.groups}
    spends = {group: spend for group, _, spend in outcome.groups}
    safe = shares["sure thing"]
    possible = bounds(safe + shares["persuadable"], safe + shares["sleeping dog"])
    return np.array([(shares[group], *possible[group], spends[group]) for group in GROUPS])


def bound_frame(outcomes: Mapping[Cell, Outcome]) -> pd.DataFrame:
    """The rules that bound, by scenario, provider, strategy and rule: contacts refused, mean of a run; sorted.

    A run in which a rule refused nothing counts as 0.

    Args:
        outcomes: what the scenarios came to.
    """
    runs = Counter(scenario for scenario, _, _ in outcomes)
    refused: dict[tuple[str, str, str, str], list[float]] = {}
    for (scenario, _, _), outcome in sorted(outcomes.items()):
        for provider, slot, rule, count in outcome.bound:
            refused.setdefault((scenario, provider, slot, rule), []).append(count)
    means = [(key, math.fsum(counts) / runs[key[0]]) for key, counts in sorted(refused.items())]
    rows = [(*key, mean) for key, mean in means if mean]
    return pd.DataFrame(rows, columns=list(BOUND_COLUMNS))


def beliefs_frame(outcomes: Mapping[Cell, Outcome]) -> pd.DataFrame:
    """What firms that learn believed at each review, beside the truth, run by run; sorted.

    Args:
        outcomes: what the scenarios came to.
    """
    rows = [
        (*cell, slot, day, tactic, segment, *numbers)
        for cell, outcome in sorted(outcomes.items())
        for slot, day, tactic, segment, *numbers in sorted(outcome.beliefs, key=lambda row: row[:4])
    ]
    return pd.DataFrame(rows, columns=list(BELIEF_COLUMNS))


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a small table as CSV, see `tables.write_csv`; no file where it is empty."""
    if frame.empty:
        path.unlink(missing_ok=True)
        return
    write_csv(list(frame.columns), frame.itertuples(index=False, name=None), path)


def assumptions(
    parameters: Iterable[Parameter], ensemble: Sequence[Mapping[str, float]] = ()
) -> list[Assumption]:
    """Every number with its evidence for the report; one that several scenarios share stands once.

    Args:
        parameters: all of them.
        ensemble: parameter sets of a calibrated market, whose reach counts as the range of what they hold.
    """
    found: dict[tuple[str, str, float], Assumption] = {}
    for p in parameters:
        fitted = [chosen[p.key] for chosen in ensemble if p.key in chosen and p.kind != "user"]
        row = Assumption(
            key=p.key,
            value=p.value,
            unit=p.quantity.unit,
            allowed_low=p.quantity.low,
            allowed_high=p.quantity.high,
            range_low=min(fitted, default=p.low if p.drawn else None),
            range_high=max(fitted, default=p.high if p.drawn else None),
            kind=p.kind,
            text=p.text,
        )
        found.setdefault((p.origin, p.kind, p.value), row)
    return list(found.values())


def write_failures(failures: Sequence[Failure], path: Path) -> None:
    """Write `failures.csv`: what failed, with its error and traceback; no file where nothing did.

    Failures of several campaigns have a first column that says of which.
    """
    if not failures:
        path.unlink(missing_ok=True)
        return
    named = any(failure.where for failure in failures)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            (*(("where",) if named else ()), "draw", "replicate", "scenarios", "error", "details")
        )
        for failure in sorted(failures, key=lambda f: (f.where, f.draw, f.replicate, f.scenarios)):
            where = (failure.where,) if named else ()
            replicate = failure.replicate if failure.replicate >= 0 else "all"
            scenarios = " ".join(failure.scenarios) or "all"
            writer.writerow((*where, failure.draw, replicate, scenarios, failure.error, failure.details))
