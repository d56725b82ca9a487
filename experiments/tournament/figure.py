"""Figures: the payoff matrices with best replies, and churn and profit where everybody plays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.report.axes import Axis, blank, dot, mark_rows, panels
from experiments.report.cells import Interval, spoken
from experiments.report.numerals import measure, write
from experiments.report.palette import ACCENT, BLUE, INK, PAPER, looks
from experiments.report.wording import wording
from experiments.tournament.found import TournamentFound

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def payoff_figure(found: TournamentFound, wide: bool) -> Figure:
    """One matrix for each side: darker is more; a frame marks the best reply to what the other side plays."""
    columns = 2 if wide else 1
    figure = blank(wide, (3 if wide else 2 * 3) * max(1.0, len(found.sets) / 4) + 0.9)
    for axes, (side, name) in zip(
        panels(figure, 2, columns, share_rows=False),
        (("focal", found.resolved.focal), ("rivals", "the others, mean")),
        strict=True,
    ):
        _matrix(axes, found, side)
        axes.set_title(f"{wording(found.resolved.goal.metric).label}: {name}")
    return figure


def _matrix(axes: Axes, found: TournamentFound, side: str) -> None:
    from matplotlib.patches import Rectangle

    own = found.payoffs[found.payoffs["side"] == side]
    unit = measure(str(own["unit"].iloc[0]), found.resolved.world.market.currency)
    means = own["mean"].to_numpy(float)
    texts = write(list(means), unit)
    low, span = means.min(), (means.max() - means.min()) or 1.0
    for text, record in zip(texts, own.to_dict(orient="records"), strict=True):
        i, j = found.sets.index(record["own"]), found.sets.index(record["others"])
        shade = 0.08 + 0.5 * (record["mean"] - low) / span
        axes.add_patch(
            Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=BLUE.light, alpha=shade, edgecolor=PAPER.light)
        )
        if record["best_reply"]:
            axes.add_patch(
                Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False, edgecolor=ACCENT.light, linewidth=2.0)
            )
        axes.text(j, i, text, ha="center", va="center", color=INK.light)
    names = [spoken(name) for name in found.sets]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("the others play")
    axes.set_ylabel(f"{found.resolved.focal} plays")


def everybody_figure(found: TournamentFound, wide: bool) -> Figure:
    """Churn, profit and customers' surplus of the focal provider where everybody plays the same set."""
    metrics = ("churn_rate", "profit", "customer_surplus")
    figure = blank(wide, 1.9 if wide else 5.4)
    look = looks(found.sets)
    for axes, metric in zip(panels(figure, 3, 3 if wide else 1), metrics, strict=True):
        rows = found.everybody[
            (found.everybody["metric"] == metric) & (found.everybody["provider"] == found.resolved.focal)
        ].to_dict(orient="records")
        unit = measure(str(rows[0]["unit"]), found.resolved.world.market.currency)
        ends = ("mean", "low", "high", "luck_low", "luck_high")
        axis = Axis(unit, [row[end] for row in rows for end in ends], difference=False)
        for place, row in enumerate(rows):
            market, luck = Interval(row["low"], row["high"]), Interval(row["luck_low"], row["luck_high"])
            dot(axes, axis, look[row["set"]], row["set"], place, row["mean"], market, luck)
        mark_rows(axes, found.sets, [look[name] for name in found.sets])
        axes.set_title(wording(metric).label)
        axis.dress(axes)
    return figure
