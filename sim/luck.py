"""Luck: every random number is a pure function of what it decides, never of the order in which it is asked for.

`bits(luck, decision, customer, generation, occasion, sub)` is Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011,
"Parallel random numbers: as easy as 1, 2, 3") with the counter (customer, generation and sub-index, occasion, decision)
and a key mixed from (seed, replicate). Two worlds that ask for the same decision of the same person on the same
occasion get the same number, whatever else happened in them: that is what makes twin worlds exact.

- A *decision* is a named constant of `Decision`. Its number is its identity: it never changes and is never used twice,
  so adding or renaming a module moves nobody's luck.
- An *occasion* is the number of the pulse, of the renewal or of the memory window; never a running count of events.
- One call yields four 32-bit words; a decision that needs several words of one occasion takes them by lane or by `sub`.

A `salt` other than 0 (the scenario's name, where the experiment says `paired: false`) unpairs the worlds, so that what
pairing is worth can be measured.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.compiled import allocating, inlined
from sim.numeric import F, Whole, log32

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)

_UNIT = F(2.0**-23)
_HALF = F(0.5)


class Decision(IntEnum):
    """What a random number decides. Numbers are identities: append, never renumber."""

    TRAIT = 1
    LOOK = 2
    CHOICE = 3
    INCIDENT = 4
    INCIDENT_MARK = 5
    PURCHASE = 6
    PURCHASE_MARK = 7
    STOCK = 8
    PLAN = 9
    NEED = 10
    TICKET = 11
    BACKGROUND = 12
    CONTACT = 13
    TARGET = 14
    SAVE = 15
    SIGNAL = 16
    SAMPLE = 17
    TASTE = 18
    SPECIAL_CASE = 19
    TIE = 20
    RECOMMEND = 21
    CIRCLE = 22
    INVITE = 23
    ASK = 24
    STAGE = 25
    DRIFT = 26
    TRIAL = 27


@dataclass(frozen=True)
class Luck:
    """The key of one replicate's luck.

    Args:
        seed: the experiment's seed, 0 <= seed < 2**63.
        replicate: which of the experiment's lucks, 0, 1, ...
        salt: a text that unpairs worlds; empty for paired worlds.
    """

    seed: int
    replicate: int
    salt: str = ""

    @property
    def key(self) -> np.uint64:
        """64 bits mixed from seed, replicate and salt by SHA-256."""
        text = f"tenure-luck/{self.seed}/{self.replicate}/{self.salt}".encode()
        return np.uint64(int.from_bytes(hashlib.sha256(text).digest()[:8], "little"))


@inlined
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, key: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Philox4x32-10: four 32-bit words, held in 64-bit lanes, from a 128-bit counter and a 64-bit key."""
    k0 = key & _MASK
    k1 = key >> _32
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        n0 = (p1 >> _32) ^ c1 ^ k0
        n2 = (p0 >> _32) ^ c3 ^ k1
        c1 = p1 & _MASK
        c3 = p0 & _MASK
        c0 = n0
        c2 = n2
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@inlined
def bits(
    key: np.uint64, decision: Whole, customer: Whole, generation: Whole, occasion: Whole, sub: Whole
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four words of luck for a decision.

    Counter: c0 = customer, c1 = generation (low 16 bits) and sub-index (high 16), c2 = occasion, c3 = decision.
    """
    return philox(
        np.uint64(customer) & _MASK,
        (np.uint64(generation) & np.uint64(0xFFFF)) | ((np.uint64(sub) & np.uint64(0xFFFF)) << np.uint64(16)),
        np.uint64(np.int64(occasion)) & _MASK,
        np.uint64(decision),
        key,
    )


@inlined
def unit(word: np.uint64) -> np.float32:
    """A word as a uniform number in (0, 1): 23 bits, centred, so that neither end is ever reached."""
    return F((F(np.int32(word >> np.uint64(9))) + _HALF) * _UNIT)


@inlined
def unit64(high: np.uint64, low: np.uint64) -> float:
    """Two words as a uniform number in (0, 1) with 52 bits."""
    return (np.float64((high << np.uint64(20)) | (low >> np.uint64(12))) + 0.5) * 2.0**-52


@inlined
def gumbel(u: np.float32) -> np.float32:
    """Standard Gumbel noise from a uniform number: -log(-log u)."""
    return F(-log32(-log32(u)))


@inlined
def exponential(u: np.float32) -> np.float32:
    """Standard exponential from a uniform number: -log u."""
    return F(-log32(u))


@allocating
def uniforms(
    key: np.uint64,
    decision: int,
    customers: NDArray[np.int32],
    generations: NDArray[np.int8],
    occasion: int,
    sub: int,
) -> NDArray[np.float32]:
    """One uniform number for each of some customers, float32 of their shape."""
    out = np.empty(customers.size, np.float32)
    for n in range(customers.size):
        out[n] = unit(bits(key, decision, customers[n], generations[n], occasion, sub)[0])
    return out
