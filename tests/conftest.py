"""What holds for every test: the packages are ours, charts need no screen, examples repeat, real data is optional."""

import os

# Before NumPy or Matplotlib are imported: xdist's workers share the cores, and no window is ever opened.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["MPLBACKEND"] = "Agg"

from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sim", "agents", "experiments")
# The example plug-in is a distribution of its own: its tests run where it is installed, from `test_plugin.py`.
collect_ignore = ["plugin"]

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_configure() -> None:
    """Stop at once where another distribution answers to one of our names; `agents` is also an SDK's."""
    for package in PACKAGES:
        spec = find_spec(package)
        origin = spec.origin if spec else None
        if origin is None or Path(origin).resolve() != ROOT / package / "__init__.py":
            raise pytest.UsageError(
                f"The package '{package}' is imported from {origin}, not from {ROOT / package}: "
                "run the tests in the environment of this checkout (make test)."
            )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark notebooks; skip what needs real data where there is none, and say so."""
    missing = pytest.mark.skip(reason="TENURE_DATA is not set: it names the folder that holds the real data")
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.notebook)
        if item.get_closest_marker("evidence") and not os.environ.get("TENURE_DATA"):
            item.add_marker(missing)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture
def tenure_data(request: pytest.FixtureRequest) -> Path:
    """The folder of the real data, for tests marked `evidence`; a folder that is named but missing is a failure."""
    if request.node.get_closest_marker("evidence") is None:
        pytest.fail("A test that reads real data carries the mark `evidence`.")
    folder = Path(os.environ["TENURE_DATA"]).expanduser().resolve()
    if not folder.is_dir():
        pytest.fail(f"TENURE_DATA names {folder}, which is not a folder.")
    return folder
