"""Assemble a market from a task, run its scenarios from one warm state, and measure them; wired here and only here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import V
from agents.market import Market
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.segments import Customers
from agents.strategies.blend.blend import unfolded
from experiments import individuals
from experiments.beliefs import Belief, beliefs_of
from experiments.groups import GROUPS, types_of
from experiments.measure import (
    bound_of,
    discounted_cost,
    ledger_of,
    payback,
    projected_value,
    runs_of,
    timeline_of,
)
from experiments.metrics import METRICS, TIMELINE
from experiments.recent import Recent
from experiments.tasks import Outcome, Task, outcome_keys, warm_key
from sim.luck import Luck
from sim.quantities import DAYS_PER_MONTH, MICROS

PROJECTED_MONTHS = 36.0
"""How far `lifetime_value_projected` runs a world on beyond the horizon."""

_METRIC = {name: n for n, name in enumerate(METRICS)}
_PROFIT = list(TIMELINE).index("profit")


ROOM = 128 << 20
"""Bytes of warm states that a process keeps, and as many of finished baselines: some forty markets of 5,000 people."""


@dataclass(frozen=True)
class _Finished:
    """What is kept of a finished world: its own numbers, and what comparison with the baseline needs."""

    runs: NDArray[np.float64]
    timeline: NDArray[np.float64]
    days: NDArray[np.float64]
    ledger: tuple[tuple[str, str, str, float], ...]
    discounted_cost: NDArray[np.float64]
    stayed: NDArray[np.bool_]
    spent: NDArray[np.float64]
    customers: dict[str, NDArray[Any]] | None
    bound: tuple[tuple[str, str, str, float], ...]
    beliefs: tuple[Belief, ...]


_WARM: Recent[MarketModel] = Recent(ROOM)
_BASELINES: Recent[_Finished] = Recent(ROOM)


def forget() -> None:
    """Give up what this process keeps of its tasks: the next one begins from nothing."""
    _WARM.forget()
    _BASELINES.forget()


def assemble(
    market: Market,
    customers: Customers,
    today: Scenario,
    scenarios: tuple[Scenario, ...],
    focal: str,
    luck: Luck,
    learning: bool = True,
) -> MarketModel:
    """A market in its first moment, ready to warm up under `today` and to fork into these scenarios.

    Every provider that runs a strategy in any of them keeps a CRM from the beginning, and learns from it from the
    beginning where one of its strategies will need that: what a firm knows at the fork is the same in all of them.
    """
    slots, firms, learners = _needed(market, today, scenarios, focal, learning)
    return MarketModel(market, customers, today, luck, focal, slots=slots, firms=firms, learners=learners)


def _needed(
    market: Market, today: Scenario, scenarios: tuple[Scenario, ...], focal: str, learning: bool
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a market must have for some scenarios: slots, providers with a CRM, and those of them that learn."""
    names = [provider.name for provider in market.providers]
    programmes = {
        name: [scenario.of(name, focal, today) for scenario in (today, *scenarios)] for name in names
    }
    return (
        frozenset(slot for runs in programmes.values() for run in runs for slot in unfolded(run)),
        frozenset(name for name, runs in programmes.items() if any(runs)),
        frozenset(
            name
            for name, runs in programmes.items()
            if learning and any(s.learns for run in runs for s in run.values())
        ),
    )


def warm_market(task: Task) -> MarketModel:
    """The warm state of a task: its market after the warm-up under `today`, on the day of the fork.

    A state that this process has made for another list of scenarios serves as well if it has all that these need: what
    runs beside a scenario changes nothing. It must not be run itself, only forked.
    """
    key = warm_key(task)
    found = _WARM.get(key)
    if found is not None:
        slots, firms, learners = _needed(task.market, task.today, task.scenarios, task.focal, task.learning)
        keep_crm = {provider.name for provider in found.providers if provider.has_crm}
        if slots <= found.tags.keys() and firms <= keep_crm and learners <= found.learners:
            return found
    luck = Luck(task.seed, task.replicate)
    model = assemble(task.market, task.customers, task.today, task.scenarios, task.focal, luck, task.learning)
    model.warm_up()
    _WARM.keep(key, model, sum(array.nbytes for array in model.world.arrays.named().values()))
    return model


def simulate(task: Task) -> list[Outcome]:
    """Run all scenarios of a task from one warm state; outcomes in the order of `task.scenarios`."""
    warm = warm_market(task)
    finished = {scenario.name: _finished(task, warm, scenario) for scenario in task.scenarios}
    others = individuals.OtherLucks(warm, task.horizon_months, task.individuals) if task.individuals else None
    return [_outcome(task, warm, scenario, finished, others) for scenario in task.scenarios]


def _finished(task: Task, warm: MarketModel, scenario: Scenario) -> _Finished:
    """A scenario run to its end; the baseline's, which others are told against again and again, from memory."""
    if scenario.name != task.baseline:
        return _finish(task, warm, scenario)
    key = outcome_keys(task)[scenario.name]
    found = _BASELINES.get(key)
    if found is None:
        found = _finish(task, warm, scenario)
        columns = (found.customers or {}).values()
        size = sum(a.nbytes for a in (found.runs, found.timeline, found.stayed, found.spent, *columns))
        _BASELINES.keep(key, found, size)
    return found


