"""Games whose equilibria are known."""

import numpy as np
import pytest

from experiments.tournament.game import best_replies, equilibria

LUCK = np.random.default_rng(2).normal(size=(1, 1, 10))


def test_the_prisoners_dilemma_has_one_equilibrium() -> None:
    own = np.array([[3.0, 0.0], [5.0, 1.0]])
    one, two = best_replies(own, own.T)
    assert one.tolist() == [[False, False], [True, True]]
    assert two.tolist() == [[False, True], [False, True]]
    (found,) = equilibria(own[:, :, None] + LUCK, own.T[:, :, None] + LUCK)
    assert found.is_pure
    assert (found.own, found.other, found.sure) == ((0.0, 1.0), (0.0, 1.0), 1.0), (
        "common luck changes nothing"
    )


def test_matching_pennies_are_mixed() -> None:
    own = np.array([[1.0, -1.0], [-1.0, 1.0]])[:, :, None] + 0.0 * LUCK
    (found,) = equilibria(own, -own)
    assert not found.is_pure
    assert found.own == pytest.approx((0.5, 0.5))
    assert np.isnan(found.sure)


def test_a_coin_toss_of_an_equilibrium_is_said_to_be_unsure() -> None:
    rng = np.random.default_rng(3)
    own = np.array([[1.0, 1.0], [1.02, 1.02]])[:, :, None] + rng.normal(size=(2, 2, 10))
    found = [one for one in equilibria(own, own.transpose(1, 0, 2)) if one.is_pure]
    assert max(one.sure for one in found) < 0.95
