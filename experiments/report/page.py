"""The page: everything put together, rendered with autoescaping, and written so that a crash leaves no half file."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from experiments.report import tables
from experiments.report.beliefs import belief_grid, calibration
from experiments.report.cells import spoken
from experiments.report.inputs import EQUAL_SPEND, Assumption, ReportInput
from experiments.report.material import Material
from experiments.report.numerals import likelihood, plain, probability, span
from experiments.report.palette import MARKER_PATHS, css_variables
from experiments.report.tradeoff_figure import width
from experiments.report.tradeoffs import Line, description, lines, tradeoffs, unmeasured
from experiments.report.wording import GLOSSARY, METRICS, wording
from experiments.workers import Done
from sim.quantities import DAYS_PER_MONTH

if TYPE_CHECKING:
    from experiments.executors import Executor

SECTIONS = (
    ("verdict", "The verdict"),
    ("comparison", "Scenario by scenario"),
    ("differences", "The differences at a glance"),
    ("tradeoffs", "Trade-offs: what each gives and takes"),
    ("retention", "Who stays"),
    ("lifetime-value", "What a customer is worth"),
    ("costs", "What it costs"),
    ("bound", "Rules that bound"),
    ("groups", "Whom it moves: the four groups"),
    ("beliefs", "What the firm believed, and what was true"),
    ("providers", "The market"),
    ("segments", "Segment by segment"),
    ("assumptions", "What this rests on"),
    ("rerun", "Run it again"),
    ("glossary", "The words"),
)
"""Anchor and heading of each section, in order; the beliefs are shown where a firm learns."""

LABELS = {
    "differences": "Forest plot of the differences to the baseline; the same numbers stand in the table before it.",
    "retention": "Retention curves of each scenario and their differences to the baseline; a table follows.",
    "lifetime-value": "Lifetime value by scenario and segment with intervals; the segment table holds the numbers.",
    "costs": "Stacked bars of what each scenario costs, by account and by strategy; a table follows.",
    "groups": "Share of customers and of money in each of the four groups; a table follows.",
    "beliefs": (
        "Believed and true lift of each tactic over the reviews, and the shares of the money; a table follows."
    ),
}
BANDS = {
    "draws": "Bands: 95 % range over plausible markets (draws).",
    "replicates": "Bands: 95 % range of single runs; with one draw nothing is said about other plausible markets.",
    "none": "No bands: there is only one run.",
}
KIND_WORDS = {"source": "source", "assumption": "assumption", "user": "set by user"}
KIND_ORDER = ("user", "assumption", "source")
_ORDERS = 4
"""Orders in which pictures are drawn elsewhere."""
MANIFEST_SHOWN = ("command", "seed", "results_hash", "versions", "machine", "duration", "configuration")


def write_report(
    results: ReportInput,
    path: Path,
    executor: Executor | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Write the report as one offline HTML file; equal results give equal bytes.

    Args:
        results: what is told.
        path: the file.
        executor: draws the figures side by side; None draws them here.
        meanwhile: what else there is to do while others draw; it comes before the page.

    Raises:
        ValueError: more scenarios than the palette can tell apart.
        OSError: the folder is missing or not writable.
    """
    write_text(render(results, executor, meanwhile), path)


