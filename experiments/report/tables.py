"""The tables of the report as plain rows of written numbers, each beside its exact value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experiments.groups import GROUPS
from experiments.report.cells import Cell, Interval, Reading, State, plain_name
from experiments.report.costs import accounts_in_order, focal_ledger
from experiments.report.curves import at_month, landmarks
from experiments.report.inputs import ALL, EQUAL_SPEND
from experiments.report.material import Material
from experiments.report.numerals import NOTHING, between, probability, write
from experiments.report.wording import (
    ACCOUNTS,
    KEY_METRICS,
    PROVIDER_METRICS,
    SEGMENT_METRICS,
    wording,
)


@dataclass(frozen=True)
class Number:
    """A number as it is read, and exactly as it stands in the results."""

    text: str
    value: str


@dataclass(frozen=True)
class Mark:
    """A reading as it is printed: a sign, words, a tint (`good`, `bad`, `calm`, `quiet`) and what lies behind it."""

    sign: str
    words: str
    tint: str
    hint: str


@dataclass(frozen=True)
class Entry:
    """One cell of the summary, written: level with its range, difference with both ranges, reading, odds."""

    level: Number
    level_range: str
    difference: Number | None
    market: str
    luck: str
    mark: Mark
    odds: Number | None


@dataclass(frozen=True)
class Row:
    """A row of a block: a scenario, as it is and at equal spend."""

    scenario: str
    plain: Entry | None
    equal: Entry | None


@dataclass(frozen=True)
class Block:
    """A metric: its name, unit, good side and meaning, and a row per scenario."""

    metric: str
    label: str
    unit: str
    side: str
    meaning: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Matrix:
    """A metric by segment or by provider: a row each, an entry per scenario."""

    metric: str
    label: str
    unit: str
    side: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Entry | None, ...]], ...]


@dataclass(frozen=True)
class Grid:
    """A plain table: a head, rows of a name and numbers, and a note under some rows' names."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Number, ...]], ...]


MARKS: dict[State, tuple[str, str, str]] = {
    "baseline": ("", "baseline", "quiet"),
    "missing": ("", "no difference", "quiet"),
    "identical": ("=", "identical", "quiet"),
    "unclear": ("≈", "not distinguishable", "calm"),
    "better": ("▲", "better", "good"),
    "worse": ("▼", "worse", "bad"),
    "higher": ("↑", "higher", "plain"),
    "lower": ("↓", "lower", "plain"),
}
BECAUSE = {
    "": "",
    "luck": "too few replicates",
    "market": "depends on the market",
    "both": "market and luck",
    "one run": "one run gives no interval",
}
SIDES = {1: "higher is better", -1: "lower is better", 0: "neither side is better"}


def number(value: float, text: str) -> Number:
    """A number with its exact value (`repr`, the shortest text that reads back the same)."""
    return Number(text, repr(float(value)) if math.isfinite(value) else "")


def mark(reading: Reading, direction: int) -> Mark:
    """The reading as it is printed: the arrow shows where the number went, words and tint whether that is good."""
    sign, words, tint = MARKS[reading.state]
    if reading.state in {"better", "worse"}:
        sign = "▲" if (reading.state == "better") == (direction > 0) else "▼"
    hint = BECAUSE[reading.because]
    if reading.at_point_values and reading.state not in {"baseline", "missing", "identical"}:
        hint = ", ".join(part for part in (hint, "at point values") if part)
    return Mark(sign, words, tint, hint)


def entries(material: Material, cells: Sequence[Cell | None]) -> list[Entry | None]:
    """The cells of one metric, written with one scale and one number of decimals throughout."""
    known = [cell for cell in cells if cell is not None]
    if not known:
        return [None for _ in cells]
    unit = material.measure(known[0].unit)
    level_values = [v for c in known for v in (c.mean, *_ends(_level_interval(c)))]
    bare = [False, True, True] * len(known)
    levels = iter(write(level_values, unit, digits=4, keep=[c.mean for c in known], bare=bare))
    changes = [
        v for c in known for v in (c.difference, *_ends(c.difference_market), *_ends(c.difference_luck))
    ]
    bare = [False, True, True, True, True] * len(known)
    differences = iter(write(changes, unit, signed=True, keep=[c.difference for c in known], bare=bare))
    return [None if cell is None else _entry(material, cell, levels, differences) for cell in cells]


