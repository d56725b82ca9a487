"""Whoever breaks the contract of strategies is found out, and told in a sentence."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from agents import contract
from agents.columns import L, S
from agents.contract import BrokenContract, check, doubling_moves, equals_placebo, is_absent_beside, spending
from agents.documented import sections, unsaid
from agents.model import MarketModel
from agents.strategies.blend.blend import Blend
from agents.strategies.passive.points_programme import PointsProgramme
from agents.strategies.placebo import Placebo
from agents.strategies.strategy import Calendar, Ids, SaveOffer, Strategy
from agents.view import ProviderView
from sim.quantities import quantity


@dataclass(frozen=True, kw_only=True)
class Honest(Strategy):
    """Spends a little.

    Mechanism: none. Costs: a little. Fails: always. Sources: s.
    """

    kind: ClassVar[str] = "placebo"

    def launch(self, view: ProviderView) -> None:
        view.spend(5.0)


@dataclass(frozen=True, kw_only=True)
class Charms(Honest):
    """Writes a hidden state. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def calendar(self, view: ProviderView) -> Calendar:
        yield view.next_date(1.0)
        view._provider.world.arrays.state[S.SATISFACTION, view.members] = 1.0


@dataclass(frozen=True, kw_only=True)
class Cooks(Honest):
    """Writes what the CRM has seen. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def save(self, view: ProviderView, leavers: Ids) -> SaveOffer | None:
        spend = view.crm.spend
        spend.flags.writeable = True
        spend[leavers] += 1.0
        return None


@dataclass(frozen=True, kw_only=True)
class Peeks(Honest):
    """Declares that it peeks. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    @property
    def peeks(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Forgets(Honest):
    """Counts its dates where no restart finds them. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def calendar(self, view: ProviderView) -> Calendar:
        calls = 0
        while True:
            yield view.next_date(1.0)
            calls += 1
            view.spend(float(calls))


@dataclass(frozen=True, kw_only=True)
class Gambles(Honest):
    """Draws from somewhere else than the keyed luck. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def launch(self, view: ProviderView) -> None:
        view.spend(float(np.random.default_rng().random()))


@dataclass(frozen=True, kw_only=True)
class Always(Honest):
    """Gives the discount to as many, however little of it is bought. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    @property
    def learns(self) -> bool:
        return False

    def __post_init__(self) -> None:
        object.__setattr__(self, "intensity", 1.0)


@dataclass(frozen=True, kw_only=True)
class Hides(Honest):
    """Keeps an object in its state. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def launch(self, view: ProviderView) -> None:
        view.state["people"] = view.members  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True)
class Blames(Honest):
    """Books under nobody's tag. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def launch(self, view: ProviderView) -> None:
        object.__setattr__(view._running, "tag", 7)
        view.spend(5.0)


@dataclass(frozen=True, kw_only=True)
class Silent(Honest):
    """Says nothing about itself."""


@dataclass(frozen=True, kw_only=True)
class Unsourced(Honest):
    """Does not say who found it out. Mechanism: m. Costs: c. Fails: f."""


@dataclass(frozen=True, kw_only=True)
class Abrupt(Honest):
    """Mechanism: m. Costs: c. Fails: f. Sources: s."""


@dataclass(frozen=True, kw_only=True)
class Vague(Honest):
    """Has a field without a meaning. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    pages: float = 2.0


@pytest.mark.parametrize(
    ("breaker", "sentence"),
    [
        (Charms, "Charms.calendar changes the world without a lever: state differ"),
        (Cooks, "Cooks.save changes the world without a lever: crm differ"),
        (Forgets, "Forgets restarted in weeks"),
        (Gambles, "Gambles runs differently twice: books differ"),
        (Always, "Always at intensity 0 is not absent"),
        (Hides, "view.state of Hides holds"),
        (Blames, r"Blames books under tags \[7\]"),
        (Silent, "the docstring of Silent does not say Mechanism: Costs: Fails: Sources:"),
        (Unsourced, r"does not say Sources: \(or that no trustworthy source was found\)"),
        (Abrupt, "the docstring of Abrupt does not begin with what it does"),
        (Vague, "Vague.pages has no meaning; make it with quantity"),
    ],
)
def test_a_breach_is_named(breaker: type[Strategy], sentence: str) -> None:
    with pytest.raises(BrokenContract, match=sentence):
        check(breaker())


