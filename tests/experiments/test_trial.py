"""Trials: what runs, what is kept, what is reused, what failure costs; with a model of a millisecond."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Self

import pandas as pd
import pytest

from experiments.assembly import simulate
from experiments.campaign import Campaign, Ran
from experiments.compare import compared
from experiments.comparison import Comparison
from experiments.compose import Resolved, compose
from experiments.console import Console
from experiments.errors import ConfigError, TasksFailedError
from experiments.outcomes import record_of
from experiments.outputs import FAILURES
from experiments.store import Store
from experiments.summary import read_summary
from experiments.tasks import Task, outcome_keys
from experiments.trial import Trial, without_gaps
from experiments.work import Model
from experiments.workers import Pool

pytestmark = pytest.mark.slow

SCENARIOS = "scenarios=[none,placebo,passive,active]"
SMALL = (SCENARIOS, "draws=2", "replicates=3", "experiment.report=false")
MODELS = Path(__file__).parent / "models"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The fake model, whose calls are counted in `tmp_path/calls`."""
    monkeypatch.syspath_prepend(str(MODELS))
    (tmp_path / "calls").mkdir()
    monkeypatch.setenv("TENURE_TEST_FOLDER", str(tmp_path / "calls"))
    return import_module("fake_model")


@pytest.fixture(scope="module")
def question() -> Resolved:
    """A small question about the shipped market."""
    return compose(SMALL)


def calls(folder: Path) -> int:
    return sum(len(path.read_text().splitlines()) for path in (folder / "calls").glob("*.txt"))


def run(
    question: Resolved, folder: Path, fake: ModuleType, simulate: str = "simulate", workers: int = 0
) -> Comparison:
    model = Model(getattr(fake, simulate), fake.solve_attention)
    with Pool(workers) as pool:
        return compared(question, folder, Console(quiet=True), pool, model)


def changed(question: Resolved, **settings: object) -> Resolved:
    return replace(question, settings=replace(question.settings, **settings))  # type: ignore[arg-type]


class Interrupting(set[str]):
    """Keys of a campaign; Ctrl-C comes once, while it takes down what a task left and not while it waits for one."""

    pressed = False

    def __ior__(self, more: AbstractSet[str]) -> Self:  # type: ignore[override, misc]
        self.update(more)
        if len(self) > 8 and not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt
        return self


