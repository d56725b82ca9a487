"""The desk against SimPy, against a plain simulation of the rules, against Erlang, and against itself cut otherwise."""

import heapq
import math
import pickle
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from sim import threads
from sim.desk import Desks
from sim.shifts import MICRO_MINUTES, Shifts
from sim.tickets import BACKGROUND, ORDINARY, TICKET, Background, Ended, Tickets, make_tickets

Row = tuple[int, int, int, float, float, float]  # the columns of TICKET
Outcome = tuple[float, float, bool]  # wait, end, abandoned


def opened(shifts: Shifts, teams: int = 1) -> Desks:
    """One desk alone."""
    desk = Desks()
    desk.open(shifts, teams)
    return desk


def step(
    desk: Desks, day0: float, day1: float, tickets: Tickets, background: Background | None = None
) -> Ended:
    """What ended in a pulse of one desk alone."""
    ended, ends = desk.step(day0, day1, tickets, np.array([0, tickets.size]), background)
    assert ends.tolist() == [0, ended.size]
    return ended


def work_through(desk: Desks, tickets: Tickets, cuts: Sequence[float]) -> Ended:
    """What ended, over the pulses between the cuts."""
    ended = []
    for day0, day1 in pairwise(cuts):
        now = (tickets["arrival"] >= day0) & (tickets["arrival"] < day1)
        ended.append(step(desk, day0, day1, tickets[now]))
    return np.concatenate(ended)


def by_customer(ended: Ended) -> dict[int, Outcome]:
    columns = (ended[name].tolist() for name in ("id", "wait", "end", "abandoned"))
    rows = {number: (wait, end, bool(abandoned)) for number, wait, end, abandoned in zip(*columns)}
    assert len(rows) == ended.size, "a ticket ended twice"
    return rows


def random_tickets(
    seed: int, n: int, days: float, service: float, patience: float = math.inf, teams: int = 1
) -> Tickets:
    """Customers 0, 1, ... in the order of arrival, every fourth ticket from the background, three classes."""
    rng = np.random.default_rng(seed)
    ids = np.where(rng.random(n) < 0.25, BACKGROUND, np.arange(n))
    waits = rng.exponential(patience, n) if patience < math.inf else patience
    return make_tickets(
        ids,
        np.sort(rng.random(n) * days),
        rng.exponential(service, n),
        waits,
        rng.choice(3, n, p=[0.2, 0.3, 0.5]),
        rng.integers(0, teams, n),
    )


# --- against SimPy -----------------------------------------------------------------------------------


def simpy_waits(tickets: Tickets, people: int) -> dict[int, float]:
    environment = simpy.Environment()
    desk = simpy.PriorityResource(environment, people)
    waits: dict[int, float] = {}

    def customer(row: Row) -> Iterable[simpy.Event]:
        number, _, priority, arrival, service, _ = row
        yield environment.timeout(arrival)
        with desk.request(priority=priority) as turn:
            yield turn
            waits[number] = environment.now - arrival
            yield environment.timeout(service)

    for row in tickets.tolist():
        environment.process(customer(row))  # type: ignore[arg-type]
    environment.run()
    return waits


def assert_same_waits_as_simpy(tickets: Tickets, people: int) -> None:
    desk = opened(Shifts.always(people))
    horizon = float(tickets["arrival"].max() + tickets["service"].sum() + 1.0)
    outcome = by_customer(step(desk, 0.0, horizon, tickets))
    expected = simpy_waits(tickets, people)
    assert outcome.keys() == expected.keys()
    assert max(abs(outcome[number][0] - wait) for number, wait in expected.items()) <= 1e-9
    assert not any(abandoned for _, _, abandoned in outcome.values())


@pytest.mark.parametrize(("people", "load"), [(1, 0.5), (1, 0.95), (4, 0.9), (20, 0.97), (7, 1.3)])
def test_waits_equal_simpys_priority_resource(people: int, load: float) -> None:
    n, days = 1_500, 10.0
    tickets = random_tickets(people, n, days, load * people * days / n)
    tickets["id"] = np.arange(n)
    assert_same_waits_as_simpy(tickets, people)


