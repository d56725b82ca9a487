"""The registry: what may be built, plug-ins included, and what clashes."""

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from agents.strategies.strategy import Strategy
from agents.targeting import Targeting
from experiments import registry
from experiments.compose import compose
from experiments.errors import ConfigError
from experiments.fingerprint import canonical

PLUGIN = '''
"""A plug-in of somebody else."""
from dataclasses import dataclass
from agents.strategies.strategy import Strategy
from sim.quantities import quantity

@dataclass(frozen=True, kw_only=True)
class Poems(Strategy):
    """Sends poems; cannot stand a placebo beside it."""

    kind = "active"
    excludes = ("Placebo",)
    lines: float = quantity("lines", 1.0, 100.0, "Length of a poem.")
'''
POEMS = """
_target_: poetry.Poems
lines: 14
evidence:
  lines: {source: "Petrarca"}
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed plug-in with a strategy, and its YAML in the user's own folder."""
    (tmp_path / "poetry.py").write_text(PLUGIN)
    own = tmp_path / "tenure_conf" / "strategy"
    own.mkdir(parents=True)
    (own / "poems.yaml").write_text(POEMS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    point = metadata.EntryPoint("poetry", "poetry", registry.GROUP)
    monkeypatch.setattr(registry, "_entry_points", lambda: (point,))
    registry._plugin_classes.cache_clear()
    registry.plugins.cache_clear()
    yield
    registry._plugin_classes.cache_clear()
    registry.plugins.cache_clear()
    sys.modules.pop("poetry", None)


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "pathlib.Path",
        "agents.strategies.placebo.dataclass",
        "agents.market.Market",
        "poetry.Poems",
        "",
        3,
    ],
)
def test_nothing_else_is_built(target: object) -> None:
    with pytest.raises(ConfigError, match="is not a registered strategy"):
        registry.find(target, Strategy, "here._target_")


def test_a_targeting_is_no_strategy() -> None:
    target = "agents.targeting.Everyone"
    assert registry.find(target, Targeting, "here").__name__ == "Everyone"
    with pytest.raises(ConfigError, match="is not a registered strategy"):
        registry.find(target, Strategy, "here")


def test_looking_a_class_up_imports_nothing_that_is_not_registered() -> None:
    before = set(sys.modules)
    with pytest.raises(ConfigError):
        registry.find("antigravity.fly", Strategy, "here")
    assert "antigravity" not in set(sys.modules) - before


def test_a_plug_in_is_found_built_and_told(plugin: None) -> None:
    resolved = compose(["scenarios=[none]", "+strategy@scenarios.none.focal.poems=poems"])
    (poems,) = resolved.world.scenarios[0].focal.values()
    assert type(poems).__name__ == "Poems"
    assert [p.text for p in resolved.parameters if p.key.endswith(".lines")] == ["Petrarca"]
    assert [p.name for p in registry.plugins()] == ["poetry"]
    assert len(canonical(poems)["_source_"]) == 64


def test_strategies_that_exclude_each_other_are_refused_at_one_provider(plugin: None) -> None:
    both = ["+strategy@scenarios.none.focal.poems=poems", "+strategy@scenarios.none.focal.nothing=placebo"]
    with pytest.raises(ConfigError) as error:
        compose(["scenarios=[none]", *both])
    assert str(error.value) == (
        "scenarios.none.focal.poems and scenarios.none.focal.nothing clash: poetry excludes placebo at the same "
        "provider; drop one, as in scenarios.none.focal.nothing=null."
    )
    assert compose(["scenarios=[none]", *both, "scenarios.none.focal.nothing=null"]).world.scenarios[0].focal
