"""Colours and markers: one look per scenario on every page, told apart by colour-blind readers and on grey paper.

The hues are those of Okabe & Ito (2008), "Color Universal Design". Colour never carries meaning alone: each scenario
also has its own marker, and its name stands in ink beside it. A figure is drawn in the light values; in the page each
of them becomes a CSS variable, so that the same drawing follows the reader's light or dark setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Shade:
    """A named colour, as drawn on light and on dark paper."""

    name: str
    light: str
    dark: str

    @property
    def variable(self) -> str:
        """The CSS value that follows the reader's setting."""
        return f"var(--{self.name})"


PAPER = Shade("paper", "#fffefc", "#14161a")
PANEL = Shade("panel", "#f6f3ec", "#1d2026")
INK = Shade("ink", "#1c1b19", "#eceae4")
MUTED = Shade("muted", "#5d5a54", "#aaa69d")
RULE = Shade("rule", "#d8d3c8", "#3a3e46")
ACCENT = Shade("accent", "#7a2e1d", "#f0a58f")
GOOD = Shade("good", "#17603f", "#7fd1a8")
BAD = Shade("bad", "#97290f", "#ff9c7d")
PAGE = (PAPER, PANEL, INK, MUTED, RULE, ACCENT, GOOD, BAD)

BLACK = Shade(
    "s-black", "#010101", "#ffffff"
)  # matplotlib leaves out a fill of pure black, and it would not follow
GREY = Shade("s-grey", "#555555", "#707070")
BLUE = Shade("s-blue", "#0072b2", "#3b93d0")
VERMILLION = Shade("s-vermillion", "#d55e00", "#f0762a")
GREEN = Shade("s-green", "#009e73", "#18b98c")
PURPLE = Shade("s-purple", "#cc79a7", "#e4a8cb")
ORANGE = Shade("s-orange", "#e69f00", "#f0b429")
SKY = Shade("s-sky", "#56b4e9", "#8fd2f7")
YELLOW = Shade("s-yellow", "#f0e442", "#f4ea6a")
SCENARIO_SHADES = (BLACK, GREY, BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW)

# Parts of a stack (accounts, strategies) are not scenarios: one calm ramp, told apart by outline, order and label.
RAMP = (
    Shade("ramp-1", "#2f3e4d", "#d3dbe3"),
    Shade("ramp-2", "#5b7187", "#a9b8c7"),
    Shade("ramp-3", "#8ea3b7", "#7f93a6"),
    Shade("ramp-4", "#b9a98a", "#c9b180"),
    Shade("ramp-5", "#dccfb6", "#75653f"),
    Shade("ramp-6", "#8a6a3f", "#eadfc4"),
    Shade("ramp-7", "#54402a", "#9c8453"),
)

EVERY = (*PAGE, *SCENARIO_SHADES, *RAMP)


@dataclass(frozen=True)
class Look:
    """How a scenario is drawn everywhere: its shade and the name of its marker (matplotlib's letter)."""

    shade: Shade
    marker: str


USUAL = {
    "none": Look(BLACK, "o"),
    "today": Look(PURPLE, "v"),
    "placebo": Look(GREY, "X"),
    "passive": Look(BLUE, "s"),
    "active": Look(VERMILLION, "^"),
    "blend": Look(GREEN, "D"),
}
SPARE_SHADES = (ORANGE, SKY, YELLOW, PURPLE, BLUE, VERMILLION, GREEN, GREY)
SPARE_MARKERS = ("P", "p", "<", "h", ">", "d", "*")

MARKER_PATHS = {
    "o": "M-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0z",
    "s": "M-3.8 -3.8h7.6v7.6h-7.6z",
    "^": "M0 -4.8L4.8 3.8H-4.8z",
    "v": "M0 4.8L4.8 -3.8H-4.8z",
    "<": "M-4.8 0L3.8 -4.8V4.8z",
    ">": "M4.8 0L-3.8 -4.8V4.8z",
    "D": "M0 -5.2L5.2 0L0 5.2L-5.2 0z",
    "d": "M0 -5.4L3.4 0L0 5.4L-3.4 0z",
    "P": "M-1.7 -5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
    "X": "M-4.6 -2.4L-2.4 -4.6L0 -2.2L2.4 -4.6L4.6 -2.4L2.2 0L4.6 2.4L2.4 4.6L0 2.2L-2.4 4.6L-4.6 2.4L-2.2 0z",
    "p": "M0 -4.9L4.7 -1.5L2.9 4H-2.9L-4.7 -1.5z",
    "h": "M0 -5L4.3 -2.5V2.5L0 5L-4.3 2.5V-2.5z",
    "*": "M0 -5.4L1.3 -1.8L5.1 -1.7L2.1 .7L3.2 4.4L0 2.2L-3.2 4.4L-2.1 .7L-5.1 -1.7L-1.3 -1.8z",
}
"""The markers as SVG paths of about 10 x 10 round the origin, for the keys in the page."""


def looks(scenarios: Sequence[str]) -> dict[str, Look]:
    """A look for each scenario, none like another.

    The usual scenarios always look the same, in every report; others take the spare colours in the order given, and
    where those run out the pairs of colour and marker still differ: 7 markers and 8 colours give 56 pairs.

    Raises:
        ValueError: more scenarios than pairs.
    """
    chosen: dict[str, Look] = {}
    spare = [name for name in scenarios if name not in USUAL]
    pairs = len(SPARE_SHADES) * len(SPARE_MARKERS)
    if len(spare) > pairs:
        raise ValueError(f"The report can tell {pairs} scenarios apart, got {len(spare)}: compare fewer.")
    for i, name in enumerate(spare):
        chosen[name] = Look(SPARE_SHADES[i % len(SPARE_SHADES)], SPARE_MARKERS[i % len(SPARE_MARKERS)])
    return {name: USUAL.get(name) or chosen[name] for name in scenarios}


def css_variables(dark: bool) -> str:
    """Every colour as a CSS variable, for light or for dark paper."""
    return " ".join(f"--{shade.name}: {shade.dark if dark else shade.light};" for shade in EVERY)


def contrast(first: str, second: str) -> float:
    """The contrast of two `#rrggbb` colours, from 1 to 21 (relative luminance as in WCAG 2.2)."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on the `#rrggbb` colour."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, colour))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
