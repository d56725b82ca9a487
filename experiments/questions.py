"""Questions: the experiments one can ask, by name, with the settings each understands and the function that answers.

Importing this module imports none of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import ConfigError
from experiments.names import hint
from experiments.points.settings import (
    DecisionMapSettings,
    FrontierSettings,
    SensitivitySettings,
    ShockSettings,
    SweepSettings,
    TippingPointsSettings,
    TournamentSettings,
)
from experiments.settings import (
    CalibrateSettings,
    ClaimsSettings,
    CollectSettings,
    CompareSettings,
    FactsSettings,
    SynergySettings,
)

if TYPE_CHECKING:
    from experiments.compose import Resolved


@dataclass(frozen=True)
class Question:
    """An experiment.

    Attributes:
        settings: the dataclass that its `experiment:` keys build.
        answer: `module:function(resolved, folder) -> float | None`, the goal's value if it has one.
    """

    settings: type
    answer: str


QUESTIONS = {
    "compare": Question(CompareSettings, "experiments.compare:answer"),
    "claims": Question(ClaimsSettings, "experiments.claims.ask:answer"),
    "synergy": Question(SynergySettings, "experiments.synergy.ask:answer"),
    "sweep": Question(SweepSettings, "experiments.sweep.ask:answer"),
    "decision_map": Question(DecisionMapSettings, "experiments.decision_map.ask:answer"),
    "sensitivity": Question(SensitivitySettings, "experiments.sensitivity.ask:answer"),
    "tipping_points": Question(TippingPointsSettings, "experiments.tipping_points.ask:answer"),
    "frontier": Question(FrontierSettings, "experiments.frontier.ask:answer"),
    "tournament": Question(TournamentSettings, "experiments.tournament.ask:answer"),
    "collect": Question(CollectSettings, "experiments.collect.ask:answer"),
    "shock": Question(ShockSettings, "experiments.shock.ask:answer"),
    "calibrate": Question(CalibrateSettings, "experiments.calibrate:answer"),
    "facts": Question(FactsSettings, "experiments.facts.run:answer"),
}


def question(name: object) -> Question:
    """The experiment of a name.

    Raises:
        ConfigError: there is none of this name.
    """
    if name not in QUESTIONS:
        raise ConfigError(f"experiment.name={name} is not an experiment; {hint(name, QUESTIONS)}.")
    return QUESTIONS[str(name)]


def answer(name: object) -> Callable[[Resolved, Path], float | None]:
    """The function that answers an experiment."""
    module, _, function = question(name).answer.partition(":")
    found: Callable[[Resolved, Path], float | None] = getattr(importlib.import_module(module), function)
    return found
