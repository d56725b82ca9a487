"""Every fact can be observed and judged in a small market."""

import math
from dataclasses import replace

import pytest

from experiments.compose import Resolved, compose
from experiments.facts.catalogue import FACTS
from experiments.facts.fact import CAL, Fact
from experiments.facts.lab import Lab
from experiments.facts.page import COLUMNS, labels, table_of
from experiments.facts.verdict import VERDICTS, judge


@pytest.fixture(scope="module")
def telecom() -> Resolved:
    """The shipped market, with every strategy that any fact runs."""
    used = sorted({name for fact in FACTS.values() for name in fact.strategies})
    return compose(["scenarios=[none]", *(f"+strategy@scenarios.none.focal.{name}={name}" for name in used)])


def small(resolved: Resolved, fact: Fact, replicate: int) -> Lab:
    """A replicate of a fact in few customers and months, restless enough for somebody to leave."""
    world = resolved.world
    gate = replace(world.market.gate, attention=4.0 * world.market.gate.attention)
    return Lab(
        market=replace(world.market, customers=1200, warm_up=1.0, gate=gate),
        customers=world.customers,
        today=world.today,
        focal=resolved.focal,
        seed=5,
        replicate=replicate,
        months=min(fact.months, 1.5 if fact.name == "ranking" else 2.5),
        strategies={name: world.scenarios[0].focal[name] for name in fact.strategies},
    )


@pytest.mark.slow
@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_fact_is_observed_alike_twice_and_judged(telecom: Resolved, fact: Fact) -> None:
    seen = [fact.observe(small(telecom, fact, replicate)) for replicate in (0, 1)]
    assert all(math.isfinite(value) for one in seen for value in one.values())
    assert seen[0] != seen[1]
    if fact.name in ("advice", "shopping", "spill_over"):
        assert fact.observe(small(telecom, fact, 0)) == seen[0]
    findings = [judge(fact, figure, "small", seen) for figure in fact.figures]
    for found in findings:
        assert found.verdict == VERDICTS[found.good][found.figure.role == CAL]
        assert bool(found.reason) is not found.good
    assert tuple(table_of(findings).columns) == COLUMNS
    assert len(set(labels(findings))) == len(findings)
