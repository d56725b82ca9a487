"""Base: a world that points change, as plain data that any process can build, and what a task in it is known by."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from experiments.draws import values as drawn_values
from experiments.errors import ConfigError
from experiments.evidence import Parameter
from experiments.fingerprint import FORMAT, RESULTS_VERSION, canonical, code_version
from experiments.worlds import World, build_world, changed, without_evidence

if TYPE_CHECKING:
    from experiments.compose import Resolved

ATTENTION = "market.gate.attention"
_WORLD = ("market", "customers", "scenarios")


@dataclass(frozen=True)
class Base:
    """A world that points change.

    Attributes:
        name: what tables call it: a market, a market and a customer mix, a horizon.
        configuration: plain `market`, `customers`, `scenarios`, without evidence.
        baseline: scenario that some metrics are told against.
        focal: provider to look at.
        seed: of all luck.
        horizon_months: from the fork to the end.
        paired, learning: as in the settings.
        parameters: the assumptions that draws change; empty: every draw takes the point values.
        ensemble: parameter sets of a calibrated market.
        recalibrate: whether mean attention is solved anew at every point for the churn that the market shows today;
            otherwise each draw's attention holds at all its points.
        projected: whether `lifetime_value_projected` is wanted.
        everyone: whether all providers are recorded, not only the focal one.
    """

    name: str
    configuration: Mapping[str, Any]
    baseline: str
    focal: str
    seed: int
    horizon_months: float
    paired: bool = True
    learning: bool = True
    parameters: tuple[Parameter, ...] = ()
    ensemble: tuple[Mapping[str, float], ...] = ()
    recalibrate: bool = True
    projected: bool = False
    everyone: bool = False

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios' names in order."""
        return tuple(self.configuration["scenarios"])

    @cached_property
    def providers(self) -> tuple[str, ...]:
        """The providers that are recorded, the focal one first."""
        names = [provider.name for provider in self.world({}).market.providers]
        others = [name for name in names if name != self.focal]
        return (self.focal, *others) if self.everyone else (self.focal,)

    @cached_property
    def packed(self) -> bytes:
        """The base as bytes, so that it is pickled once and not with every batch of work."""
        return pickle.dumps(self)

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    def drawn(self, draw: int) -> Mapping[str, float]:
        """What a draw changes, by dotted key; nothing where draws take the point values."""
        if not self.parameters and not self.ensemble:
            return {}
        kept = self._drawn
        if draw not in kept:
            kept[draw] = drawn_values(self.parameters, self.ensemble, self.seed, draw)
        return kept[draw]

    @cached_property
    def _drawn(self) -> dict[int, Mapping[str, float]]:
        return {}

    def there(self, values: Mapping[str, float]) -> dict[str, float]:
        """Those of some values that this world has: a scenario that is not run needs none."""
        return {key: value for key, value in values.items() if _is_there(self.configuration, key)}

    def world(self, values: Mapping[str, float]) -> World:
        """The world with some values replaced.

        Raises:
            ConfigError: a value is not allowed there.
        """
        return build_world(changed(self.configuration, values), self.focal)

    @cached_property
    def content(self) -> Content:
        """What tasks in this world are known by."""
        return Content(self)


