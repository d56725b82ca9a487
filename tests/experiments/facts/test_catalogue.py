"""Every fact is a file of the configuration, names parameters that exist, and says where its ranges come from."""

from dataclasses import is_dataclass
from typing import get_args, get_type_hints

import pytest

from agents.market import Market
from agents.segments import Customers
from experiments.compose import compose
from experiments.errors import ConfigError
from experiments.facts.catalogue import FACTS, facts_of
from experiments.facts.contacts import LEVELS, parabola
from experiments.facts.fact import CAL, VAL, Fact
from experiments.options import options
from experiments.settings import FactsSettings


def known(cls: type, path: list[str]) -> bool:
    """Whether a dotted name leads to a field; a star stands for any entry of a list."""
    kinds = get_type_hints(cls)
    if path[0] not in kinds:
        return False
    kind = kinds[path[0]]
    if len(path) > 1 and path[1] == "*":
        return known(get_args(kind)[0], path[2:])
    return len(path) == 1 or (is_dataclass(kind) and isinstance(kind, type) and known(kind, path[1:]))


def test_every_fact_is_an_experiment_and_every_experiment_a_fact() -> None:
    assert set(options("experiment/facts")) == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_every_file_builds(name: str) -> None:
    asked = compose([f"experiment=facts/{name}", "scenarios=[none]"]).experiment
    assert isinstance(asked, FactsSettings)
    assert asked.facts == (name,)
    assert [fact.name for fact in facts_of(asked.facts)] == [name]


def test_facts_without_a_name_are_all() -> None:
    assert facts_of(compose(["experiment=facts", "scenarios=[none]"]).experiment.facts) == tuple(
        FACTS.values()
    )


def test_unknown_fact_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match=r"contagoin is not a fact.*contagion"):
        facts_of(["contagoin"])


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_parameters_exist_and_figures_are_told_apart(fact: Fact) -> None:
    for name in fact.parameters:
        path = name.split(".")
        assert known(Customers, path[1:]) if path[0] == "customers" else known(Market, path), name
    assert len({figure.name for figure in fact.figures}) == len(fact.figures)
    for figure in fact.figures:
        assert figure.role in (CAL, VAL)
        assert figure.published
        assert figure.why
        assert figure.absent or figure.low > float("-inf") or figure.high < float("inf")


def test_parabola_finds_the_top_of_one() -> None:
    seen = {f"alone_{level:g}": 3.0 - 0.25 * (level - 2.5) ** 2 for level in LEVELS}
    assert parabola(seen, "alone") == pytest.approx((-0.25, 2.5))
