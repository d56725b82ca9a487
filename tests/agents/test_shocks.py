"""Shocks move their own channel, in their own time, and nothing when they have no size."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.columns import L, N
from agents.miniature import customers, market
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.shock import Shock
from agents.shocks import Shocks
from agents.world import World
from sim.luck import Luck
from sim.marketplace import Pulse

TODAY = Scenario(name="today")


@pytest.fixture(scope="module")
def warm() -> MarketModel:
    model = MarketModel(market({"customers": 3000, "warm_up": 3.0}), customers(), TODAY, Luck(1, 0), "focal")
    model.warm_up()
    return model


def lived(warm: MarketModel, months: float = 6.0, **shock: Any) -> MarketModel:
    shocks = {"one": Shock(**{"month": 2.0, **shock})} if shock else {}
    twin = warm.fork(replace(TODAY, shocks=shocks))
    twin.run(months * 30.4375)
    return twin


class Noted(Shocks):
    """Keeps the levers as they are while people live."""

    seen: list[tuple[float, Any]]

    def lay_over(self, world: World, pulse: Pulse) -> None:
        """Lay over, and keep."""
        super().lay_over(world, pulse)
        self.seen.append((pulse.day, world.levers.copy()))


def levers(warm: MarketModel, **shock: Any) -> list[tuple[float, Any]]:
    """Day and levers, pulse by pulse."""
    twin = warm.fork(TODAY)
    noted = Noted({"one": Shock(**shock)}, [p.name for p in warm.market.providers], warm.focal)
    noted.seen = []
    twin.shocks = noted
    twin.run(6 * 30.4375)
    return noted.seen


def bytes_of(model: MarketModel) -> bytes:
    return b"".join(
        a.tobytes() for a in (model.world.arrays.state, model.world.arrays.codes, model.world.arrays.books)
    )


@pytest.mark.parametrize("kind", ["price_war", "price_rise", "outage", "renewal_event", "entrant"])
def test_a_shock_without_size_changes_not_one_bit(kind: str, warm: MarketModel) -> None:
    assert bytes_of(lived(warm, kind=kind, size=0.0)) == bytes_of(lived(warm))


@pytest.mark.parametrize(
    ("kind", "size"),
    [("price_war", 0.3), ("price_rise", 0.2), ("outage", 30.0), ("renewal_event", 0.9), ("entrant", 0.9)],
)
def test_nothing_happens_before_its_day_and_something_after(
    kind: str, size: float, warm: MarketModel
) -> None:
    assert bytes_of(lived(warm, 1.9, kind=kind, size=size)) == bytes_of(lived(warm, 1.9))
    assert bytes_of(lived(warm, kind=kind, size=size)) != bytes_of(lived(warm))


def test_a_shock_ends_when_it_says_and_leaves_levers_as_they_were(warm: MarketModel) -> None:
    focal = warm.focal
    seen = levers(warm, kind="price_rise", month=2.0, lasts=2.0, size=0.5)
    start = seen[0][1][focal, L.PRICE]
    struck = [day for day, table in seen if table[focal, L.PRICE] != start]
    assert min(struck) >= 2 * 30.4375 - 1e-6
    assert max(struck) < 4 * 30.4375
    assert {float(table[focal, L.PRICE] / start) for _, table in seen} == {1.0, 1.5}
    assert lived(warm, kind="price_rise", size=0.5).world.levers[focal, L.PRICE] == start, (
        "taken off after each pulse"
    )


def test_directions(warm: MarketModel) -> None:
    def of(column: int, **shock: Any) -> float:
        return float(lived(warm, **shock).world.counts[warm.focal, :, column].sum())

    assert of(N.LOOKS, kind="renewal_event", size=0.9) > 1.1 * of(N.LOOKS)
    assert of(N.LEFT, kind="price_war", size=0.5) > of(N.LEFT)
    assert of(N.INCIDENTS, kind="outage", size=30.0) > 1.5 * of(N.INCIDENTS), (
        "more than any provider's usual rate"
    )
    assert of(N.LEFT, kind="price_rise", size=0.5) > of(N.LEFT)


def test_rivals_answer_after_their_time(warm: MarketModel) -> None:
    names = [provider.name for provider in warm.market.providers]
    others = [n for n in range(len(names)) if n != warm.focal]
    war: dict[str, Any] = {"kind": "price_rise", "month": 1.0, "size": 0.2, "answer_after": 2.0}
    first = levers(warm, **war)[0][1]
    for day, table in levers(warm, **war, answer="match"):
        told = table[others, L.PRICE] / first[others, L.PRICE]
        assert np.allclose(told, 1.2 if day >= 3 * 30.4375 - 1e-6 else 1.0)
    offers = [
        table[others, L.WELCOME_DEPTH].max() for _, table in levers(warm, **war, answer="counter_offer")
    ]
    assert (offers[0], offers[-1]) == (0.0, np.float32(0.2))


@pytest.mark.parametrize(
    ("shock", "said"),
    [
        ({"kind": "price_war", "size": 0.99}, "allowed is 0 to 0.95"),
        ({"kind": "outage", "size": 1.0, "provider": "nobody"}, "provider=nobody is not in this market"),
    ],
)
def test_what_cannot_strike_is_refused(shock: dict[str, Any], said: str, warm: MarketModel) -> None:
    with pytest.raises(ValueError, match=said):
        lived(warm, **shock)
