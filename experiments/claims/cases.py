"""Cases: the worlds in which claims are judged - a market, a mix of customers, a horizon - and what ran in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from experiments.claims.claim import EQUAL_SPEND as AT_EQUAL_SPEND
from experiments.claims.claim import Claim
from experiments.compose import Resolved
from experiments.crossing import Crossing, crossing
from experiments.errors import ConfigError, TasksFailedError
from experiments.names import hint
from experiments.options import options
from experiments.recompose import chosen, recomposed
from experiments.session import Session
from experiments.settings import ClaimsSettings
from experiments.tables import results_hash, runs_table, timeline_table
from experiments.tasks import EQUAL_SPEND
from experiments.trial import Trial

NONE = "none"


@dataclass(frozen=True, order=True)
class Case:
    """A market, a mix of customers, and months from the fork to the end."""

    market: str
    customers: str
    horizon_months: float

    @property
    def title(self) -> str:
        """How failures and notes call it."""
        return f"{self.market} with {self.customers} customers over {self.horizon_months:g} months"


@dataclass(frozen=True)
class Part:
    """What is to be run in a case.

    Attributes:
        case: the world.
        scenarios: all to run there.
        equal: those among them that are brought to equal spend; empty for none.
    """

    case: Case
    scenarios: tuple[str, ...]
    equal: tuple[str, ...]


@dataclass(frozen=True)
class Lived:
    """What ran in a case.

    Attributes:
        part: what was asked.
        resolved: the comparison that it was.
        runs: the runs table, all providers and segments.
        results_hash: of runs and timeline, as of a comparison's.
        pilot: see `intervals.luck_interval`; None where no target precision was asked for.
        notes: sentences that limit it.
    """

    part: Part
    resolved: Resolved
    runs: pd.DataFrame
    results_hash: str
    pilot: int | None
    notes: tuple[str, ...]

    @cached_property
    def crossed(self) -> Crossing:
        """The focal provider's values for everyone."""
        return crossing(self.runs).narrowed(provider=self.resolved.focal, segment="all")

    def at(self, scenario: str, equal_spend: bool) -> str | None:
        """The name under which a scenario ran, as configured or at equal spend; None where it did not.

        At equal spend a scenario that spends nothing stays what it is; None where nothing was brought to equal spend.
        """
        if scenario not in self.crossed.scenarios or not equal_spend:
            return scenario if scenario in self.crossed.scenarios else None
        if f"{scenario}{EQUAL_SPEND}" in self.crossed.scenarios:
            return f"{scenario}{EQUAL_SPEND}"
        scaled = any(name.endswith(EQUAL_SPEND) for name in self.crossed.scenarios)
        spends = next(bool(s.focal) for s in self.resolved.world.scenarios if s.name == scenario)
        return scenario if scaled and not spends else None


def cases(resolved: Resolved, claims: Sequence[Claim]) -> tuple[list[Part], list[str]]:
    """What has to be run so that the claims can be judged and the winners named, and notes on what cannot.

    Every market with every mix of customers over the experiment's horizon, with the command's scenarios and those
    that claims name; and over each other horizon that a claim is about, with its scenarios only.

    Raises:
        ConfigError: an unknown market or mix, or one that was chosen by the wrong key.
    """
    asked: ClaimsSettings = resolved.experiment
    for group in ("market", "customers"):
        given = chosen(resolved, group)
        if given is not None:
            plural = "customers" if group == "customers" else "markets"
            name = given.partition("=")[2]
            raise ConfigError(
                f"{given} is not read by experiment=claims, which goes through several; write "
                f"experiment.{plural}=[{name}]."
            )
    markets = asked.markets if asked.markets is not None else options("market")
    for key, names, known in (
        ("markets", markets, options("market")),
        ("customers", asked.customers, options("customers")),
    ):
        for name in names:
            if name not in known:
                raise ConfigError(f"experiment.{key}: {name} is not there; {hint(name, known)}.")
    there = {s.name for s in resolved.world.scenarios} | set(options("scenarios"))
    notes = [
        f"'{claim.text}' ({claim.name}) is not judged: there is no scenario {' and no scenario '.join(gone)}."
        for claim in claims
        if (gone := [name for name in claim.contrast if name not in there])
    ]
    usable = [claim for claim in claims if set(claim.contrast) <= there]
    return [
        part
        for market in markets
        for customers in asked.customers
        for part in _parts(resolved, market, customers, [c for c in usable if c.about(market)])
    ], notes


