"""Rehearsal: after it, whatever a shipped market runs has been compiled."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import pkgutil, sys
import agents, sim
from experiments import rehearsal

rehearsal.a_pulse()
rehearsal.the_rest()
rehearsal.a_month()

from numba.core.registry import CPUDispatcher


def compiled():
    # What Python calls has been compiled for these types; what compiled code calls is no business of Python's.
    found = set()
    for package in (agents, sim):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            for name, value in vars(sys.modules.get(module.name, object)).items():
                if isinstance(value, CPUDispatcher) and value.py_func.__module__ == module.name:
                    found |= {(module.name, name, str(types)) for types in value.nopython_signatures}
    return found


from agents.scenario import Scenario
from experiments.assembly import assemble
from experiments.compose import compose
from experiments.options import options
from sim.luck import Luck

rehearsed = compiled()
assert len(rehearsed) > 30
names = options("strategy")
for market in options("market"):
    world = compose((
        f"market={market}", "scenarios=[none]", "market.customers=300", "market.warm_up=1",
        *(f"+strategy@scenarios.none.focal.{name}={name}" for name in names),
    )).world
    every = world.scenarios[0].focal
    scenarios = tuple(Scenario(name=name, focal={name: every[name]}) for name in names)
    focal = world.market.providers[0].name
    warm = assemble(world.market, world.customers, world.today, scenarios, focal, Luck(1, 0))
    warm.warm_up()
    for scenario in scenarios:
        twin = warm.fork(scenario)
        twin.run(200.0)
    twin.run_on(60.0)
print(sorted(compiled() - rehearsed))
"""


@pytest.mark.slow
def test_nothing_is_left_to_compile_for_who_runs_a_market(project_root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=project_root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
