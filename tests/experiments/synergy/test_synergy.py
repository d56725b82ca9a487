"""The experiment from end to end, on markets where effects add up and where they do not."""

import json
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from experiments.compose import compose
from experiments.console import Console
from experiments.errors import ConfigError
from experiments.synergy.ask import interacted, synergy
from experiments.synergy.found import SynergyFound
from experiments.work import Model
from experiments.workers import Done, Failed, Pool

pytestmark = pytest.mark.slow

MODELS = str(Path(__file__).parents[1] / "models")
ASKED = ["experiment=synergy", "experiment.orders=[active,magic,blend]", "draws=4", "replicates=3"]
Run = Callable[..., SynergyFound]


@pytest.fixture(scope="module")
def planted() -> Iterator[ModuleType]:
    """The model with planted effects."""
    sys.path.insert(0, MODELS)
    yield import_module("planted_model")
    sys.path.remove(MODELS)


@pytest.fixture(scope="module")
def run(planted: ModuleType) -> Run:
    """Answer the question above into a folder with one of the planted models."""
    question = compose(ASKED)

    def go(folder: Path, simulate: str) -> SynergyFound:
        model = Model(getattr(planted, simulate), planted.solve_attention)
        with Pool(0) as pool:
            return interacted(question, folder, Console(quiet=True), pool, model)

    return go


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def found(run: Run, folder: Path) -> SynergyFound:
    return run(folder, "interacting")


def beyond(found: SynergyFound, metric: str) -> dict[str, object]:
    (row,) = [row for row in found.rows("interaction") if row["metric"] == metric]
    return dict(row)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_planted_interaction_is_recovered_and_nothing_else(found: SynergyFound) -> None:
    equity = beyond(found, "customer_equity")
    assert equity["reading"] == "synergy"
    assert equity["low"] < 3.0 < equity["high"]  # type: ignore[operator]
    assert beyond(found, "retention")["reading"] == "overlap"
    assert beyond(found, "retention")["difference"] == -1.5
    for metric in ("churn_rate", "profit", "lifetime_value"):
        row = beyond(found, metric)
        assert (row["difference"], row["reading"]) == (0.0, "additive")
    assert found.sentence.startswith(
        "For customer equity, passive and active together are better than their sum: "
    )
    assert found.value == equity["difference"]


@pytest.mark.slow
def test_what_adds_up_is_said_to_in_every_run(run: Run, tmp_path: Path) -> None:
    found = run(tmp_path, "additive")
    assert (
        found.sentence
        == "For customer equity, passive and active together are exactly their sum, in every run."
    )
    assert {row["difference"] for row in found.rows("interaction") if row["metric"] != "cost"} == {0.0}


@pytest.mark.slow
def test_orders_are_compared_at_equal_spend_and_those_that_do_not_exist_are_named(
    found: SynergyFound,
) -> None:
    assert found.orders == ("active", "blend")
    assert "magic is left out of the orders: there is no such scenario." in found.notes
    equal = [row for row in found.rows("order") if row["basis"] == "equal_spend"]
    cost = next(row for row in equal if row["metric"] == "cost")
    spent = next(
        row for row in found.rows("effect") if row["metric"] == "cost" and row["scenario"] == "active"
    )
    assert abs(cost["difference"]) <= 0.01 * spent["difference"]
    assert next(row for row in equal if row["metric"] == "customer_equity")["reading"] == "worse"
    assert found.order is not None
    assert found.order.best == "blend"
    assert found.ordering.startswith("At equal spend: 'blend' has the highest customer equity")


@pytest.mark.slow
def test_the_files_hold_what_was_found(run: Run, found: SynergyFound, folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", "report.html", "runs.parquet", "synergy.csv", "tasks"}
    read = pd.read_csv(folder / "synergy.csv")
    assert read["difference"].tolist() == found.table["difference"].tolist()
    page = (folder / "report.html").read_text("utf-8")
    for text in ("beyond the sum", "<svg viewBox", "active less blend, at equal spend", "magic is left out"):
        assert text in page
    assert "nan" not in page.split("<main>")[1].split("</main>")[0]
    again = run(folder, "interacting")
    assert again.manifest["tasks_computed"] == 0
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["results_hash"] == found.manifest["results_hash"] == again.manifest["results_hash"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("experiment.both=blond", "experiment.both=blond is not a scenario; did you mean blend"),
        ("experiment.both=active", "experiment.active=active stands for two of the four scenarios"),
        ("experiment.metrics=[proft]", "experiment.metrics: proft is not a metric; did you mean profit"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(given: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        synergy([given], tmp_path, quiet=True)


@pytest.mark.slow
def test_on_a_real_market_a_placebo_adds_up(tmp_path: Path) -> None:
    """It changes nothing but the ledger, so that beside any programme its effect on customers is the same: none."""
    found = synergy(
        ["scenarios=[none,placebo]", "+strategy@scenarios.both.focal.placebo=placebo",
         "+strategy@scenarios.both.focal.ease=ease_of_use", "+strategy@scenarios.ease.focal.ease=ease_of_use",
         "experiment.passive=ease", "experiment.active=placebo", "experiment.both=both", "experiment.orders=[]",
         "market.customers=400", "horizon_months=2", "draws=1", "replicates=2", "executor.workers=0"],
        tmp_path, quiet=True)  # fmt: skip
    assert found.notes == (
        "Only one set of assumptions was tried (draws=1): every reading is at point values.",
    )
    assert beyond(found, "churn_rate")["reading"] == "additive"
    assert abs(float(str(beyond(found, "profit")["difference"]))) < 1e-3


class Impatient(Pool):
    """Ctrl-C after the first task."""

    def run(
        self, function: Callable[[Any], Any], items: Iterable[Any]
    ) -> Generator[Done[Any] | Failed, None, None]:
        """Do one."""
        yield next(super().run(function, items))
        raise KeyboardInterrupt


def test_an_interruption_is_no_answer(planted: ModuleType, tmp_path: Path) -> None:
    """Only a comparison makes a partial report of what is finished; here the command just ends, with tasks kept."""
    model = Model(planted.interacting, planted.solve_attention)
    with Impatient(0) as pool, pytest.raises(KeyboardInterrupt):
        interacted(compose(ASKED), tmp_path, Console(quiet=True), pool, model)
    assert not (tmp_path / "report.html").exists()
    assert list(tmp_path.glob("tasks/*/*.task"))
