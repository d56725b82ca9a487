"""The console: bars within bars."""

import io
from functools import partial

import pytest
from rich.console import Console as Rich

from experiments import console


def test_a_bar_may_be_begun_while_another_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(console, "Rich", partial(Rich, force_terminal=True, file=shown, width=120))
    speaks = console.Console()
    with speaks.progress("worlds", 2) as worlds:
        for name in ("simulating one", "simulating two"):
            with speaks.progress(name, 3) as tasks:
                tasks.advance(2)
                tasks.advance(1, failed=True)
            worlds.advance(1)
    with speaks.progress("afterwards", 1) as alone:
        alone.advance(1)
    text = shown.getvalue()
    assert "worlds" in text
    assert "2/2" in text
    assert "afterwards" in text


def test_without_a_terminal_a_line_now_and_then_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 10.0, 31.0, 40.0])
    monkeypatch.setattr("experiments.console.time.monotonic", lambda: next(clock))
    with console.Console().progress("worlds", 100) as worlds:
        worlds.advance(10)
        worlds.advance(21, failed=True)
        worlds.advance(5)
    assert capsys.readouterr().out == "worlds: 31 of 100, 21 failed, 1/s, 1 min left\n"
