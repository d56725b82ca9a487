"""Who was referred, and whether the friend is still there, is remembered from the pulse of joining on."""

from agents.columns import NONE, B, C, S
from agents.miniature import warm
from experiments.facts.referred import Joiners
from sim.marketplace import Pulse

NOT_REFERRED, REFERRED, ABANDONED = 0, 1, 2


def test_a_friend_counts_from_joining_until_it_goes_to_another_or_leaves_the_market() -> None:
    model = warm({"customers": 60})
    arrays = model.world.arrays
    j, i, other, alone = 5, 7, 11, 13
    arrays.codes[C.PROVIDER, [i, other]] = 0
    arrays.codes[C.PROVIDER, [j, alone]] = NONE
    joiners = Joiners(model)

    def group() -> tuple[int, int]:
        joiners(Pulse(1, 7.0, 7.0))
        return int(joiners.group[j]), int(joiners.group[alone])

    assert group() == (NONE, NONE)
    arrays.codes[C.PROVIDER, [j, alone]] = 0
    arrays.state[S.JOINED, [j, alone]] = 14.0
    arrays.codes[C.REFERRED, j], arrays.bonds[B.RECOMMENDER, [j, alone]] = 1, i
    assert group() == (REFERRED, NOT_REFERRED), "advice that led nowhere refers nobody"
    arrays.bonds[B.RECOMMENDER, j] = other
    arrays.codes[C.PROVIDER, other] = NONE
    assert group() == (REFERRED, NOT_REFERRED), "later advice of somebody else changes nothing"
    arrays.codes[C.PROVIDER, i] = 1
    assert group() == (ABANDONED, NOT_REFERRED)
    arrays.codes[C.PROVIDER, i] = 0
    assert group() == (REFERRED, NOT_REFERRED)
    arrays.codes[C.GENERATION, i] += 1
    assert group() == (NOT_REFERRED, NOT_REFERRED), "who lives at its address now is no friend"
    exits = joiners.exits.copy()
    arrays.codes[C.PROVIDER, alone] = 1
    assert group() == (NOT_REFERRED, NOT_REFERRED)
    assert (joiners.exits - exits).tolist() == [1.0, 0.0, 0.0]
    assert joiners.weeks[REFERRED] == 3.0
    assert joiners.weeks[ABANDONED] == 1.0
