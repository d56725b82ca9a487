"""Job: what Hydra runs, once for a command or once for each combination; a thin shell round a plain function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hydra import initialize_config_dir
from hydra._internal.callbacks import Callbacks
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import run_job
from hydra.errors import CompactHydraException
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, open_dict, read_write

from experiments.compose import BASE, CONFIG, Resolved, resolve
from experiments.console import complain
from experiments.errors import ConfigError, TasksFailedError
from experiments.identity import same_run
from experiments.paths import conf_dir
from experiments.questions import answer
from experiments.search_path import register

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
    choices = {str(place): choice for place, choice in hydra.runtime.choices.items()}

    def checked(folder: Path) -> Resolved:
        resolved = resolve(cfg, choices, list(hydra.overrides.task))
        same_run(folder, resolved.configuration)
        return resolved

    return _answered(checked)


def alone(whole: DictConfig, resolved: Resolved) -> None:
    """Run one job that is composed and checked already, in its folder and with the files that Hydra leaves of a job.

    Args:
        whole: the configuration, Hydra's own node included.
        resolved: what was built from it.
    """
    register()
    with initialize_config_dir(str(conf_dir()), version_base=BASE), read_write(whole), open_dict(whole):
        whole.hydra.mode = RunMode.RUN
        callbacks = Callbacks(whole)
        context = HydraContext(config_loader=GlobalHydra.instance().config_loader(), callbacks=callbacks)
        callbacks.on_run_start(config=whole, config_name=CONFIG)
        done = run_job(
            lambda _: _answered(lambda _: resolved), whole, "hydra.run.dir", None, hydra_context=context
        )
        callbacks.on_run_end(config=whole, config_name=CONFIG, job_return=done)
    _ = done.return_value  # Raises what the job raised.


def exit_code() -> int:
    """What a command ends with, by what went wrong in its jobs."""
    return max((2 if isinstance(trouble, ConfigError) else 1 for trouble in troubles), default=0)


def _answered(checked: Callable[[Path], Resolved]) -> float | None:
    """Answer a question into the job's folder; see `task`."""
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir).absolute()
    try:
        resolved = checked(folder)
        return answer(resolved.experiment.name)(resolved, folder)
    except (ConfigError, TasksFailedError) as error:
        if hydra.mode != RunMode.RUN and hydra.launcher.get("_target_") != BASIC:
            raise JobError(f"tenure: {error}") from error
        complain(str(error))
        troubles.append(error)
        return None
