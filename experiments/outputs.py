"""Outputs: the folder that a comparison leaves."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from experiments.campaign import Failure
from experiments.evidence import Parameter
from experiments.report.inputs import GROUP_COLUMNS, LEDGER_COLUMNS, Assumption
from experiments.tables import Cell, write_parquet
from experiments.tasks import Outcome

FAILURES = "failures.csv"
GROUPS = ("persuadable", "sure thing", "lost cause", "sleeping dog")


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
    """The four groups by scenario: mean share with its bounds, and the mean money spent on each.

    Which customer is of which group depends on how luck couples the worlds; what any coupling must respect are the
    shares of leavers p (baseline) and q (scenario) of a run. The bounds are those of Fréchet: both leave with a share
    between max(0, p + q - 1) and min(p, q), and the other three follow.
    """
    found: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    for (scenario, _, _), outcome in sorted(outcomes.items()):
        shares = {group.replace("_", " "): share for group, share, _ in outcome.groups}
        bounds = _bounds(shares)
        for group, share, spend in outcome.groups:
            name = group.replace("_", " ")
            found.setdefault(scenario, {}).setdefault(name, []).append((share, *bounds[name], spend))
    rows: list[tuple[Any, ...]] = []
    for scenario, groups in found.items():
        means = {
            group: np.mean(np.array(groups[group]), axis=0).tolist() for group in GROUPS if group in groups
        }
        total = math.fsum(mean[-1] for mean in means.values())
        rows += [(scenario, g, *mean, mean[-1] / total if total else math.nan) for g, mean in means.items()]
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))


def _bounds(shares: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Lowest and highest possible share of each group, given the shares of leavers in both worlds."""
    both = shares.get("lost cause", 0.0)
    p = both + shares.get("persuadable", 0.0)
    q = both + shares.get("sleeping dog", 0.0)
    low, high = max(0.0, p + q - 1.0), min(p, q)
    return {
        "lost cause": (low, high),
        "persuadable": (p - high, p - low),
        "sleeping dog": (q - high, q - low),
        "sure thing": (1.0 - p - q + low, 1.0 - p - q + high),
    }


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


def write_customers(outcomes: Mapping[Cell, Outcome], path: Path) -> None:
    """Write `customers.parquet`: a row per scenario, draw, replicate and customer; the baseline has no effects."""
    parts = []
    for (scenario, draw, replicate), outcome in sorted(outcomes.items()):
        if outcome.customers is None:
            continue
        size = len(next(iter(outcome.customers.values()), ()))
        keys = {
            "scenario": [scenario] * size,
            "draw": np.full(size, draw),
            "replicate": np.full(size, replicate),
        }
        parts.append(
            pa.table({**keys, **{name: pa.array(column) for name, column in outcome.customers.items()}})
        )
    if parts:
        write_parquet(pa.concat_tables(parts, promote_options="default"), path)


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
