"""Page: the interaction and the orders, in figures and tables."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from markupsafe import Markup

from experiments.report.numerals import probability
from experiments.report.sheet import Row, Section, Sheet, figure, table, word
from experiments.report.wording import wording
from experiments.synergy.found import Record, SynergyFound
from experiments.synergy.interaction import EFFECT, INTERACTION, ORDER, OVERLAP, SYNERGY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TINTS = {SYNERGY: "good", OVERLAP: "bad", "better": "good", "worse": "bad"}
CAPTION = (
    "Bars are means. Thick: luck, the 95 % interval of the mean at these draws. Thin: plausible markets, the 95 % "
    "range of the true value. A line that crosses 0 is not distinguishable."
)


def sheet(found: SynergyFound) -> Sheet:
    """The page of a run of the synergy experiment."""
    asked, settings = found.resolved.experiment, found.resolved.settings
    return Sheet(
        title="More than the sum?",
        question=f"What do {asked.passive} and {asked.active} do together that neither does alone?",
        facts=(
            ("Market", found.resolved.world.market.title),
            ("Customers", found.resolved.world.customers.title),
            ("Provider", found.resolved.focal),
            ("Goal", found.resolved.goal.title),
            (
                "Simulated",
                f"{settings.horizon_months:g} months, {settings.draws} draws, {settings.replicates} replicates",
            ),
        ),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section("interaction", "Together and alone", _told(found), _together(found)),
            Section("orders", "What comes first", (found.ordering, *_odds(found)), _first(found)),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _told(found: SynergyFound) -> tuple[str, ...]:
    asked = found.resolved.experiment
    return (
        (
            f"The interaction is {asked.both} less {asked.passive} less {asked.active} plus {asked.neither}, taken "
            "run by run between twin worlds. It is 0 where effects add up: a synergy is on the metric's good side of "
            "0, an overlap on the other. It is told on the metric's own scale: effects that add up in rates need not "
            "add up in money."
        ),
    )


def _odds(found: SynergyFound) -> tuple[str, ...]:
    if found.order is None or found.order.p_best is None or math.isnan(found.order.p_best):
        return ()
    return (f"The odds that {found.order.best} is truly best among them: {probability(found.order.p_best)}.",)


def _together(found: SynergyFound) -> Markup:
    from experiments.synergy.figure import interaction_figure

    drawing = ""
    if any(math.isfinite(row["difference"]) for row in found.rows(INTERACTION)):
        caption = f"Differences to {found.resolved.experiment.neither}. {CAPTION}"
        drawing = _drawn("interaction", interaction_figure, found, caption)
    return Markup("{}{}").format(
        drawing,
        table(
            "Effects and their interaction",
            [
                "Metric",
                "Scenario",
                "Difference",
                "95 % over markets",
                "95 % by luck",
                "Reading",
                "On average",
            ],
            [_row(found, row) for row in found.table.to_dict(orient="records") if row["part"] != ORDER],
        ),
    )


def _first(found: SynergyFound) -> Markup:
    from experiments.synergy.figure import order_figure

    if not found.has_orders:
        return Markup('<p class="empty">Fewer than two orders exist, so there is nothing to compare.</p>')
    goal = found.resolved.goal.metric
    drawing = ""
    if any(row["metric"] == goal and math.isfinite(row["difference"]) for row in found.rows(ORDER)):
        drawing = _drawn(
            "orders", order_figure, found, f"Filled: at equal spend; hollow: as configured. {CAPTION}"
        )
    return Markup("{}{}").format(
        drawing,
        table(
            "All differences between orders",
            ["Metric", "Orders", "Difference", "95 % over markets", "95 % by luck", "Reading", "On average"],
            [_row(found, row) for row in found.rows(ORDER)],
        ),
    )


def _drawn(
    name: str, draw: Callable[[SynergyFound, bool], Figure], found: SynergyFound, caption: str
) -> Markup:
    from experiments.report.svg import drawing, inline_svg

    label = f"Bars with intervals; the table that follows holds the numbers. {caption}"
    with drawing():
        wide, narrow = draw(found, True), draw(found, False)
    return figure(
        inline_svg(wide, f"{name}-wide", label), inline_svg(narrow, f"{name}-narrow", label), caption
    )


def _row(found: SynergyFound, row: Record) -> Row:
    how = ", at equal spend" if row["basis"] == "equal_spend" else ""
    what = {
        EFFECT: f"{row['scenario']}",
        INTERACTION: "beyond the sum",
        ORDER: f"{row['scenario']} less {row['other']}{how}",
    }[row["part"]]
    reading, average = (
        word(str(row[key]), TINTS.get(str(row[key]), "quiet")) for key in ("reading", "on_average")
    )
    return Row(
        wording(str(row["metric"])).label, "", [what.replace("_", " "), *found.texts(row), reading, average]
    )