def test_ctrl_c_that_comes_between_two_tasks_ends_with_what_is_finished(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    model = Model(fake.simulate, fake.solve_attention)
    with Pool(0) as pool:
        campaign = Campaign(pool, Store(tmp_path), Console(quiet=True), model, partial=True)
        campaign.computed = Interrupting()
        trial = Trial(question, campaign)
        trial.run()
    assert campaign.interrupted
    finished = [ran for ran in trial.ran if ran.key]
    assert 0 < len(finished) < len(trial.ran)
    assert all(campaign.outcome(ran) is not None for ran in finished)


def test_a_run_leaves_its_files_and_nothing_else(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    folder = tmp_path / "run"
    found = run(replace(question, experiment=replace(question.experiment, report=True)), folder, fake)
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "report.html", "runs.parquet", "summary.csv", "tasks", "timeline.parquet",
    ]  # fmt: skip
    assert {path.suffix for path in (folder / "tasks").rglob("*") if path.is_file()} == {".task"}
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert list(manifest) == [
        "format", "results_version", "results_hash", "tasks_computed", "tasks_reused", "configuration", "versions",
        "plugins", "seed", "code_version", "machine", "duration",
    ]  # fmt: skip
    assert manifest["results_hash"] == found.manifest["results_hash"]
    assert (manifest["tasks_reused"], manifest["seed"]) == (0, question.settings.seed)
    pd.testing.assert_frame_equal(read_summary(folder / "summary.csv"), found.summary, check_dtype=False)
    for name, table in (("runs", found.runs), ("timeline", found.timeline)):
        read = pd.read_parquet(folder / f"{name}.parquet")
        assert list(read.columns) == list(table.columns)
        assert read["value"].tolist() == table["value"].tolist()
        keys = [column for column in read.columns if column not in ("unit", "value")]
        assert read[keys].equals(read[keys].sort_values(keys, ignore_index=True))
    assert list(found.runs.columns) == [
        "scenario",
        "draw",
        "replicate",
        "provider",
        "segment",
        "metric",
        "unit",
        "value",
    ]
    assert list(found.timeline.columns) == [
        "scenario",
        "draw",
        "replicate",
        "provider",
        "day",
        "metric",
        "unit",
        "value",
    ]
    assert "USD" in set(found.runs["unit"])


def test_the_value_is_that_of_the_last_scenario(question: Resolved, tmp_path: Path, fake: ModuleType) -> None:
    found = run(question, tmp_path / "run", fake)
    rows = found.runs[
        (found.runs["scenario"] == "active") & (found.runs["metric"] == "customer_equity")
        & (found.runs["provider"] == found.resolved.focal) & (found.runs["segment"] == "all")
    ]  # fmt: skip
    assert len(rows) == 2 * 3
    assert found.value == pytest.approx(rows["value"].mean())


def test_workers_and_this_process_give_the_same_hash(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    one, two = (run(question, tmp_path / f"{n}", fake, workers=n) for n in (0, 2))
    assert one.manifest["results_hash"] == two.manifest["results_hash"]
    assert two.manifest["tasks_reused"] == 0
    other = run(changed(question, seed=2), tmp_path / "other", fake)
    assert other.manifest["results_hash"] != one.manifest["results_hash"]


def test_a_finished_run_is_gone_on_with_for_nothing(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    first = run(question, tmp_path / "run", fake)
    before = calls(tmp_path)
    again = run(question, tmp_path / "run", fake)
    assert calls(tmp_path) == before
    assert again.manifest["results_hash"] == first.manifest["results_hash"]
    assert again.manifest["tasks_computed"] == 0
    assert again.manifest["tasks_reused"] == first.manifest["tasks_computed"]


def test_damaged_and_missing_tasks_are_computed_anew(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    first = run(question, tmp_path / "run", fake)
    kept = sorted((tmp_path / "run" / "tasks").rglob("*.task"))
    kept[0].write_bytes(kept[0].read_bytes()[:-7])
    kept[1].unlink()
    again = run(question, tmp_path / "run", fake)
    assert again.manifest["results_hash"] == first.manifest["results_hash"]
    assert again.manifest["tasks_computed"] == 2


def test_a_store_is_shared_between_questions(question: Resolved, tmp_path: Path, fake: ModuleType) -> None:
    shared = changed(question, store=str(tmp_path / "store"))
    first = run(shared, tmp_path / "one", fake)
    assert not (tmp_path / "one" / "tasks").exists()
    names = [s.name for s in shared.world.scenarios]
    more = compose([SCENARIOS.replace("active]", "active,blend]"), *SMALL[1:], f"store={tmp_path / 'store'}"])
    second = run(more, tmp_path / "two", fake)
    fresh = run(changed(more, store=None), tmp_path / "three", fake)
    assert second.manifest["results_hash"] == fresh.manifest["results_hash"]
    plain = [name for name in names if name in set(first.runs["scenario"])]
    for name in plain:
        ours = first.runs[first.runs["scenario"] == name]["value"].tolist()
        assert ours == second.runs[second.runs["scenario"] == name]["value"].tolist()
    assert second.manifest["tasks_reused"] > 0
    assert second.manifest["tasks_computed"] < fresh.manifest["tasks_computed"]


def test_another_configuration_is_refused_in_a_folder_that_holds_one(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    run(question, tmp_path / "run", fake)
    other = compose([*SMALL, "market.gate.p_notice=0.0314"])
    with pytest.raises(
        ConfigError, match=r"holds another run: market\.gate\.p_notice is \S+ there and 0\.0314 here"
    ):
        run(other, tmp_path / "run", fake)
    elsewhere = compose([*SMALL, "executor.workers=1", f"store={tmp_path / 'store'}"])
    assert run(elsewhere, tmp_path / "run", fake).failures == ()


def test_a_task_that_fails_costs_its_luck_and_nothing_else(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    whole = run(question, tmp_path / "whole", fake)
    found = run(question, tmp_path / "run", fake, simulate="fails_in_replicate_1")
    assert len(found.failures) >= 2
    assert {f.error for f in found.failures} == {"ArithmeticError: the books do not balance"}
    assert set(found.runs["replicate"]) == {0, 2}
    kept = whole.runs[whole.runs["replicate"].isin([0, 2]) & ~whole.runs["scenario"].str.contains("@")]
    ours = found.runs[~found.runs["scenario"].str.contains("@")]
    assert ours["value"].tolist() == kept["value"].tolist()
    assert "replicate 1 is left out" in found.notes[0]
    assert "the books do not balance" in (tmp_path / "run" / FAILURES).read_text("utf-8")
    mended = run(question, tmp_path / "run", fake)
    assert mended.manifest["results_hash"] == whole.manifest["results_hash"]
    assert not (tmp_path / "run" / FAILURES).exists()


def test_nothing_left_is_an_error_that_names_the_first(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    one = changed(question, replicates=1)
    model = Model(fake.raises_at_3, fake.solve_attention)
    with Pool(0) as pool, pytest.raises(TasksFailedError, match="the first error is"):
        compared(one, tmp_path / "run", Console(quiet=True), pool, model)
    assert (tmp_path / "run" / FAILURES).exists()


def test_gaps_are_closed_by_leaving_out_as_little_as_possible() -> None:
    def grid(*holes: tuple[int, int]) -> list[Ran]:
        return [Ran("s", d, r, None if (d, r) in holes else "k") for d in range(3) for r in range(4)]

    assert without_gaps(grid()) == set()
    assert without_gaps(grid((1, 2))) == {("draw", 1)} or without_gaps(grid((1, 2))) == {("replicate", 2)}
    assert without_gaps(grid((0, 2), (1, 2), (2, 2))) == {("replicate", 2)}
    assert without_gaps(grid((1, 0), (1, 1), (1, 2), (1, 3))) == {("draw", 1)}
    assert without_gaps(grid((1, 0), (1, 1), (1, 2), (1, 3), (0, 2), (2, 2))) == {
        ("draw", 1),
        ("replicate", 2),
    }


def test_keys_know_what_a_result_depends_on(question: Resolved) -> None:
    task = Trial(question, None)._first(0)  # type: ignore[arg-type]
    keys = outcome_keys(task)
    assert len(set(keys.values())) == len(keys)
    fewer = replace(task, scenarios=task.scenarios[:2])
    assert outcome_keys(fewer) == {name: keys[name] for name in ("none", "placebo")}
    assert outcome_keys(replace(task, draw=5)) == keys
    renamed = replace(task, scenarios=(*task.scenarios[:1], replace(task.scenarios[1], name="other")))
    assert outcome_keys(renamed)["other"] == keys["placebo"]
    unpaired = replace(renamed, paired=False)
    assert outcome_keys(unpaired)["other"] != outcome_keys(replace(task, paired=False))["placebo"]
    for change in (
        {"seed": 2},
        {"replicate": 1},
        {"horizon_months": 3.0},
        {"learning": False},
        {"records": True},
    ):
        moved = outcome_keys(replace(task, **change))
        assert not set(moved.values()) & set(keys.values())
    market = replace(task.market, gate=replace(task.market.gate, p_notice=0.0123))
    assert not set(outcome_keys(replace(task, market=market)).values()) & set(keys.values())


def test_equal_spend_meets_the_cheapest_within_one_per_cent(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    found = run(question, tmp_path / "run", fake)
    cost = found.runs[
        (found.runs["metric"] == "cost") & (found.runs["provider"] == found.resolved.focal) & (found.runs["segment"] == "all")
    ]  # fmt: skip
    mean = cost.groupby(cost["scenario"].astype(str))["value"].mean()
    spending = [name for name in ("placebo", "passive", "active") if mean[name] > 0.0]
    lowest = min(mean[name] for name in spending)
    for name in spending:
        assert mean[f"{name}@equal_spend"] == pytest.approx(lowest, rel=0.01)
    assert "none@equal_spend" not in mean
    plain = found.runs[found.runs["scenario"] == "placebo"]["value"].tolist()
    assert found.runs[found.runs["scenario"] == "placebo@equal_spend"]["value"].tolist() == plain
    assert found.verdict.equal_spend is not None


@pytest.mark.parametrize(("cost", "sought"), [("simulate", 7), ("costs_in_proportion", 2)])
def test_a_cost_in_proportion_is_not_sought_in_each_draw(
    cost: str, sought: int, tmp_path: Path, fake: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two steps on two runs come near a factor, and one run of each draw corrects it; in proportion one step does."""
    tasks: list[Task] = []

    def counted(self: Campaign, asked: Sequence[Task], label: str) -> list[Ran]:
        if label == "seeking equal spend":
            tasks.extend(asked)
        return outcomes(self, asked, label)

    outcomes = Campaign.outcomes
    monkeypatch.setattr(Campaign, "outcomes", counted)
    found = run(compose([*SMALL, "draws=3"]), tmp_path / "run", fake, cost)
    assert len(tasks) == sought
    assert found.verdict.equal_spend is not None


def test_equal_spend_can_be_left_out(tmp_path: Path, fake: ModuleType) -> None:
    found = run(compose([*SMALL, "experiment.equal_spend=false"]), tmp_path / "run", fake)
    assert not found.runs["scenario"].str.contains("@").any()
    assert found.verdict.equal_spend is None


def test_a_target_precision_runs_what_it_needs(tmp_path: Path, fake: ModuleType) -> None:
    precise = compose([*SMALL, "experiment.equal_spend=false", "goal=cost", "precision.target=1.0"])
    found = run(precise, tmp_path / "run", fake)
    assert found.runs["replicate"].nunique() > 3
    goal = found.summary[
        (found.summary["metric"] == "cost") & (found.summary["provider"] == found.resolved.focal)
        & (found.summary["segment"] == "all") & (found.summary["scenario"] != "none")
    ]  # fmt: skip
    widths = (goal["difference_luck_high"] - goal["difference_luck_low"]) / 2.0
    assert widths.max() <= 1.0 + 1e-9
    capped = compose(
        [
            *SMALL,
            "goal=cost",
            "precision.target=0.001",
            "precision.max_replicates=4",
            "experiment.equal_spend=false",
        ]
    )
    found = run(capped, tmp_path / "capped", fake)
    assert found.runs["replicate"].nunique() == 4
    assert any("The target precision asks for" in note for note in found.notes)


def test_the_customers_table_is_written_on_request(tmp_path: Path, fake: ModuleType) -> None:
    found = run(compose([*SMALL, "experiment.customers=true"]), tmp_path / "run", fake)
    table = pd.read_parquet(tmp_path / "run" / "customers.parquet")
    assert list(table.columns) == ["scenario", "draw", "replicate", "customer", "segment"]
    assert len(table) == found.runs["scenario"].nunique() * 2 * 3 * 4
    assert any("Expected effects of single customers were not run" in note for note in found.notes)


PROGRAM = """
import os, sys
sys.path.insert(0, {models!r})
import fake_model
from experiments.compare import compared
from experiments.compose import compose
from experiments.console import Console
from experiments.work import Model
from pathlib import Path
if __name__ == "__main__":
    model = Model(fake_model.simulate, fake_model.solve_attention)
    compared(compose({overrides!r}), Path({folder!r}), Console(quiet=True), None, model)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_killed_run_goes_on_and_gives_the_same_numbers(
    question: Resolved, tmp_path: Path, fake: ModuleType
) -> None:
    whole = run(question, tmp_path / "whole", fake)
    folder = tmp_path / "killed"
    program = tmp_path / "program.py"
    program.write_text(
        PROGRAM.format(models=str(MODELS), overrides=[*SMALL, "executor.workers=2"], folder=str(folder))
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, str(program)], env=environment)
    while len(list(folder.glob("tasks/*/*.task"))) < 5:
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    resumed = run(question, folder, fake)
    assert resumed.manifest["results_hash"] == whole.manifest["results_hash"]
    assert resumed.manifest["tasks_reused"] >= 5


@pytest.mark.slow
@pytest.mark.parametrize("market", ["telecom", "saas", "online_retail"])
def test_what_runs_beside_a_scenario_changes_nothing_in_it(market: str) -> None:
    """Outcomes are known by content: this is what allows it."""
    small = compose([f"market={market}", "market.customers=600", "horizon_months=3", "draws=1"])
    task = replace(Trial(small, None)._first(0), projected=False)  # type: ignore[arg-type]
    together = {outcome.scenario: outcome for outcome in simulate(task)}
    for scenario in task.scenarios:
        beside = (task.scenarios[0], scenario) if scenario.name != "none" else (scenario,)
        (alone,) = [o for o in simulate(replace(task, scenarios=beside)) if o.scenario == scenario.name]
        known = record_of(together[scenario.name])
        assert record_of(alone).meta == known.meta
        for name, array in record_of(alone).arrays.items():
            assert array.tobytes() == known.arrays[name].tobytes(), name
