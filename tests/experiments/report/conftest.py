"""A synthetic comparison with the numbers of a telephone market, as the report would be given them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.metrics import METRICS as CATALOGUE
from experiments.report.inputs import (
    BELIEF_COLUMNS,
    BOUND_COLUMNS,
    GROUP_COLUMNS,
    LEDGER_COLUMNS,
    PAIRING_COLUMNS,
    SUMMARY_COLUMNS,
    TIMELINE_COLUMNS,
    Assumption,
    ReportInput,
)
from experiments.report.page import render

NAN = float("nan")
SCENARIOS = ("none", "today", "placebo", "passive", "active", "blend")
SEGMENTS = ("comfort_seekers", "deal_seekers", "relationship_seekers")

# metric: unit, direction, level under `none`, effect of passive, active and blend, half width over markets, over luck
METRICS: dict[str, tuple[str, int, float, tuple[float, float, float], float, float]] = {
    "churn_rate": ("share/month", -1, 0.0142, (-0.0011, -0.0006, -0.0017), 0.0007, 0.00012),
    "churn_voluntary": ("share/month", -1, 0.0121, (-0.0011, -0.0006, -0.0017), 0.0007, 0.00012),
    "retention": ("share", 1, 0.7031, (0.0184, 0.0093, 0.0275), 0.012, 0.0021),
    "lifetime_value": ("currency/customer", 1, 412.63, (9.18, -3.41, 6.72), 5.6, 1.9),
    "customer_equity": ("currency", 1, 61.84e6, (1_402_310.0, -262_140.0, 1_190_450.0), 840_000.0, 190_000.0),
    "profit": ("currency", 1, 68_120_400.0, (1_311_000.0, -410_000.0, 1_004_000.0), 900_000.0, 210_000.0),
    "cost": ("currency", -1, 0.0, (641_200.0, 1_922_700.0, 1_530_900.0), 110_000.0, 12_000.0),
    "cost_upfront": ("currency", -1, 0.0, (240_000.0, 120_000.0, 360_000.0), 0.0, 0.0),
    "return_on_spend": ("ratio", 1, NAN, (NAN, NAN, NAN), 0.9, 0.2),
    "payback_months": ("months", -1, NAN, (NAN, NAN, NAN), 3.0, 0.8),
    "customers_end": ("customers", 1, 148_211.0, (3_120.0, 2_480.0, 5_207.0), 2_100.0, 480.0),
    "market_share": ("share", 1, 0.3132, (0.0066, 0.0052, 0.0110), 0.0044, 0.0010),
    "satisfaction": ("0..1", 1, 0.6921, (0.0312, 0.0021, 0.0298), 0.009, 0.0004),
    "pressure": ("contacts", 0, 0.41, (0.02, 0.93, 0.61), 0.12, 0.01),
    "contacts": ("contacts/customer/year", 0, 1.9, (0.4, 14.2, 9.1), 1.1, 0.02),
    "looks": ("looks/customer/year", 0, 0.84, (-0.07, 0.11, 0.01), 0.04, 0.006),
    "customer_surplus": ("currency/customer", 1, 1_204.0, (18.2, 31.9, 40.3), 16.0, 1.4),
}  # fmt: skip


@dataclass(frozen=True)
class SyntheticVerdict:
    """A verdict with the attributes the report asks for."""

    sentence: str = (
        "Passive retention earns the most in this market, but it cannot be told apart from the blend; "
        "active retention alone costs more than it brings."
    )
    goal: str = "customer_equity"
    best: str = "passive"
    p_best: float | None = 0.58
    at_point_values: bool = False
    distinguishable: bool = False
    details: Sequence[str] = field(
        default_factory=lambda: (
            "Against none, passive adds €1.40 M of customer equity (plausible markets: €0.56 M to €2.24 M).",
            "At equal spend the blend leads: its odds of being best are 61 %.",
            "Active lowers churn and still loses money: most of what it gives goes to customers who would stay.",
        )
    )


def effect_of(scenario: str, effects: tuple[float, float, float]) -> float:
    """The planted effect of a scenario."""
    places = {"passive": 0, "active": 1, "blend": 2}
    if scenario == "today":
        return 0.4 * effects[0]
    return effects[places[scenario]] if scenario in places else 0.0


def summary_row(
    scenario: str, provider: str, segment: str, metric: str, factor: float, one_draw: bool, equal: bool
) -> dict[str, Any]:
    """One row; `factor` scales level and effect, `equal` halves the effect of what spends most."""
    unit, direction, level, effects, market, luck = METRICS[metric]
    effect = effect_of(scenario, effects) * factor
    if equal and scenario in {"active", "blend"}:
        effect *= 0.62 if direction else 0.4
    if provider != "north":
        effect *= -0.5
    base = scenario == "none"
    if metric in {"return_on_spend", "payback_months"}:
        value = {"passive": 2.19, "active": -0.14, "blend": 0.78}.get(scenario, NAN)
        mean, effect = (value * 4 if metric == "payback_months" and value > 0 else value), NAN
    else:
        mean = level * factor + effect
    wide, narrow = (
        (0.0, 0.0) if scenario == "placebo" and metric != "cost" else (market * factor, luck * factor)
    )
    if metric == "cost" and scenario == "placebo":
        mean, effect, wide, narrow = 250_000.0, 250_000.0, 0.0, 0.0
    difference = NAN if base else effect
    p_best = {"none": 0.0, "today": 0.0, "placebo": 0.0, "passive": 0.58, "active": 0.02, "blend": 0.40}
    return dict(
        zip(
            SUMMARY_COLUMNS,
            (
                scenario + ("@equal_spend" if equal else ""),
                provider,
                segment,
                metric,
                unit,
                direction,
                mean,
                NAN if one_draw else mean - 3.1 * market * factor,
                NAN if one_draw else mean + 3.1 * market * factor,
                mean - 1.4 * luck * factor,
                mean + 1.4 * luck * factor,
                difference,
                NAN if one_draw else difference - wide,
                NAN if one_draw else difference + wide,
                difference - narrow,
                difference + narrow,
                NAN if one_draw or not direction else p_best[scenario],
            ),
        )
    )


def summary(one_draw: bool = False, scenarios: Sequence[str] = SCENARIOS, equal: bool = True) -> pd.DataFrame:
    """The summary of the focal provider `north` and two rivals, with three segments."""
    rows = []
    for scenario in scenarios:
        for metric in METRICS:
            rows.append(summary_row(scenario, "north", "all", metric, 1.0, one_draw, False))
            if equal and scenario in {"passive", "active", "blend"}:
                rows.append(summary_row(scenario, "north", "all", metric, 1.0, one_draw, True))
        for metric in ("churn_rate", "retention", "lifetime_value", "customer_equity", "cost"):
            for segment, factor in zip(SEGMENTS, (1.12, 0.71, 1.33)):
                rows.append(summary_row(scenario, "north", segment, metric, factor, one_draw, False))
        for metric in ("market_share", "customers_end", "churn_rate"):
            for rival, factor in (("harbour", 1.22), ("plains", 0.71)):
                rows.append(summary_row(scenario, rival, "all", metric, factor, one_draw, False))
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


def timeline(draws: int = 6, replicates: int = 4, scenarios: Sequence[str] = SCENARIOS) -> pd.DataFrame:
    """Retention over two years in steps of a week, with planted luck shared by the scenarios."""
    generator = np.random.default_rng(7)
    days = np.arange(0.0, 736.0, 7.0)
    hazard = {
        "none": 0.0142,
        "today": 0.0138,
        "placebo": 0.0142,
        "passive": 0.0131,
        "active": 0.0137,
        "blend": 0.0125,
    }
    frames = []
    for draw in range(draws):
        market = generator.normal(0.0, 0.0013)
        for replicate in range(replicates):
            luck = generator.normal(0.0, 0.0002)
            for scenario in scenarios:
                rate = hazard.get(scenario, 0.013) + market * (1.0 if scenario != "active" else 1.15) + luck
                value = (1.0 + rate * days / 30.4375 / 3.0) ** -3.0
                frames.append(
                    pd.DataFrame(
                        {
                            "scenario": scenario,
                            "draw": draw,
                            "replicate": replicate,
                            "provider": "north",
                            "day": days,
                            "metric": "retention",
                            "unit": "share",
                            "value": value,
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True)[list(TIMELINE_COLUMNS)]


def ledger() -> pd.DataFrame:
    """Accounts of the firm; cost is booked negative, as an outflow."""
    entries = {
        "none": (),
        "today": (("points_programme", "rewards", 201_000.0), ("points_programme", "fixed", 60_000.0)),
        "placebo": (("placebo", "fixed", 250_000.0),),
        "passive": (
            ("ease_of_use", "upfront", 180_000.0),
            ("ease_of_use", "fixed", 96_000.0),
            ("efficient_service", "upfront", 60_000.0),
            ("efficient_service", "wages", 214_200.0),
            ("points_programme", "rewards", 91_000.0),
        ),
        "active": (
            ("personalised_campaigns", "upfront", 120_000.0),
            ("personalised_campaigns", "contact", 402_700.0),
            ("promotions", "discount", 1_180_000.0),
            ("promotions", "wages", 220_000.0),
        ),
        "blend": (
            ("ease_of_use", "upfront", 180_000.0),
            ("ease_of_use", "fixed", 96_000.0),
            ("efficient_service", "upfront", 60_000.0),
            ("efficient_service", "wages", 214_200.0),
            ("personalised_campaigns", "upfront", 120_000.0),
            ("personalised_campaigns", "contact", 260_700.0),
            ("promotions", "discount", 600_000.0),
        ),
    }
    rows = []
    for scenario, items in entries.items():
        rows.append((scenario, "north", "revenue", "", "currency", 171_300_000.0))
        rows.append((scenario, "north", "cost_of_service", "", "currency", -102_900_000.0))
        rows += [
            (scenario, "north", account, strategy, "currency", -cost) for strategy, account, cost in items
        ]
        rows.append((scenario, "harbour", "revenue", "", "currency", 203_000_000.0))
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))


def groups() -> pd.DataFrame:
    """The four groups of the scenarios that intervene."""
    shares = {
        "passive": (0.031, 0.681, 0.276, 0.012),
        "active": (0.044, 0.654, 0.267, 0.035),
        "blend": (0.052, 0.660, 0.259, 0.029),
    }
    spends = {"passive": 641_200.0, "active": 1_922_700.0, "blend": 1_530_900.0}
    parts = {
        "passive": (0.04, 0.70, 0.25, 0.01),
        "active": (0.07, 0.61, 0.27, 0.05),
        "blend": (0.08, 0.63, 0.25, 0.04),
    }
    names = ("persuadable", "sure thing", "lost cause", "sleeping dog")
    rows = [
        (
            s,
            g,
            share,
            share - 0.017,
            share + 0.018,
            share - 0.004,
            share + 0.003,
            max(0.0, share - 0.022),
            share + 0.019,
            spends[s] * part,
            part,
        )
        for s in shares
        for g, share, part in zip(names, shares[s], parts[s])
    ]
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))


def pairing() -> pd.DataFrame:
    """What pairing bought."""
    rows = [("customer_equity", 38.2, 12.0), ("churn_rate", 21.7, 9.0), ("lifetime_value", 44.9, 31.0)]
    return pd.DataFrame(rows, columns=list(PAIRING_COLUMNS))


UNMEASURED = ("trust", "knowledge")
"""Metrics of the trade-off table that are undefined in `with_tradeoffs`."""


def with_tradeoffs(table: pd.DataFrame, scenarios: Sequence[str] = SCENARIOS) -> pd.DataFrame:
    """The summary with every metric of the catalogue that it lacks: a level of 1, effects of a few per cent."""
    rows = []
    for place, (name, metric) in enumerate(CATALOGUE.items()):
        if name in METRICS:
            continue
        for column, scenario in enumerate(scenarios):
            effect = 0.01 * ((place + 3 * column) % 7 - 3)
            numbers = [1.0 + effect + step for step in (0.0, -0.2, 0.2, -0.01, 0.01)]
            changes = [effect + step for step in (0.0, -0.02, 0.02, -0.004, 0.004)]
            if scenario == "none":
                changes = [NAN] * 5
            if name in UNMEASURED:
                numbers, changes = [NAN] * 5, [NAN] * 5
            head = (scenario, "north", "all", name, metric.unit, metric.direction)
            rows.append((*head, *numbers, *changes, NAN))
    return pd.concat([table, pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))], ignore_index=True)


def bound() -> pd.DataFrame:
    """Contacts that rules refused."""
    rows = [
        ("blend", "north", "promotions", "channel cap", 1203.5),
        ("blend", "north", "", "total budget", 4120.0),
        ("active", "harbour", "events", "seats", 12.0),
    ]
    return pd.DataFrame(rows, columns=list(BOUND_COLUMNS))


def beliefs() -> pd.DataFrame:
    """Two tactics, two segments, two runs, three reviews; the first belief of `events` in one run is not there yet."""
    rows = []
    for replicate in (0, 1):
        for review, day in enumerate((91.3125, 182.625, 273.9375)):
            for tactic, true, share in (("events", 0.01, 0.1), ("success_checkins", 0.05, 0.4)):
                for segment, step in (("a", -0.01), ("b", 0.03)):
                    error = 0.04 / (1.0 + review)
                    believed = true + step * (1 + replicate)
                    if (review, tactic, replicate) == (0, "events", 1):
                        believed, error = NAN, NAN
                    rows.append(
                        ("blend", 0, replicate, "mix", day, tactic, segment, believed, error, share, true)
                    )
    return pd.DataFrame(rows, columns=list(BELIEF_COLUMNS))


def assumptions() -> list[Assumption]:
    """Some of each kind."""
    guess, read, told = "assumption", "source", "user"
    url = "Company report 2024, table 3, https://example.org/report.pdf"
    offers = "Save offers of 10-35 % are reported by practitioners."
    rows: list[tuple[Any, ...]] = [
        ("market.kappa", 0.031, "commitment per utility", 0.0, 1.0, 0.005, 0.12, guess, "A free parameter."),
        ("market.memory", 90.0, "days", 1.0, 730.0, 30.0, 365.0, guess, "How long a choice is remembered."),
        ("market.churn_monthly", 0.0142, "share/month", 0.0, 1.0, 0.012, 0.0165, read, url),
        ("market.discount_rate", 0.1, "per year", 0.0, 1.0, None, None, read, "Usual in published values."),
        ("market.contract_form", "subscription", "", None, None, None, None, read, "Monthly plans."),
        ("strategy.promotions.depth", 0.2, "share of price", 0.0, 1.0, 0.1, 0.35, guess, offers),
        (
            "strategy.promotions.months",
            3,
            "months",
            1.0,
            24.0,
            None,
            None,
            told,
            "Given on the command line.",
        ),
        ("firm_customers", 150_000, "customers", 1e3, 1e9, None, None, told, "Given on the command line."),
    ]
    return [Assumption(*row) for row in rows]


MANIFEST: dict[str, Any] = {
    "command": "tenure market=telecom scenarios=[none,today,placebo,passive,active,blend] seed=1 draws=20",
    "seed": 1,
    "results_hash": "4be0643f1d98573b97caa98360d80ac46a1a3d53d2a4a1a7b9f1ce3d1c0c2b67",
    "results_version": 1,
    "code_version": "0.1.0",
    "tasks_computed": 312,
    "tasks_reused": 0,
    "versions": {"python": "3.11.7", "numpy": "2.4.6", "numba": "0.68.1", "mesa": "3.3.1"},
    "machine": "x86_64, 2 cores",
    "duration": 94.3,
    "configuration": {"market": {"name": "telecom", "kappa": 0.031}, "scenarios": {"active": {"focal": {}}}},
}

Build = Callable[..., ReportInput]


def build_results(**changes: Any) -> ReportInput:
    """The whole synthetic comparison, with fields replaced as told."""
    fields: dict[str, Any] = {
        "title": "Which retention for a mobile operator?",
        "question": "Passive, active or blended retention: which earns more over two years?",
        "market": "Mobile telephony, postpaid",
        "currency": "EUR",
        "baseline": "none",
        "focal": "north",
        "verdict": SyntheticVerdict(),
        "summary": with_tradeoffs(summary()),
        "timeline": timeline(),
        "ledger": ledger(),
        "groups": groups(),
        "pairing": pairing(),
        "bound": bound(),
        "beliefs": beliefs(),
        "assumptions": assumptions(),
        "manifest": MANIFEST,
        "notes": ("partial: 312 of 400 tasks", "learning was off"),
    }
    return ReportInput(**(fields | changes))


VOID = frozenset({"meta", "link", "br", "wbr", "hr", "img", "input"})


@dataclass
class Element:
    """An element of a page: its tag, attributes, the elements around it, and all text inside it."""

    tag: str
    attributes: dict[str, str]
    around: tuple[Element, ...]
    text: str = ""

    def inside(self, tag: str, **attributes: str) -> bool:
        """Whether it lies in such an element; underscores stand for hyphens in names of attributes."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return any(e.tag == tag and wanted.items() <= e.attributes.items() for e in self.around)


