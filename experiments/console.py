"""Console: what the command says on the terminal."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console as Rich
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

_WIDTH = 140
"""Columns where the output is no terminal."""
_EVERY = 30.0
"""Seconds between two lines about progress there."""


class Progress(Protocol):
    """Somebody who counts along."""

    def advance(self, count: int, failed: bool = False) -> None:
        """So many more are finished, or failed."""
        ...


class _Silent:
    def advance(self, count: int, failed: bool = False) -> None:
        """Count nothing."""


class _Rate(ProgressColumn):
    """Finished tasks per second."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing before the first."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="progress.data.speed")


class _Shown:
    def __init__(self, bars: Bars, label: str, total: int) -> None:
        self._bars = bars
        self._task = bars.add_task(label, total=total, failed="")
        self._failures = 0

    def advance(self, count: int, failed: bool = False) -> None:
        """Move the bar; failures are counted beside it."""
        self._failures += count if failed else 0
        text = f"[red]{self._failures} failed[/red]" if self._failures else ""
        self._bars.update(self._task, advance=count, failed=text)

    def remove(self) -> None:
        """Take the bar away."""
        self._bars.remove_task(self._task)


class _Lines:
    """Counts along in a line now and then, where the output is no terminal."""

    def __init__(self, say: Callable[[str], None], label: str, total: int) -> None:
        self._say, self._label, self._total = say, label, total
        self._done = self._failures = 0
        self._start = self._last = time.monotonic()

    def advance(self, count: int, failed: bool = False) -> None:
        """Count; say so when the last line is `_EVERY` seconds old."""
        self._done += count
        self._failures += count if failed else 0
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            rate = self._done / (now - self._start)
            failures = f", {self._failures} failed" if self._failures else ""
            left = (self._total - self._done) / rate / 60.0 if rate else math.inf
            self._say(
                f"{self._label}: {self._done:,} of {self._total:,}{failures}, {rate:.3g}/s, {left:.0f} min left"
            )


def complain(sentence: str) -> None:
    """Say on the error stream what went wrong."""
    print(f"tenure: {sentence}", file=sys.stderr)


class Console:
    """Speaks, or keeps silent where a notebook or another program asked for it.

    Args:
        quiet: say nothing at all.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._rich = Rich(quiet=quiet, highlight=False, soft_wrap=True)
        self._bars: Bars | None = None
        if not self._rich.is_terminal:
            self._rich.width = _WIDTH

    def say(self, text: str) -> None:
        """Print a line of plain text."""
        self._rich.print(Text(text))

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table: the first column to the left, numbers to the right."""
        table = Table(
            title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2)
        )
        for i, name in enumerate(head):
            table.add_column(name, justify="left" if i == 0 else "right", no_wrap=True)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._rich.print(table, soft_wrap=False)

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Progress]:
        """A progress bar with done, failed, rate and time left; a line now and then where the output is no terminal.

        A bar that is begun while another one is shown stands below it, until it is finished.
        """
        if self._rich.quiet:
            yield _Silent()
            return
        if not self._rich.is_terminal:
            yield _Lines(self.say, label, total)
            return
        if self._bars is not None:
            below = _Shown(self._bars, label, total)
            yield below
            below.remove()
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}"),
            _Rate(),
            TimeRemainingColumn(),
        )
        with Bars(*columns, console=self._rich) as bars:
            self._bars = bars
            try:
                yield _Shown(bars, label, total)
            finally:
                self._bars = None
