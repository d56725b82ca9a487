"""Market file: a fitted market written as YAML that a person can read, edit and run.

Values come first, each with its unit; then the evidence, then the ensemble, one parameter set to a line.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.market import Market
from agents.segments import Customers
from experiments.calibration.fitted_market import FittedMarket
from experiments.errors import ConfigError
from experiments.options import OWN
from experiments.paths import conf_dir
from experiments.schemas import EVIDENCE
from experiments.worlds import ENSEMBLE
from sim.quantities import Quantity, quantities

MARK = "# Written by experiment=calibrate"
"""First words of every file that a calibration wrote, by which it knows what it may write over."""
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class MarketFile:
    """Where a fitted market goes: two files of one name below `tenure_conf/`.

    Attributes:
        name: as in `market=NAME`.
        folder: `tenure_conf/` of the folder that the command runs in.
    """

    name: str
    folder: Path

    @classmethod
    def of(cls, name: str) -> "MarketFile":
        """The files of a name.

        Raises:
            ConfigError: it is no name, a shipped market has it, or a file that no calibration wrote.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"experiment.market={name} is not a name; allowed are small letters, digits and _, as in my_market."
            )
        if (conf_dir() / "market" / f"{name}.yaml").is_file():
            raise ConfigError(
                f"experiment.market={name} is a market that ships with Tenure; choose another name."
            )
        found = cls(name, Path(OWN).absolute())
        for path in (found.market, found.customers):
            if path.is_file() and not path.read_text("utf-8").startswith(MARK):
                raise ConfigError(
                    f"experiment.market={name} would write over {path}, which no calibration wrote; "
                    "choose another name."
                )
        return found

    @property
    def market(self) -> Path:
        """File of the market."""
        return self.folder / "market" / f"{self.name}.yaml"

    @property
    def customers(self) -> Path:
        """File of its customers."""
        return self.folder / "customers" / f"{self.name}.yaml"

    def write(self, fitted: FittedMarket, about: Sequence[str]) -> None:
        """Write both files, each whole or not at all.

        Args:
            fitted: what to write.
            about: sentences for the head of the market's file.
        """
        defaults = (
            "defaults:\n"
            f"  - override /customers@_global_.customers: {self.name}  # those that were fitted\n"
            "  - _self_\n"
        )
        head = _comment([f"{MARK[2:]}: it repeats its data while every strategy is off.", *about])
        _write(self.market, f"{head}\n{defaults}\n{market_text(fitted.market)}")
        head = _comment([f"{MARK[2:]}: the customers of market={self.name}."])
        _write(self.customers, f"{head}\n{customers_text(fitted.customers)}")


def market_text(node: Mapping[str, Any]) -> str:
    """A market's configuration as YAML."""
    return "\n".join([*_values(node, Market), "", *_evidence(node[EVIDENCE]), *_ensemble(node[ENSEMBLE]), ""])


def customers_text(node: Mapping[str, Any]) -> str:
    """Customers' configuration as YAML."""
    return "\n".join([*_values(node, Customers), "", *_evidence(node[EVIDENCE]), ""])


def _comment(sentences: Sequence[str]) -> str:
    import textwrap

    return (
        "\n".join(
            line
            for text in sentences
            for line in textwrap.wrap(text, 108, initial_indent="# ", subsequent_indent="# ")
        )
        + "\n"
    )


def _values(node: Mapping[str, Any], cls: type) -> Iterator[str]:
    """The values with their units."""
    units = dict(_units(cls))
    for key, value in node.items():
        if key in (EVIDENCE, ENSEMBLE):
            continue
        if isinstance(value, Mapping):
            yield f"\n{key}:"
            yield from _section(value, units, key, 1)
        else:
            yield _line(key, value, units.get(key), 0)


def _section(node: Mapping[str, Any], units: Mapping[str, Quantity], path: str, depth: int) -> Iterator[str]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * depth}{key}:"
            yield from _section(value, units, path, depth + 1)
        else:
            yield _line(key, value, units.get(f"{path}.{key}"), depth)


def _line(key: str, value: Any, known: Quantity | None, depth: int) -> str:
    text = f"{'  ' * depth}{key}: {scalar(value)}"
    return f"{text:<34}# {known.unit}" if known is not None and known.unit else text


def _units(cls: type) -> Iterator[tuple[str, Quantity]]:
    """Quantities of a configuration by key, those of lists under the list's own name."""
    import typing

    for name, known in quantities(cls).items():
        inner = typing.get_type_hints(cls)[name]
        part = next(iter(typing.get_args(inner)), inner)
        if isinstance(part, type) and part not in (str, float, int, bool):
            yield from ((f"{name}.{key}", value) for key, value in quantities(part).items())
        else:
            yield name, known


def _evidence(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield f"{EVIDENCE}:"
    for key, entry in entries.items():
        flat = f"  {key}: {_flow(entry)}"
        if len(flat) <= 110:
            yield flat
            continue
        yield f"  {key}:"
        yield from (f"    {name}: {scalar(value)}" for name, value in entry.items())


def _ensemble(sets: Sequence[Mapping[str, float]]) -> Iterator[str]:
    if sets:
        yield f"\n# Plausible parameter sets: a draw takes one of them as a whole.\n{ENSEMBLE}:"
        yield from (f"  - {_flow(drawn)}" for drawn in sets)


def _flow(node: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {scalar(value)}" for key, value in node.items()) + "}"


def scalar(value: Any) -> str:
    """A value as YAML: numbers so that every parser reads a number, texts in quotes unless they are plain words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(scalar(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    plain = _PLAIN.fullmatch(value) and value not in _WORDS
    return str(value) if plain else json.dumps(str(value).replace("${", "$ {"), ensure_ascii=False)


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    mantissa, e, exponent = repr(value).partition("e")
    if not e:
        return mantissa
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{int(exponent):+03d}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
