"""The page: complete, escaped, offline, stable to the byte, and its numbers are those of the tables."""

from __future__ import annotations

import math
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments.report import ReportInput, write_report
from experiments.report.figures import FIGURES
from experiments.report.inputs import GROUP_COLUMNS
from experiments.report.material import Material
from experiments.report.page import SECTIONS, manifest_rows, odds, render, standing
from experiments.workers import Done, Failed

pytestmark = pytest.mark.slow

EMPTY = pd.DataFrame()
REFERRING = (
    "src",
    "href",
    "xlink:href",
    "action",
    "formaction",
    "poster",
    "srcset",
    "data",
    "cite",
    "background",
    "ping",
)
EVIL = "<script>alert(1)</script>"


def exact(frame: pd.DataFrame, column: str) -> set[str]:
    """The finite numbers of a column, written exactly."""
    return {repr(float(value)) for value in frame[column] if math.isfinite(value)}


def test_every_section_stands_in_order_and_is_named_by_its_heading(page: Any) -> None:
    found = [section.attributes["id"] for section in page.all("section")]
    assert found == [name for name, _ in SECTIONS]
    for section in page.all("section"):
        (heading,) = page.all("h2", id=section.attributes["aria-labelledby"])
        assert heading.inside("section", id=section.attributes["id"])
    targets = [link.attributes["href"] for link in page.all("a")]
    assert targets == [f"#{name}" for name, _ in SECTIONS]


def test_the_verdict_comes_first_with_its_odds_and_its_limits(page: Any, results: ReportInput) -> None:
    verdict = page.section("verdict").text
    assert results.verdict.sentence in verdict
    assert all(line in verdict for line in results.verdict.details)
    assert all(note in verdict for note in results.notes)
    odds = list(page.all("div", **{"class": "odds"}))
    assert [re.findall(r"(\w+)\s+(<1%|>99%|\d+%)", o.text) for o in odds] == [
        [
            ("passive", "58%"),
            ("blend", "40%"),
            ("active", "2%"),
            ("none", "<1%"),
            ("today", "<1%"),
            ("placebo", "<1%"),
        ],
        [("passive", "58%"), ("blend", "40%"), ("active", "2%")],
    ]
    widths = [e.attributes["style"] for e in page.all("span") if e.inside("div", **{"class": "bar"})]
    assert [float(re.findall(r"width:([\d.]+)%", style)[0]) for style in widths] == [58.0, 2.0, 40.0] * 2


def test_who_spends_nothing_has_the_odds_that_are_left_at_equal_spend(
    build: Callable[..., ReportInput],
) -> None:
    whole = build()
    spenders = whole.summary[~whole.summary["scenario"].str.match("today|placebo")]
    rest: dict[str, Any] = dict.fromkeys(("timeline", "ledger", "groups", "bound", "beliefs"), EMPTY)
    material = Material(replace(whole, summary=spenders, **rest))
    (plain, as_they_are), (scaled, at_equal_spend) = odds(material)
    assert (plain, scaled) == ("As they are", "At equal spend")
    shares = {name: share for name, _, share in at_equal_spend}
    assert shares.pop("none") == pytest.approx(1.0 - sum(shares.values()))
    assert len(shares) == 3
    assert "none" in {name for name, _, _ in as_they_are}


def test_nothing_outside_the_file_is_referred_to(page: Any, source: str) -> None:
    for element in page.elements:
        for name in REFERRING:
            target = element.attributes.get(name, "#")
            assert target.startswith(("#", "data:,")), f"<{element.tag} {name}={target!r}>"
        for name, value in element.attributes.items():
            assert "://" not in value, f"<{element.tag} {name}={value!r}>"
            assert not re.search(r"url\((?!#)", value), f"<{element.tag} {name}={value!r}>"
    for style in page.all("style"):
        assert "@import" not in style.text
        assert "url(" not in style.text
    policy = page.all("meta", http_equiv="Content-Security-Policy")[0].attributes["content"]
    assert policy.startswith("default-src 'none';")
    assert "xmlns" not in source
    assert source.startswith("<!DOCTYPE html>")


