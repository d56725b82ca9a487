"""What the fork server does before any worker is forked: the model and its compiled code, one thread per library.

Only ever imported by the fork server (`experiments.workers`); importing it changes the environment of its process. It
runs while the command is still reading the configuration. Where nothing has been compiled yet, that happens here, once.
"""

from experiments.workers import one_thread

one_thread()

import sklearn.linear_model  # noqa: E402, F401  # what learning imports when it first learns

import experiments.work  # noqa: E402, F401
from agents.miniature import warm  # noqa: E402
from agents.scenario import Scenario  # noqa: E402

_NOTHING = Scenario(name="none")
_twin = warm({"customers": 50, "warm_up": 1.0}, _NOTHING).fork(_NOTHING)
_twin.run(31.0)
del _twin
