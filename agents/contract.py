"""The contract of strategies: what every strategy keeps, tested by running it in a miniature market.

A plug-in runs it like the shipped strategies do:

    from agents.contract import CHECKS, check
    check(MyStrategy(...))                      # all of it
    @pytest.mark.parametrize("rule", CHECKS)    # or rule by rule
    def test_contract(rule): rule(MyStrategy(...), None)

Each rule runs the strategy for the focal provider of `agents.miniature` (changed by dotted names, if that is asked for)
and raises `BrokenContract`, which says in a sentence what is wrong. Three more rules need to know something of the
strategy, and are called by its own tests:

    equals_placebo(MyStrategy(...), {"experience.worth_gift": 0.0})                 # what its mechanism rests on
    doubling_moves(MyStrategy(...), {"depth": 0.2}, channel, only={"state.DISCOUNT"})  # what its lever moves at once
    is_absent_beside(MyStrategy(...), {"save": Promotions(...)})                    # what else the firm runs
"""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import miniature
from agents.columns import SPENDING, A, K
from agents.differences import first_difference
from agents.documented import UNSOURCED, sections, unsaid
from agents.model import MarketModel
from agents.provider import Provider
from agents.scenario import Scenario
from agents.strategies.blend.blend import unfolded
from agents.strategies.strategy import Calendar, Ids, SaveOffer, Strategy
from agents.view import ProviderView
from agents.world import World
from sim.quantities import quantities

SLOT = "under_test"
"""Slot in which the strategy runs."""
WEEKS = 60
"""How many pulses a run takes: more than a year, so that yearly dates come."""
RESTARTS = (5, 14, 27)
"""Pulses after which a restarted run is restarted: in weeks in which monthly and quarterly dates fall."""
LEDGER = frozenset(
    {f"books.{account.name}" for account in SPENDING}
    | {"money.SPENT", "money.VALUE"}
    | {f"crm.{column.name}" for column in K if "CONTACT" in column.name or column.name.endswith("_MONTH")}
    | {"counts.CONTACTS"}
)
"""The rows that a placebo may move, named as in `agents.differences`: what the firm spends, by account and by customer
(`VALUE` is margin less what was spent), and its count of the contacts it made. Everything else is somebody's life, what
somebody paid, or what the firm has learned: revenue too, and the pressure of contacts."""
_PEOPLE = 400
_WEEKS_BESIDE = 26
"""Pulses of a run beside others: what never starts has no yearly dates."""


class BrokenContract(AssertionError):  # noqa: N818 - said in an assertion's words
    """A strategy does what no strategy may do."""


def warm(
    strategy: Strategy,
    market: Mapping[str, Any] | None = None,
    people: Mapping[str, Any] | None = None,
) -> MarketModel:
    """The miniature on the day of the fork; the provider keeps a CRM, and learns where the strategy asks for that.

    Args:
        market, people: changes of the miniature's market and of its segments, by dotted name.
    """
    return _warm(strategy.learns, tuple(unfolded({SLOT: strategy})), _plain(market), _plain(people))


_Changes = tuple[tuple[str, Any], ...]


def _plain(changes: Mapping[str, Any] | None) -> _Changes:
    return tuple(sorted((changes or {}).items()))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _StandIn(Strategy):
    """Asks for what a market must prepare for the strategy."""

    asks: bool

    @property
    def learns(self) -> bool:
        return self.asks


@lru_cache(maxsize=8)
def _warm(learns: bool, slots: tuple[str, ...], market: _Changes, people: _Changes) -> MarketModel:
    changes = {"customers": _PEOPLE, "warm_up": 3.0, **dict(market)}
    prepared = Scenario(name="contract", focal=dict.fromkeys(slots, _StandIn(asks=learns)))
    return miniature.warm(changes, prepared, people=dict(people), learning=True)


def scenario(*strategies: Strategy) -> Scenario:
    """The focal provider runs the strategy, or nothing."""
    return Scenario(name="contract", focal=dict.fromkeys([SLOT] * len(strategies), *strategies))


def run(model: MarketModel, *strategies: Strategy, weeks: int = WEEKS) -> MarketModel:
    """The market run on from the fork with a strategy, or with none."""
    twin = model.fork(scenario(*strategies))
    twin.run(weeks * model.market.pulse)
    return twin


