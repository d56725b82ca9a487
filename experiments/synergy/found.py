"""Found: what a run of the synergy experiment came to, in a table and in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.campaign import Failure
from experiments.compose import Resolved
from experiments.report.numerals import NOTHING, measure, write
from experiments.synergy.interaction import ADDITIVE, INTERACTION, ORDER, OVERLAP, SYNERGY, UNCLEAR, UNDEFINED
from experiments.verdict import Verdict

Record = Mapping[Hashable, Any]


@dataclass(frozen=True)
class SynergyFound:
    """What was found; its files are in `folder`.

    Attributes:
        resolved: the question.
        folder: where it was written.
        table: `interaction.COLUMNS` (`synergy.csv`).
        orders: scenarios that were compared by what comes first.
        order: the goal's verdict among them at equal spend; None where fewer than two were brought to it.
        manifest: what the run was.
        failures: tasks that failed by themselves.
        notes: sentences that limit the result.
    """

    resolved: Resolved
    folder: Path
    table: pd.DataFrame
    orders: tuple[str, ...]
    order: Verdict | None
    manifest: Mapping[str, Any]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]

    @property
    def interaction(self) -> Record:
        """The goal's row of the interaction."""
        rows = self.table[
            (self.table["part"] == INTERACTION) & (self.table["metric"] == self.resolved.goal.metric)
        ]
        record: Record = rows.to_dict(orient="records")[0]
        return record

    @property
    def sentence(self) -> str:
        """Whether both together are more than their sum, by how much, and how surely."""
        row, asked, goal = self.interaction, self.resolved.experiment, self.resolved.goal.title
        pair = f"{asked.passive} and {asked.active} together"
        if row["reading"] == UNDEFINED:
            return f"Nobody can say whether {pair} are more than their sum: {goal} has no value in some run."
        if row["reading"] == ADDITIVE:
            return f"For {goal}, {pair} are exactly their sum, in every run."
        mean, markets, luck = self.texts(row)
        known = [
            f"{text} {what}"
            for text, what in ((markets, "over plausible markets"), (luck, "by luck"))
            if text != NOTHING
        ]
        interval = f" ({'; '.join(known)})" if known else ""
        if row["reading"] == UNCLEAR:
            tail = {
                SYNERGY: "; on average over these draws it is a synergy",
                OVERLAP: "; on average over these draws it is an overlap",
            }.get(str(row["on_average"]), "")
            return f"For {goal}, {pair} cannot be told from their sum: the interaction is {mean}{interval}{tail}."
        words = {SYNERGY: "better than", OVERLAP: "worse than"}.get(str(row["reading"]), "not")
        return f"For {goal}, {pair} are {words} their sum: the interaction is {mean}{interval}."

    @property
    def ordering(self) -> str:
        """What the order does, in a sentence."""
        if self.order is not None:
            return f"At equal spend: {self.order.sentence}"
        if len(self.orders) < 2:
            return "Orders were not compared: fewer than two of them exist."
        return "Orders were not compared at equal spend: fewer than two of them spend anything."

    def rows(self, part: str) -> list[Record]:
        """The table's rows of a part."""
        return list(self.table[self.table["part"] == part].to_dict(orient="records"))

    def texts(self, row: Record) -> tuple[str, str, str]:
        """A row's difference, its range over markets and its luck interval, written alike."""
        unit = measure(str(row["unit"]), self.resolved.world.market.currency)
        names = ("difference", "low", "high", "luck_low", "luck_high")
        mean, *ends = write([row[name] for name in names], unit, signed=True)
        spans = [NOTHING if a == NOTHING else f"{a} to {b}" for a, b in (ends[:2], ends[2:])]
        return mean, spans[0], spans[1]

    @property
    def value(self) -> float | None:
        """The goal's interaction; None where it has no value."""
        found = float(self.interaction["difference"])
        return None if math.isnan(found) else found

    @property
    def has_orders(self) -> bool:
        """Whether any two orders were compared."""
        return bool((self.table["part"] == ORDER).any())
