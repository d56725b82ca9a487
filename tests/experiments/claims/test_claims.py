"""The experiment from end to end: planted truths and falsehoods are found, one lost world costs no other."""

import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from experiments.claims import cases
from experiments.claims.ask import claims, judged
from experiments.claims.found import ClaimsFound
from experiments.compose import Resolved, compose
from experiments.console import Console
from experiments.errors import ConfigError, TasksFailedError
from experiments.work import Model
from experiments.workers import Pool

pytestmark = pytest.mark.slow

MODELS = str(Path(__file__).parents[1] / "models")
CLAIMS = """
right: {text: "Active <b>lowers</b> churn.", metric: churn_rate, contrast: [active, none], direction: lower, source: Me.}
wrong: {text: Active raises churn., metric: churn_rate, contrast: [active, none], direction: higher, source: Me.}
market: {text: Active pays., metric: profit, contrast: [active, none], direction: higher, source: Me.}
mix: {text: Active adds value., metric: lifetime_value, contrast: [active, none], direction: higher, source: Me.}
open: {text: Active holds., metric: retention, contrast: [active, none], direction: higher, source: Me.}
same: {text: Active pleases., metric: satisfaction, contrast: [active, none], direction: higher, source: Me.}
unmeasured: {text: Active engages., metric: engagement, contrast: [active, none], direction: higher, source: Me.}
equal: {text: Active first., metric: customer_equity, contrast: [active, passive], direction: higher, source: Me.,
  basis: equal_spend}
gone: {text: Magic works., metric: profit, contrast: [magic, none], direction: higher, source: Me.}
saas: {text: Placebo costs little., metric: cost, contrast: [placebo, none], direction: lower, source: Me.,
  market: saas, horizon: 12}
"""
NAMES = "[right,wrong,market,mix,open,same,unmeasured,equal,gone,saas]"
ASKED = [
    "experiment=claims", f"experiment.claims={NAMES}", "experiment.markets=[telecom,saas]",
    "experiment.customers=[comfort,deal]", "experiment.goals=[profit,churn]", "scenarios=[none,passive,active]",
    "experiment.kinds=[passive,active]", "draws=4", "replicates=3",
]  # fmt: skip
Run = Callable[[Path, str], ClaimsFound]


@pytest.fixture(scope="module")
def planted() -> Iterator[ModuleType]:
    """The model with planted effects."""
    sys.path.insert(0, MODELS)
    yield import_module("planted_model")
    sys.path.remove(MODELS)


