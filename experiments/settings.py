"""Settings: the experiment's own keys, those that belong to no market, customers, strategy or goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.quantities import choice, quantity, text, whole

FEWEST_LUCKS = 50
"""Fewest lucks behind an expected effect."""


@dataclass(frozen=True, kw_only=True)
class Executor:
    """Where tasks run."""

    name: str = choice("Kind of executor.", "local", "dask", default="local")
    workers: int | None = whole(
        "processes",
        0,
        4096,
        "Local processes at work; null takes every core, 0 stays in this process.",
        default=None,
    )
    address: str = text("Address of a Dask scheduler.", default="tcp://127.0.0.1:8786")


@dataclass(frozen=True, kw_only=True)
class Precision:
    """Stop when the goal's difference is known well enough; null runs `replicates` and stops there."""

    target: float | None = quantity(
        "unit of the goal, or share", 1e-12, 1e15, "Wished half-width of the luck interval.", default=None
    )
    relative: bool = text("Whether the target is a share of the baseline's mean.", default=False)
    max_replicates: int = whole(
        "replicates", 2, 1_000_000, "Most replicates that a target may ask for.", default=256
    )


@dataclass(frozen=True, kw_only=True)
class Data:
    """Files that an experiment reads."""

    path: str | None = text("Path of the data file, from the folder the command runs in.", default=None)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What to judge by."""

    name: str = text("Name of the goal.")
    metric: str = text("Metric behind it.")
    title: str = text("How reports call it.", default="")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an experiment is told beside its world."""

    seed: int = whole("", 0, 2**63 - 1, "Seed of all luck and all draws.")
    draws: int = whole("draws", 1, 100_000, "Plausible sets of assumptions; 1 takes the point values.")
    replicates: int = whole("replicates", 1, 1_000_000, "Lucks per draw.")
    horizon_months: float = quantity("months", 0.1, 240.0, "Months from the fork to the end.")
    firm_customers: float | None = quantity(
        "customers", 1.0, 1e9, "Customers of the real focal firm; null takes the market's.", default=None
    )
    baseline: str | None = text(
        "Scenario that others are compared to; null takes none, else the first.", default=None
    )
    focal: str | None = text("Provider to look at; null takes the market's first.", default=None)
    paired: bool = text(
        "Whether scenarios share their luck; false shows what pairing is worth.", default=True
    )
    learning: bool = text("Whether strategies may fit scores; false makes them use rules.", default=True)
    individuals: int = whole(
        "lucks",
        0,
        100_000,
        "Lucks of its own for each customer's expected effect, 50 or more, at the point values; 0 leaves it out.",
        default=0,
    )
    language: str = choice("Language of reports and messages.", "en", default="en")
    store: str | None = text(
        "Folder that shares finished tasks between runs; null keeps them with the run.", default=None
    )
    precision: Precision = text("Optional stop at a target precision.", default=Precision())
    executor: Executor = text("Where tasks run.", default=Executor())
    data: Data = text("Data to read.", default=Data())

    def __post_init__(self) -> None:
        if self.precision.target is not None and self.replicates < 2:
            raise ValueError(
                f"replicates={self.replicates} cannot be planned from; with precision.target give at least 2"
            )
        if 0 < self.individuals < FEWEST_LUCKS:
            raise ValueError(
                f"individuals={self.individuals}: an expected effect needs at least {FEWEST_LUCKS} lucks; "
                "raise it, or set 0"
            )
        if self.individuals and self.draws > 1:
            raise ValueError(
                f"individuals={self.individuals} goes with draws=1: expected effects are those at the point values"
            )


@dataclass(frozen=True, kw_only=True)
class CompareSettings:
    """What `experiment=compare` is told."""

    name: str = choice("The experiment.", "compare")
    equal_spend: bool = text("Whether scenarios are also shown at equal spend.", default=True)
    tolerance: float = quantity("share", 1e-4, 0.2, "How near equal spend must come.", default=0.01)
    customers: bool = text("Whether customers.parquet is written.", default=False)
    report: bool = text("Whether report.html is written.", default=True)


@dataclass(frozen=True, kw_only=True)
class ClaimsSettings:
    """What `experiment=claims` is told."""

    name: str = choice("The experiment.", "claims")
    claims: tuple[str, ...] | None = text(
        "Names of the claims to judge; null takes all of claims.yaml.", default=None
    )
    markets: tuple[str, ...] | None = text("Markets to judge in; null takes all there are.", default=None)
    customers: tuple[str, ...] = text(
        "Customer mixes to judge with.", default=("comfort", "deal", "relationship")
    )
    goals: tuple[str, ...] = text(
        "Goals for which the best scenario is sought.",
        default=("churn", "lifetime_value", "customer_equity", "profit"),
    )
    kinds: tuple[str, ...] = text(
        "Scenarios among which the best kind of retention is sought.", default=("passive", "active", "blend")
    )
    equal_spend: bool = text(
        "Whether anything is judged at equal spend; claims that need it are left open without.", default=True
    )
    tolerance: float = quantity("share", 1e-4, 0.2, "How near equal spend must come.", default=0.01)
    report: bool = text("Whether report.html is written.", default=True)


