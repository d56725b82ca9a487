"""Experience: the only road into commitment, the same for whoever delivers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from agents.columns import C, S, T
from agents.market import KINDS
from agents.miniature import ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.scenario import Scenario
from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView
from sim.marketplace import Pulse

MONTH = 30.4375
CALM: dict[str, Any] = {"customers": 40, "gate.attention": 1e-7, **QUIET, **ISOLATED}
"""Nobody looks, nothing happens by itself."""


@pytest.mark.parametrize(
    ("tau", "h"), [(12.0, 4.0), (3.0, 8.0), (4.0, 4.0 * np.log(2.0))], ids=["slow", "fast", "equal rates"]
)
@pytest.mark.parametrize("days", [1.0, 7.0, 28.0])
def test_commitment_and_expectation_follow_their_equations(tau: float, h: float, days: float) -> None:
    """Exactly, whatever the pulse: against a numerical solution with experience constant within each pulse."""
    kappa, stream = 0.4, [0.0, 3.0, 3.0, 0.0, -2.0, 1.0, 0.0, 0.0]
    world = warm({**CALM, "experience.kappa": kappa, "experience.tau": tau, "experience.h": h}).world
    s = world.arrays.state
    c, e = 0.3, 0.1
    s[S.COMMITMENT], s[S.EXPECTATION] = c, e
    for n, quantity in enumerate(stream):
        s[S.EXPERIENCE] = quantity
        world.live_and_look(world.pace(Pulse(n, n * days, days)))
        v = quantity / days

        def motion(_: float, y: np.ndarray, v: float = v) -> list[float]:
            return [-y[0] / (tau * MONTH) + kappa * (v - y[1]), np.log(2.0) / (h * MONTH) * (v - y[1])]

        c, e = solve_ivp(motion, (0.0, days), [c, e], rtol=1e-10, atol=1e-12).y[:, -1]
        assert s[S.COMMITMENT] == pytest.approx(c, abs=3e-6)
        assert s[S.EXPECTATION] == pytest.approx(e, abs=3e-6)
        assert (s[S.EXPERIENCE] == 0.0).all()


def test_one_gets_used_to_a_steady_stream_and_misses_it_afterwards() -> None:
    world = warm({**CALM, "experience.tau": 12.0, "experience.h": 2.0}).world
    s = world.arrays.state
    path = []
    for n in range(200):
        s[S.EXPERIENCE] = 2.0 if n < 150 else 0.0
        world.live_and_look(world.pace(Pulse(n, 7.0 * n, 7.0)))
        path.append(float(s[S.COMMITMENT, 0]))
    assert max(path[:60]) > 1.0
    assert abs(path[149]) < 0.2 * max(path)
    assert min(path[150:]) < -1.0


# --- two strategies, one stream -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Concierge(Strategy):
    """Serves everyone at once."""

    kind: ClassVar[str] = "active"

    def calendar(self, view: ProviderView) -> Calendar:
        while True:
            yield view.next_date(1.0)
            ids = view.members
            view.serve(ids, "help", np.full(ids.size, 12.0, np.float32), 3.0)


@dataclass(frozen=True, kw_only=True)
class Hotline(Strategy):
    """Serves the same in two rounds, the last first, under another name and from a hook."""

    kind: ClassVar[str] = "passive"

    def calendar(self, view: ProviderView) -> Calendar:
        while True:
            yield view.next_date(1.0)
            for ids in (view.members[1::2][::-1], view.members[::2]):
                view.serve(ids, "help", np.full(ids.size, 12.0, np.float32), 3.0)


def lived(warmed: MarketModel, scenario: Scenario, days: float = 140.0) -> MarketModel:
    twin = warmed.fork(scenario)
    twin.run(days)
    return twin


def test_two_strategies_that_deliver_the_same_stream_give_the_same_bytes() -> None:
    one = Scenario(name="one", focal={"concierge": Concierge()})
    other = Scenario(name="other", focal={"zz_hotline": Hotline()})
    warmed = warm({"customers": 60}, one, other)
    left, right = (lived(warmed, scenario) for scenario in (one, other))
    for name in ("traits", "state", "codes", "money", "crm", "levers", "counts"):
        assert getattr(left.world.arrays, name).tobytes() == getattr(right.world.arrays, name).tobytes(), name
    books = [
        m.world.arrays.books[:, :, [0, m.tags[slot]]]
        for m, slot in ((left, "concierge"), (right, "zz_hotline"))
    ]
    assert books[0].tobytes() == books[1].tobytes()
    idle = lived(warmed, Scenario(name="none"))
    assert idle.world.arrays.state.tobytes() != left.world.arrays.state.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_worth_what_taste_and_market_say(kind: str, doing: Callable[..., Scenario]) -> None:
    def serve(view: ProviderView) -> None:
        view.serve(view.members, kind, np.full(view.members.size, 10.0, np.float32), 1.0)

    scenario = doing(serve)
    world = lived(
        warm({**CALM, f"experience.worth_{kind}": 0.7, "experience.kappa": 0.2}, scenario), scenario, 7.0
    ).world
    served = world.arrays.codes[C.PROVIDER] == 0
    taste = world.arrays.traits[T.TASTE_HELP + KINDS.index(kind)]
    pace = world.pace(Pulse(0, 0.0, 7.0))
    expected = taste * 10.0 * 0.7 / 7.0 * pace.experience_gain
    assert world.arrays.state[S.COMMITMENT, served] == pytest.approx(expected[served], rel=1e-4, abs=1e-6)
    assert (world.arrays.state[S.COMMITMENT, ~served] == 0.0).all()
    assert (taste[served] < 0).any() or kind != "belonging", "some dislike what others like"


def test_points_burnt_are_a_gift(doing: Callable[..., Scenario]) -> None:
    """A reward of the programme and a present of the same money are the same experience."""

    def present(view: ProviderView) -> None:
        view.serve(view.members, "gift", np.full(view.members.size, 25.0, np.float32), 25.0)

    def enrol(view: ProviderView) -> None:
        view.programme(earn=0.5, burn_at=0.01, hassle_hours=0.0)
        view.enrol(view.members)

    given, earned = doing(present, name="given"), doing(enrol, name="earned")
    changes = {**CALM, "purchases.usage_rate": 0.1}
    warmed = warm(changes, given, earned, people={"spend": 1.0, "spread_spend": 0.0})
    one, other = lived(warmed, given, 35.0), lived(warmed, earned, 35.0)
    plan = one.world.arrays.codes[C.PLAN]
    own = (one.world.arrays.codes[C.PROVIDER] == 0) & (plan == 1)
    gift = one.world.arrays.traits[T.TASTE_GIFT] * 0.1
    assert own.any()
    for model, pulses in ((one, [0] * 40), (other, None)):
        bills = np.floor((35.0 - model.world.arrays.traits[T.BILL_PHASE]) / MONTH) + 1
        due = model.world.arrays.traits[T.BILL_PHASE] // 7.0 if pulses is None else np.zeros(40)
        once = own & (bills == 1) if pulses is None else own
        for i in np.flatnonzero(once):
            c = e = 0.0
            for n in range(5):
                v = 25.0 * gift[i] / 7.0 if n == due[i] else 0.0
                pace = model.world.pace(Pulse(n, 7.0 * n, 7.0))
                # A bill comes while the pulse is lived, so that its reward is experienced in the next one.
                late = pulses is None
                if late and n == due[i] + 1:
                    v = 25.0 * gift[i] / 7.0
                elif late:
                    v = 0.0
                c, e = (
                    float(c * pace.commitment_kept + (v - e) * pace.experience_gain),
                    float(v - (v - e) * pace.expectation_kept),
                )
            assert model.world.arrays.state[S.COMMITMENT, i] == pytest.approx(c, abs=1e-5)


def test_a_contact_above_tolerance_is_a_bad_experience(doing: Callable[..., Scenario]) -> None:
    calls = {7.0 * n: (lambda view: view.notify(view.members, "call")) for n in range(3)}
    scenario = doing(calls)
    changes = {**CALM, "gate.p_contact": 0.0, "experience.rho": 0.6}
    world = lived(warm(changes, scenario), scenario, 21.0).world
    own = np.flatnonzero(world.arrays.codes[C.PROVIDER] == 0)
    tolerance = world.arrays.traits[T.CONTACT_TOLERANCE]
    kept = 2.0 ** (-7.0 / (2.0 * 7.0))
    for i in own:
        pressure = c = e = 0.0
        for n in range(3):
            pressure += 1.0
            v = -0.6 * max(0.0, pressure - tolerance[i]) / 7.0
            pace = world.pace(Pulse(n, 7.0 * n, 7.0))
            c, e = (
                c * pace.commitment_kept + (v - e) * pace.experience_gain,
                v - (v - e) * pace.expectation_kept,
            )
            pressure *= kept
        assert world.arrays.state[S.COMMITMENT, i] == pytest.approx(c, abs=1e-5)
        assert world.arrays.state[S.PRESSURE, i] == pytest.approx(pressure, rel=1e-5)
    assert (world.arrays.state[S.COMMITMENT, own] < 0.0).any()
    assert (tolerance[own] > 1.0).any()
