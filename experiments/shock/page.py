"""Page: what the shocks do, and who holds."""

from __future__ import annotations

import math
import shlex

from markupsafe import Markup

from experiments.points.ask import simulated
from experiments.report.cells import spoken
from experiments.report.numerals import measure, write
from experiments.report.sheet import Row, Section, Sheet, figure, folded, table, word
from experiments.report.svg import drawing, inline_svg
from experiments.report.wording import wording
from experiments.shock.figure import loss_figure
from experiments.shock.found import ShockFound

CAPTION = (
    "Change run by run between twin worlds without and with the shock. Thick: luck, the 95 % interval of the mean at "
    "these draws. Thin: plausible markets."
)


def sheet(found: ShockFound) -> Sheet:
    """The page of the shocks."""
    return Sheet(
        title="Who holds?",
        question=f"What do shocks do to {', '.join(map(spoken, found.scenarios))}, and who loses least?",
        facts=simulated(found.resolved, found.resolved.experiment.customers),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section("shocks", "What strikes", (), _shocks(found)),
            Section("holds", "Who holds", (), Markup("{}{}").format(_drawn(found), _holds(found))),
            Section("changes", "Every metric", (), _changes(found)),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _shocks(found: ShockFound) -> Markup:
    rows = [
        Row(
            spoken(name),
            "",
            [
                one.kind.replace("_", " "),
                one.provider or "its own",
                f"{one.size:g}",
                f"{one.month:g}",
                "at once"
                if one.kind == "renewal_event"
                else "to the end"
                if one.lasts >= 240
                else f"{one.lasts:g}",
                one.answer.replace("_", " "),
            ],
        )
        for name, one in found.shocks.items()
    ]
    return table(
        "Shocks", ["Shock", "Kind", "Strikes", "Size", "From month", "Months", "Rivals answer"], rows
    )


def _drawn(found: ShockFound) -> Markup:
    if not any(math.isfinite(value) for value in found.goal["change"]):
        return Markup('<p class="empty">No shock is finished, so there is nothing to draw.</p>')
    with drawing():
        wide, narrow = loss_figure(found, True), loss_figure(found, False)
    return figure(
        inline_svg(wide, "losses-wide", CAPTION), inline_svg(narrow, "losses-narrow", CAPTION), CAPTION
    )


def _holds(found: ShockFound) -> Markup:
    unit = measure(str(found.goal["unit"].iloc[0]), found.resolved.world.market.currency)
    rows = []
    for record in found.holds.to_dict(orient="records"):
        lead = write(
            [record[name] for name in ("lead", "lead_luck_low", "lead_luck_high")], unit, signed=True
        )
        sure = bool(record["decided"])
        rows.append(
            Row(
                spoken(str(record["shock"])),
                "",
                [
                    spoken(str(record["holds_best"])) or "not known",
                    lead[0],
                    f"{lead[1]} to {lead[2]}",
                    word("clear" if sure else "not distinguishable", "good" if sure else "quiet"),
                    spoken(str(record["best_without"])),
                    spoken(str(record["best_with"])),
                ],
            )
        )
    head = [
        "Shock",
        "Holds best",
        "Lead over the next",
        "95 % by luck",
        "Reading",
        "Best without",
        "Best with",
    ]
    return table("Who loses least of the goal", head, rows)


def _changes(found: ShockFound) -> Markup:
    rows = []
    for record in found.table.to_dict(orient="records"):
        unit = measure(str(record["unit"]), found.resolved.world.market.currency)
        levels = write([record["without"], record["with"]], unit)
        change = write([record[name] for name in ("change", "luck_low", "luck_high")], unit, signed=True)
        rows.append(
            Row(
                spoken(str(record["shock"])),
                "",
                [
                    spoken(str(record["scenario"])),
                    wording(str(record["metric"])).label,
                    *levels,
                    change[0],
                    f"{change[1]} to {change[2]}",
                ],
            )
        )
    head = ["Shock", "Scenario", "Metric", "Without", "With", "Change", "95 % by luck"]
    return folded("All changes", table("Every metric without and with each shock", head, rows))
