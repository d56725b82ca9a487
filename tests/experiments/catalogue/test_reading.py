"""Reading: levers and what is looked at are found in the code, wherever it stands."""

import sys
from pathlib import Path

import pytest

from agents.crm import Crm
from agents.strategies.active.promotions import Promotions
from agents.strategies.passive.points_programme import PointsProgramme
from agents.strategies.placebo import Placebo
from agents.targeting import Oracle, Value
from experiments.catalogue.reading import SAVE, levers, looked_at, pulled

SOURCE = '''
from agents.strategies.strategy import Strategy
from agents.view import ProviderView


def helper(seen: ProviderView):
    book = seen.crm
    seen.reprice(0.9)
    return book


def never(view):
    view.advertise(0.1, 1.0)


class Base(Strategy):
    def set_up(self, view):
        view.train(0.9)


class Part:
    def act(self, eyes: ProviderView, crm):
        eyes.enrol(eyes.members)
        return crm.tickets


class Sly(Base):
    """Pulls levers in many places."""

    def launch(self, view):
        helper(view)
        Part().act(view, view.crm)
        self.wallet.spend(3.0)
        view.wait(3.0)
        return view.crm.joined
'''


@pytest.fixture
def sly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type:
    (tmp_path / "slyness.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "slyness", raising=False)
    import slyness  # type: ignore[import-not-found]

    monkeypatch.delitem(sys.modules, "slyness", raising=False)
    monkeypatch.setitem(sys.modules, "slyness", slyness)
    found: type = slyness.Sly
    return found


def test_levers_are_what_is_asked_for_and_returns_nothing() -> None:
    assert {"spend", "pay_monthly", "invest", "hire", "serve", "notify", "offer", "enrol"} <= set(levers())
    assert not {"wait", "next_date", "uniform", "crm", "members", "true_risk"} & set(levers())


def test_levers_of_shipped_strategies() -> None:
    assert [use.name for use in pulled(Placebo)] == ["spend", "pay_monthly"]
    assert [use.name for use in pulled(Promotions)] == ["spend", "welcome", "notify", SAVE]
    assert {use.name for use in pulled(PointsProgramme)} == {"spend", "pay_monthly", "programme", "enrol"}
    assert all(use.meaning.endswith(".") for use in pulled(Promotions))


def test_what_is_looked_at() -> None:
    assert [use.name for use in looked_at(Value)] == ["crm.joined", "crm.spend"]
    assert [use.name for use in looked_at(Oracle)] == ["true_risk"]
    (spend,) = [use for use in looked_at(Value) if use.name == "crm.spend"]
    assert spend.meaning == Crm.spend.__doc__


def test_code_of_base_classes_helpers_and_parts_counts_and_nothing_else(sly: type) -> None:
    assert [use.name for use in pulled(sly)] == ["train", "reprice", "enrol"]
    assert [use.name for use in looked_at(sly)] == ["crm.joined", "crm.tickets", "members"]
