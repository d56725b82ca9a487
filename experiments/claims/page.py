"""Page: the claims as a matrix over all worlds, the numbers behind each cell, and who wins where."""

from __future__ import annotations

import math
import shlex
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.claims.claim import AS_CONFIGURED, EQUAL_SPEND, Claim
from experiments.claims.found import ClaimsFound
from experiments.claims.judge import DECIDED, DEPENDS, FAILED, HELD, NOT_JUDGED, NOT_RUN, UNDECIDED, UNDEFINED
from experiments.claims.winners import ALL, KINDS
from experiments.report.numerals import MINUS, NOTHING, measure, probability, write
from experiments.report.palette import Look, looks
from experiments.report.sheet import Row, Section, Sheet, folded, listed, scenario, table, word

TINTS = {
    HELD: "good", FAILED: "bad", DEPENDS: "calm", UNDECIDED: "quiet", UNDEFINED: "quiet", NOT_RUN: "quiet",
    NOT_JUDGED: "quiet",
}  # fmt: skip
BASES = {AS_CONFIGURED: "as configured", EQUAL_SPEND: "at equal spend"}
FIELDS = {ALL: "all that were compared", KINDS: "the kinds of retention"}
Record = Mapping[Hashable, Any]


def sheet(found: ClaimsFound) -> Sheet:
    """The page of a run of the claims."""
    settings = found.resolved.settings
    markets = list(dict.fromkeys(found.table["market"]))
    mixes = list(dict.fromkeys(found.table["customers"]))
    return Sheet(
        title="What is said about retention",
        question="Which claims hold in which market, with which customers?",
        facts=(
            ("Markets", ", ".join(markets)),
            ("Customers", ", ".join(mixes)),
            ("Horizon", f"{settings.horizon_months:g} months"),
            ("In each world", f"{settings.draws} draws, {settings.replicates} replicates"),
        ),
        sentence=found.sentence,
        notes=found.notes,
        sections=(
            Section("claims", "The claims", _rule(found), _matrix(found)),
            Section("numbers", "The numbers behind each cell", (), _numbers(found)),
            Section("winners", "Who wins where", (), _winners(found)),
        ),
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **_told(found.manifest)},
    )


def summary(row: Record) -> str:
    """The verdict over all cases in words."""
    return f"{row['verdict']} {row['depends_on']}".rstrip()


def chance(row: Record) -> str:
    """The chance of that many cases by luck, in words; a dash where nothing was decided."""
    return NOTHING if math.isnan(row["chance"]) else probability(row["chance"])


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key != "claims"}


def _rule(found: ClaimsFound) -> tuple[str, ...]:
    return (
        (
            "A claim has held, or failed, in a world where the 95 % range of its difference over plausible markets "
            "leaves 0 out on the claimed, or on the other, side. Where only the luck interval does, it holds or fails "
            "on average over the draws, which is said below the verdict: single markets may still differ. Signs are "
            "those of the difference."
        ),
        (
            f"{found.chance} Beside each verdict stands how likely so many worlds on one side would be by chance alone "
            "(where a claim depends: the side with fewer)."
        ),
    )


def _worlds(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(rows["market"], rows["customers"], strict=True)))


