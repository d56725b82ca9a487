"""Market file: YAML that reads back as it was, under a name that is free."""

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from omegaconf import OmegaConf

from experiments.calibration.fitted_market import FittedMarket
from experiments.calibration.market_file import MARK, MarketFile, market_text, scalar
from experiments.errors import ConfigError

NODE = {
    "title": 'A "market": fitted, to 5 % & more',
    "contract": "term",
    "churn_target": None,
    "pulse": 7.0,
    "gate": {"attention": 1e-07, "attention_none": 0.25},
    "choice": {"returns": False},
    "plans": {"standard": {"level": 0.5, "price": 1.0}},
    "evidence": {
        "pulse": {"assumption": "Short.", "range": [7.0, 7.0]},
        "gate.attention": {"source": "Read somewhere, " * 12},
    },
    "ensemble": [{"gate.attention": 1.25e-05, "customers.segments.a.usage": 1e16}],
}


@pytest.mark.parametrize(
    "load", [yaml.safe_load, lambda text: OmegaConf.to_container(OmegaConf.create(text))]
)
def test_what_is_written_reads_back(load: object) -> None:
    assert callable(load)
    assert load(market_text(NODE)) == NODE


def test_values_carry_their_units() -> None:
    lines = market_text(NODE).splitlines()
    assert "  attention_none: 0.25            # per day" in lines
    assert "    level: 0.5                    # need" in lines


@pytest.mark.parametrize(
    "value", [0.1, 1e-7, 1.5e-300, -3.0, 1e22, 7, True, None, "no", "none", "a: b", "é # \\ '", "1"]
)
def test_scalars_read_back_by_any_parser(value: object) -> None:
    assert yaml.safe_load(scalar(value)) == value
    assert OmegaConf.to_container(OmegaConf.create(f"a: {scalar(value)}")) == {"a": value}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_files_are_written_and_may_be_written_again(here: Path) -> None:
    for _ in range(2):
        MarketFile.of("mine").write(FittedMarket(NODE, {"title": "x", "evidence": {}}), ["A sentence."])
    market = here / "tenure_conf" / "market" / "mine.yaml"
    customers = here / "tenure_conf" / "customers" / "mine.yaml"
    assert market.read_text("utf-8").startswith(MARK)
    assert "# A sentence.\n" in market.read_text("utf-8")
    assert customers.read_text("utf-8").startswith(MARK)
    assert (
        sorted(path.name for path in (here / "tenure_conf").rglob("*") if path.is_file()) == ["mine.yaml"] * 2
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("My market", "experiment.market=My market is not a name; allowed are small letters"),
        ("../evil", "experiment.market=../evil is not a name"),
        ("telecom", "experiment.market=telecom is a market that ships with Tenure; choose another"),
        ("own", "experiment.market=own would write over "),
    ],
)
def test_names_that_are_not_free_are_refused(here: Path, name: str, said: str) -> None:
    own = here / "tenure_conf" / "customers" / "own.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("title: by hand\n")
    with pytest.raises(ConfigError) as raised:
        MarketFile.of(name)
    assert str(raised.value).startswith(said)
    assert own.read_text() == "title: by hand\n"
