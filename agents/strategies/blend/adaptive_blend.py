"""Adaptive blend: try, learn, shift the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.learning.bandit import Belief, Estimate, lift_estimate, shares, shrunk
from agents.learning.segments import OBSERVED_SEGMENTS
from agents.learning.trials import SEGMENTS, Believed, Snapshot, Trials
from agents.strategies.blend.blend import Blend
from agents.strategies.strategy import Calendar
from sim.quantities import DAYS_PER_MONTH, quantity

if TYPE_CHECKING:
    from agents.view import ProviderView

_WEEK = 7.0 / DAYS_PER_MONTH
_DRAWS = 16


@dataclass(frozen=True, kw_only=True)
class AdaptiveBlend(Blend):
    """Shares a budget among its tactics by what it learns from experiments on its own customers.

    Mechanism: that of its tactics. At each review it compares customers who got a tactic with randomised holdouts in
    each observed segment (customers of a staged release with the others; fortnights with more staff with those
    without), draws segments to their common mean as far as they do not differ, updates normal beliefs about the net
    gain per unit of money, lets what it knew fade, and shares out the next quarter's budget by Thompson sampling with a
    floor of exploration. It sees what the firm sees, never a state.

    Costs: those of its tactics, holdouts and floors included: what is known to work is withheld from some, what is
    believed useless is tried on some.

    Fails: too little data for effects of a point or so; quarters are short for effects that come late, and programmes
    that customers keep blur the comparison; where tastes stand still a fixed blend, once found, does as well.

    Sources: Thompson 1933; Russo et al. 2018 (a tutorial on Thompson sampling); Ascarza 2018 on experiments for
    retention. No published trial of an adaptive mix of retention tactics was found.
    """

    rations: ClassVar[bool] = True

    every: float = quantity("months", 1.0, 24.0, "Time between reviews.")
    spend: float = quantity("currency per customer of the firm and month", 0.0, 1e4, "Budget to share out.")
    holdout: float = quantity("share", 0.01, 0.5, "Customers of a segment from whom a tactic is withheld.")
    floor: float = quantity("share of the budget", 0.0, 0.1, "Exploration that each tactic gets in any case.")
    keeps: float = quantity("share", 0.0, 1.0, "Weight of what was known before, after a review.")
    doubt: float = quantity(
        "currency per currency", 0.01, 100.0, "Standard deviation of the gain per unit of money at first."
    )
    horizon: float = quantity("months", 0.0, 60.0, "Months of margin that a stay is taken to be worth.")

    @property
    def learns(self) -> bool:
        """It does."""
        return True

    def set_up(self, view: ProviderView) -> None:
        """Nothing stays pulled but what the tactics pull themselves."""

    def calendar(self, view: ProviderView) -> Calendar:
        """Review at the start and whenever `every` is over; note the weeks, and toss for the desk each fortnight."""
        trials = view.memory(Trials)
        if trials.snapshot is None:
            self._review(view, trials)
            self._toss(view, trials)
        while True:
            yield view.next_date(_WEEK, eve=True)
            months = (view.day + 0.25 - view.state["launched"]) / DAYS_PER_MONTH
            trials.week(view.crm, self._on(view))
            if int(months / self.every + 1e-6) > int(view.state["reviews"]) - 1:
                self._review(view, trials)
            if round(months / _WEEK) % 2 == 0:
                self._toss(view, trials)

    def _review(self, view: ProviderView, trials: Trials) -> None:
        """Learn from the time since the last review, and share out the budget until the next."""
        view.state["reviews"] = view.state.get("reviews", 0.0) + 1.0
        names = tuple(self.tactics)
        belief = trials.belief or Belief.prior(len(names), SEGMENTS, 0.0, self.doubt**2)
        costs = np.array([view.spent(name) for name in names])
        if trials.snapshot is not None:
            belief = belief.copy()
            belief.forget(self.keeps)
            self._learn(view, trials, belief, costs - np.array(trials.spent))
        now = Snapshot.of(view.crm, view.members)
        parts = np.bincount(now.segment, minlength=SEGMENTS) / max(now.ids.size, 1)
        given = shares(belief, self._normals(view, len(names)), self.floor, parts)
        trials.coverage = self._coverage(trials, given, parts, costs, view)
        trials.belief, trials.snapshot, trials.spent = belief, now, tuple(costs.tolist())
        self._log(view, trials, given)
        self._assign(view, trials)

    def _learn(self, view: ProviderView, trials: Trials, belief: Belief, costs: NDArray[np.float64]) -> None:
        """Update beliefs by what each tactic has gained per unit of money, net of that unit."""
        snapshot = trials.snapshot
        assert snapshot is not None, "there is something to learn from"
        worth = snapshot.worth(view.crm, view.margin, self.horizon)
        for k in range(len(self.tactics)):
            treated = float(trials.assigned[k].sum()) * view.scale
            if costs[k] <= 0.0 or treated == 0.0:
                continue
            unit = costs[k] / treated
            gains = [self._gain(view, trials, k, segment, worth) for segment in range(SEGMENTS)]
            for segment, gain in enumerate(shrunk(gains)):
                if gain is not None:
                    belief.update(k, segment, Estimate(gain.value / unit - 1.0, gain.error / unit))

    def _gain(
        self, view: ProviderView, trials: Trials, k: int, segment: int, worth: NDArray[np.float64]
    ) -> Estimate | None:
        """What a tactic has gained per customer in a segment since the last review, by its own kind of experiment."""
        snapshot, (name, tactic) = trials.snapshot, list(self.tactics.items())[k]
        assert snapshot is not None, "there is something to learn from"
        if tactic.randomised_by == "customers":
            return trials.by_customer(k, segment, worth)
        if tactic.randomised_by == "product":
            here = snapshot.segment == segment
            return lift_estimate(worth[here], view.crm.stage[snapshot.ids[here]] > 0.0, 0.5)
        stay = float(worth[worth > 0.0].mean()) if (worth > 0.0).any() else 0.0
        return trials.by_week(name, stay * self.every / _WEEK) if segment == 0 else None

    def _normals(self, view: ProviderView, tactics: int) -> NDArray[np.float64]:
        """Standard normal luck for Thompson's draws."""
        from scipy.special import ndtri

        luck = view.luck(_DRAWS * tactics * SEGMENTS, int(view.state["reviews"]))
        return np.asarray(ndtri(luck.astype(np.float64)).reshape(_DRAWS, tactics, SEGMENTS))

    def _coverage(
        self, trials: Trials, given: NDArray[np.float64], parts: NDArray[np.float64], costs: NDArray[np.float64],
        view: ProviderView,
    ) -> NDArray[np.float64]:  # fmt: skip
        """The share of each segment that each tactic is to reach; the first quarter is a pilot on half of everybody.

        What a tactic costs per customer is what it has cost since the last review; where it reached nobody, nobody
        knows, and it is tried on the floor's share.
        """
        if trials.snapshot is None:
            return np.full(given.shape, 0.5)
        money = self.spend * self.intensity * view.firm_customers * self.every
        reached = trials.assigned.sum(axis=1) * view.scale
        unit = (costs - np.array(trials.spent)) / np.maximum(reached, 1.0)
        people = np.maximum(parts * view.members.size * view.scale, 1.0)
        wanted = given * money / (np.maximum(unit, 1e-9)[:, None] * people[None, :])
        wanted = np.where((unit > 0.0)[:, None], wanted, self.floor)
        return np.asarray(np.clip(wanted, self.floor, 1.0 - self.holdout))

    def _assign(self, view: ProviderView, trials: Trials) -> None:
        """Draw who gets which tactic until the next review, and let the tactics go on with them."""
        now = trials.snapshot
        assert now is not None, "there is somebody to assign"
        assigned = np.zeros((len(self.tactics), now.ids.size), np.bool_)
        for k, (name, tactic) in enumerate(self.tactics.items()):
            if tactic.randomised_by == "customers":
                luck = view.uniform(now.ids, k)
                assigned[k] = luck < trials.coverage[k, now.segment]
                allowed = np.zeros(view.crm.known.size, np.bool_)
                allowed[now.ids[assigned[k]]] = True
                view.govern(name, 1.0, allowed)
            else:
                assigned[k] = True
                if tactic.randomised_by == "product":
                    view.stage(0.5)
                    view.govern(name, float(trials.coverage[k].mean()))
        trials.assigned = assigned

    def _toss(self, view: ProviderView, trials: Trials) -> None:
        """Turn the desk's tactics on or off for a fortnight, by luck, as often as their share says."""
        week = round((view.day + 0.25 - view.state["launched"]) / 7.0)
        for k, (name, tactic) in enumerate(self.tactics.items()):
            if tactic.randomised_by == "desk":
                luck = float(view.luck(1, 1_000_000 + 64 * week + k)[0])
                chance = min(max(float(trials.coverage[k].mean()), 0.1), 0.9)
                view.govern(name, 1.0 if luck < chance else 0.0)

    def _on(self, view: ProviderView) -> frozenset[str]:
        """The tactics that are on now."""
        return frozenset(name for name in self.tactics if view.intensity_of(name) > 0.0)

    def _log(self, view: ProviderView, trials: Trials, given: NDArray[np.float64]) -> None:
        """Write down what is believed, for the report."""
        belief = trials.belief
        assert belief is not None, "something is believed"
        trials.log += tuple(
            Believed(
                view.day, name, OBSERVED_SEGMENTS[segment], float(belief.mean[k, segment]),
                float(belief.variance[k, segment] ** 0.5), float(given[k, segment]),
            )
            for k, name in enumerate(self.tactics)
            for segment in range(SEGMENTS)
        )  # fmt: skip
