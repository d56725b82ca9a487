"""What the fork server imports before any worker is forked: the model, with one thread per library.

Only ever imported by the fork server (`experiments.workers`); importing it changes the environment of its process.
"""

from experiments.workers import one_thread

one_thread()

import experiments.work  # noqa: E402, F401
