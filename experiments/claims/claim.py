"""Claim: a sentence about retention as something that can be measured, and the file that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omegaconf import OmegaConf

from experiments.diagnosis import explained
from experiments.errors import ConfigError
from experiments.metrics import METRICS
from experiments.names import hint
from experiments.options import folders
from experiments.schemas import build
from sim.quantities import choice, quantity
from sim.quantities import text as words

FILE = "claims.yaml"
"""In `conf/`, in the user's own folder, and in those of plug-ins; of one name, the first found counts."""
AS_CONFIGURED, EQUAL_SPEND = "as_configured", "equal_spend"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim: `metric` is lower, or higher, in the first scenario of `contrast` than in the second."""

    name: str = words("Short name.")
    text: str = words("The claim as a plain sentence.")
    metric: str = words("Metric of the focal provider that it is about.")
    contrast: tuple[str, ...] = words("Scenario, and the other that it is compared with.")
    direction: str = choice("What is claimed of the first.", "lower", "higher")
    basis: str = choice("How the two are compared.", AS_CONFIGURED, EQUAL_SPEND, default=AS_CONFIGURED)
    source: str = words("Where the claim comes from.")
    market: tuple[str, ...] | None = words("Markets that it is about; null for all.", default=None)
    horizon: float | None = quantity(
        "months", 0.1, 240.0, "Months that it is about; null takes the experiment's.", default=None
    )

    def __post_init__(self) -> None:
        if len(self.contrast) != 2 or self.contrast[0] == self.contrast[1]:
            raise ValueError(f"contrast is [{', '.join(self.contrast)}]; two different scenarios are needed")
        if self.metric not in METRICS:
            raise ValueError(f"metric={self.metric} is not a metric; {hint(self.metric, METRICS)}")

    @property
    def sign(self) -> int:
        """Sign of the difference, first less second, if the claim is true."""
        return 1 if self.direction == "higher" else -1

    def about(self, market: str) -> bool:
        """Whether it is about a market."""
        return self.market is None or market in self.market


def read_claims(names: Sequence[str] | None = None) -> tuple[Claim, ...]:
    """The claims that `claims.yaml` lists, in its order; the user's own are added, or replace those of their name.

    Args:
        names: those to take; None takes all.

    Raises:
        ConfigError: a file or a claim cannot be used, or there is none of a name.
    """
    listed: dict[str, object] = {}
    for folder in reversed(folders()):
        path = folder / FILE
        if path.is_file():
            with explained(()):
                node = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
            if not isinstance(node, dict):
                raise ConfigError(f"{path} is not usable; write NAME: {{text: ..., metric: ..., ...}}.")
            listed.update({str(name): inner for name, inner in node.items()})
    known = {name: _claim(name, node) for name, node in listed.items() if node is not None}
    for name in names or ():
        if name not in known:
            raise ConfigError(f"experiment.claims: {name} is not a claim; {hint(name, known)}.")
    return tuple(claim for name, claim in known.items() if names is None or name in names)


def _claim(name: str, node: object) -> Claim:
    key = f"claims.{name}"
    if not isinstance(node, dict):
        raise ConfigError(f"{key}={node} is not usable; a mapping is needed, with the keys of Claim.")
    market = node.get("market")
    more = {"market": [market]} if isinstance(market, str) else {}
    return build(Claim, {"name": name, **node, **more}, key)
