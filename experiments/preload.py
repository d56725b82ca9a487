"""What the fork server does before any worker is forked: the model and its compiled code, one thread per library.

Only ever imported by the fork server (`experiments.workers`); importing it changes the environment of its process. It
runs while the command is still reading the configuration. Where nothing has been compiled yet, that happens here, once,
in two processes: one begins with a market's first day, the other with the passes of a pulse.
"""

import gc
import os
import traceback

from experiments.workers import one_thread

one_thread()

import numpy as np  # noqa: E402

import experiments.assembly  # noqa: E402
import experiments.attention  # noqa: E402
import experiments.report.figures  # noqa: E402
import experiments.report.page  # noqa: E402
import experiments.work  # noqa: E402, F401
from agents import miniature  # noqa: E402
from agents.scenario import Scenario  # noqa: E402
from agents.world import Lookers, World  # noqa: E402
from sim.cache import is_cold  # noqa: E402
from sim.luck import Luck  # noqa: E402
from sim.marketplace import Pulse  # noqa: E402

_FEW = {"customers": 50}
_NOTHING = Scenario(name="none")


def rehearse_a_pulse() -> None:
    """Call the passes of a pulse once, in a market that nobody lives in."""
    world = World(miniature.market(_FEW), miniature.customers(), Luck(1, 0), ())
    pace = world.pace(Pulse(0, 0.0, 7.0))
    lookers = Lookers.of(np.arange(2, dtype=np.int32))
    world.live_and_look(pace)
    world.replace_involuntary(pace)
    world.choose(pace, lookers)
    world.move_and_book(pace, lookers, lookers.ids)
    world.recommend(pace)


def compile_side_by_side() -> None:
    """Have another process compile the passes of a pulse while this one compiles those of the first day."""
    other = os.fork()
    if other == 0:
        try:
            rehearse_a_pulse()
        except Exception:  # noqa: BLE001  # the other process meets the same one, and raises it
            traceback.print_exc()
        finally:
            os._exit(0)
    miniature.warm(_FEW, _NOTHING)
    os.waitpid(other, 0)


if is_cold():
    compile_side_by_side()
_twin = miniature.warm({**_FEW, "warm_up": 1.0}, _NOTHING).fork(_NOTHING)
_twin.run(31.0)
del _twin
# What is there now stays: workers need not look through it whenever they look for garbage.
gc.collect()
gc.freeze()
