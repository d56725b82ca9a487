"""Names: what a file calls its groups as names of segments."""

import pytest

from experiments.calibration.errors import DataError
from experiments.calibration.names import EVERYONE, segment_names


def test_labels_become_names() -> None:
    labels = ["High End", "2nd tier", "all", "café-bar"]
    assert segment_names(labels) == {
        "High End": "high_end",
        "2nd tier": "segment_2nd_tier",
        "all": EVERYONE,
        "café-bar": "caf_bar",
    }


def test_two_labels_of_one_name_are_refused() -> None:
    with pytest.raises(DataError, match="both come to the name high_end: rename one"):
        segment_names(["High End", "high-end"])
