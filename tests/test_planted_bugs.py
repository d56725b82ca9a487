"""Tests that can fail: mistakes are planted into copies of the sources, and the named test must catch each of them.

The copies run uncompiled, because a changed source would be compiled anew for longer than its test takes. Without the
compiler, the generator's products wrap around under NumPy's own warning, which is therefore not an error there.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.planted.bugs import BUGS, Bug
from tests.planted.nursery import OUTPUT

SOURCES = ("sim", "agents", "experiments", "conf")
WRAPS = "ignore:overflow encountered:RuntimeWarning"
# Only what the named tests need: a process per bug would otherwise wait longer for plug-ins than for its test.
PLAIN = ("-o", "addopts=--import-mode=importlib", "-p", "pytest_timeout", "-p", "no:cacheprovider")
BY_ITSELF = re.compile(r"^FAILED \S.* - (assert |AssertionError|Failed: DID NOT RAISE)", re.MULTILINE)
"""A test that failed by what it says, and not because the planted text cannot even run."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked")]


def copy_of(root: Path, folder: Path, tests: Iterable[str]) -> Path:
    """A checkout with only the sources, the configuration, these tests, and what they share."""
    for name in SOURCES:
        # With byte-code: it is told by the time of its source, which is copied as well, except where a bug is planted.
        shutil.copytree(root / name, folder / name)
    modules = {Path(test.partition("::")[0]) for test in tests}
    shared = {parent / "conftest.py" for module in modules for parent in module.parents if parent.name}
    for path in (Path("pyproject.toml"), *modules, *(path for path in shared if (root / path).is_file())):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / path, folder / path)
    return folder


class Nursery:
    """The process of `tests.planted.nursery`, where each run is a child of its own."""

    def __init__(self, root: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_", "PYTHONPATH"))}
        self._process = subprocess.Popen(
            [sys.executable, str(root / "tests" / "planted" / "nursery.py")],
            env={**kept, "NUMBA_DISABLE_JIT": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "1000"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, *tests: str) -> tuple[int, str]:
        """Run tests in a copy, which comes first on the path: pytest's exit code, and what it printed."""
        order = {"folder": str(folder), "arguments": [*tests, "-x", "-q", *PLAIN, "-W", WRAPS]}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return code, (folder / OUTPUT).read_text(encoding="utf-8")

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@pytest.fixture(scope="module")
def nursery(project_root: Path) -> Iterator[Nursery]:
    begun = Nursery(project_root)
    yield begun
    begun.close()


def plant(bug: Bug, folder: Path) -> None:
    """Put the wrong text in the place of the right one, which must be there once."""
    path = folder / bug.path
    source = path.read_text(encoding="utf-8")
    assert source.count(bug.right) == 1, f"{bug.path} has changed: plant '{bug.name}' anew"
    path.write_text(source.replace(bug.right, bug.wrong), encoding="utf-8")


def test_without_bugs_the_named_tests_pass(nursery: Nursery, project_root: Path, tmp_path: Path) -> None:
    tests = sorted({bug.caught_by for bug in BUGS})
    code, said = nursery.run(copy_of(project_root, tmp_path / "copy", tests), *tests)
    assert code == pytest.ExitCode.OK, said
    assert re.search(rf"^{len(tests)} passed", said, re.MULTILINE), said


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Bug, nursery: Nursery, project_root: Path, tmp_path: Path) -> None:
    copy = copy_of(project_root, tmp_path / "copy", [bug.caught_by])
    plant(bug, copy)
    code, said = nursery.run(copy, bug.caught_by)
    assert code == pytest.ExitCode.TESTS_FAILED, f"{bug.why}\n{said}"
    assert BY_ITSELF.search(said), said
