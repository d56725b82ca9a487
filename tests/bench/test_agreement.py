"""The model, an agent per customer in Mesa and a process per customer in SimPy tell the same story.

Each has its own people, its own luck and its own code; they share the equations. Runs are replicates, and customers
affect nobody else here, so that a pooled t-test of the means is what Monte-Carlo error allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from tests.bench import bench_market, mesa_peer, simpy_peer
from tests.bench.setting import BUSY, NAMES, Observed, observed, parameters, real

SIZE, WEEKS = 2_000, 26
PEERS = {"mesa": mesa_peer.run, "simpy": simpy_peer.run}
PLANTED = (
    ("market.service.solved=0.6", "satisfaction"),
    ("market.service.novelty=0.75", "incidents"),
    ("market.gate.g_grievance=0.6", "looks"),
    ("market.gate.attention=0.0026", "churn"),
    ("market.people.involuntary=0.075", "involuntary"),
)

pytestmark = pytest.mark.slow


def table(runs: Sequence[Observed]) -> dict[str, NDArray[np.float64]]:
    return {name: np.array([getattr(run, name) for run in runs]) for name in NAMES}


def peer_runs(name: str, replicates: int, change: tuple[str, ...] = ()) -> dict[str, NDArray[np.float64]]:
    market, customers = parameters((*BUSY, *change), SIZE)
    return table([PEERS[name](market, customers, seed, WEEKS) for seed in range(replicates)])


@pytest.fixture(scope="module")
def model_runs() -> dict[str, NDArray[np.float64]]:
    market, customers = parameters(BUSY, SIZE)
    runs = []
    for replicate in range(20):
        model = real(market, customers, 1, replicate)
        model.run(WEEKS * market.pulse)
        runs.append(observed(model))
    return table(runs)


@pytest.mark.parametrize("name", PEERS)
def test_peer_agrees_with_the_model(name: str, model_runs: dict[str, NDArray[np.float64]]) -> None:
    theirs = peer_runs(name, 6)
    p_values = {what: float(ttest_ind(model_runs[what], theirs[what]).pvalue) for what in NAMES}
    assert {what: p for what, p in p_values.items() if not p > 1e-4} == {}
    low, high = ttest_ind(model_runs["churn"], theirs["churn"]).confidence_interval(0.95)
    assert (high - low) / 2.0 < 0.04 * model_runs["churn"].mean(), "too few runs to see a difference in churn"


@pytest.mark.parametrize(("change", "what"), PLANTED)
def test_a_difference_would_be_seen(
    change: str, what: str, model_runs: dict[str, NDArray[np.float64]]
) -> None:
    theirs = peer_runs("mesa", 2, (change,))
    assert ttest_ind(model_runs[what], theirs[what]).pvalue < 1e-4


def test_the_benchmark_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_market.main(["--quick", "--results", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("market-*.json"))) == 1
    printed = capsys.readouterr().out
    for row in ("against Mesa", "against SimPy", "strategy promotions", "1,000 replicates"):
        assert row in printed
    assert "held" in printed
