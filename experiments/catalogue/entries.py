"""Entries: everything that the catalogue says of a strategy or a targeting, brought together.

The text comes from the docstring, the parameters from the fields (meaning, unit, allowed range) and from each YAML that
builds the class (value, evidence), the levers from the source code, the users from the other YAMLs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.documented import NOTES, PARTS, UNSOURCED, sections
from agents.strategies.blend.blend import Blend
from agents.strategies.strategy import Strategy
from agents.targeting import Targeting
from experiments.catalogue.reading import Use, looked_at, pulled
from experiments.catalogue.uses import Used, Users, all_users
from experiments.compose import compose
from experiments.evidence import DIALS, Parameter
from experiments.options import options
from experiments.registry import registered, target_of
from sim.quantities import Quantity, quantities

FRAMES = (Strategy, Blend, Targeting)
"""What others derive from: no strategy and no targeting by itself."""
DIAL = "How much of it to run, and in which order: no claim about the world."
WORD = "The firm's own choice."
KINDS = ("passive", "active", "blend", "placebo")


@dataclass(frozen=True)
class Row:
    """A parameter as a YAML sets it.

    Attributes:
        name: its dotted name within the strategy.
        value: its value; a word for a choice, the class of a part.
        quantity: meaning, unit and allowed range.
        unit: the unit in words, never empty.
        kind: source, assumption or user, `dial` for intensity, budget and priority, `choice` for words and parts.
        evidence: what speaks for the value.
        low, high: the plausible range; None where the value is held.
    """

    name: str
    value: float | str
    quantity: Quantity
    unit: str
    kind: str
    evidence: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Setting:
    """A YAML that builds the class.

    Attributes:
        name: the file's name, by which a command asks for it.
        rows: its own parameters; inner: those of strategies that are parts of it.
        used: who takes it.
        commands: how to switch it on: in which way, and the command.
    """

    name: str
    rows: tuple[Row, ...]
    inner: tuple[Row, ...]
    used: tuple[Used, ...]
    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of a registered class.

    Attributes:
        name: the name of its first YAML, or the class's in words.
        target: the dotted name of the class.
        kind: of a strategy; "" for a targeting.
        summary: what the docstring begins with.
        parts: mechanism, costs, failures, sources and notes, by their word.
        excludes: names of classes that cannot run beside it.
        labels: what a reader must know at a glance, such as that it peeks.
        levers, reads: what its code pulls and looks at.
        settings: the YAMLs that build it.
    """

    name: str
    target: str
    kind: str
    summary: str
    parts: Mapping[str, str]
    excludes: tuple[str, ...]
    labels: tuple[str, ...]
    levers: tuple[Use, ...]
    reads: tuple[Use, ...]
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Catalogue:
    """Strategies by kind and name, targetings by name."""

    strategies: tuple[Entry, ...]
    targetings: tuple[Entry, ...]


def catalogue() -> Catalogue:
    """Look at everything that is registered, plug-ins and the user's own YAMLs included.

    Raises:
        ConfigError: a YAML cannot be used.
    """
    strategies, targetings = _settings()
    known = registered().values()
    return Catalogue(
        _entries([c for c in known if issubclass(c, Strategy) and c not in FRAMES], strategies),
        _entries([c for c in known if issubclass(c, Targeting) and c not in FRAMES], targetings),
    )


Settings = Mapping[type, list[Setting]]


def _settings() -> tuple[Settings, Settings]:
    """Every YAML of both groups, composed as a command would, by the class that it builds.

    Each strategy stands in a scenario of its own, because some exclude each other; targetings stand in a strategy that
    takes one.
    """
    strategies, targetings = options("strategy"), options("targeting")
    takers = all_users()
    host = _takes_targeting(takers)
    place = "scenarios.{0}.focal.{0}"
    names = {name: place.format(f"s_{name}") for name in strategies}
    hosted = {name: place.format(f"t_{name}") for name in targetings}
    overrides = ["scenarios=[none]", *(f"+strategy@{at}={name}" for name, at in names.items())]
    for name, at in hosted.items() if host else ():
        overrides += [f"+strategy@{at}={host}", f"targeting@{at}.targeting={name}"]
    resolved = compose(overrides)
    built = {
        f"scenarios.{s.name}.focal.{slot}": one
        for s in resolved.world.scenarios
        for slot, one in s.focal.items()
    }
    known = {parameter.key: parameter for parameter in resolved.parameters}
    found: tuple[dict[type, list[Setting]], dict[type, list[Setting]]] = ({}, {})
    for name, at in names.items():
        found[0].setdefault(type(built[at]), []).append(
            _setting("strategy", name, built[at], at, known, takers)
        )
    for name, at in hosted.items() if host else ():
        targeting = getattr(built[at], "targeting")  # noqa: B009 - the field that hosts it
        setting = _setting("targeting", name, targeting, f"{at}.targeting", known, takers)
        found[1].setdefault(type(targeting), []).append(setting)
    return found


def _takes_targeting(takers: Users) -> str | None:
    """The first strategy whose YAML comes with a targeting at its top."""
    hosts = {
        used.name
        for (group, _), users in takers.items()
        for used in users
        if group == "targeting" and used.group == "strategy" and used.place == "targeting"
    }
    return min(hosts & set(options("strategy")), default=None)