def base_of(
    resolved: Resolved,
    *,
    name: str = "",
    configuration: Mapping[str, Any] | None = None,
    baseline: str | None = None,
    customers: int | None = None,
    horizon_months: float | None = None,
    point_values: bool | None = None,
    recalibrate: bool = True,
    everyone: bool = False,
) -> Base:
    """The base of a question.

    Args:
        resolved: the question.
        name: see `Base`; `""` takes the market's title.
        configuration: another `market`, `customers` and `scenarios` than the question's, with or without evidence.
        baseline: another than the question's.
        customers: people simulated; None takes the market's number.
        horizon_months: another than the question's.
        point_values: whether draws take the point values; None: where the settings ask for one draw only.
        recalibrate, everyone: see `Base`.

    Raises:
        ConfigError: the world cannot be built.
    """
    settings = resolved.settings
    bare = without_evidence({part: (configuration or resolved.configuration)[part] for part in _WORLD})
    if customers is not None:
        bare["market"]["customers"] = customers
    held = settings.draws == 1 if point_values is None else point_values
    base = Base(
        name=name or str(bare["market"].get("title", "market")),
        configuration=bare,
        baseline=resolved.baseline if baseline is None else baseline,
        focal=resolved.focal,
        seed=settings.seed,
        horizon_months=settings.horizon_months if horizon_months is None else horizon_months,
        paired=settings.paired,
        learning=settings.learning,
        parameters=()
        if held
        else tuple(p for p in resolved.parameters if p.drawn and _is_there(bare, p.key)),
        ensemble=() if held else resolved.ensemble,
        recalibrate=recalibrate,
        projected=resolved.goal.metric == "lifetime_value_projected",
        everyone=everyone,
    )
    if base.baseline not in base.scenarios:
        raise ConfigError(f"baseline={base.baseline} is not among the scenarios {', '.join(base.scenarios)}.")
    base.world({})
    return base


def _is_there(bare: Mapping[str, Any], key: str) -> bool:
    """Whether a parameter's scenario is in the configuration; market and customers always are."""
    parts = key.split(".")
    return parts[0] != "scenarios" or parts[1] in bare["scenarios"]


@lru_cache(maxsize=64)
def unpacked(packed: bytes) -> Base:
    """The base of its bytes; the same object for the same bytes."""
    base: Base = pickle.loads(packed)  # noqa: S301  # from our own parent
    return base


class Content:
    """What tasks in a world are known by: the values that are set, luck and code; never names or numbers of points.

    A task's key covers what all scenarios share, its own scenario, and the baseline that some metrics are told
    against. So a changed strategy leaves the tasks of other scenarios as they are.

    Args:
        base: the world.
    """

    def __init__(self, base: Base) -> None:
        self._flat = dict(_flat(base.configuration))
        self._base = base
        world = base.world({})
        sources = sorted(set(_sources(canonical([world.today, *world.scenarios]))))
        self._fixed = json.dumps(
            [
                FORMAT,
                RESULTS_VERSION,
                code_version(),
                base.focal,
                base.horizon_months,
                base.paired,
                base.learning,
                base.recalibrate,
                base.projected,
                base.everyone,
                sources,
            ]
        )

    def keys(
        self, values: Mapping[str, float], drawn: Mapping[str, float], replicates: Sequence[int]
    ) -> Iterator[tuple[int, str, bytes]]:
        """The keys, 16 bytes each, of all scenarios at some replicates: (replicate, scenario, key)."""
        base = self._base
        flat = {**self._flat, **drawn, **values}
        parts: dict[str, list[str]] = {"": [] if base.recalibrate else [f"{drawn!r}"]}
        for key, value in flat.items():
            head, _, rest = key.partition(".")
            name = rest.partition(".")[0] if head == "scenarios" else ""
            inner = rest.partition(".")[2] if head == "scenarios" else key
            parts.setdefault(name, []).append(f"{inner}={value!r}")
        told = {
            name: hashlib.sha256("\n".join(sorted(listed)).encode()).hexdigest()
            for name, listed in parts.items()
        }
        against = told.get(base.baseline, "")
        for replicate in replicates:
            for scenario in base.scenarios:
                # Where worlds are unpaired the scenario's name salts its luck.
                salt = "" if base.paired else scenario
                luck = f"{base.seed}/{replicate}/{salt}"
                text = "\n".join((self._fixed, told[""], told.get(scenario, ""), against, luck))
                yield replicate, scenario, hashlib.sha256(text.encode()).digest()[:16]


def _flat(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of plain containers by dotted key; empty containers are leaves."""
    items = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else None
    if items is None or not node:
        yield prefix, node
        return
    for key, inner in items:
        yield from _flat(inner, f"{prefix}.{key}" if prefix else str(key))


def _sources(node: Any) -> Iterator[str]:
    """The digests of plug-ins' sources in a canonical form."""
    if isinstance(node, Mapping):
        for key, inner in node.items():
            if key == "_source_":
                yield inner
            else:
                yield from _sources(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _sources(inner)
