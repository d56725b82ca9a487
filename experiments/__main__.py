"""The command line: `tenure`, equal to `python -m experiments`.

Exit codes: 0 done, 1 some tasks failed (everything else was kept), 2 the configuration cannot be used (one sentence, no
traceback), 130 interrupted (finished tasks are kept).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.preflight import Checked

HELP = frozenset({"-h", "--help"})
CATALOGUE = "--catalogue"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: what follows the program's name; None takes those of the process.

    Returns:
        the exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if HELP & set(given):
        from experiments.help import help_text

        print(help_text())
        return 0
    if CATALOGUE in given:
        return _catalogue(given)
    if given == ["--version"]:
        from experiments import __version__

        print(f"tenure {__version__}")
        return 0
    return _checked(given)


def _catalogue(given: list[str]) -> int:
    """Write the catalogue of strategies into a folder."""
    from experiments.errors import ConfigError

    folders = [one for one in given if one != CATALOGUE]
    if len(folders) > 1 or any(one.startswith("-") for one in folders):
        print(
            f"tenure: {CATALOGUE} takes one folder and nothing else; leave out {folders[-1]}.",
            file=sys.stderr,
        )
        return 2
    from experiments.catalogue.page import write_catalogue

    try:
        print(f"Catalogue: {write_catalogue(Path(folders[0]) if folders else None)}")
    except (ConfigError, OSError) as error:
        print(f"tenure: {error}", file=sys.stderr)
        return 2
    return 0


def _checked(given: list[str]) -> int:
    """Preflight, then Hydra."""
    import sim.cache  # noqa: F401  # It notes whether anything is compiled, before workers begin with it.
    from experiments.errors import ConfigError
    from experiments.workers import warm

    asks = any(argument.startswith("--") and argument != "--multirun" for argument in given)
    if not asks and "executor.workers=0" not in given:
        warm()
    try:
        checked = _preflight(given)
        return _hydra(given) if checked is None else _alone(checked)
    except ConfigError as error:
        print(f"tenure: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _preflight(given: list[str]) -> Checked | None:
    """Check a command. What it composes stays to the end: nobody looks for garbage in it, now or later."""
    gc.disable()
    try:
        from experiments.preflight import preflight

        return preflight(given)
    finally:
        gc.freeze()
        gc.enable()


def _alone(checked: Checked) -> int:
    """Run one job as it was checked: Hydra's own command would compose it twice more, a second each time."""
    from experiments.job import alone, exit_code, troubles

    troubles.clear()
    alone(checked.whole, checked.resolved)
    return exit_code()


def _hydra(given: list[str]) -> int:
    """Hand over to Hydra, which reads the arguments from the process and runs one job, or one for each combination."""
    import hydra

    from experiments.compose import BASE, CONFIG
    from experiments.job import exit_code, task, troubles
    from experiments.paths import conf_dir

    kept = sys.argv
    sys.argv = [kept[0], *given]
    troubles.clear()
    try:
        hydra.main(config_path=str(conf_dir()), config_name=CONFIG, version_base=BASE)(task)()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        sys.argv = kept
    return exit_code()


def command() -> int:
    """Run the process's own command, its last act: what it leaves is not looked through for garbage any more."""
    try:
        return main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    sys.exit(command())
