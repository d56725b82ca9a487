"""Planted bugs: mistakes that are easily made in a market like this, each with the test that must catch it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """A change of one source file.

    Attributes:
        name: what the mistake is, in words.
        path: the source file.
        right, wrong: the text that stands there, once, and what is planted in its place.
        caught_by: the test that fails then.
        why: how that test sees it.
    """

    name: str
    path: str
    right: str
    wrong: str
    caught_by: str
    why: str


BUGS = (
    Bug(
        "cost on the wrong scenario",
        "agents/world.py",
        "twin.ledger = Ledger(twin.arrays.books, self.ledger.scale)",
        "twin.ledger = self.ledger",
        "tests/experiments/test_assembly.py::test_costs_fall_on_the_scenario_that_causes_them",
        "what a scenario pays is missing in its own ledger",
    ),
    Bug(
        "cost under the wrong strategy",
        "agents/settle.py",
        "pay(provider, request.tag, A.UPFRONT if request.upfront else A.FIXED, request.amount)",
        "pay(provider, 0, A.UPFRONT if request.upfront else A.FIXED, request.amount)",
        "tests/agents/test_settle.py::test_what_is_paid_once_is_booked_once",
        "the books are asked for what the strategy itself spent",
    ),
    Bug(
        "a contact costs nothing",
        "agents/touch.py",
        "w.books[provider, segment, tag, A.CONTACT] += cost",
        "w.books[provider, segment, tag, A.CONTACT] += 0",
        "tests/agents/test_settle.py::test_each_contact_costs_and_weighs_by_its_channel[message-0.01]",
        "contacts times their price are expected in the books",
    ),
    Bug(
        "a discount booked twice",
        "agents/sale.py",
        "w.books[provider, segment, 0, A.REVENUE] += gross",
        "w.books[provider, segment, 0, A.REVENUE] += gross - cut",
        "tests/agents/test_sale.py::test_a_discount_is_one_contra_entry_under_its_tag_until_it_ends",
        "revenue with discounts differs from revenue without: it no longer stays at list",
    ),
    Bug(
        "money discounted once more in each pulse",
        "sim/ledger.py",
        "closed[n] = books[n]\n",
        "closed[n] = 0\n",
        "tests/sim/test_ledger.py::test_each_pulse_is_discounted_by_its_own_factor_and_once",
        "the sum of pulses times their factors is expected",
    ),
    Bug(
        "points kept by a leaver",
        "agents/move.py",
        "    forfeit(w, law, pace, i, provider)\n",
        "",
        "tests/agents/test_move.py::test_points_are_forfeited_and_the_liability_released",
        "leavers with a known balance must leave it in the books as forfeited",
    ),
    Bug(
        "a term one pulse too long",
        "agents/move.py",
        "w.state[S.CONTRACT_END, i] += law.term",
        "w.state[S.CONTRACT_END, i] += law.term + pace.days",
        "tests/agents/test_move.py::test_terms_renew_for_those_who_stay_and_only_then",
        "ends of terms are counted from the first one in whole terms",
    ),
    Bug(
        "two decisions share a stream",
        "agents/choice.py",
        "_PLAN = int(Decision.PLAN)",
        "_PLAN = int(Decision.CHOICE)",
        "tests/agents/test_choice.py::test_everyone_takes_the_best[subscription-False]",
        "an independent computation draws the plan by its own decision",
    ),
    Bug(
        "two events share a word of luck",
        "agents/live.py",
        "luck[3, k] = unit(a), unit(b), unit(c), unit(d)",
        "luck[3, k] = unit(a), unit(a), unit(c), unit(d)",
        "tests/agents/test_independence.py::test_events_of_one_pulse_do_not_go_together",
        "looks and incidents become one: how often they meet is compared with the product of their shares",
    ),
    Bug(
        "noise that is new at every look",
        "agents/choice.py",
        "occasion = window(law, pace, w, i)\n",
        "occasion = np.int64(pace.end)\n",
        "tests/agents/test_choice.py::test_a_second_look_in_the_same_window_meets_the_same_noise",
        "within a memory window a second look must end as the first did",
    ),
    Bug(
        "commitment makes restless",
        "agents/live.py",
        "- law.g_commitment * commitment",
        "+ law.g_commitment * commitment",
        "tests/agents/test_gate.py::test_who_looks[per day]",
        "an independent gate says who looks",
    ),
    Bug(
        "a reference price that never learns",
        "agents/sale.py",
        "w.state[S.REFERENCE_PRICE, i] += (paid - w.state[S.REFERENCE_PRICE, i]) * law.reference_gain",
        "w.state[S.REFERENCE_PRICE, i] += F(0.0)",
        "tests/agents/test_sale.py::test_the_reference_price_learns_by_half_lives",
        "its half-life is counted in purchases",
    ),
    Bug(
        "a new person with the old one's memory",
        "agents/traits.py",
        "    state[:, i] = F(0.0)\n",
        "",
        "tests/agents/test_move.py::test_a_replacement_is_a_new_person_in_the_same_slot",
        "grievance, pressure and commitment of the one who moved away are looked for in the new one",
    ),
    Bug(
        "a replacement who is the same person",
        "agents/move.py",
        "w.codes[C.GENERATION, i] += 1",
        "w.codes[C.GENERATION, i] += 0",
        "tests/agents/test_move.py::test_a_replacement_is_a_new_person_in_the_same_slot",
        "who comes is of the next generation, with traits of its own",
    ),
    Bug(
        "tickets lost at the border of a pulse",
        "sim/desk.py",
        "                state.waited[low : high + 1],\n",
        "                0 * state.waited[low : high + 1],\n",
        "tests/sim/test_desk.py::test_a_desk_without_people_or_without_tickets",
        "who waits when a pulse ends is answered when people come",
    ),
    Bug(
        "a CRM that can be written",
        "agents/crm.py",
        "locked.flags.writeable = False",
        "locked.flags.writeable = True",
        "tests/agents/test_view.py::test_every_column_of_the_crm_is_read_only",
        "writing must raise",
    ),
    Bug(
        "a budget that knows no intensity",
        "agents/settle.py",
        "own.budget * own.intensity * customers",
        "own.budget * customers",
        "tests/agents/test_settle.py::test_a_budget_is_never_passed_in_any_month[3.0]",
        "what a month commits stays below budget times intensity",
    ),
    Bug(
        "equal spend that scales effects and not all of their cost",
        "agents/strategies/placebo.py",
        "self.per_month * self.intensity * view.firm_customers",
        "self.per_month * view.firm_customers",
        "tests/agents/test_scenario.py::test_a_scaled_placebo_costs_its_share",
        "a scenario at a quarter of the intensity must cost a quarter, once and by the month",
    ),
    Bug(
        "scenarios without common luck",
        "experiments/assembly.py",
        "return None if task.paired else Luck(task.seed, task.replicate, name)",
        "return Luck(task.seed, task.replicate, name)",
        "tests/experiments/test_assembly.py::test_a_placebo_moves_nothing_but_money_by_exactly_its_cost",
        "spending without effect must leave every other number as it is, to the bit",
    ),
    Bug(
        "retention of survivors",
        "experiments/measure.py",
        '"retention": ratio(own[..., N.UNBROKEN], starters),',
        '"retention": ratio(own[..., N.UNBROKEN], own[..., N.PRESENT]),',
        "tests/experiments/test_measure.py::test_retention_is_of_all_who_started",
        "stayers are counted by slot among all who were there at the fork",
    ),
    Bug(
        "churn over those who are left",
        "experiments/measure.py",
        "own[..., N.LEFT] + own[..., N.LEFT_INVOLUNTARY], months),",
        "own[..., N.LEFT] + own[..., N.LEFT_INVOLUNTARY], own[..., N.PRESENT] * last.day / DAYS_PER_MONTH),",
        "tests/experiments/test_measure.py::test_churn_counts_all_who_left_over_all_customer_months",
        "the months that leavers were there count, too",
    ),
    Bug(
        "a mean over the runs that survived",
        "experiments/intervals.py",
        "by_replicate = values.mean(axis=-2)\n    return Estimate(by_replicate.mean(axis=-1),",
        "by_replicate = np.nanmean(values, axis=-2)\n    return Estimate(np.nanmean(by_replicate, axis=-1),",
        "tests/experiments/test_intervals.py::test_a_value_undefined_in_one_run_has_no_mean_over_the_others",
        "one undefined run leaves no mean",
    ),
    Bug(
        "an interval over draws in place of lucks",
        "experiments/intervals.py",
        "by_replicate = values.mean(axis=-2)\n    replicates = by_replicate.shape[-1]",
        "by_replicate = values.mean(axis=-1)\n    replicates = by_replicate.shape[-1]",
        "tests/experiments/test_intervals.py::test_the_luck_interval_is_scipys_t_interval",
        "the interval of the means of lucks is computed by another library",
    ),
    Bug(
        "a baseline subtracted unpaired",
        "experiments/summary.py",
        "crossed.values - crossed.values[:, home, None]",
        "crossed.values - crossed.values[:, home, None].mean(axis=(-2, -1), keepdims=True)",
        "tests/experiments/test_summary.py::test_cells_are_the_estimates_of_levels_and_paired_differences",
        "differences are taken run by run before anything is averaged",
    ),
    Bug(
        "a notice on top of the renewal it announces",
        "agents/live.py",
        "* log32(stay))\n        else:\n",
        "* log32(stay))\n        if True:\n",
        "tests/agents/test_gate.py::test_who_looks[per renewal]",
        "an independent gate draws attention once at a renewal",
    ),
    Bug(
        "customers of a term contract as old as if they left on any day",
        "agents/stock.py",
        "if not law.per_renewal:",
        "if law.per_renewal or not law.per_renewal:",
        "tests/agents/test_stock.py::test_terms_end_evenly_however_many_leave_at_their_end",
        "terms of a market at rest end evenly over the year",
    ),
    Bug(
        "a date lost where a run is restarted",
        "sim/marketplace.py",
        "        self._whole += end == whole\n        self.environment.come_to(end)\n",
        "        self._whole += end == whole\n",
        "tests/sim/test_marketplace.py::test_everything_due_up_to_the_end_of_a_pulse_has_happened",
        "what is due on the last day of a pulse has happened when it is over",
    ),
    Bug(
        "leavers who are nowhere",
        "agents/move.py",
        "    w.counts[NONE, segment, N.PRESENT] += 1\n",
        "",
        "tests/agents/test_move.py::test_people_are_conserved[subscription]",
        "who has no provider is counted there, or market shares have the wrong denominator",
    ),
)
