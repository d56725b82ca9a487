"""Page: the game, its equilibria, and the arms race."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from markupsafe import Markup

from experiments.points.ask import simulated
from experiments.report.cells import spoken
from experiments.report.numerals import measure, write
from experiments.report.sheet import Row, Section, Sheet, figure, folded, table
from experiments.report.svg import drawing, inline_svg
from experiments.report.wording import wording
from experiments.tournament.figure import everybody_figure, payoff_figure
from experiments.tournament.found import TournamentFound

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAYOFFS = (
    "Darker is more. A frame marks the best reply to what the other side plays; where both frames meet is an "
    "equilibrium."
)
RACE = "Thick: luck, the 95 % interval of the mean at these draws. Thin: plausible markets."


def sheet(found: TournamentFound) -> Sheet:
    """The page of a tournament."""
    names = ", ".join(map(spoken, found.sets))
    return Sheet(
        title="If everybody plays",
        question=f"What should {found.resolved.focal} play, of {names}, when {', '.join(found.rivals)} play too?",
        facts=simulated(found.resolved, found.resolved.experiment.customers),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section(
                "payoffs", "Payoffs", (), _whole(found, "payoffs", payoff_figure, PAYOFFS, _payoffs(found))
            ),
            Section("equilibria", "Equilibria", (), _equilibria(found)),
            Section(
                "everybody",
                "When everybody does the same",
                (f"Differences are to everybody playing {spoken(found.sets[0])}.",),
                _whole(found, "everybody", everybody_figure, RACE, _race(found)),
            ),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _whole(
    found: TournamentFound,
    name: str,
    draw: Callable[[TournamentFound, bool], Figure],
    caption: str,
    below: Markup,
) -> Markup:
    if not found.equilibria:
        return Markup('<p class="empty">Profiles are missing, so there is nothing to draw.</p>')
    with drawing():
        wide, narrow = draw(found, True), draw(found, False)
    shown = figure(
        inline_svg(wide, f"{name}-wide", caption), inline_svg(narrow, f"{name}-narrow", caption), caption
    )
    return Markup("{}{}").format(shown, below)


def _payoffs(found: TournamentFound) -> Markup:
    rows = []
    for record in found.payoffs.to_dict(orient="records"):
        unit = measure(str(record["unit"]), found.resolved.world.market.currency)
        texts = write([record[name] for name in ("mean", "luck_low", "luck_high")], unit)
        loss = write([record[name] for name in ("loss", "loss_luck_low", "loss_luck_high")], unit)
        rows.append(
            Row(
                found.resolved.focal if record["side"] == "focal" else "the others",
                "",
                [
                    spoken(record["own"]),
                    spoken(record["others"]),
                    texts[0],
                    f"{texts[1]} to {texts[2]}",
                    "best reply" if record["best_reply"] else f"{loss[0]} ({loss[1]} to {loss[2]})",
                ],
            )
        )
    head = [
        "Payoff of",
        f"{found.resolved.focal} plays",
        "The others play",
        "Mean",
        "95 % by luck",
        "Loss to best reply",
    ]
    return folded("All payoffs", table("Payoffs", head, rows))


def _equilibria(found: TournamentFound) -> Markup:
    rows = [
        Row(
            found.mixed(one.own),
            "",
            [
                found.mixed(one.other),
                "pure" if one.is_pure else "mixed",
                "" if math.isnan(one.sure) else f"{one.sure:.0%}",
            ],
        )
        for one in found.equilibria
    ]
    head = [f"{found.resolved.focal} plays", "The others play", "Kind", "In so many resampled lucks"]
    return table("Equilibria of the mean payoffs", head, rows)


def _race(found: TournamentFound) -> Markup:
    rows = []
    for record in found.everybody.to_dict(orient="records"):
        unit = measure(str(record["unit"]), found.resolved.world.market.currency)
        level = write([record["mean"]], unit)
        names = ("difference", "difference_luck_low", "difference_luck_high")
        gap = write([record[name] for name in names], unit, signed=True)
        rows.append(
            Row(
                spoken(record["set"]),
                "",
                [
                    record["provider"],
                    wording(record["metric"]).label,
                    level[0],
                    gap[0],
                    f"{gap[1]} to {gap[2]}",
                ],
            )
        )
    head = ["Everybody plays", "Provider", "Metric", "Level", "Difference", "95 % by luck"]
    return folded("Every provider", table("When everybody does the same", head, rows))