def _finish(task: Task, warm: MarketModel, scenario: Scenario) -> _Finished:
    model = warm.fork(scenario, _luck(task, scenario.name))
    slots = individuals.starters(warm)
    treated = individuals.treatment(model, scenario, slots, scenario.name == task.baseline)
    model.run(task.horizon_months * DAYS_PER_MONTH)
    runs = runs_of(model)
    timeline, days = timeline_of(model)
    kept = _Finished(
        runs,
        timeline,
        days,
        ledger_of(model),
        discounted_cost(model),
        individuals.stayed(model)[slots],
        model.world.arrays.money[V.SPENT, slots] / MICROS,
        {**treated, **individuals.outcomes(model, slots)} if task.records else None,
        bound_of(model),
        beliefs_of(warm, model),
    )
    if task.projected:
        model.run_on(PROJECTED_MONTHS * DAYS_PER_MONTH)
        runs[..., _METRIC["lifetime_value_projected"]] = projected_value(model)
    return kept


def _luck(task: Task, name: str) -> Luck | None:
    """The luck of a scenario from the fork on; None goes on with the replicate's, which all share."""
    return None if task.paired else Luck(task.seed, task.replicate, name)


def _outcome(
    task: Task,
    warm: MarketModel,
    scenario: Scenario,
    finished: dict[str, _Finished],
    others: individuals.OtherLucks | None,
) -> Outcome:
    own, base = finished[scenario.name], finished.get(task.baseline)
    groups: tuple[tuple[str, float, float], ...] = ()
    if base is not None and base is not own:
        _compare(own, base)
        groups = _groups(own, base, warm.world.ledger.scale)
    return Outcome(
        scenario=scenario.name,
        runs=own.runs,
        timeline=own.timeline,
        days=own.days,
        ledger=own.ledger,
        groups=groups,
        bound=own.bound,
        beliefs=own.beliefs,
        customers=_customers(task, warm, scenario, finished, others) if task.records else None,
    )


def _compare(own: _Finished, base: _Finished) -> None:
    """Fill in the metrics that compare a world with the baseline's."""
    equity = _METRIC["customer_equity"]
    more = own.discounted_cost - base.discounted_cost
    gain = own.runs[..., equity] - base.runs[..., equity]
    with np.errstate(divide="ignore", invalid="ignore"):
        own.runs[..., _METRIC["return_on_spend"]] = np.where(more > 0.0, gain / more, np.nan)
    for provider in range(own.timeline.shape[0]):
        months = payback(own.timeline[provider, :, _PROFIT], base.timeline[provider, :, _PROFIT], own.days)
        own.runs[provider, -1, _METRIC["payback_months"]] = months


def _groups(own: _Finished, base: _Finished, scale: float) -> tuple[tuple[str, float, float], ...]:
    """Share of the focal customers of the fork in each group, and what the firm spent on them directly, in currency."""
    types = types_of(own.stayed, base.stayed)
    return tuple(
        (name, float((types == n).mean()), float(own.spent[types == n].sum()) * scale)
        for n, name in enumerate(GROUPS)
    )


def _customers(
    task: Task,
    warm: MarketModel,
    scenario: Scenario,
    finished: dict[str, _Finished],
    others: individuals.OtherLucks | None,
) -> dict[str, NDArray[Any]]:
    """The customers' table of one scenario: one row per focal customer of the fork."""
    own, base = finished[scenario.name], finished.get(task.baseline)
    slots = individuals.starters(warm)
    segments = np.array([segment.name for segment in task.customers.segments])
    table: dict[str, NDArray[Any]] = {
        "customer": slots,
        "segment": segments[warm.at_fork.segment[slots]],
        **individuals.seen_at_fork(warm, slots),
        **(own.customers or {}),
    }
    told = None if base is None or base is own else task.scenario(task.baseline)
    pair = individuals.twins(scenario, told)
    if pair is None:
        return table
    names = [provider.name for provider in task.market.providers]
    running = [s for one in pair for name in names for s in one.of(name, task.focal, task.today).values()]
    spill = individuals.interferes(task.market, running, task.learning)
    everybody, nobody = own.stayed, None if base is None else base.stayed
    if individuals.trial_slot(scenario) is not None:
        everybody, nobody = (
            individuals.stayed_under(warm, one, _luck(task, name), task.horizon_months)
            for one, name in zip(pair, (scenario.name, task.baseline))
        )
    assert nobody is not None
    table["effect_realised"] = everybody.astype(np.int8) - nobody.astype(np.int8)
    table["type"] = np.array(GROUPS)[types_of(everybody, nobody)]
    table["interference"] = np.full(slots.size, spill)
    if others is not None:
        table["effect_expected"], table["effect_error"] = others.effects(*pair)
    return table
