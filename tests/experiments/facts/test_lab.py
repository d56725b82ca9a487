"""What experimenters count is what happened: exits, exited neighbours, friends; and events are what the model does."""

import numpy as np
import pytest

from agents.columns import NONE, C, N, S
from agents.miniature import customers, market
from agents.scenario import Scenario
from experiments.facts.advice import FACT as ADVICE
from experiments.facts.contagion import Neighbours
from experiments.facts.hazard import PersonWeeks
from experiments.facts.lab import Lab, Leaving, customers_of, left, tied_to
from experiments.facts.recovery import fail
from experiments.facts.treatments import Mailing, Notice

pytestmark = pytest.mark.slow

TIED = {"customers": 600, "network.ties": 6.0, "network.homophily": 0.5, "gate.attention": 0.02}


@pytest.fixture(scope="module")
def lab() -> Lab:
    """A replicate of the miniature market, its people tied."""
    return Lab(
        market=market(TIED),
        customers=customers(),
        today=Scenario(name="today"),
        focal="focal",
        seed=3,
        replicate=0,
        months=6.0,
    )


def test_exits_by_choice_are_those_of_the_books(lab: Lab) -> None:
    counted = []

    def watch(twin):  # type: ignore[no-untyped-def]
        leaving = Leaving(twin)
        return lambda pulse: counted.append(leaving.step()[1].sum())

    twin = lab.run(lab.warm(), watch=watch)
    assert sum(counted) == twin.world.counts[:-1, :, N.LEFT].sum() > 20


def test_exited_neighbours_are_the_hidden_state_where_all_ties_weigh_the_same(lab: Lab) -> None:
    warm, seen = lab.warm(), []

    def watch(twin):  # type: ignore[no-untyped-def]
        twin.world.arrays.state[S.PEER_EXITS] = 0.0
        seen.append(Neighbours(twin, PersonWeeks(1.0, np.random.default_rng(0))))
        return seen[0]

    twin = lab.run(warm, watch=watch)
    arrays = twin.world.arrays
    stays = (arrays.codes[C.PROVIDER] != NONE) & (arrays.state[S.JOINED] <= 0.0)
    assert (seen[0].exits[stays] > 0.0).sum() > 20
    assert seen[0].exits[stays] == pytest.approx(arrays.state[S.PEER_EXITS, stays], rel=1e-4, abs=1e-5)
    rows, events, weights = seen[0].log.table()
    assert events.sum() == twin.world.counts[:-1, :, N.LEFT].sum()
    assert set(weights) == {1.0}
    assert rows.shape[0] == events.size


def test_twin_without_treatment_is_the_same_and_a_notice_is_not(lab: Lab) -> None:
    warm = lab.warm()
    slots = customers_of(warm)
    assert left(lab.run(warm), slots) == left(lab.run(warm), slots)
    letter = Notice(slots=tuple(int(slot) for slot in slots))
    woken = lab.run(lab.warm({"gate.p_contact": 1.0}), letter, months=1.0)
    assert left(woken, slots) > left(lab.run(warm, months=1.0), slots)
    assert woken.world.counts[woken.focal, :, N.CONTACTS].sum() == slots.size


def test_silent_offer_reaches_nobody(lab: Lab) -> None:
    warm = lab.warm()
    slots = customers_of(warm)
    offer = Notice(slots=tuple(int(slot) for slot in slots), depth=0.3, months=6.0, silent=True)
    twin = lab.run(warm, offer)
    assert twin.world.counts[twin.focal, :, N.CONTACTS].sum() == 0
    assert left(twin, slots) < left(lab.run(warm), slots)


@pytest.mark.parametrize("per_month", [0.0, 1.0, 2.0])
def test_mailing_keeps_its_rate(lab: Lab, per_month: float) -> None:
    warm = lab.warm({"contacts.cap": 1000})
    twin = lab.run(warm, Mailing(per_month=per_month))
    counts = twin.world.counts[twin.focal].sum(axis=0)
    months = counts[N.CUSTOMER_DAYS] / 1e6 / 30.4375
    assert counts[N.CONTACTS] / months == pytest.approx(per_month, rel=0.15)


@pytest.mark.parametrize("per_month", [2.0, 4.0])
def test_second_channel_takes_no_contact_of_the_first(lab: Lab, per_month: float) -> None:
    warm = lab.warm({"contacts.cap": 1000, "pulse": 2.0})
    counts = [
        lab.run(warm, Mailing(per_month=per_month, beside=beside, gap=2.0)).world.counts[0].sum(axis=0)
        for beside in (0.0, 2.0)
    ]
    rates = [c[N.CONTACTS] / (c[N.CUSTOMER_DAYS] / 1e6 / 30.4375) for c in counts]
    assert rates[1] - rates[0] == pytest.approx(2.0, rel=0.15)


def test_friends_are_tied_and_not_of_the_sample(lab: Lab) -> None:
    warm = lab.warm()
    slots = customers_of(warm)
    sample = slots[::5]
    friends = tied_to(warm, sample)
    arrays = warm.world.arrays
    assert not np.isin(friends, sample).any()
    assert np.isin(friends, slots).all()
    for friend in friends:
        assert np.isin(arrays.ties[arrays.starts[friend] : arrays.starts[friend + 1]], sample).any()


def test_failure_and_recovery_are_those_of_the_model(lab: Lab) -> None:
    warm = lab.warm()
    slots = customers_of(warm)
    law, state = warm.world.law, warm.world.arrays.state
    before = state[:, slots].copy()
    for recovered in (False, True):
        twin = lab.run(warm, months=0.0)
        fail(twin, slots, recovered)
        after = twin.world.arrays.state[:, slots]
        dropped = np.maximum(0.0, before[S.SATISFACTION] - law.drop_failure)
        healed = np.minimum(1.0, dropped + law.recovery * law.drop_failure)
        assert after[S.SATISFACTION] == pytest.approx(healed if recovered else dropped, rel=1e-5)
        hurt = 1.0 - law.heal if recovered else 1.0
        assert after[S.GRIEVANCE] == pytest.approx(before[S.GRIEVANCE] + hurt, rel=1e-5)


def test_advice_observes_both_groups_in_both_worlds(lab: Lab) -> None:
    seen = ADVICE.observe(lab)
    assert seen["inert_people"] > 0.0
    assert 0.0 <= seen["inert_control"] <= seen["inert_people"]
    assert set(seen) == {
        f"{group}_{what}{world}"
        for group in ("inert", "engaged")
        for what in ("people", "control", "treated")
        for world in ("", "_off")
    }
