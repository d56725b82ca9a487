"""Threads: spans cover everybody once, results come in order, and few customers start none."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import threads


@pytest.fixture(autouse=True)
def one_thread_afterwards() -> Iterator[None]:
    yield
    threads.use(1)


@given(size=st.integers(1, 10**7), count=st.integers(1, 64), block=st.sampled_from([1, 512, 1024]))
def test_spans_cover_everybody_once_at_multiples_of_a_block(size: int, count: int, block: int) -> None:
    threads.use(count)
    spans = threads.spans(size, block)
    assert spans[0][0] == 0
    assert spans[-1][1] == size
    assert all(low < high for low, high in spans)
    assert all(before[1] == after[0] and after[0] % block == 0 for before, after in zip(spans, spans[1:]))
    assert 1 <= len(spans) <= max(1, min(count, size // threads.LARGE))


def test_few_customers_start_no_thread() -> None:
    threads.use(8)
    assert threads.spans(2 * threads.LARGE - 1, 512) == [(0, 2 * threads.LARGE - 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    threads.use(count)
    assert threads.together(lambda n: n * n, range(20)) == [n * n for n in range(20)]


def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    def fail(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    threads.use(2)
    with pytest.raises(ValueError, match="three"):
        threads.together(fail, range(5))
