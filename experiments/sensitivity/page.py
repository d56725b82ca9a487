"""Page: the indices of the differences and of the levels, and the screening before them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from markupsafe import Markup

from experiments.points.ask import simulated
from experiments.report.cells import spoken
from experiments.report.sheet import Row, Section, Sheet, figure, folded, table
from experiments.report.svg import drawing, inline_svg
from experiments.sensitivity.figure import index_figure, screening_figure
from experiments.sensitivity.found import SensitivityFound

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INDEX_CAPTION = (
    "Bars and blue: total index, the share of variance that would be left without knowing the assumption. Red: first "
    "order, what it explains alone. Lines are 95 % bootstrap intervals: more points narrow them."
)
SCREENING_CAPTION = (
    "Mean absolute change of the difference when the assumption takes a step over two thirds of its range."
)


def sheet(found: SensitivityFound) -> Sheet:
    """The page of a sensitivity analysis."""
    sections = []
    if any(found.of(output) is not None for output in found.differences):
        sections.append(
            Section(
                "indices",
                "What decides the differences",
                (
                    "Indices of the differences between scenarios under the same luck, not only of the levels.",
                ),
                Markup("{}{}").format(_drawn("indices", index_figure, found, INDEX_CAPTION), _indices(found)),
            )
        )
    if found.screening is not None and not found.screening.empty:
        lead = (
            f"{len(found.axes)} assumptions were screened (Morris); the {len(_kept(found))} with the largest effects "
            "were kept."
        )
        sections.append(
            Section(
                "screening",
                "Screening",
                (lead,),
                Markup("{}{}").format(
                    _drawn("screening", screening_figure, found, SCREENING_CAPTION), _effects(found)
                ),
            )
        )
    return Sheet(
        title="What decides?",
        question=f"Which assumptions decide by how much {', '.join(spoken(o) for o in found.differences)} differ?",
        facts=(
            *simulated(found.resolved, found.resolved.experiment.customers),
            ("Assumptions", f"{len(found.axes)}"),
        ),
        sentence=found.sentence,
        notes=found.notes,
        sections=sections,
        manifest={"command": shlex.join(["tenure", *found.resolved.overrides]), **found.manifest},
    )


def _kept(found: SensitivityFound) -> set[str]:
    return set() if found.indices is None else set(found.indices["axis"])


def _drawn(
    name: str, draw: Callable[[SensitivityFound, bool], Figure], found: SensitivityFound, caption: str
) -> Markup:
    with drawing():
        wide, narrow = draw(found, True), draw(found, False)
    return figure(
        inline_svg(wide, f"{name}-wide", caption), inline_svg(narrow, f"{name}-narrow", caption), caption
    )


def _indices(found: SensitivityFound) -> Markup:
    assert found.indices is not None, "only told where there are some"
    rows = [
        Row(
            str(record["axis"]),
            "",
            [
                spoken(str(record["output"])),
                f"{record['first']:.2f}",
                f"{record['first_low']:.2f} to {record['first_high']:.2f}",
                f"{record['total']:.2f}",
                f"{record['total_low']:.2f} to {record['total_high']:.2f}",
            ],
        )
        for record in found.indices.to_dict(orient="records")
    ]
    head = ["Assumption", "Of", "First order", "95 %", "Total", "95 %"]
    return folded("All indices", table("Sobol indices", head, rows))


def _effects(found: SensitivityFound) -> Markup:
    assert found.screening is not None, "only told where there was one"
    rows = [
        Row(
            str(record["axis"]),
            "",
            [
                spoken(str(record["output"])),
                *(f"{record[name]:.4g}" for name in ("mu_star", "low", "high", "mu", "sigma")),
            ],
        )
        for record in found.screening[found.screening["output"].isin(found.differences)].to_dict(
            orient="records"
        )
    ]
    head = ["Assumption", "Of", "Mean |effect|", "low", "high", "Mean effect", "Scatter"]
    return folded("All effects", table("Elementary effects, in the goal's unit", head, rows))
