"""Facts: published effects, looked for in simulated markets; importing this loads none of it.

`experiments.facts.check("contagion")` measures one of them, `tenure experiment=facts` all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.facts.run import Checked

__all__ = ["check"]


def check(
    *names: str, overrides: Sequence[str] = (), folder: Path | str | None = None, quiet: bool = False
) -> Checked:
    """Measure published effects in simulated markets and judge each; the function behind `tenure experiment=facts`.

    Args:
        names: of the facts, as in `experiments.facts.catalogue`; none takes all.
        overrides: as on the command line, such as `market=saas` (instead of each fact's own market),
            `market.gate.g_peers=0.8`, `experiment.replicates=4`, `seed=2`.
        folder: where to write table, report and manifest; None makes `outputs/DATE/TIME`.
        quiet: say nothing on the terminal.

    Raises:
        ConfigError: the configuration cannot be used, or there is no fact of a name.
        TasksFailedError: a replicate could not be simulated.
    """
    from experiments.facts.run import check_facts

    return check_facts(names, overrides, folder, quiet)
