"""`make bench`: the speed of the model, its peers in the same run, its memory and its growth, as one table.

Everything is compiled and warmed up first. A *customer-week* is one person of the market in one weekly pulse; its time
is processor time of one thread. The median of several runs is compared with the bar. Peers run the mechanisms that a
market has where nobody runs a strategy (`tests.bench.setting.SAME`) and are checked to come to the same churn.

The table goes to the screen, everything measured to `.benchmarks/market-DATE-TIME.json`. Exit code 1 where a peer does
not agree, 0 otherwise: whether a bar holds depends on the machine.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.stats import ttest_ind
from threadpoolctl import threadpool_limits

from agents.market import Market
from agents.model import MarketModel
from agents.segments import Customers
from experiments.assembly import assemble
from experiments.workers import default_workers
from sim import threads
from sim.luck import Luck
from tests.bench.bench_runs import (
    QUICK_RUNS,
    Runs,
    bench_commands,
    bench_large,
    bench_replicates,
    bench_small,
    bench_strategies,
    bench_threads_agree,
)
from tests.bench.mesa_peer import MesaMarket
from tests.bench.results import Results, machine, save, table
from tests.bench.setting import SAME, Observed, observed, parameters, real, resolved
from tests.bench.simpy_peer import SimPyMarket
from tests.bench.timing import Timed, phases_of, timed

RESULTS = Path(__file__).resolve().parents[2] / ".benchmarks"
WHOLE = ("market=telecom", "scenarios=[none,blend]", "market.warm_up=1")
"""The shipped market with every mechanism on; a month of warm-up is enough to be timed."""


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes:
        size, horizon: people and weeks of the headline and of its phases.
        sizes, weeks: people and weeks of the growth.
        peer_size: people of the comparison with peers, over as many weeks.
        repeats: runs of the model; peer_repeats: of each peer.
    """

    size: int = 100_000
    horizon: int = 104
    sizes: tuple[int, ...] = (10_000, 31_623, 100_000, 316_228, 1_000_000)
    weeks: int = 26
    peer_size: int = 20_000
    repeats: int = 5
    peer_repeats: int = 3


Peer = type[MesaMarket | SimPyMarket]
PEERS: dict[str, Peer] = {"Mesa": MesaMarket, "SimPy": SimPyMarket}

QUICK = Extent(
    size=2_000, horizon=15, sizes=(1_000, 4_000), weeks=6, peer_size=500, repeats=2, peer_repeats=2
)
"""Only to see that everything runs; its numbers mean nothing."""


def warm(size: int) -> MarketModel:
    """The whole market on the day of the fork."""
    world = resolved((*WHOLE, f"market.customers={size}", f"firm_customers={max(250_000, size)}")).world
    focal = world.market.providers[0].name
    model = assemble(world.market, world.customers, world.today, world.scenarios, focal, Luck(1, 0))
    model.warm_up()
    return model


def fork(model: MarketModel, name: str) -> MarketModel:
    """A twin of a warm market that runs a scenario."""
    (scenario,) = (one for one in resolved(WHOLE).world.scenarios if one.name == name)
    return model.fork(scenario)


def compile_everything() -> float:
    """Run every pass once, at a small size, so that nothing is compiled or imported while the clock runs; seconds."""
    start = time.perf_counter()
    small = warm(1_000)
    for name in ("none", "blend"):
        fork(small, name).run(200.0)
    market, customers = parameters(SAME, 500)
    real(market, customers, 0, 0).run(60.0)
    return time.perf_counter() - start


def runs_of(model: MarketModel, scenario: str, weeks: int, repeats: int) -> Timed:
    """Time a scenario of a warm market: the same weeks, from the same fork, several times."""

    def make(number: int) -> MarketModel:
        return fork(model, scenario)

    def work(twin: MarketModel) -> None:
        twin.run(weeks * twin.market.pulse)

    return timed(make, work, weeks * len(model.world.people), repeats)


