"""Page: the maps, each with its sentence and its cells."""

from __future__ import annotations

import math
import shlex

from markupsafe import Markup

from experiments.decision_map.figure import map_figure
from experiments.decision_map.found import MapFound, said
from experiments.decision_map.maps import Map
from experiments.points.ask import simulated
from experiments.report.cells import spoken
from experiments.report.numerals import measure, probability, write
from experiments.report.sheet import Row, Section, Sheet, figure, folded, table, word
from experiments.report.svg import drawing, inline_svg

CAPTION = (
    "Colour is the winner. Pale and hatched is undecided: luck leaves the winner not distinguishable from every other. "
    "Lines are break-evens between the best two."
)


def sheet(found: MapFound) -> Sheet:
    """The page of the maps."""
    asked = found.resolved.experiment
    facts = simulated(found.resolved, asked.customers)
    if asked.map == "markets" or asked.markets:
        facts = facts[3:]
    return Sheet(
        title="Who wins where?",
        question=f"Which of {', '.join(map(spoken, found.maps[0].scenarios))} is best, where?",
        facts=facts,
        sentence=found.sentence,
        notes=found.notes,
        sections=tuple(_section(found, one) for one in found.maps),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _section(found: MapFound, one: Map) -> Section:
    among = "" if one.field == "all" else ", among the kinds of retention"
    title = f"{one.goal.title.capitalize()} over {one.horizon_months:g} months{among}"
    with drawing():
        wide, narrow = map_figure(one, True), map_figure(one, False)
    drawn = figure(
        inline_svg(wide, f"{one.name}-wide", f"{title}. {CAPTION}"),
        inline_svg(narrow, f"{one.name}-narrow", f"{title}. {CAPTION}"),
        CAPTION,
    )
    return Section(one.name, title, (said(one),), Markup("{}{}").format(drawn, _cells(found, one)))


def _cells(found: MapFound, one: Map) -> Markup:
    rows = []
    own = found.table[
        (found.table["goal"] == one.goal.name)
        & (found.table["horizon_months"] == one.horizon_months)
        & (found.table["field"] == one.field)
    ]
    unit = measure(str(own["unit"].iloc[0]), found.resolved.world.market.currency)
    for record in own.to_dict(orient="records"):
        lead, low, high = write(
            [record[name] for name in ("lead", "luck_low", "luck_high")], unit, signed=True
        )
        sure = bool(record["decided"])
        place = [_tick(record["x"]), _tick(record["y"])]
        best = spoken(str(record["best"])) if record["best"] else "not known"
        odds = "" if math.isnan(record["p_best"]) else probability(record["p_best"])
        told = word("clear" if sure else "undecided", "good" if sure else "quiet")
        rows.append(
            Row(
                str(record["market"]) or place[0],
                "",
                [*place, best, spoken(str(record["second"])), lead, f"{low} to {high}", odds, told],
            )
        )
    part = one.panels[0]
    head = [
        "Market",
        part.x.label,
        part.y.label,
        "Best",
        "Next",
        "Lead",
        "95 % by luck",
        "P(best)",
        "Reading",
    ]
    return folded("All cells", table("Cells of the map", head, rows))


def _tick(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
