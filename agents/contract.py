"""The contract of strategies: what every strategy keeps, tested by running it in a miniature market.

A plug-in runs it like the shipped strategies do:

    from agents.contract import CHECKS, check
    check(MyStrategy(...))                      # all of it
    @pytest.mark.parametrize("rule", CHECKS)    # or rule by rule
    def test_contract(rule): rule(MyStrategy(...), None)

Each rule runs the strategy for the focal provider of `agents.miniature` (changed by dotted names, if that is asked for)
and raises `BrokenContract`, which says in a sentence what is wrong.
"""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import miniature
from agents.columns import SPENDING, A
from agents.model import MarketModel
from agents.provider import Provider
from agents.scenario import Scenario
from agents.strategies.strategy import Calendar, Ids, SaveOffer, Strategy
from agents.view import ProviderView
from agents.world import World

SLOT = "under_test"
"""Slot in which the strategy runs."""
WEEKS = 60
"""How many pulses a run takes: more than a year, so that yearly dates come."""
RESTARTS = (5, 14, 27)
"""Pulses after which a restarted run is restarted: in weeks in which monthly and quarterly dates fall."""
_PEOPLE = 400


class BrokenContract(AssertionError):  # noqa: N818 - said in an assertion's words
    """A strategy does what no strategy may do."""


def warm(strategy: Strategy, market: Mapping[str, Any] | None = None) -> MarketModel:
    """The miniature on the day of the fork; the provider keeps a CRM, and learns where the strategy asks for that."""
    return _warm(strategy.learns, tuple(sorted((market or {}).items())))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _StandIn(Strategy):
    """Asks for what a market must prepare for the strategy."""

    asks: bool

    @property
    def learns(self) -> bool:
        return self.asks


@lru_cache(maxsize=8)
def _warm(learns: bool, market: tuple[tuple[str, Any], ...]) -> MarketModel:
    changes = {"customers": _PEOPLE, "warm_up": 3.0, **dict(market)}
    return miniature.warm(changes, scenario(_StandIn(asks=learns)), learning=True)


def scenario(*strategies: Strategy) -> Scenario:
    """The focal provider runs the strategy, or nothing."""
    return Scenario(name="contract", focal=dict.fromkeys([SLOT] * len(strategies), *strategies))


def run(model: MarketModel, *strategies: Strategy, weeks: int = WEEKS) -> MarketModel:
    """The market run on from the fork with a strategy, or with none."""
    twin = model.fork(scenario(*strategies))
    twin.run(weeks * model.market.pulse)
    return twin


def content(world: World) -> dict[str, bytes]:
    """The bytes of a world's arrays, by name."""
    return {name: array.tobytes() for name, array in world.arrays._asdict().items()}


def _same(left: dict[str, bytes], right: dict[str, bytes], sentence: str) -> None:
    differing = [name for name in left if left[name] != right[name]]
    if differing:
        raise BrokenContract(f"{sentence}: {', '.join(differing)} differ")


def is_plain_and_documented(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """Its parameters are frozen and picklable; its docstring says mechanism, costs and failures; its kind is known."""
    name, parameters = type(strategy).__name__, getattr(type(strategy), "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise BrokenContract(f"{name} is not a frozen dataclass; write @dataclass(frozen=True, kw_only=True)")
    if strategy.kind not in ("passive", "active", "blend", "placebo"):
        raise BrokenContract(f"{name}.kind={strategy.kind!r}; allowed are passive, active, blend, placebo")
    missing = [
        word for word in ("Mechanism:", "Costs:", "Fails:") if word not in (type(strategy).__doc__ or "")
    ]
    if missing:
        raise BrokenContract(f"the docstring of {name} does not say {' '.join(missing)}")
    if type(strategy).__qualname__ == name and pickle.loads(pickle.dumps(strategy)) != strategy:  # noqa: S301 - its own bytes
        raise BrokenContract(f"{name} is another one after pickling")


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
        world = view._provider.world
        before = content(world)
        result = call()
        _same(before, content(world), f"{cls.__name__}.{where} changes the world without a lever")
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
    state: dict[str, Any] = running_in(first).running[SLOT].state
    strangers = {k: v for k, v in state.items() if not isinstance(v, int | float)}
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


def books_under_its_tag(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """All that it spends stands in the books of its provider under its own tag; nobody else's tag is used."""
    model = run(warm(strategy, market), strategy)
    books = model.world.arrays.books
    tag = model.tags[SLOT]
    strange = {int(t) for t in np.flatnonzero(books.any(axis=(0, 1, 3)))} - {0, tag}
    rivals = [p.name for p in model.providers if p.number != model.focal and books[p.number, :, tag].any()]
    name = type(strategy).__name__
    if strange or rivals:
        raise BrokenContract(
            f"{name} books under tags {sorted(strange)} and for {', '.join(rivals) or 'nobody else'}"
        )
    business = books[model.focal, :, 0][:, [account for account in SPENDING if account != A.WAGES]]
    if business.any():
        raise BrokenContract(f"{name} spends without its tag")


def spending(model: MarketModel) -> NDArray[np.int64]:
    """What the strategy has spent, in millionths of the sample, by account of `agents.columns.A`."""
    return np.asarray(model.world.arrays.books[model.focal, :, model.tags[SLOT]].sum(axis=0))


def doubling_moves(
    strategy: Strategy,
    changes: dict[str, Any],
    channel: Callable[[MarketModel], float],
    market: Mapping[str, Any] | None = None,
) -> tuple[float, float]:
    """What a channel shows with the strategy and with some of its parameters changed; they must differ.

    Args:
        changes: the lever doubled, by field.
        channel: what to look at in the finished run.
    """
    model = warm(strategy, market)
    once = channel(run(model, strategy))
    twice = channel(run(model, dataclasses.replace(strategy, **changes)))
    if once == twice:
        raise BrokenContract(f"{type(strategy).__name__}: {changes} moves nothing in its channel ({once:g})")
    return once, twice


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
"""The rules that need nothing but the strategy; `doubling_moves` also needs to know its lever and its channel."""


def check(strategy: Strategy, market: Mapping[str, Any] | None = None) -> None:
    """Hold a strategy to every rule, in the miniature with some changes.

    Raises:
        BrokenContract: the first rule that it breaks, in a sentence.
    """
    for rule in CHECKS:
        rule(strategy, market)
