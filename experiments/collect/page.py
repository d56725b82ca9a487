"""Page: the jobs, and the goal of each by scenario."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from markupsafe import Markup

from experiments.collect.ask import Collected
from experiments.collect.figure import goal_figure
from experiments.collect.jobs import DONE, UNFINISHED
from experiments.report.cells import spoken
from experiments.report.numerals import measure, write
from experiments.report.sheet import Row, Section, Sheet, figure, table, word
from experiments.report.svg import drawing, inline_svg
from experiments.report.wording import wording

if TYPE_CHECKING:
    from experiments.compose import Resolved

CAPTION = "Thick lines are luck, the 95 % interval of the mean difference."


def sheet(found: Collected, resolved: Resolved) -> Sheet:
    """The page of what was collected."""
    return Sheet(
        title="All jobs together",
        question=f"What did the {len(found.jobs)} jobs find?",
        facts=(("Jobs", str(len(found.jobs))), ("Folder", found.source.name)),
        sentence=found.sentence,
        notes=[f"{job.label} is {job.state}." for job in found.jobs if job.state != DONE],
        sections=(
            Section("goal", "The goal in every job", (), _goal(found)),
            Section("jobs", "The jobs", (), _jobs(found)),
        ),
        manifest={"command": shlex.join(["tenure", *resolved.overrides]), **found.manifest},
    )


def _goal(found: Collected) -> Markup:
    goal = found.goal
    if goal.empty or goal["difference"].notna().sum() == 0:
        return Markup('<p class="empty">No job is a finished comparison.</p>')
    with drawing():
        wide, narrow = goal_figure(found, True), goal_figure(found, False)
    drawn = figure(
        inline_svg(wide, "goal-wide", CAPTION), inline_svg(narrow, "goal-narrow", CAPTION), CAPTION
    )
    labels = {job.name: job.label for job in found.jobs}
    rows = []
    for record in goal.to_dict(orient="records"):
        unit = measure(str(record["unit"]), found.currency)
        level = write([record["mean"]], unit)
        names = ("difference", "difference_luck_low", "difference_luck_high")
        gap = write([record[name] for name in names], unit, signed=True)
        rows.append(
            Row(
                labels[str(record["job"])],
                "",
                [
                    spoken(str(record["scenario"])),
                    wording(str(record["metric"])).label,
                    level[0],
                    gap[0],
                    f"{gap[1]} to {gap[2]}",
                ],
            )
        )
    head = ["Job", "Scenario", "Goal", "Mean", "Difference", "95 % by luck"]
    return Markup("{}{}").format(drawn, table("Each job's goal", head, rows))


def _jobs(found: Collected) -> Markup:
    tints = {DONE: "good", UNFINISHED: "bad"}
    rows = [
        Row(job.name, "", [job.label, word(job.state, tints.get(job.state, "calm")), job.results_hash[:12]])
        for job in found.jobs
    ]
    return table("Jobs", ["Job", "What differs", "State", "Results"], rows)
