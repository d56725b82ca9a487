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
