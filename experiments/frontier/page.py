"""Page: the frontier, and every spend on it."""

from __future__ import annotations

import shlex

from markupsafe import Markup

from experiments.frontier.figure import frontier_figure
from experiments.frontier.found import FrontierFound
from experiments.points.ask import simulated
from experiments.report.numerals import measure, write
from experiments.report.sheet import Row, Section, Sheet, figure, table
from experiments.report.svg import drawing, inline_svg
from experiments.report.wording import wording

CAPTION = (
    "Differences to spending nothing. Bands are luck, the 95 % interval of the mean on fresh luck; dotted is what the "
    "search promised: the gap is its shrinkage."
)
LEAD = (
    "Each cap holds under every luck that was tried; what would have broken it was cut. Searched under common luck, "
    "scored on fresh luck. Marginal returns are per unit spent more than at the cap below: of the firm's amounts per "
    "unit of its cost, of other metrics per unit a customer and month."
)


def sheet(found: FrontierFound) -> Sheet:
    """The page of the frontier."""
    asked = found.resolved.experiment
    return Sheet(
        title="How much, and on whom?",
        question="Given a budget: how much passive, how much active retention, and on whom?",
        facts=simulated(found.resolved, asked.customers),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section(
                "frontier",
                "What a budget brings",
                (LEAD,),
                Markup("{}{}").format(_drawn(found), _spends(found)),
            ),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _drawn(found: FrontierFound) -> Markup:
    if found.table.empty:
        return Markup('<p class="empty">No spend is known to hold its cap, so there is nothing to draw.</p>')
    with drawing():
        wide, narrow = frontier_figure(found, True), frontier_figure(found, False)
    return figure(
        inline_svg(wide, "frontier-wide", CAPTION), inline_svg(narrow, "frontier-narrow", CAPTION), CAPTION
    )


def _spends(found: FrontierFound) -> Markup:
    currency = found.resolved.world.market.currency
    rows = []
    for record in found.table.to_dict(orient="records"):
        unit = measure(str(record["unit"]), currency)
        names = ("mean", "difference", "difference_luck_low", "difference_luck_high", "shrinkage")
        level, *told = write([record[name] for name in names], unit, signed=True)
        marginal = write(
            [record[f"marginal{end}"] for end in ("", "_luck_low", "_luck_high")], unit, signed=True
        )
        spent = (
            f"passive {record['passive']:.0%}, active {record['active']:.0%}, {record['treated']:.0%} by "
            f"{record['targeting']}"
        )
        rows.append(
            Row(
                f"{record['budget']:.3g}",
                spent,
                [
                    wording(str(record["metric"])).label,
                    level.lstrip("+"),
                    told[0],
                    f"{told[1]} to {told[2]}",
                    told[3],
                    f"{marginal[0]} ({marginal[1]} to {marginal[2]})",
                ],
            )
        )
    head = ["Cap", "Metric", "Level", "Difference", "95 % by luck", "Shrinkage", "Marginal return"]
    return table("Spends on fresh luck", head, rows)
