"""A matplotlib figure as inline SVG: same drawing, same bytes; colours that follow the page; text as text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from experiments.report.palette import EVERY, INK, MUTED, PAPER, RULE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINT_SIZE = 9.0
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tenure",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": POINT_SIZE,
    "axes.titlesize": POINT_SIZE + 0.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": POINT_SIZE,
    "xtick.labelsize": POINT_SIZE - 0.5,
    "ytick.labelsize": POINT_SIZE,
    "text.color": INK.light,
    "axes.titlecolor": INK.light,
    "axes.labelcolor": MUTED.light,
    "xtick.labelcolor": MUTED.light,
    "ytick.labelcolor": INK.light,
    "xtick.color": RULE.light,
    "ytick.color": RULE.light,
    "axes.edgecolor": RULE.light,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": RULE.light,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.06,
    "legend.frameon": False,
    "legend.fontsize": POINT_SIZE,
}

_VARIABLES = {shade.light: shade.variable for shade in EVERY}
_HEAD = re.compile(r"^.*?<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>", re.DOTALL)
_DROPPED = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<style\b.*?</style>", re.DOTALL)
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_STYLE = re.compile(r'style="[^"]*"')
_FAMILY = re.compile(r"\s*font-family: [^;\"]*;?|(font: [^\"';]*?px) '[^;\"]*")
_NAMES = re.compile(r'\s+id="(?!(?:m|p|h|image)[0-9a-f]{8,}")[^"]*"')
_TURN = re.compile(r' transform="rotate\(-?0(?:\.0)? [^"]*"')
_PATH = re.compile(r' d="[^"]*"')
_DIGITS = re.compile(r"(\.\d\d)\d+")
_GAPS = re.compile(r">\s+<")


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib's settings for all that is drawn inside.

    A glyph that its own font lacks is no error: the text is set in the reader's font.
    """
    import matplotlib as mpl

    with warnings.catch_warnings(), mpl.rc_context(SETTINGS):
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        yield


def inline_svg(figure: Figure, name: str, label: str) -> Markup:
    """The figure as an `<svg>` element for a page.

    `name` keeps its identifiers apart from other figures', `label` is read to those who cannot see it. The size is
    left to the page; nothing in it refers to anything outside.
    """
    buffer = io.StringIO()
    with drawing():
        nothing = dict.fromkeys(("Date", "Creator", "Type", "Format"))
        figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"The figure '{name}' was not written as SVG: no <svg> element with a view box.")
    body = _DROPPED.sub("", text[head.end() :])
    body = _NAMES.sub("", body)
    body = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    body = _STYLE.sub(lambda match: _follow_page(match[0]), body)
    body = _PATH.sub(lambda match: _DIGITS.sub(r"\1", match[0]), body)
    body = _GAPS.sub("><", _TURN.sub("", body))
    opening = f'<svg viewBox="{head[1]}" role="img" aria-label="{escape(label)}">'
    return Markup(opening + body.strip())  # noqa: S704 - matplotlib escapes its texts, the label is escaped above


def _follow_page(style: str) -> str:
    coloured = _COLOUR.sub(lambda match: _VARIABLES.get(match[0], match[0]), style)
    return _FAMILY.sub(r"\1", coloured)


def save_png(figure: Figure, path: Path) -> None:
    """The figure on light paper as a PNG of 200 dots per inch, without date or version."""
    with drawing():
        figure.savefig(path, format="png", dpi=200, facecolor=PAPER.light, metadata={"Software": None})
