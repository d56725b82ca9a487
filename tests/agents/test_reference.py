"""The compiled passes against the reference: the same pulse and the same choices, one person after the other.

Single precision rounds; so a number may differ in its last bits, and a decision whose luck fell within that of its
probability may fall otherwise. Nothing else may.
"""

import numpy as np
import pytest

from agents.columns import N
from agents.world import Lookers, World
from experiments.assembly import assemble
from experiments.compose import compose
from sim.luck import Luck
from sim.marketplace import Pulse
from tests.agents.reference import Person, Reference, differences

MARKETS = ("telecom", "online_retail", "fitness_club", "saas")
"""Subscriptions, purchases without contract, terms that are renewed and such that are noticed."""
ROUNDING = 1e-6
"""How far numbers may differ, relative to their size; and how near luck may come to a probability to be told apart."""
THOUSANDTH = 1.1e-3
"""Points are whole thousandths: one of them may fall otherwise, and with it the gift that they become."""
POINTS = ("points", "spent", "value", "experience")


def lived(market: str, people: int) -> tuple[World, Pulse]:
    """A shipped market in the middle of a full blend: discounts, points, levels, pressure and grievances about."""
    size = (f"market={market}", "scenarios=[blend]", f"market.customers={people}", "market.warm_up=2")
    world = compose(size).world
    model = assemble(
        world.market,
        world.customers,
        world.today,
        world.scenarios,
        world.market.providers[0].name,
        Luck(7, 0),
    )
    model.warm_up()
    twin = model.fork(world.scenarios[0])
    twin.run(200.0)
    return twin.world, Pulse(twin.marketplace.number, twin.marketplace.day, world.market.pulse)


def compared(market: str, people: int) -> tuple[int, int]:
    """Live one pulse and choose, both ways; returns how many decisions fell otherwise, and how many there were."""
    world, pulse = lived(market, people)
    reference, before = Reference(world, pulse), world.counts.sum(axis=(0, 1))
    persons = [Person.of(world, slot) for slot in range(people)]
    for person in persons:
        reference.live(person)
    found, ids, ends = (part.copy() for part in world.live_and_look(world.pace(pulse)))
    lookers, renewers, sure = (
        set(ids.tolist()),
        set(ends.tolist()),
        [p for p in persons if p.margin > ROUNDING],
    )
    assert len(sure) > people - max(3, people / 1000)
    otherwise = sum(p.looks != (p.slot in lookers) for p in persons)
    assert all(p.looks == (p.slot in lookers) and p.renews == (p.slot in renewers) for p in sure)
    for person in sure:
        for name, gap in differences(person, world.arrays).items():
            assert gap < (THOUSANDTH if name in POINTS else ROUNDING), (person, name, gap)
    assert_same_tickets(sure, found)
    counted = world.counts.sum(axis=(0, 1)) - before
    unsure = 64 * (people - len(sure))
    assert abs(counted[N.INCIDENTS] - sum(p.incidents for p in persons)) <= unsure
    assert abs(counted[N.PURCHASES] - sum(p.purchases for p in persons)) <= unsure
    assert counted[N.INCIDENTS] > people / 100
    wrong, chosen = chosen_otherwise(world, reference, ids)
    return otherwise + wrong, people + chosen


def assert_same_tickets(persons: list[Person], found: np.ndarray) -> None:
    """Everything about every ticket, in the order in which a person raised them."""
    theirs: dict[int, list[np.ndarray]] = {}
    for row in found.T:
        theirs.setdefault(int(row[0]), []).append(row[1:])
    assert sum(len(p.tickets) for p in persons) > len(persons) / 300
    for person in persons:
        ours = [(t.time, t.kind, t.provider, t.minutes, t.patience, t.resolved) for t in person.tickets]
        np.testing.assert_allclose(
            np.array(theirs.get(person.slot, [])).reshape(-1, 6),
            np.array(ours).reshape(-1, 6),
            rtol=3e-6,
            atol=1e-6,
        )


def chosen_otherwise(world: World, reference: Reference, ids: np.ndarray) -> tuple[int, int]:
    """How many of those who look, and of as many who do not, choose otherwise; every one of them a near tie."""
    everybody = np.arange(len(world.people), dtype=np.int32)
    asked = np.concatenate([ids, everybody[:: max(1, everybody.size // 2_000)]])
    lookers = Lookers.of(asked)
    world.choose(world.pace(reference.pulse), lookers)
    wrong = 0
    for slot, destination in zip(asked.tolist(), lookers.destination.tolist()):
        person = Person.of(world, slot)
        if reference.choose(person) != destination:
            assert person.margin < 1e-4, person
            wrong += 1
    assert len(set(lookers.destination.tolist())) > 2
    return wrong, asked.size


@pytest.mark.parametrize("market", MARKETS)
def test_a_pulse_and_its_choices_are_those_of_the_reference(market: str) -> None:
    otherwise, decisions = compared(market, 3_000)
    assert otherwise <= 1
    assert decisions >= 5_000


@pytest.mark.slow
def test_all_but_one_in_a_hundred_thousand_decisions_are_those_of_the_reference() -> None:
    otherwise, decisions = np.sum([compared(market, 26_000) for market in MARKETS], axis=0)
    assert decisions > 100_000
    assert otherwise <= decisions / 100_000