def content(world: World) -> dict[str, bytes]:
    """The bytes of a world's arrays, by name; of the books up to the last tag in use."""
    arrays = world.arrays.named()
    used = np.flatnonzero(world.arrays.books.any(axis=(0, 1, 3)))
    arrays["books"] = world.arrays.books[:, :, : used.max(initial=0) + 1]
    return {name: array.tobytes() for name, array in arrays.items()}


def _same(left: dict[str, bytes], right: dict[str, bytes], sentence: str) -> None:
    differing = [name for name in left if left[name] != right[name]]
    if differing:
        raise BrokenContract(f"{sentence}: {', '.join(differing)} differ")


def is_plain_and_documented(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """Frozen and picklable; docstring and fields say what they must; its kind is known.

    The docstring has a first sentence and the parts of `agents.documented`. Each field is made by `quantity`, `whole`,
    `choice` or `text` of `sim.quantities`, with a meaning.
    """
    name, parameters = type(strategy).__name__, getattr(type(strategy), "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise BrokenContract(f"{name} is not a frozen dataclass; write @dataclass(frozen=True, kw_only=True)")
    if strategy.kind not in ("passive", "active", "blend", "placebo"):
        raise BrokenContract(f"{name}.kind={strategy.kind!r}; allowed are passive, active, blend, placebo")
    _says_its_parts(type(strategy))
    known = quantities(type(strategy))
    bare = [f.name for f in dataclasses.fields(strategy) if f.name not in known or not known[f.name].doc]
    if bare:
        raise BrokenContract(
            f"{name}.{bare[0]} has no meaning; make it with quantity, whole, choice or text of sim.quantities"
        )
    if type(strategy).__qualname__ == name and pickle.loads(pickle.dumps(strategy)) != strategy:  # noqa: S301 - its own bytes
        raise BrokenContract(f"{name} is another one after pickling")


def _says_its_parts(cls: type) -> None:
    missing = unsaid(cls)
    if missing:
        words = " ".join(f"{part}:" for part in missing)
        instead = f" (or that {UNSOURCED})" if "Sources" in missing else ""
        raise BrokenContract(f"the docstring of {cls.__name__} does not say {words}{instead}")
    if not sections(cls)[""]:
        raise BrokenContract(f"the docstring of {cls.__name__} does not begin with what it does")


def touches_only_levers(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """Around each hook and each step of the calendar every array of the world stays as it was, to the byte."""
    run(warm(strategy, market), watched(strategy))


def running_in(model: MarketModel) -> Provider:
    """The provider that runs the strategy under test."""
    return model.providers[model.focal]


def watched(strategy: Strategy) -> Strategy:
    """The same strategy, whose every call is checked to change nothing in the world."""
    cls = type(strategy)

    def checked(view: ProviderView, where: str, call: Callable[[], Any]) -> Any:
        provider, sentence = view._provider, f"{cls.__name__}.{where} changes the world without a lever"
        before, start = [content(provider.world)], provider.govern
        outer = provider.__dict__.get("govern")  # One hook may call another.

        def govern(*tactic: Any) -> None:
            _same(before[0], content(provider.world), sentence)
            start(*tactic)
            before[0] = content(provider.world)

        provider.__dict__["govern"] = govern  # A tactic that is stopped ends at once what it had going.
        try:
            result = call()
        finally:
            del provider.__dict__["govern"]
            if outer is not None:
                provider.__dict__["govern"] = outer
        _same(before[0], content(provider.world), sentence)
        return result

    def launch(self: Strategy, view: ProviderView) -> None:
        checked(view, "launch", lambda: cls.launch(self, view))

    def set_up(self: Strategy, view: ProviderView) -> None:
        checked(view, "set_up", lambda: cls.set_up(self, view))

    def calendar(self: Strategy, view: ProviderView) -> Calendar:
        dates = cls.calendar(self, view)
        while (event := checked(view, "calendar", lambda: next(dates, None))) is not None:
            yield event

    def save(self: Strategy, view: ProviderView, leavers: Ids) -> SaveOffer | None:
        offer: SaveOffer | None = checked(view, "save", lambda: cls.save(self, view, leavers))
        return offer

    spy = type(cls.__name__, (cls,), {f.__name__: f for f in (launch, set_up, calendar, save)})
    values = {f.name: getattr(strategy, f.name) for f in dataclasses.fields(strategy)}
    return spy(**values)  # type: ignore[no-any-return]


def peeks_only_if_declared(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """`true_risk` answers a strategy that declares `peeks`, and refuses every other."""
    model = warm(strategy, market).fork(scenario(strategy))
    provider = running_in(model)
    view = ProviderView(provider, provider.running[SLOT])
    try:
        view.true_risk(view.members[:1])
    except PermissionError:
        if strategy.peeks:
            raise BrokenContract(f"{type(strategy).__name__} declares that it peeks and is refused") from None
    else:
        if not strategy.peeks:
            raise BrokenContract(f"{type(strategy).__name__} sees hidden states and does not declare it")


def is_deterministic(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """Two runs of the same are the same bytes; its state stays plain numbers."""
    model = warm(strategy, market)
    first, second = run(model, strategy), run(model, strategy)
    _same(content(first.world), content(second.world), f"{type(strategy).__name__} runs differently twice")
    states: list[dict[str, Any]] = [running.state for running in running_in(first).running.values()]
    strangers = {k: v for state in states for k, v in state.items() if not isinstance(v, int | float)}
    if strangers:
        raise BrokenContract(
            f"view.state of {type(strategy).__name__} holds {strangers}; only numbers are kept"
        )


def restarts_from_plain_state(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """A run that is restarted from copied plain state in some weeks equals one that was never interrupted."""
    model = warm(strategy, market)
    whole = model.fork(scenario(strategy))
    parts = model.fork(scenario(strategy))
    for week in (*RESTARTS, WEEKS):
        whole.run(week * model.market.pulse)
        parts.run(week * model.market.pulse)
        name = type(strategy).__name__
        sentence = f"{name} restarted in weeks {RESTARTS} is not what it would have been in week {week}"
        _same(content(whole.world), content(parts.world), sentence)
        parts = parts.fork(scenario(strategy))


def is_absent_at_zero(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """At intensity 0 the world is the one without it, to the byte."""
    model = warm(strategy, market)
    name, zero = type(strategy).__name__, dataclasses.replace(strategy, intensity=0.0)
    _same(content(run(model).world), content(run(model, zero).world), f"{name} at intensity 0 is not absent")
    running = run(model, strategy, weeks=RESTARTS[0])
    ended, faded = run(running), run(running, zero)
    _same(content(ended.world), content(faded.world), f"{name} that falls to intensity 0 does not end")


def is_absent_beside(
    strategy: Strategy, others: Mapping[str, Strategy], market: Mapping[str, Any] | None = None
) -> None:
    """Where other strategies run, adding this one at intensity 0 changes no number by one bit.

    The two markets are warmed up apart, so that one of them has never heard of the strategy. Its slot comes last in
    the alphabet, so that the others keep their tags and the arrays are comparable as they are.

    Args:
        others: what else the provider runs, by slot.
    """
    last, learns = max((SLOT, *unfolded(others))) + "~", any(one.learns for one in others.values())
    without = _beside(others, learns, market)
    zero = dataclasses.replace(strategy, intensity=0.0)
    beside = _beside({**others, last: zero}, learns or strategy.learns, market)
    sentence = f"{type(strategy).__name__} at intensity 0 is not absent beside {', '.join(sorted(others))}"
    _same(content(without.world), content(beside.world), sentence)


def _beside(
    strategies: Mapping[str, Strategy], learns: bool, market: Mapping[str, Any] | None
) -> MarketModel:
    """The finished run of a provider with several strategies."""
    model = _warm(learns, tuple(sorted(unfolded(strategies))), _plain(market), ())
    twin = model.fork(Scenario(name="contract", focal=strategies))
    twin.run(_WEEKS_BESIDE * model.market.pulse)
    return twin


def books_under_its_tag(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """All that it spends stands in its provider's books under its own tag, or its tactics'; nobody else's is used."""
    model = run(warm(strategy, market), strategy)
    books = model.world.arrays.books
    own = _own_tags(model)
    strange = {int(t) for t in np.flatnonzero(books.any(axis=(0, 1, 3)))} - {0, *own}
    rivals = [p.name for p in model.providers if p.number != model.focal and books[p.number][:, own].any()]
    name = type(strategy).__name__
    if strange or rivals:
        raise BrokenContract(
            f"{name} books under tags {sorted(strange)} and for {', '.join(rivals) or 'nobody else'}"
        )
    business = books[model.focal, :, 0][:, [account for account in SPENDING if account != A.WAGES]]
    if business.any():
        raise BrokenContract(f"{name} spends without its tag")


def spending(model: MarketModel) -> NDArray[np.int64]:
    """What the strategy and its tactics have spent, in millionths of the sample, by account of `agents.columns.A`."""
    return np.asarray(model.world.arrays.books[model.focal][:, _own_tags(model)].sum(axis=(0, 1)))


def _own_tags(model: MarketModel) -> list[int]:
    """Tags of the strategy under test and of its tactics."""
    return [tag for slot, tag in model.tags.items() if slot.partition(".")[0] == SLOT]


def equals_placebo(
    strategy: Strategy,
    market: Mapping[str, Any],
    people: Mapping[str, Any] | None = None,
    also: Collection[str] = (),
) -> None:
    """With what its mechanism rests on at zero, a strategy is a placebo: it spends, and moves nothing but `LEDGER`.

    All other rows of the world stay, after every phase of every pulse, those of the world without it.

    Args:
        market, people: changes of the miniature's market and segments, by dotted name, that take the mechanism away,
            such as `{"experience.worth_gift": 0.0}`.
        also: further rows that only note what the firm did, such as `crm.MEMBER`.
    """
    model, name = warm(strategy, market, people), type(strategy).__name__
    without, within = model.fork(scenario()), model.fork(scenario(strategy))
    found = first_difference(without, within, WEEKS, LEDGER | set(also))
    if found is not None:
        raise BrokenContract(
            f"{name} is no placebo with {dict(market) | dict(people or {})}: in week {found.week}, after "
            f"{found.phase}, {', '.join(found.rows)} differ from the world without it"
        )
    if not spending(within).any():
        raise BrokenContract(
            f"{name} spends nothing in {WEEKS} weeks, so that a placebo cannot be told from it"
        )


def doubling_moves(
    strategy: Strategy,
    changes: dict[str, Any],
    channel: Callable[[MarketModel], float],
    market: Mapping[str, Any] | None = None,
    *,
    only: Collection[str] | None = None,
) -> tuple[float, float]:
    """What a channel shows with the strategy and with some of its parameters changed; they must differ.

    Args:
        changes: the lever doubled, by field.
        channel: what to look at in the finished run.
        only: the rows of the channel, named as in `agents.differences`: where the two worlds part, which is the phase
            of a pulse that carries the lever out, before anybody has lived with it, no other row may differ but the
            `LEDGER`'s. None does not look.
    """
    model, name = warm(strategy, market), type(strategy).__name__
    changed = dataclasses.replace(strategy, **changes)
    once, twice = channel(run(model, strategy)), channel(run(model, changed))
    if once == twice:
        raise BrokenContract(f"{name}: {changes} moves nothing in its channel ({once:g})")
    if only is not None:
        _moves_only(model, strategy, changed, only, f"{name}: {changes}")
    return once, twice


def _moves_only(
    model: MarketModel, strategy: Strategy, changed: Strategy, only: Collection[str], subject: str
) -> None:
    worlds = model.fork(scenario(strategy)), model.fork(scenario(changed))
    found = first_difference(*worlds, WEEKS, LEDGER - set(only))
    if found is None:
        raise BrokenContract(f"{subject} moves no row of the world in {WEEKS} weeks")
    beside = [row for row in found.rows if row not in only]
    if beside:
        raise BrokenContract(
            f"{subject} moves {', '.join(beside)} too, at once: in week {found.week}, after {found.phase}; its channel "
            f"is {', '.join(sorted(only))}"
        )


Rule = Callable[[Strategy, Mapping[str, Any] | None], None]
CHECKS: tuple[Rule, ...] = (
    is_plain_and_documented,
    touches_only_levers,
    peeks_only_if_declared,
    is_deterministic,
    restarts_from_plain_state,
    is_absent_at_zero,
    books_under_its_tag,
)
"""The rules that need nothing but the strategy; `equals_placebo`, `doubling_moves` and `is_absent_beside` need more."""


def check(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """Hold a strategy to every rule, in the miniature with some changes.

    Raises:
        BrokenContract: the first rule that it breaks, in a sentence.
    """
    for rule in CHECKS:
        rule(strategy, market)
