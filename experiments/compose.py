"""Compose: from names and overrides to a checked world, its settings, its goal and the evidence behind its numbers.

resolved = compose(["market=saas", "scenarios=[none,active]", "scenarios.active.focal.save.depth=0.1"])
resolved.world.market, resolved.draw(3).scenarios
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, flag_override
from omegaconf.errors import OmegaConfBaseException

from experiments.draws import values
from experiments.errors import ConfigError
from experiments.evidence import Parameter, parameters
from experiments.metrics import METRICS
from experiments.names import hint
from experiments.origins import Origins
from experiments.paths import conf_dir
from experiments.questions import question
from experiments.schemas import Findings, build
from experiments.search_path import register
from experiments.settings import Goal, Settings
from experiments.worlds import (
    ENSEMBLE,
    World,
    build_world,
    changed,
    ensemble_sets,
    focal_of,
    without_evidence,
)

GROUPS = ("experiment", "market", "customers", "goal", "scenarios", "executor")
"""The groups that a command chooses from; each is a folder of `conf/`."""
CONFIG = "config"
BASE = "1.3"
"""Hydra's behaviour of this version, whichever is installed."""
_WORLD = ("market", "customers", "scenarios")


@dataclass(frozen=True)
class Resolved:
    """A question, ready to be answered.

    Attributes:
        configuration: everything as composed, interpolations resolved.
        settings: the experiment's keys.
        experiment: the dataclass of the chosen experiment's own keys.
        goal: what to judge by.
        world: at the point values.
        parameters: every number with its evidence.
        ensemble: parameter sets of a calibrated market; empty where there is none.
        baseline: scenario that others are compared to.
        focal: provider to look at.
        overrides: the command line's overrides.
    """

    configuration: Mapping[str, Any]
    settings: Settings
    experiment: Any
    goal: Goal
    world: World
    parameters: tuple[Parameter, ...]
    ensemble: tuple[Mapping[str, float], ...]
    baseline: str
    focal: str
    overrides: tuple[str, ...]

    @cached_property
    def _bare(self) -> dict[str, Any]:
        bare: dict[str, Any] = without_evidence({name: self.configuration[name] for name in _WORLD})
        return bare

    def draw(self, number: int) -> World:
        """The world of a draw; the point values where the settings ask for one draw only."""
        if self.settings.draws == 1:
            return self.world
        drawn = values(self.parameters, self.ensemble, self.settings.seed, number)
        return build_world(changed(self._bare, drawn), self.focal)


def compose(overrides: Sequence[str] = ()) -> Resolved:
    """Compose the shipped configuration (and `./tenure_conf/`) with overrides, and check everything.

    Args:
        overrides: as on the command line, such as `market=saas` or `market.gate.attention=0.02`.

    Raises:
        ConfigError: it cannot be used; the message is one sentence.
    """
    from experiments.diagnosis import explained

    register()
    with explained(overrides):
        return resolve(*split(composed(overrides)), overrides)


def composed(overrides: Sequence[str]) -> DictConfig:
    """Hydra's own answer, its node `hydra` included; raises what Hydra raises."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_dir()), version_base=BASE):
        return hydra_compose(CONFIG, list(overrides), return_hydra_config=True)


def split(whole: DictConfig) -> tuple[DictConfig, dict[str, Any]]:
    """Take Hydra's own node out of a composed configuration.

    Returns:
        the rest, and which file each group took (Hydra's `runtime.choices`).
    """
    with flag_override(whole, ["struct", "readonly"], False):
        hydra = whole.pop("hydra")
    return whole, {str(place): choice for place, choice in hydra.runtime.choices.items()}


def resolve(cfg: DictConfig, choices: Mapping[str, Any], overrides: Sequence[str]) -> Resolved:
    """Check a composed configuration and build everything from it.

    Args:
        cfg: without Hydra's node.
        choices: Hydra's `runtime.choices`: which file each group took.
        overrides: the task's overrides, by which the user's own values are known.

    Raises:
        ConfigError: it cannot be used.
    """
    configuration = _plain(cfg)
    settings = _settings(configuration)
    if settings.firm_customers is not None and isinstance(configuration.get("market"), dict):
        configuration["market"]["firm_customers"] = settings.firm_customers
    findings = Findings()
    world = build_world(configuration, settings.focal, findings)
    user = [
        *_user_keys(overrides),
        *(["market.firm_customers"] if settings.firm_customers is not None else []),
    ]
    origins = Origins(cfg, choices)
    known = parameters(
        findings,
        {leaf.key: origins.origin(leaf.key) for leaf in findings.leaves},
        [*user, *origins.followers(user, [leaf.key for leaf in findings.leaves])],
    )
    names = [scenario.name for scenario in world.scenarios]
    own = configuration.get("experiment") or {}
    experiment: Any = build(question(own.get("name")).settings, own, "experiment")
    if settings.individuals and not getattr(experiment, "customers", False):
        raise ConfigError(
            f"individuals={settings.individuals} goes into customers.parquet; give experiment.customers=true with it, "
            "or individuals=0."
        )
    return Resolved(
        configuration=configuration,
        settings=settings,
        experiment=experiment,
        goal=goal_of(configuration.get("goal")),
        world=world,
        parameters=known,
        ensemble=ensemble_sets(configuration["market"].get(ENSEMBLE), {p.key: p.quantity for p in known}),
        baseline=_baseline(settings.baseline, names),
        focal=focal_of(settings.focal, [p.name for p in world.market.providers]),
        overrides=tuple(overrides),
    )


def _plain(cfg: DictConfig) -> dict[str, Any]:
    try:
        plain = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        first = str(error).partition("\n")[0]
        raise ConfigError(f"{error.full_key}: {first}; correct the reference or give the value.") from error
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def _settings(configuration: Mapping[str, Any]) -> Settings:
    known = {f.name for f in fields(Settings)}
    for key in configuration:
        if key not in known and key not in GROUPS:
            raise ConfigError(f"{key} is not a key; {hint(key, known | set(GROUPS))}.")
    return build(Settings, {key: value for key, value in configuration.items() if key in known}, "")


def goal_of(node: Any) -> Goal:
    """The goal of a file of `conf/goal/`.

    Raises:
        ConfigError: its metric is not there, or has no direction.
    """
    goal = build(Goal, node, "goal")
    judged = {name for name, metric in METRICS.items() if metric.direction}
    if goal.metric not in judged:
        raise ConfigError(f"goal.metric={goal.metric} cannot be judged by; {hint(goal.metric, judged)}.")
    return goal if goal.title else replace(goal, title=goal.name.replace("_", " "))


def _baseline(asked: str | None, names: Sequence[str]) -> str:
    if asked is None:
        return "none" if "none" in names else names[0]
    if asked not in names:
        raise ConfigError(f"baseline={asked} is not among the scenarios; {hint(asked, names)}.")
    return asked


def _user_keys(overrides: Sequence[str]) -> Iterator[str]:
    """Dotted keys that overrides set; choices of a group and Hydra's own keys set none."""
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key = override.key_or_group
        if override.package is None and key not in GROUPS and not override.is_delete() and "/" not in key:
            yield key


def run_folder(whole: DictConfig) -> Path:
    """The folder a single run writes to, absolute."""
    return Path(str(whole.hydra.run.dir)).absolute()
