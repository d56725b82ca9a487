"""Rehearsal: every compiled pass of a market called once, among a few people, so that no worker compiles any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agents import choice, miniature, observe
from agents.columns import L, X
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.settle import settle
from agents.strategies.strategy import Strategy
from agents.view import ProviderView
from agents.world import Lookers, World
from sim.luck import Luck
from sim.marketplace import Pulse
from sim.order import by_luck, by_place

_FEW = {"customers": 50, "network.ties": 3.0, "network.homophily": 0.5, "people.drift.fashion": 0.1}
_WEEK = Pulse(0, 0.0, 7.0)


@dataclass(frozen=True, kw_only=True)
class _Everything(Strategy):
    """Stands for all strategies: `levers` pulls for it whatever a strategy can pull."""

    kind: ClassVar[str] = "active"


_EVERYTHING = Scenario(name="everything", focal={"everything": _Everything()})


def a_pulse() -> None:
    """What everybody goes through in a pulse, in a market that nobody lives in: half of all there is to compile."""
    world = World(miniature.market(_FEW), miniature.customers(), Luck(1, 0), ())
    pace = world.pace(_WEEK)
    lookers = Lookers.of(np.arange(2, dtype=np.int32))
    world.live_and_look(pace)
    world.replace_involuntary(pace)
    world.settle_in(pace, lookers.ids)
    world.choose(pace, lookers)
    world.move_and_book(pace, lookers, lookers.ids)
    world.recommend(pace)


def the_rest() -> None:
    """The first day of a market, its desks, and every lever."""
    model = miniature.warm(_FEW, _EVERYTHING).fork(_EVERYTHING)
    _desks(model)
    _levers(model)


def a_month() -> None:
    """A market from its first day to a month beyond its end, where the passes of a pulse meet each other."""
    model = miniature.warm({**_FEW, "warm_up": 1.0}, _EVERYTHING).fork(_EVERYTHING)
    model.run(31.0)
    model.run_on(28.0)


def _desks(model: MarketModel) -> None:
    """A ticket goes to a desk and comes back."""
    tickets = model.world._rooms[0].tickets[:, :1]  # As a pass hands them over: a view of a larger array.
    tickets[:] = 0.0
    tickets[[X.MINUTES, X.PATIENCE, X.RESOLVED], 0] = 1e-3, 1.0, 0.5
    model.passing.tickets = tickets
    model.work_the_desk(_WEEK)
    model.centre.freeze()
    model.work_the_desk(_WEEK)


def _levers(model: MarketModel) -> None:
    """Pull every lever once, and end what that began."""
    provider = model.providers[model.focal]
    running = provider.running["everything"]
    view, world = ProviderView(provider, running), model.world
    ids = view.members[:2]
    some = np.zeros(ids.size, np.float32)
    by_luck(ids, view.uniform(ids, 0), 1)
    by_place(ids, len(world.people))
    view.luck(1, 0)
    view.part_of(ids, 1.0, 0)
    view.newcomers(ids, 1.0)
    view.in_turn(ids, 1.0, 1.0, 0)
    view.better_plans(ids, 0.1)
    choice.leavers_met(
        world.arrays.codes, world.key, 0, np.float32(1.0), provider.number, ids, np.zeros(ids.size, np.int8)
    )
    view.notify(ids, "message", 0.1, 1.0)
    view.send(ids, "message", some)
    view.recommend(ids, "message", some.astype(np.int64))
    view.employ(1.0)
    view.ask(ids, "message", 1.0)
    view.follow_up(ids, 1.0)
    view.check_in(ids, 1.0, 1.0)
    view.invite(ids, "message", 2.0, 0.1, 1.0, 1.0, 0.1)
    view.community(0.1, 0.1)
    view.join_community(ids, 1.0, 0.1)
    view.levels((1.0, 2.0, 3.0), (1.0, 2.0, 3.0), 1.0, 100.0)
    view.review_levels(first=True)
    view.programme(0.1, 1.0, 0.1)
    view.enrol(ids)
    view.offer(ids, 0.1, 1.0)
    view.serve(ids, "help", some, 1.0)
    view.stage(0.5)
    view.reprice(2.0 * float(world.levers[provider.number, L.PRICE]))
    view.spend(1.0)
    settle(provider, model.pace)
    provider.end(running)
    world.leave_probability(model.pace, ids, 30.0)
    observe.forget_inactive(world.arrays, provider.number, model.market.purchases.inactive_after, 0.0)
