"""Percentage errors."""

import pytest

from experiments.calibration import score


def test_mape_is_the_mean_of_absolute_percentages() -> None:
    assert score.mape([10.0, 20.0], [11.0, 16.0]) == pytest.approx((10 + 20) / 2)


def test_error_keeps_its_sign() -> None:
    assert score.error(200.0, 150.0) == -25.0


@pytest.mark.parametrize(("actual", "predicted"), [([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0])])
def test_refuses_what_cannot_be_compared(actual: list[float], predicted: list[float]) -> None:
    with pytest.raises(ValueError, match=r"allowed|no percentage"):
        score.mape(actual, predicted)