def bench_whole(extent: Extent, results: Results) -> None:
    """The whole pulse with every mechanism on, without strategies and with a blend; its phases; memory."""
    model = warm(extent.size)
    costs: dict[str, float] = {}
    for name, text in (("none", "no strategies"), ("blend", "all strategies on")):
        cost = runs_of(model, name, extent.horizon, extent.repeats)
        phases = phases_of(fork(model, name), extent.horizon)
        results.add(f"whole pulse, {text}, {extent.size:,} customers", cost.median, "ns")
        if name == "none":
            results.add("kernel: live and look, one thread", phases["live_and_look"], "ns", 30.0)
        results.details[name] = {"runs_ns": cost.runs, "phases_ns": phases}
        costs[name] = cost.median
    results.add("all strategies on, against none", costs["blend"] / costs["none"], "times")
    for group, number in memory_of(model).items():
        bar = 96.0 if group == "hidden changing state" else None
        results.add(f"memory per customer: {group}", number, "bytes", bar)


def memory_of(model: MarketModel) -> dict[str, float]:
    """Bytes per customer of a world, by what they are for."""
    world = model.world
    people, size = world.people, len(world.people)
    arrays = {
        "hidden changing state": people.state.nbytes + people.codes.nbytes + world.arrays.bonds.nbytes,
        "traits": people.traits.nbytes,
    }
    arrays["money"] = people.money.nbytes
    firms = max(1, world.arrays.crm.shape[0])
    arrays["CRM, for each firm that keeps one"] = world.arrays.crm.nbytes // firms
    arrays["ties"] = world.arrays.ties.nbytes + world.arrays.weights.nbytes + world.arrays.starts.nbytes
    rooms = [room for one in world._rooms for room in (one.tickets, one.lookers, one.renewers)]
    arrays["room to work in, reserved"] = sum(room.nbytes for room in rooms)
    per_customer = {name: number / size for name, number in arrays.items()}
    shared = world.arrays.books.nbytes + world.arrays.counts.nbytes + world.ledger.discounted.nbytes
    return {**per_customer, f"ledger and counts, spread over {size:,}": shared / size}


def bench_growth(extent: Extent, results: Results) -> None:
    """Cost of a week against the number of customers: the exponent of a log-log fit."""
    costs: dict[int, Timed] = {}
    for size in extent.sizes:
        model = warm(size)
        costs[size] = runs_of(model, "none", extent.weeks, 3)
        if size == extent.sizes[0]:
            results.details["smallest"] = {"phases_ns": phases_of(fork(model, "none"), extent.weeks)}
    per_customer = [cost.median for cost in costs.values()]
    exponent = 1.0 + np.polyfit(np.log(extent.sizes), np.log(per_customer), 1)[0]
    for size, cost in costs.items():
        results.add(f"whole pulse, no strategies, {size:,} customers", cost.median, "ns")
    results.add(f"growth from {extent.sizes[0]:,} to {extent.sizes[-1]:,}", float(exponent), "exponent", 1.05)
    results.details["growth_ns"] = {size: cost.runs for size, cost in costs.items()}


def bench_peers(extent: Extent, results: Results) -> bool:
    """The model and its peers in the same market, each run with its own luck; returns whether all agree in churn."""
    market, customers = parameters(SAME, extent.peer_size)
    amount, days = extent.peer_size * extent.weeks, extent.weeks * market.pulse
    ours: list[Observed] = []

    def make(number: int) -> MarketModel:
        return real(market, customers, 1, number)

    def work(model: MarketModel) -> None:
        model.run(days)

    def read(model: MarketModel) -> None:
        ours.append(observed(model))

    costs = {"model": timed(make, work, amount, 4 * extent.repeats, read)}
    agreement = {}
    for name, peer in PEERS.items():
        costs[name], theirs = run_peer(peer, market, customers, extent)
        agreement[name] = agree(ours, theirs)
    for name, cost in costs.items():
        results.add(f"{name}, the same mechanisms, {extent.peer_size:,} customers", cost.median, "ns")
    several = on_threads(10 * extent.peer_size, extent)
    results.add(f"model, {default_workers()} threads, {10 * extent.peer_size:,} customers", several, "ns")
    for name, ours_ns, text, bar in (
        ("Mesa", several, f"{default_workers()} threads", 150.0),
        ("SimPy", costs["model"].median, "one thread", 400.0),
    ):
        times = costs[name].median / ours_ns
        results.add(f"model on {text} against {name}", times, "times faster", bar, more_is_better=True)
    results.details["peers_ns"] = {name: cost.runs for name, cost in costs.items()}
    results.details["agreement"] = agreement
    return all(one["p"] > 1e-3 for one in agreement.values())


