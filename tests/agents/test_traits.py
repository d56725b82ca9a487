"""Traits: people are what their segments say, correlated as asked, the same in every world."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from agents.columns import C, T
from agents.miniature import FAMILY, changed, customers, market, warm
from agents.segments import Correlation
from agents.traits import KNOTS, traits_of

PEOPLE = 8000
LONE: dict[str, Any] = {"customers": PEOPLE, "warm_up": 0.0}


@pytest.fixture(scope="module")
def born() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Traits, segments and needs of many, drawn together."""
    w = warm({**LONE, "start": "cohort"}).world.arrays
    return w.traits.astype(np.float64), w.codes[C.SEGMENT].copy(), w.traits[T.NEED].copy()


def gamma(mean: float, spread: float) -> Any:
    return stats.gamma(spread**-2, scale=mean * spread**2)


def lognormal(mean: float, spread: float) -> Any:
    variance = np.log1p(spread**2)
    return stats.lognorm(np.sqrt(variance), scale=mean * np.exp(-variance / 2.0))


def beta(mean: float, spread: float) -> Any:
    size = (1.0 - mean) / (mean * spread**2) - 1.0
    return stats.beta(mean * size, (1.0 - mean) * size)


@pytest.mark.parametrize(
    ("trait", "law"),
    [
        (T.ATTENTION, gamma(0.004 * 0.5, 0.6)),
        (T.USAGE_RATE, gamma(0.1 * 0.9, 0.5)),
        (T.SPEND, lognormal(1.0, 0.3)),
        (T.PRICE_WEIGHT, lognormal(3.0 / 50.0, 0.3)),
        (T.QUALITY_WEIGHT, lognormal(3.0, 0.3)),
        (T.CONTACT_TOLERANCE, gamma(0.8, 0.5)),
        (T.VOICE, beta(0.4, 0.3)),
        (T.TASTE_GIFT, stats.norm(0.8, 0.4)),
        (T.VALUE_OF_TIME, lognormal(15.0, 0.5)),
        (T.HASSLE, lognormal(1.5 * 50.0, 0.5)),
        (T.POSITION, stats.uniform(-1.0, 2.0)),
        (T.PHASE, stats.uniform(0.0, 90.0)),
        (T.BILL_PHASE, stats.uniform(0.0, 30.4375)),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, T) else "",
)
def test_a_trait_has_its_law(trait: T, law: Any, born: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """In the calm segment; attention and usage are relative to the market's mean over segments."""
    traits, segment, _ = born
    assert stats.kstest(traits[trait, segment == 0], law.cdf).pvalue > 0.001


def test_segments_have_their_shares_and_needs_are_even(
    born: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    _, segment, need = born
    assert abs((segment == 0).mean() - 0.5) < 4.0 * np.sqrt(0.25 / PEOPLE)
    assert stats.kstest(need, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [(T.ATTENTION, T.PRICE_WEIGHT, 0.3), (T.VALUE_OF_TIME, T.HASSLE, 0.4), (T.SPEND, T.VOICE, 0.0)],
)
def test_traits_are_correlated_as_asked(
    first: T, second: T, value: float, born: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    """Spearman's correlation of a Gaussian copula is 6 / pi asin(rho / 2)."""
    traits, segment, _ = born
    calm = segment == 0
    found = stats.spearmanr(traits[first, calm], traits[second, calm]).statistic
    assert found == pytest.approx(6.0 / np.pi * np.arcsin(value / 2.0), abs=4.0 / np.sqrt(calm.sum()))


def test_mean_attention_is_the_markets_over_all_segments(
    born: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    attention = born[0][T.ATTENTION]
    assert attention.mean() == pytest.approx(0.004, abs=4.0 * attention.std() / np.sqrt(PEOPLE))


def test_where_spreads_are_zero_all_are_alike() -> None:
    w = warm({"customers": 50}, people=FAMILY).world.arrays
    for trait in (T.SPEND, T.VOICE, T.HASSLE, T.TASTE_HELP):
        assert np.unique(w.traits[trait, w.codes[C.SEGMENT] == 0]).size == 1, trait.name


def test_per_event_attention_is_a_probability() -> None:
    changes = {**LONE, "customers": 3000, "contract": "term", "gate.per": "renewal", "gate.attention": 0.3}
    w = warm(changes).world.arrays
    calm = w.traits[T.ATTENTION, w.codes[C.SEGMENT] == 0]
    assert 0.0 <= calm.min() < calm.max() <= 1.0
    assert stats.kstest(calm.astype(np.float64), beta(0.15, 0.6).cdf).pvalue > 0.001


def test_a_spread_that_no_beta_has_is_refused_in_words() -> None:
    with pytest.raises(
        ValueError, match=r"calm\.voice: a probability with mean 0\.4 allows a spread below 1\.2247"
    ):
        traits_of(market(), customers({"spread_voice": 1.3}))


def test_correlations_that_contradict_one_another_are_refused() -> None:
    pairs = (("attention", "spend", 0.9), ("spend", "voice", 0.9), ("attention", "voice", -0.9))
    people = replace(
        customers(), correlations=tuple(Correlation(first=a, second=b, value=v) for a, b, v in pairs)
    )
    with pytest.raises(ValueError, match="contradict one another"):
        traits_of(market(), people)
    stranger = replace(customers(), correlations=(Correlation(first="charm", second="spend", value=0.1),))
    with pytest.raises(ValueError, match="no trait 'charm'; allowed are attention"):
        traits_of(market(), stranger)


def test_tables_rise_and_hold_at_their_ends() -> None:
    tables = traits_of(market(), customers()).tables
    assert tables.shape == (2, 16, KNOTS)
    assert (np.diff(tables, axis=2) >= 0.0).all()
    assert np.isfinite(tables).all()


def test_people_are_the_same_whatever_the_market_does_to_them() -> None:
    """Traits are keyed by seed, replicate, slot and generation: prices and rivals have no say in who is born."""
    one = warm({"customers": 50}).world.arrays.traits
    other = warm(
        {"customers": 50, "money.margin": 0.9, "service.desk": False, "gate.p_contact": 0.9}
    ).world.arrays.traits
    assert (one == other).all()


def test_dotted_changes_reach_what_they_name() -> None:
    assert changed(market(), {"gate.attention": 0.5, "pulse": 3.5}).gate.attention == 0.5
    with pytest.raises(TypeError, match="nothing_like_that"):
        market({"gate.nothing_like_that": 1.0})


def test_a_market_scales_how_uneven_attention_is_and_nothing_else() -> None:
    plain, same, wide = (
        traits_of(market({"gate.spread": spread}), customers()).tables.astype(np.float64)
        for spread in (1.0, 1.0, 2.0)
    )
    assert (plain == same).all()
    others = np.arange(plain.shape[1]) != T.ATTENTION
    assert (plain[:, others] == wide[:, others]).all()
    law = gamma(0.004 * 0.5, 2.0 * 0.6)
    z = np.array([-1.5, 0.0, 1.5])
    found = np.interp(z, np.linspace(-5.0, 5.0, KNOTS), wide[0, T.ATTENTION])
    assert found == pytest.approx(law.ppf(stats.norm.cdf(z)), rel=1e-4)
