"""Page: what flips the winner, the rules, and every assumption."""

from __future__ import annotations

import math
import shlex
from collections.abc import Hashable, Mapping
from typing import Any

from markupsafe import Markup

from experiments.metrics import METRICS
from experiments.points.ask import simulated
from experiments.report.cells import spoken
from experiments.report.numerals import measure, write
from experiments.report.sheet import Row, Section, Sheet, figure, folded, table, word
from experiments.report.svg import drawing, inline_svg
from experiments.tipping_points.figure import lead_figure
from experiments.tipping_points.found import TippingFound
from experiments.tipping_points.tips import FLIPS, MAY_FLIP, STAYS

CAPTION = "Left of the line another scenario is ahead. Assumptions that flip the winner come first."
TINTS = {FLIPS: "bad", MAY_FLIP: "calm", STAYS: "good"}


def sheet(found: TippingFound) -> Sheet:
    """The page of the tipping points."""
    asked = found.resolved.experiment
    return Sheet(
        title="Where does it flip?",
        question=f"What would have to be true for another than {spoken(found.winner or 'the winner')} to be best?",
        facts=(
            *simulated(found.resolved, asked.customers),
            ("Box", f"{asked.points:,} points, judged on {asked.fresh:,} fresh ones"),
        ),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section("rules", "Rules of thumb", _lead(found), _rules(found)),
            Section(
                "assumptions",
                "One assumption at a time",
                (
                    "Each is moved over its stated range, the others at their point values, under the same luck.",
                ),
                _assumptions(found),
            ),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _lead(found: TippingFound) -> tuple[str, ...]:
    share, low, high = found.stays
    if math.isnan(share):
        return ("The box is not sampled yet.",)
    return (
        (
            f"All assumptions moved together over their ranges: {spoken(found.winner)} stays best in {share:.0%} "
            f"({low:.0%} to {high:.0%}) of the box. Rules were learned on one part of the points and judged on fresh "
            "points under fresh luck."
        ),
    )


def _rules(found: TippingFound) -> Markup:
    rows = [
        Row(
            record["rule"],
            "",
            [
                f"{record['precision']:.0%}",
                f"{record['precision_low']:.0%} to {record['precision_high']:.0%}",
                f"{record['coverage']:.0%}",
                f"{record['coverage_low']:.0%} to {record['coverage_high']:.0%}",
                f"{record['wins']:,} of {record['points']:,}",
            ],
        )
        for record in found.rules.to_dict(orient="records")
    ]
    if not rows:
        return Markup('<p class="empty">Too few points are finished for a rule.</p>')
    head = ["Rule", "Precision", "95 %", "Coverage", "95 %", "Wins"]
    return table("Rules, on fresh points", head, rows)


def _assumptions(found: TippingFound) -> Markup:
    if found.table.empty:
        return Markup('<p class="empty">No assumption is finished yet.</p>')
    with drawing():
        wide, narrow = lead_figure(found, True), lead_figure(found, False)
    drawn = figure(
        inline_svg(wide, "leads-wide", CAPTION), inline_svg(narrow, "leads-narrow", CAPTION), CAPTION
    )
    currency = found.resolved.world.market.currency
    unit = measure(METRICS[found.resolved.goal.metric].unit.replace("currency", currency), currency)
    rows = []
    for record in found.table.to_dict(orient="records"):
        leads = write([record[f"lead_at_{end}"] for end in ("low", "point", "high")], unit, signed=True)
        rows.append(
            Row(
                str(record["axis"]).replace("_", " "),
                str(record["unit"]),
                [
                    word(str(record["reading"]), TINTS.get(str(record["reading"]), "quiet")),
                    f"{record['point']:.3g} ({record['low']:.3g} to {record['high']:.3g})",
                    _tips(record),
                    *leads,
                ],
            )
        )
    head = ["Assumption", "Winner", "Point (range)", "Tips at", "Lead at low", "at point", "at high"]
    return Markup("{}{}").format(drawn, folded("All assumptions", table("Every assumption", head, rows)))


def _tips(record: Mapping[Hashable, Any]) -> str:
    if math.isnan(record["tips_at"]):
        return "nowhere"
    low, high = (
        "beyond" if math.isnan(record[name]) else f"{record[name]:.3g}" for name in ("tips_low", "tips_high")
    )
    return f"{record['tips_at']:.3g} ({low} to {high}), {spoken(str(record['overtaken_by']))}"
