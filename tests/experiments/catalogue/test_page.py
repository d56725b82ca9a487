"""The page: complete, escaped, offline; the command writes it where it was asked to."""

import re
from pathlib import Path

import pytest

from experiments.__main__ import main
from experiments.catalogue.entries import Catalogue, Entry, Row, Setting
from experiments.catalogue.page import groups, prose, render
from experiments.catalogue.reading import Use
from sim.quantities import Quantity

EVIL = "<script>alert(1)</script>"


def row(name: str, value: float | str = 3.0) -> Row:
    return Row(
        name, value, Quantity("weeks", EVIL, 0.0, 9.0), "weeks", "assumption", f"Said by {EVIL}.", 1.0, 4.0
    )


def entry(name: str, kind: str, *settings: Setting) -> Entry:
    parts = {"Mechanism": f"`x < y` & {EVIL}.", "Sources": "nobody."}
    return Entry(
        name,
        f"some.{name}",
        kind,
        f"Does {EVIL}.",
        parts,
        ("other one",),
        (),
        (Use("spend", "Pay."),),
        (),
        settings,
    )


@pytest.fixture(scope="module")
def source() -> str:
    usual = Setting("usual", (row("depth"), row("months")), (row("part.a"),), (), (("Alone", "tenure <x>"),))
    unusual = Setting("unusual", (row("depth", 5.0), row("months")), (), (), ())
    return render(Catalogue((entry("one", "active", usual, unusual), entry("other_one", "odd")), ()))


def test_the_page_holds_everything_escaped(source: str) -> None:
    assert EVIL not in source
    assert "<script" not in source
    assert source.count("&lt;script&gt;") > 8
    assert "<code>x &lt; y</code> &amp; " in source
    assert '<a href="#strategy-other_one">other one</a>' in source
    assert "No YAML builds it" in source


def test_a_further_yaml_shows_only_what_it_sets_otherwise(source: str) -> None:
    _, _, after = source.partition("What strategy=unusual sets otherwise")
    table, _, _ = after.partition("</table>")
    assert "<code>depth</code>" in table
    assert "<code>months</code>" not in table


def test_contents_lead_to_entries_and_nothing_leads_outside(source: str) -> None:
    links = set(re.findall(r'href="([^"]*)"', source)) - {"data:,"}
    anchors = {f"#{name}" for name in re.findall(r' id="([^"]*)"', source)}
    assert links
    assert links <= anchors
    assert "://" not in source
    assert "@import" not in source
    assert "url(" not in source


def test_kinds_come_in_order_and_unknown_ones_last() -> None:
    entries = tuple(entry(kind, kind) for kind in ("odd", "placebo", "blend", "active", "passive"))
    found = [group["kind"] for group in groups(Catalogue(entries, ()))]
    assert found == ["passive", "active", "blend", "placebo", "odd"]


def test_backquotes_are_code() -> None:
    assert prose("`a` and <b>") == "<code>a</code> and &lt;b&gt;"


@pytest.mark.slow
def test_the_command_writes_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--catalogue"]) == 0
    assert capsys.readouterr().out == f"Catalogue: {Path('outputs/catalogue/catalogue.html')}\n"
    text = Path("outputs/catalogue/catalogue.html").read_text("utf-8")
    assert [path.name for path in Path("outputs/catalogue").iterdir()] == ["catalogue.html"]
    assert 'id="strategy-ease_of_use"' in text
    assert 'id="targeting-oracle"' in text


def test_the_command_takes_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--catalogue", "here", "market=saas"]) == 2
    assert capsys.readouterr().err == (
        "tenure: --catalogue takes one folder and nothing else; leave out market=saas.\n"
    )
