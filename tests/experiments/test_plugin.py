"""The example plug-in as its user would have it: built, installed, run, and held to the public contract suite."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = [
    "scenarios=[none,gifts]",
    "market.customers=300",
    "market.warm_up=1",
    "horizon_months=14",
    "draws=1",
    "replicates=1",
    "executor.workers=0",
    "experiment.report=false",
    "hydra.run.dir=here",
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> tuple[Path, dict[str, str]]:
    """A folder with a copy of the distribution, and the environment of a process in which it is installed."""
    folder = tmp_path_factory.mktemp("plugin")
    source, target = folder / "source", folder / "installed"
    shutil.copytree(project_root / "tests" / "plugin", source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *offline, str(source)], check=True, timeout=120)
    return folder, {**os.environ, "PYTHONPATH": os.pathsep.join([str(project_root), str(target)])}


def said(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command prints in a folder; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_an_installed_plug_in_runs_and_the_manifest_names_it(installed: tuple[Path, dict[str, str]]) -> None:
    folder, environment = installed
    out = said(["experiments", *RUN], folder, environment)
    assert "At point values alone" in out
    content = json.loads((folder / "here" / "manifest.json").read_text("utf-8"))
    assert content["plugins"] == [
        {
            "name": "birthday_gifts",
            "value": "birthday_gifts.gifts",
            "distribution": "tenure-birthday-gifts",
            "version": "0.1.0",
        }
    ]
    rows = (folder / "here" / "summary.csv").read_text("utf-8").splitlines()
    (cost,) = [row.split(",")[6] for row in rows if row.startswith("gifts,alderline,all,cost,")]
    assert float(cost) > 0.0


@pytest.mark.slow
def test_an_installed_plug_in_keeps_the_contract_by_its_own_tests(
    installed: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = installed
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
    out = said(["pytest", *options, "test_birthday_gifts.py"], folder / "source", environment)
    assert "12 passed" in out


@pytest.mark.slow
def test_the_catalogue_holds_an_installed_plug_in(installed: tuple[Path, dict[str, str]]) -> None:
    folder, environment = installed
    said(["experiments", "--catalogue", "catalogue"], folder, environment)
    page = (folder / "catalogue" / "catalogue.html").read_text("utf-8")
    assert 'id="strategy-birthday_gifts"' in page
    assert "A present is an experience of the kind <code>gift</code>" in page
