"""Reading: what a class pulls and looks at, found in its source code without running it.

Every call and every attribute of something named or annotated as the view counts, in the class, in the classes it
derives from, in whatever functions and classes of its own package these name, and in the functions of its whole
distribution that take a view or a CRM.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from agents.crm import Crm
from agents.strategies.strategy import Strategy
from agents.targeting import Targeting
from agents.view import ProviderView

SAVE = "save"
_SAVE_OFFER = "Meet leavers who must cancel in person with an offer, before they go."
_CRM = "crm"
_NOTHING_TOLD = frozenset({"day", "state", "wait", "next_date", "is_due", "uniform"})
"""Parts of the view that tell nothing about the firm: clock, calendar, the strategy's own memory and luck."""


@dataclass(frozen=True)
class Use:
    """A lever pulled or a thing looked at: its name in code, and what it is in a sentence."""

    name: str
    meaning: str


@cache
def levers() -> tuple[str, ...]:
    """The levers: methods of the view that return nothing, because what they ask for is settled later."""
    return tuple(
        node.name
        for node in ast.walk(_tree(ProviderView))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if isinstance(node.returns, ast.Constant) and node.returns.value is None
    )


def pulled(cls: type) -> tuple[Use, ...]:
    """The levers that a class pulls, in the order of the view; the save desk's offer last."""
    used = {name for owner, name in _seen(cls) if owner == "view"}
    found = [Use(name, _meaning(ProviderView, name)) for name in levers() if name in used]
    if issubclass(cls, Strategy) and cls.save is not Strategy.save:
        found.append(Use(SAVE, _SAVE_OFFER))
    return tuple(found)


def looked_at(cls: type) -> tuple[Use, ...]:
    """What a class reads of its view, CRM columns as `crm.NAME`, in alphabetical order."""
    found = {}
    for owner, name in _seen(cls):
        told = owner == "view" and name != _CRM and name not in _NOTHING_TOLD and name not in levers()
        if told and hasattr(ProviderView, name):
            found[name] = _meaning(ProviderView, name)
        if owner == _CRM and hasattr(Crm, name) and name != "day":
            found[f"{_CRM}.{name}"] = _meaning(Crm, name)
    return tuple(Use(name, found[name]) for name in sorted(found))


def _meaning(owner: type, name: str) -> str:
    text = inspect.getdoc(getattr(owner, name)) or ""
    return " ".join(text.partition("\n\n")[0].split())


@cache
def _seen(cls: type) -> frozenset[tuple[str, str]]:
    """Attributes of views and of CRMs that the code of a class names: ("view" or "crm", name)."""
    found: set[tuple[str, str]] = set()
    for tree in _trees(cls):
        views = _named(tree, "ProviderView") | {"view"}
        crms = _named(tree, "Crm") | {_CRM}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                owner = _owner(node.value, views, crms)
                found |= {(owner, node.attr)} if owner else set()
    return frozenset(found)


def _owner(node: ast.expr, views: set[str], crms: set[str]) -> str:
    if isinstance(node, ast.Name):
        return "view" if node.id in views else _CRM if node.id in crms else ""
    if isinstance(node, ast.Attribute) and node.attr == _CRM and _owner(node.value, views, crms) == "view":
        return _CRM
    return ""


def _named(tree: ast.AST, annotation: str) -> set[str]:
    """Names of arguments with an annotation."""
    return {
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg)
        and node.annotation is not None
        and ast.unparse(node.annotation) == annotation
    }


def _trees(cls: type) -> Iterator[ast.AST]:
    """The code of a class and of what it uses of its own package, each once."""
    waiting: list[Any] = [one for one in cls.__mro__ if _own(one, cls)]
    done: set[Any] = set()
    while waiting:
        thing = waiting.pop()
        if thing in done:
            continue
        done.add(thing)
        tree = _tree(thing)
        yield tree
        scope = vars(sys.modules[thing.__module__])
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        waiting += [scope[name] for name in sorted(names) if name in scope and _own(scope[name], cls)]


_FOUNDATION = (Strategy, Targeting, ProviderView, Crm, object)


def _own(thing: object, cls: type) -> bool:
    """Whether something is of the package of strategies that a class belongs to, or takes what the class is shown."""
    if not (inspect.isfunction(thing) or inspect.isclass(thing)) or thing in _FOUNDATION:
        return False
    home = cls.__module__.split(".")
    package = ".".join(home[:2] if home[0] == "agents" else home[:1])
    if thing.__module__ == package or thing.__module__.startswith(f"{package}."):
        return True
    takes = inspect.get_annotations(thing).values() if inspect.isfunction(thing) else ()
    return thing.__module__.split(".")[0] == home[0] and not {"ProviderView", "Crm"}.isdisjoint(takes)


def _tree(thing: object) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(thing)))  # type: ignore[arg-type]
