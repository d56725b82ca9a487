"""The ledger as the report shows it: stacks of retention cost, and a table that adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.report.inputs import EQUAL_SPEND
from experiments.report.material import Material
from experiments.report.palette import RAMP
from experiments.report.wording import ACCOUNTS, SERVICE_ACCOUNTS, UPFRONT_ACCOUNTS

OTHER = "other"


@dataclass(frozen=True)
class Stack:
    """Cost of each scenario in parts, cost positive: `amounts[part][scenario]`, `totals[scenario]`."""

    title: str
    unit: str
    scenarios: tuple[str, ...]
    parts: tuple[str, ...]
    labels: dict[str, str]
    amounts: dict[str, dict[str, float]]
    totals: dict[str, float]


def focal_ledger(material: Material) -> pd.DataFrame:
    """The focal provider's rows, strategies as text and amounts as float, without equal spend."""
    table = material.results.ledger
    if table.empty:
        return table
    table = table[table["provider"] == material.results.focal].copy()
    table["strategy"] = table["strategy"].astype("object").where(table["strategy"].notna(), "").astype(str)
    table["mean"] = table["mean"].astype("float64")
    return table[~table["scenario"].astype(str).str.endswith(EQUAL_SPEND)]


def strategy_costs(material: Material) -> pd.DataFrame:
    """The rows that a strategy pays for, with `cost` positive whatever sign the ledger books an account with.

    The sign belongs to the account: one whose sum over all rows is negative is booked as an outflow. A single entry
    against the stream (a liability released) so stays negative.
    """
    table = focal_ledger(material)
    if table.empty:
        return table
    rows = table[(table["strategy"] != "") & ~table["account"].isin(SERVICE_ACCOUNTS)].copy()
    sums = rows.groupby("account")["mean"].transform("sum")
    rows["cost"] = rows["mean"].where(sums >= 0.0, -rows["mean"])
    return rows


def stacks(material: Material) -> tuple[Stack, Stack] | None:
    """The cost by account and by strategy; None where no strategy spent anything."""
    rows = strategy_costs(material)
    if rows.empty or not rows["cost"].any():
        return None
    by_account = _stack(material, rows, "account", "By account, upfront cost first")
    return by_account, _stack(material, rows, "strategy", "By strategy")


def _stack(material: Material, rows: pd.DataFrame, column: str, title: str) -> Stack:
    sums = rows.groupby([column, "scenario"])["cost"].sum()
    size = rows.groupby(column)["cost"].sum()
    names = sorted(
        (str(part) for part in size.index), key=lambda part: (part not in UPFRONT_ACCOUNTS, -size[part], part)
    )
    kept = names if len(names) <= len(RAMP) else [*names[: len(RAMP) - 1], OTHER]
    amounts: dict[str, dict[str, float]] = {part: {} for part in kept}
    for (part, name), value in zip(sums.index, sums.to_numpy()):
        place = amounts[str(part) if str(part) in kept else OTHER]
        place[str(name)] = place.get(str(name), 0.0) + float(value)
    present = set(rows["scenario"])
    scenarios = tuple(name for name in material.scenarios if name in present)
    totals = {name: sum(amounts[part].get(name, 0.0) for part in kept) for name in scenarios}
    labels = {part: ACCOUNTS.get(part, part.replace("_", " ")) for part in kept}
    return Stack(title, str(rows["unit"].iloc[0]), scenarios, tuple(kept), labels, amounts, totals)


def accounts_in_order(accounts: Sequence[str]) -> list[str]:
    """Accounts as a reader expects them: revenue, service, retention; unknown ones last, by name."""
    rank = {name: i for i, name in enumerate(ACCOUNTS)}
    return sorted(accounts, key=lambda name: (rank.get(name, len(rank)), name))
