"""What ships composes: every file, every class; and a number is one number wherever it is used."""

from itertools import product

import pytest

from agents.strategies.blend.blend import Blend
from agents.strategies.strategy import Strategy
from agents.targeting import Targeting
from experiments.compose import GROUPS, Resolved, compose
from experiments.options import options
from experiments.registry import registered, target_of
from experiments.worlds import changed
from sim.quantities import quantities

pytestmark = pytest.mark.slow

EVERYTHING = [(group, name) for group in GROUPS for name in options(group) if group != "scenarios"]


@pytest.fixture(scope="module")
def shipped() -> Resolved:
    """The default question."""
    return compose()


@pytest.mark.parametrize(("group", "name"), EVERYTHING, ids=lambda part: str(part))
def test_every_file_of_every_group_builds(group: str, name: str) -> None:
    scenarios = [] if group == "market" else ["scenarios=[none]"]
    assert compose([f"{group}={name}", *scenarios]).configuration[group]


def test_every_scenario_builds() -> None:
    listed = options("scenarios")
    assert {"none", "today", "placebo", "passive", "active", "blend"} <= set(listed)
    resolved = compose([f"scenarios=[{','.join(listed)}]"])
    assert [s.name for s in resolved.world.scenarios] == list(listed)


def test_every_strategy_and_targeting_builds() -> None:
    names = options("strategy")
    alone = compose(["scenarios=[none]", *(f"+strategy@scenarios.{name}.focal.it={name}" for name in names)])
    built = {one.name: one.focal["it"] for one in alone.world.scenarios if one.name != "none"}
    assert list(built) == list(names)
    frames = (Strategy, Blend)
    classes = {cls for cls in registered().values() if issubclass(cls, Strategy) and cls not in frames}
    assert {type(strategy) for strategy in built.values()} == classes
    for cls in classes:
        assert cls.__module__.rpartition(".")[2] in built
        assert quantities(cls)["intensity"].high == 1.0


def test_every_targeting_has_a_file() -> None:
    classes = {cls for cls in registered().values() if issubclass(cls, Targeting) and cls is not Targeting}
    orders = [
        order
        for name in options("targeting")
        for order in (
            f"+strategy@scenarios.{name}.focal.it=promotions",
            f"targeting@scenarios.{name}.focal.it.targeting={name}",
        )
    ]
    aimed = [one.focal["it"] for one in compose(["scenarios=[none]", *orders]).world.scenarios if one.focal]
    assert {type(getattr(strategy, "targeting")) for strategy in aimed} == classes  # noqa: B009
    assert len(aimed) == len(options("targeting"))


def test_every_number_has_evidence_and_units(shipped: Resolved) -> None:
    assert len(shipped.parameters) > 150
    assert {p.kind for p in shipped.parameters} <= {"source", "assumption"}
    assert all(p.text.strip() and p.quantity.doc for p in shipped.parameters)


def test_scenarios_share_an_assumption_and_draws_share_it_too(shipped: Resolved) -> None:
    by_origin: dict[str, set[str]] = {}
    for p in shipped.parameters:
        if p.drawn:
            by_origin.setdefault(p.origin, set()).add(p.key)
    shared = {origin: keys for origin, keys in by_origin.items() if len(keys) > 1}
    assert any(origin.startswith("strategy/") for origin in shared)
    assert all(
        key.startswith(
            (
                "market.",
                "segment/",
                "strategy/",
                "targeting/",
                "customers.",
                "network/",
                "dialogue/",
                "rules/",
                "drift/",
            )
        )
        for key in by_origin
    )
    one, other = shipped.draw(0), shipped.draw(1)
    assert one == shipped.draw(0)
    assert one.market.gate.attention != other.market.gate.attention
    assert one.market.title == other.market.title
    for world, (_, keys) in product((one, other), shared.items()):
        values = {_at(world, key) for key in keys if key.startswith("scenarios.")}
        assert len(values) <= 1


def _at(world: object, key: str) -> object:
    _, name, _, slot, *rest = key.split(".")
    (scenario,) = (s for s in world.scenarios if s.name == name)  # type: ignore[attr-defined]
    node: object = scenario.focal[slot]
    for part in rest:
        node = getattr(node, part)
    return node


def test_one_draw_takes_the_point_values() -> None:
    resolved = compose(["draws=1", "scenarios=[none]"])
    assert resolved.draw(0) == resolved.world


def test_a_value_of_the_user_is_marked_and_held() -> None:
    resolved = compose(["scenarios=[none]", "market.gate.p_notice=0.03", "firm_customers=5000"])
    marked = {p.key: p.value for p in resolved.parameters if p.kind == "user"}
    assert marked == {"market.gate.p_notice": 0.03, "market.firm_customers": 5000.0}
    assert {resolved.draw(d).market.gate.p_notice for d in range(3)} == {0.03}


def test_a_change_of_today_reaches_the_scenario_that_refers_to_it() -> None:
    more = "+strategy@market.today.focal.more=placebo"
    resolved = compose(["scenarios=[none,today]", more, "market.today.focal.more.per_month=0.4"])
    today = resolved.world.scenarios[1]
    assert today.focal == resolved.world.today.focal
    assert today.focal["more"].per_month == 0.4  # type: ignore[attr-defined]
    marked = {p.key for p in resolved.parameters if p.kind == "user"}
    assert marked == {"market.today.focal.more.per_month", "scenarios.today.focal.more.per_month"}


def test_shares_that_are_drawn_still_sum_to_one() -> None:
    configuration = {
        "customers": {"segments": {"a": {"share": 0.5}, "b": {"share": 0.5}}},
        "market": {},
        "scenarios": {},
    }
    drawn = changed(configuration, {"customers.segments.a.share": 0.9})
    shares = [segment["share"] for segment in drawn["customers"]["segments"].values()]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] / shares[1] == pytest.approx(1.8)
    assert configuration["customers"]["segments"]["a"]["share"] == 0.5


def test_the_first_provider_is_focal_and_none_is_the_baseline(shipped: Resolved) -> None:
    assert shipped.focal == shipped.world.market.providers[0].name
    assert shipped.baseline == "none"
    assert compose(["scenarios=[placebo,active]"]).baseline == "placebo"
    assert [target_of(type(s)) for s in shipped.world.scenarios[2].focal.values()] == [
        "agents.strategies.placebo.Placebo"
    ]


def test_what_a_provider_runs_today_as_a_rival_is_left_out_while_it_is_the_focal_one() -> None:
    bank = compose(["market=retail_bank", "scenarios=[none]"]).world
    others = [p.name for p in bank.market.providers[1:]]
    assert sorted(bank.today.rivals) == sorted(others)
    turned = compose(["market=retail_bank", "scenarios=[none]", f"focal={others[0]}"]).world
    assert sorted(turned.today.rivals) == sorted([bank.market.providers[0].name, *others[1:]])
    assert turned.today.focal == bank.today.focal
    assert turned.today.rivals[bank.market.providers[0].name] == bank.today.focal
