"""The customers' table of a randomised trial, taken by an uplift library and by inverse-propensity weighting.

Truth is known here: everybody is also followed in the world in which all are treated and in that in which nobody is.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from econml.grf import CausalForest
from numpy.typing import NDArray

from agents.market import Plan
from agents.miniature import ISOLATED, customers, market
from agents.scenario import Scenario
from agents.strategies.active.promotions import Promotions
from agents.targeting import Everyone, Randomised, Targeting
from experiments.assembly import simulate, warm_market
from experiments.groups import GROUPS, bounds
from experiments.individuals import stayed_under, twins
from experiments.metrics import METRICS
from experiments.tasks import Outcome, Task

HORIZON = 6.0
SURE = 4.0
"""Standard errors that a mean may be away from what is expected."""
PLANS = (
    Plan(name="small", level=0.2, price=0.4),
    Plan(name="medium", level=0.5, price=1.0),
    Plan(name="large", level=0.8, price=2.5),
)
"""Prices far apart: a deep discount is worth much to some, and little to others whom its contact wakes."""
SETTING: dict[str, Any] = {
    "customers": 400, "pulse": 14.0, "warm_up": 3.0, "gate.attention": 0.01, "gate.p_contact": 1.0, "plans": PLANS,
    **ISOLATED,
}  # fmt: skip


def offer(targeting: Targeting) -> Promotions:
    """One call with a discount of 60 % to the horizon's end, a month after the fork; nothing for anybody else."""
    return Promotions(
        every=1.0, depth=0.6, months=12.0, channel="message", targeting=targeting, save_depth=0.0, save_months=1.0,
        save_cost=0.0, welcome_depth=0.0, welcome_months=0.0,
    )  # fmt: skip


def aimed(name: str, targeting: Targeting) -> Scenario:
    return Scenario(name=name, focal={"offer": offer(targeting)})


NONE = Scenario(name="none")
EVERYONE = aimed("everyone", Everyone())


def trial(share: float = 0.5) -> Scenario:
    return aimed("trial", Randomised(share=share))


def task(*scenarios: Scenario, changes: dict[str, Any] | None = None, **settings: Any) -> Task:
    values: dict[str, Any] = {
        "market": market({**SETTING, **(changes or {})}), "customers": customers(), "today": Scenario(name="today"),
        "scenarios": scenarios, "baseline": "none", "focal": "focal", "seed": 1, "draw": 0, "replicate": 0,
        "horizon_months": HORIZON, "records": True, "projected": False,
    }  # fmt: skip
    return Task(**{**values, **settings})


def table(outcome: Outcome) -> pd.DataFrame:
    assert outcome.customers is not None
    return pd.DataFrame(outcome.customers)


def retention(outcome: Outcome) -> float:
    return float(outcome.runs[0, -1, list(METRICS).index("retention")])


def error_of(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / np.sqrt(values.size))


# --- exact --------------------------------------------------------------------------------------------


def test_the_mean_effect_is_the_difference_between_the_twin_worlds() -> None:
    none, tried, everyone = simulate(task(NONE, trial(), EVERYONE))
    for outcome in (tried, everyone):
        effect = table(outcome)["effect_realised"]
        assert effect.sum() == round((retention(everyone) - retention(none)) * effect.size)
        assert effect.mean() == pytest.approx(retention(everyone) - retention(none), abs=1e-12)
        assert effect.any()


def test_where_nobody_affects_anybody_a_trial_is_the_two_worlds_in_one() -> None:
    """To the bit, outcome and money: for the treated that where all are, for the others that where nobody is."""
    none, tried, everyone = (table(o) for o in simulate(task(NONE, trial(0.4), EVERYONE)))
    treated = tried["treated"] == 1
    assert 0 < treated.sum() < treated.size
    assert not tried["interference"].any()
    for column in ("stayed", "value", "spent"):
        assert tried[column][treated].equals(everyone[column][treated])
        assert tried[column][~treated].equals(none[column][~treated])
        assert not tried[column].equals(everyone[column])
    assert tried["effect_realised"].equals(everyone["stayed"] - none["stayed"])
    assert tried["type"].equals(everyone["type"])


def test_where_all_wait_for_one_desk_the_untreated_feel_the_trial() -> None:
    """And the table says so: those whom the discount keeps call, too."""
    changes = {"service.desk": True, "service.load": 0.95, "service.friction": 2.0, "firm_customers": 400.0}
    none, tried = (table(o) for o in simulate(task(NONE, trial(0.8), changes=changes)))
    others = tried["treated"] == 0
    assert tried["interference"].all()
    assert not tried["value"][others].equals(none["value"][others])


