"""Orders found by dealing to bins are the orders that sorting gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.order import by_luck, by_place

LUCK = st.one_of(st.floats(0.0, 1.0, width=32, exclude_max=True), st.sampled_from([0.0, 0.25, 0.5]))


def ids_of(size: int, seed: int) -> NDArray[np.int32]:
    return np.random.default_rng(seed).permutation(5 * size + 1)[:size].astype(np.int32)


@given(luck=st.lists(LUCK, min_size=1, max_size=60), seed=st.integers(0, 5), share=st.floats(0.0, 1.0))
def test_the_first_by_luck_are_those_whom_sorting_puts_first(
    luck: list[float], seed: int, share: float
) -> None:
    drawn, ids = np.array(luck, np.float32), ids_of(len(luck), seed)
    number = max(1, round(share * ids.size))
    assert by_luck(ids, drawn, number).tolist() == np.lexsort((ids, drawn))[:number].tolist()


def test_many_come_in_the_same_order() -> None:
    rng = np.random.default_rng(3)
    for low in (0.0, 0.7):  # Luck of some whose luck was above something is spread over a part.
        luck = rng.uniform(low, 1.0, 30_000).astype(np.float32)
        ids = ids_of(luck.size, 4)
        wanted = np.lexsort((ids, luck))
        for number in (1, 400, 30_000):
            assert by_luck(ids, luck, number).tolist() == wanted[:number].tolist()


@given(slots=st.lists(st.integers(0, 9_999), max_size=80))
def test_by_place_goes_block_by_block_and_leaves_the_order_in_a_block(slots: list[int]) -> None:
    ids = np.array(slots, np.int32)
    wanted = np.argsort(ids // 1024, kind="stable")
    assert by_place(ids, 10_000).tolist() == wanted.tolist()
