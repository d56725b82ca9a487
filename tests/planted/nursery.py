"""Nursery: a process that has imported what the tests of planted bugs need, and forks a child for each of their runs.

Libraries take longer to import than most of these tests to run. A line of JSON asks for a run - the folder of a copy, and
the arguments of pytest - and a line answers with its exit code; what it printed is in `OUTPUT` in that folder.
"""

import json
import os
import sys

import hydra  # noqa: F401
import hypothesis.strategies  # noqa: F401
import mesa  # noqa: F401
import numba  # noqa: F401
import omegaconf  # noqa: F401
import pandas as pd  # noqa: F401
import pytest
import scipy.stats  # noqa: F401

OUTPUT = "output.txt"


def run(folder: str, arguments: list[str]) -> int:
    """Run pytest in a folder, whose sources come first on the path."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    os.environ["PYTHONPATH"] = folder
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    return int(pytest.main(arguments))


def serve() -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = run(**json.loads(line))
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
