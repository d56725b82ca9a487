"""The customers' table: a row for each customer of each run, as uplift libraries read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.individuals import FEATURES, OWN_EFFECT, POLICY_EFFECT
from experiments.tables import write_parquet
from experiments.tasks import Cell, Outcome

ROLES = {
    "treatment": "treated",
    "propensity": "propensity",
    "outcome": "stayed",
    "features": " ".join(f"seen_{name}" for name in FEATURES),
}
"""Which columns of the customers' table play which part in an uplift library."""
EFFECTS = "effects"
"""Key of the file's metadata that says what kind of effect its rows hold."""


def write_customers(outcomes: Mapping[Cell, Outcome], path: Path) -> None:
    """Write `customers.parquet`: a row per scenario, draw, replicate and customer; the baseline has no effects.

    Columns are those of `experiments.individuals`. The file's metadata names the columns by their part in an uplift
    library (`treatment`, `propensity`, `outcome`, `features`), and says under `effects` whether effects are a
    customer's own or those of the policy, spill-over included, as `interference` says row by row.
    """
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
        table = pa.concat_tables(parts, promote_options="default")
        write_parquet(table.replace_schema_metadata({**ROLES, **_label(outcomes.values())}), path)


def _label(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """What kind of effect the rows hold; nothing where no row holds one."""
    spill = [
        outcome.customers["interference"].any()
        for outcome in outcomes
        if outcome.customers is not None and "interference" in outcome.customers
    ]
    return {EFFECTS: POLICY_EFFECT if any(spill) else OWN_EFFECT} if spill else {}
