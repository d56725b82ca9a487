"""Origins: from which YAML a number comes, so that one assumption stays one number wherever it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omegaconf import Container, DictConfig, ListConfig


class Origins:
    """Follows references and group choices from a key to the file it comes from.

    A key inside a strategy that the scenario took from `conf/strategy/promotions.yaml` has the origin
    `strategy/promotions.KEY` in every scenario; one inside the market has `market.KEY`, whichever market that is, so
    that markets are compared on the same quantiles of their assumptions.

    Args:
        cfg: the composed configuration, references unresolved.
        choices: Hydra's `runtime.choices`.
    """

    def __init__(self, cfg: DictConfig, choices: Mapping[str, Any]) -> None:
        self._cfg = cfg
        self._files: dict[str, str] = {}
        for place, choice in choices.items():
            group, _, package = str(place).partition("@")
            if package and isinstance(choice, str):
                self._files[package] = f"{group}/{choice}"

    def target(self, key: str) -> str:
        """The key that holds the value itself, references followed."""
        done: list[str] = []
        node: Any = self._cfg
        for part in key.split("."):
            done.append(part)
            raw = _inner(node, part)
            while raw is not None and raw._is_interpolation():
                raw = raw._dereference_node()
                done = raw._get_full_key(None).split(".")
            node = raw
            if not isinstance(node, Container):
                node = None
        return ".".join(done)

    def origin(self, key: str) -> str:
        """The dotted key of the YAML that a key comes from."""
        target = self.target(key)
        parts = target.split(".")
        for depth in range(len(parts) - 1, 0, -1):
            file = self._files.get(".".join(parts[:depth]))
            if file is not None:
                return f"{file}.{'.'.join(parts[depth:])}"
        return target

    def followers(self, keys: Iterable[str], leaves: Iterable[str]) -> Iterator[str]:
        """The leaves that refer to one of some keys, or to something below it."""
        marked = tuple(keys)
        for leaf in leaves:
            target = self.target(leaf)
            if target != leaf and any(target == key or target.startswith(f"{key}.") for key in marked):
                yield leaf


def _inner(node: Any, part: str) -> Any:
    """The node below, references unresolved; None where there is none."""
    if isinstance(node, ListConfig):
        return node._get_node(int(part), validate_access=False)
    return node._get_node(part, validate_access=False) if isinstance(node, DictConfig) else None
