"""Judging: the rule in a case and over all of them, and what chance alone would do to it."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from experiments.claims.claim import Claim
from experiments.claims.judge import ONE_SIDE, by_chance, depends_on, overall, verdict_of, verdicts
from experiments.intervals import estimate

CLAIM = Claim(
    name="mine", text="Mine.", metric="profit", contrast=("active", "none"), direction="higher", source="Me."
)


def rows(cells: dict[tuple[str, str], str]) -> pd.DataFrame:
    """A claim's rows from verdicts by market and customers."""
    return pd.DataFrame(
        [
            {"claim": "mine", "market": m, "customers": c, "verdict": v, "on_average": v}
            for (m, c), v in cells.items()
        ]
    )


def grid(verdict: object) -> pd.DataFrame:
    """Two markets with three mixes; the verdict by `verdict(market, customers)`."""
    return rows({(m, c): verdict(m, c) for m, c in product("AB", "xyz")})  # type: ignore[operator]


@pytest.mark.parametrize(
    ("low", "high", "sign", "expected"),
    [
        (0.1, 2.0, 1, "held"),
        (0.1, 2.0, -1, "failed"),
        (-2.0, -0.1, 1, "failed"),
        (-2.0, -0.1, -1, "held"),
        (-0.1, 2.0, 1, "undecided"),
        (0.0, 2.0, 1, "undecided"),
        (0.0, 0.0, -1, "undecided"),
        (None, None, 1, "undecided"),
    ],
)
def test_a_case_is_decided_where_the_interval_leaves_0_out(
    low: float | None, high: float | None, sign: int, expected: str
) -> None:
    assert verdict_of(low, high, sign) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["held", "held"], "held"),
        (["held", "undecided", "undefined"], "held"),
        (["failed", "undecided", "not run"], "failed"),
        (["held", "failed", "undecided"], "depends on"),
        (["undecided", "undefined"], "undecided"),
        (["undefined", "not run"], "not judged"),
        ([], "not judged"),
    ],
)
def test_over_all_cases(found: list[str], expected: str) -> None:
    assert overall(found) == expected


def test_what_a_claim_depends_on_keeps_the_cases_apart() -> None:
    assert depends_on(grid(lambda m, c: "held" if m == "A" else "failed")) == "market"
    assert depends_on(grid(lambda m, c: "held" if c == "x" else "failed")) == "customers"
    assert depends_on(grid(lambda m, c: "held" if (m == "A") == (c == "x") else "failed")) == "neither alone"
    assert depends_on(rows({("A", "x"): "held", ("B", "y"): "failed"})) == "market or customers"
    assert depends_on(grid(lambda m, c: "held" if m == "A" else "undecided")) == ""
    mixed = grid(lambda m, c: "undecided" if c == "z" else "held" if m == "A" else "failed")
    assert depends_on(mixed) == "market"


def test_counts_and_chance_of_a_claim() -> None:
    cells = grid(lambda m, c: "undefined" if (m, c) == ("B", "z") else "held" if c == "x" else "undecided")
    (row,) = verdicts([CLAIM], cells).to_dict(orient="records")
    assert (row["verdict"], row["depends_on"]) == ("held", "")
    assert [row[n] for n in ("held", "failed", "undecided", "undefined", "not_run")] == [2, 0, 3, 1, 0]
    none, one = (1 - ONE_SIDE) ** 5, 5 * ONE_SIDE * (1 - ONE_SIDE) ** 4
    assert_allclose(row["chance"], 1 - none - one, rtol=1e-9)
    assert_allclose(by_chance(cells), 0.05 * 5)
    either = verdicts([CLAIM], grid(lambda m, c: "failed" if (m, c) == ("A", "x") else "held"))
    assert either["verdict"].item() == "depends on"
    assert_allclose(either["chance"].item(), 1 - (1 - ONE_SIDE) ** 6, rtol=1e-9)
    assert np.isnan(verdicts([CLAIM], grid(lambda m, c: "undecided"))["chance"].item())


@pytest.mark.parametrize("spread", [0.0, 2.0], ids=["markets alike", "markets differ"])
def test_without_a_difference_no_more_is_decided_than_chance_allows(spread: float) -> None:
    """Luck alone decides 5 % of cells on average over the draws; the range over plausible markets at most as many."""
    cells, draws, replicates = 4000, 6, 4
    random = np.random.default_rng(5)
    own = random.normal(size=(cells, draws, 1))
    values = spread * (own - own.mean(axis=1, keepdims=True)) + random.normal(size=(cells, draws, replicates))
    found = estimate(values)
    error = np.sqrt(0.05 * 0.95 / cells)
    average = [verdict_of(a, b, 1) for a, b in zip(found.luck_low, found.luck_high, strict=True)]
    sides = [average.count(side) / cells for side in ("held", "failed")]
    assert_allclose(sides, ONE_SIDE, atol=4 * error)
    markets = [verdict_of(a, b, 1) for a, b in zip(found.low, found.high, strict=True)]
    assert 1 - markets.count("undecided") / cells <= 0.05 + 4 * error
