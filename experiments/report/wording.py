"""The words of the report: what each metric is called and means, which belong to a goal, and the glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """A metric's name for people and what it means."""

    label: str
    meaning: str


METRICS = {
    "churn_rate": Wording(
        "Churn rate",
        "Relationships that end in a month, for any reason, as a share of the customers of that month.",
    ),
    "churn_voluntary": Wording(
        "Voluntary churn", "The churn rate without moves and deaths, which nobody could have prevented."
    ),
    "retention": Wording(
        "Retention", "Share of the starting customers with an unbroken stay up to the end of the horizon."
    ),
    "retention_present": Wording(
        "Present at the end",
        "Share of the starting customers who are there at the end, the won back included.",
    ),
    "lifetime_value": Wording(
        "Lifetime value",
        "Discounted margin less all cost of retention per starting customer, realised within the horizon.",
    ),
    "lifetime_value_projected": Wording(
        "Projected lifetime value",
        "What the lifetime value still gains after the horizon when the same world is run on.",
    ),
    "customer_equity": Wording(
        "Customer equity", "All discounted margin of the provider, of joiners too, less all cost."
    ),
    "profit": Wording("Profit", "All margin less all cost over the horizon, undiscounted."),
    "cost": Wording(
        "Cost of retention", "All that the strategies cost over the horizon, upfront cost included."
    ),
    "cost_upfront": Wording("Upfront cost", "The part of the cost that is paid before anything works."),
    "return_on_spend": Wording(
        "Return on spend", "Gain in profit against the baseline per unit of money spent."
    ),
    "payback_months": Wording("Payback", "Months until the gain has paid the cost back."),
    "customers_end": Wording("Customers at the end", "Customers of the provider when the horizon ends."),
    "market_share": Wording("Market share", "Share of all customers in the market when the horizon ends."),
    "satisfaction": Wording("Satisfaction", "Mean evaluation of recent experience, from 0 to 1."),
    "pressure": Wording("Pressure felt", "Recent contacts weighted by how intrusive they are."),
    "contacts": Wording("Contacts", "Contacts made by the provider on its own initiative."),
    "looks": Wording("Looks", "How often a customer looks round at what else there is."),
    "referrals": Wording("Referrals", "Joins that came from a customer's recommendation."),
    "customer_surplus": Wording("Customer surplus", "What the choice is worth to the customers (log-sum)."),
}

GOAL_METRICS = {
    "churn": "churn_rate",
    "growth": "customers_end",
}
"""Goals whose metric has another name; all the others are called like their metric."""

KEY_METRICS = (
    "churn_rate",
    "retention",
    "lifetime_value",
    "customer_equity",
    "profit",
    "cost",
    "cost_upfront",
    "customers_end",
)
"""Shown first, after the goal; the rest is a click away."""

FOREST_METRICS = ("customer_equity", "lifetime_value", "churn_rate", "profit", "cost", "customer_surplus")
"""Metrics of the forest plot, after the goal."""

SEGMENT_METRICS = ("churn_rate", "retention", "lifetime_value", "cost")
"""Metrics shown by segment, after the goal."""

PROVIDER_METRICS = ("market_share", "customers_end", "churn_rate")
"""Metrics shown by provider."""

ACCOUNTS = {
    "revenue": "Revenue at list price",
    "cost_of_service": "Cost of service",
    "discount": "Discounts",
    "contact": "Contacts",
    "wages": "Wages",
    "rewards": "Rewards",
    "fixed": "Fixed cost",
    "upfront": "Upfront cost",
}
INCOME_ACCOUNTS = frozenset({"revenue"})
"""Accounts that bring money in."""
SERVICE_ACCOUNTS = frozenset({"revenue", "cost_of_service"})
"""Accounts every provider has, whatever it does about retention."""
UPFRONT_ACCOUNTS = frozenset({"upfront"})

GROUPS = ("persuadable", "sure thing", "lost cause", "sleeping dog")
GLOSSARY = (
    ("baseline", "The scenario that all differences are taken against."),
    (
        "better, worse",
        (
            "Both intervals of the difference lie on one side of 0, and that side is the good or the bad one for this "
            "metric."
        ),
    ),
    ("customer", "One consumer, the same person in every scenario."),
    (
        "draw",
        (
            "One plausible set of assumptions, shared by all scenarios. Several draws show what is not known about the "
            "market."
        ),
    ),
    (
        "equal spend",
        (
            "The scenario with all its intensities scaled so that cost and discounts equal those of the cheapest "
            "scenario that spends: what the money buys, not how much of it there is."
        ),
    ),
    ("focal provider", "The firm whose strategies are compared; its rivals keep theirs."),
    (
        "four groups",
        "Persuadable, sure thing, lost cause, sleeping dog: what a customer does in the two worlds.",
    ),
    ("identical", "The difference is exactly 0 in every twin world, not merely small."),
    (
        "luck",
        (
            "Everything that is random once the market is given. The luck interval is the 95 % interval of the mean at "
            "these draws; more replicates narrow it."
        ),
    ),
    (
        "not distinguishable",
        "An interval of the difference includes 0: with what is known here, nobody can say which is better.",
    ),
    (
        "odds of being best",
        "Mean over the draws of the probability that the scenario is truly the best one in that market.",
    ),
    ("pp", "Percentage points: the difference between two percentages."),
    (
        "plausible market",
        (
            "The 95 % range of the true value in one plausible market. More replicates do not narrow it; better "
            "evidence does."
        ),
    ),
    ("point values", "The best single guess for every assumption: one market out of many plausible ones."),
    ("provider", "A competing firm."),
    ("replicate", "One run of all scenarios under the same luck; the unit of statistics."),
    ("scenario", "A named set of strategies of the focal provider, from the same start."),
    ("strategy", "One programme that intervenes; it has a cost and can fail."),
    (
        "twin worlds",
        "The same customers and the same luck under two scenarios, so that only the strategies differ.",
    ),
)
"""The words of the report, by alphabet."""


def wording(metric: str) -> Wording:
    """The wording of a metric; one that is not known here is called by its own name."""
    return METRICS.get(metric, Wording(metric.replace("_", " ").capitalize(), ""))


def goal_metric(goal: str) -> str:
    """The metric behind a goal."""
    return GOAL_METRICS.get(goal, goal)


def first(*metrics: str) -> tuple[str, ...]:
    """The metrics without doubles, in order."""
    return tuple(dict.fromkeys(metrics))