def _parts(resolved: Resolved, market: str, customers: str, claims: Sequence[Claim]) -> list[Part]:
    asked: ClaimsSettings = resolved.experiment
    usual = resolved.settings.horizon_months
    listed = [s.name for s in resolved.world.scenarios]
    parts = []
    for horizon in dict.fromkeys([usual, *(c.horizon for c in claims if c.horizon is not None)]):
        here = [c for c in claims if (c.horizon or usual) == horizon]
        needed = _named(here)
        equal = _named(c for c in here if c.basis == AT_EQUAL_SPEND)
        if horizon == usual:
            needed, equal = [*listed, *needed], [*(k for k in asked.kinds if k in listed), *equal]
        scenarios = dict.fromkeys([*([resolved.baseline] if resolved.baseline in listed else []), *needed])
        parts.append(
            Part(
                Case(market, customers, horizon),
                tuple(scenarios),
                tuple(dict.fromkeys(equal)) if asked.equal_spend else (),
            )
        )
    return parts


def _named(claims: Iterable[Claim]) -> list[str]:
    return [name for claim in claims for name in claim.contrast]


def composed(resolved: Resolved, part: Part) -> Resolved:
    """The comparison that a part is.

    Raises:
        ConfigError: the command does not fit that world.
    """
    case, asked = part.case, resolved.experiment
    groups = {"market": case.market, "customers": case.customers}
    return recomposed(
        resolved, part.scenarios, groups, bool(part.equal), asked.tolerance, case.horizon_months
    )


def lived(part: Part, resolved: Resolved, session: Session) -> Lived:
    """Run a part.

    Raises:
        ConfigError: its target precision cannot be planned for.
        TasksFailedError: nothing was left of it.
    """
    trial = Trial(resolved, session.campaign(part.case.title), frozenset(part.equal))
    trial.run()
    outcomes, dropped = trial.outcomes()
    runs, timeline = (table(outcomes, trial.axes) for table in (runs_table, timeline_table))
    notes = [f"{part.case.title}: {', '.join(dropped)} left out, where tasks failed."] if dropped else []
    notes += [
        f"{part.case.title}: at equal spend {name} costs {share:.1%} of the common spend, in steps."
        for name, share in (trial.equal.reached if trial.equal else {}).items()
        if abs(share - 1.0) > resolved.experiment.tolerance
    ]
    return Lived(
        part=part,
        resolved=resolved,
        runs=runs.frame(),
        results_hash=results_hash((runs, timeline)),
        pilot=resolved.settings.replicates if trial.plan else None,
        notes=tuple(notes),
    )


def all_lived(
    resolved: Resolved, parts: Sequence[Part], session: Session
) -> tuple[list[Lived], Mapping[Case, str]]:
    """Run every part; what cannot be run costs no other.

    Returns:
        what ran, and why the rest did not, by case.

    Raises:
        ConfigError: no part can be composed.
        TasksFailedError: nothing was left of any.
    """
    ready: list[tuple[Part, Resolved]] = []
    lost: dict[Case, str] = {}
    first: ConfigError | TasksFailedError | None = None
    for part in parts:
        try:
            ready.append((part, composed(resolved, part)))
        except ConfigError as error:
            lost[part.case], first = str(error), first or error
    found = []
    with session.console.progress("worlds", len(ready)) as progress:
        for part, comparison in ready:
            try:
                found.append(lived(part, comparison, session))
            except (ConfigError, TasksFailedError) as error:
                lost[part.case], first = str(error), first or error
            progress.advance(1, failed=part.case in lost)
    if not found and first is not None:
        raise first
    return found, lost