# --- inverse-propensity weighting ---------------------------------------------------------------------


@pytest.mark.slow
def test_inverse_propensity_weighting_gets_the_mean_effect_within_its_interval() -> None:
    """Horvitz-Thompson on one treated group in three: 95 % intervals cover the true mean as often as they say."""
    replicates, misses, off, errors, truths = 40, 0, [], [], []
    for replicate in range(replicates):
        log = table(simulate(task(trial(1.0 / 3.0), baseline="", replicate=replicate))[0])
        y, t, p = (log[name].to_numpy(np.float64) for name in ("stayed", "treated", "propensity"))
        weighted = y * t / p - y * (1.0 - t) / (1.0 - p)
        truth = log["effect_realised"].mean()
        off.append(weighted.mean() - truth)
        errors.append(error_of(weighted))
        truths.append(truth)
        misses += abs(off[-1]) > 1.96 * errors[-1]
    assert misses <= 8, "more than 8 of 40 happens to honest intervals once in 7,000 times"
    assert abs(np.mean(off)) < SURE * error_of(np.array(off))
    assert np.mean(truths) > SURE * np.mean(errors) / np.sqrt(replicates), "an effect that could be missed"


# --- coupling -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_another_coupling_of_luck_moves_the_types_within_their_bounds() -> None:
    """Bounds from the paired worlds' stays hold for types told by worlds that share no luck, within standard errors."""
    shares: dict[bool, list[list[float]]] = {True: [], False: []}
    stays: list[tuple[float, float]] = []
    for replicate in range(12):
        for paired in (True, False):
            none, tried, everyone = simulate(
                task(NONE, trial(), EVERYONE, replicate=replicate, paired=paired)
            )
            kinds = table(tried)["type"]
            shares[paired].append([float((kinds == name).mean()) for name in GROUPS])
            if paired:
                stays.append((retention(everyone), retention(none)))
    paired_shares, unpaired = np.array(shares[True]), np.array(shares[False])
    moved = unpaired - paired_shares
    assert moved[:, 0].mean() > SURE * error_of(moved[:, 0]), "less is alike: more persuadables"
    assert moved[:, 3].mean() > SURE * error_of(moved[:, 3]), "and more sleeping dogs"
    limits = bounds(*np.mean(stays, axis=0))
    for n, name in enumerate(GROUPS):
        low, high = limits[name]
        allowance = SURE * (error_of(unpaired[:, n]) + error_of(paired_shares[:, n]))
        assert low - 1e-9 <= paired_shares[:, n].mean() <= high + 1e-9
        assert low - allowance < unpaired[:, n].mean() < high + allowance


# --- a library's learner ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_librarys_learner_ranks_better_than_chance_and_worse_than_the_oracle() -> None:
    """By the mean effect in the top 30 %, on lucks that neither the logs nor the oracle have seen.

    The learner reads randomised logs of other people; the oracle ranks by `effect_expected` of 50 lucks. Each fresh
    luck gives a paired difference; standard errors are those of their mean over the lucks, for these people.
    """
    size = {"customers": 2000}
    logs = pd.concat(
        table(simulate(task(trial(), baseline="", changes=size, replicate=r))[0]) for r in range(1, 6)
    )
    forest = CausalForest(n_estimators=100, min_samples_leaf=50, random_state=0, n_jobs=1)
    forest.fit(logs.filter(like="seen_"), logs["treated"], logs["stayed"])

    asked = task(NONE, trial(), changes=size, individuals=50)
    people = table(simulate(asked)[1])
    warm, pair = warm_market(asked), twins(trial(), NONE)
    assert pair is not None
    lucks = [replace(warm.luck, salt=f"fresh/{n}") for n in range(16)]
    everybody, nobody = (
        np.array([stayed_under(warm, world, luck, HORIZON) for luck in lucks], np.float64) for world in pair
    )
    effects = everybody - nobody

    def top(scores: Any) -> NDArray[np.float64]:
        best = np.argsort(-np.ravel(scores), kind="stable")[: int(0.3 * len(people))]
        found: NDArray[np.float64] = effects[:, best].mean(axis=1)
        return found

    chance = effects.mean(axis=1)
    learner, oracle = top(forest.predict(people.filter(like="seen_"))), top(people["effect_expected"])
    assert (learner - chance).mean() > SURE * error_of(learner - chance)
    assert (oracle - learner).mean() > SURE * error_of(oracle - learner)
    spread = np.hypot(error_of(chance), np.sqrt((people["effect_error"] ** 2).sum()) / len(people))
    assert abs(people["effect_expected"].mean() - chance.mean()) < SURE * spread
