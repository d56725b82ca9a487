"""Calibrate: from a data file to a market that works at once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.calibrate import calibrate
from experiments.calibration.buying import BuyingFit
from experiments.calibration.findings import Calibration
from experiments.calibration.purchase_law import PurchaseLaw
from experiments.calibration.stays import StaysFit
from experiments.compare import compare
from experiments.compose import compose
from experiments.errors import ConfigError

pytestmark = pytest.mark.slow

QUICK = [
    "replicates=1",
    "experiment.tolerance=1",
    "market.customers=4000",
    "market.pulse=60",
    "experiment.sets=4",
]
SURVIVAL = ["data.path=example:subscription_survival", "experiment.column=regular"]
FILES = {"fit.csv", "fit.svg", "manifest.json", "report.html", "ridge.csv", "scores.csv"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(folder: Path, *overrides: str) -> Calibration:
    return calibrate(list(overrides), folder / "out", quiet=True)


def test_a_survival_table_becomes_a_market_that_works_at_once(here: Path) -> None:
    found = run(here, *SURVIVAL, *QUICK, "experiment.market=mine", "seed=3")
    assert {path.name for path in (here / "out").iterdir()} == FILES
    assert isinstance(found.study, StaysFit)
    assert found.study.until == 8
    assert found.study.distance(found.curve) < 4.0
    assert "Churn fixes only looking times choosing another" in (here / "out" / "report.html").read_text(
        "utf-8"
    )
    again = compose(["market=mine", "scenarios=[none,placebo]"])
    assert again.world.market == found.world.market
    assert again.world.customers == found.world.customers
    assert len(again.ensemble) == 4
    assert {again.draw(n).market.gate.attention for n in range(4)} == {
        drawn["market.gate.attention"] for drawn in again.ensemble
    }


def test_a_placebo_in_a_fitted_market_moves_only_money(here: Path) -> None:
    run(here, *SURVIVAL, *QUICK, "experiment.choose_share=0.7", "experiment.market=mine")
    told = compare(
        ["market=mine", "scenarios=[none,placebo]", "draws=2", "replicates=1", "horizon_months=25",
         "market.customers=500", "executor.workers=0", "experiment.equal_spend=false"],
        here / "compared", quiet=True,
    ).summary.set_index(["scenario", "provider", "segment", "metric"])  # fmt: skip
    for metric in ("retention", "churn_rate", "looks", "customers_end"):
        assert float(told["difference"]["placebo", "firm", "regular", metric]) == 0.0
    assert float(told["difference"]["placebo", "firm", "all", "cost"]) > 0.0
    assert 0.2 < float(told["mean"]["none", "firm", "all", "retention"]) < 0.8


@pytest.mark.slow
def test_with_a_choose_share_strategies_matter_and_without_one_they_do_not(here: Path) -> None:
    gains = {}
    for name, share in (("fixed", "1"), ("open", "0.7")):
        run(here / name, *SURVIVAL, *QUICK, f"experiment.choose_share={share}", f"experiment.market={name}")
        told = compare(
            [f"market={name}", "scenarios=[none,active]", "draws=1", "replicates=1", "horizon_months=25",
             "market.customers=3000", "executor.workers=0", "experiment.equal_spend=false"],
            here / name / "compared", quiet=True,
        ).summary.set_index(["scenario", "provider", "segment", "metric"])  # fmt: skip
        gains[name] = float(told["difference"]["active", "firm", "all", "retention"])
    assert gains["fixed"] == 0.0
    assert gains["open"] != 0.0


def test_a_calibration_is_the_same_again(here: Path) -> None:
    texts = []
    for name in ("one", "two"):
        run(here / name, *SURVIVAL, *QUICK, "experiment.market=mine")
        market = (here / "tenure_conf" / "market" / "mine.yaml").read_text("utf-8")
        texts.append(
            (market, *((here / name / "out" / file).read_text("utf-8") for file in ("fit.csv", "fit.svg")))
        )
    assert texts[0] == texts[1]


def test_subscriptions_with_segments_become_segments_of_a_market(here: Path) -> None:
    """2,000 and 1,000 monthly subscriptions, whose leaving is a geometric of 5 % and 20 % a month."""
    generator = np.random.default_rng(1)
    rows = []
    for name, size, leaving in (("Loyal", 2000, 0.05), ("Fickle", 1000, 0.2)):
        starts = pd.Timestamp("2022-01-01") + pd.to_timedelta(generator.integers(0, 365, size), unit="D")
        stays = generator.geometric(leaving, size)
        for start, months in zip(starts, stays, strict=True):
            end = start + pd.DateOffset(months=int(months))
            rows.append((start.date(), end.date() if end < pd.Timestamp("2024-01-01") else "", name))
    pd.DataFrame(rows, columns=["start", "end", "tariff"]).to_csv(here / "subscriptions.csv", index=False)
    found = run(
        here, "data.path=subscriptions.csv", "experiment.segment=tariff", *QUICK[:3], "experiment.sets=2"
    )
    segments = {segment.name: segment for segment in found.world.customers.segments}
    assert found.world.market.term_months == 1.0
    assert segments["loyal"].share == pytest.approx(2 / 3, abs=0.03)
    means = {name: found.world.market.gate.attention * s.attention for name, s in segments.items()}
    assert means == {"fickle": pytest.approx(0.2, abs=0.02), "loyal": pytest.approx(0.05, abs=0.01)}
    assert found.study.distance(found.curve) < 4.5
    assert set(found.table["segment"]) == {"loyal", "fickle"}


def test_a_transaction_log_becomes_a_market(here: Path) -> None:
    """A log drawn by another program from a known law: the market has the law's habits and repeats the log."""
    law, size = PurchaseLaw(1.0, 5.0, 1.0, 4.0), 6000
    generator = np.random.default_rng(2)
    starts = generator.integers(0, 70, size)
    customer, time, _ = law.repeat_purchases(np.full(size, 50.0), generator)
    days = np.concatenate([starts, starts[customer] + np.ceil(time * 7.0).astype(int)])
    who = np.concatenate([np.arange(size), customer])
    kept = days < 350
    dates = pd.Timestamp("2023-01-01") + pd.to_timedelta(days[kept], unit="D")
    frame = pd.DataFrame({"client": who[kept], "date": dates.strftime("%Y-%m-%d"), "value": 20.0})
    frame.to_csv(here / "log.csv", index=False)
    found = run(
        here,
        "data.path=log.csv",
        "experiment.columns={customer: client}",
        *QUICK[:3],
        "experiment.holdout=20",
    )
    assert isinstance(found.study, BuyingFit)
    assert found.study.distance(found.curve) < 4.5
    assert found.world.market.money.price == 20.0
    assert found.world.market.contract == "none"
    assert found.world.market.purchases.usage_rate * 7.0 == pytest.approx(0.2, rel=0.15)
    held = found.scores[(found.scores["part"] == "held_out") & (found.scores["series"] == "simulated")]
    assert abs(held["total_error"].item()) < 10.0
    assert compose(["market=my_market"]).world.market == found.world.market


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ([], "data.path is missing"),
        ([*SURVIVAL, "experiment.holdout=11"], "experiment.holdout=11 is not allowed: of 12 years"),
        ([*SURVIVAL, "experiment.holdout=2.5"], "experiment.holdout=2.5 is not allowed"),
        ([*SURVIVAL, "experiment.market=saas"], "experiment.market=saas is a market that ships"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    here: Path, overrides: list[str], said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        run(here, *overrides)
    assert str(raised.value).startswith(said)
    assert list(here.iterdir()) == []


def test_transactions_know_no_choose_share(here: Path) -> None:
    (here / "log.csv").write_text(
        "customer,date,value\n"
        + "".join(f"{who},2023-{month:02d}-{who + 1:02d},5\n" for who in range(20) for month in range(1, 10))
    )
    with pytest.raises(
        ConfigError, match=r"experiment.choose_share=0.5 is not allowed with transactions, allowed is 1"
    ):
        run(here, "data.path=log.csv", "experiment.choose_share=0.5")


# --- on real data ----------------------------------------------------------------------------------------


def held_out(found: Calibration) -> pd.Series:
    """The simulated cohort's score on what was held out."""
    scores = found.scores
    return scores[(scores["part"] == "held_out") & (scores["series"] == "simulated")].iloc[0]


@pytest.mark.slow
@pytest.mark.parametrize("column", ["regular", "high_end"])
def test_fitted_on_seven_years_the_simulated_cohort_meets_the_next_five(here: Path, column: str) -> None:
    """The published shares (Fader & Hardie 2007), years 8 to 12: less than 5 % off on average."""
    found = run(here, SURVIVAL[0], f"experiment.column={column}", "experiment.holdout=5")
    assert found.table.loc[found.table["part"] == "held_out", "period"].tolist() == [8, 9, 10, 11, 12]
    assert held_out(found)["mape"] < 5.0
    assert found.study.distance(found.curve) < 4.0


@pytest.mark.evidence
@pytest.mark.parametrize("column", ["regular", "high_end"])
def test_evidence_survival_of_subscribers(here: Path, tenure_data: Path, column: str) -> None:
    path = tenure_data / "subscription_survival.csv"
    found = run(here, f"data.path={path}", f"experiment.column={column}", "experiment.holdout=5")
    assert held_out(found)["mape"] < 5.0


@pytest.mark.evidence
@pytest.mark.parametrize("pulse", [1, 7])
def test_evidence_cdnow_repeat_transactions(here: Path, tenure_data: Path, pulse: int) -> None:
    """Weeks 40 to 78 of the sample, fitted on 39 weeks: the total of repeat transactions within 13 %."""
    path = tenure_data / "cdnow_sample.txt"
    found = run(here, f"data.path={path}", f"market.pulse={pulse}")
    weeks = found.table.loc[found.table["part"] == "held_out", "period"]
    assert (weeks.min(), weeks.max()) == (40, 78)
    assert abs(held_out(found)["total_error"]) < 13.0
    assert held_out(found)["mape"] < 5.0
    assert found.study.distance(found.curve) < 4.0
