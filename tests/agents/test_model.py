"""The market as a Mesa model: the printed order is the order, and wrong questions are answered in words."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import mesa
import pytest

from agents import model as module
from agents.columns import A, N, V
from agents.contract import content
from agents.miniature import customers, market, warm
from agents.model import PHASES, MarketModel, tags_of
from agents.scenario import Scenario
from agents.strategies.placebo import Placebo
from agents.view import ProviderView
from sim.luck import Luck
from sim.marketplace import Pulse

NONE = Scenario(name="none")
MONTH = 30.4375


def noted(
    order: list[str], name: str, act: Callable[[MarketModel, Pulse], None]
) -> Callable[[MarketModel, Pulse], None]:
    """A phase that writes its name down before it acts."""

    def noting(self: MarketModel, pulse: Pulse) -> None:
        order.append(name)
        act(self, pulse)

    return noting


def test_the_printed_order_is_the_order_of_a_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    for name, text in PHASES:
        assert f"{name}: {text}" in (module.__doc__ or "")
        monkeypatch.setattr(MarketModel, name, noted(order, name, getattr(MarketModel, name)))
    warm({"customers": 30}).fork(NONE).step()
    assert order == [name for name, _ in PHASES]
    printed = [
        line.split(". ")[1].split(":")[0]
        for line in (module.__doc__ or "").splitlines()
        if ". " in line and line[0].isdigit()
    ]
    assert printed == order


def test_mesa_can_hook_on_and_its_generator_is_never_drawn_from() -> None:
    model = warm({"customers": 30}).fork(NONE)
    assert isinstance(model, mesa.Model)
    assert [agent.name for agent in model.agents] == ["focal", "rival"]
    before = model.rng.bit_generator.state
    collector = mesa.DataCollector(model_reporters={"customers": lambda m: int(m.world.present(0).sum())})
    for _ in range(3):
        model.step()
        collector.collect(model)
    assert len(collector.get_model_vars_dataframe()) == 3
    assert model.rng.bit_generator.state == before


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: MarketModel(market(), customers(), NONE, Luck(1, 0), "nobody"), "focal=nobody: no such provider; allowed are focal, rival"),
        (lambda: warm({"customers": 30}).fork(Scenario(name="new", focal={"x": Placebo(upfront=0.0, per_month=0.0)})), "slots x have no tag"),
        (lambda: tags_of({str(n) for n in range(80)}), "the books have room for 63"),
        (lambda: warm({"customers": 1, "start": "stock"}), "no customer starts with focal; raise it"),
        (lambda: warm({"plans": 127 * market().plans[:1]}), "market.plans: 127 of them; allowed are fewer than 127; remove some"),
    ],
)  # fmt: skip
def test_wrong_questions_are_answered_in_words(build: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        build()


def test_readings_come_each_month_and_at_the_end() -> None:
    model = warm({"customers": 30}).fork(NONE)
    model.run(100.0)
    assert [reading.day for reading in model.history.readings] == [35.0, 63.0, 98.0, 100.0]
    model.run(100.0)
    assert len(model.history.readings) == 4
    monthly = warm({"customers": 30, "pulse": MONTH / 4.0}).fork(NONE)
    monthly.run(6 * MONTH)
    assert [reading.day / MONTH for reading in monthly.history.readings] == pytest.approx([1, 2, 3, 4, 5, 6])


def test_what_is_read_is_what_is_counted() -> None:
    model = warm({"customers": 60}).fork(NONE)
    model.run(70.0)
    last = model.history.readings[-1]
    assert (last.counts == model.world.counts).all()
    assert (last.books == model.world.arrays.books.sum(axis=2)).all()
    assert (last.discounted == model.world.ledger.discounted.sum(axis=2)).all()


def test_running_on_freezes_the_terms() -> None:
    """Calendars stop and standing orders are paid on; nobody reads, and the past is not touched."""
    slots = {"placebo": Placebo(upfront=1.0, per_month=0.5)}
    scenario = Scenario(name="placebo", focal=slots)
    model = warm({"customers": 60}, scenario).fork(scenario)
    model.run(70.0)
    readings, paid = len(model.history.readings), model.world.arrays.books[0, :, model.tags["placebo"]].sum()
    value = model.world.arrays.money[V.VALUE].sum()
    model.run_on(280.0)
    assert len(model.history.readings) == readings
    assert model.marketplace.day == 350.0
    more = model.world.arrays.books[0, :, model.tags["placebo"]].sum() - paid
    scale = model.world.ledger.scale
    assert more * scale / 1e6 == pytest.approx(
        0.5 * model.providers[0].firm_customers * 280.0 / MONTH, rel=1e-6
    )
    assert model.world.arrays.money[V.VALUE].sum() > value


def test_whether_a_crm_is_kept_beyond_the_horizon_changes_nobody(
    doing: Callable[..., Scenario], knowing: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Points, levels, a community, referrals and tickets go on, whether or not the firm writes them down."""

    def everything(view: ProviderView) -> None:
        view.programme(0.1, 1.0, 0.01)
        view.enrol(view.members)
        view.levels((100.0, 200.0, 300.0), (20.0, 40.0, 60.0), 0.1, 1000.0)
        view.community(0.5, 0.5)
        view.join_community(view.members, 20.0, 0.1)
        view.reward_referrals(20.0, 20.0)
        view.offer(view.members[::2], 0.2, 12.0)

    what = doing(everything)
    warmed = warm({"customers": 200, **knowing}, what)
    without, kept = warmed.fork(what), warmed.fork(what)
    without.run(42.0)
    kept.run(42.0)
    without.run_on(280.0)
    monkeypatch.setattr(module, "replace", lambda arrays, **changes: arrays)
    kept.run_on(280.0)
    for name in ("state", "codes", "money", "traits", "books", "counts", "bonds"):
        assert getattr(without.world.arrays, name).tobytes() == getattr(kept.world.arrays, name).tobytes(), (
            name
        )
    assert without.world.arrays.crm.tobytes() != kept.world.arrays.crm.tobytes(), "one of them kept none"


