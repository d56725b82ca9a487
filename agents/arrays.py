"""What compiled passes are given: the arrays of one world under one name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.bundles import Bundle
from sim.compiled import inlined
from sim.numeric import Whole

BLOCK = 1024
"""People per block of a pass: what it reads stays near the processor, and work that is done once a block is rare."""


@dataclass(frozen=True, eq=False)
class Arrays(Bundle):
    """The arrays of a world with N people, P providers, G segments and some strategies (tags).

    Attributes:
        traits, state, codes, money: the population's columns, see `agents.columns`.
        crm: float32 [firms with a CRM, len(K), N]; crm_of: int64 [P + 1], the CRM of a provider or -1.
        levers: float32 [P + 1, len(L)]; the last row is for people without a provider.
        plans: float32 [plans, 2]: level and price of each plan relative to the typical price.
        books: int64 [P, G, tags, len(A)], millionths of the currency at the scale of the simulated sample.
        counts: int64 [P + 1, G, len(N)].
        bonds: int32 [len(B), N], slots of other people.
        starts: int64 [N + 1], ties: int32, weights: float32: the network; the ties of i are
            `ties[starts[i] : starts[i + 1]]`. It never changes, and twins share it.
    """

    traits: NDArray[np.float32]
    state: NDArray[np.float32]
    codes: NDArray[np.int8]
    money: NDArray[np.int64]
    crm: NDArray[np.float32]
    crm_of: NDArray[np.int64]
    levers: NDArray[np.float32]
    plans: NDArray[np.float32]
    books: NDArray[np.int64]
    counts: NDArray[np.int64]
    bonds: NDArray[np.int32]
    starts: NDArray[np.int64]
    ties: NDArray[np.int32]
    weights: NDArray[np.float32]


@inlined
def by_place(w: Arrays, lever: Whole, out: NDArray[np.float32]) -> None:
    """Fill `out`, float32 [P + 1], with a lever by provider + 1: place 0 is that of people without a provider."""
    rows = w.levers.shape[0]
    for row in range(rows):
        out[row] = w.levers[row - 1 if row > 0 else rows - 1, lever]
