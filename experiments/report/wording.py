"""The words of the report: what each metric is called and means, which belong to a goal, and the glossary."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.metrics import METRICS as CATALOGUE


@dataclass(frozen=True)
class Wording:
    """A metric's name for people and what it means."""

    label: str
    meaning: str


def _labelled(metric: str, label: str) -> Wording:
    """A metric's label with the meaning that the catalogue of metrics gives it."""
    return Wording(label, CATALOGUE[metric].doc)


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
    "cost_first_year": _labelled("cost_first_year", "Running cost, first year"),
    "cost_later": _labelled("cost_later", "Running cost, later years"),
    "return_on_spend": Wording(
        "Return on spend", "Gain in profit against the baseline per unit of money spent."
    ),
    "payback_months": Wording("Payback", "Months until the gain has paid the cost back."),
    "customers_end": Wording("Customers at the end", "Customers of the provider when the horizon ends."),
    "market_share": Wording("Market share", "Share of all customers in the market when the horizon ends."),
    "satisfaction": Wording("Satisfaction", "Mean evaluation of recent experience, from 0 to 1."),
    "pressure": Wording("Pressure felt", "Recent contacts weighted by how intrusive they are."),
    "engagement": _labelled("engagement", "Engagement"),
    "loyalty": _labelled("loyalty", "Loyalty"),
    "contacts": Wording("Contacts", "Contacts made by the provider on its own initiative."),
    "looks": Wording("Looks", "How often a customer looks round at what else there is."),
    "referrals": Wording("Referrals", "Joins that came from a customer's recommendation."),
    "proactivity": _labelled("proactivity", "Proactivity"),
    "relationship_share": _labelled("relationship_share", "Relationship share"),
    "trust": _labelled("trust", "Trust"),
    "vulnerability": _labelled("vulnerability", "Vulnerability"),
    "effort": _labelled("effort", "Effort"),
    "better_off_elsewhere": _labelled("better_off_elsewhere", "Better off elsewhere"),
    "freedom_to_leave": _labelled("freedom_to_leave", "Freedom to leave"),
    "knowledge": _labelled("knowledge", "Knowledge"),
    "personalisation": _labelled("personalisation", "Personalisation"),
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

DIMENSIONS = (
    (
        "Money",
        (
            ("cost_upfront", "Upfront investment"),
            ("cost_first_year", "Running cost, first year"),
            ("cost_later", "Running cost, later years"),
            ("lifetime_value", "Value of a customer"),
            ("customer_equity", "Value of the whole base"),
        ),
    ),
    (
        "Bond",
        (
            ("engagement", "Engagement: what customers do"),
            ("loyalty", "Loyalty: commitment"),
            ("referrals", "Referrals: joins brought by friends"),
            ("relationship_share", "Stays that rest on the bond"),
            ("trust", "Trust: promises kept, less broken"),
        ),
    ),
    (
        "Service",
        (
            ("proactivity", "Solved before a complaint"),
            ("effort", "Convenience: the customer's effort"),
            ("satisfaction", "Satisfaction"),
            ("pressure", "Pressure felt"),
        ),
    ),
    (
        "Freedom",
        (
            ("looks", "Room to compare: looks around"),
            ("better_off_elsewhere", "Informed choice: left on the table"),
            ("freedom_to_leave", "Freedom to leave: what it costs"),
            ("vulnerability", "Vulnerable to a rival's discount"),
        ),
    ),
    (
        "Insight",
        (
            ("knowledge", "Knowledge: records that are right"),
            ("personalisation", "Personalisation: fit of contacts"),
        ),
    ),
    (
        "All in all",
        (
            ("customer_surplus", "Customer surplus"),
            ("churn_rate", "Churn"),
        ),
    ),
)
"""The trade-off table: groups of metrics, each in the words of those who ask."""

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
