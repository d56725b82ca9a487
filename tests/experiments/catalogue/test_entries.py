"""Entries: everything registered is in the catalogue, and nothing that it must say is missing."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.documented import PARTS
from agents.strategies.strategy import Strategy
from agents.targeting import Targeting
from experiments.catalogue.entries import FRAMES, Catalogue, Row, _changed
from experiments.catalogue.uses import Used, all_users
from experiments.compose import compose
from experiments.options import options
from experiments.registry import registered, target_of
from sim.quantities import quantities, quantity

pytestmark = pytest.mark.slow


def test_whatever_is_registered_has_an_entry(known: Catalogue) -> None:
    for entries, parent in ((known.strategies, Strategy), (known.targetings, Targeting)):
        classes = {target_of(c) for c in registered().values() if issubclass(c, parent) and c not in FRAMES}
        assert {entry.target for entry in entries} == classes
        assert len({entry.name for entry in entries}) == len(entries)
    for group, entries in (("strategy", known.strategies), ("targeting", known.targetings)):
        assert sorted(s.name for entry in entries for s in entry.settings) == list(options(group))


def test_every_strategy_says_each_part(known: Catalogue) -> None:
    for entry in known.strategies:
        assert entry.summary.endswith("."), entry.name
        assert set(PARTS) <= set(entry.parts), entry.name
        assert all(text.strip() for text in entry.parts.values()), entry.name
        assert entry.kind in {"passive", "active", "blend", "placebo"}
        assert entry.levers or any(setting.inner for setting in entry.settings), entry.name
        assert entry.settings, entry.name


def test_every_field_has_value_meaning_unit_and_evidence(known: Catalogue) -> None:
    classes = registered()
    for entry in (*known.strategies, *known.targetings):
        for setting in entry.settings:
            rows = {row.name: row for row in (*setting.rows, *setting.inner)}
            heads = {name.partition(".")[0] for name in rows}
            assert heads == set(quantities(classes[entry.target])), setting.name
            for row in rows.values():
                assert all((row.unit, row.evidence, row.quantity.doc)), f"{setting.name}.{row.name}"
                assert row.value != "", f"{setting.name}.{row.name}"
                if row.low is not None and row.high is not None:
                    assert row.low <= float(row.value) <= row.high


def test_an_evidenced_value_is_that_of_the_yaml(known: Catalogue) -> None:
    (promotions,) = [entry for entry in known.strategies if entry.name == "promotions"]
    settings = {setting.name: setting for setting in promotions.settings}
    assert next(iter(settings)) == "promotions"
    first, second = settings["promotions"], settings["mass_promotions"]
    (cost,) = [row for row in first.rows if row.name == "save_cost"]
    assert (cost.value, cost.low, cost.high, cost.kind) == (8.0, 7.7, 15.0, "assumption")
    assert cost.evidence.startswith("A call of a quarter of an hour")
    assert {row.name: row.kind for row in first.rows if row.kind in {"dial", "choice"}} == {
        "channel": "choice",
        "targeting": "choice",
        "intensity": "dial",
        "budget": "dial",
        "priority": "dial",
    }
    assert Used("scenarios", "active", "focal.save") in first.used
    assert Used("market", "telecom", "today.focal.save") in second.used


def test_every_command_can_be_given(known: Catalogue) -> None:
    asked = ["scenarios=[none]"]
    settings = [setting for entry in known.strategies for setting in entry.settings]
    for number, setting in enumerate(settings):
        commands = dict(setting.commands)
        command = commands.get("With another value", commands["Alone"])
        assert command.startswith(f"{commands['Alone']}")
        program, scenarios, *overrides = shlex.split(command)
        assert (program, scenarios) == ("tenure", "scenarios=[none]")
        asked += [override.replace("scenarios.mine", f"scenarios.mine{number}") for override in overrides]
    found = compose(asked)  # All at once, each in a scenario of its own.
    assert len(found.world.scenarios) == 1 + len(settings)
    assert any(parameter.kind == "user" for parameter in found.parameters)


def test_a_targetings_command_can_be_given(known: Catalogue) -> None:
    entry = known.targetings[0]
    ((_, command),) = entry.settings[0].commands
    (active,) = [s for s in compose(shlex.split(command)[1:]).world.scenarios if s.name == "active"]
    assert target_of(type(vars(active.focal["save"])["targeting"])) == entry.target


def test_the_users_own_scenarios_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "tenure_conf" / "scenarios"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("# @package scenarios.mine\ndefaults:\n  - /strategy@focal.x: placebo\n")
    monkeypatch.chdir(tmp_path)
    assert Used("scenarios", "mine", "focal.x") in all_users()["strategy", "placebo"]


@dataclass(frozen=True)
class Bounded:
    """Takes `low` only up to `high`."""

    low: float = quantity("", 0.0, 9.0, "Low.", default=3.0)
    high: float = quantity("", 0.0, 9.0, "High.", default=4.0)

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def test_the_command_with_another_value_shows_one_that_is_allowed() -> None:
    rows = tuple(
        Row(name, 3.0, known, "a number", "assumption", "Said.")
        for name, known in quantities(Bounded).items()
    )
    assert _changed(Bounded(), rows) == ("low", 1.5)
    assert _changed(Bounded(low=1.0), rows[1:]) == ("high", 6.0)
    assert _changed(Bounded(), ()) is None
