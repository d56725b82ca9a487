"""Looks: never two alike, told apart by the colour-blind, with contrast on both papers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.report.palette import (
    ACCENT,
    BAD,
    EVERY,
    GOOD,
    INK,
    MARKER_PATHS,
    MUTED,
    PAGE,
    PANEL,
    PAPER,
    RAMP,
    SPARE_MARKERS,
    SPARE_SHADES,
    USUAL,
    Shade,
    contrast,
    css_variables,
    looks,
)

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
BLIND = {
    "none": np.eye(3),
    "deuteranopia": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "protanopia": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
}


def seen(colour: str, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colour in CIELAB, as an eye of that kind sees it."""
    raw = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)
    linear = np.clip(matrix @ linear, 0.0, 1.0)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("paper", ["light", "dark"])
def test_the_usual_scenarios_are_told_apart_by_every_eye(kind: str, paper: str) -> None:
    colours = {name: seen(getattr(look.shade, paper), BLIND[kind]) for name, look in USUAL.items()}
    for (one, first), (two, second) in itertools.combinations(colours.items(), 2):
        assert np.linalg.norm(first - second) > 15.0, (one, two)


@pytest.mark.parametrize("paper", ["light", "dark"])
@pytest.mark.parametrize("shade", [MUTED, ACCENT, GOOD, BAD, INK], ids=lambda shade: shade.name)
def test_text_has_contrast(shade: Shade, paper: str) -> None:
    for ground in (PAPER, PANEL):
        assert contrast(getattr(shade, paper), getattr(ground, paper)) >= (7.0 if shade is INK else 4.5)


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_marks_have_contrast(paper: str) -> None:
    for name, look in USUAL.items():
        assert contrast(getattr(look.shade, paper), getattr(PAPER, paper)) >= 3.0, name


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_no_two_scenarios_look_alike() -> None:
    many = (*USUAL, *(f"s{i}" for i in range(len(SPARE_SHADES) * len(SPARE_MARKERS))))
    found = looks(many)
    assert len({(look.shade.name, look.marker) for look in found.values()}) == len(many)
    with pytest.raises(ValueError, match="compare fewer"):
        looks([*many, "one too many"])


def test_a_usual_scenario_looks_the_same_in_every_company() -> None:
    assert looks(["mine", "blend"])["blend"] == looks(["blend", "none", "other"])["blend"] == USUAL["blend"]


def test_each_shade_is_one_variable_and_each_marker_has_a_path() -> None:
    assert len({shade.light for shade in EVERY}) == len({shade.name for shade in EVERY}) == len(EVERY)
    assert {*SPARE_MARKERS, *(look.marker for look in USUAL.values())} <= set(MARKER_PATHS)
    for dark in (False, True):
        text = css_variables(dark)
        assert all(f"--{s.name}: {s.dark if dark else s.light};" in text for s in (*PAGE, *RAMP))
