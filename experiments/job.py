"""Job: what Hydra runs, once for a command or once for each combination; a thin shell round a plain function."""

from __future__ import annotations

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.errors import CompactHydraException
from omegaconf import DictConfig

from experiments.compose import resolve
from experiments.errors import ConfigError, TasksFailedError
from experiments.identity import same_run
from experiments.questions import answer

refused: list[str] = []
"""Configurations that a job of this process could not use; filled where preflight could not see it coming."""


class JobError(CompactHydraException):
    """What Hydra shows as one sentence, without a traceback; the command ends with exit code 1."""


def task(cfg: DictConfig) -> float | None:
    """Answer one question into one folder.

    Returns:
        the goal's value of the last listed scenario, mean over draws and lucks; None where the experiment has no goal.

    Raises:
        JobError: the configuration cannot be used, or tasks failed; everything that was finished is kept.
    """
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir).absolute()
    choices = {str(place): choice for place, choice in hydra.runtime.choices.items()}
    try:
        resolved = resolve(cfg, choices, list(hydra.overrides.task))
        same_run(folder, resolved.configuration)
        return answer(resolved.experiment.name)(resolved, folder)
    except ConfigError as error:
        refused.append(str(error))
        raise JobError(f"tenure: {error}") from error
    except TasksFailedError as error:
        raise JobError(f"tenure: {error}") from error
