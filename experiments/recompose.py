"""Recompose: the same command with other choices, as a comparison that a larger experiment runs as one of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from experiments.compose import Resolved, compose
from experiments.options import options

_LISTED = "scenarios"


def recomposed(
    resolved: Resolved,
    scenarios: Sequence[str],
    groups: Mapping[str, str],
    equal_spend: bool,
    tolerance: float,
    horizon_months: float | None = None,
) -> Resolved:
    """A comparison (`experiment=compare`) in another world, everything else as the command said.

    What the command set in scenarios that are not listed is left out; whatever else it set must exist in that world.

    Args:
        resolved: the question whose command is taken.
        scenarios: names to compare.
        groups: what to take instead from other groups, such as `{"market": "saas"}`.
        equal_spend, tolerance: of the comparison.
        horizon_months: another horizon; None keeps the command's.

    Raises:
        ConfigError: it cannot be used in that world.
    """
    replaced = {"experiment", _LISTED, *groups, *(("horizon_months",) if horizon_months is not None else ())}
    parsed = OverridesParser.create().parse_overrides(list(resolved.overrides))
    kept = [o.input_line or "" for o in parsed if _kept(o, replaced, scenarios)]
    files = options(_LISTED)  # the others are the command's own, made by what is kept of it
    horizon = [f"horizon_months={horizon_months!r}"] if horizon_months is not None else []
    return compose(
        [
            *kept,
            "experiment=compare",
            f"experiment.equal_spend={str(equal_spend).lower()}",
            f"experiment.tolerance={tolerance!r}",
            f"{_LISTED}=[{','.join(name for name in scenarios if name in files)}]",
            *(f"{group}={name}" for group, name in groups.items()),
            *horizon,
        ]
    )


def chosen(resolved: Resolved, group: str) -> str | None:
    """The override by which the command chose a file of a group, or None."""
    parsed = OverridesParser.create().parse_overrides(list(resolved.overrides))
    return next((o.input_line for o in parsed if o.key_or_group == group and o.package is None), None)


def _kept(override: Override, replaced: set[str], scenarios: Sequence[str]) -> bool:
    key = override.key_or_group
    if override.package is None and (key in replaced or key.startswith("experiment.")):
        return False
    place = (key if override.package is None else override.package).split(".")
    return not (place[0] == _LISTED and len(place) > 1 and place[1] not in scenarios)
