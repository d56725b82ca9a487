"""Recomposing: what of a command is kept for a comparison in another world."""

import pytest

from experiments import recompose
from experiments.compose import Resolved


def test_a_comparison_is_recomposed_from_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [
        "market=saas", "seed=3", "market.gate.p_notice=.02", "experiment=claims", "experiment.markets=[saas]",
        "scenarios=[none,active]", "scenarios.active.focal.save.depth=.1", "scenarios.blend.focal.save.depth=.2",
        "targeting@scenarios.blend.focal.save.targeting=value", "+scenarios.active.focal.more=null", "horizon_months=6",
    ]  # fmt: skip

    class Asked:
        overrides = tuple(given)

    taken: list[list[str]] = []
    monkeypatch.setattr(recompose, "compose", taken.append)
    resolved: Resolved = Asked()  # type: ignore[assignment]
    recompose.recomposed(resolved, ["none", "active"], {"market": "telecom"}, True, 0.01, 12.0)
    assert taken == [[
        "seed=3", "market.gate.p_notice=.02", "scenarios.active.focal.save.depth=.1", "+scenarios.active.focal.more=null",
        "experiment=compare", "experiment.equal_spend=true", "experiment.tolerance=0.01", "scenarios=[none,active]",
        "market=telecom", "horizon_months=12.0",
    ]]  # fmt: skip
    assert recompose.chosen(resolved, "market") == "market=saas"
    assert recompose.chosen(resolved, "customers") is None
