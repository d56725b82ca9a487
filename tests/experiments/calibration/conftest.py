"""Data that several of these tests read."""

from pathlib import Path

import pandas as pd
import pytest

from experiments.calibration.data import example, load_survival, load_transactions
from experiments.calibration.durations import Durations


@pytest.fixture
def cdnow(tenure_data: Path) -> pd.DataFrame:
    """The CDNOW sample, as loaded."""
    return load_transactions(tenure_data / "cdnow_sample.txt")


@pytest.fixture(params=["regular", "high_end"])
def segment(request: pytest.FixtureRequest) -> str:
    """Each segment of the published survival table."""
    return str(request.param)


@pytest.fixture
def published(segment: str) -> Durations:
    """The published survival of a segment over 12 years."""
    return load_survival(example("subscription_survival"), segment).durations()
