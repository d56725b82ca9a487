"""Luck: published test vectors of Philox, uniformity, independence of names, occasions and worlds."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from sim.luck import Decision, Luck, bits, exponential, gumbel, philox, uniforms, unit, unit64

KEY = Luck(1, 0).key
WORD = np.uint64(0xFFFFFFFF)


def uniform(
    key: np.uint64 = KEY,
    decision: int = 2,
    people: int = 4000,
    generation: int = 0,
    occasion: int = 5,
    sub: int = 0,
) -> np.ndarray:
    ids = np.arange(people, dtype=np.int32)
    return uniforms(key, decision, ids, np.full(people, generation, np.int8), occasion, sub)


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, 0xFFFFFFFFFFFFFFFF, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_philox_gives_the_published_words(counter: Sequence[int], key: int, words: Sequence[int]) -> None:
    """The known answers that Random123 ships for philox4x32, 10 rounds."""
    c0, c1, c2, c3 = (np.uint64(word) for word in counter)
    assert tuple(int(w) for w in philox(c0, c1, c2, c3, np.uint64(key))) == tuple(words)


def test_a_decision_keeps_its_number() -> None:
    """Numbers are identities: two names for one number would share luck, a changed number would move everybody's."""
    assert len(Decision.__members__) == len({int(decision) for decision in Decision})
    kept = {
        "TRAIT": 1, "LOOK": 2, "CHOICE": 3, "INCIDENT_MARK": 5, "PURCHASE_MARK": 7, "STOCK": 8, "PLAN": 9, "NEED": 10,
        "TICKET": 11, "BACKGROUND": 12, "CONTACT": 13, "TARGET": 14, "SAVE": 15, "SIGNAL": 16, "SAMPLE": 17,
    }  # fmt: skip
    assert {name: int(Decision[name]) for name in kept} == kept


def test_uniform_and_never_at_an_end() -> None:
    assert stats.kstest(uniform(people=20_000), "uniform").pvalue > 0.01
    assert 0.0 < unit(np.uint64(0)) < unit(WORD) < 1.0
    assert 0.0 < unit64(np.uint64(0), np.uint64(0)) < unit64(WORD, WORD) < 1.0
    for noise in (gumbel, exponential):
        assert np.isfinite(noise(unit(np.uint64(0))))
        assert np.isfinite(noise(unit(WORD)))


@pytest.mark.parametrize(
    "other",
    [
        {"key": Luck(2, 0).key},
        {"key": Luck(1, 1).key},
        {"key": Luck(1, 0, "active").key},
        {"decision": 3},
        {"generation": 1},
        {"occasion": 6},
        {"occasion": -1},
        {"sub": 1},
    ],
    ids=["seed", "replicate", "salt", "decision", "generation", "occasion", "before the fork", "sub"],
)
def test_whatever_differs_is_independent(other: dict[str, int]) -> None:
    here, there = uniform(), uniform(**other)  # type: ignore[arg-type]
    assert abs(np.corrcoef(here, there)[0, 1]) < 4.0 / np.sqrt(here.size)
    assert np.mean(here == there) < 0.001


def test_luck_of_a_customer_does_not_depend_on_who_else_asks() -> None:
    alone = uniforms(KEY, 2, np.array([17], np.int32), np.array([0], np.int8), 5, 0)
    assert alone[0] == uniform()[17]
    assert alone[0] == unit(bits(KEY, 2, 17, 0, 5, 0)[0])


def test_seeds_that_look_alike_when_joined_have_different_keys() -> None:
    assert Luck(11, 1).key != Luck(1, 11).key
    assert Luck(1, 0, "a/b").key != Luck(1, 0, "a").key


def test_noise_has_its_distribution() -> None:
    noise = uniform(people=5000)
    assert stats.kstest([gumbel(u) for u in noise], "gumbel_r").pvalue > 0.01
    assert stats.kstest([exponential(u) for u in noise], "expon").pvalue > 0.01
