"""What a benchmark found: rows of a table against their bars, the machine, and the JSON file."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table: a value and, where there is one, the bar it has to keep."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """The value in bars."""
        return None if self.bar is None else self.value / self.bar

    @property
    def verdict(self) -> str:
        """`held`, `not held`, or nothing where there is no bar."""
        if self.bar is None:
            return ""
        held = self.value >= self.bar if self.more_is_better else self.value <= self.bar
        return "held" if held else "not held"


@dataclass
class Results:
    """Everything measured: the table's rows, and details for the JSON file."""

    rows: list[Row] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def add(
        self, name: str, value: float, unit: str, bar: float | None = None, more_is_better: bool = False
    ) -> None:
        """One more row."""
        self.rows.append(Row(name, value, unit, bar, more_is_better))


def table(results: Results) -> str:
    """The rows as a table in text."""
    lines = [f"{'':52} {'value':>10} {'unit':14} {'bar':>6} {'ratio':>6}"]
    for row in results.rows:
        bar = "" if row.bar is None else f"{row.bar:g}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"{row.name:52} {row.value:10,.2f} {row.unit:14} {bar:>6} {ratio:>6} {row.verdict}".rstrip()
        )
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("numba", "numpy", "mesa", "simpy")},
    }


def processor() -> str:
    """The processor's name where the system tells it, else its architecture."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def save(results: Results, folder: Path) -> Path:
    """Write everything measured as JSON; returns the file."""
    folder.mkdir(exist_ok=True)
    path = folder / f"market-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    rows = [{**asdict(row), "ratio": row.ratio, "verdict": row.verdict} for row in results.rows]
    path.write_text(json.dumps({"rows": rows, **results.details}, indent=2), "utf-8")
    return path
