"""A fact from the command's keys to its files."""

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments.facts import check
from experiments.facts.page import COLUMNS

SMALL = (
    "experiment.replicates=2",
    "experiment.customers=800",
    "market.churn_target=null",
    "executor.workers=0",
)


@pytest.mark.slow
def test_fact_leaves_table_page_and_manifest_and_repeats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = check("notice", overrides=SMALL, folder=tmp_path / "first")
    said = capsys.readouterr().out
    (found,) = first.findings
    assert found.verdict in said
    assert "1 % to 1.6 %" in said
    assert "gate.p_contact" in said

    table = pd.read_csv(first.folder / "facts.csv")
    assert tuple(table.columns) == COLUMNS
    assert table.loc[0, "simulated"] == pytest.approx(found.simulated, nan_ok=True)
    assert table.loc[0, "verdict"] == found.verdict

    page = (first.folder / "report.html").read_text("utf-8")
    assert found.figure.name in page
    assert "experiment=facts" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")

    again = check(
        "notice", overrides=[*SMALL, "experiment.report=false"], folder=tmp_path / "again", quiet=True
    )
    hashes = [json.loads((run.folder / "manifest.json").read_text("utf-8")) for run in (first, again)]
    assert hashes[0]["seed"] == 1
    assert hashes[0]["results_hash"] == hashes[1]["results_hash"]
    assert not (again.folder / "report.html").exists()


@pytest.mark.slow
def test_fact_runs_in_another_market_with_other_values(tmp_path: Path) -> None:
    deaf = [*SMALL, "market=saas", "market.gate.p_contact=0", "scenarios=[none]"]
    (found,) = check("notice", overrides=deaf, folder=tmp_path, quiet=True).findings
    assert found.market != "Mobile postpaid"
    # Nobody is woken, and the price falls: nobody leaves who would have stayed.
    assert not found.simulated > 1.0
