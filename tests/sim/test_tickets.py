"""Tickets: the order in which they stand in line, whatever order they come in."""

import numpy as np
import pytest

from sim.tickets import BACKGROUND, TICKET, Tickets, first_wrong, line_up, make_tickets, merged

NONE = np.empty(0, TICKET)


def lined_up_plainly(tickets: Tickets, teams: int) -> list[tuple[float, ...]]:
    def place(row: tuple[float, ...]) -> tuple[float, ...]:
        customer, team, priority, arrival, *rest = row
        return (customer % teams if customer >= 0 else team, arrival, customer, priority, *rest)

    return sorted((tuple(row) for row in tickets.tolist()), key=place)


@pytest.mark.parametrize("instants", [1, 3, 10**9])
@pytest.mark.parametrize("teams", [1, 3])
def test_the_line_is_sorted_by_team_arrival_and_id(instants: int, teams: int) -> None:
    rng = np.random.default_rng(instants + teams)
    n = 3_000
    arrivals = 14.0 + 7.0 * rng.integers(0, instants, n) / instants
    ids = np.where(rng.random(n) < 0.3, BACKGROUND, rng.integers(0, 500, n))
    few = rng.integers(0, 2, (3, n))  # many ties: what is equal in one column is told apart by the next
    team = np.where(ids >= 0, 0, rng.integers(0, teams, n))
    tickets = make_tickets(ids, arrivals, few[0], few[1], few[2], team)
    line, first = line_up(NONE, tickets, 14.0, 21.0, teams)
    assert line.tolist() == lined_up_plainly(tickets, teams)
    team = np.where(line["id"] >= 0, line["id"] % teams, line["team"])
    assert first.tolist() == [*np.searchsorted(team, np.arange(teams)), n]


def test_who_was_carried_over_stands_in_front() -> None:
    carried = make_tickets([4, 6, 1], [1.0, 2.0, 0.5], 0.1)  # by team: 4 and 6, then 1
    new = make_tickets([3, 2, 5], [8.0, 7.0, 7.0], 0.1)
    line, first = line_up(carried, new, 7.0, 14.0, 2)
    assert line["id"].tolist() == [4, 6, 2, 1, 5, 3]
    assert first.tolist() == [0, 3, 6]


def test_two_lines_become_one() -> None:
    rng = np.random.default_rng(3)
    for sizes in ((40, 25), (0, 7), (7, 0)):
        one, other = (
            line_up(NONE, make_tickets(rng.integers(0, 90, n), rng.integers(0, 9, n) / 9, 0.1), 0.0, 1.0, 3)[
                0
            ]
            for n in sizes
        )
        assert merged(one, other, 3).tolist() == lined_up_plainly(np.concatenate([one, other]), 3)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("arrival", 7.0),
        ("arrival", -0.001),
        ("arrival", np.nan),
        ("service", -1.0),
        ("service", np.inf),
        ("service", np.nan),
        ("patience", -1.0),
        ("patience", np.nan),
        ("priority", 8),
        ("priority", -1),
        ("id", -2),
        ("team", 2),
    ],
)
def test_the_first_impossible_ticket_is_found(column: str, value: float) -> None:
    """Of two desks, the second of which has two teams."""
    tickets = make_tickets(
        [0, 5, BACKGROUND, 3], [0.0, 6.9, 1.0, 2.0], 0.0, [0.0, np.inf, 1.0, 1.0], 7, [0, 0, 1, 1]
    )
    begins, teams = np.array([0, 2, 4]), np.array([1, 2])
    assert first_wrong(tickets, begins, 0.0, 7.0, teams) == -1
    assert first_wrong(tickets, begins, 0.0, 7.0, teams[::-1].copy()) == 2
    tickets[column][2] = value
    assert first_wrong(tickets, begins, 0.0, 7.0, teams) == 2
