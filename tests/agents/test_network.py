"""The network: how ties are drawn, what passes along them, and that nothing does where there are none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.columns import NONE, A, B, C, K, L, N, S, T
from agents.market import Network
from agents.miniature import FAMILY, ISOLATED, QUIET, warm
from agents.model import MarketModel
from agents.network import ROUNDS, network_of, partner, spread_exit
from agents.scenario import Scenario
from agents.view import ProviderView
from agents.world import Lookers, World
from sim.luck import Luck
from sim.marketplace import Pulse
from sim.quantities import DAYS_PER_MONTH, MICROS

PEOPLE = 4000
SURE = 4.0
"""Standard errors that a figure may be away from what is expected."""
NEAR = 12
"""How far on either side alike people may lie in the order of (segment, taste)."""
EMPTY = Scenario(name="none")
SHARES = np.array([0.5, 0.3, 0.2])
Doing = Callable[..., Scenario]


# --- how ties are drawn -------------------------------------------------------------------------------


class Drawn:
    """A drawn network of people of three segments, as a table of directed ties."""

    def __init__(
        self,
        homophily: float = 0.0,
        sociability: NDArray[np.float32] | None = None,
        luck: Luck | None = None,
        ties: float = 8.0,
    ) -> None:
        generator = np.random.default_rng(5)
        self.segment = generator.choice(3, PEOPLE, p=SHARES).astype(np.int8)
        self.position = generator.uniform(-1.0, 1.0, PEOPLE).astype(np.float32)
        social = np.ones(PEOPLE, np.float32) if sociability is None else sociability
        law = Network(ties=ties, homophily=homophily, strong=0.3, weak=0.4)
        key = (luck or Luck(1, 0)).key
        self.starts, self.ties, self.weights = network_of(law, key, social, self.segment, self.position)
        self.degree = np.diff(self.starts)
        self.ends = np.repeat(np.arange(PEOPLE), self.degree)

    @property
    def pairs(self) -> NDArray[np.int64]:
        return self.ends * PEOPLE + self.ties


def distinct(homophily: float, ties: float = 8.0) -> tuple[float, float]:
    """Expected ties that a person starts, by kind: alike and anybody; a pair that both start counts once."""
    alike = NEAR * (1.0 - (1.0 - homophily / (2 * NEAR)) ** ties)
    return alike, (1.0 - homophily) * ties / 2.0


def test_ties_are_mutual_and_nobody_is_tied_to_itself_or_twice() -> None:
    net = Drawn(homophily=0.5)
    assert (net.ends != net.ties).all()
    assert np.unique(net.pairs).size == net.pairs.size
    back = net.ties.astype(np.int64) * PEOPLE + net.ends
    there, here = np.argsort(net.pairs), np.argsort(back)
    assert (net.pairs[there] == back[here]).all()
    assert (net.weights[there] == net.weights[here]).all(), "a tie weighs the same from both ends"


@pytest.mark.parametrize("homophily", [0.0, 0.5, 0.9])
def test_the_mean_number_of_ties(homophily: float) -> None:
    """Twice the distinct ties a person starts; the number of ties is a sum of nearly independent events."""
    alike, anybody = distinct(homophily)
    expected = 2.0 * (alike + anybody)
    error = 2.0 * np.sqrt((alike + anybody) / PEOPLE)
    assert abs(net_mean(Drawn(homophily)) - expected) < SURE * error
    assert expected > 0.85 * 8.0


def net_mean(net: Drawn) -> float:
    return float(net.degree.mean())


def test_the_sociable_have_more_ties() -> None:
    """Half and one and a half times as many started, as many received by all: 6 and 10 of a mean of 8."""
    sociability = np.where(np.arange(PEOPLE) % 2 == 0, 0.5, 1.5).astype(np.float32)
    degree = Drawn(sociability=sociability).degree
    for expected, found in ((6.0, degree[::2]), (10.0, degree[1::2])):
        assert abs(found.mean() - expected) < SURE * np.sqrt(expected / found.size) + 0.02


@pytest.mark.parametrize("homophily", [0.0, 0.3, 0.8])
def test_the_share_of_ties_within_a_segment(homophily: float) -> None:
    """By chance the sum of squared shares; of those started among the alike all, but for the segments' borders."""
    net = Drawn(homophily)
    chance = float((np.bincount(net.segment, minlength=3) ** 2).sum()) / PEOPLE**2
    alike, anybody = distinct(homophily)
    expected = (alike + anybody * chance) / (alike + anybody)
    across = 3 * NEAR * (NEAR + 1) / 2.0 * (alike / NEAR) / (PEOPLE * (alike + anybody))
    found = float((net.segment[net.ends] == net.segment[net.ties]).mean())
    error = np.sqrt(max(expected * (1.0 - expected), 1e-3) / (net.ties.size / 2.0))
    assert abs(found - expected) < SURE * error + across


