"""Attention: the market's mean attention for which churn under `today` meets its target.

A pilot market of a fixed size and luck is run under `today`; churn is measured over two years after the warm-up. The
luck is the same at every try, so that churn is a smooth, increasing function of attention, and a bracketing root
finder on the logarithm converges in a few runs. From a try that comes near, with another one to tell the slope, the
last step is taken without a run: what the slope misleads on so short a way is less than the pilot itself can tell.
"""

from __future__ import annotations

from dataclasses import replace

from agents.market import Market
from agents.scenario import Scenario
from agents.segments import Customers
from experiments.assembly import assemble
from experiments.measure import runs_of
from experiments.metrics import METRICS
from sim.luck import Luck
from sim.numeric import exp64, log64
from sim.quantities import DAYS_PER_MONTH

PILOT = 8_000
"""People in the pilot market."""
MONTHS = 24.0
"""Months over which churn is measured."""
TOLERANCE = 0.01
"""Relative tolerance of churn, about the standard error of the pilot itself."""
NEAR = 0.035
"""A try whose churn is off by no more than this share is near."""
_TRIES = 12
_USUAL = 0.6
"""The power of mean attention with which churn rises, more or less: those who look often have been sorted out."""
_FLAT = 0.2
"""A power below this is no slope to go by: what moves churn there is something else."""
_APART = 0.05
"""Logarithm of the ratio of two attentions, from which on their churns tell a slope."""
_CHURN = list(METRICS).index("churn_rate")


def churn_under_today(market: Market, customers: Customers, today: Scenario, focal: str, seed: int) -> float:
    """Monthly churn of all providers together under `today`, in the pilot market's first years after the warm-up."""
    pilot = replace(market, customers=PILOT, firm_customers=max(market.firm_customers, float(PILOT)))
    model = assemble(pilot, customers, today, (today,), focal, Luck(seed, 0, "pilot"), learning=True)
    model.warm_up()
    twin = model.fork(today)
    twin.run(MONTHS * DAYS_PER_MONTH)
    return float(runs_of(twin)[-1, -1, _CHURN])


def solve_attention(market: Market, customers: Customers, today: Scenario, focal: str, seed: int) -> Market:
    """The market with the mean attention for which churn under `today` meets `churn_target`, within about 1 %.

    A market without a target is returned as it is. Where no attention reaches the target, the nearest that the allowed
    range gives would hide a contradiction, so that is an error.

    Raises:
        ValueError: when the target cannot be reached by attention alone.
    """
    target = market.churn_target
    if target is None:
        return market

    def at(attention: float) -> float:
        tried = replace(market, gate=replace(market.gate, attention=attention))
        return churn_under_today(tried, customers, today, focal, seed) / target

    low, high = 1e-7, 1.0 if market.gate.per == "day" else 0.98
    attention = market.gate.attention
    known: list[tuple[float, float]] = []
    impossible: ValueError | None = None
    for _ in range(_TRIES):
        try:
            got = at(attention)
        except ValueError as error:  # Near 1 a mean probability leaves no room for the spread of attention.
            impossible, high = error, attention
            attention = (low * high) ** 0.5 if not known else (known[-1][0] * high) ** 0.5
            continue
        known.append((attention, got))
        if abs(got - 1.0) < TOLERANCE:
            return replace(market, gate=replace(market.gate, attention=attention))
        low, high = (max(low, attention), high) if got < 1.0 else (low, min(high, attention))
        attention = _next(known, low, high)
        # A probability may be tried in vain beyond those that were tried; a rate may not.
        tried = market.gate.per == "day" or attention <= max(x for x, _ in known)
        if tried and _sure(known, attention):
            return replace(market, gate=replace(market.gate, attention=attention))
    if not known:
        assert impossible is not None, "something was tried"
        raise impossible
    raise ValueError(
        f"market.churn_target={target:g}: attention between {low:g} and {high:g} gives "
        f"{known[-1][1] * target:g} at best; raise the target, "
        "or lower what else makes customers leave (people.involuntary, gate.p_*)"
    )


def _sure(known: list[tuple[float, float]], attention: float) -> bool:
    """Whether an attention that the last two tries led to meets the target, without a run.

    The last try was near, the step from it is the secant's, and the two tries are so far apart that they tell a slope.
    """
    if len(known) < 2 or abs(known[-1][1] - 1.0) > NEAR:
        return False
    (x0, y0), (x1, y1) = known[-2:]
    told, step = log64(x1 / x0), log64(attention / x1)
    if abs(told) < _APART or y0 <= 0.0:
        return False
    slope = log64(y1 / y0) / told
    return slope > _FLAT and abs(slope * step + log64(y1)) < TOLERANCE


def _next(known: list[tuple[float, float]], low: float, high: float) -> float:
    """The next try: a secant step in logarithms from the last two, kept inside the bracket; at first by `_USUAL`."""
    x1, y1 = known[-1]
    slope = _USUAL
    if len(known) > 1:
        x0, y0 = known[-2]
        if y0 > 0.0 and y1 > 0.0:
            slope = (log64(y1) - log64(y0)) / (log64(x1) - log64(x0))
    guess = float(exp64(log64(x1) - log64(max(y1, 0.05)) / (slope if slope > 0.05 else _USUAL)))
    return guess if low < guess < high else (low * high) ** 0.5
