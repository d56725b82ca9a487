"""What a calibration found: its parts, and what they mean in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.calibration.buying import BuyingFit
from experiments.calibration.cohort import Curve
from experiments.calibration.market_file import MarketFile
from experiments.calibration.ridge import TELL_APART, sentence
from experiments.calibration.stays import StaysFit
from experiments.compose import Resolved
from experiments.worlds import World

STRAYS = 5.0
"""Standard errors of luck beyond which a simulated cohort is not the law that it was made from."""


@dataclass(frozen=True)
class Calibration:
    """What a calibration found; its files are in `folder`, the market in `file`.

    Attributes:
        resolved: the question.
        folder: where tables, figure and report are.
        file: where the market is.
        study: the data and the fit.
        world: the market as written, built and checked.
        curve: the simulated cohort.
        table: data, fitted model and simulated cohort, period by period.
        scores: how far model and simulated cohort are from the data, in per cent.
        ridge: the fit at each share of lookers who leave, by segment.
        said: how the file was read.
        template: market from which everything else was taken over.
    """

    resolved: Resolved
    folder: Path
    file: MarketFile
    study: StaysFit | BuyingFit
    world: World
    curve: Curve
    table: pd.DataFrame
    scores: pd.DataFrame
    ridge: pd.DataFrame
    said: str
    template: str


def limits(found: Calibration) -> list[str]:
    """What the market can and cannot answer, for a reader."""
    fitted = found.study.fitted
    taken = (
        f"Prices, costs and all else that the data do not hold are those of market {found.template}; another one "
        "is named by market=NAME when fitting."
    )
    who = "Everybody has joined on day 0 (a cohort): the data tell nothing of rivals, of newcomers, or of a stock."
    if fitted.occasion == "purchase":
        what = (
            "All who look at a purchase leave and every need is a purchase: no strategy changes who stays or what is "
            "bought. For what-ifs one would have to know how often those who look leave, and what moves a purchase."
        )
    elif fitted.leaves:
        what = (
            "All who look leave, so no strategy changes who stays, it only spends. For what-ifs give the share of "
            "lookers who leave, as in experiment.choose_share=0.6: then offers, contacts and experience can matter."
        )
    else:
        what = (
            f"{fitted.choose:.0%} of those who look leave, by your word and not by the data; what strategies do to "
            "the others rests on assumptions. There are no incidents, so investment in product and desk finds "
            "nothing to do."
        )
    far = found.study.distance(found.curve)
    strays = (
        f"The simulated cohort strays from the fitted model by {far:.1f} standard errors of luck: shorten "
        "market.pulse, or do not trust what this market says."
    )
    return [*([strays] if far > STRAYS else []), what, who, taken]


def headline(found: Calibration) -> str:
    """How well the simulated cohort repeats what was held out, in a sentence."""
    simulated = found.scores[found.scores["series"] == "simulated"]
    held = simulated[simulated["part"] == "held_out"]
    shown, part = (held, "held-out") if len(held) else (simulated, "fitted")
    told = []
    for row in shown.to_dict(orient="records"):
        total = (
            f", their total by {row['total_error']:+.1f}\u00a0%"
            if row["total_error"] == row["total_error"]
            else ""
        )
        told.append(f"{str(row['segment']).replace('_', ' ')} by {row['mape']:.1f}\u00a0% on average{total}")
    return f"The simulated cohort misses the {part} periods of {'; of '.join(told)}."


def unknown(found: Calibration) -> list[str]:
    """What the data cannot tell apart, segment by segment."""
    ridges = found.study.shares.ridges
    occasion = found.study.fitted.occasion
    alone = len(ridges) == 1
    told = [("" if alone else f"{name}: ") + sentence(table, occasion) for name, table in ridges.items()]
    share = found.study.fitted.choose
    behind = found.study.shares.behind(share)
    if behind > TELL_APART:
        told.append(
            f"A choose share of {share:.0%} fits worse than the best by {behind:.1f} units of log-likelihood."
        )
    return told


def command(found: Calibration) -> str:
    """A command that runs the market."""
    months = (
        12
        if found.study.fitted.occasion == "purchase"
        else max(12, round(4 * found.study.fitted.term_months))
    )
    return f"tenure market={found.file.name} 'scenarios=[none,placebo]' horizon_months={months}"
