"""The population: people as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agents.columns import C, S, T, V


@dataclass
class Population:
    """The columns of N people, one slot each; a slot's person changes when the market replaces it.

    Attributes:
        traits: float32 [len(T), N], what they are.
        state: float32 [len(S), N], what changes; hidden from firms.
        codes: int8 [len(C), N], small whole numbers.
        money: int64 [len(V), N], millionths of the currency.
    """

    traits: NDArray[np.float32]
    state: NDArray[np.float32]
    codes: NDArray[np.int8]
    money: NDArray[np.int64]

    @classmethod
    def empty(cls, size: int) -> Self:
        """Columns for `size` people who are not born yet."""
        return cls(
            np.zeros((len(T), size), np.float32),
            np.zeros((len(S), size), np.float32),
            np.zeros((len(C), size), np.int8),
            np.zeros((len(V), size), np.int64),
        )

    def __len__(self) -> int:
        return int(self.codes.shape[1])

    def copy(self) -> Self:
        """The same people again, none of their arrays shared."""
        return type(self)(self.traits.copy(), self.state.copy(), self.codes.copy(), self.money.copy())

    @property
    def provider(self) -> NDArray[np.int8]:
        """Provider of each person, `NONE` for none."""
        numbers: NDArray[np.int8] = self.codes[C.PROVIDER]
        return numbers

    @property
    def segment(self) -> NDArray[np.int8]:
        """Segment of each person."""
        numbers: NDArray[np.int8] = self.codes[C.SEGMENT]
        return numbers
