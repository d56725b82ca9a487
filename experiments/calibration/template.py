"""Template: the market and customers from which a fitted market takes what its data do not hold.

Prices, margins, the cost of a contact, the worth of an experience: no churn data speak of them. They come, with their
evidence and ranges, from the market and customers that the command names, or from the shipped ones nearest to the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.compose import Resolved, compose
from experiments.evidence import Parameter

NEAREST = {"renewal": "saas", "purchase": "online_retail"}
"""Shipped market that is nearest to data, by what customers look at."""

Evidence = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A market and its customers, with the evidence of every number.

    Attributes:
        resolved: both, composed and checked.
        name: of the market.
    """

    resolved: Resolved
    name: str

    @cached_property
    def _parameters(self) -> Mapping[str, Parameter]:
        return {parameter.key: parameter for parameter in self.resolved.parameters}

    def evidence(self, key: str) -> Evidence:
        """The evidence of one of the market's numbers, as the YAML of another market holds it.

        Args:
            key: dotted, below `market`.
        """
        known = self._parameters[f"market.{key}"]
        if known.kind == "user":
            return {"source": "Given on the command line when this market was fitted."}
        if known.kind == "source":
            return {"source": f"As in market {self.name}: {known.text}"}
        return {
            "assumption": f"Not in the data; as in market {self.name}: {known.text}",
            "range": [known.low, known.high],
        }

    def mean_trait(self, name: str) -> tuple[float, Evidence]:
        """A trait's mean over the segments, by share, with the mean of its ranges."""
        segments = self.resolved.world.customers.segments
        total = sum(segment.share for segment in segments)
        value = low = high = 0.0
        for segment in segments:
            known = self._parameters[f"customers.segments.{segment.name}.{name}"]
            weight = segment.share / total
            value += weight * known.value
            low += weight * (known.value if known.low is None else known.low)
            high += weight * (known.value if known.high is None else known.high)
        kept = float(f"{value:.6g}")
        title = self.resolved.world.customers.title
        return kept, {
            "assumption": f"Not in the data; mean over the segments of {title.lower()!r}.",
            "range": [min(float(f"{low:.6g}"), kept), max(float(f"{high:.6g}"), kept)],
        }


def template_for(resolved: Resolved, occasion: str) -> Template:
    """The market and customers that a command names; without a name, the shipped market nearest to the data.

    Args:
        resolved: the command that asks for the calibration.
        occasion: what customers look at, renewal or purchase.

    Raises:
        ConfigError: an override does not fit that market.
    """
    named = [text.partition("=")[2] for text in resolved.overrides if text.startswith("market=")]
    if named:
        return Template(resolved, named[-1])
    name = NEAREST[occasion]
    kept = [text for text in resolved.overrides if text.lstrip("+~").startswith(("market.", "customers"))]
    return Template(compose([f"market={name}", "scenarios=[none]", *kept]), name)
