"""Other processors, the same bytes: with the features of this one switched off, learning off."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow

PROGRAM = """
import hashlib
from agents.miniature import customers, market
from agents.scenario import Scenario
from agents.strategies.active.personalised_campaigns import PersonalisedCampaigns
from agents.strategies.active.promotions import Promotions
from agents.strategies.passive.ease_of_use import EaseOfUse
from agents.strategies.passive.efficient_service import EfficientService
from agents.strategies.passive.points_programme import PointsProgramme
from agents.targeting import Everyone, Value
from experiments.assembly import simulate
from experiments.tasks import Task

blend = Scenario(name="blend", focal={
    "ease": EaseOfUse(build=3.0, upkeep=0.1),
    "service": EfficientService(people=0.3, hours=1.0, solved=0.85, training=100.0),
    "points": PointsProgramme(earn=0.05, burn_at=10.0, hassle_hours=0.1, platform=1.0, running=0.1),
    "campaigns": PersonalisedCampaigns(every=1.0, channel="message", misfit=0.2, targeting=Everyone(share=0.7),
        creative=0.1, data=1.0, running=0.1),
    "save": Promotions(every=2.0, depth=0.2, months=2.0, channel="call", targeting=Value(share=0.3), save_depth=0.3,
        save_months=3.0, save_cost=5.0, welcome_depth=0.1, welcome_months=2.0)})
forms = (
    {"contract": "subscription"},
    {"contract": "term", "gate.per": "renewal", "gate.attention": 0.3},
    {"contract": "none", "gate.per": "purchase", "gate.attention": 0.2},
)
digest = hashlib.sha256()
for form in forms:
    task = Task(
        market=market({"customers": 700, "warm_up": 3.0, **form}), customers=customers(), today=Scenario(name="today"),
        scenarios=(Scenario(name="none"), blend), baseline="none", focal="focal", seed=1, draw=0, replicate=0,
        horizon_months=12.0, learning=False, records=True,
    )
    for outcome in simulate(task):
        digest.update(outcome.runs.tobytes() + outcome.timeline.tobytes() + repr(outcome.ledger).encode())
        for name in ("stayed", "value", "spent", "seen_need_seen"):
            digest.update(outcome.customers[name].tobytes())
import numpy._core._multiarray_umath as umath
switched_on = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]]
print(digest.hexdigest(), len(switched_on))
"""


def results(project_root: Path, environment: dict[str, str]) -> tuple[str, int]:
    """Digest of what a fresh process computes, and how many optional processor features its NumPy uses."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=project_root, env={**os.environ, "PYTHONPATH": ".", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    digest, features = done.stdout.split()
    return digest, int(features)


def test_results_do_not_depend_on_processor_features(project_root: Path, tmp_path: Path) -> None:
    """NumPy without its optional code paths, the compiler for the plainest processor, the C library without FMA."""
    present = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    plain = {
        "NPY_DISABLE_CPU_FEATURES": " ".join(present),
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path / "compiled"),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-ERMS",
    }
    if platform.machine() in ("x86_64", "AMD64"):
        plain["OPENBLAS_CORETYPE"] = "Nehalem"
    here, features = results(project_root, {})
    there, without = results(project_root, plain)
    assert features == len(present)
    assert without == 0 or not present
    assert there == here
