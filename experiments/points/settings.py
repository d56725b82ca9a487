"""Settings: what the experiments over points are told, each by the keys of its own `experiment:`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.shock import Shock
from sim.quantities import choice, text, whole


@dataclass(frozen=True, kw_only=True)
class AtPoints:
    """What every experiment over points is told."""

    customers: int | None = whole(
        "customers",
        10,
        10_000_000,
        "People simulated at each point; null takes the market's number.",
        default=None,
    )
    report: bool = text("Whether report.html is written.", default=True)


@dataclass(frozen=True, kw_only=True)
class Moved(AtPoints):
    """What those are told that move numbers of the market."""

    recalibrate: bool = text(
        "Whether mean attention is solved anew at each point for the churn that the market shows today.",
        default=True,
    )


@dataclass(frozen=True, kw_only=True)
class Assumed(Moved):
    """What those are told that move assumptions over their ranges."""

    over: Mapping[str, tuple[float, ...] | None] | None = text(
        "What is moved: parameters by name, each with [LOW, HIGH] or null for its stated range; null takes all "
        "assumptions below `under`.",
        default=None,
    )
    under: tuple[str, ...] = text(
        "Keys whose assumptions are moved; none: all there are.", default=("market",)
    )


@dataclass(frozen=True, kw_only=True)
class SweepSettings(Moved):
    """What `experiment=sweep` is told."""

    name: str = choice("The experiment.", "sweep")
    over: Mapping[str, tuple[float, ...] | None] | None = text(
        "What is moved: parameters by name, each with [LOW, HIGH], a list of values, or null for its stated range; "
        "null takes p_contact and kappa.",
        default=None,
    )
    under: tuple[str, ...] | None = text(
        "Moves every assumption below these keys, as in [market, customers], in place of `over`.",
        default=None,
    )
    design: str = choice("How points are chosen.", "grid", "latin_hypercube", "sobol", default="grid")
    steps: int = whole("values", 2, 10_000, "Values of each parameter in a grid.", default=5)
    points: int = whole(
        "points", 1, 10_000_000, "Points of a Latin hypercube or a Sobol sequence.", default=64
    )
    metrics: tuple[str, ...] = text(
        "Metrics in the table beside the goal's.",
        default=("churn_rate", "lifetime_value", "customer_equity", "profit", "cost"),
    )


@dataclass(frozen=True, kw_only=True)
class DecisionMapSettings(Moved):
    """What `experiment=decision_map` is told."""

    name: str = choice("The experiment.", "decision_map")
    map: str = choice(
        "What the map is drawn over: two numbers, or markets and customers.",
        "numbers",
        "markets",
        default="numbers",
    )
    over: Mapping[str, tuple[float, ...] | None] | None = text(
        "The two numbers, x before y, each with [LOW, HIGH], a list of values, or null for its stated range; null "
        "takes p_contact and kappa.",
        default=None,
    )
    steps: int = whole("values", 2, 200, "Values of each number.", default=6)
    markets: tuple[str, ...] | None = text(
        "Markets to map, [all] for all there are; null takes the chosen one.", default=None
    )
    mixes: tuple[str, ...] = text(
        "Customer mixes of a map over markets.", default=("comfort", "deal", "relationship", "mixed")
    )
    goals: tuple[str, ...] | None = text("Goals to map; null takes the chosen one.", default=None)
    horizons: tuple[float, ...] | None = text(
        "Months from the fork to the end, a map for each; null takes horizon_months.", default=None
    )
    kinds: tuple[str, ...] = text(
        "Scenarios among which the best kind of retention is sought, in a map of its own.",
        default=("passive", "active", "blend"),
    )


@dataclass(frozen=True, kw_only=True)
class SensitivitySettings(Assumed):
    """What `experiment=sensitivity` is told."""

    name: str = choice("The experiment.", "sensitivity")
    most: int = whole(
        "assumptions", 2, 1000, "Most assumptions without screening, and kept by it.", default=8
    )
    trajectories: int = whole("trajectories", 2, 10_000, "Trajectories of the screening.", default=4)
    points: int = whole("points", 2, 1_048_576, "Base points of Sobol indices; a power of 2.", default=32)

    def __post_init__(self) -> None:
        if self.points & (self.points - 1):
            raise ValueError(
                f"points={self.points} is no power of 2, which a Sobol sequence needs to be balanced"
            )


@dataclass(frozen=True, kw_only=True)
class TippingPointsSettings(Assumed):
    """What `experiment=tipping_points` is told."""

    name: str = choice("The experiment.", "tipping_points")
    steps: int = whole(
        "values", 1, 100, "Values tried between the point value and an end that flips.", default=4
    )
    points: int = whole(
        "points", 8, 1_048_576, "Points of the box from which the rule is learned.", default=128
    )
    fresh: int = whole(
        "points", 8, 1_048_576, "Fresh points, under fresh luck, that judge the rule.", default=64
    )


@dataclass(frozen=True, kw_only=True)
class FrontierSettings(AtPoints):
    """What `experiment=frontier` is told."""

    name: str = choice("The experiment.", "frontier")
    passive: str = text("Scenario that holds the passive programme.", default="passive")
    active: str = text("Scenario that holds the active programme.", default="active")
    targeting: tuple[str, ...] = text(
        "Whom the active programme may aim at: files of conf/targeting/.", default=("value", "risk")
    )
    budgets: tuple[float, ...] | None = text(
        "Caps on cost, discounts included, in currency per customer of the firm and month; null takes `shares`.",
        default=None,
    )
    shares: tuple[float, ...] = text(
        "Caps as shares of what both programmes cost as configured.", default=(0.05, 0.1, 0.2, 0.4, 0.7)
    )
    steps: int = whole(
        "values", 2, 50, "Values of each intensity and of the share treated in the box.", default=4
    )


@dataclass(frozen=True, kw_only=True)
class TournamentSettings(AtPoints):
    """What `experiment=tournament` is told."""

    name: str = choice("The experiment.", "tournament")
    rival: str | None = text(
        "Rival that plays; null lets all rivals play the same set at a time, as the field.", default=None
    )


@dataclass(frozen=True, kw_only=True)
class ShockSettings(AtPoints):
    """What `experiment=shock` is told."""

    name: str = choice("The experiment.", "shock")
    shocks: Mapping[str, Shock] = text("What may strike, by name; see `agents.shocks`.")
    only: tuple[str, ...] | None = text("Names of the shocks to try; null takes all.", default=None)
    answers: tuple[str, ...] = text(
        "Answers of the other rivals, each tried as a shock of its own: match, counter_offer.", default=()
    )
    metrics: tuple[str, ...] = text(
        "Metrics in the table beside the goal's.",
        default=("churn_rate", "customers_end", "lifetime_value", "profit"),
    )

    def __post_init__(self) -> None:
        for name in self.answers:
            if name not in ("match", "counter_offer"):
                raise ValueError(f"answers: {name} is not an answer; allowed are match, counter_offer")