def _entry(material: Material, cell: Cell, levels: Iterator[str], differences: Iterator[str]) -> Entry:
    reading = cell.reading(material.results.baseline)
    level, level_low, level_high = next(levels), next(levels), next(levels)
    difference, low, high, luck_low, luck_high = (next(differences) for _ in range(5))
    shown = math.isfinite(cell.difference) and reading.state != "baseline"
    spread = shown and reading.state != "identical"
    return Entry(
        level=number(cell.mean, level),
        level_range=between(level_low, level_high) if level_low != level_high else "",
        difference=number(cell.difference, difference) if shown else None,
        market=between(low, high) if spread and cell.difference_market.known else "",
        luck=between(luck_low, luck_high) if spread and cell.difference_luck.known else "",
        mark=mark(reading, cell.direction),
        odds=number(cell.p_best, probability(cell.p_best)) if math.isfinite(cell.p_best) else None,
    )


def _level_interval(cell: Cell) -> Interval:
    return cell.market if cell.market.known else cell.luck


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


def comparison(material: Material) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The paired table of the focal provider: the goal and the key metrics, and all others that were measured."""
    key = material.present(KEY_METRICS)
    rest = tuple(m for m in material.measured if m not in key)
    return tuple(_block(material, m) for m in key), tuple(_block(material, m) for m in _by_wording(rest))


def _by_wording(metrics: Sequence[str]) -> list[str]:
    from experiments.report.wording import METRICS

    rank = {metric: i for i, metric in enumerate(METRICS)}
    return sorted(metrics, key=lambda metric: (rank.get(metric, len(rank)), metric))


def _block(material: Material, metric: str) -> Block:
    scenarios = material.cells.scenarios
    cells = [material.cells.get(name, metric) for name in scenarios]
    equal = [material.cells.get(name + EQUAL_SPEND, metric) for name in scenarios]
    written = entries(material, [*cells, *equal])
    count = len(scenarios)
    rows = tuple(Row(name, written[i], written[count + i]) for i, name in enumerate(scenarios))
    some = next(cell for cell in [*cells, *equal] if cell is not None)
    words = wording(metric)
    unit = material.measure(some.unit).words
    return Block(metric, words.label, unit, SIDES[some.direction], words.meaning, rows)


def segment_matrices(material: Material) -> tuple[Matrix, ...]:
    """The goal and some metrics by segment of the focal provider."""
    segments = material.cells.segments()
    if not segments:
        return ()
    keys = [(segment.replace("_", " "), material.results.focal, segment) for segment in segments]
    return _matrices(
        material, material.present(SEGMENT_METRICS), [*keys, ("all customers", material.results.focal, ALL)]
    )


def provider_matrices(material: Material) -> tuple[Matrix, ...]:
    """Market share, size and churn by provider."""
    providers = material.cells.providers()
    known = {cell.metric for cell in material.cells if cell.segment == ALL}
    metrics = tuple(m for m in PROVIDER_METRICS if m in known)
    return (
        _matrices(material, metrics, [(name, name, ALL) for name in providers]) if len(providers) > 1 else ()
    )


def _matrices(
    material: Material, metrics: Sequence[str], keys: Sequence[tuple[str, str, str]]
) -> tuple[Matrix, ...]:
    """One matrix per metric; a key is (name of the row, provider, segment), rows without any cell are left out."""
    found = []
    columns = material.cells.scenarios
    for metric in metrics:
        table = [
            [material.cells.get(c, metric, provider, segment) for c in columns]
            for _, provider, segment in keys
        ]
        flat = [cell for row in table for cell in row]
        known = [cell for cell in flat if cell is not None]
        rows = sum(any(cell is not None for cell in row) for row in table)
        if rows < 2:
            continue
        written = entries(material, flat)
        size = len(columns)
        parts = [(key[0], tuple(written[i * size : (i + 1) * size])) for i, key in enumerate(keys)]
        kept = tuple(part for part in parts if any(entry is not None for entry in part[1]))
        unit = material.measure(known[0].unit).words
        found.append(Matrix(metric, wording(metric).label, unit, SIDES[known[0].direction], columns, kept))
    return tuple(found)


def retention_grid(material: Material) -> Grid | None:
    """Retention at some months, the numbers behind the curves."""
    curves = material.curves.level
    if not curves:
        return None
    months = landmarks(max(float(curve.months[-1]) for curve in curves.values()))
    unit = material.measure("share")
    rows = []
    for name, curve in curves.items():
        values = [at_month(curve, month) for month in months]
        rows.append((name, "", tuple(number(v, t) for v, t in zip(values, write(values, unit)))))
    return Grid(tuple(f"month {month:.3g}" for month in months), tuple(rows))


def ledger_grid(material: Material) -> Grid | None:
    """The focal provider's ledger: an account per row and a scenario per column, and what is left."""
    table = focal_ledger(material)
    if table.empty:
        return None
    scenarios = tuple(name for name in material.scenarios if name in set(table["scenario"]))
    sums = table.groupby(["account", "scenario"])["mean"].sum()
    amounts = {(str(a), str(s)): float(v) for (a, s), v in zip(sums.index, sums.to_numpy())}
    unit = material.measure(str(table["unit"].iloc[0]))
    rows = []
    for account in accounts_in_order(sorted({account for account, _ in amounts})):
        values = [amounts.get((account, name), 0.0) for name in scenarios]
        label = ACCOUNTS.get(account, account.replace("_", " ").capitalize())
        rows.append((label, "", tuple(number(v, t) for v, t in zip(values, write(values, unit, digits=4)))))
    return Grid(scenarios, tuple(rows))


