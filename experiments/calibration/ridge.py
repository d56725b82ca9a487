"""The ridge: what churn data cannot tell apart, in numbers.

    P(leave) = P(look) x P(choose another | look)

Churn shows the product only. A market in which half of those who look leave, and people look twice as often, has the
same churn. What little tells the two apart is the shape assumed for the differences between customers: attention is
a probability, so a customer cannot leave more often than the choose share.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd

from experiments.calibration.bgnbd import BgNbdFit
from experiments.calibration.sbg import SbgFit

CHOOSE_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
TELL_APART = (
    1.92  # half the 95 % point of chi-square with one degree of freedom: a profile likelihood interval
)


def ridge(
    fit_at: Callable[[float], SbgFit | BgNbdFit], choose_shares: Sequence[float] = CHOOSE_SHARES
) -> pd.DataFrame:
    """Fit the same data at each assumed share of lookers who leave: `ridge(lambda q: sbg.fit(durations, q))`.

    One row per share: `choose_share`; `attention_mean`, `attention_alpha`, `attention_beta`, the Beta law of attention
    that fits best with it; `leave_mean`, the product of the two means; `log_likelihood`; `behind`, by how much it is
    below the best row; `fits`, whether that is within 1.92.

    Raises:
        ValueError: a share outside (0, 1].
        FitError: as the fit.
    """
    fits = [fit_at(share) for share in choose_shares]
    table = pd.DataFrame(
        {
            "choose_share": [float(share) for share in choose_shares],
            "attention_mean": [fit.attention_mean for fit in fits],
            "attention_alpha": [fit.attention_shapes[0] for fit in fits],
            "attention_beta": [fit.attention_shapes[1] for fit in fits],
            "leave_mean": [fit.attention_mean * fit.choose for fit in fits],
            "log_likelihood": [fit.estimate.log_likelihood for fit in fits],
        }
    )
    table["behind"] = table["log_likelihood"].max() - table["log_likelihood"]
    table["fits"] = table["behind"] <= TELL_APART
    return table


def sentence(table: pd.DataFrame, occasion: str) -> str:
    """What the ridge means, for a reader; `occasion` is what people look at, a renewal or a purchase."""
    rows = [
        _Row(*row) for row in table[["choose_share", "attention_mean", "leave_mean", "behind"]].to_numpy()
    ]
    best = min(rows, key=lambda row: row.behind)
    inside = sorted((row for row in rows if row.behind <= TELL_APART), key=lambda row: row.choose_share)
    ends = [
        f"{row.choose_share:.0%} leaving on a look at a mean attention of {row.attention_mean:.2f}"
        for row in inside
    ]
    span = (
        f"{ends[0]} and {ends[-1]}, and all between, fit"
        if len(ends) > 1
        else f"{ends[0]}, alone of those tried, fits"
    )
    return (
        f"Churn fixes only looking times choosing another, on average {best.leave_mean:.3g} at the first {occasion}: "
        f"{span} these data within {TELL_APART:g} units of log-likelihood, and only the shape assumed for the "
        "differences between customers rules out the rest; take the share from people known to have looked, or let "
        "the draws span it."
    )


class _Row(NamedTuple):
    """One point of the ridge."""

    choose_share: float
    attention_mean: float
    leave_mean: float
    behind: float