def _groups(worlds: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    markets = [market for market, _ in worlds]
    return [(market.replace("_", " "), markets.count(market)) for market in dict.fromkeys(markets)]


def _matrix(found: ClaimsFound) -> Markup:
    worlds = _worlds(found.table)
    cells = {(r["claim"], r["market"], r["customers"]): r for r in found.table.to_dict(orient="records")}
    told = {row["claim"]: row for row in found.verdicts.to_dict(orient="records")}
    rows = [
        Row(
            claim.text,
            _terms(claim),
            [
                word(
                    summary(told[claim.name]),
                    TINTS[told[claim.name]["verdict"]],
                    _counts(told[claim.name]),
                    title=claim.source,
                ),
                *(_cell(cells.get((claim.name, *world)), found) for world in worlds),
            ],
        )
        for claim in found.claims
    ]
    return table(
        "Claims by market and customers",
        ["Claim", "Over all", *(customers for _, customers in worlds)],
        rows,
        "board",
        [("", 1), *_groups(worlds)],
    )


def _terms(claim: Claim) -> str:
    over = f", {claim.horizon:g} months" if claim.horizon is not None else ""
    name = claim.metric.replace("_", " ")
    return (
        f"{name}: {claim.contrast[0]} {claim.direction} than {claim.contrast[1]}, {BASES[claim.basis]}{over}"
    )


def _counts(row: Record) -> str:
    if row["verdict"] == NOT_JUDGED:
        return ""
    counts = f"{row['held']} held, {row['failed']} failed, {row['undecided']} undecided"
    average = f"; on average {row['on_average_held']} held, {row['on_average_failed']} failed"
    luck = "" if math.isnan(row["chance"]) else f"; by chance {chance(row)}"
    return f"{counts}{average}{luck}"


def _cell(row: Record | None, found: ClaimsFound) -> Markup:
    if row is None:
        return word(NOTHING, "quiet", title="The claim is not about this market.")
    if row["verdict"] not in (*DECIDED, UNDECIDED):
        return word(row["verdict"], TINTS[row["verdict"]], title=row["reason"])
    sign = "=" if row["difference"] == 0.0 else "+" if row["difference"] > 0.0 else MINUS
    average = f"{row['on_average']} on average" if row["on_average"] != row["verdict"] else ""
    same = "identical" if row["identical"] else ""
    texts = _texts(row, found)
    title = f"{texts[0]}; markets {texts[1]}; luck {texts[2]}"
    return word(f"{sign} {row['verdict']}", TINTS[row["verdict"]], same or average, title=title)


def _texts(row: Record, found: ClaimsFound) -> tuple[str, str, str]:
    """Difference and both intervals, written alike."""
    unit = measure(str(row["unit"]), found.currencies.get(row["market"], ""))
    names = ("difference", "low", "high", "luck_low", "luck_high")
    mean, *ends = write([row[name] for name in names], unit, signed=True)
    spans = [NOTHING if a == NOTHING else f"{a} to {b}" for a, b in (ends[:2], ends[2:])]
    return mean, spans[0], spans[1]


def _numbers(found: ClaimsFound) -> Markup:
    parts = []
    for claim in found.claims:
        rows = found.table[found.table["claim"] == claim.name].to_dict(orient="records")
        cells = [
            Row(
                f"{row['market']}, {row['customers']}".replace("_", " "),
                str(row["reason"]),
                [*_texts(row, found), row["verdict"], row["on_average"]],
            )
            for row in rows
        ]
        head = ["World", "Difference", "95 % over markets", "95 % by luck", "Verdict", "On average"]
        parts.append(folded(claim.text, table(f"{_terms(claim)}. Said by: {claim.source}", head, cells)))
    return Markup("").join(parts)


def _winners(found: ClaimsFound) -> Markup:
    if found.winners.empty:
        return Markup('<p class="empty">No winners: fewer than two scenarios were compared.</p>')
    names = sorted({*found.winners["best"], *found.winners["runner_up"]} - {""})
    look = looks(names)
    worlds = _worlds(found.winners)
    parts = []
    for (field, basis), part in found.winners.groupby(["field", "basis"], sort=False, observed=True):
        cells = {(r["goal"], r["market"], r["customers"]): r for r in part.to_dict(orient="records")}
        rows = [
            Row(goal.replace("_", " "), "", [_winner(cells.get((goal, *world)), look) for world in worlds])
            for goal in dict.fromkeys(part["goal"])
        ]
        caption = (
            f"Best among {FIELDS[str(field)]}, {BASES[str(basis)]}; with the probability of being truly best"
        )
        head = ["Goal", *(customers for _, customers in worlds)]
        parts.append(table(caption, head, rows, "board", _groups(worlds)))
    return listed(found.winning) + Markup("").join(parts)


def _winner(row: Record | None, look: Mapping[str, Look]) -> Markup:
    if row is None or not row["best"]:
        return word(NOTHING, "quiet")
    same = f"identical to {row['equals']}" if row["equals"] else ""
    unclear = (
        f"not surely, then {row['runner_up']}" if row["runner_up"] and not row["distinguishable"] else ""
    )
    each = " each" if same else ""
    odds = "" if math.isnan(row["p_best"]) else f"{probability(row['p_best'])}{each}"
    lines = Markup("").join(
        Markup('<span class="range">{}</span>').format(line) for line in (odds, same, unclear) if line
    )
    return scenario(row["best"], look[row["best"]]) + lines