@dataclass(frozen=True, kw_only=True)
class SynergySettings:
    """What `experiment=synergy` is told."""

    name: str = choice("The experiment.", "synergy")
    neither: str = text("Scenario with neither programme.", default="none")
    passive: str = text("Scenario with the first programme alone.", default="passive")
    active: str = text("Scenario with the second programme alone.", default="active")
    both: str = text("Scenario with both programmes.", default="blend")
    orders: tuple[str, ...] = text(
        "Scenarios that differ in what comes first, compared at equal spend; those that do not exist are left out.",
        default=("passive_first", "active_first", "blend"),
    )
    metrics: tuple[str, ...] = text(
        "Metrics beside the goal's.",
        default=("churn_rate", "retention", "lifetime_value", "customer_equity", "profit", "cost"),
    )
    tolerance: float = quantity("share", 1e-4, 0.2, "How near equal spend must come.", default=0.01)
    report: bool = text("Whether report.html is written.", default=True)


@dataclass(frozen=True, kw_only=True)
class CollectSettings:
    """What `experiment=collect` is told."""

    name: str = choice("The experiment.", "collect")
    folder: str | None = text("Folder that holds the jobs of a command with -m.", default=None)


@dataclass(frozen=True, kw_only=True)
class CalibrateSettings:
    """What `experiment=calibrate` is told."""

    name: str = choice("The experiment.", "calibrate")
    kind: str | None = choice(
        "What the file holds: year and share; start and end of subscriptions; customer, date and value of purchases; "
        "null tells by its first line.",
        "survival", "subscriptions", "transactions", default=None,
    )  # fmt: skip
    column: str | None = text(
        "Column of the shares in a survival table; null takes the only one, `all` each as a segment.",
        default=None,
    )
    segment: str | None = text(
        "Column of the segment in a subscription file; null takes `segment` where there is one.", default=None
    )
    columns: Mapping[str, str] | None = text(
        "Other names of columns, as in {customer: client_number, date: day}.", default=None
    )
    period: str | None = choice(
        "When subscriptions are renewed; null takes years where the file covers five, else months.",
        "month", "year", default=None,
    )  # fmt: skip
    since: str | None = text(
        "First day of a transaction log that counts, YYYY-MM-DD: who bought before is not new and is left out.",
        default=None,
    )
    refunds: str = choice(
        "Whether values below 0 are an error or left out.", "reject", "drop", default="reject"
    )
    holdout: float | None = quantity(
        "periods, or weeks", 0.0, 10_000.0,
        "Last periods kept out of the fit and scored; null is a third, of transactions a half.", default=None,
    )  # fmt: skip
    cohort: float = quantity(
        "customers", 1.0, 1e9,
        "Customers behind a survival table, which has no size: it tells how sure the fit is.", default=1000.0,
    )  # fmt: skip
    choose_share: float = quantity(
        "share", 0.01, 1.0,
        "Share of those who look who leave; 1 leaves nothing to what a strategy does, below 1 they choose.",
        default=1.0,
    )  # fmt: skip
    span: bool = text(
        "Whether draws take every share that fits the data as well; false holds choose_share.", default=True
    )
    sets: int = whole("parameter sets", 0, 1000, "Plausible parameter sets for draws to take.", default=40)
    tolerance: float = quantity(
        "share", 1e-4, 1.0,
        "Lucks are added to the simulated cohort until its end has a smaller standard error.", default=0.005,
    )  # fmt: skip
    market: str = text("Name of the market to write into ./tenure_conf/market/.")


@dataclass(frozen=True, kw_only=True)
class FactsSettings:
    """What `experiment=facts` and `experiment=facts/NAME` are told."""

    name: str = choice("The experiment.", "facts")
    facts: tuple[str, ...] | None = text("Names of the published effects; null takes all.", default=None)
    replicates: int | None = whole(
        "replicates", 2, 100_000, "Lucks of each; null takes the effect's own number.", default=None
    )
    customers: int | None = whole(
        "customers", 100, 10_000_000, "People simulated; null takes the effect's own number.", default=None
    )
    report: bool = text("Whether report.html is written.", default=True)