def test_an_honest_strategy_passes() -> None:
    check(Honest())
    contract.peeks_only_if_declared(Peeks())


def test_a_strategy_whose_dates_are_kept_elsewhere_is_told_which_week() -> None:
    with pytest.raises(BrokenContract, match=r"is not what it would have been in week 14: books differ"):
        contract.restarts_from_plain_state(Forgets())


# --- what a docstring says ---------------------------------------------------------------------------


class Told:
    """Does this,
    and that.

    More of it.

    Mechanism: a stake (cost: none). Costs:
    wages, idle or not.
    Fails: often; no trustworthy
    source was found.

    It is a control.

    Attributes:
        kind: Sources: none.
    """


def test_a_docstring_is_read_by_its_parts() -> None:
    assert sections(Told) == {
        "": "Does this, and that. More of it.",
        "Mechanism": "a stake (cost: none).",
        "Costs": "wages, idle or not.",
        "Fails": "often; no trustworthy source was found.",
        "Notes": "It is a control.",
    }
    assert unsaid(Told) == ()
    assert unsaid(object) == ("Mechanism", "Costs", "Fails", "Sources")


# --- rules that need to know something ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Gifts(Honest):
    """Gives every customer a gift each month. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    worth: float = quantity("currency", 0.0, 100.0, "What the gift is worth.", default=3.0)

    def calendar(self, view: ProviderView) -> Calendar:
        while True:
            yield view.next_date(1.0)
            ids = view.members
            view.serve(ids, "gift", np.full(ids.size, self.worth, np.float32), 2.0)


@dataclass(frozen=True, kw_only=True)
class Announces(Gifts):
    """Gives, and says so. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def calendar(self, view: ProviderView) -> Calendar:
        for date in super().calendar(view):
            yield date
            view.notify(view.members, "message")


@dataclass(frozen=True, kw_only=True)
class Meddles(Honest):
    """Pulls two levers with one parameter. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    depth: float = quantity("share of the price", 0.0, 1.0, "Welcome offer.", default=0.1)

    def set_up(self, view: ProviderView) -> None:
        view.welcome(self.depth, 3.0)
        view.train(0.7 + self.depth)


@dataclass(frozen=True, kw_only=True)
class Idle(Honest):
    """Never does anything. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def launch(self, view: ProviderView) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Loud(Honest):
    """Listens to others of its kind. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    volume: ClassVar[list[float]] = [5.0]

    def launch(self, view: ProviderView) -> None:
        view.spend(self.volume[0])


@dataclass(frozen=True, kw_only=True)
class Hushes(Honest):
    """Silences another one even at intensity 0. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def __post_init__(self) -> None:
        Loud.volume[0] = 5.0 if self.intensity else 1.0


