"""Run: facts measured on all cores, judged, written down and announced.

checked = check_facts(["contagion"], ["experiment.replicates=4"])
checked.table
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import TasksFailedError
from experiments.facts.catalogue import FACTS, facts_of
from experiments.facts.fact import Fact, Observed
from experiments.facts.lab import Lab
from experiments.facts.verdict import Finding, judge

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Resolved
    from experiments.console import Console
    from experiments.executors import Executor

TABLE = "facts.csv"
REPORT = "report.html"
_MARKET, _SCENARIOS, _NONE = "market", "scenarios", "none"


@dataclass(frozen=True)
class Order:
    """One replicate of one fact, for a worker."""

    fact: str
    lab: Lab


@dataclass(frozen=True)
class Checked:
    """Facts that were measured.

    Attributes:
        findings: one per figure, in the order of the catalogue.
        folder: where table, report and manifest are.
    """

    findings: tuple[Finding, ...]
    folder: Path

    @property
    def table(self) -> pd.DataFrame:
        """A row per figure, as in `facts.csv`."""
        from experiments.facts.page import table_of

        return table_of(self.findings)

    @property
    def sentence(self) -> str:
        """How many are where they have to be."""
        good = sum(finding.good for finding in self.findings)
        bad = [f"{f.fact.name} ({f.verdict})" for f in self.findings if not f.good]
        tail = f"; not so: {', '.join(dict.fromkeys(bad))}" if bad else ""
        return f"{good} of {len(self.findings)} figures are where they have to be{tail}."


def check_facts(
    names: Sequence[str] = (),
    overrides: Sequence[str] = (),
    folder: Path | str | None = None,
    quiet: bool = False,
) -> Checked:
    """Compose, measure and judge facts; see `experiments.facts.check`."""
    from experiments.compose import compose
    from experiments.console import Console

    chosen = [f"experiment.facts=[{','.join(names)}]"] if names else []
    resolved = compose(["experiment=facts", *chosen, *overrides])
    place = (
        Path("outputs") / f"{datetime.now().astimezone():%Y-%m-%d/%H-%M-%S}"
        if folder is None
        else Path(folder)
    )
    return checked(resolved, place.absolute(), Console(quiet))


def answer(resolved: Resolved, folder: Path) -> float | None:
    """Answer `experiment=facts` or one of them: measure, write, say what was found.

    Returns:
        the share of figures that are where they have to be.

    Raises:
        ConfigError: there is no fact of a name.
        TasksFailedError: a replicate could not be simulated.
    """
    from experiments.console import Console

    found = checked(resolved, folder, Console()).findings
    return sum(finding.good for finding in found) / len(found)


def checked(resolved: Resolved, folder: Path, console: Console, executor: Executor | None = None) -> Checked:
    """Measure facts into a folder.

    Args:
        resolved: the question.
        folder: where to write.
        console: where to speak.
        executor: where replicates run; None takes, and ends, the one of the settings.

    Raises:
        ConfigError: there is no fact of a name, or the folder holds another run.
        TasksFailedError: a replicate could not be simulated.
    """
    from experiments.executors import executor_of
    from experiments.facts.page import announce, write
    from experiments.fingerprint import digest
    from experiments.identity import same_run
    from experiments.manifest import manifest, write_manifest

    start = time.perf_counter()
    facts = facts_of(resolved.experiment.facts)
    same_run(folder, resolved.configuration)
    folder.mkdir(parents=True, exist_ok=True)
    about = manifest(resolved.configuration, resolved.settings.seed)
    team = executor or executor_of(resolved.settings.executor)
    try:
        labs = _labs(resolved, facts, folder, console, team)
        seen = _measured(facts, labs, console, team)
    finally:
        if executor is None:
            team.close()
    found = Checked(
        tuple(
            judge(fact, figure, labs[fact.name][0].market.title, seen[fact.name])
            for fact in facts
            for figure in fact.figures
        ),
        folder,
    )
    write(found, resolved)
    announce(found, console)
    about |= {
        "results_hash": digest({name: list(map(dict, replicates)) for name, replicates in seen.items()}),
        "tasks_computed": sum(len(replicates) for replicates in seen.values()),
        "tasks_reused": 0,
        "duration": round(time.perf_counter() - start, 3),
    }
    write_manifest(about, folder)
    return found


def _labs(
    resolved: Resolved, facts: Sequence[Fact], folder: Path, console: Console, team: Executor
) -> dict[str, list[Lab]]:
    """The replicates of each fact: its market, churn under `today` on its target."""
    used = sorted({name for fact in facts for name in fact.strategies})
    worlds = {name: _in_market(resolved, name, used) for name in dict.fromkeys(fact.market for fact in facts)}
    solved = _solved(list(worlds.values()), folder, console, team)
    attention = dict(zip(worlds, solved))
    asked = resolved.experiment
    found = {}
    for fact in facts:
        world, focal = worlds[fact.market].world, worlds[fact.market].focal
        people = asked.customers or fact.customers
        market = replace(
            world.market,
            customers=people,
            firm_customers=max(world.market.firm_customers, float(people)),
            gate=replace(world.market.gate, attention=attention[fact.market]),
        )
        found[fact.name] = [
            Lab(
                market=market,
                customers=world.customers,
                today=world.today,
                focal=focal,
                seed=resolved.settings.seed,
                replicate=replicate,
                months=fact.months,
                strategies={name: world.scenarios[0].focal[name] for name in fact.strategies},
            )
            for replicate in range(asked.replicates or fact.replicates)
        ]
    return found


def _in_market(resolved: Resolved, name: str, strategies: Sequence[str]) -> Resolved:
    """The same command in a fact's own market, unless it names one itself, with some strategies as they ship."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from experiments.compose import compose

    given = OverridesParser.create().parse_overrides(list(resolved.overrides))
    kept = [one.input_line or "" for one in given if one.key_or_group != _SCENARIOS]
    market = [] if any(one.key_or_group == _MARKET for one in given) else [f"{_MARKET}={name}"]
    places = [f"+strategy@{_SCENARIOS}.{_NONE}.focal.{one}={one}" for one in strategies]
    return compose([*kept, *market, f"{_SCENARIOS}=[{_NONE}]", *places])