def write_text(text: str, path: Path) -> None:
    """Write a page whole or not at all.

    The text goes to a temporary file in the same folder, is flushed to the disk and then takes the place of `path` in
    one step: a crash leaves the old file or none.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def render(
    results: ReportInput, executor: Executor | None = None, meanwhile: Callable[[], None] | None = None
) -> str:
    """The page as text; scripts, fonts, pictures and styles are all inside; see `write_report`."""
    with ThreadPoolExecutor(1) as aside:  # It waits for who draws, while this one does the rest.
        coming = None if executor is None else aside.submit(drawn_elsewhere, results.in_figures(), executor)
        if meanwhile is not None:
            meanwhile()
        material = Material(results)
        template, page = _template(), _page(material)
    figures = drawn(material, {} if coming is None else coming.result())
    return template.render(figures=figures, **page).lstrip()  # the macros before it leave empty lines


def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["spoken"] = spoken
    environment.filters["plain"] = plain
    return environment.from_string(_own("template.html.j2"))


def _own(name: str) -> str:
    """The text of a file of this package."""
    return files("experiments.report").joinpath(name).read_text(encoding="utf-8")


def _page(material: Material) -> dict[str, Any]:
    """What the template fills in, but for the figures: sections, tables, words."""
    results = material.results
    key, rest = tables.comparison(material)
    return {
        "style": Markup(_own("style.css")),  # noqa: S704 - our own file
        "script": Markup(_own("script.js")),  # noqa: S704 - our own file
        "light": css_variables(dark=False),
        "dark": css_variables(dark=True),
        "r": results,
        "verdict": results.verdict,
        "sections": [one for one in SECTIONS if one[0] != "beliefs" or len(results.beliefs)],
        "goal": wording(material.goal).label,
        "looks": material.looks,
        "markers": MARKER_PATHS,
        "scenarios": material.scenarios,
        "standing": standing(material),
        "odds": odds(material),
        "runs": runs(results),
        "key_blocks": key,
        "rest_blocks": rest,
        "equal_spend": bool(material.cells.equal_spend),
        "pairing": tables.pairing_grid(material),
        "tradeoffs": [one for one in (matrix(material, False), matrix(material, True)) if one],
        "bound": tables.bound_rows(material),
        "beliefs": belief_grid(material),
        "calibration": calibration(material),
        "band": BANDS[material.curves.band],
        "retention": tables.retention_grid(material),
        "ledger": tables.ledger_grid(material),
        "groups": tables.group_grid(material),
        "providers": tables.provider_matrices(material),
        "segments": tables.segment_matrices(material),
        "assumptions": assumption_rows(results),
        "assumed": sum(item.kind == "assumption" for item in results.assumptions),
        "manifest": manifest_rows(results.manifest),
        "configuration": as_text(results.manifest.get("configuration")),
        "glossary": GLOSSARY,
        "meanings": [METRICS[m] for m in METRICS if m in set(material.measured)],
        "kinds": KIND_WORDS,
    }


Picture = tuple[str, bool]
"""A figure of a report by its name, wide (True) or narrow."""


@dataclass(frozen=True)
class Drawing:
    """Pictures of a report, to be drawn wherever."""

    results: ReportInput
    pictures: tuple[Picture, ...]


def draw(order: Drawing) -> list[Markup | None]:
    """Draw some pictures; None for each whose table is empty."""
    material = Material(order.results)
    return [_picture(material, *picture) for picture in order.pictures]


def _picture(material: Material, name: str, wide: bool) -> Markup | None:
    from experiments.report.figures import FIGURES
    from experiments.report.svg import drawing, inline_svg

    with drawing():
        figure = FIGURES[name](material, wide)
    if figure is None:
        return None
    return inline_svg(figure, f"{name}-{'wide' if wide else 'narrow'}", told(material, name))


def drawn_elsewhere(results: ReportInput, executor: Executor) -> dict[Picture, Markup | None]:
    """The pictures that an executor drew; what went wrong there is left out."""
    # What figures take is read off anew for each order: few orders, each with a part of the large figures.
    pictures = _pictures()
    orders = [Drawing(results, tuple(pictures[part::_ORDERS])) for part in range(_ORDERS)]
    found = dict[Picture, Markup | None]()
    for result in executor.run(draw, orders):
        if isinstance(result, Done):
            found |= zip(orders[result.index].pictures, result.value, strict=True)
    return found


def drawn(
    material: Material, found: Mapping[Picture, Markup | None]
) -> dict[str, tuple[Markup, Markup] | None]:
    """Each figure wide and narrow, or None where its table is empty; what was not found is drawn here."""
    whole = {
        picture: found[picture] if picture in found else _picture(material, *picture)
        for picture in _pictures()
    }
    pairs = {name: (whole[name, True], whole[name, False]) for name, _ in whole}
    return {
        name: None if wide is None or narrow is None else (wide, narrow)
        for name, (wide, narrow) in pairs.items()
    }


def _pictures() -> list[Picture]:
    from experiments.report.figures import FIGURES

    return [(name, wide) for name in FIGURES for wide in (True, False)]


def told(material: Material, name: str) -> str:
    """What a figure shows, for those who cannot see it."""
    if name in LABELS:
        return LABELS[name]
    shown = tradeoffs(material, scaled=name != "tradeoffs")
    assert shown is not None
    return description(material, shown)


@dataclass(frozen=True)
class Matrix:
    """The trade-off table as the page shows it: its figure's name and widths in inches, its lines, and what lacks."""

    figure: str
    scaled: bool
    wide: float
    narrow: float
    lines: tuple[Line, ...]
    unmeasured: tuple[str, ...]


