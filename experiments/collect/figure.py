"""Figure: each job's own goal by scenario, with luck intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.collect.ask import Collected
from experiments.report.axes import Axis, blank, dot, name_rows, panels
from experiments.report.cells import Interval, spoken
from experiments.report.numerals import measure
from experiments.report.palette import looks
from experiments.report.wording import wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 24
"""Most jobs that are drawn."""


def goal_figure(found: Collected, wide: bool) -> Figure:
    """One panel for each goal, one row for each job, one mark for each scenario: differences to the job's baseline."""
    goal = found.goal
    metrics = list(dict.fromkeys(goal["metric"]))
    look = looks(list(dict.fromkeys(goal["scenario"])))
    labels = {job.name: job.label for job in found.jobs[:MOST]}
    rows = max(len(set(goal.loc[goal["metric"] == m, "job"]) & set(labels)) for m in metrics)
    figure = blank(wide, len(metrics) * (1.1 + 0.42 * rows))
    for axes, metric in zip(panels(figure, len(metrics), 1, share_rows=False), metrics, strict=True):
        own = goal[(goal["metric"] == metric) & goal["job"].isin(list(labels)) & goal["difference"].notna()]
        names = list(dict.fromkeys(own["job"]))
        ends = ("difference", "difference_luck_low", "difference_luck_high")
        axis = Axis(
            measure(str(own["unit"].iloc[0]), found.currency),
            [v for e in ends for v in own[e]],
            difference=True,
        )
        shown: set[str] = set()
        scenarios = list(dict.fromkeys(own["scenario"]))
        for record in own.to_dict(orient="records"):
            name = str(record["scenario"])
            shift = 0.18 * (scenarios.index(name) - (len(scenarios) - 1) / 2)
            luck = Interval(record["difference_luck_low"], record["difference_luck_high"])
            unknown = Interval(float("nan"), float("nan"))
            label = spoken(name) if name not in shown else f"_{name}"  # matplotlib leaves out what begins so
            shown.add(name)
            dot(
                axes,
                axis,
                look[name],
                label,
                names.index(record["job"]) + shift,
                record["difference"],
                unknown,
                luck,
            )
        name_rows(axes, range(len(names)), [labels[name] for name in names], len(names))
        axis.dress(axes)
        axes.set_title(f"{wording(metric).label}: difference to each job's baseline")
        handles, texts = axes.get_legend_handles_labels()
        kept = [(h, t) for h, t in zip(handles, texts) if not t.endswith(" luck")]
        axes.legend([h for h, _ in kept], [t for _, t in kept], loc="best")
    return figure