def _solved(worlds: Sequence[Resolved], folder: Path, console: Console, team: Executor) -> list[float]:
    """Mean attention of each market with which churn under `today` meets its target.

    Raises:
        TasksFailedError: it cannot be solved.
    """
    from experiments.campaign import Campaign
    from experiments.store import Store
    from experiments.tasks import Solve
    from experiments.work import MODEL

    shared = worlds[0].settings.store
    campaign = Campaign(team, Store(Path(shared).absolute() if shared else folder), console, MODEL)
    found = campaign.attentions(
        [
            Solve(
                market=one.world.market,
                customers=one.world.customers,
                today=one.world.today,
                focal=one.focal,
                seed=one.settings.seed,
                draw=0,
            )
            for one in worlds
        ]
    )
    if campaign.failures:
        raise TasksFailedError(f"a market could not be solved: {campaign.failures[0].error}")
    return [attention for attention in found if attention is not None]


def measured(order: Order) -> Observed:
    """What a worker does: one replicate of a fact."""
    return dict(FACTS[order.fact].observe(order.lab))


def _measured(
    facts: Sequence[Fact], labs: dict[str, list[Lab]], console: Console, team: Executor
) -> dict[str, list[Observed]]:
    """All replicates of all facts, in their order."""
    from experiments.workers import Failed

    orders = [Order(fact.name, lab) for fact in facts for lab in labs[fact.name]]
    results: dict[int, Observed] = {}
    with console.progress("facts", len(orders)) as progress:
        for result in team.run(measured, orders):
            if isinstance(result, Failed):
                order = orders[result.index]
                raise TasksFailedError(
                    f"{order.fact}, replicate {order.lab.replicate}, failed with {result.error}"
                )
            results[result.index] = result.value
            progress.advance(1)
    found: dict[str, list[Observed]] = {fact.name: [] for fact in facts}
    for index, order in enumerate(orders):
        found[order.fact].append(results[index])
    return found