def matrix(material: Material, scaled: bool) -> Matrix | None:
    """The trade-off table as the scenarios are, or at equal spend; None where nothing has a difference."""
    shown = tradeoffs(material, scaled)
    if shown is None:
        return None
    name = "tradeoffs-equal-spend" if scaled else "tradeoffs"
    widths = width(shown.scenarios, wide=True), width(shown.scenarios, wide=False)
    return Matrix(name, scaled, *widths, lines(material, shown), unmeasured(shown))


def standing(material: Material) -> tuple[str, str]:
    """How sure the verdict is: a heading and a sentence."""
    verdict = material.results.verdict
    if verdict.at_point_values:
        return (
            "At point values only",
            "One set of assumptions was tried. Other plausible markets may answer differently: ask for more draws.",
        )
    if not verdict.best:
        return "Undecided", "No scenario was named best."
    apart = verdict.distinguishable
    words = "leave 0 out" if apart else "do not both leave 0 out"
    sentences = [f"The intervals of the difference between {spoken(verdict.best)} and the next best {words}."]
    if verdict.p_best is not None:
        sentences.insert(
            0,
            f"That {spoken(verdict.best)} is truly best is {likelihood(verdict.p_best)} "
            f"({probability(verdict.p_best)} over plausible markets).",
        )
    return "Distinguishable" if apart else "Not distinguishable", " ".join(sentences)


def odds(material: Material) -> list[tuple[str, list[tuple[str, tables.Number, float]]]]:
    """The odds of being best for the goal, as the scenarios are and at equal spend; empty with one draw.

    Who spends nothing competes at equal spend as it is; where that is one scenario, it has the odds that are left.
    """
    found = []
    for title, suffix in (("As they are", ""), ("At equal spend", EQUAL_SPEND)):
        cells = material.found(tuple(name + suffix for name in material.scenarios), material.goal)
        bars = [
            (
                cell.scenario,
                tables.number(cell.p_best, probability(cell.p_best)),
                max(0.0, min(1.0, cell.p_best)),
            )
            for cell in cells
            if math.isfinite(cell.p_best)
        ]
        unscaled = sorted({*material.scenarios} - {name.removesuffix(suffix) for name, _, _ in bars})
        if suffix and bars and len(unscaled) == 1:
            left = max(0.0, 1.0 - math.fsum(share for _, _, share in bars))
            bars.insert(0, (unscaled[0], tables.number(left, probability(left)), left))
        if bars:
            found.append((title, bars))
    return found


def runs(results: ReportInput) -> str:
    """How much was computed, in words; empty where nothing says so."""
    table = results.timeline
    if table.empty:
        return ""
    draws, replicates = table["draw"].nunique(), table["replicate"].nunique()
    months = float(table["day"].max()) / DAYS_PER_MONTH
    return (
        f"{months:.0f} months, {draws} {'plausible markets (draws)' if draws != 1 else 'market (one draw)'}, "
        f"{replicates} replicate{'s' * (replicates != 1)} of luck in each"
    )


def assumption_rows(results: ReportInput) -> list[Assumption]:
    """What the user set first, then what nobody measured, then what has a source; by key."""
    return sorted(results.assumptions, key=lambda item: (KIND_ORDER.index(item.kind), item.key))


def manifest_rows(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The manifest's plain entries with their names in words; the command and the configuration stand apart."""
    rows: list[tuple[str, str]] = []
    for key in (*MANIFEST_SHOWN, *sorted(set(manifest) - set(MANIFEST_SHOWN))):
        if key not in manifest or key in {"command", "configuration"}:
            continue
        value = manifest[key]
        if key == "duration" and isinstance(value, int | float):
            text = span(float(value))
        elif isinstance(value, Mapping):
            text = ", ".join(f"{name} {value[name]}" for name in sorted(value))
        elif isinstance(value, list | tuple):
            text = ", ".join(str(item) for item in value)
        else:
            text = str(value)
        rows.append((key.replace("_", " "), text or "none"))
    return rows


def as_text(configuration: object) -> str:
    """The resolved configuration as text, keys in order; empty where there is none."""
    if not configuration:
        return ""
    return json.dumps(configuration, indent=2, ensure_ascii=False, sort_keys=True, default=str)