@pytest.fixture(scope="module")
def run(planted: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Judge the claims above into a folder with one of the planted models; worlds are composed once."""
    home = tmp_path_factory.mktemp("home")
    (home / "tenure_conf").mkdir()
    (home / "tenure_conf" / "claims.yaml").write_text(CLAIMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        question = compose(ASKED)
        composed = cases.composed

        @cache
        def once(part: cases.Part) -> Resolved:
            return composed(question, part)

        patch.setattr(cases, "composed", lambda _, part: once(part))

        def go(folder: Path, simulate: str) -> ClaimsFound:
            model = Model(getattr(planted, simulate), planted.solve_attention)
            with Pool(0) as pool:
                return judged(question, folder, Console(quiet=True), pool, model)

        yield go


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def found(run: Run, folder: Path) -> ClaimsFound:
    return run(folder, "simulate")


def of(found: ClaimsFound, claim: str) -> pd.DataFrame:
    return found.table[found.table["claim"] == claim]


@pytest.mark.slow
def test_planted_claims_are_judged_as_they_were_planted(found: ClaimsFound) -> None:
    said = {row["claim"]: row for row in found.verdicts.to_dict(orient="records")}
    assert {name: row["verdict"] for name, row in said.items()} == {
        "right": "held", "wrong": "failed", "market": "depends on", "mix": "depends on", "open": "undecided",
        "same": "undecided", "unmeasured": "not judged", "equal": "held", "gone": "not judged", "saas": "failed",
    }  # fmt: skip
    assert (said["market"]["depends_on"], said["mix"]["depends_on"]) == ("market", "customers")
    for name, counts in (("right", [4, 0, 0]), ("mix", [2, 2, 0])):
        assert [said[name][side] for side in ("held", "failed", "undecided")] == counts
    assert of(found, "same")["identical"].all()
    assert set(of(found, "unmeasured")["reason"]) == {"engagement has no value in some run"}
    assert any("(gone) is not judged: there is no scenario magic" in note for note in found.notes)
    assert set(of(found, "saas")[["market", "horizon_months"]].itertuples(index=False, name=None)) == {
        ("saas", 12.0)
    }


@pytest.mark.slow
def test_a_cell_gives_its_paired_difference_with_both_intervals(found: ClaimsFound) -> None:
    rows = of(found, "market")
    assert rows["difference"].abs().tolist() == pytest.approx([2.0] * 4, abs=0.1)
    assert (rows["luck_low"] < rows["difference"]).all()
    assert (rows["difference"] < rows["luck_high"]).all()
    opened = of(found, "open")
    assert (opened["low"] < -2.0).all()
    assert (opened["high"] > 2.0).all()
    assert (opened["luck_high"] - opened["luck_low"]).max() < 0.5
    mirrored = of(found, "right").merge(of(found, "wrong"), on=["market", "customers"])
    assert (mirrored["difference_x"] == mirrored["difference_y"]).all()


@pytest.mark.slow
def test_equal_spend_is_among_the_kinds_and_what_claims_need(found: ClaimsFound) -> None:
    runs = pd.read_parquet(found.folder / "runs.parquet")
    usual = runs[runs["horizon_months"] == 24.0]
    assert set(usual["scenario"]) == {
        "none",
        "passive",
        "active",
        "passive@equal_spend",
        "active@equal_spend",
    }
    assert set(runs.loc[runs["horizon_months"] == 12.0, "scenario"]) == {"none", "placebo"}
    cost = usual[(usual["metric"] == "cost") & (usual["provider"] != "all") & (usual["segment"] == "all")]
    mean = cost.pivot_table(values="value", index="market", columns="scenario", aggfunc="max", observed=True)
    lowest = mean[["passive", "active"]].min(axis=1).tolist()
    for scaled in ("passive@equal_spend", "active@equal_spend"):
        assert mean[scaled].tolist() == pytest.approx(lowest, rel=0.01)


@pytest.mark.slow
def test_winners_are_those_that_were_planted(found: ClaimsFound) -> None:
    def won(goal: str, field: str, basis: str, market: str) -> pd.DataFrame:
        keys = {"goal": goal, "field": field, "basis": basis, "market": market}
        rows = found.winners
        for key, name in keys.items():
            rows = rows[rows[key] == name]
        assert len(rows) == 2
        return rows

    for market, best in (("telecom", "active"), ("saas", "passive")):
        rows = won("profit", "kinds", "as_configured", market)
        assert set(rows["best"]) == {best}
        assert (rows["distinguishable"] & (rows["p_best"] > 0.9)).all()
        assert set(won("churn", "kinds", "equal_spend", market)["best"]) == {"active"}
    assert set(won("profit", "all", "as_configured", "saas")["best"]) <= {"none", "passive"}
    assert len(found.winners) == 2 * 2 * 2 * 4


@pytest.mark.slow
def test_the_files_hold_what_was_found(found: ClaimsFound) -> None:
    names = {path.name for path in found.folder.iterdir()}
    assert names == {
        "claims.csv", "manifest.json", "report.html", "runs.parquet", "tasks", "verdicts.csv", "winners.csv",
    }  # fmt: skip
    read = pd.read_csv(found.folder / "claims.csv", keep_default_na=False)
    assert read["verdict"].tolist() == found.table["verdict"].tolist()
    manifest = json.loads((found.folder / "manifest.json").read_text("utf-8"))
    assert manifest["results_hash"] == found.manifest["results_hash"]
    assert manifest["claims"]["right"]["contrast"] == ["active", "none"]
    page = (found.folder / "report.html").read_text("utf-8")
    assert "Active &lt;b&gt;lowers&lt;/b&gt; churn." in page
    assert found.chance.replace("'", "&#39;") in page
    for text in ("depends on market", "depends on customers", "+ held", "\N{MINUS SIGN} failed"):
        assert text in page


@pytest.mark.slow
def test_a_finished_run_is_gone_on_with_for_nothing(run: Run, found: ClaimsFound, folder: Path) -> None:
    again = run(folder, "simulate")
    assert again.manifest["tasks_computed"] == 0
    assert again.manifest["results_hash"] == found.manifest["results_hash"]
    pd.testing.assert_frame_equal(again.table, found.table)


@pytest.mark.slow
def test_one_failing_market_costs_no_other(run: Run, found: ClaimsFound, tmp_path: Path) -> None:
    less = run(tmp_path, "fails_in_saas")
    here = found.table["market"] == "telecom"
    there = less.table["market"] == "telecom"
    pd.testing.assert_frame_equal(
        less.table[there].reset_index(drop=True), found.table[here].reset_index(drop=True)
    )
    lost = less.table[~there]
    assert set(lost["verdict"]) == {"not run"}
    assert lost["reason"].str.contains("the books do not balance").all()
    assert any("saas with deal customers over 24 months is missing" in note for note in less.notes)
    failures = pd.read_csv(tmp_path / "failures.csv")
    assert failures["where"].str.startswith("saas with").all()
    said = dict(zip(less.verdicts["claim"], less.verdicts["verdict"], strict=True))
    assert (said["right"], said["market"]) == ("held", "held")


@pytest.mark.slow
def test_nothing_left_is_an_error(run: Run, tmp_path: Path) -> None:
    with pytest.raises(TasksFailedError, match="the books do not balance"):
        run(tmp_path, "fails_everywhere")


@pytest.mark.parametrize("given", ["market=saas", "customers=deal"])
def test_what_the_experiment_goes_through_is_not_chosen_by_its_group(given: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"{given} is not read by experiment=claims"):
        claims([given], tmp_path, quiet=True)


@pytest.mark.slow
def test_on_a_real_market_a_false_claim_fails_and_a_true_one_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A placebo costs something, earns less by that, and keeps nobody."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tenure_conf").mkdir()
    line = "{text: Placebo., metric: %s, contrast: [placebo, none], direction: lower, source: Me.}\n"
    text = "".join(f"{name}: {line % metric}" for name, metric in
                   (("wrong", "cost"), ("right", "profit"), ("neither", "churn_rate")))  # fmt: skip
    (tmp_path / "tenure_conf" / "claims.yaml").write_text(text)
    found = claims(
        ["experiment.claims=[right,wrong,neither]", "experiment.markets=[telecom]", "experiment.customers=[comfort]",
         "scenarios=[none]", "experiment.equal_spend=false", "market.customers=400", "horizon_months=2", "draws=2",
         "replicates=2", "executor.workers=0"], tmp_path / "run", quiet=True)  # fmt: skip
    assert found.verdicts.set_index("claim")["verdict"].to_dict() == {
        "right": "held", "wrong": "failed", "neither": "undecided",
    }  # fmt: skip
    assert found.table.set_index("claim").loc["neither", "identical"]