@given(
    people=st.integers(1, 3),
    marks=st.lists(
        st.tuples(st.integers(0, 16), st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=25
    ),
)
def test_waits_equal_simpys_in_small_crowds(people: int, marks: list[tuple[int, int, int]]) -> None:
    # Simultaneous events are SimPy's own affair, so that no two times are equal here.
    number = np.arange(1, len(marks) + 1)
    arrivals = np.array([mark[0] / 8 for mark in marks]) + number * math.sqrt(2) * 1e-5
    services = np.array([mark[1] / 8 for mark in marks]) + number * math.sqrt(3) * 1e-6
    assert_same_waits_as_simpy(
        make_tickets(number, arrivals, services, math.inf, [m[2] for m in marks]), people
    )


# --- against a plain simulation of the rules ---------------------------------------------------------

FREE, CHANGE, ARRIVAL, PATIENCE = range(4)


class PlainDesk:
    """The rules, one event after the other: every end of a patience is an event, every queue a heap."""

    def __init__(self, tickets: list[Row], changes: list[tuple[float, int]]) -> None:
        self.tickets = tickets
        self.events: list[tuple[float, int, int]] = [(day, CHANGE, staff) for day, staff in changes]
        self.events += [(row[3], ARRIVAL, k) for k, row in enumerate(tickets)]
        self.events += [(row[3] + row[5], PATIENCE, k) for k, row in enumerate(tickets) if row[5] < math.inf]
        heapq.heapify(self.events)
        self.queue: list[tuple[int, float, int, float, float, int]] = []
        self.busy = self.staff = 0
        self.outcome: dict[int, Outcome] = {}

    def run(self, until: float) -> dict[int, Outcome]:
        """Outcome by position of the ticket, for those that ended."""
        while self.events and self.events[0][0] < until:
            now = self.events[0][0]
            leaving = []
            while self.events and self.events[0][0] == now:
                _, kind, value = heapq.heappop(self.events)
                if kind == PATIENCE:
                    leaving.append(value)
                else:
                    self.handle(kind, value)
                if not (self.events and self.events[0][0] == now and self.events[0][1] < PATIENCE):
                    self.take(now)  # a ticket of no work makes its person free at this very instant
            for k in leaving:
                if k not in self.outcome:
                    self.outcome[k] = (self.tickets[k][5], now, True)
        return self.outcome

    def handle(self, kind: int, value: int) -> None:
        if kind == FREE:
            self.busy -= 1
        elif kind == CHANGE:
            self.staff = value
        else:
            number, _, priority, arrival, service, patience = self.tickets[value]
            heapq.heappush(self.queue, (priority, arrival, number, service, patience, value))

    def take(self, now: float) -> None:
        while self.queue and self.busy < self.staff:
            k = heapq.heappop(self.queue)[-1]
            if k not in self.outcome:
                arrival, service = self.tickets[k][3:5]
                self.outcome[k] = (now - arrival, now + service, False)
                self.busy += 1
                heapq.heappush(self.events, (now + service, FREE, 0))


# Eighths of a day make simultaneous events common; the others make them rare.
TIMES = st.one_of(st.integers(0, 8 * 16 - 1).map(lambda k: k / 8), st.floats(0.0, 15.99))
SPANS = st.one_of(st.integers(0, 24).map(lambda k: k / 8), st.floats(0.0, 3.0))
HORIZON = 16.0


@st.composite
def rosters(draw: st.DrawFn) -> Shifts:
    edges = sorted(draw(st.sets(st.integers(1, 7 * 8 - 1), max_size=5)))
    staff = draw(st.lists(st.integers(0, 3), min_size=len(edges) + 1, max_size=len(edges) + 1))
    return Shifts((0.0, *(edge / 8 for edge in edges)), tuple(staff))


@st.composite
def crowds(draw: st.DrawFn) -> list[Row]:
    rows = st.tuples(
        st.booleans(), st.integers(0, 1), st.integers(0, 2), TIMES, SPANS, st.one_of(SPANS, st.just(math.inf))
    )
    drawn = draw(st.lists(rows, max_size=40))
    numbers = draw(st.permutations(range(len(drawn))))
    return [(number if real else BACKGROUND, *row) for number, (real, *row) in zip(numbers, drawn)]


def table_changes(table: Shifts, start: float, end: float) -> list[tuple[float, int]]:
    """Read off the weekly table, independently of the product: in force at the start, then each row of each week."""
    rows = [(7.0 * week + day, staff) for week in range(4) for day, staff in zip(table.starts, table.staff)]
    in_force = [staff for day, staff in rows if day <= start][-1]
    return [(start, in_force)] + [(day, staff) for day, staff in rows if start < day < end]


@given(
    crowd=crowds(),
    teams=st.integers(1, 2),
    tables=st.tuples(rosters(), rosters()),
    moved=st.one_of(st.none(), TIMES.filter(lambda day: day > 0)),
    cuts=st.sets(TIMES.filter(lambda day: day > 0), max_size=4),
)
def test_outcomes_equal_a_plain_simulation_of_the_rules(
    crowd: list[Row], teams: int, tables: tuple[Shifts, Shifts], moved: float | None, cuts: set[float]
) -> None:
    crowd = [(row[0], row[1] % teams, *row[2:]) for row in crowd]
    desk = opened(tables[0], teams)
    if moved is not None:
        desk.set_shifts(tables[1], moved)
    change = HORIZON if moved is None else moved
    changes = table_changes(tables[0], 0.0, change) + table_changes(tables[1], change, HORIZON)
    expected: dict[int, Outcome] = {}
    still: list[int] = []
    ends: list[bool] = []
    for team in range(teams):
        own = [row for row in crowd if (row[0] % teams if row[0] >= 0 else row[1]) == team]
        outcome = PlainDesk(own, changes).run(HORIZON)
        expected |= {own[k][0]: end for k, end in outcome.items() if own[k][0] >= 0}
        still += [row[0] for k, row in enumerate(own) if k not in outcome]
        ends += [end[2] for end in outcome.values()]

    got = by_customer(work_through(desk, np.array(crowd, TICKET), [0.0, *sorted(cuts), HORIZON]))
    assert got.keys() == expected.keys()
    for number, end in expected.items():
        assert got[number] == pytest.approx(end, abs=1e-9, rel=0), number
    assert sorted(desk.state.waiting["id"].tolist()) == sorted(still)
    assert (desk.counts().served, desk.counts().abandoned) == (ends.count(False), ends.count(True))


@pytest.mark.parametrize("patience", [0.02, 0.3])
def test_a_busy_fortnight_equals_the_plain_simulation(patience: float) -> None:
    table = Shifts.hours(6, 8, 20, range(6)) + Shifts.hours(3, 10, 14)
    tickets = random_tickets(3, 3_000, 14.0, 0.02, patience)
    rows: list[Row] = tickets.tolist()
    plain = PlainDesk(rows, table_changes(table, 0.0, 14.0)).run(14.0)
    desk = opened(table)
    ended = step(desk, 0.0, 14.0, tickets)
    np.testing.assert_array_equal(ended["priority"], tickets["priority"][ended["id"]])
    np.testing.assert_array_equal(
        ended["service"], np.where(ended["abandoned"], 0.0, tickets["service"][ended["id"]])
    )
    got = by_customer(ended)
    assert got == {rows[k][0]: end for k, end in plain.items() if rows[k][0] != BACKGROUND}
    assert min(desk.counts().served, desk.counts().abandoned) > 300


# --- against queueing theory -------------------------------------------------------------------------


def erlang_c(load: float, people: int) -> float:
    """Probability of waiting in M/M/c, by the recursion of Erlang's B."""
    blocked = 1.0
    for k in range(1, people + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1.0 - load / people * (1.0 - blocked))


@pytest.mark.parametrize(("people", "use"), [(1, 0.7), (5, 0.85), (30, 0.9)])
@pytest.mark.parametrize("shares", [(1.0,), (0.3, 0.7)])
def test_mean_waits_agree_with_erlang_c(people: int, use: float, shares: tuple[float, ...]) -> None:
    """By class (Cobham 1954, one service law): W = C s / c / ((1 - use of more urgent) (1 - use up to this class))."""
    n, service, repeats, warm = 40_000, 0.01, 40, 5_000
    rate = use * people / service
    rng = np.random.default_rng(people)
    means = np.empty((repeats, len(shares)))
    for repeat in range(repeats):
        arrivals = np.cumsum(rng.exponential(1.0 / rate, n))
        classes = rng.choice(len(shares), n, p=shares)
        tickets = make_tickets(np.arange(n), arrivals, rng.exponential(service, n), math.inf, classes)
        ended = step(opened(Shifts.always(people)), 0.0, float(arrivals[-1]) + 100.0, tickets)
        old = ended["id"] >= warm
        kind = classes[ended["id"]]
        means[repeat] = [ended["wait"][old & (kind == k)].mean() for k in range(len(shares))]
    before = np.concatenate([[0.0], np.cumsum(shares)]) * use
    expected = erlang_c(use * people, people) * service / people / ((1 - before[:-1]) * (1 - before[1:]))
    error = means.std(axis=0, ddof=1) / math.sqrt(repeats)
    assert np.all(np.abs(means.mean(axis=0) - expected) < 3.0 * error)
    assert np.all(error < 0.05 * expected), "too few tickets to tell"


# --- order, time and state ---------------------------------------------------------------------------


def test_first_come_first_served_within_a_class_and_the_urgent_first() -> None:
    tickets = random_tickets(11, 600, 7.0, 0.04, 0.4)
    tickets["id"] = np.arange(600)
    ended = step(opened(Shifts.always(3)), 0.0, 7.0, tickets)
    start = np.full(600, math.inf)
    served = ended[ended["abandoned"] == 0]
    start[served["id"]] = tickets["arrival"][served["id"]] + served["wait"]
    left = np.minimum(start, tickets["arrival"] + tickets["patience"])
    assert np.count_nonzero(served["wait"] > 0) > 100
    for k in np.flatnonzero(start < math.inf):
        waiting = (tickets["arrival"] < start[k] - 1e-9) & (left > start[k] + 1e-9)
        assert not np.any(waiting & (tickets["priority"] < tickets["priority"][k])), (
            "a more urgent one was passed over"
        )
        earlier = (
            waiting
            & (tickets["priority"] == tickets["priority"][k])
            & (tickets["arrival"] < tickets["arrival"][k])
        )
        assert not np.any(earlier), "an earlier one was passed over"


def test_nobody_starts_at_night_and_who_is_at_work_finishes() -> None:
    desk = opened(Shifts.hours(1, 9, 17))
    friday = 4.0
    half_hour = 0.5 / 24
    arrivals = [friday + 16.9 / 24, friday + 16.95 / 24, friday + 20 / 24, 5.5]
    ended = by_customer(
        step(desk, 0.0, 14.0, make_tickets([0, 1, 2, 3], arrivals, half_hour, [1, 9, 0.25, 9]))
    )
    monday = 7.0 + 9 / 24
    assert ended[0] == pytest.approx((0.0, arrivals[0] + half_hour, False))  # until 17:24
    assert ended[1] == pytest.approx((monday - arrivals[1], monday + half_hour, False))
    assert ended[2] == pytest.approx((0.25, arrivals[2] + 0.25, True))
    assert ended[3] == pytest.approx((monday + half_hour - arrivals[3], monday + 2 * half_hour, False))
    assert desk.counts().paid == 2 * 5 * 8 * 60 * 1_000_000
    assert desk.counts().busy == 3 * 30 * 1_000_000


def test_who_is_let_go_finishes_and_who_is_hired_comes_in_idle() -> None:
    desk = opened(Shifts.always(3))
    tickets = make_tickets(
        np.arange(7), [0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.4], [2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0]
    )
    desk.set_shifts(Shifts.always(1), 1.0)
    desk.set_shifts(Shifts.always(4), 6.0)
    ended = work_through(desk, tickets, [0.0, 0.75, 1.5, 5.0])
    # Of three busy people the two who are free first (days 2 and 3) have gone home; the third takes a ticket on day 4.
    assert {n: end[1] for n, end in by_customer(ended).items()} == {0: 2.0, 1: 3.0, 2: 4.0, 3: 9.0}
    ended = work_through(desk, tickets[:0], [5.0, 8.0, 20.0])
    assert {n: end[1] for n, end in by_customer(ended).items()} == {4: 11.0, 5: 11.0, 6: 11.0}
    assert desk.counts().paid == (3 * 1 + 1 * 5 + 4 * 14) * MICRO_MINUTES
    with pytest.raises(ValueError, match="has worked until day 20"):
        desk.set_shifts(Shifts.always(1), 19.0)


def test_the_instant_counts_for_the_customer() -> None:
    """Who is free, who arrives and whose patience ends at one instant: the urgent one is taken, then patience ends."""
    tickets = make_tickets(
        [0, 1, 2, 3], [0.0, 0.25, 0.5, 0.5], [0.5, 0.5, 0.5, 0.0], [9, 0.25, 0.5, 9], [0, 1, 1, 0]
    )
    for cuts in ([0.0, 5.0], [0.0, 0.5, 5.0], [0.0, 0.25, 0.5, 1.0, 5.0]):
        ended = by_customer(work_through(opened(Shifts.always(1)), tickets, cuts))
        # At 0.5 ticket 3 goes first and takes no time, so that 1 is answered as its patience ends; at 1.0 so is 2.
        assert ended == {0: (0, 0.5, False), 3: (0, 0.5, False), 1: (0.25, 1, False), 2: (0.5, 1.5, False)}


def test_how_time_is_cut_and_tickets_are_ordered_changes_nothing() -> None:
    n, days, teams = 6_000, 28.0, 3
    table = Shifts.hours(7, 8, 20, range(6)) + Shifts.always(1)
    tickets = random_tickets(5, n, days, 0.04, 0.8, teams)
    rng = np.random.default_rng(6)
    runs = []
    for cuts in ([0.0, days], np.linspace(0.0, days, 57), [0.0, *np.sort(rng.random(300) * days), days]):
        desk = opened(table, teams)
        desk.set_shifts(Shifts.always(6), 17.3)
        desk.set_shifts(Shifts.always(2), 26.1)
        ended = work_through(desk, rng.permutation(tickets), [float(cut) for cut in cuts])
        runs.append((np.sort(ended, order="id"), desk))
    first, whole = runs[0]
    assert whole.state.waiting.size > 10
    assert whole.state.working.sum() > 3
    assert 100 < whole.counts().abandoned < whole.counts().served
    for ended, desk in runs[1:]:
        np.testing.assert_array_equal(ended, first)
        np.testing.assert_array_equal(desk.state.waiting, whole.state.waiting)
        np.testing.assert_array_equal(desk.state.working, whole.state.working)
        for team, people in enumerate(whole.state.working[0]):
            np.testing.assert_array_equal(
                desk.state.busy[0, team, :people], whole.state.busy[0, team, :people]
            )
        assert desk.counts() == whole.counts()


@pytest.mark.parametrize("teams", [1, 2])
@pytest.mark.parametrize("patience", [math.inf, 0.3])
def test_background_tickets_are_served_alike_as_rows_and_as_columns(teams: int, patience: float) -> None:
    tickets = random_tickets(11, 4_000, 21.0, 0.04 * teams, patience, teams)
    tickets["priority"][tickets["id"] == BACKGROUND] = ORDINARY
    shifts = Shifts.hours(9, 8, 18) + Shifts.hours(3, 9, 13)
    rows, columns = opened(shifts, teams), opened(shifts, teams)
    waited = 0
    for day0, day1 in pairwise([0.0, 6.8, 7.0, 14.5, 21.0]):
        now = tickets[(tickets["arrival"] >= day0) & (tickets["arrival"] < day1)]
        known = step(rows, day0, day1, now)
        theirs = now[now["id"] == BACKGROUND]
        theirs = theirs[np.argsort(theirs["team"], kind="stable")]
        begins = np.searchsorted(theirs["team"], np.arange(teams + 1)).astype(np.int64)[None]
        times = np.array([theirs[name] for name in ("arrival", "service", "patience")])
        told = step(columns, day0, day1, now[now["id"] >= 0], Background(times, begins))
        assert told.tobytes() == known.tobytes()
        assert columns.counts() == rows.counts()
        assert columns.state.waiting.tolist() == rows.state.waiting.tolist()
        waited += rows.counts().waiting
    assert waited > 20
    assert rows.counts().abandoned > 20 or patience == math.inf


def test_every_ticket_ends_once_or_still_waits() -> None:
    n, teams = 4_000, 2
    tickets = random_tickets(8, n, 21.0, 0.05, 0.5, teams)
    desk = opened(Shifts.hours(10, 9, 17), teams)
    ended = work_through(desk, tickets, [0.0, 7.0, 14.0, 21.0])
    waiting = desk.state.waiting
    customers = tickets["id"][tickets["id"] >= 0]
    there = np.concatenate([ended["id"], waiting["id"][waiting["id"] >= 0]])
    np.testing.assert_array_equal(np.sort(there), customers)
    counts = desk.counts()
    assert counts.served + counts.abandoned + counts.waiting == n
    assert counts.waiting == waiting.size > 0
    assert 0 < counts.busy < counts.paid == teams * 3 * 10 * 5 * 8 * 60 * 1_000_000


def test_a_customer_meets_only_its_own_team() -> None:
    calm = random_tickets(2, 400, 7.0, 0.01, math.inf, 2)
    flood = make_tickets(BACKGROUND, np.linspace(0.0, 6.9, 5_000), 0.5, math.inf, 0, 1)
    shifts = Shifts.always(2)
    alone = step(opened(shifts, 2), 0.0, 7.0, calm)
    crowded = step(opened(shifts, 2), 0.0, 7.0, np.concatenate([flood, calm]))
    np.testing.assert_array_equal(crowded[crowded["id"] % 2 == 0], alone[alone["id"] % 2 == 0])
    assert np.count_nonzero(crowded["id"] % 2 == 1) < 10


@pytest.mark.parametrize("count", [1, 3])
def test_desks_do_not_meet(count: int) -> None:
    """Several desks, of different staff and numbers of teams, fare as each does alone, on any number of threads."""
    staff = [Shifts.hours(9, 8, 18), Shifts.always(2) + Shifts.hours(5, 9, 13), Shifts.hours(20, 10, 17)]
    crowd = [random_tickets(20 + n, 2_000, 14.0, 0.05, 0.4, n + 1) for n in range(3)]
    alone = [opened(shifts, n + 1) for n, shifts in enumerate(staff)]
    all_three = Desks()
    for n, shifts in enumerate(staff):
        assert all_three.open(shifts, n + 1) == n
    for desk, number in ((alone[1], 0), (all_three, 1)):
        desk.set_shifts(Shifts.always(12), 9.5, number)
    threads.use(count)
    try:
        for day0, day1 in pairwise([0.0, 5.0, 7.0, 14.0]):
            now = [part[(part["arrival"] >= day0) & (part["arrival"] < day1)] for part in crowd]
            raised = np.cumsum([0, *(part.size for part in now)])
            ended, ends = all_three.step(day0, day1, np.concatenate(now), raised)
            for n, desk in enumerate(alone):
                assert ended[ends[n] : ends[n + 1]].tobytes() == step(desk, day0, day1, now[n]).tobytes()
                assert all_three.counts(n) == desk.counts()
    finally:
        threads.use(1)
    assert min(all_three.counts(n).abandoned for n in range(3)) > 20
    assert max(all_three.counts(n).waiting for n in range(3)) > 0


def test_worlds_forked_from_a_state_are_exact() -> None:
    tickets = random_tickets(9, 3_000, 21.0, 0.05, 0.5, 2)
    desk = opened(Shifts.hours(10, 8, 18), 2)
    desk.set_shifts(Shifts.hours(14, 8, 18), 12.5)
    work_through(desk, tickets, [0.0, 9.6])
    fork = desk.state.copy()
    sent = pickle.loads(pickle.dumps(fork))
    later = [9.6, 14.0, 21.0]
    through = work_through(desk, tickets, later)
    desk.restore(fork)
    desk.set_shifts(Shifts.always(30), 10.0)
    assert work_through(desk, tickets, later).tobytes() != through.tobytes()
    for state in (fork, sent):
        other = opened(Shifts.always(0), 2)
        other.restore(state)
        assert other.state.working.sum() + other.state.waiting.size > 5
        assert work_through(other, tickets, later).tobytes() == through.tobytes()


def test_a_desk_without_people_or_without_tickets() -> None:
    desk = opened(Shifts.always(0))
    ended = step(desk, 0.0, 7.0, make_tickets([0, 1], [1.0, 2.0], 0.1, [3.0, math.inf]))
    assert by_customer(ended) == {0: (3.0, 4.0, True)}
    assert desk.state.waiting["id"].tolist() == [1]
    assert step(desk, 7.0, 7.25, make_tickets([], [], [])).size == 0
    desk.set_shifts(Shifts.always(1), 7.25)
    assert by_customer(step(desk, 7.25, 8.0, np.empty(0, TICKET))) == {1: (5.25, 7.35, False)}


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="a desk has 1 team or more, got 0"):
        opened(Shifts.always(1), 0)
    desk = opened(Shifts.always(1))
    with pytest.raises(ValueError, match=r"after day 0.0 must start there"):
        step(desk, 1.0, 2.0, np.empty(0, TICKET))
    with pytest.raises(ValueError, match=r"needs an arrival in \[0.0, 7.0\)"):
        step(desk, 0.0, 7.0, make_tickets([0, 1], [1.0, 8.0], 0.1))
    assert desk.counts().waiting == 0