def test_an_address_in_a_citation_is_text_and_no_link(page: Any) -> None:
    (cell,) = [e for e in page.all("td") if "https://example.org/report.pdf" in e.text]
    assert not [e for e in page.all("a") if cell in e.around]


def test_names_from_outside_are_text(small: Callable[..., ReportInput], parse: Callable[[str], Any]) -> None:
    base = small()
    rename = {"passive": EVIL, "north": EVIL, "ease_of_use": EVIL, "comfort_seekers": EVIL}
    evil = small(
        title=EVIL,
        question=EVIL,
        market=EVIL,
        focal=EVIL,
        currency="<b>",
        summary=base.summary.replace(rename | {"passive@equal_spend": f"{EVIL}@equal_spend"}),
        timeline=base.timeline.replace(rename),
        ledger=base.ledger.replace(rename),
        groups=base.groups.replace(rename),
        notes=(EVIL,),
        manifest={"command": EVIL, "configuration": {EVIL: EVIL}, "versions": {EVIL: EVIL}},
    )
    page = parse(render(evil))
    assert len(page.all("script")) == 1
    assert "alert" not in page.all("script")[0].text
    assert not page.all("b")
    for name in ("verdict", "comparison", "differences", "retention", "costs", "groups", "segments", "rerun"):
        assert EVIL in page.section(name).text, name
    assert any(EVIL in text.text for text in page.all("text"))


class Elsewhere:
    """Does tasks as another process would, the last one first; the first one is lost."""

    shares_files = True

    def __init__(self) -> None:
        self.done = 0

    def run(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Done[Any] | Failed]:
        """Send everything there and back."""
        for index, item in reversed(list(enumerate(items))):
            if index == 0:
                yield Failed(index, "lost")
            else:
                ordered, order = pickle.loads(pickle.dumps((function, item)))
                self.done += 1
                yield Done(index, pickle.loads(pickle.dumps(ordered(order))))

    def close(self) -> None:
        """Nothing to give back."""