def test_a_step_is_one_pulse() -> None:
    model = warm({"customers": 30}).fork(NONE)
    model.step()
    assert model.marketplace.day == 7.0
    assert model.world.counts[:, :, N.CUSTOMER_DAYS].sum() == pytest.approx(30 * 7_000_000)


def test_a_continued_programme_pays_no_upfront_cost_again() -> None:
    today = Scenario(name="today", focal={"placebo": Placebo(upfront=2.0, per_month=0.5)})
    warmed = warm({"customers": 60, "warm_up": 2.0}, today=today)
    doubled = Scenario(name="doubled", focal={"placebo": Placebo(upfront=2.0, per_month=1.0)})
    other = Scenario(name="other", focal={"another": Placebo(upfront=2.0, per_month=0.5)})
    costs = {}
    for scenario in (today, doubled, other):
        model = warm({"customers": 60, "warm_up": 2.0}, other, today=today).fork(scenario)
        model.run(MONTH)
        books = model.world.arrays.books[0, :, 1:].sum(axis=(0, 1)) * model.world.ledger.scale / 1e6
        costs[scenario.name] = (
            books[A.UPFRONT] / model.providers[0].firm_customers,
            books[A.FIXED] / model.providers[0].firm_customers,
        )
    assert costs["today"] == pytest.approx((0.0, 0.5), rel=1e-5)
    assert costs["doubled"] == pytest.approx((0.0, 1.0), rel=1e-5)
    assert costs["other"] == pytest.approx((2.0, 0.5), rel=1e-5)
    assert content(warmed.world)["counts"]


def test_rivals_keep_what_they_run_today_unless_named() -> None:
    slot = {"placebo": Placebo(upfront=1.0, per_month=0.5)}
    today = Scenario(name="today", rivals={"rival": slot})
    named = Scenario(name="named", rivals={"rival": {}})
    for scenario, runs in ((NONE, True), (named, False)):
        model = warm({"customers": 60, "warm_up": 1.0}, today=today).fork(scenario)
        model.run(35.0)
        assert bool(model.world.arrays.books[1, :, 1:].any()) is runs
        assert not model.world.arrays.books[0, :, 1:].any()


def test_a_market_that_is_done_with_is_let_go() -> None:
    model = warm({"customers": 30})
    twin = model.fork(NONE)
    twin.step()
    gone = weakref.ref(twin)
    del twin
    gc.collect()
    assert gone() is None
