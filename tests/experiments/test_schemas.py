"""Schemas and evidence: what is built, and what is refused with which sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from experiments.errors import ConfigError
from experiments.evidence import Parameter, parameters
from experiments.schemas import Findings, build
from sim.quantities import choice, quantity, text, whole


@dataclass(frozen=True, kw_only=True)
class Gear:
    """A part with a name."""

    name: str = text("Name.")
    ratio: float = quantity("x", 0.5, 8.0, "Ratio.")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Something nested."""

    power: float = quantity("kW", 0.0, 500.0, "Power.")
    start: str = choice("How it starts.", "key", "button")


@dataclass(frozen=True, kw_only=True)
class Car:
    """Everything a schema can hold."""

    title: str = text("Title.")
    doors: int = whole("doors", 1, 5, "Doors.")
    electric: bool = text("Whether it is electric.")
    range_km: float | None = quantity("km", 0.0, 2000.0, "Range.", default=None)
    intensity: float = quantity("share", 0.0, 1.0, "How much of it.", default=1.0)
    engine: Engine = text("Engine.")
    gears: tuple[Gear, ...] = text("Gears.", default=())
    weights: tuple[float, ...] = quantity("kg", 0.0, 100.0, "Weights.", default=())

    def __post_init__(self) -> None:
        if self.electric and self.gears:
            raise ValueError("gears: an electric car has none; drop them")


def plain(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Beetle",
        "doors": 3,
        "electric": False,
        "engine": {"power": 25, "start": "key"},
        "gears": {"first": {"ratio": 3.8}, "second": {"ratio": 2.06}},
        "weights": [10, 20.5],
        **changes,
    }


def evidence(**changes: Any) -> dict[str, Any]:
    return {
        "doors": {"source": "the brochure"},
        "engine.power": {"assumption": "nobody measured it", "range": [20, 30]},
        "gears.*.ratio": {"source": "the manual"},
        "weights": {"assumption": "guessed", "range": [5, 25]},
        **changes,
    }


def found(node: Mapping[str, Any], user: tuple[str, ...] = ()) -> dict[str, Parameter]:
    findings = Findings()
    build(Car, node, "car", findings)
    return {p.key: p for p in parameters(findings, {}, user)}


def test_a_mapping_becomes_frozen_objects() -> None:
    car = build(Car, plain(doors=3.0), "car")
    assert car == Car(
        title="Beetle",
        doors=3,
        electric=False,
        engine=Engine(power=25.0, start="key"),
        gears=(Gear(name="first", ratio=3.8), Gear(name="second", ratio=2.06)),
        weights=(10.0, 20.5),
    )
    assert isinstance(car.doors, int)
    assert isinstance(car.engine.power, float)
    listed = plain(gears=[{"name": "first", "ratio": 3.8}, {"name": "second", "ratio": 2.06}])
    assert build(Car, listed, "car") == car


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"dors": 4}, "car.dors is not a key of Car; did you mean doors."),
        ({"engine": {"power": 25}}, "car.engine.start is missing; give one of key, button (How it starts)."),
        ({"engine": {"start": "key"}}, "car.engine.power is missing; give a number from 0 to 500 kW (Power)."),
        ({"engine": {"power": 900, "start": "key"}}, "car.engine.power=900 is not allowed; allowed is 0 to 500 (kW)."),
        ({"engine": {"power": "x", "start": "key"}}, "car.engine.power=x is not allowed; a number from 0 to 500 is needed."),
        ({"engine": {"power": 1, "start": "buton"}}, "car.engine.start=buton is not allowed; allowed are key, button; did you mean button."),
        ({"engine": 3}, "car.engine=3 is not usable; a mapping is needed, with the keys of Engine."),
        ({"doors": 2.5}, "car.doors=2.5 is not allowed; a whole number from 1 to 5 is needed."),
        ({"doors": None}, "car.doors has no value; give a number from 1 to 5 doors (Doors)."),
        ({"electric": "maybe"}, "car.electric=maybe is not allowed; true or false is needed."),
        ({"electric": True}, "car: gears: an electric car has none; drop them."),
        ({"title": 3}, "car.title=3 is not allowed; a text is needed."),
        ({"weights": [1, 200]}, "car.weights.1=200 is not allowed; allowed is 0 to 100 (kg)."),
        ({"weights": 3}, "car.weights=3 is not usable; a list is needed."),
        ({"gears": {"first": {"ratio": 99}}}, "car.gears.first.ratio=99 is not allowed; allowed is 0.5 to 8 (x)."),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        build(Car, plain(**change), "car")
    assert str(error.value) == sentence


