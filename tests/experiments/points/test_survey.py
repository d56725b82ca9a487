"""Surveys: computed once, kept as they come, the same whatever happens in between."""

import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.compose import Resolved
from experiments.console import Console
from experiments.metrics import METRICS
from experiments.points import shelf
from experiments.points.axis import axes_of
from experiments.points.base import base_of
from experiments.points.design import Design, grid, sobol
from experiments.points.found import Found
from experiments.points.survey import Stage, Survey
from experiments.points.work import Answer, Worked
from experiments.session import session
from experiments.work import Model
from experiments.workers import Done, Pool
from tests.experiments.points.conftest import Running


@pytest.fixture(scope="module")
def design(question: Resolved) -> Design:
    return grid(axes_of(question, {"kappa": (0.1, 0.5), "p_contact": (0.01, 0.1)}), 3)


@pytest.fixture(scope="module")
def stage(question: Resolved, design: Design) -> Stage:
    return Stage("test", base_of(question), design, range(1), range(3))


def test_values_come_back_in_their_places(
    stage: Stage, design: Design, running: Running, planted: Any, tmp_path: Path
) -> None:
    with running(tmp_path / "run", planted.simulate) as survey:
        (found,) = survey.run([stage])
        values = found.values("profit")
    assert values.shape == (9, 2, 1, 3)
    gain = values[:, 1] - values[:, 0]
    kappa, cost = design.table.T
    error = np.sqrt(0.25 * planted.HAZARD / planted.PEOPLE / 3) * planted.VALUE
    assert np.abs(gain.mean(axis=(1, 2)) - planted.worth(kappa, cost)).max() < 5 * error
    assert survey.tasks_computed == found.finished == 54