def _setting(
    group: str, name: str, built: Any, at: str, known: Mapping[str, Parameter], takers: Users
) -> Setting:
    rows = tuple(_rows(built, at, "", known))
    inner = {row.name for row in rows if any(row.name.startswith(f"{part}.") for part in _strategies(built))}
    used = takers.get((group, name), ())
    return Setting(
        name,
        tuple(sorted((row for row in rows if row.name not in inner), key=lambda row: row.kind == "dial")),
        tuple(row for row in rows if row.name in inner),
        used,
        tuple(_commands(group, name, used, _changed(built, rows))),
    )


def _rows(built: Any, at: str, prefix: str, known: Mapping[str, Parameter]) -> Iterator[Row]:
    """Every field of a parameter object with its evidence, parts after the field that holds them."""
    for field, quantity in quantities(type(built)).items():
        yield from _row(getattr(built, field), f"{prefix}{field}", quantity, at, known)


def _row(value: Any, name: str, quantity: Quantity, at: str, known: Mapping[str, Parameter]) -> Iterator[Row]:
    if dataclasses.is_dataclass(value):
        yield Row(name, spoken(type(value).__name__), quantity, "a part of its own", "choice", WORD)
        yield from _rows(value, at, f"{name}.", known)
    elif isinstance(value, Mapping | tuple) and value:
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            yield from _row(item, f"{name}.{key}", quantity, at, known)
    elif name.rpartition(".")[2] in DIALS:
        yield Row(name, value, quantity, quantity.unit or "a number", "dial", DIAL)
    elif (parameter := known.get(f"{at}.{name}")) is not None:
        unit = quantity.unit or "a number"
        yield Row(name, value, quantity, unit, parameter.kind, parameter.text, parameter.low, parameter.high)
    else:
        unit = f"one of {', '.join(quantity.choices)}" if quantity.choices else "a word"
        yield Row(name, str(value) if value else "none", quantity, unit, "choice", WORD)


def _strategies(built: Any, prefix: str = "") -> Iterator[str]:
    """Dotted names of the strategies that are parts of a parameter object."""
    items: Any = ()
    if isinstance(built, Mapping):
        items = built.items()
    elif isinstance(built, tuple):
        items = enumerate(built)
    elif dataclasses.is_dataclass(built):
        items = ((field.name, getattr(built, field.name)) for field in dataclasses.fields(built))
    for key, item in items:
        name = f"{prefix}{key}"
        if isinstance(item, Strategy):
            yield name
        else:
            yield from _strategies(item, f"{name}.")


def _commands(
    group: str, name: str, used: tuple[Used, ...], changed: tuple[str, float] | None
) -> Iterator[tuple[str, str]]:
    """Commands that switch a YAML on, change a parameter, or run a scenario that has it."""
    if group == "targeting":
        at = "targeting@scenarios.active.focal.save.targeting"
        yield "At the save desk of the active scenario", f"tenure {at}={name}"
        return
    alone = f'tenure "scenarios=[none]" +strategy@scenarios.mine.focal.it={name}'
    yield "Alone", alone
    if changed is not None:
        yield "With another value", f"{alone} scenarios.mine.focal.it.{changed[0]}={changed[1]:g}"
    for one in [one.name for one in used if one.group == "scenarios"][:1]:
        yield f"In the scenario {one}", f'tenure "scenarios=[none,{one}]"'


def _changed(built: Any, rows: tuple[Row, ...]) -> tuple[str, float] | None:
    """The first parameter that may be twice or half as large, with that value; None where there is none."""
    for row in rows:
        if row.kind in {"dial", "choice"} or "." in row.name or not row.value:
            continue
        for factor in (2.0, 0.5):
            value = float(row.value) * factor
            if row.quantity.problem(value) is None and _allows(built, row.name, value):
                return row.name, value
    return None


def _allows(built: Any, name: str, value: float) -> bool:
    """Whether a parameter object takes another value of a field."""
    try:
        dataclasses.replace(built, **{name: value})
    except ValueError:
        return False
    return True


def _entries(classes: list[type], settings: Settings) -> tuple[Entry, ...]:
    found = [_entry(cls, tuple(settings.get(cls, ()))) for cls in classes]
    order = {kind: number for number, kind in enumerate(KINDS)}
    return tuple(sorted(found, key=lambda entry: (order.get(entry.kind, len(KINDS)), entry.name)))


def _entry(cls: type, settings: tuple[Setting, ...]) -> Entry:
    said = sections(cls)
    parts = {part: said[part] for part in (*PARTS, NOTES) if part in said}
    if UNSOURCED in " ".join(said.values()).lower():
        parts.setdefault("Sources", f"{UNSOURCED[0].upper()}{UNSOURCED[1:]}.")
    own = spoken(cls.__name__).replace(" ", "_")
    names = [setting.name for setting in settings]
    strategy = issubclass(cls, Strategy)
    return Entry(
        name=own if own in names or not names else names[0],
        target=target_of(cls),
        kind=str(getattr(cls, "kind", "")),
        summary=said[""],
        parts=parts if strategy else {},
        excludes=tuple(spoken(name) for name in getattr(cls, "excludes", ())),
        labels=() if strategy else tuple(_labels(cls)),
        levers=pulled(cls),
        reads=looked_at(cls),
        settings=tuple(sorted(settings, key=lambda setting: setting.name != own)),
    )


def _labels(cls: type) -> Iterator[str]:
    if getattr(cls, "peeks", False):
        yield "peeks at hidden states: a bound, not a policy"
    if getattr(cls, "learns", False):
        yield "learns from the CRM during the run"


def spoken(name: str) -> str:
    """The name of a class in words: `PointsProgramme` is `points programme`."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