def on_threads(size: int, extent: Extent) -> float:
    """Nanoseconds by the clock per customer-week of the peers' market on every core."""
    market, customers = parameters(SAME, size)
    taken = []
    threads.use(default_workers())
    try:
        for number in range(extent.repeats):
            model = real(market, customers, 1, number)
            start = time.perf_counter()
            model.run(extent.weeks * market.pulse)
            taken.append(time.perf_counter() - start)
    finally:
        threads.use(1)
    return float(np.median(taken)) / (size * extent.weeks) * 1e9


def run_peer(
    peer: Peer, market: Market, customers: Customers, extent: Extent
) -> tuple[Timed, list[Observed]]:
    """Time one peer, and see what its runs come to."""
    seen: list[Observed] = []

    def make(number: int) -> MesaMarket | SimPyMarket:
        return peer(market, customers, number)

    def work(model: MesaMarket | SimPyMarket) -> None:
        model.run(extent.weeks)

    def read(model: MesaMarket | SimPyMarket) -> None:
        seen.append(model.observed())

    return timed(make, work, extent.peer_size * extent.weeks, extent.peer_repeats, read), seen


def agree(ours: list[Observed], theirs: list[Observed]) -> dict[str, float]:
    """Monthly churn of two models: means, the standard error of the difference, and the p-value of no difference."""
    a, b = np.array([one.churn for one in ours]), np.array([one.churn for one in theirs])
    test = ttest_ind(a, b)
    low, high = test.confidence_interval(0.95)
    return {"model": a.mean(), "peer": b.mean(), "low": low, "high": high, "p": test.pvalue}


def phases_table(results: Results) -> str:
    """Where a pulse goes: at the headline's size without and with strategies, and at the smallest size without."""
    columns = [results.details[name]["phases_ns"] for name in ("none", "blend", "smallest")]
    smallest = f"{results.details['extent']['sizes'][0]:,} people"
    lines = [
        f"{'a pulse by phase, ns per customer-week':40} {'no strategies':>14} {'blend on':>14} {smallest:>14}"
    ]
    lines += [f"{name:40} " + " ".join(f"{column[name]:14.1f}" for column in columns) for name in columns[0]]
    return "\n".join(lines)


def agreement_table(results: Results) -> str:
    """Whether the peers come to the same churn."""
    return "\n".join(
        f"churn a month: model {one['model']:.5f}, {name} {one['peer']:.5f}; "
        f"95 % interval of the difference {one['low']:+.5f} to {one['high']:+.5f}, p = {one['p']:.3f}"
        for name, one in results.details["agreement"].items()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; see the module."""
    parser = argparse.ArgumentParser(description="Time the model and its peers.")
    parser.add_argument(
        "--quick", action="store_true", help="only see that everything runs; numbers mean nothing"
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder of the JSON file (default: .benchmarks)"
    )
    options = parser.parse_args(arguments)
    extent = QUICK if options.quick else Extent()
    results = Results(details={"machine": machine(), "extent": asdict(extent)})
    print(" ".join(f"{key}={value}" for key, value in results.details["machine"].items()), flush=True)
    with threadpool_limits(1):
        results.details["compile_seconds"] = compile_everything()
        print(f"compiled and warmed up in {results.details['compile_seconds']:.1f} s", flush=True)
        bench_whole(extent, results)
        bench_growth(extent, results)
        agreed = bench_peers(extent, results)
        runs = QUICK_RUNS if options.quick else Runs()
        for bench in (bench_strategies, bench_small, bench_large, bench_replicates, bench_commands):
            bench(runs, results)
        agreed = bench_threads_agree(runs, results) and agreed
    print(table(results), phases_table(results), agreement_table(results), sep="\n\n")
    if not agreed:
        print("The peers do not come to the model's churn: the ratios compare different things.")
    print(f"\nwritten to {save(results, options.results)}")
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