def test_what_is_there_is_never_run_again_and_more_lucks_run_only_those(
    stage: Stage, running: Running, planted: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    calls.touch()
    monkeypatch.setenv("TENURE_TEST_CALLS", str(calls))
    hashes = []
    for lucks in (2, 2, 3):
        more = Stage(stage.name, stage.base, stage.points, stage.draws, range(lucks))
        with running(tmp_path / "run", planted.counts) as survey:
            survey.run([more])
            hashes.append(survey.results_hash())
    lines = calls.read_text().splitlines()
    assert sorted(lines) == ["0 none active"] * 9 + ["1 none active"] * 9 + ["2 none active"] * 9
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_store_is_shared_and_a_changed_scenario_reruns_only_itself(
    question: Resolved,
    design: Design,
    running: Running,
    planted: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = tmp_path / "calls"
    calls.touch()
    monkeypatch.setenv("TENURE_TEST_CALLS", str(calls))
    shared = replace(question, settings=replace(question.settings, store=str(tmp_path / "store")))
    slot = next(iter(question.world.scenarios[1].focal))
    counted = []
    for intensity, folder in ((1.0, "one"), (1.0, "two"), (0.5, "three")):
        points = [{**point, f"scenarios.active.focal.{slot}.intensity": intensity} for point in design]
        stage = Stage("test", base_of(question), points, range(1), range(1))
        with running(tmp_path / folder, planted.counts, resolved=shared) as survey:
            (found,) = survey.run([stage])
            assert np.isfinite(found.values("profit")).all()
            counted.append((survey.tasks_computed, survey.tasks_reused))
    lines = calls.read_text().splitlines()
    assert lines == ["0 none active"] * 18, "none is the baseline of active and runs beside it"
    assert counted == [(18, 0), (0, 18), (9, 9)]


def test_a_failing_world_is_a_row_and_stops_no_other(
    stage: Stage, running: Running, planted: Any, tmp_path: Path
) -> None:
    with running(tmp_path / "run", planted.fails_at_large_kappa) as survey:
        (found,) = survey.run([stage])
        values = found.values("profit")
    assert np.isnan(values[6:]).all()
    assert np.isfinite(values[:6]).all()
    assert len(survey.failures) == 9
    assert survey.failures[0].error == "ArithmeticError: the books do not balance"
    assert survey.failures[0].where == "test, Mobile postpaid, point 6"
    assert (tmp_path / "run" / "failures.csv").exists()


@pytest.mark.slow
def test_a_world_that_kills_its_worker_is_singled_out(
    stage: Stage, running: Running, planted: Any, tmp_path: Path
) -> None:
    with running(tmp_path / "run", planted.kills_at_large_kappa, workers=2) as survey:
        survey.pace.tell(1, 0.01)
        (found,) = survey.run([stage])
        values = found.values("profit")
    assert np.isnan(values[6:]).all()
    assert np.isfinite(values[:6]).all()
    assert "SIGKILL" in survey.failures[0].error


@pytest.mark.slow
def test_workers_batches_and_parts_change_no_byte(
    stage: Stage, running: Running, planted: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path / "one", planted.simulate) as survey:
        survey.run([stage])
        one = survey.results_hash()
    monkeypatch.setattr(shelf, "ROWS", 5)
    with running(tmp_path / "two", planted.simulate, workers=2) as survey:
        survey.run([stage])
        two = survey.results_hash()
    assert len(list((tmp_path / "two" / "points").glob("*.parquet"))) > 5
    assert one == two


class Impatient(Pool):
    """Ctrl-C after the third batch."""

    def run(self, function: Any, items: Any) -> Any:
        """Do three."""
        for count, done in enumerate(super().run(function, items)):
            yield done
            if count == 2:
                raise KeyboardInterrupt


def test_an_interrupted_survey_keeps_what_is_finished_and_goes_on(
    question: Resolved,
    stage: Stage,
    running: Running,
    planted: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("experiments.points.survey.BATCH_SECONDS", 0.0)
    with session(
        question, tmp_path / "run", Console(quiet=True), Impatient(0), Model(planted.simulate)
    ) as held:
        survey = Survey(held)
        (part,) = survey.run([stage])
        assert survey.interrupted
        done = part.finished
        assert 0 < done < stage.tasks
        (same,) = survey.run([stage])
        assert same.finished == done
    with running(tmp_path / "run", planted.simulate) as survey:
        survey.run([stage])
        resumed = survey.results_hash()
        assert survey.tasks_reused == done
    with running(tmp_path / "whole", planted.simulate) as survey:
        survey.run([stage])
        assert survey.results_hash() == resumed


class Fabricated:
    """Gives every task its result at once, so that only the one who asks is at work."""

    shares_files = True

    def run(self, _: Any, items: Any) -> Any:
        """Zeros for everybody."""
        values = np.zeros((2, 1, len(METRICS)))
        for index, batch in enumerate(items):
            done = tuple(
                Worked(place, replicate, names, values)
                for place, cell in enumerate(batch.cells)
                for replicate, names in cell.wanted.items()
            )
            yield Done(index, Answer(done, 0.001 * len(done)))

    def close(self) -> None:
        """Nothing to give back."""


@pytest.mark.slow
def test_memory_and_overhead_stay_small_however_many_tasks(question: Resolved, tmp_path: Path) -> None:
    """Less than 700 bytes stay for a task, so that a million stream through less than 1 GB with all libraries."""
    axes = axes_of(question, {"kappa": None, "p_contact": None})
    timed, traced = (
        Stage(name, base_of(question), sobol(axes, count, seed), range(1), range(2))
        for name, count, seed in (("timed", 2_000, 1), ("traced", 3_000, 2))
    )
    with session(question, tmp_path, Console(quiet=True), Fabricated(), Model()) as held:
        survey = Survey(held)
        start = time.process_time()
        survey.run([timed])
        assert (time.process_time() - start) / timed.tasks < 0.003
        tracemalloc.start()
        try:
            (found,) = survey.run([traced])
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert found.finished == traced.tasks == 12_000
    assert kept < 700 * traced.tasks


def test_rows_are_read_with_one_line(stage: Stage, running: Running, planted: Any, tmp_path: Path) -> None:
    with running(tmp_path / "run", planted.simulate) as survey:
        survey.run([stage])
    rows = pd.read_parquet(tmp_path / "run" / "points")
    assert len(rows) == stage.tasks
    assert list(rows.columns[:7]) == list(shelf.LABELS)
    assert not rows.duplicated(list(shelf.LABELS)).any()


def test_a_torn_part_cannot_be(stage: Stage, running: Running, planted: Any, tmp_path: Path) -> None:
    """Parts are renamed into place: what is there is whole, and beside them nothing is left."""
    with running(tmp_path / "run", planted.simulate) as survey:
        survey.run([stage])
    assert all(path.suffix == ".parquet" for path in (tmp_path / "run" / "points").iterdir())


def test_nothing_found_is_nothing(stage: Stage, tmp_path: Path) -> None:
    assert np.isnan(Found(stage, tmp_path).values("profit")).all()
