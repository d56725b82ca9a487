"""Catalogue: the facts there are, by name, in the order of the list of published effects."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.errors import ConfigError
from experiments.facts import (
    advice,
    asking,
    community,
    contacts,
    contagion,
    looking,
    notice,
    onboarding,
    ranking,
    reasons,
    recovery,
    referred,
    shopping,
    spill_over,
    uncontrollable,
)
from experiments.facts.fact import Fact
from experiments.names import hint

FACTS: dict[str, Fact] = {
    module.FACT.name: module.FACT
    for module in (
        advice,
        notice,
        ranking,
        contacts,
        contagion,
        spill_over,
        recovery,
        reasons,
        asking,
        onboarding,
        community,
        shopping,
        looking,
        referred,
        uncontrollable,
    )
}


def facts_of(names: Sequence[str] | None) -> tuple[Fact, ...]:
    """The facts of some names; None or none takes all.

    Raises:
        ConfigError: there is no fact of a name.
    """
    for name in names or ():
        if name not in FACTS:
            raise ConfigError(f"experiment.facts: {name} is not a fact; {hint(name, FACTS)}.")
    return tuple(FACTS[name] for name in names or FACTS)
