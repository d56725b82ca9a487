"""Page: the differences along each axis, and the points themselves."""

from __future__ import annotations

import math
import shlex

from markupsafe import Markup

from experiments.points.ask import simulated
from experiments.report.cells import spoken
from experiments.report.numerals import measure, probability, write
from experiments.report.sheet import Row, Section, Sheet, figure, table, word
from experiments.report.svg import drawing, inline_svg
from experiments.sweep.figure import sweep_figure
from experiments.sweep.found import SweepFound

SHOWN = 200
"""Most points in the page's table; `sweep.csv` has all."""


def sheet(found: SweepFound) -> Sheet:
    """The page of a sweep."""
    design, asked = found.design, found.resolved.experiment
    named = ", ".join(axis.name for axis in design.axes[:6])
    more = f" and {len(design.axes) - 6} more" if len(design.axes) > 6 else ""
    return Sheet(
        title="Who is best where?",
        question=f"How do {', '.join(map(spoken, found.scenarios))} compare when {named}{more} move?",
        facts=(
            *simulated(found.resolved, asked.customers),
            ("Points", f"{len(design):,} ({asked.design.replace('_', ' ')})"),
        ),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section(
                "differences",
                "Along each axis",
                ("Every point has the same customers and the same luck in every scenario.",),
                _drawn(found),
            ),
            Section("points", "The points", _lead(found), _points(found)),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _drawn(found: SweepFound) -> Markup:
    goal = found.goal
    if not any(math.isfinite(value) for value in goal["difference"]):
        return Markup('<p class="empty">No difference is known yet, so there is nothing to draw.</p>')
    caption = "Bands are luck, the 95 % interval of the mean."
    if len(found.design.axes) > 1:
        caption = "Dots are points, whatever else moves there; lines join means of equal parts of the range."
    with drawing():
        wide, narrow = sweep_figure(found, True), sweep_figure(found, False)
    label = f"Differences along each axis. {caption}"
    return figure(inline_svg(wide, "sweep-wide", label), inline_svg(narrow, "sweep-narrow", label), caption)


def _lead(found: SweepFound) -> tuple[str, ...]:
    if len(found.design) <= SHOWN:
        return ("The best scenario at each point, and by how much it leads the next best.",)
    return (f"The first {SHOWN} of {len(found.design):,} points; sweep.csv has all of them.",)


def _points(found: SweepFound) -> Markup:
    goal = found.goal[found.goal["best"] & (found.goal["point"] < SHOWN)]
    unit = measure(str(found.goal["unit"].iloc[0]), found.resolved.world.market.currency)
    rows = []
    for record in goal.to_dict(orient="records"):
        texts = write(
            [record[name] for name in ("lead", "lead_luck_low", "lead_luck_high")],
            unit,
            signed=True,
        )
        told = word(
            "clear" if record["decided"] else "not distinguishable", "good" if record["decided"] else "quiet"
        )
        values = [f"{record[axis.name]:g}" for axis in found.design.axes[:8]]
        rows.append(
            Row(
                str(record["point"]),
                "",
                [*values, spoken(str(record["scenario"])), texts[0], f"{texts[1]} to {texts[2]}",
                 probability(float(record["p_best"])), told],
            )
        )  # fmt: skip
    head = ["Point", *(axis.name for axis in found.design.axes[:8])]
    return table(
        "The best scenario at each point",
        [*head, "Best", "Lead over the next", "95 % by luck", "P(best)", "Reading"],
        rows,
    )
