"""Wording: a verdict in sentences that a strategist enjoys and a statistician signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.crossing import plain_name

if TYPE_CHECKING:
    from experiments.verdict import Contrast, Verdict

DIGITS = 3
SPOKEN = {"customers_end": "number of customers at the end"}
"""Metrics whose name does not read as a noun."""


def sentence(verdict: Verdict) -> str:
    """The answer in one sentence: who, by how much, how surely, and what equal spend does to it."""
    text = _answer(verdict)
    return text[0].upper() + text[1:]


def details(verdict: Verdict) -> tuple[str, ...]:
    """Further sentences, most important first: both differences with both intervals, equal spend, ranking, limits."""
    found = [
        _measured(verdict, pair) for pair in (verdict.to_baseline, verdict.to_runner_up) if pair is not None
    ]
    if verdict.to_baseline is not None and verdict.runner_up == verdict.baseline:
        found.pop()
    if verdict.equal_spend is not None:
        found.append(f"At equal spend: {_answer(verdict.equal_spend)}")
    if len(verdict.differences) > 1:
        listed = ", ".join(f"{_name(name)} {_signed(verdict, value)}" for name, value in verdict.differences)
        found.append(f"Differences to {_name(verdict.baseline)}, best first: {listed}.")
    for name, (defined, runs) in verdict.left_out.items():
        metric = _words(verdict.metric)
        found.append(f"{_name(name)} is not ranked: its {metric} is defined in {defined} of {runs} runs.")
    return (*found, *_limits(verdict))


def amount(value: float, unit: str, signed: bool = False) -> str:
    """A number with its unit, to three figures: `1.23 million EUR`, `2.5 %` for a share.

    Args:
        value: the number.
        unit: its unit; one that starts with `share` is shown in per cent.
        signed: a difference: with its sign, and a share's in percentage points.
    """
    number = figures(100.0 * value if _is_share(unit) else value)
    if signed and value > 0.0:
        number = f"+{number}"
    return f"{number} {_spoken_unit(unit, signed)}".rstrip()


def figures(value: float) -> str:
    """Three significant figures, thousands separated, millions and billions in words."""
    if value == 0.0 or not np.isfinite(value):
        return "0" if value == 0.0 else str(value)
    value = float(f"{value:.{DIGITS - 1}e}")
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"{value / size:.{DIGITS}g}{word}"
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    if abs(value) < 1e-4:
        return f"{value:.{DIGITS}g}"
    places = DIGITS - 1 - int(np.floor(np.log10(abs(value))))
    text = f"{value:.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def probability(value: float) -> str:
    """A probability in whole per cent; never 0 % or 100 %, which no simulation can vouch for."""
    if value < 0.01:
        return "less than 1 %"
    if value > 0.99:
        return "more than 99 %"
    return f"{100.0 * value:.0f} %"


def _answer(verdict: Verdict) -> str:
    if not verdict.best:
        return f"no scenario can be judged by {_words(verdict.metric)}: none has it defined in every run."
    start = "at point values alone, " if verdict.at_point_values else ""
    return start + _head(verdict) + _chance(verdict) + _beside(verdict) + "."


def _head(verdict: Verdict) -> str:
    metric, most = _words(verdict.metric), "highest" if verdict.direction > 0 else "lowest"
    if verdict.equals:
        names = " and ".join(_name(name) for name in (verdict.best, *verdict.equals))
        text = f"{names} are identical in {metric}"
        return text + (f", the {most} of all" if verdict.runner_up else "")
    best, gap = _name(verdict.best), verdict.to_runner_up
    if gap is None:
        return f"{best} is the only scenario that can be judged by {metric}"
    if not gap.distinguishable:
        return (
            f"{best} has the {most} mean {metric}, {_apart(verdict, gap)} {_name(gap.other)}, the runner-up, but the "
            f"two are not distinguishable{_because(verdict, gap)}"
        )
    if verdict.best == verdict.baseline:
        return f"no scenario beats {best} on {metric}: {_name(gap.other)}, the runner-up, is {_apart(verdict, gap, -1)}"
    text = f"{best} has the {most} {metric}: {_apart(verdict, gap)} {_name(gap.other)}, the runner-up"
    home = verdict.to_baseline
    if home is None or verdict.runner_up == verdict.baseline:
        return text
    text += f", and {_apart(verdict, home)} {_name(home.other)}"
    return text + (
        "" if home.distinguishable else f", though not distinguishable from it{_because(verdict, home)}"
    )


def _chance(verdict: Verdict) -> str:
    if verdict.p_best is None:
        return ""
    chance, markets = probability(verdict.p_best), f"averaged over {verdict.draws} plausible markets"
    if verdict.equals:
        return f"; the probability of being truly best, shared between them and {markets}, is {chance} each"
    text = f"; the probability that it is truly best, {markets}, is {chance}"
    if verdict.likeliest not in ("", verdict.best):
        text += f", though {_name(verdict.likeliest)} is truly best in more of them"
    return text


def _beside(verdict: Verdict) -> str:
    other = verdict.equal_spend
    if other is None or not other.best:
        return ""
    unclear = other.to_runner_up is not None and not other.equals and not other.distinguishable
    doubt = f", not distinguishable from {_plain(other.runner_up)}" if unclear else ""
    if verdict.equal_spend_agrees:
        return f"; at equal spend it is {_plain(other.best)} as well{doubt}"
    return f"; at equal spend the answer changes to {_plain(other.best)}{doubt}"


def _because(verdict: Verdict, pair: Contrast) -> str:
    market, luck = _span(verdict, pair.low, pair.high), _span(verdict, pair.luck_low, pair.luck_high)
    average = " (on average the difference is beyond luck)" if pair.luck_low is not None else ""
    return {
        "": "",
        "identical": ": they are identical in every run",
        "unknown": ": one run gives no interval",
        "luck": f" from luck, whose 95 % interval, {luck}, includes 0",
        "market": f" across plausible markets, whose 95 % range, {market}, includes 0{average}",
        "both": f", neither from luck ({luck}) nor across plausible markets ({market})",
    }[pair.unclear]


def _measured(verdict: Verdict, pair: Contrast) -> str:
    start = f"{_name(pair.scenario)} against {_name(pair.other)}: "
    if pair.identical:
        return f"{start}identical in every run."
    text = f"{start}{_signed(verdict, pair.difference)}"
    if pair.low is not None and pair.high is not None:
        text += f"; 95 % range over plausible markets {_span(verdict, pair.low, pair.high)}"
    if pair.luck_low is not None and pair.luck_high is not None:
        text += f"; 95 % interval of the mean over lucks {_span(verdict, pair.luck_low, pair.luck_high)}"
    return text + ("; distinguishable." if pair.distinguishable else "; not distinguishable.")


def _limits(verdict: Verdict) -> tuple[str, ...]:
    limits = []
    if verdict.at_point_values:
        limits.append(
            "Only one set of assumptions was tried: nothing is said about other plausible markets (draws=1)."
        )
    if verdict.replicates == 1:
        limits.append("Only one luck was tried: luck cannot be told from effect (replicates=1).")
    return tuple(limits)


def _apart(verdict: Verdict, pair: Contrast, sign: int = 1) -> str:
    """How far the scenario stands above or below the other; sign -1: the other from the scenario."""
    side = "above" if sign * pair.difference > 0.0 else "below"
    unit = amount(abs(pair.difference), verdict.unit, signed=True).removeprefix("+")
    return f"{unit} {side}"


def _span(verdict: Verdict, low: float | None, high: float | None) -> str:
    """Both ends, the unit once."""
    if low is None or high is None:
        return ""
    unit = _spoken_unit(verdict.unit, signed=True)
    return f"{_signed(verdict, low).removesuffix(unit).rstrip()} to {_signed(verdict, high)}"


def _is_share(unit: str) -> bool:
    return unit == "share" or unit.startswith("share ")


def _spoken_unit(unit: str, signed: bool) -> str:
    if not _is_share(unit):
        return unit
    return ("percentage points" if signed else "%") + unit.removeprefix("share")


def _signed(verdict: Verdict, value: float) -> str:
    return amount(value, verdict.unit, signed=True)


def _words(name: str) -> str:
    return SPOKEN.get(name, name.replace("_", " "))


def _plain(scenario: str) -> str:
    return _name(plain_name(scenario))


def _name(scenario: str) -> str:
    text = plain_name(scenario)
    return f"'{text}'" if text == scenario else f"'{text}' at equal spend"
