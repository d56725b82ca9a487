"""What the fork server does before any worker is forked: the model and its compiled code, one thread per library.

Only ever imported by the fork server (`experiments.workers`); importing it changes the environment of its process. It
runs while the command is still reading the configuration. Where nothing has been compiled yet, that happens here, once,
in two processes, and no worker compiles anything.
"""

import gc
import os
import traceback

from experiments.workers import one_thread

one_thread()

import experiments.assembly  # noqa: E402
import experiments.attention  # noqa: E402
import experiments.report.figures  # noqa: E402
import experiments.report.page  # noqa: E402
import experiments.work  # noqa: E402, F401
from experiments import rehearsal  # noqa: E402
from sim.cache import is_cold  # noqa: E402


def compile_side_by_side() -> None:
    """Have another process compile the passes of a pulse while this one compiles the rest."""
    other = os.fork()
    if other == 0:
        try:
            rehearsal.a_pulse()
        except Exception:  # noqa: BLE001  # the other process meets the same one, and raises it
            traceback.print_exc()
        finally:
            os._exit(0)
    rehearsal.the_rest()
    os.waitpid(other, 0)


if is_cold():
    compile_side_by_side()
rehearsal.a_month()
# What is there now stays: workers need not look through it whenever they look for garbage.
gc.collect()
gc.freeze()
