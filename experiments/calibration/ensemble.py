"""Ensemble: the parameters of a fitted market that its data fix, at the point values and in plausible sets."""

import math
from typing import Any

from experiments.calibration.fitted import Fitted, Habits
from experiments.calibration.template import Template

DIGITS = ".9g"


def relative(fitted: Fitted, habits: Habits, others: list[Habits] | None = None) -> dict[str, Any]:
    """Fitted traits of a segment: attention and usage relative to the market's mean, and their spreads.

    Args:
        habits: of the group.
        others: of all groups; None takes the point values.
    """
    everyone = [other.point for other in fitted.groups] if others is None else others
    found: dict[str, Any] = {
        "attention": rounded(habits.attention / mean_of(fitted, "attention", everyone)),
        "spread_attention": rounded(habits.spread_attention),
    }
    if habits.usage is not None and habits.spread_usage is not None:
        found["usage"] = rounded(habits.usage / mean_of(fitted, "usage", everyone))
        found["spread_usage"] = rounded(habits.spread_usage)
    return found


def ensemble(fitted: Fitted, template: Template) -> list[dict[str, float]]:
    """Plausible parameter sets by key, relative to the market; those that no market can hold are left out."""
    weight, known = template.mean_trait("price_weight")
    low, high = known["range"]
    sets = []
    for number, choose in enumerate(fitted.chooses):
        habits = [group.sets[number] for group in fitted.groups]
        if any(h.problem() for h in habits):
            continue
        drawn: dict[str, float] = {"gate.attention": rounded(mean_of(fitted, "attention", habits))}
        if fitted.occasion == "purchase":
            drawn["purchases.usage_rate"] = rounded(mean_of(fitted, "usage", habits))
        # Even steps through the range of the price weight in an order that does not follow the choose shares.
        place = (number * 0.6180339887498949 + 0.5) % 1.0
        weight = rounded(low + place * (high - low))
        if not fitted.leaves:
            drawn["choice.category_exit"] = category_exit(choose, weight)
        for group, own in zip(fitted.groups, habits, strict=True):
            prefix = f"customers.segments.{group.name}"
            drawn.update({f"{prefix}.{name}": v for name, v in relative(fitted, own, habits).items()})
            if not fitted.leaves:
                drawn[f"{prefix}.price_weight"] = weight
        sets.append(drawn)
    return sets


def category_exit(choose: float, price_weight: float) -> float:
    """V_none for which a share `choose` of those who look leaves a provider of V_own = -price_weight."""
    return rounded(math.log(choose / (1.0 - choose)) - price_weight)


def mean_of(fitted: Fitted, name: str, habits: list[Habits]) -> float:
    """The mean of a habit over all customers."""
    shares = [group.share for group in fitted.groups]
    total = sum(share * float(getattr(own, name)) for share, own in zip(shares, habits, strict=True))
    return total / sum(shares)


def rounded(value: float) -> float:
    """Nine digits: what the last bits of a library do never reaches a market."""
    return float(f"{value:{DIGITS}}")
