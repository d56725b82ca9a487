"""Outcomes as records of the store, and back, to the bit."""

from __future__ import annotations

from experiments.store import Record
from experiments.tasks import Outcome

_COLUMN = "customers."


def record_of(outcome: Outcome) -> Record:
    """What the store keeps of an outcome; not its scenario's name, which is no part of what was computed."""
    arrays = {"runs": outcome.runs, "timeline": outcome.timeline, "days": outcome.days}
    meta: dict[str, object] = {
        "ledger": [list(row) for row in outcome.ledger],
        "groups": [list(row) for row in outcome.groups],
        "customers": outcome.customers is not None,
        "bound": [list(row) for row in outcome.bound],
        "beliefs": [list(row) for row in outcome.beliefs],
    }
    for name, column in (outcome.customers or {}).items():
        arrays[f"{_COLUMN}{name}"] = column
    return Record(meta, arrays)


def outcome_of(record: Record, scenario: str) -> Outcome:
    """The outcome of a record, under a scenario's name."""
    columns = {name.removeprefix(_COLUMN): a for name, a in record.arrays.items() if name.startswith(_COLUMN)}
    return Outcome(
        scenario=scenario,
        runs=record.arrays["runs"],
        timeline=record.arrays["timeline"],
        days=record.arrays["days"],
        ledger=tuple((p, a, s, float(x)) for p, a, s, x in record.meta["ledger"]),
        groups=tuple((g, float(share), float(spend)) for g, share, spend in record.meta["groups"]),
        customers=columns if record.meta["customers"] else None,
        bound=tuple((p, slot, rule, float(count)) for p, slot, rule, count in record.meta["bound"]),
        beliefs=tuple(
            (slot, float(day), tactic, segment, float(believed), float(error), float(share), float(true))
            for slot, day, tactic, segment, believed, error, share, true in record.meta["beliefs"]
        ),
    )
