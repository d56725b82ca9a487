"""Help: keys, groups and examples, from what is there; no library is loaded to say it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import get_type_hints

from experiments.options import groups, options
from experiments.paths import conf_dir
from experiments.settings import Settings
from sim.quantities import quantities

_HEAD = """\
Tenure compares retention strategies on the same customers and the same luck, and writes a report.

  tenure [KEY=VALUE ...]        run an experiment; the default one needs no key
  tenure -m [KEY=A,B ...]       run it once for each combination of values
  tenure --catalogue [FOLDER]   write a page on every strategy: mechanism, levers, costs, failures, numbers
  tenure --cfg job              print the whole configuration; --help, --hydra-help, --version

Examples
  tenure                                             the default comparison
  tenure market=saas goal=lifetime_value             another industry, another goal
  tenure draws=1 replicates=4                        a quick look, at the point values
  tenure 'scenarios=[none,active]' scenarios.active.focal.save.depth=0.1
  tenure targeting@scenarios.active.focal.save.targeting=value
  tenure -m market=telecom,saas,streaming            one run each
  tenure hydra.run.dir=FOLDER                        go on with a run that was interrupted
  tenure experiment=claims 'experiment.markets=[saas]' what people say, judged: which claims hold where
  tenure experiment=synergy market=saas              are passive and active together more than their sum?
  tenure experiment=facts/contagion                  a published effect, looked for in the market; experiment=facts: all
  tenure experiment=calibrate data.path=FILE experiment.market=NAME
"""
_WIDTH = 100


def help_text() -> str:
    """What `tenure --help` prints."""
    found = [f"  {name:<12}{_wrapped(', '.join(options(name)), 14)}" for name in groups()]
    return "\n".join([_HEAD, "Groups", *found, "", "Keys", *_keys(), ""])


def _wrapped(text: str, indent: int) -> str:
    lines = textwrap.wrap(text, _WIDTH - indent, break_long_words=False)
    return f"\n{' ' * indent}".join(lines)


def _keys() -> list[str]:
    text = (conf_dir() / "config.yaml").read_text("utf-8")
    given = dict(re.findall(r"^([a-z_]+): *([^#\n]*?) *(?:#.*)?$", text, re.MULTILINE))
    return [
        f"  {name:<26}{_wrapped(doc + _default(given.get(name)), 28)}" for name, doc in _documented(Settings)
    ]


def _default(value: str | None) -> str:
    return f" [{value}]" if value else ""


def _documented(cls: type, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Keys with what they mean, nested ones dotted."""
    types = get_type_hints(cls)
    for name, known in quantities(cls).items():
        if is_dataclass(types[name]):
            yield from _documented(types[name], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", known.doc
