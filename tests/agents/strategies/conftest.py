"""What tests of strategies share: which rows of a world differ, and who was lost to whom."""

from collections.abc import Callable

import numpy as np
import pytest

from agents.columns import A, B, C, K, L, N, S, T, V
from agents.model import MarketModel

ROWS = {"traits": T, "state": S, "codes": C, "money": V, "bonds": B}
Differing = Callable[[MarketModel, MarketModel], set[str]]
Balance = Callable[[MarketModel, MarketModel], float]


def _rows(left: MarketModel, right: MarketModel) -> set[str]:
    a, b = left.world.arrays, right.world.arrays
    found: set[str] = set()
    for name, rows in ROWS.items():
        unequal = (getattr(a, name) != getattr(b, name)).any(axis=1)
        found |= {rows(int(row)).name for row in np.flatnonzero(unequal)}
    crm = np.flatnonzero((a.crm != b.crm).any(axis=(0, 2)))
    found |= {f"CRM.{K(int(row)).name}" for row in crm}
    found |= {f"LEVER.{L(int(n)).name}" for n in np.flatnonzero((a.levers != b.levers).any(axis=0))}
    counts = np.flatnonzero((a.counts != b.counts).any(axis=(0, 1)))
    found |= {f"COUNT.{N(int(row)).name}" for row in counts}
    books = np.flatnonzero((a.books != b.books).any(axis=(0, 1, 2)))
    return found | {f"BOOK.{A(int(row)).name}" for row in books}


def _balance(with_: MarketModel, without: MarketModel) -> float:
    stayed = [model.world.arrays.codes[C.UNBROKEN] == 1 for model in (with_, without)]
    lost, kept = int((stayed[1] & ~stayed[0]).sum()), int((stayed[0] & ~stayed[1]).sum())
    return (lost - kept) / max(1.0, float(np.sqrt(lost + kept)))


@pytest.fixture
def rows_that_differ() -> Differing:
    """Give the function that names all rows of two worlds' arrays that differ by any bit.

    Traits, states, codes, money and bonds by their names; `CRM.`, `LEVER.`, `COUNT.` and `BOOK.` before the others.
    """
    return _rows


@pytest.fixture
def lost_on_balance() -> Balance:
    """Give the function that counts starters lost in the first world only, less those lost in the second only.

    In standard errors of that difference, as if each such person were a coin.
    """
    return _balance
