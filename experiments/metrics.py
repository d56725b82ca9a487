"""The metrics: names, units, directions and meanings, once. How each is computed stands in `experiments.measure`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A measured outcome.

    Attributes:
        name: as in tables.
        unit: as in tables; `currency` stands for the market's.
        direction: 1 where more is better for the firm (for `customer_surplus` and `satisfaction`: for customers), -1
            where less is, 0 where neither can be said.
        doc: what it is.
    """

    name: str
    unit: str
    direction: int
    doc: str


def _catalogue(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


METRICS = _catalogue(
    Metric("churn_rate", "per month", -1,
        "Relationships ended per customer-month, involuntary ones included."),
    Metric("churn_voluntary", "per month", -1, "Relationships ended by choice per customer-month."),
    Metric("retention", "share", 1,
        "Customers of the fork who have stayed without a break until the horizon."),
    Metric("retention_present", "share", 1,
        "Customers of the fork who are there at the horizon, won back included."),
    Metric("lifetime_value", "currency per customer", 1,
        "Discounted margin less all retention cost per customer of the fork, until the horizon."),
    Metric("lifetime_value_projected", "currency per customer", 1,
        "The same with the world run on beyond the horizon: terms frozen, desks as in the last quarter."),
    Metric("customer_equity", "currency", 1,
        "Discounted margin of the firm, joiners included, less all cost, until the horizon."),
    Metric("profit", "currency", 1, "Margin of the firm less all cost until the horizon, undiscounted."),
    Metric("cost", "currency", -1, "All spending of the firm on its strategies, discounts given included."),
    Metric("cost_upfront", "currency", -1, "The part of the cost that is paid at the start."),
    Metric("cost_first_year", "currency", -1,
        "The running part of the cost, what was paid at the start left out, in the first 12 months."),
    Metric("cost_later", "currency per year", -1,
        "The running part of the cost after the first 12 months, per year; undefined for shorter horizons."),
    Metric("return_on_spend", "share", 1,
        "Gain of customer equity over the baseline per additional discounted cost of strategies; -1 for a placebo."),
    Metric("payback_months", "months", -1,
        "Month in which cumulated profit passes the baseline's for good."),
    Metric("customers_end", "customers", 1, "Customers of the firm at the horizon."),
    Metric("market_share", "share", 1, "Customers among all people of the market at the horizon."),
    Metric("satisfaction", "0 to 1", 1, "Mean satisfaction of customers over the months."),
    Metric("pressure", "pressure", -1, "Mean contact pressure on customers over the months."),
    Metric("contacts", "per customer and month", 0, "Contacts by the provider."),
    Metric("engagement", "per customer and month", 1,
        "What customers do with their provider by themselves: purchases, reactions to contacts, answers, visits of "
        "events, recommendations."),
    Metric("loyalty", "utility", 1, "Mean commitment of customers over the months."),
    Metric("referrals", "per customer and year", 1, "Joins that a customer's recommendation brought."),
    Metric("proactivity", "share", 1, "Incidents solved before the customer complained, of all incidents."),
    Metric("relationship_share", "share", 1,
        "Looks that ended in staying only because of commitment, of those that ended in staying."),
    Metric("trust", "per customer and year", 1,
        "Promises kept less promises broken: answers that were followed up in time, or not."),
    Metric("vulnerability", "share", -1,
        "Rise of the probability that a look ends in leaving when every rival takes a fifth off its price."),
    Metric("effort", "minutes per customer and month", -1,
        "Time that customers spend on incidents, tickets, calls, surveys and programmes."),
    Metric("better_off_elsewhere", "currency per month", -1,
        "Money and fit left on the table by those who stay: what the best rival is better by, moving being free."),
    Metric("freedom_to_leave", "currency", -1,
        "What stands between a customer and leaving: hassle, exit fee and forfeits, in money; less is freer."),
    Metric("knowledge", "share", 1, "Customers of whose need and taste the firm's records are right within a quarter."),
    Metric("personalisation", "match per customer and month", 1,
        "Match of contacts with content and of plan offers to the customer, summed."),
    Metric("looks", "per customer and year", 0, "Times a customer looks around."),
    Metric("customer_surplus", "currency per month", 1,
        "Inclusive value of the customer's choice set in money; over all people for provider `all`."),
)  # fmt: skip
"""Metrics of a run, in the order of the last axis of `Outcome.runs`."""

TIMELINE = _catalogue(
    Metric("churn_rate", "per month", -1, "Relationships ended per customer-month in the month."),
    Metric("retention", "share", 1, "Customers of the fork who have stayed without a break until now."),
    Metric("customers", "customers", 1, "Customers of the firm now."),
    Metric("profit", "currency", 1, "Cumulated profit since the fork."),
    Metric("cost", "currency", -1, "Cumulated cost of the firm's strategies since the fork."),
    Metric("looks", "per customer and year", 0, "Looks in the month."),
    Metric("satisfaction", "0 to 1", 1, "Mean satisfaction at the month's end."),
)
"""Metrics by month, in the order of the last axis of `Outcome.timeline`."""
