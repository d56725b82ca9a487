"""Box: what money can be spent on - two programmes, each at any intensity, and whom the active one treats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.errors import ConfigError
from experiments.points.axis import Axis
from experiments.points.base import Base, base_of
from experiments.points.design import Design, grid
from experiments.worlds import without_evidence

if TYPE_CHECKING:
    from experiments.compose import Resolved
    from experiments.frontier.spends import Spend

NOTHING = "nothing"
"""Scenario in which neither programme runs."""
MIX = "mix_"
"""Scenarios with both programmes, by whom the active one aims at."""


@dataclass(frozen=True)
class Box:
    """What money can be spent on.

    Attributes:
        base: a world with `NOTHING` and one scenario of both programmes for each way to aim.
        axes: intensity of the passive programme, of the active one, share of customers it treats.
        kinds: ways to aim, in the order of the scenarios behind `NOTHING`.
        steps: values of each axis that are simulated.
        customer_months: of the firm at the fork over the horizon: budgets are per customer and month.
    """

    base: Base
    axes: tuple[Axis, ...]
    kinds: tuple[str, ...]
    steps: int
    customer_months: float

    @property
    def design(self) -> Design:
        """The simulated points."""
        return grid(self.axes, self.steps)

    def place(self, spend: Spend) -> int:
        """The place of a spend's scenario."""
        return 0 if spend.is_nothing else 1 + self.kinds.index(spend.kind)


def box_of(resolved: Resolved) -> Box:
    """The box of the settings.

    Raises:
        ConfigError: a scenario or a targeting is not there, or both programmes use one slot.
    """
    asked = resolved.experiment
    listed = without_evidence(resolved.configuration["scenarios"])
    passive, active = (_programme(listed, key, getattr(asked, key)) for key in ("passive", "active"))
    both = sorted(set(passive) & set(active))
    if both:
        raise ConfigError(
            f"scenarios.{asked.active}.focal.{both[0]} is in {asked.passive} too; give it another slot."
        )
    scenarios: dict[str, Any] = {NOTHING: {"focal": {}}}
    for kind in asked.targeting:
        node = _targeting(kind)
        aimed = {
            slot: {**one, "targeting": node} if "targeting" in one else one for slot, one in active.items()
        }
        scenarios[f"{MIX}{kind}"] = {"focal": {**passive, **aimed}}
    base = base_of(
        resolved,
        name="frontier",
        configuration={**resolved.configuration, "scenarios": scenarios},
        baseline=NOTHING,
        customers=asked.customers,
    )
    mixes = [name for name in scenarios if name != NOTHING]
    axes = (
        _dial("passive", mixes, passive, "intensity"),
        _dial("active", mixes, active, "intensity"),
        _dial("treated", mixes, [s for s in active if "targeting" in active[s]], "targeting.share"),
    )
    months = resolved.world.market.firm_customers * resolved.settings.horizon_months
    return Box(base, axes, tuple(asked.targeting), asked.steps, months)


def _dial(name: str, mixes: Sequence[str], slots: Iterable[str], key: str) -> Axis:
    keys = tuple(f"scenarios.{mix}.focal.{slot}.{key}" for mix in mixes for slot in slots)
    low = 0.1 if key != "intensity" else 0.0
    return Axis(name, keys, low, 1.0, unit="share" if low else "of the programme as configured")


def _programme(listed: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    from experiments.names import hint

    if name not in listed:
        raise ConfigError(f"experiment.{key}={name} is not a listed scenario; {hint(name, listed)}.")
    return {slot: one for slot, one in (listed[name].get("focal") or {}).items() if one is not None}


def _targeting(name: str) -> dict[str, Any]:
    from omegaconf import OmegaConf

    from experiments.names import hint
    from experiments.options import folders, options

    for folder in folders():
        path = folder / "targeting" / f"{name}.yaml"
        if path.is_file():
            node: dict[str, Any] = without_evidence(
                OmegaConf.to_container(OmegaConf.load(path), resolve=True)
            )
            return node
    raise ConfigError(f"experiment.targeting: {name} is not a targeting; {hint(name, options('targeting'))}.")