class Page(HTMLParser):
    """A page read into elements; raises on tags that do not match."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()
        assert not self._open, f"<{self._open[-1].tag}> is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert [element.tag for element in self._open[-1:]] == [tag], f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of a tag with these attributes."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def section(self, name: str) -> Element:
        """The section of that anchor."""
        (found,) = self.all("section", id=name)
        return found


def small_results(**changes: Any) -> ReportInput:
    """Two scenarios, two draws: all sections filled, quick to draw."""
    two = ("none", "passive")
    fields: dict[str, Any] = {
        "summary": summary(scenarios=two),
        "timeline": timeline(2, 2, two),
        "ledger": ledger().query("scenario in @two"),
        "groups": groups().query("scenario in @two"),
        "bound": bound().head(0),
        "beliefs": beliefs().head(0),
    }
    return build_results(**(fields | changes))


@pytest.fixture
def small() -> Build:
    """The builder of small results."""
    return small_results


@pytest.fixture
def parse() -> Callable[[str], Page]:
    """The reader of pages."""
    return Page


@pytest.fixture(scope="session")
def source(results: ReportInput) -> str:
    """The page of the synthetic comparison, as text."""
    return render(results)


@pytest.fixture(scope="session")
def page(source: str) -> Page:
    """The same page, read."""
    return Page(source)


@pytest.fixture
def build() -> Build:
    """The builder of synthetic results."""
    return build_results


@pytest.fixture(scope="session")
def results() -> ReportInput:
    """The synthetic comparison as it is."""
    return build_results()
