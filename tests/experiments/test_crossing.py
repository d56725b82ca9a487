"""The runs table as arrays: nothing lost, nothing doubled, nothing undefined read as 0."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from experiments.crossing import CELL_COLUMNS, crossing, plain_name

RunsOf = Callable[..., pd.DataFrame]


def test_every_value_lands_where_its_keys_say(runs_of: RunsOf) -> None:
    values = np.arange(2 * 3 * 4 * 5, dtype=float).reshape(2, 3, 4, 5)
    runs = runs_of(values, ["none", "active", "blend"], ["profit", "cost"])
    crossed = crossing(runs.sample(frac=1.0, random_state=1))
    assert crossed.scenarios == ("active", "blend", "none")
    assert crossed.draws == (0, 1, 2, 3)
    assert crossed.replicates == (0, 1, 2, 3, 4)
    assert crossed.cells["metric"].tolist() == ["cost", "profit"]
    np.testing.assert_array_equal(crossed.values, values[[1, 0]][:, [1, 2, 0]])
    assert crossed.listed.all()


def test_cells_are_the_combinations_that_occur(runs_of: RunsOf) -> None:
    one = runs_of(np.ones((1, 2, 2)), ["none"], ["cost"])
    other = runs_of(np.ones((1, 2, 2)), ["none"], ["churn_rate"], ["share"], provider="rival", segment="deal")
    cells = crossing(pd.concat([one, other])).cells
    assert cells.to_numpy().tolist() == [
        ["focal", "all", "cost", "EUR"],
        ["rival", "deal", "churn_rate", "share"],
    ]
    assert tuple(cells.columns) == CELL_COLUMNS


def test_absent_and_undefined_values_stay_undefined(runs_of: RunsOf) -> None:
    runs = runs_of(np.ones((2, 2, 2)), ["active", "none"])
    runs.loc[0, "value"] = np.nan
    runs = runs.drop(index=3)
    crossed = crossing(runs)
    assert np.isnan(crossed.values[0, 0]).tolist() == [[True, False], [False, True]]
    assert crossed.defined().tolist() == [[2, 4]]


def test_a_scenario_without_rows_of_a_metric_is_not_listed(runs_of: RunsOf) -> None:
    both = runs_of(np.ones((2, 2, 2)), ["active", "none"], ["cost"])
    single = runs_of(np.ones((1, 2, 2)), ["active"], ["payback_months"])
    assert crossing(pd.concat([both, single])).listed.tolist() == [[True, True], [True, False]]


def test_narrowing_keeps_draws_in_which_the_metric_is_undefined(runs_of: RunsOf) -> None:
    runs = pd.concat(
        [
            runs_of(np.ones((1, 3, 2)), ["none"], ["cost"]),
            runs_of(np.ones((1, 2, 2)), ["none"], ["payback_months"]),
        ]
    )
    crossed = crossing(runs).narrowed(metric="payback_months")
    assert crossed.values.shape == (1, 1, 3, 2)
    assert crossed.defined().tolist() == [[4]]
    with pytest.raises(ValueError, match="No run has a value for metric 'churn'"):
        crossing(runs).narrowed(metric="churn")


def test_integer_values_and_categories_are_read(runs_of: RunsOf) -> None:
    runs = runs_of(np.arange(4.0).reshape(1, 2, 2), ["none"]).astype({"value": int, "scenario": "category"})
    np.testing.assert_array_equal(crossing(runs).values.reshape(-1), np.arange(4.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda runs: runs.drop(columns="unit"), "lack the column 'unit'"),
        (lambda runs: runs.iloc[:0], "no runs to summarise"),
        (lambda runs: pd.concat([runs, runs.iloc[[2]]]), "two values for scenario none, draw 1, replicate 0"),
        (lambda runs: runs.assign(value=np.inf), "infinite value for scenario none, draw 0"),
        (lambda runs: runs.assign(segment=None), "empty 'segment'"),
    ],
)
def test_runs_that_are_no_crossing_are_refused(
    runs_of: RunsOf, change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        crossing(change(runs_of(np.ones((1, 2, 2)), ["none"])))


def test_an_unknown_scenario_is_named_with_the_known_ones(runs_of: RunsOf) -> None:
    with pytest.raises(ValueError, match=r"baseline is 'non'.*exist for active, none"):
        crossing(runs_of(np.ones((2, 2, 2)), ["none", "active"])).position("non", "baseline")


def test_the_mark_of_equal_spend_comes_off() -> None:
    assert plain_name("active@equal_spend") == "active"
    assert plain_name("active") == "active"