def group_grid(material: Material) -> Grid | None:
    """The four groups: share with bounds, money, share of the money."""
    table = material.results.groups
    if table.empty:
        return None
    records = {(str(r["scenario"]), str(r["group"])): r for r in table.to_dict(orient="records")}
    share, money = material.measure("share"), material.measure("currency")
    rows = []
    for name in (n for n in material.scenarios if n in set(table["scenario"])):
        for group in GROUPS:
            record = records.get((name, group))
            if record is None:
                continue
            keys = ("share", "low", "high", "luck_low", "luck_high", "bound_low", "bound_high")
            values = [float(record[k]) for k in keys]
            spend, part = float(record["spend"]), float(record["spend_share"])
            numbers = [number(v, t) for v, t in zip(values, write(values, share, keep=values[:1]))]
            numbers += [number(spend, write([spend], money)[0]), number(part, write([part], share)[0])]
            rows.append((name, group, tuple(numbers)))
    sure = ("markets, low", "markets, high", "luck, low", "luck, high")
    head = ("share", *sure, "lowest possible", "highest possible", "money spent", "of all money")
    return Grid(head, tuple(rows))


def bound_rows(material: Material) -> tuple[tuple[str, str, str, str, Number], ...]:
    """Scenario, provider, strategy, rule and contacts refused in a run, the scenarios in their order."""
    table = material.results.bound
    if table.empty:
        return ()
    rank = {name: i for i, name in enumerate(material.scenarios)}
    rows = [
        (
            str(r["scenario"]),
            str(r["provider"]),
            str(r["strategy"]).replace("_", " "),
            str(r["rule"]).replace("_", " "),
            number(float(r["refused"]), write([float(r["refused"])], material.measure("contacts"))[0]),
        )
        for r in table.to_dict(orient="records")
    ]
    return tuple(sorted(rows, key=lambda row: (rank.get(plain_name(row[0]), len(rank)), *row[:4])))


def pairing_grid(material: Material) -> Grid | None:
    """What pairing bought, and how many replicates a stated precision still needs."""
    table = material.results.pairing
    if table.empty:
        return None
    rows = []
    for record in table.to_dict(orient="records"):
        ratio, needed = float(record["variance_ratio"]), float(record["replicates_needed"])
        times = f"{ratio:,.3g} times" if math.isfinite(ratio) else NOTHING
        more = f"{needed:,.0f}" if math.isfinite(needed) else NOTHING
        rows.append((wording(str(record["metric"])).label, "", (number(ratio, times), number(needed, more))))
    return Grid(("fewer replicates thanks to pairing", "replicates needed per draw"), tuple(rows))