def test_ties_are_alike_in_taste_as_homophily_says() -> None:
    """Two tastes, uniform on [-1, 1], are 2/3 apart by chance."""
    far, near = (np.abs(net.position[net.ends] - net.position[net.ties]) for net in (Drawn(0.0), Drawn(0.8)))
    assert abs(far.mean() - 2.0 / 3.0) < SURE * np.sqrt(2.0 / 9.0 / (far.size / 2.0)) + 0.01
    alike, anybody = distinct(0.8)
    mixed = anybody / (alike + anybody) * 2.0 / 3.0
    assert mixed < near.mean() < mixed + 0.03


def test_the_share_of_strong_ties_and_the_weight_of_weak_ones() -> None:
    net = Drawn(homophily=0.5)
    mean = 0.3 + 0.7 * 0.4
    assert np.unique(net.weights).tolist() == pytest.approx([0.4 / mean, 1.0 / mean])
    strong = float((net.weights > 1.0).mean())
    assert abs(strong - 0.3) < SURE * np.sqrt(0.21 / (net.ties.size / 2.0))


def test_the_same_luck_draws_the_same_network() -> None:
    first, again, other = Drawn(0.5), Drawn(0.5), Drawn(0.5, luck=Luck(2, 0))
    for name in ("starts", "ties", "weights"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert first.ties.tobytes() != other.ties.tobytes()
    assert Drawn(ties=0.0).ties.size == 0


# --- exits --------------------------------------------------------------------------------------------


def ties_of(world: World, i: int) -> dict[int, float]:
    w = world.arrays
    part = slice(int(w.starts[i]), int(w.starts[i + 1]))
    return dict(zip(w.ties[part].tolist(), w.weights[part].tolist(), strict=True))


def test_an_exit_is_noticed_by_ties_among_customers_of_the_same_provider(knowing: dict[str, Any]) -> None:
    world = warm({"customers": 300, **ISOLATED, **knowing}).world
    w = world.arrays
    w.state[S.PEER_EXITS] = 0.0
    provider = w.codes[C.PROVIDER]
    i = next(
        i for i in range(300) if provider[i] == 0 and {0, 1} <= {int(provider[j]) for j in ties_of(world, i)}
    )
    spread_exit(w, world.law, world.key, np.int64(i), np.int64(0))
    expected = np.zeros(300, np.float32)
    for j, weight in ties_of(world, i).items():
        expected[j] = weight if provider[j] == 0 else 0.0
    assert (w.state[S.PEER_EXITS] == expected).all()
    assert (expected > 0.0).any()


def test_all_exits_of_a_pulse_reach_those_who_stay(knowing: dict[str, Any]) -> None:
    changes = {"customers": 600, **QUIET, **ISOLATED, **knowing, "gate.attention": 0.1}
    model = warm(changes).fork(EMPTY)
    before = model.world.arrays.codes[C.PROVIDER].copy()
    model.world.arrays.state[S.PEER_EXITS] = 0.0
    model.step()
    w = model.world.arrays
    after = w.codes[C.PROVIDER]
    left = (before >= 0) & (after != before)
    assert left.sum() > 20
    noticed = np.zeros(600)
    for i in np.flatnonzero(left):
        for j, weight in ties_of(model.world, int(i)).items():
            noticed[j] += weight * (before[j] == before[i])
    stayed = (before >= 0) & (after == before)
    np.testing.assert_allclose(w.state[S.PEER_EXITS][stayed], noticed[stayed], rtol=1e-6)


@pytest.mark.parametrize("months", [0.5, 2.0])
def test_exits_fade_with_the_half_life(months: float, knowing: dict[str, Any]) -> None:
    world = warm({"customers": 60, **QUIET, **knowing, "network.half_life": months}).world
    world.arrays.state[S.PEER_EXITS] = 2.0
    for number in range(3):
        world.live_and_look(world.pace(Pulse(number, 7.0 * number, 7.0)))
    expected = 2.0 * 0.5 ** (21.0 / (months * DAYS_PER_MONTH))
    np.testing.assert_allclose(world.arrays.state[S.PEER_EXITS], expected, rtol=1e-5)


def test_exits_make_ties_look(knowing: dict[str, Any]) -> None:
    """The multiplier is exp(g_peers peer_exits): looks per customer, with and without an exit, against 1 - exp(-a m d)."""
    changes = {
        "customers": PEOPLE, **QUIET, **ISOLATED, **knowing, "gate.attention": 0.02, "gate.g_peers": 0.6,
        "gate.g_grievance": 0.0, "gate.g_dissatisfaction": 0.0, "gate.g_commitment": 0.0, "network.half_life": 60.0,
    }  # fmt: skip
    world = warm(changes, people={**FAMILY, "attention": 1.0}).world
    own = world.arrays.codes[C.PROVIDER] >= 0
    one = np.arange(PEOPLE) % 2 == 0
    world.arrays.state[S.PEER_EXITS] = one.astype(np.float32)
    _, lookers, _ = world.live_and_look(world.pace(Pulse(0, 0.0, 7.0)))
    looked = np.isin(np.arange(PEOPLE), lookers)
    for group, multiplier in ((one, np.exp(0.6)), (~one, 1.0)):
        chance, size = 1.0 - np.exp(-0.02 * multiplier * 7.0), (own & group).sum()
        found = looked[own & group].mean()
        assert abs(found - chance) < SURE * np.sqrt(chance * (1.0 - chance) / size) + 0.002


# --- persons and addresses ----------------------------------------------------------------------------


def partners(world: World, i: int) -> list[int]:
    """Whom a member of a circle is linked to, by round."""
    return [int(partner(world.arrays, world.key, np.int64(i), np.int64(turn))) for turn in range(ROUNDS)]


@pytest.mark.parametrize(("bit", "lever"), [(1, L.CIRCLE_TIES), (2, L.EVENT_TIES)])
def test_links_of_a_circle_are_mutual_and_as_frequent_as_its_probability(bit: int, lever: L) -> None:
    """Also without any other network; a round gives everybody one possible partner."""
    world = warm({"customers": 400, **ISOLATED}).world
    w = world.arrays
    w.codes[C.CIRCLE] = np.where(w.codes[C.PROVIDER] == 0, bit, 0)
    w.levers[0, lever] = 0.4
    members = np.flatnonzero(w.codes[C.CIRCLE])
    linked = {int(i): partners(world, int(i)) for i in members}
    for i, found in linked.items():
        assert all(linked[j][turn] == i != j for turn, j in enumerate(found) if j >= 0)
    links = np.array(list(linked.values()))
    share = members.size / 400.0
    expected = 0.4 * share
    error = np.sqrt(expected * (1.0 - expected) / (links.size / 2.0))
    assert abs((links >= 0).mean() - expected) < SURE * error + 1.0 / 400.0
    w.codes[C.CIRCLE, members[::2]] = 3 - bit
    mixed = {(int(i), j) for i in members for j in partners(world, int(i)) if j >= 0}
    assert all(w.codes[C.CIRCLE, i] == w.codes[C.CIRCLE, j] for i, j in mixed), "two circles do not mix"


def test_a_replacement_inherits_the_ties_and_nothing_that_passed_along_them(knowing: dict[str, Any]) -> None:
    model = warm({"customers": 400, **ISOLATED, **knowing}).fork(EMPTY)
    world = model.world
    w = world.arrays
    w.codes[C.CIRCLE] = np.where(w.codes[C.PROVIDER] == 0, 1, 0)
    w.levers[0, L.CIRCLE_TIES] = 0.5
    i = int(np.flatnonzero((w.codes[C.PROVIDER] == 0) & (np.diff(w.starts) > 3))[0])
    before, addresses, linked = w.ties.copy(), ties_of(world, i), partners(world, i)
    w.state[S.PEER_EXITS, i] = 3.0
    w.codes[C.RECOMMENDED, i], w.bonds[B.RECOMMENDER, i] = 2, next(iter(addresses))
    generation = int(w.codes[C.GENERATION, i])
    w.traits[T.LEAVES_MARKET] = 1e9
    w.traits[T.LEAVES_MARKET, i] = -1.0
    assert world.replace_involuntary(world.pace(Pulse(0, 0.0, 7.0))).tolist() == [i]
    assert int(w.codes[C.GENERATION, i]) == generation + 1
    assert (w.ties == before).all()
    assert ties_of(world, i) == addresses
    assert w.state[S.PEER_EXITS, i] == 0.0
    assert w.codes[C.CIRCLE, i] == w.codes[C.RECOMMENDED, i] == 0
    assert (w.bonds[:, i] == NONE).all()
    w.codes[C.PROVIDER, i], w.codes[C.CIRCLE, i] = 0, 1
    assert partners(world, i) != linked, "who comes in its place and joins knows others"


# --- recommendations ----------------------------------------------------------------------------------


def content_world(knowing: dict[str, Any], people: int = PEOPLE, rate: float = 1.0) -> World:
    """People who are all alike and content, of whom nobody was told anything yet."""
    changes = {"customers": people, **QUIET, **ISOLATED, **knowing, "network.recommend": rate}
    world = warm(changes, people=FAMILY).world
    world.arrays.state[S.SATISFACTION], world.arrays.state[S.COMMITMENT] = 0.8, 0.1
    world.arrays.state[S.UNPROMPTED] = 1.0
    world.arrays.codes[C.RECOMMENDED] = 0
    return world


@pytest.mark.parametrize("reward", [0.0, 30.0])
def test_the_rate_of_recommending(reward: float, knowing: dict[str, Any]) -> None:
    """r days max(0, satisfaction - s_ref + commitment + price_weight reward / horizon), by who has ties."""
    world = content_world(knowing, rate=0.8)
    w = world.arrays
    w.levers[:-1, L.REFERRAL_REWARD] = reward
    able = (w.codes[C.PROVIDER] >= 0) & (np.diff(w.starts) > 0)
    pull = w.traits[T.PRICE_WEIGHT, able] * reward / w.traits[T.HORIZON, able]
    chances = 0.8 / DAYS_PER_MONTH * 7.0 * (0.8 - 0.7 + 0.1 + pull)
    engaged = int(w.counts[:, :, N.ENGAGED].sum())
    world.recommend(world.pace(Pulse(0, 0.0, 7.0)))
    told = int(w.counts[:, :, N.ENGAGED].sum()) - engaged
    assert chances.max() < 1.0
    assert abs(told - chances.sum()) < SURE * np.sqrt((chances * (1.0 - chances)).sum())


def test_the_discontent_recommend_nothing_and_the_rate_is_off_at_zero(knowing: dict[str, Any]) -> None:
    for rate, satisfaction in ((0.0, 0.9), (5.0, 0.55)):
        world = content_world(knowing, 300, rate)
        world.arrays.state[S.SATISFACTION] = satisfaction
        before = world.arrays.counts.copy()
        world.recommend(world.pace(Pulse(0, 0.0, 7.0)))
        assert (world.arrays.counts == before).all()
        assert not world.arrays.codes[C.RECOMMENDED].any()


def test_a_recommendation_reaches_a_tie_who_is_elsewhere_and_prompts_its_look(
    knowing: dict[str, Any],
) -> None:
    world = content_world(knowing)
    w = world.arrays
    world.recommend(world.pace(Pulse(0, 0.0, 7.0)))
    told = np.flatnonzero(w.codes[C.RECOMMENDED])
    assert told.size > 50
    assert (w.state[S.UNPROMPTED][w.codes[C.RECOMMENDED] == 0] == 1.0).all()
    once = 0
    for j in told:
        i = int(w.bonds[B.RECOMMENDER, j])
        assert w.codes[C.RECOMMENDED, j] - 1 == w.codes[C.PROVIDER, i] != w.codes[C.PROVIDER, j]
        left = 1.0 - 0.5 * ties_of(world, int(j))[i]
        assert w.state[S.UNPROMPTED, j] <= left + 1e-6
        once += abs(w.state[S.UNPROMPTED, j] - left) < 1e-6
    assert once > 0.7 * told.size


def joined(world: World, friend_at: int, j: int, tag: int = 3) -> tuple[int, int]:
    """The person j joins the focal provider after a friend's advice, in a referral programme; the friend, the cost."""
    w = world.arrays
    i = next(iter(ties_of(world, j)))
    w.codes[C.PROVIDER, i], w.codes[C.PROVIDER, j] = friend_at, NONE
    w.codes[C.RECOMMENDED, j], w.bonds[B.RECOMMENDER, j] = 1, i
    w.levers[0, L.REFERRAL_REWARD], w.levers[0, L.REFERRAL_GIFT], w.levers[0, L.REFERRAL_TAG] = (
        25.0,
        10.0,
        tag,
    )
    return i, move_in(world, j, tag)


def move_in(world: World, j: int, tag: int = 3) -> int:
    """What rewards cost when j joins the focal provider, in millionths."""
    w = world.arrays
    before = int(w.books[0, :, tag, A.REWARDS].sum())
    lookers = Lookers.of(np.array([j], np.int32))
    lookers.destination[0] = 0
    world.move_and_book(world.pace(Pulse(0, 0.0, 7.0)), lookers, np.empty(0, np.int32))
    assert w.codes[C.PROVIDER, j] == 0
    return int(w.books[0, :, tag, A.REWARDS].sum()) - before


def test_a_join_after_a_friends_advice_is_rewarded(knowing: dict[str, Any]) -> None:
    world = content_world(knowing, 100)
    w = world.arrays
    w.state[S.EXPERIENCE] = 0.0
    referrals = int(w.counts[0, :, N.REFERRALS].sum())
    j = int(np.flatnonzero(np.diff(w.starts) > 0)[0])
    i, cost = joined(world, 0, j)
    assert cost == 35 * MICROS
    assert int(w.counts[0, :, N.REFERRALS].sum()) == referrals + 1
    assert w.crm[0, K.REFERRED, i] == 1.0
    assert w.codes[C.REFERRED, j] == 1
    for person, amount in ((i, 25.0), (j, 10.0)):
        felt = w.traits[T.TASTE_GIFT, person] * world.law.worth_gift * np.float32(amount)
        assert w.state[S.EXPERIENCE, person] == pytest.approx(float(felt))
    w.codes[C.PROVIDER, j] = NONE
    assert move_in(world, j) == 0, "advice is used up by a look"


@pytest.mark.parametrize("elsewhere", [1, NONE])
def test_a_friend_who_is_no_customer_any_more_gets_nothing(elsewhere: int, knowing: dict[str, Any]) -> None:
    world = content_world(knowing, 100)
    before = world.arrays.crm[0, K.REFERRED].copy()
    assert joined(world, elsewhere, 7)[1] == 10 * MICROS
    assert (world.arrays.crm[0, K.REFERRED] == before).all()


def test_who_replaces_a_friend_gets_nothing_for_its_advice(knowing: dict[str, Any]) -> None:
    world = content_world(knowing, 100)
    w = world.arrays
    j = 7
    i = next(iter(ties_of(world, j)))
    w.traits[T.LEAVES_MARKET] = 1e9
    w.traits[T.LEAVES_MARKET, i] = -1.0
    w.codes[C.PROVIDER, [i, j]] = 0, NONE
    w.codes[C.RECOMMENDED, j], w.bonds[B.RECOMMENDER, j] = 1, i
    friend_of = int(next(k for k in ties_of(world, i) if k != j))
    w.bonds[B.RECOMMENDER, friend_of] = i
    w.levers[0, L.REFERRAL_REWARD], w.levers[0, L.REFERRAL_GIFT], w.levers[0, L.REFERRAL_TAG] = (
        25.0,
        10.0,
        3.0,
    )
    world.replace_involuntary(world.pace(Pulse(0, 0.0, 7.0)))
    w.codes[C.PROVIDER, i] = 0
    assert w.codes[C.RECOMMENDED, j] == 1, "the advice itself stays in mind"
    assert w.bonds[B.RECOMMENDER, j] == w.bonds[B.RECOMMENDER, friend_of] == NONE
    assert move_in(world, j) == 10 * MICROS
    assert w.crm[0, K.REFERRED, i] == 0.0


# --- the switch ---------------------------------------------------------------------------------------


def lived(warmed: MarketModel, scenario: Scenario, weeks: int = 20) -> MarketModel:
    twin = warmed.fork(scenario)
    twin.run(weeks * warmed.market.pulse)
    return twin


def differing(left: MarketModel, right: MarketModel) -> set[int]:
    """Slots of whom any column differs by any bit."""
    found: set[int] = set()
    for name in ("traits", "state", "codes", "money", "crm", "bonds"):
        unequal = getattr(left.world.arrays, name) != getattr(right.world.arrays, name)
        found |= set(np.flatnonzero(unequal.any(axis=tuple(range(unequal.ndim - 1)))).tolist())
    return found


def call(ids: NDArray[np.int32]) -> Callable[[ProviderView], None]:
    return lambda view: view.notify(ids, "call")


def ask(ids: NDArray[np.int32]) -> Callable[[ProviderView], None]:
    return lambda view: view.ask(ids, "call")


def invite(ids: NDArray[np.int32]) -> Callable[[ProviderView], None]:
    return lambda view: view.invite(ids, "message", 1e6, 0.0, 50.0, 5.0, 1.0)


def take_in(ids: NDArray[np.int32]) -> Callable[[ProviderView], None]:
    def deed(view: ProviderView) -> None:
        view.community(0.5, 1.0)
        view.join_community(ids, 100.0, 0.0)

    return deed


@pytest.mark.parametrize("treatment", [call, ask, invite, take_in], ids=lambda one: one.__name__)
def test_with_the_network_off_treating_one_customer_changes_nobody_else_by_one_bit(
    treatment: Callable[[NDArray[np.int32]], Callable[[ProviderView], None]], doing: Doing
) -> None:
    """Seats are many; a circle of one has no links."""
    changes = {"customers": 80, "gate.p_contact": 1.0, "dialogue.accept": 10.0, **ISOLATED}
    changes |= {"dialogue.response_call": 1.0, "dialogue.asked": 5.0}
    idle = doing(lambda view: None)
    warmed = warm(changes, idle)
    untreated = lived(warmed, idle)
    stays = (warmed.at_fork.provider == warmed.focal) & (untreated.world.arrays.codes[C.UNBROKEN] == 1)
    belongs = warmed.world.arrays.traits[T.TASTE_BELONGING] > 0.0
    one = np.flatnonzero(stays & belongs)[:1].astype(np.int32)
    assert differing(lived(warmed, doing(treatment(one))), untreated) == {int(one[0])}


def test_ties_are_where_customers_meet(doing: Doing, knowing: dict[str, Any]) -> None:
    """A fifth is called each week for a while: others change with ties, and through exits alone or advice alone."""

    def others(changes: dict[str, Any]) -> int:
        base = {"customers": 300, "gate.p_contact": 1.0, **ISOLATED, **changes}
        called = np.flatnonzero(warm(base).at_fork.provider == 0)[::5].astype(np.int32)
        calls = doing({7.0 * week: call(called) for week in range(4)})
        warmed = warm(base, calls)
        return len(differing(lived(warmed, calls), lived(warmed, EMPTY)) - set(called.tolist()))

    assert others({}) == 0
    assert others(knowing) > 0
    assert others({**knowing, "network.recommend": 0.0}) > 0