def test_evidence_is_found_by_name_by_pattern_and_for_lists() -> None:
    known = found(plain(evidence=evidence()))
    assert set(known) == {
        "car.doors", "car.engine.power", "car.gears.first.ratio", "car.gears.second.ratio", "car.weights.0", "car.weights.1",
    }  # fmt: skip
    assert known["car.doors"].kind == "source"
    power = known["car.engine.power"]
    assert (power.kind, power.low, power.high, power.drawn) == ("assumption", 20.0, 30.0, True)
    assert known["car.gears.second.ratio"].text == "the manual"
    assert known["car.weights.1"].drawn


def test_inner_evidence_comes_before_outer_and_may_be_nested() -> None:
    inner = {"power": 25, "start": "key", "evidence": {"power": {"source": "inside"}}}
    outer = evidence()
    outer["engine"] = {"power": outer.pop("engine.power")}
    assert found(plain(evidence=outer))["car.engine.power"].kind == "assumption"
    assert found(plain(engine=inner, evidence=outer))["car.engine.power"].text == "inside"


def test_a_value_of_the_user_is_marked_and_held_even_outside_its_range() -> None:
    node = plain(evidence=evidence(), engine={"power": 100, "start": "key"})
    power = found(node, user=("car.engine.power",))["car.engine.power"]
    assert (power.kind, power.drawn) == ("user", False)
    assert found(node, user=("car.engine",))["car.engine.power"].kind == "user"


def test_a_range_of_one_point_is_held() -> None:
    own = {"assumption": "the firm's own choice", "range": [25, 25]}
    assert not found(plain(evidence=evidence(**{"engine.power": own})))["car.engine.power"].drawn


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"doors": None}, "car.evidence.doors=None is not evidence; write {source: TEXT} or {assumption: TEXT, range: [LOW, HIGH]}."),
        ({"doors": {"source": ""}}, "car.evidence.doors={'source': ''} is not evidence; write {source: TEXT} or {assumption: TEXT, range: [LOW, HIGH]}."),
        ({"doors": {"assumption": "x"}}, "car.evidence.doors={'assumption': 'x'} is not evidence; write {source: TEXT} or {assumption: TEXT, range: [LOW, HIGH]}."),
        ({"engine.power": {"assumption": "x", "range": [30, 20]}}, "car.evidence.engine.power.range=[30, 20] is not a range; write [LOW, HIGH] with LOW at most HIGH."),
        ({"engine.power": {"assumption": "x", "range": [20, 900]}}, "car.evidence.engine.power.range=[20, 900] leaves what is allowed; allowed is 0 to 500 (kW)."),
        ({"engine.power": {"assumption": "x", "range": [26, 30]}}, "car.engine.power=25 is outside its own range; car.evidence.engine.power.range=[26, 30] must hold it: change the value or widen the range."),
        ({"engine.powr": {"source": "x"}}, "car.evidence.engine.powr speaks for a parameter that is not there; did you mean engine.power."),
    ],
)  # fmt: skip
def test_evidence_that_is_none_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        found(plain(evidence=evidence(**change)))
    assert str(error.value) == sentence


def test_a_number_without_evidence_is_refused() -> None:
    known = evidence()
    del known["engine.power"]
    with pytest.raises(
        ConfigError, match=r"^car\.engine\.power=25 has no evidence; write \{source: TEXT\} or"
    ):
        found(plain(evidence=known))
