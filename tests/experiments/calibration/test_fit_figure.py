"""The fit figure: an SVG that is the same every time and shows what it is given."""

from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from experiments.calibration import sbg
from experiments.calibration.data import example, load_survival, survival_columns
from experiments.calibration.fit_figure import fit_figure
from experiments.calibration.fit_table import survival_table, with_simulation


@pytest.fixture
def table() -> pd.DataFrame:
    """Both published segments, fitted on seven years."""
    path = example("subscription_survival")
    parts = []
    for column in survival_columns(path):
        durations = load_survival(path, column).durations()
        parts.append(survival_table(column, durations, sbg.fit(durations.until(7))))
    return pd.concat(parts, ignore_index=True)


def words(svg: str) -> list[str]:
    """Every text in the figure."""
    return [
        "".join(node.itertext()).strip() for node in ET.fromstring(svg).iter() if node.tag.endswith("}text")
    ]


def test_the_same_table_gives_the_same_bytes(table: pd.DataFrame) -> None:
    first = fit_figure(table, "Survival")
    assert first == fit_figure(table, "Survival")
    assert "dc:date" not in first


def test_shows_segments_series_and_what_was_held_out(table: pd.DataFrame) -> None:
    found = words(fit_figure(table, "A cohort <of two segments>"))
    for text in ("A cohort <of two segments>", "regular", "high end", "data", "fitted model", "held out"):
        assert text in found
    assert "years since the start" in found
    assert "simulated cohort" not in found


def test_shows_the_simulated_cohort_with_its_band(table: pd.DataFrame) -> None:
    fitted = table["fitted"]
    found = words(fit_figure(with_simulation(table, fitted, 0.95 * fitted, 1.05 * fitted), "Survival"))
    assert "simulated cohort" in found
    assert "simulated, band" in found


def test_nothing_held_out_is_not_drawn_as_held_out(table: pd.DataFrame) -> None:
    assert "held out" not in words(fit_figure(table[table["part"] == "fitted"], "Survival"))
