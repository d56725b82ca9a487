"""The adaptive blend: holdouts are random, beliefs follow what tactics do, money follows beliefs, nothing is peeked at."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from agents.columns import K, S
from agents.contract import content
from agents.learning.segments import OBSERVED_SEGMENTS
from agents.learning.trials import Snapshot, Trials
from agents.miniature import warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.blend.adaptive_blend import AdaptiveBlend
from agents.strategies.passive.ease_of_use import EaseOfUse
from agents.strategies.passive.efficient_service import EfficientService
from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView
from sim.luck import Luck
from sim.quantities import quantity

MONTH = 30.4375


@dataclass(frozen=True, kw_only=True)
class Presents(Strategy):
    """A present each month.

    Mechanism: gifts. Costs: the presents. Fails: when they are not liked. Sources: none, it is made up.
    """

    kind: ClassVar[str] = "active"
    worth: float = quantity("currency", 0.0, 1000.0, "What a present is worth.")

    def calendar(self, view: ProviderView) -> Calendar:
        """Serve everyone."""
        while True:
            yield view.next_date(months=1)
            ids = view.members
            view.serve(ids, "gift", np.full(ids.size, self.worth, np.float32), 3.0)


def blend(**changes: Any) -> AdaptiveBlend:
    """Presents that are worth much against presents that are worth nothing, at the same price."""
    values: dict[str, Any] = {
        "tactics": {"loved": Presents(worth=60.0), "useless": Presents(worth=0.0)}, "every": 3.0, "spend": 2.0,
        "holdout": 0.1, "floor": 0.05, "keeps": 0.9, "doubt": 3.0, "horizon": 12.0, **changes,
    }  # fmt: skip
    return AdaptiveBlend(**values)


def lived(strategy: AdaptiveBlend, months: float, luck: Luck | None = None, **changes: Any) -> MarketModel:
    asked = Scenario(name="adaptive", focal={"mix": strategy})
    model = warm({"customers": 1500, "warm_up": 3.0, **changes}, asked, luck=luck).fork(asked)
    model.run(months * MONTH)
    return model


def trials(model: MarketModel) -> Trials:
    memory = model.providers[0].running["mix"].memory
    assert isinstance(memory, Trials)
    return memory


def test_the_first_quarter_is_a_pilot_on_half_of_everybody_by_lot() -> None:
    model = lived(blend(), 2.5)
    seen = trials(model)
    assert seen.snapshot is not None
    number = seen.snapshot.ids.size
    for row in seen.assigned:
        assert abs(row.mean() - 0.5) < 4.0 * 0.5 / np.sqrt(number)
    both = np.corrcoef(seen.assigned[0], seen.assigned[1])[0, 1]
    assert abs(both) < 4.0 / np.sqrt(number)


def test_who_is_held_out_gets_nothing() -> None:
    """Who was assigned is committed by the presents, who was not hardly is by anything."""
    strategy = blend(tactics={"loved": Presents(worth=60.0)})
    model = lived(strategy, 2.9, None, **{"service.desk": False})
    seen = trials(model)
    assert seen.snapshot is not None
    commitment = model.world.arrays.state[S.COMMITMENT, seen.snapshot.ids]
    assert commitment[seen.assigned[0]].mean() > 5.0 * abs(commitment[~seen.assigned[0]]).mean()


@pytest.mark.slow
@pytest.mark.parametrize("luck", [0, 1, 2])
def test_money_follows_what_works(luck: int) -> None:
    """After a year and a half the loved present is believed better and reaches most, the useless one hardly anybody."""
    seen = trials(lived(blend(), 18.5, Luck(3, luck), customers=3000))
    assert seen.belief is not None
    believed, reached = seen.belief.mean.mean(axis=1), seen.coverage.mean(axis=1)
    assert believed[0] > max(believed[1], 0.0)
    assert reached[0] > 0.5
    assert reached[1] < 0.1


def test_the_log_holds_every_tactic_and_segment_at_every_review() -> None:
    seen = trials(lived(blend(), 7.0))
    days = sorted({one.day for one in seen.log})
    due = 3.0 * MONTH * np.arange(3)
    assert len(days) == 3
    assert ((np.array(days) >= due - 0.25) & (np.array(days) < due + 7.0)).all()  # the eve of a week
    for day in days:
        cells = {(one.tactic, one.segment) for one in seen.log if one.day == day}
        assert cells == {(name, cell) for name in ("loved", "useless") for cell in OBSERVED_SEGMENTS}


def test_product_and_desk_have_their_own_experiments() -> None:
    """Releases are staged, so that the CRM knows who has the new product; the desk is on in some weeks only."""
    strategy = blend(
        tactics={
            "ease": EaseOfUse(build=4.0, upkeep=0.2),
            "service": EfficientService(people=0.5, hours=0.0, solved=0.9, training=0.0),
        }
    )
    model = lived(strategy, 9.0)
    seen = trials(model)
    stage = model.world.arrays.crm[0, K.STAGE, seen.known]
    assert abs(stage.mean() - 0.5) < 4.0 * 0.5 / np.sqrt(stage.size)
    on = np.array(["service" in week for week in seen.on])
    assert 0 < on.sum() < on.size
    assert np.array_equal(on[1:-1:2], on[2::2][: on[1:-1:2].size]) or np.array_equal(
        on[::2][: on[1::2].size], on[1::2]
    )


def test_it_goes_on_after_a_restart_as_if_nothing_had_been() -> None:
    asked = Scenario(name="adaptive", focal={"mix": blend()})
    whole = warm({"customers": 300, "warm_up": 3.0}, asked).fork(asked)
    parts = whole.fork(asked)
    for day in (28.0, 98.0, 210.0, 308.0):  # where a pulse ends, and a reading is taken, is part of the world
        whole.run(day)
        parts.run(day)
        parts = parts.fork(asked) if day < 308.0 else parts
    assert content(whole.world) == content(parts.world)
    assert trials(whole).log == trials(parts).log


def test_it_does_not_peek() -> None:
    assert not blend().peeks
    assert blend().learns


@pytest.fixture
def market() -> MarketModel:
    return warm({"customers": 300, "warm_up": 3.0}, Scenario(name="none"))


def test_what_customers_are_worth_is_counted_from_what_the_firm_sees(market: MarketModel) -> None:
    """Margin on bills at list, and months of margin at the customer's own pace for whoever stayed."""
    provider = market.providers[0]
    then = Snapshot.of(provider.crm(0.0), provider.crm(0.0).members())
    market.run(3.0 * MONTH)
    crm = provider.crm(market.marketplace.day)
    worth = then.worth(crm, 0.5, 2.0)
    there = (crm.known[then.ids] > 0.0) & (crm.joined[then.ids] == then.joined)
    assert (worth[~there] == 0.0).all()
    assert there.any()
    i = int(np.flatnonzero(there)[0])
    slot = then.ids[i]
    tenure = max(crm.day - then.joined[i], 91.3125) / MONTH
    expected = (
        crm.price[slot]
        * 0.5
        * (crm.purchases[slot] - then.purchases[i] + 2.0 * min(crm.purchases[slot] / tenure, 31.0))
    )
    assert worth[i] == pytest.approx(expected, rel=1e-5)


