"""The clock and the order of a pulse."""

from collections.abc import Generator

import pytest
import simpy

from sim.marketplace import Marketplace, Phase, Pulse


def market(length: float = 7.0, day: float = 0.0, number: int = 0) -> tuple[Marketplace, list[Pulse]]:
    seen: list[Pulse] = []
    return Marketplace([Phase("note", seen.append)], length, day, number), seen


def test_phases_act_in_their_order() -> None:
    order: list[str] = []
    names = ("second", "first", "third")
    phases = [Phase(name, lambda _, name=name: order.append(name)) for name in names]  # type: ignore[misc]
    Marketplace(phases, 7.0).step(7.0)
    assert tuple(order) == names


def test_pulses_are_counted_and_do_not_drift() -> None:
    place, seen = market(length=0.1)
    place.run(100.0)
    assert [p.number for p in seen] == list(range(1000))
    assert place.day == 100.0
    assert sum(p.days for p in seen) == pytest.approx(100.0, abs=1e-9)


def test_the_last_pulse_is_shorter_and_the_grid_stays() -> None:
    place, seen = market()
    place.run(10.0)
    place.run(28.0)
    assert [(p.day, p.end) for p in seen] == [(0, 7), (7, 10), (10, 14), (14, 21), (21, 28)]
    assert [p.number for p in seen] == [0, 1, 2, 3, 4]


def test_time_may_begin_before_the_fork() -> None:
    place, seen = market(day=-14.0, number=3)
    place.run(0.0)
    assert [(p.number, p.day) for p in seen] == [(3, -14.0), (4, -7.0)]


def test_everything_due_up_to_the_end_of_a_pulse_has_happened() -> None:
    place, seen = market()
    happened: list[float] = []

    def calendar() -> Generator[simpy.Event, None, None]:
        while True:
            yield place.environment.timeout(3.5)
            happened.append(place.environment.now)

    place.environment.process(calendar())
    place.run(7.0)
    assert happened == [3.5, 7.0]
    assert place.environment.now == 7.0
    place.run(14.0)
    assert happened == [3.5, 7.0, 10.5, 14.0]
    assert len(seen) == 2


def test_phases_see_the_clock_at_the_beginning_of_their_pulse() -> None:
    clock: list[float] = []
    place: Marketplace
    place = Marketplace([Phase("look", lambda _: clock.append(place.environment.now))], 7.0)
    place.run(21.0)
    assert clock == [0.0, 7.0, 14.0]


@pytest.mark.parametrize("length", [0.0, -7.0, float("nan")])
def test_a_pulse_needs_a_length(length: float) -> None:
    with pytest.raises(ValueError, match=r"market\.pulse=.*use 7"):
        Marketplace([], length)
