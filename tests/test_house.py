"""The house: versions agree, the lock is complete and names no place, the README's commands exist, the wheel works."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from experiments import __version__
from experiments.paths import conf_dir

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK_LINE = re.compile(r"(?P<name>[a-z0-9]+(-[a-z0-9]+)*)==(?P<version>[0-9][^\s;]*)(?P<marker> ; .+)?")
SUPPORTED = ("3.11", "3.12", "3.13")
SYSTEMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)


def lock_lines() -> list[str]:
    return (ROOT / "requirements.lock").read_text("utf-8").splitlines()


def pins(python: str, system: dict[str, str]) -> dict[str, Version]:
    """What the lock installs on one Python and one system."""
    environment = {"python_version": python, "python_full_version": f"{python}.1", "extra": "", **system}
    found: dict[str, Version] = {}
    for line in lock_lines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{name} is pinned twice on Python {python}, {system['sys_platform']}"
            found[name] = Version(pin.version)
    return found


def declared() -> Iterator[Requirement]:
    project = PYPROJECT["project"]
    for text in project["dependencies"]:
        yield Requirement(text)
    for extra in project["optional-dependencies"].values():
        yield from (Requirement(text) for text in extra)


def installed_closure() -> set[str]:
    """Every distribution that the declared ones bring along here, themselves included."""
    waiting = [(canonicalize_name(r.name), tuple(r.extras)) for r in declared()]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        seen.add((name, extras))
        waiting += [
            (canonicalize_name(requirement.name), tuple(sorted(requirement.extras)))
            for requirement in map(Requirement, required)
            if requirement.marker is None
            or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
        ]
    return {name for name, _ in seen}


def test_one_version_everywhere() -> None:
    citation = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert citation is not None
    assert PYPROJECT["project"]["version"] == __version__ == citation[1]


def test_changelog_keeps_a_place_for_numbers_that_moved() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = changelog.split("\n## ")[1]
    assert "### Published numbers that moved" in newest


def test_lock_holds_versions_and_markers_only() -> None:
    strangers = [line for line in lock_lines() if LOCK_LINE.fullmatch(line) is None]
    assert strangers == []
    assert len(lock_lines()) > 50


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system["sys_platform"])
@pytest.mark.parametrize("python", SUPPORTED)
def test_lock_pins_every_declared_dependency_within_its_bounds(python: str, system: dict[str, str]) -> None:
    pinned = pins(python, system)
    outside = [
        f"{requirement} but {pinned.get(canonicalize_name(requirement.name))}"
        for requirement in declared()
        if not requirement.specifier.contains(pinned.get(canonicalize_name(requirement.name), Version("0")))
    ]
    assert outside == []


def test_lock_pins_what_the_dependencies_bring_along() -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    system = next((s for s in SYSTEMS if s["sys_platform"] == sys.platform), SYSTEMS[0])
    closure = installed_closure()
    assert {"numpy", "llvmlite", "antlr4-python3-runtime"} <= closure
    assert closure - pins(python, system).keys() == set()


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(
        re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|```.*?```", readme, re.DOTALL)))
    )
    assert {"run", "test"} <= named
    assert named <= makefile_targets()


def test_readme_links_lead_somewhere() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", readme) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert links


def test_ci_runs_the_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert script.read_text("utf-8").rstrip().endswith("exec make test")
    assert os.name == "nt" or os.access(script, os.X_OK)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_evidence_without_data_fails_with_a_sentence() -> None:
    environment = {key: value for key, value in os.environ.items() if key != "TENURE_DATA"}
    done = subprocess.run(
        ["make", "evidence-data"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "TENURE_DATA is not set" in done.stderr


def loaded(program: str, libraries: str) -> list[str]:
    """Which of some libraries a new process has loaded when it has run a program."""
    say = f"import sys; print(*sorted(set({libraries.split()!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{say}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_packages_cost_nothing_to_import() -> None:
    heavy = "numpy numba pandas scipy mesa hydra omegaconf matplotlib sklearn simpy"
    assert loaded("import sim, agents, experiments, experiments.paths", heavy) == []
    assert loaded("import numpy, simpy", heavy) == ["numpy", "simpy"]


def test_a_command_hands_out_its_first_tasks_before_it_loads_tables_and_the_compiler() -> None:
    program = (
        "from experiments.compose import compose\n"
        "import experiments.compare, experiments.console, experiments.executors, experiments.session\n"
        "import experiments.store, experiments.trial\n"
        "compose(['draws=2']).draw(1)"
    )
    assert loaded(program, "numba pandas scipy mesa matplotlib") == []


def test_who_tells_what_was_found_needs_neither_the_model_nor_what_draws() -> None:
    """Beside workers who are at work, whatever is loaded in vain takes their time."""
    program = (
        "from experiments.compose import compose\n"
        "import experiments.announcement, experiments.findings, experiments.report.page, experiments.trial"
    )
    assert loaded(program, "numba mesa matplotlib") == []


def test_configuration_is_found_in_the_checkout() -> None:
    assert conf_dir() == ROOT / "conf"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the declared back end without network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_carries_the_code_and_the_configuration_and_nothing_else(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    source = {
        str(path.relative_to(ROOT).as_posix())
        for package in ("sim", "agents", "experiments")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".html", ".jinja", ".j2", ".css", ".csv"} or path.name == "py.typed"
    }
    configuration = {
        f"experiments/conf/{path.relative_to(ROOT / 'conf').as_posix()}"
        for path in (ROOT / "conf").rglob("*")
        if path.is_file()
    }
    assert configuration
    assert configuration | source <= packed
    assert {name.split("/")[0] for name in packed} == {
        "sim", "agents", "experiments", f"tenure_lab-{__version__}.dist-info",
    }  # fmt: skip


def test_wheel_finds_its_configuration_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    done = subprocess.run(
        [sys.executable, "-c", "from experiments.paths import conf_dir; print(conf_dir())"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == (site / "experiments" / "conf").resolve()