def test_a_week_is_noted_as_the_share_of_known_customers_lost(market: MarketModel) -> None:
    """The first week only looks; later ones compare, with what was on."""
    seen, provider = Trials(), market.providers[0]
    seen.week(provider.crm(0.0), frozenset())
    known = seen.known
    assert known.size > 0
    assert len(seen.losses) == 0
    market.run(28.0)
    crm = provider.crm(28.0)
    seen.week(crm, frozenset({"service"}))
    assert list(seen.losses) == pytest.approx([1.0 - float((crm.known[known] > 0.0).mean())])
    assert seen.on == (frozenset({"service"}),)


def test_a_desk_that_loses_fewer_in_weeks_with_more_staff_is_worth_that() -> None:
    """Losses of 1 % with, 2 % without: .01 a customer and week, times what a stay is worth."""
    on = [True, True, False, False] * 6
    noise = np.tile([0.0, 0.0005, 0.0, 0.0005, 0.0, -0.0005, 0.0, -0.0005], 3)
    seen = Trials(
        losses=tuple(0.01 if now else 0.02 for now in on),
        on=tuple(frozenset({"service"} if now else ()) for now in on),
    )
    assert seen.by_week("service", 300.0) is None  # weeks that are all alike say nothing of their noise
    seen.losses = tuple(float(x) for x in np.array(seen.losses) + noise)
    found = seen.by_week("service", 300.0)
    assert found is not None
    assert found.value == pytest.approx(3.0, abs=4.0 * found.error)
    assert found.error < 0.5
