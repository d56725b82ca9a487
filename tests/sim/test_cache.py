"""Compiled code: a first run is news, told once, also where others have begun to compile meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from sim import cache
cache.CACHE.mkdir(parents=True, exist_ok=True)
(cache.CACHE / "by_another_process.nbc").touch()
print(cache.is_cold(), cache.is_news(), cache.is_news())
"""


def asked(project_root: Path, folder: Path) -> list[str]:
    """What a fresh process says that finds its compiled code in a folder."""
    environment = {**os.environ, "PYTHONPATH": ".", "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=project_root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_first_run_is_news_once_and_a_second_run_is_none(project_root: Path, tmp_path: Path) -> None:
    assert asked(project_root, tmp_path) == ["False", "True", "False"]
    assert asked(project_root, tmp_path) == ["False", "False", "False"]
