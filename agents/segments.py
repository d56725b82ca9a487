"""Who the customers are: segments with heterogeneous, correlated traits, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from sim.quantities import quantity, text


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A kind of people. Means are those of the segment; `spread_*` are coefficients of variation within it.

    Attention and usage are relative to the market's mean, so that one segment can live in any market; money-valued
    traits are in typical monthly prices for the same reason.
    """

    name: str = text("Name of the segment.")
    share: float = quantity("share", 0.0, 1.0, "Share of people; shares sum to 1.")
    attention: float = quantity("x market mean", 0.001, 100.0, "Relative attention.")
    spread_attention: float = quantity(
        "coefficient of variation", 0.0, 10.0, "Heterogeneity of attention (Gamma per day, Beta per event)."
    )
    usage: float = quantity("x market mean", 0.001, 100.0, "Relative usage.")
    spread_usage: float = quantity("coefficient of variation", 0.0, 10.0, "Heterogeneity of usage (Gamma).")
    spend: float = quantity("x list price", 0.001, 100.0, "Relative spend.")
    spread_spend: float = quantity(
        "coefficient of variation", 0.0, 5.0, "Heterogeneity of spend (lognormal)."
    )
    price_weight: float = quantity("utility per typical monthly price", 0.0, 100.0, "Price sensitivity.")
    quality_weight: float = quantity(
        "utility per unit of satisfaction", 0.0, 100.0, "Weight of satisfaction."
    )
    spread_weights: float = quantity(
        "coefficient of variation", 0.0, 5.0, "Heterogeneity of both weights (lognormal)."
    )
    contact_tolerance: float = quantity("pressure", 0.0, 100.0, "Pressure that is tolerated.")
    spread_tolerance: float = quantity(
        "coefficient of variation", 0.0, 5.0, "Heterogeneity of tolerance (Gamma)."
    )
    voice: float = quantity("probability", 0.0, 1.0, "An incident becomes a ticket.")
    candour: float = quantity("probability", 0.0, 1.0, "A question is answered openly.")
    spread_voice: float = quantity(
        "coefficient of variation", 0.0, 1.5, "Heterogeneity of voice and candour (Beta)."
    )
    sociability: float = quantity("x mean", 0.0, 100.0, "Relative number of ties.")
    taste_help: float = quantity("", -5.0, 5.0, "Mean taste for help.")
    taste_recognition: float = quantity("", -5.0, 5.0, "Mean taste for recognition.")
    taste_belonging: float = quantity("", -5.0, 5.0, "Mean taste for belonging.")
    taste_content: float = quantity("", -5.0, 5.0, "Mean taste for content.")
    taste_gift: float = quantity("", -5.0, 5.0, "Mean taste for gifts.")
    spread_taste: float = quantity(
        "standard deviation", 0.0, 5.0, "Heterogeneity of tastes (normal; a taste may be negative)."
    )
    value_of_time: float = quantity(
        "currency per hour", 0.0, 1000.0, "What an hour is worth to the customer."
    )
    hassle: float = quantity("typical monthly prices", 0.0, 100.0, "What switching costs once, in money.")
    spread_hassle: float = quantity(
        "coefficient of variation", 0.0, 5.0, "Heterogeneity of hassle and value of time (lognormal)."
    )
    horizon: float = quantity("months", 1.0, 120.0, "Months over which a customer compares costs.")


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """A correlation of the Gaussian copula between two traits."""

    first: str = text("Name of a trait.")
    second: str = text("Name of another trait.")
    value: float = quantity("correlation", -0.95, 0.95, "Correlation of the underlying normal variables.")


@dataclass(frozen=True, kw_only=True)
class Customers:
    """A customer mix: segments whose shares sum to 1, and the copula's correlations.

    Raises:
        ValueError: when the shares do not sum to 1 within 1e-6.
    """

    title: str = text("Title for reports.")
    segments: tuple[Segment, ...] = text("The segments.")
    correlations: tuple[Correlation, ...] = text("The copula.", default=())

    def __post_init__(self) -> None:
        total = sum(segment.share for segment in self.segments)
        if abs(total - 1.0) > 1e-6:
            raise ValueError(
                f"customers.segments: the shares sum to {total:g}, they must sum to 1; "
                f"change {', '.join(f'{s.name}={s.share:g}' for s in self.segments)}"
            )
