"""What adapting costs: where tastes stand still, a blend that has to learn does not beat the best fixed one.

Two tactics at one price: presents, which deal with the taste for gifts, and honours, which deal with that for
recognition. Fixed blends are all on/off combinations; the best is chosen on some lucks and judged on others, like the
adaptive one. The unit is the luck; differences are paired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t

from agents.miniature import warm
from agents.scenario import Scenario
from agents.strategies.blend.adaptive_blend import AdaptiveBlend
from agents.strategies.strategy import Calendar, Strategy
from agents.view import ProviderView
from experiments.measure import runs_of
from experiments.metrics import METRICS
from sim.luck import Luck
from sim.quantities import choice

pytestmark = pytest.mark.slow
MONTH = 30.4375
EQUITY = list(METRICS).index("customer_equity")
CHOSEN_ON, JUDGED_ON = range(4), range(100, 106)


@dataclass(frozen=True, kw_only=True)
class Attentions(Strategy):
    """Something nice each month.

    Mechanism: an experience of a kind. Costs: one unit of money each. Fails: where it is not liked.

    Sources: none, it is made up.
    """

    kind: ClassVar[str] = "active"
    of: str = choice("Kind of experience.", "gift", "recognition")

    def calendar(self, view: ProviderView) -> Calendar:
        """Serve everyone."""
        while True:
            yield view.next_date(months=1)
            ids = view.members
            view.serve(
                ids, self.of, np.full(ids.size, 12.0 * self.intensity, np.float32), 1.5 * self.intensity
            )


TACTICS = {"presents": Attentions(of="gift"), "honours": Attentions(of="recognition")}
ADAPTIVE = AdaptiveBlend(
    tactics=TACTICS, every=3.0, spend=3.0, holdout=0.05, floor=0.05, keeps=0.7, doubt=2.0, horizon=12.0
)
FIXED: list[dict[str, Strategy]] = [
    {f"mix.{name}": tactic for name, tactic in TACTICS.items() if name in kept}
    for kept in ((), ("presents",), ("honours",), ("presents", "honours"))
]


def equities(
    fashion: float, lucks: Sequence[int], programmes: Sequence[dict[str, Strategy]]
) -> NDArray[np.float64]:
    """Customer equity of each programme under each luck, float64 [programmes, lucks]."""
    scenarios = [Scenario(name=f"p{n}", focal=programme) for n, programme in enumerate(programmes)]
    changes: dict[str, Any] = {
        "customers": 3000, "warm_up": 3.0, "service.desk": False, "people.drift.fashion": fashion,
        "experience.tau": 6.0,
    }  # fmt: skip
    people = {"taste_gift": 0.5, "taste_recognition": 0.5}
    known = Scenario(name="all", focal={"mix": ADAPTIVE})
    values = np.empty((len(scenarios), len(lucks)))
    for column, luck in enumerate(lucks):
        model = warm(changes, *scenarios, known, people=people, luck=Luck(5, luck))
        for row, scenario in enumerate(scenarios):
            twin = model.fork(scenario)
            twin.run(36.0 * MONTH)
            values[row, column] = runs_of(twin)[0, -1, EQUITY]
    return values


def gain_over_the_best_fixed(fashion: float) -> tuple[float, float]:
    """95 % interval of the adaptive blend's equity less that of the best fixed blend, chosen on other lucks."""
    best = FIXED[int(equities(fashion, list(CHOSEN_ON), FIXED).mean(axis=1).argmax())]
    programmes: list[dict[str, Strategy]] = [{"mix": ADAPTIVE}, best]
    adaptive, fixed = equities(fashion, list(JUDGED_ON), programmes)
    gain = adaptive - fixed
    half = t.ppf(0.975, gain.size - 1) * gain.std(ddof=1) / np.sqrt(gain.size)
    return float(gain.mean() - half), float(gain.mean() + half)


def test_where_tastes_stand_still_the_best_fixed_blend_is_not_beaten() -> None:
    low, _ = gain_over_the_best_fixed(0.0)
    assert low <= 0.0, low
