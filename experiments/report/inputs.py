"""What the report is made of: tidy tables and a few words, nothing that has to be simulated or estimated here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import pandas as pd

EQUAL_SPEND = "@equal_spend"
"""Suffix of a scenario whose intensities were scaled to the common spend."""

ALL = "all"
"""The provider or segment that stands for everyone."""

RETENTION = "retention"
"""The metric that is shown over time."""

SUMMARY_COLUMNS = (
    "scenario",
    "provider",
    "segment",
    "metric",
    "unit",
    "direction",
    "mean",
    "low",
    "high",
    "luck_low",
    "luck_high",
    "difference",
    "difference_low",
    "difference_high",
    "difference_luck_low",
    "difference_luck_high",
    "p_best",
)
TIMELINE_COLUMNS = ("scenario", "draw", "replicate", "provider", "day", "metric", "unit", "value")
LEDGER_COLUMNS = ("scenario", "provider", "account", "strategy", "unit", "mean")
GROUP_COLUMNS = (
    "scenario",
    "group",
    "share",
    "low",
    "high",
    "luck_low",
    "luck_high",
    "bound_low",
    "bound_high",
    "spend",
    "spend_share",
)
PAIRING_COLUMNS = ("metric", "variance_ratio", "replicates_needed")
BOUND_COLUMNS = ("scenario", "provider", "strategy", "rule", "refused")
BELIEF_COLUMNS = (
    "scenario",
    "draw",
    "replicate",
    "strategy",
    "day",
    "tactic",
    "segment",
    "believed",
    "error",
    "share",
    "true",
)

Kind = Literal["source", "assumption", "user"]


@dataclass(frozen=True)
class Assumption:
    """One number the result rests on, and what speaks for it.

    Attributes:
        key: its full configuration key, as it is typed on the command line.
        value: its value at the point values.
        unit: its unit in words, "" for a plain number or a word.
        allowed_low, allowed_high: the range the schema allows; None for words.
        range_low, range_high: the plausible range draws are taken from; None where it is held fixed.
        kind: `source` (read in a text or in data), `assumption` (nobody measured it), `user` (command line).
        text: the citation, or why the value was assumed.
    """

    key: str
    value: float | int | str | bool
    unit: str
    allowed_low: float | None
    allowed_high: float | None
    range_low: float | None
    range_high: float | None
    kind: Kind
    text: str


class Verdict(Protocol):
    """What the report needs to know of a verdict; any object with these attributes will do."""

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        ...

    @property
    def goal(self) -> str:
        """What was judged by: a goal or the metric behind it."""
        ...

    @property
    def best(self) -> str:
        """The scenario with the best mean; "" where none is."""
        ...

    @property
    def p_best(self) -> float | None:
        """Its probability of being truly best, None where one draw cannot say."""
        ...

    @property
    def at_point_values(self) -> bool:
        """Whether only one set of assumptions was tried."""
        ...

    @property
    def distinguishable(self) -> bool:
        """Whether every interval of the difference between the best scenario and the next leaves 0 out."""
        ...

    @property
    def details(self) -> Sequence[str]:
        """Further sentences, most important first."""
        ...


@dataclass(frozen=True)
class ReportInput:
    """Everything one report shows. A table may be empty: its section then says why instead of showing nothing.

    Attributes:
        title: title of the page.
        question: the question in the words of who asked.
        market: title of the market.
        currency: ISO code or sign of the market's money.
        baseline: scenario that differences are taken against.
        focal: provider that is reported first.
        summary: `SUMMARY_COLUMNS`, as in `summary.csv`; `direction` is 1 (more is better), -1 or 0.
        timeline: `TIMELINE_COLUMNS`; `retention` is the share of the starting customers.
        ledger: `LEDGER_COLUMNS`; `mean` is the amount of the whole firm over the horizon, in money (not millionths).
        groups: `GROUP_COLUMNS`; shares from 0 to 1, with both intervals, and bounds that no coupling of luck can leave.
        pairing: `PAIRING_COLUMNS`.
        bound: `BOUND_COLUMNS`; contacts that a rule refused, mean of a run.
        beliefs: `BELIEF_COLUMNS`; at each review of a firm that learns: believed lift of staying per customer treated,
            its standard error, the share of the budget given, the true lift (NaN: not run).
        assumptions: what the result rests on, with evidence.
        verdict: the answer.
        manifest: how to run it again. Known keys: `command`, `seed`, `results_hash`, `versions`, `machine`,
            `duration` (seconds), `configuration`; every other key is shown too.
        notes: sentences that limit the result, such as `partial: 312 of 400 tasks`.
        order: scenarios in the order to show them; those left out follow. Empty: the usual order.

    Raises:
        ValueError: a table that has rows lacks a column.
    """

    title: str
    question: str
    market: str
    currency: str
    baseline: str
    focal: str
    verdict: Verdict
    summary: pd.DataFrame
    timeline: pd.DataFrame
    ledger: pd.DataFrame
    groups: pd.DataFrame
    pairing: pd.DataFrame
    bound: pd.DataFrame = field(default_factory=pd.DataFrame)
    beliefs: pd.DataFrame = field(default_factory=pd.DataFrame)
    assumptions: Sequence[Assumption] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    order: Sequence[str] = ()

    def __post_init__(self) -> None:
        tables = (
            ("summary", self.summary, SUMMARY_COLUMNS),
            ("timeline", self.timeline, TIMELINE_COLUMNS),
            ("ledger", self.ledger, LEDGER_COLUMNS),
            ("groups", self.groups, GROUP_COLUMNS),
            ("pairing", self.pairing, PAIRING_COLUMNS),
            ("bound", self.bound, BOUND_COLUMNS),
            ("beliefs", self.beliefs, BELIEF_COLUMNS),
        )
        for name, table, columns in tables:
            missing = [column for column in columns if column not in table.columns]
            if len(table) and missing:
                raise ValueError(
                    f"The report's table '{name}' lacks the column {missing[0]!r}; it needs {', '.join(columns)}."
                )

    def in_figures(self) -> ReportInput:
        """What figures show of it, which is little: the focal provider, and retention over time."""
        summary, timeline = self.summary, self.timeline
        if len(summary):
            summary = summary[summary["provider"] == self.focal]
        if len(timeline):
            timeline = timeline[(timeline["provider"] == self.focal) & (timeline["metric"] == RETENTION)]
        return replace(self, summary=summary, timeline=timeline, assumptions=(), manifest={})
