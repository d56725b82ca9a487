"""Fit figure: data, fitted model and simulated cohort, with the held-out part marked."""

from io import StringIO
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito's palette: told apart with any colour vision; each series has its own mark or line as well.
DATA, FITTED, SIMULATED, HELD_OUT = "#000000", "#D55E00", "#0072B2", "#999999"

LABELS = {"survival": "still there, %", "repeat_purchases": "repeat purchases, all customers"}


def fit_figure(table: pd.DataFrame, title: str) -> str:
    """A fit table (`fit_table`) drawn as SVG text, one panel per segment; the same table gives the same text.

    Dots are data, hollow where held out (on shaded ground); the dashed line is the fitted model; the solid line with
    its band is the simulated cohort, where there is one.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    segments = list(table.groupby("segment", sort=False))
    with mpl.rc_context({"svg.hashsalt": "tenure", "svg.fonttype": "none", "font.size": 10.0}):
        figure = Figure(figsize=(4.6 * len(segments) + 0.6, 3.8), layout="constrained")
        panels = figure.subplots(1, len(segments), sharey=True, squeeze=False)[0]
        for panel, (segment, rows) in zip(panels, segments, strict=True):
            _draw(panel, rows)
            panel.set_title(str(segment).replace("_", " "), fontsize=10)
        panels[0].set_ylabel(LABELS[str(table["quantity"].iloc[0])])
        handles, labels = panels[0].get_legend_handles_labels()
        columns = len(labels) if len(segments) > 1 else 3
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
        figure.suptitle(title, fontsize=11)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    return text.getvalue()


def _draw(panel: "Axes", rows: pd.DataFrame) -> None:
    """One segment."""
    percent = 100.0 if (rows["quantity"] == "survival").all() else 1.0
    period, data = rows["period"], percent * rows["data"]
    known, held = rows["part"] == "fitted", rows["part"] == "held_out"
    many = len(rows) > 30
    size, every = (2.5, 3) if many else (5.0, 1)
    if held.any():
        border = float(period[held].min()) - 0.5
        panel.axvspan(
            border, float(period.max()) + 0.5, color=HELD_OUT, alpha=0.18, linewidth=0, label="held out"
        )
    if rows["simulated"].notna().any():
        low, high = percent * rows["simulated_low"], percent * rows["simulated_high"]
        panel.fill_between(
            period, low, high, color=SIMULATED, alpha=0.25, linewidth=0, label="simulated, band"
        )
        panel.plot(
            period, percent * rows["simulated"], color=SIMULATED, linewidth=1.8, label="simulated cohort"
        )
    panel.plot(
        period, percent * rows["fitted"], color=FITTED, linewidth=1.8, linestyle="--", label="fitted model"
    )
    marks: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": size, "color": DATA}
    panel.plot(period[known][::-every], data[known][::-every], **marks, label="data")
    panel.plot(period[held][::-every], data[held][::-every], **marks, markerfacecolor="white")
    panel.set_xlabel(f"{rows['unit'].iloc[0]}s since the start")
    panel.set_ylim(bottom=0)
    panel.spines[["top", "right"]].set_visible(False)
