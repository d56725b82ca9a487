"""Verdicts: the facts they hold, and sentences that claim no more than the intervals do."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from experiments.contest import contest
from experiments.intervals import estimate
from experiments.summary import summary
from experiments.verdict import Contrast, Verdict, verdict

RunsOf = Callable[..., pd.DataFrame]
FIVE = ["none", "placebo", "passive", "active", "blend"]
SCALED = [*FIVE, "active@equal_spend", "blend@equal_spend"]


def world(
    levels: list[float],
    draws: int = 12,
    replicates: int = 6,
    spread: float = 0.1,
    luck: float = 0.1,
    seed: int = 1,
) -> np.ndarray:
    """Values (scenarios, draws, replicates) in a market and a luck that all share; equal levels, equal values."""
    rng = np.random.default_rng(seed)
    base = 100.0 + 3.0 * rng.standard_normal((1, draws, 1)) + rng.standard_normal((1, 1, replicates))
    own = {
        level: (rng.standard_normal((draws, 1)), rng.standard_normal((draws, replicates)))
        for level in set(levels)
    }
    return np.stack([base[0] + level + spread * own[level][0] + luck * own[level][1] for level in levels])


@pytest.fixture
def judge(runs_of: RunsOf) -> Callable[..., Verdict]:
    """Give the function that judges values of named scenarios by profit, more is better."""

    def judged(
        values: np.ndarray, names: list[str], direction: int = 1, unit: str = "EUR", metric: str = "profit"
    ) -> Verdict:
        return verdict(runs_of(values, names, [metric], [unit]), "none", "profit", metric, direction, "focal")

    return judged


def test_a_clear_winner_is_named_with_its_lead(judge: Callable[..., Verdict]) -> None:
    values = world([0.0, -1.0, 2.0, 8.0, 5.0])
    found = judge(values, FIVE)
    assert (found.best, found.runner_up, found.likeliest) == ("active", "blend", "active")
    assert found.distinguishable
    assert found.p_best == pytest.approx(1.0, abs=0.01)
    gap, lead = values[3] - values[4], values[3] - values[0]
    assert found.to_runner_up is not None
    assert found.to_runner_up.difference == pytest.approx(gap.mean())
    assert found.to_baseline is not None
    assert found.to_baseline.low == pytest.approx(float(estimate(lead).low))
    assert found.to_baseline.luck_high == pytest.approx(float(estimate(lead).luck_high))
    assert [name for name, _ in found.differences] == ["active", "blend", "passive", "placebo"]
    assert found.sentence.startswith(
        f"'active' has the highest profit: {gap.mean():.3g} EUR above 'blend', the runner-up"
    )
    assert f"{lead.mean():.3g} EUR above 'none'" in found.sentence
    assert "averaged over 12 plausible markets, is more than 99 %" in found.sentence
    assert "not distinguishable" not in found.sentence
    assert not found.at_point_values


def test_where_less_is_better_the_lowest_wins(judge: Callable[..., Verdict]) -> None:
    values = world([0.0, -1.0, 2.0, -8.0, -5.0]) / 1_000.0
    found = judge(values, FIVE, -1, "share per month", "churn_rate")
    assert found.best == "active"
    gap = 100.0 * float((values[4] - values[3]).mean())
    assert found.sentence.startswith(
        f"'active' has the lowest churn rate: {gap:.3g} percentage points per month below 'blend', the runner-up"
    )


def test_probabilities_are_those_of_the_summary(judge: Callable[..., Verdict], runs_of: RunsOf) -> None:
    values = world([0.0, 0.3, 0.2], spread=0.5, luck=1.0)
    names = ["none", "passive", "active"]
    frame = summary(runs_of(values, names), "none", {"profit": 1}).set_index("scenario")
    found = judge(values, names)
    assert found.p_best == pytest.approx(frame["p_best"][found.best], abs=1e-12)


def test_luck_and_ignorance_are_kept_apart_where_two_are_not_distinguishable(
    judge: Callable[..., Verdict],
) -> None:
    luck = judge(world([0.0, 5.0, 5.05], spread=0.0, luck=1.0), ["none", "passive", "active"])
    assert luck.to_runner_up is not None
    assert luck.to_runner_up.unclear == "both"
    assert "not distinguishable, neither from luck (" in luck.sentence
    split = judge(world([0.0, 5.0, 6.0], spread=2.0, luck=0.05), ["none", "passive", "active"])
    assert split.to_runner_up is not None
    assert split.to_runner_up.unclear == "market"
    assert not split.distinguishable
    assert "not distinguishable across plausible markets, whose 95 % range, -" in split.sentence
    assert "(on average the difference is beyond luck)" in split.sentence


def test_a_winner_that_may_not_beat_the_baseline_says_so(judge: Callable[..., Verdict]) -> None:
    """Winner and runner-up go through the same ups and downs, the baseline does not."""
    values = world([0.0, 3.0, 2.0], spread=0.0, luck=0.05)
    values[1:] += 4.0 * np.random.default_rng(2).standard_normal((1, 12, 1))
    found = judge(values, ["none", "passive", "active"])
    assert found.distinguishable
    assert found.to_baseline is not None
    assert found.to_baseline.unclear == "market"
    assert "above 'none', though not distinguishable from it across plausible markets" in found.sentence


def test_doing_nothing_can_win(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, -3.0, -5.0]), ["none", "passive", "active"])
    assert (found.best, found.to_baseline) == ("none", None)
    assert found.sentence.startswith("No scenario beats 'none' on profit: 'passive', the runner-up, is ")
    assert "EUR below;" in found.sentence


def test_identical_scenarios_are_called_identical(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, 0.0, -3.0]), ["none", "placebo", "passive"])
    assert (found.best, found.equals, found.runner_up) == ("none", ("placebo",), "passive")
    assert not found.distinguishable
    assert found.p_best == pytest.approx(0.5, abs=0.01)
    assert found.sentence.startswith("'none' and 'placebo' are identical in profit, the highest of all")
    assert judge(world([0.0, 0.0, -3.0]), ["none", "gifts", "passive"]).best == "none"
    alone = judge(world([0.0, 0.0]), ["none", "placebo"])
    assert alone.runner_up == ""
    assert alone.sentence.startswith("'none' and 'placebo' are identical in profit;")


def test_one_draw_speaks_at_point_values_alone(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, 3.0, 5.0], draws=1), ["none", "passive", "active"])
    assert found.at_point_values
    assert found.p_best is None
    assert found.distinguishable
    assert found.sentence.startswith("At point values alone, 'active' has the highest profit")
    assert "plausible" not in found.sentence
    assert "(draws=1)" in found.details[-1]


def test_one_replicate_admits_that_luck_is_left_in(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, 3.0, 5.0], replicates=1), ["none", "passive", "active"])
    assert found.to_baseline is not None
    assert found.to_baseline.luck_low is None
    assert found.distinguishable
    assert "(replicates=1)" in found.details[-1]


def test_one_run_distinguishes_nothing(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, 3.0, 5.0], draws=1, replicates=1), ["none", "passive", "active"])
    assert found.to_runner_up is not None
    assert found.to_runner_up.unclear == "unknown"
    assert not found.distinguishable
    assert "not distinguishable: one run gives no interval" in found.sentence


def test_equal_spend_can_change_the_answer(judge: Callable[..., Verdict]) -> None:
    values = world([0.0, -0.5, 3.0, 8.0, 5.0, 1.0, 2.0])
    found = judge(values, SCALED)
    assert found.equal_spend is not None
    assert (found.best, found.equal_spend.best) == ("active", "passive")
    assert found.equal_spend_agrees is False
    assert found.sentence.endswith("; at equal spend the answer changes to 'passive'.")
    assert found.equal_spend.to_baseline is not None
    assert found.equal_spend.to_baseline.other == "none"
    assert found.equal_spend.p_best == pytest.approx(1.0, abs=0.01)
    assert any(line.startswith("At equal spend: 'passive' has the highest profit") for line in found.details)
    assert set(dict(found.equal_spend.differences)) == {
        "placebo",
        "passive",
        "active@equal_spend",
        "blend@equal_spend",
    }


def test_equal_spend_can_confirm_the_answer_with_less_certainty(judge: Callable[..., Verdict]) -> None:
    values = world([0.0, -0.5, 3.0, 8.0, 5.0, 3.5, 2.0], spread=1.0)
    found = judge(values, SCALED)
    assert found.equal_spend_agrees is True
    assert found.equal_spend is not None
    assert not found.equal_spend.distinguishable
    assert found.sentence.endswith(
        "; at equal spend it is 'active' as well, not distinguishable from 'passive'."
    )


def test_without_scaled_scenarios_equal_spend_is_not_spoken_of(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, 3.0]), ["none", "passive"])
    assert found.equal_spend is None
    assert found.equal_spend_agrees is None
    assert "equal spend" not in found.sentence


def test_the_best_mean_and_the_likeliest_best_can_be_two(judge: Callable[..., Verdict]) -> None:
    """One scenario wins hugely in few markets, the other a little in most."""
    values = world([0.0, 1.0, 0.5], spread=0.0, luck=0.05)
    values[2] += np.array([0.0] * 9 + [30.0] * 3)[:, None]
    found = judge(values, ["none", "passive", "active"])
    assert (found.best, found.likeliest) == ("active", "passive")
    assert ", though 'passive' is truly best in more of them" in found.sentence


def test_what_is_undefined_is_left_out_and_said(judge: Callable[..., Verdict]) -> None:
    values = world([0.0, 3.0, 5.0])
    values[2, 4, 1] = np.nan
    found = judge(values, ["none", "passive", "active"])
    assert found.best == "passive"
    assert found.left_out == {"active": (71, 72)}
    assert "'active' is not ranked: its profit is defined in 71 of 72 runs." in found.details
    assert found.p_best is None


def test_a_draw_without_any_value_is_not_dropped(runs_of: RunsOf) -> None:
    """Rows left out where a metric is undefined everywhere must not make the rest look complete."""
    runs = runs_of(
        world([0.0, 3.0], draws=4)[None].repeat(2, axis=0), ["none", "passive"], ["cost", "payback_months"]
    )
    runs = runs[(runs["metric"] == "cost") | (runs["draw"] != 2)]
    found = verdict(runs, "none", "payback", "payback_months", -1, "focal")
    assert found.best == ""
    assert found.left_out == {"none": (18, 24), "passive": (18, 24)}
    assert found.sentence == "No scenario can be judged by payback months: none has it defined in every run."


def test_a_baseline_without_the_metric_leaves_a_verdict(runs_of: RunsOf) -> None:
    values = world([0.0, 3.0, 5.0])
    runs = runs_of(np.stack([values, values]), ["none", "passive", "active"], ["cost", "return_on_spend"])
    runs = runs[(runs["metric"] == "cost") | (runs["scenario"] != "none")]
    found = verdict(runs, "none", "return_on_spend", "return_on_spend", 1, "focal")
    assert (found.best, found.to_baseline, found.differences) == ("active", None, ())
    assert found.p_best == pytest.approx(float(contest(values[None, 1:]).probability[0, 1]), abs=0.05)
    assert found.left_out == {"none": (0, 72)}


def test_other_rows_of_the_runs_do_not_matter(runs_of: RunsOf) -> None:
    values = world([0.0, 3.0, 5.0])
    names = ["none", "passive", "active"]
    alone = runs_of(values, names)
    rival = runs_of(-values, names, provider="rival")
    segment = runs_of(-values, names, segment="deal_seekers")
    other = runs_of(-values, names, ["cost"])
    found = verdict(pd.concat([rival, segment, alone, other]), "none", "profit", "profit", 1, "focal")
    assert found == verdict(alone, "none", "profit", "profit", 1, "focal")


def test_the_names_and_the_order_of_scenarios_do_not_decide(judge: Callable[..., Verdict]) -> None:
    values = world([0.0, 3.0, 5.0])
    one = judge(values, ["none", "passive", "active"])
    other = judge(values[[2, 0, 1]], ["alpha", "none", "zeta"])
    assert (one.best, other.best) == ("active", "alpha")
    assert one.to_runner_up is not None
    assert other.to_runner_up is not None
    assert one.to_runner_up.difference == other.to_runner_up.difference


def test_details_give_both_intervals_of_both_differences(judge: Callable[..., Verdict]) -> None:
    found = judge(world([0.0, -1.0, 2.0, 8.0, 5.0]), FIVE)
    assert found.details[0].startswith("'active' against 'none': +8")
    assert found.details[1].startswith("'active' against 'blend': +3")
    for line in found.details[:2]:
        assert "95 % range over plausible markets +" in line
        assert "95 % interval of the mean over lucks +" in line
        assert line.endswith("; distinguishable.")


@pytest.mark.parametrize(
    ("low", "high", "luck_low", "luck_high", "unclear"),
    [
        (1.0, 2.0, 1.2, 1.8, ""),
        (-1.0, 2.0, 0.2, 0.8, "market"),
        (0.1, 2.0, -0.2, 0.8, "luck"),
        (-1.0, 2.0, -0.2, 0.8, "both"),
        (None, None, 0.2, 0.8, ""),
        (None, None, 0.0, 0.8, "luck"),
        (-1.0, 0.0, None, None, "market"),
        (None, None, None, None, "unknown"),
    ],
)
def test_an_interval_that_includes_zero_distinguishes_nothing(
    low: float | None, high: float | None, luck_low: float | None, luck_high: float | None, unclear: str
) -> None:
    found = Contrast("active", "none", 0.5, low, high, luck_low, luck_high, identical=False)
    assert found.unclear == unclear
    assert found.distinguishable == (unclear == "")


def test_a_verdict_that_cannot_be_reached_is_refused(runs_of: RunsOf) -> None:
    runs = runs_of(world([0.0, 3.0]), ["none", "passive"])
    with pytest.raises(ValueError, match="direction 0; only 1 and -1"):
        verdict(runs, "none", "contacts", "profit", 0, "focal")
    with pytest.raises(ValueError, match="No run has a value for metric 'proft'"):
        verdict(runs, "none", "profit", "proft", 1, "focal")
    with pytest.raises(ValueError, match="baseline is 'today', which was not run"):
        verdict(runs, "today", "profit", "profit", 1, "focal")
    mixed = pd.concat([runs, runs.assign(unit="USD")])
    with pytest.raises(ValueError, match="several units, EUR, USD"):
        verdict(mixed, "none", "profit", "profit", 1, "focal")
