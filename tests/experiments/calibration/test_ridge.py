"""The ridge: what churn cannot tell apart."""

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import bgnbd, sbg
from experiments.calibration.durations import Durations, from_shares
from experiments.calibration.geometric import survival
from experiments.calibration.purchases import summarise
from experiments.calibration.ridge import TELL_APART, ridge, sentence


def test_churn_of_customers_who_do_not_differ_fixes_the_product_alone() -> None:
    durations = from_shares(survival(range(1, 9), 0.9))
    table = ridge(lambda share: sbg.fit(durations, share), (1.0, 0.5, 0.25))
    np.testing.assert_allclose(table["leave_mean"], 0.1, rtol=2e-3)
    np.testing.assert_allclose(table["attention_mean"], [0.1, 0.2, 0.4], rtol=2e-3)
    assert (table["behind"] < 0.02).all()
    assert table["fits"].all()


def test_published_survival(published: Durations) -> None:
    table = ridge(lambda share: sbg.fit(published.until(7), share))
    assert (table["choose_share"] * table["attention_mean"]).to_numpy() == pytest.approx(
        table["leave_mean"].to_numpy()
    )
    assert table["attention_mean"].is_monotonic_increasing
    assert (table["fits"] == (table["behind"] <= TELL_APART)).all()
    assert table["fits"].sum() >= 3
    assert not table["fits"].iloc[-1]  # at 10 % nobody could leave as fast as the first years show
    np.testing.assert_allclose(table.loc[table["fits"], "leave_mean"], table["leave_mean"].iloc[0], rtol=0.06)
    text = sentence(table, "renewal")
    inside = table.loc[table["fits"], "choose_share"]
    assert f"{inside.min():.0%} leaving" in text
    assert f"{inside.max():.0%} leaving" in text


def test_sentence_of_a_single_point() -> None:
    durations = from_shares(survival(range(1, 9), 0.9), customers=1e6)
    table = ridge(lambda share: sbg.fit(durations, share), (0.8, 0.05))
    assert table["fits"].tolist() == [True, False]
    assert "80% leaving on a look at a mean attention of 0.13, alone of those tried, fits" in sentence(
        table, "renewal"
    )


@pytest.mark.evidence
def test_cdnow(cdnow: pd.DataFrame) -> None:
    purchases = summarise(cdnow, weeks=39)
    table = ridge(lambda share: bgnbd.fit(purchases, share), (1.0, 0.7, 0.4))
    assert table["fits"].all()
    np.testing.assert_allclose(table["leave_mean"], table["leave_mean"].iloc[0], rtol=0.07)
