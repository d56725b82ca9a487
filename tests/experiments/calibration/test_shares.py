"""Shares: the fit at each share of lookers who leave, for one group and for several together."""

from functools import partial

import numpy as np
import pytest

from experiments.calibration import sbg
from experiments.calibration.data import example, load_survival
from experiments.calibration.ridge import TELL_APART
from experiments.calibration.shares import Shares

TABLE = example("subscription_survival")


@pytest.fixture(scope="module")
def shares() -> Shares:
    """Both published segments, fitted on years 1-7."""
    parts = {name: load_survival(TABLE, name).durations().until(7) for name in ("regular", "high_end")}
    return Shares({name: partial(sbg.fit, part) for name, part in parts.items()})


def test_one_group_fits_where_its_ridge_says(shares: Shares) -> None:
    alone = Shares({"regular": shares.fit_at["regular"]})
    table = alone.ridges["regular"]
    assert (
        list(alone.fitting) == table.loc[table["fits"], "choose_share"].tolist() == [1.0, 0.9, 0.8, 0.7, 0.6]
    )


def test_groups_together_fit_by_the_sum_of_their_likelihoods(shares: Shares) -> None:
    total = np.sum([table["log_likelihood"].to_numpy() for table in shares.ridges.values()], axis=0)
    behind = total.max() - total
    tried = shares.ridges["regular"]["choose_share"]
    assert list(shares.fitting) == tried[behind <= TELL_APART].tolist()
    assert [shares.behind(share) for share in tried] == pytest.approx(behind.tolist())


def test_choose_shares_of_parameter_sets(shares: Shares) -> None:
    fitting = [share for share in shares.fitting if share < 1.0]
    assert fitting
    assert shares.chooses(0.7, True, 7) == tuple(fitting[n % len(fitting)] for n in range(7))
    assert shares.chooses(0.7, False, 3) == (0.7, 0.7, 0.7)
    assert shares.chooses(1.0, True, 3) == (1.0, 1.0, 1.0)


def test_draws_are_of_the_fit_at_their_share_and_more_sets_move_none(shares: Shares) -> None:
    few = shares.draws("regular", (0.7, 0.6) * 2, seed=1)
    many = shares.draws("regular", (0.7, 0.6) * 50, seed=1)
    assert np.array_equal(few, many[:4])
    logs = np.log(many[0::2])
    fit = shares.fit("regular", 0.7).estimate
    errors = np.sqrt(np.diag(fit.covariance) / 50)
    assert (np.abs(logs.mean(axis=0) - np.log(fit.values)) < 4.0 * errors).all()
    assert not np.array_equal(few, shares.draws("regular", (0.7, 0.6) * 2, seed=2))
    assert not np.array_equal(few, shares.draws("high_end", (0.7, 0.6) * 2, seed=1))