def test_equal_results_give_equal_bytes_wherever_they_are_drawn(small: Callable[..., ReportInput]) -> None:
    here = Path(__file__).with_name("conftest.py")
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('synthetic', {str(here)!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules['synthetic'] = module\n"
        "spec.loader.exec_module(module)\n"
        "assert 'matplotlib' not in sys.modules, 'importing the report must not import matplotlib'\n"
        "text = module.render(module.small_results())\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot holds global state'\n"
        "sys.stdout.buffer.write(text.encode())\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(here.parents[3])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    elsewhere = Elsewhere()
    assert done.stdout.decode() == render(small(), elsewhere)
    assert elsewhere.done == 3


def test_the_comparison_holds_every_number_of_the_summary(page: Any, results: ReportInput) -> None:
    table = results.summary.query("provider == 'north' and segment == 'all'")
    for metric, rows in table.groupby("metric"):
        shown = {
            e.attributes["value"] for e in page.all("data") if e.inside("tbody", data_metric=str(metric))
        }
        for column in ("mean", "difference", "p_best"):
            assert exact(rows, column) <= shown, (metric, column)
        frames = set().union(*(exact(rows, column) for column in ("mean", "difference", "p_best")))
        assert shown - frames <= {""}, metric


@pytest.mark.parametrize(
    ("section", "query", "columns"),
    [
        ("providers", "segment == 'all' and metric in ('market_share', 'customers_end', 'churn_rate')", 2),
        ("segments", "provider == 'north' and segment != 'all' and metric == 'lifetime_value'", 2),
    ],
)
def test_providers_and_segments_hold_their_numbers(
    page: Any, results: ReportInput, section: str, query: str, columns: int
) -> None:
    rows = results.summary.query(query)
    rows = rows[~rows["scenario"].str.contains("@")]
    shown = {e.attributes["value"] for e in page.all("data") if e.inside("section", id=section)}
    assert len(rows) > 10
    assert exact(rows, "mean") | exact(rows, "difference") <= shown


def test_ledger_groups_and_pairing_hold_their_numbers(page: Any, results: ReportInput) -> None:
    shown = {
        name: {e.attributes["value"] for e in page.all("data") if e.inside("section", id=name)}
        for name in ("costs", "groups", "comparison")
    }
    focal = results.ledger[results.ledger["provider"] == "north"]
    sums = focal.groupby(["scenario", "account"])["mean"].sum()
    assert exact(sums.to_frame(), "mean") <= shown["costs"]
    for column in GROUP_COLUMNS[2:]:
        assert exact(results.groups, column) <= shown["groups"]
    assert exact(results.pairing, "variance_ratio") <= shown["comparison"]


def test_what_is_read_says_what_the_number_is(page: Any) -> None:
    texts = {
        e.attributes["value"]: e.text
        for e in page.all("data")
        if e.inside("tbody", data_metric="customer_equity")
    }
    assert texts["61840000.0"] == "€61.84\N{NO-BREAK SPACE}M"
    assert texts["1402310.0"] == "+€1.40\N{NO-BREAK SPACE}M"
    assert texts["-262140.0"] == "\N{MINUS SIGN}€0.26\N{NO-BREAK SPACE}M"
    churn = {
        e.attributes["value"]: e.text for e in page.all("data") if e.inside("tbody", data_metric="churn_rate")
    }
    assert churn["0.0142"] == "1.420%"
    assert churn["-0.0011"] == "\N{MINUS SIGN}0.110\N{NO-BREAK SPACE}pp"


def readings(page: Any, metric: str) -> dict[str, str]:
    """The reading of each scenario as it is, by the words of the table."""
    cells = [e for e in page.all("td", **{"class": "reading asis"}) if e.inside("tbody", data_metric=metric)]
    names = [e.text for e in page.all("th", scope="row") if e.inside("tbody", data_metric=metric)]
    marks = [
        m.text
        for cell in cells
        for m in page.all("span")
        if cell in m.around and "mark" in m.attributes.get("class", "")
    ]
    return dict(zip((name.strip() for name in names), marks, strict=True))


def test_the_readings_are_spelled(page: Any) -> None:
    assert readings(page, "customer_equity") == {
        "none": "baseline",
        "today": "≈ not distinguishable",
        "placebo": "= identical",
        "passive": "▲ better",
        "active": "≈ not distinguishable",
        "blend": "▲ better",
    }
    assert readings(page, "churn_rate")["passive"] == "▼ better"
    assert readings(page, "cost")["placebo"] == "▲ worse"
    assert readings(page, "contacts")["active"] == "↑ higher"


def test_assumptions_are_counted_marked_and_sorted(page: Any) -> None:
    section = page.section("assumptions")
    assert "3 of 8 numbers are assumptions" in section.text
    rows = [
        e.attributes["class"]
        for e in page.all("tr")
        if e.inside("section", id="assumptions") and e.attributes
    ]
    assert rows == ["user"] * 2 + ["assumption"] * 3 + ["source"] * 3
    keys = [e.text for e in page.all("code") if e.inside("section", id="assumptions")]
    assert keys[:2] == ["firm_customers", "strategy.promotions.months"]


def test_it_tells_how_to_run_it_again(page: Any, results: ReportInput) -> None:
    text = page.section("rerun").text
    for part in (
        results.manifest["command"],
        results.manifest["results_hash"],
        "numpy 2.4.6",
        "1 min 34 s",
        '"kappa": 0.031',
    ):
        assert part in text
    assert manifest_rows({"seed": 1, "plug_ins": [], "command": "x"}) == [("seed", "1"), ("plug ins", "none")]


def test_tables_have_captions_figures_have_labels_and_identifiers_are_unique(page: Any) -> None:
    tables = page.all("table")
    captions = [e.around[-1] for e in page.all("caption")]
    assert len(tables) > 10
    assert all(any(caption is table for caption in captions) for table in tables)
    drawings = page.all("svg", role="img")
    assert len(drawings) == 2 * len(FIGURES)
    assert all(len(e.attributes["aria-label"]) > 40 for e in drawings)
    names = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(names) == len(set(names))
    assert page.all("html")[0].attributes["lang"] == "en"
    used = {
        u
        for e in page.elements
        for v in e.attributes.values()
        for u in re.findall(r"(?:^|url\()#([^)]+)\)?$", v)
    }
    assert used <= set(names)


def test_empty_tables_leave_sentences_that_say_why(
    build: Callable[..., ReportInput], parse: Callable[[str], Any]
) -> None:
    bare = build(
        summary=EMPTY,
        timeline=EMPTY,
        ledger=EMPTY,
        groups=EMPTY,
        pairing=EMPTY,
        bound=EMPTY,
        beliefs=EMPTY,
        assumptions=(),
        manifest={},
        notes=(),
    )
    page = parse(render(bare))
    shown = [name for name, _ in SECTIONS if name != "beliefs"]
    assert [e.attributes["id"] for e in page.all("section")] == shown
    assert not page.all("a", href="#beliefs")
    assert "No rule bound" in page.section("bound").text
    said = {e.around[-1].attributes.get("id") or "verdict" for e in page.all("p", **{"class": "empty"})}
    assert said == set(shown) - {"glossary"}
    assert not page.all("svg", role="img")
    assert not page.all("table")


def test_one_draw_speaks_of_point_values_and_of_no_plausible_markets(
    small: Callable[..., ReportInput], build: Callable[..., ReportInput], parse: Callable[[str], Any]
) -> None:
    import dataclasses

    base: Any = small()
    emptied = base.summary.assign(
        low=float("nan"),
        high=float("nan"),
        difference_low=float("nan"),
        difference_high=float("nan"),
        p_best=float("nan"),
    )
    emptied = emptied[~emptied["scenario"].str.contains("@")]
    verdict = dataclasses.replace(base.verdict, at_point_values=True, p_best=None)
    one = dataclasses.replace(
        base, summary=emptied, verdict=verdict, timeline=base.timeline[base.timeline["draw"] == 0]
    )
    page = parse(render(one))
    assert "At point values only" in page.section("verdict").text
    assert "No odds: with one draw" in page.section("verdict").text
    assert readings(page, "customer_equity")["passive"] == "▲ better"
    hints = [
        e.text
        for e in page.all("span", **{"class": "hint"})
        if e.inside("tbody", data_metric="customer_equity")
    ]
    assert hints == ["at point values"]
    assert [e.text for e in page.all("abbr")].count("markets") == 0
    assert "no scenario scaled to it" in page.section("comparison").text
    assert "with one draw nothing is said" in page.section("retention").text


def test_the_standing_uses_calibrated_words(build: Callable[..., ReportInput]) -> None:
    import dataclasses

    base: Any = build()

    def words(**changes: Any) -> tuple[str, str]:
        verdict = dataclasses.replace(base.verdict, **changes)
        return standing(Material(dataclasses.replace(base, verdict=verdict)))

    assert words(p_best=0.93, distinguishable=True)[0] == "Distinguishable"
    assert "very likely (93%" in words(p_best=0.93, distinguishable=True)[1]
    assert words()[0] == "Not distinguishable"
    assert words(best="", p_best=None)[0] == "Undecided"


def test_a_failed_write_leaves_the_old_report_and_no_rest(
    tmp_path: Path, results: ReportInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    target.write_text("the old one", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("experiments.report.page.render", lambda *_: "the new one")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            write_report(results, target)
    assert target.read_text(encoding="utf-8") == "the old one"
    assert list(tmp_path.iterdir()) == [target]
    write_report(results, target)
    assert target.read_text(encoding="utf-8") == "the new one"
    assert list(tmp_path.iterdir()) == [target]


def test_a_table_without_a_column_is_refused_in_one_sentence(build: Callable[..., ReportInput]) -> None:
    broken = build().groups.drop(columns="bound_low")
    with pytest.raises(ValueError, match="'groups' lacks the column 'bound_low'"):
        build(groups=broken)
