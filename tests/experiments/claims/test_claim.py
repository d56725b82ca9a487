"""Claims as data: those that ship, those of the user, and what is wrong with one."""

from pathlib import Path

import pytest

from experiments.claims.claim import FILE, read_claims
from experiments.errors import ConfigError
from experiments.metrics import METRICS
from experiments.options import options

GOOD = """
mine:
  text: Placebos keep customers.
  metric: churn_rate
  contrast: [placebo, none]
  direction: lower
  source: Nobody.
"""


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's own file, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tenure_conf").mkdir()
    return tmp_path / "tenure_conf" / FILE


def test_the_shipped_claims_can_be_judged(own: Path) -> None:
    found = read_claims()
    assert 10 <= len(found) == len({claim.name for claim in found})
    for claim in found:
        assert claim.text.endswith(".")
        assert claim.source
        assert set(claim.contrast) <= set(options("scenarios")), claim.name
        assert set(claim.market or ()) <= set(options("market")), claim.name
    assert {c.metric for c in found} <= set(METRICS)
    assert {c.basis for c in found} == {"as_configured", "equal_spend"}


def test_own_claims_are_added_replace_and_remove(own: Path) -> None:
    shipped = read_claims()
    own.write_text(GOOD + "active_wakes: null\n")
    assert {c.name for c in read_claims()} == {c.name for c in shipped} - {"active_wakes"} | {"mine"}
    own.write_text(GOOD.replace("mine", "active_lowers_churn"))
    (claim,) = read_claims(["active_lowers_churn"])
    assert (claim.contrast, claim.sign) == (("placebo", "none"), -1)


def test_a_market_may_be_given_alone(own: Path) -> None:
    own.write_text(GOOD + "  market: saas\n  horizon: 12\n")
    (claim,) = read_claims(["mine"])
    assert (claim.market, claim.horizon) == (("saas",), 12.0)
    assert (claim.about("saas"), claim.about("telecom")) == (True, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("churn_rate", "churn_rat"),
            r"claims\.mine: metric=churn_rat is not a metric; did you mean churn_rate",
        ),
        (("[placebo, none]", "[placebo, placebo]"), "two different scenarios are needed"),
        (("[placebo, none]", "[placebo]"), "two different scenarios are needed"),
        (("direction: lower", "direction: down"), "direction=down is not allowed; allowed are lower, higher"),
        (("metric:", "metrik:"), r"claims\.mine\.metrik is not a key of Claim; did you mean metric"),
        (("  source: Nobody.\n", ""), r"claims\.mine\.source is missing"),
        (("mine:\n", "mine: true\nrest:\n"), r"claims\.mine=True is not usable"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(own: Path, change: tuple[str, str], message: str) -> None:
    own.write_text(GOOD.replace(*change))
    with pytest.raises(ConfigError, match=message):
        read_claims()


def test_an_unknown_name_is_met_with_the_nearest(own: Path) -> None:
    with pytest.raises(
        ConfigError, match="active_lower_churn is not a claim; did you mean active_lowers_churn"
    ):
        read_claims(["active_lower_churn"])
