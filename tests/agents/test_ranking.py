"""Ranking: the order is the one that sorting everybody would give."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.ranking import _of_many, foremost


@given(
    marks=st.lists(st.tuples(st.sampled_from([-1.5, 0.0, 2.0]), st.integers(0, 5)), max_size=30),
    number=st.integers(0, 35),
)
def test_the_foremost_stand_in_the_order_of_score_luck_and_slot(
    marks: list[tuple[float, int]], number: int
) -> None:
    ids = np.random.default_rng(len(marks)).permutation(100)[: len(marks)].astype(np.int32)
    scores = np.array([score for score, _ in marks], np.float64)
    luck = np.array([fall / 6.0 for _, fall in marks], np.float32)
    plainly = sorted(range(len(marks)), key=lambda n: (-scores[n], luck[n], ids[n]))[:number]
    assert foremost(ids, scores, luck, number).tolist() == ids[plainly].tolist()
    if plainly:
        assert _of_many(ids, scores, luck, number).tolist() == ids[plainly].tolist()


def test_many_are_put_in_the_same_order_as_few() -> None:
    rng = np.random.default_rng(5)
    ids = rng.permutation(20_000)[:9_000].astype(np.int32)
    scores, luck = rng.integers(0, 40, 9_000).astype(np.float64), rng.random(9_000, dtype=np.float32)
    plainly = np.lexsort((ids, luck, -scores))
    for number in (1, 100, 1_500, 9_000, 10_000):
        assert foremost(ids, scores, luck, number).tolist() == ids[plainly[:number]].tolist()
