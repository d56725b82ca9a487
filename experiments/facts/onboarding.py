"""Onboarding: help for new customers, and how long it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.model import MarketModel
from experiments.facts.fact import CAL, Fact, Figure, Observed
from experiments.facts.lab import Lab, Leaving
from sim.marketplace import Pulse

EARLY = 28.0
"""Days that count as the first weeks."""
STAFF = 100.0
"""Success managers per million of yearly revenue."""


@dataclass
class EarlyAndLate:
    """Counts who leaves the focal provider by choice in the first weeks, and later."""

    model: MarketModel
    early: int = 0
    late: int = 0
    leaving: Leaving = field(init=False)

    def __post_init__(self) -> None:
        self.leaving = Leaving(self.model)

    def __call__(self, pulse: Pulse) -> None:
        """Count a pulse that has ended."""
        before, gone, _ = self.leaving.step()
        starters = self.model.at_fork.provider == self.model.focal
        number = int((gone & starters & (before == self.model.focal)).sum())
        if pulse.end <= EARLY:
            self.early += number
        else:
            self.late += number


def _cohort(lab: Lab, changes: Mapping[str, Any], world: str) -> dict[str, float]:
    """Leavers in the first weeks and later, with help and without, in one world."""
    warm = lab.warm({"start": "cohort", "warm_up": 0.0, **changes})
    seen = {}
    # A whole cohort is new at once: staff enough to call everybody in the first week.
    help_ = replace(lab.strategies["success_checkins"], managers=STAFF)  # type: ignore[call-arg]
    for name, treatment in (("control", None), ("helped", help_)):
        counters: list[EarlyAndLate] = []

        def watch(twin: MarketModel, kept: list[EarlyAndLate] = counters) -> EarlyAndLate:
            kept.append(EarlyAndLate(twin))
            return kept[0]

        lab.run(warm, treatment, watch=watch)
        seen[f"{name}_early{world}"] = float(counters[0].early)
        seen[f"{name}_late{world}"] = float(counters[0].late)
    return seen


def _observe(lab: Lab) -> Observed:
    return {**_cohort(lab, {}, ""), **_cohort(lab, {"gate.p_contact": 0.0}, "_deaf")}


def _reason(seen: Observed) -> str:
    deaf = seen["helped_early_deaf"] / seen["control_early_deaf"]
    return (
        "calls wake newcomers as they wake others: where contacts wake nobody (gate.p_contact = 0) help "
        f"makes it {deaf:.2f}, "
        "since the frictions and doubts of the new are a small part of what makes them leave so early"
    )


FACT = Fact(
    name="onboarding",
    number="13",
    statement="Onboarding help halves churn in the first week, and fades within a week or so.",
    source="Retana, Forman & Wu 2016, Manufacturing & Service Operations Management 18(1) (abstract)",
    design=(
        "Twin worlds of a cohort that joins on one day: the success check-ins of conf/strategy, with staff "
        "enough to call "
        "and teach everybody at once. Leaving by choice in weeks 1 to 4, and after."
    ),
    parameters=(
        "dialogue.lesson", "dialogue.response_call", "service.novelty", "service.learn", "service.friction",
        "service.doubt", "gate.p_contact", "gate.g_grievance", "experience.worth_help", "experience.kappa",
    ),
    figures=(
        Figure(
            name="churn in weeks 1 to 4, helped relative to not",
            role=CAL,
            published="halved in week 1",
            of=lambda seen: seen["helped_early"] / seen["control_early"],
            low=0.3,
            high=0.8,
            why="a half, give or take what three weeks more than the study's one may dilute",
            reason=_reason,
        ),
        Figure(
            name="churn after week 4, helped relative to not",
            role=CAL,
            published="fades",
            of=lambda seen: seen["helped_late"] / seen["control_late"],
            low=0.8,
            high=1.1,
            why="less than a fifth is left",
        ),
    ),
    observe=_observe,
    strategies=("success_checkins",),
    customers=20_000,
    replicates=12,
    months=4.0,
)  # fmt: skip
