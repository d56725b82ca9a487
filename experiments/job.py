"""Job: what Hydra runs, once for a command or once for each combination; a thin shell round a plain function."""

from __future__ import annotations

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.errors import CompactHydraException
from hydra.types import RunMode
from omegaconf import DictConfig

from experiments.compose import resolve
from experiments.console import complain
from experiments.errors import ConfigError, TasksFailedError
from experiments.identity import same_run
from experiments.questions import answer

BASIC = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"

troubles: list[Exception] = []
"""What went wrong in jobs of this process; the command's exit code tells."""


class JobError(CompactHydraException):
    """What went wrong in a job of another process; Hydra shows it without a traceback and ends with exit code 1."""


def task(cfg: DictConfig) -> float | None:
    """Answer one question into one folder.

    Returns:
        the goal's value of the last listed scenario, mean over draws and lucks; None where the experiment has no goal,
        or something went wrong in this process (see `troubles`), so that the jobs behind it go on.

    Raises:
        JobError: something went wrong in a process that a launcher started.
    """
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir).absolute()
    choices = {str(place): choice for place, choice in hydra.runtime.choices.items()}
    try:
        resolved = resolve(cfg, choices, list(hydra.overrides.task))
        same_run(folder, resolved.configuration)
        return answer(resolved.experiment.name)(resolved, folder)
    except (ConfigError, TasksFailedError) as error:
        if hydra.mode != RunMode.RUN and hydra.launcher.get("_target_") != BASIC:
            raise JobError(f"tenure: {error}") from error
        complain(str(error))
        troubles.append(error)
        return None