@dataclass(frozen=True, kw_only=True)
class Turns(Blend):
    """Starts one tactic, later another in its place. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def launch(self, view: ProviderView) -> None:
        view.govern("first", 1.0)

    def calendar(self, view: ProviderView) -> Calendar:
        while True:
            yield view.next_date(5.0)
            view.govern("first", 0.0)
            view.govern("second", 1.0)


@dataclass(frozen=True, kw_only=True)
class Grabs(Turns):
    """Helps its tactics by hand. Mechanism: m. Costs: c. Fails: f. Sources: s."""

    def calendar(self, view: ProviderView) -> Calendar:
        for date in super().calendar(view):
            yield date
            view._provider.world.arrays.state[S.COMMITMENT, view.members] = 1.0


POINTS = PointsProgramme(earn=0.02, burn_at=5.0, hassle_hours=0.1, platform=1.0, running=0.1)
TACTICS = {"first": POINTS, "second": Gifts()}
WORTHLESS = {"experience.worth_gift": 0.0}


@pytest.mark.slow
def test_without_its_mechanism_a_strategy_is_a_placebo() -> None:
    equals_placebo(Gifts(), WORTHLESS)
    equals_placebo(Gifts(), {}, people={"taste_gift": 0.0, "spread_taste": 0.0})
    equals_placebo(Placebo(upfront=2.0, per_month=0.5), {})
    quiet = {"contacts.weight_message": 0.0, "gate.p_contact": 0.0, "purchases.salience_jump": 0.0}
    equals_placebo(Announces(), WORTHLESS | quiet, also={"state.NEED", "state.ADVANCED"})


@pytest.mark.parametrize(
    ("breaker", "market", "sentence"),
    [
        (
            Gifts(),
            {},
            r"Gifts is no placebo with {}: in week \d, after settle_outboxes, state.EXPERIENCE differ",
        ),
        (
            Announces(),
            WORTHLESS,
            r"after settle_outboxes, .*state.PRESSURE.* differ from the world without",
        ),
        (Meddles(), {}, r"in week 1, after settle_outboxes, levers.SOLVED, levers.WELCOME_DEPTH"),
        (Idle(), {}, "Idle spends nothing in 60 weeks"),
    ],
)
def test_what_moves_more_than_the_ledger_is_no_placebo(
    breaker: Strategy, market: dict[str, float], sentence: str
) -> None:
    with pytest.raises(BrokenContract, match=sentence):
        equals_placebo(breaker, market)


def welcome(model: MarketModel) -> float:
    return float(model.world.levers[model.focal, L.WELCOME_DEPTH])


def commitment(model: MarketModel) -> float:
    return float(model.world.arrays.state[S.COMMITMENT].sum())


def test_a_lever_moves_its_channel_and_nothing_else_at_once() -> None:
    once, twice = doubling_moves(Gifts(), {"worth": 6.0}, commitment, only={"state.EXPERIENCE"})
    assert twice > once
    with pytest.raises(
        BrokenContract, match=r"moves levers.SOLVED too, at once: in week 1, after settle_outboxes"
    ):
        doubling_moves(Meddles(), {"depth": 0.2}, welcome, only={"levers.WELCOME_DEPTH"})


def test_what_moves_nothing_is_named() -> None:
    placebo = Placebo(upfront=2.0, per_month=0.5)
    with pytest.raises(BrokenContract, match="moves nothing in its channel"):
        doubling_moves(placebo, {"upfront": 4.0}, welcome)
    with pytest.raises(BrokenContract, match="moves no row of the world"):
        doubling_moves(placebo, {"upfront": 4.0}, lambda m: float(spending(m).sum()), only={"state.NEED"})


@pytest.mark.slow
def test_a_blend_of_tactics_that_come_and_go_keeps_the_contract() -> None:
    check(Turns(tactics=TACTICS))
    is_absent_beside(Turns(tactics=TACTICS), {"loud": Loud(), "more": Turns(tactics=TACTICS)})


def test_a_blend_that_does_more_than_govern_is_found_out() -> None:
    with pytest.raises(
        BrokenContract, match=r"Grabs.calendar changes the world without a lever: state differ"
    ):
        contract.touches_only_levers(Grabs(tactics=TACTICS))


def test_at_intensity_0_a_strategy_is_absent_from_a_blend_too() -> None:
    is_absent_beside(Gifts(), {"loud": Loud(), "zebra": Announces()})
    contract.is_absent_at_zero(Hushes())
    Hushes()
    with pytest.raises(BrokenContract, match="Hushes at intensity 0 is not absent beside loud: books differ"):
        is_absent_beside(Hushes(), {"loud": Loud()})
    Hushes()
