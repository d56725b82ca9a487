"""What befalls a person in one pulse has its own luck each: events meet as often as their shares say, not more."""

from itertools import combinations

import numpy as np

from agents.columns import NONE, C, T, X
from agents.miniature import FAMILY, ISOLATED, warm
from sim.marketplace import Pulse

PULSES = 4
PEOPLE = 600
SURE = 4.5
"""Standard errors that a count may be away from what is expected."""


def test_events_of_one_pulse_do_not_go_together() -> None:
    """Looks, incidents and changes of need, of people whom nothing moves to look but their attention."""
    changes = {
        **ISOLATED, "customers": PEOPLE, "gate.g_grievance": 0.0, "gate.g_dissatisfaction": 0.0,
        "gate.g_commitment": 0.0, "gate.p_advert": 0.0, "gate.attention": 0.05, "people.involuntary": 0.0,
        "people.need_change": 10.0, "service.friction": 1.0, "service.novelty": 0.0, "service.doubt": 0.0,
        "service.failure": 0.0,
    }  # fmt: skip
    people = {**FAMILY, "attention": 1.0, "voice": 1.0}
    world = warm(changes, people=people).world
    own = world.arrays.codes[C.PROVIDER] != NONE
    assert np.ptp(world.arrays.traits[T.ATTENTION]) == 0.0
    events = np.zeros((3, PULSES, PEOPLE), np.bool_)
    for n in range(PULSES):
        need = world.arrays.traits[T.NEED].copy()
        tickets, lookers, _ = world.live_and_look(world.pace(Pulse(n, 7.0 * n, 7.0)))
        for event, ids in zip(
            events[:, n], (lookers, tickets[X.CUSTOMER], np.flatnonzero(world.arrays.traits[T.NEED] != need))
        ):
            event[np.asarray(ids, np.int64)] = True
    found = events[:, :, own].reshape(3, -1)
    shares = found.mean(axis=1)
    assert ((shares > 0.1) & (shares < 0.5)).all(), shares
    for one, other in combinations(range(3), 2):
        both, expected = (found[one] & found[other]).mean(), shares[one] * shares[other]
        error = np.sqrt(expected * (1.0 - shares[one]) * (1.0 - shares[other]) / found.shape[1])
        assert abs(both - expected) < SURE * error, (one, other, both, expected)
