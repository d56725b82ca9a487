"""A market's parameters in the form that compiled passes read: flat tuples of single-precision numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numba.extending import intrinsic, overload

from agents.market import Market
from sim.numeric import exp64, log64
from sim.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.rows import Row, numbers_in, reader, row_of

F = np.float32
_LN2 = 0.6931471805599453
_FAMILIAR = 17.0
"""After this many times `learn` uses exp(-uses / learn) is below the smallest uniform number: novelty is over."""


class Law(NamedTuple):
    """What holds in a market whatever the length of a pulse. Rates per day, spans in days, money in currency."""

    per_day: bool
    per_purchase: bool
    per_renewal: bool
    no_contract: bool
    leave_rule: bool
    returns: bool
    own_availability: bool
    attention_none: F
    g_grievance: F
    g_dissatisfaction: F
    g_peers: F
    g_commitment: F
    s_ref: F
    p_notice: F
    p_expiry: F
    p_contact: F
    match_scale: F
    misfit: F
    category_exit: F
    memory: F
    in_person: F
    rho: F
    worth_help: F
    worth_recognition: F
    worth_belonging: F
    worth_content: F
    worth_gift: F
    friction_candidates: F
    doubt_candidates: F
    failure_candidates: F
    novelty: F
    learn: F
    familiar: F
    drop_friction: F
    drop_doubt: F
    drop_failure: F
    grievance_friction: F
    grievance_doubt: F
    recovery: F
    heal: F
    wait_cost: F
    abandon_grievance: F
    patience: F
    minutes: F
    u0: F
    price_elasticity: F
    salience_jump: F
    reference_gain: F
    advance: F
    price: F
    margin: F
    exit_fee: F
    kept_permille: int
    acquisition_micros: int
    term: F
    has_term: bool
    plan_error: F
    signal_error: F
    weak: F
    recommend: F
    p_recommend: F
    eased: F
    responses: tuple[F, F, F]
    reaction: F
    answer_error: F
    asked: F
    promise_days: F
    broken_promise: F
    accept: F
    lesson: F
    effort: F
    survey_minutes: F
    renewed: F


class Figures(NamedTuple):
    """What `Pace` consists of."""

    day: F
    end: F
    days: F
    attention_season: F
    needing_days: F
    occasion: int
    satisfaction_kept: F
    grievance_kept: F
    commitment_kept: F
    expectation_kept: F
    experience_gain: F
    pressure_kept: F
    salience_kept: F
    peers_kept: F
    no_incident: F
    incident_mean: F
    no_incident_new: F
    incident_mean_new: F
    no_need_change: F
    discount_factor: float


class Pace(Figures):
    """What a pulse of `days` does: survivals of decaying states over it, and its candidates."""

    @cached_property
    def beat(self) -> Beat:
        """As passes take it."""
        return row_of(self)


Rules = Row
"""A law as passes take it."""
Beat = Row
"""A pace as passes take it."""


def law_in(rules: Rules) -> Law:
    """The law in a row; in compiled code a `Law` whose numbers are read where they are used."""
    return Law(*numbers_in(rules, Law))


def pace_in(beat: Beat) -> Pace:
    """The pace in a row; in compiled code a `Pace` whose numbers are read where they are used."""
    return Pace(*numbers_in(beat, Pace))


_read_law: Any = intrinsic(reader(Law))
_read_pace: Any = intrinsic(reader(Pace))


@overload(law_in, strict=False)
def _compiled_law_in(rules: Any) -> Callable[[Any], Any]:  # noqa: ARG001  # its type is what it is called with
    """What `law_in` is in compiled code."""

    def read(rules: Any) -> Any:
        return _read_law(rules)

    return read


@overload(pace_in, strict=False)
def _compiled_pace_in(beat: Any) -> Callable[[Any], Any]:  # noqa: ARG001  # its type is what it is called with
    """What `pace_in` is in compiled code."""

    def read(beat: Any) -> Any:
        return _read_pace(beat)

    return read


def law_of(market: Market) -> Law:
    """The law of a market.

    Candidate rates of incidents dominate every provider's own rates in every scenario of the market, so that thinning
    uses the same candidates in twin worlds. For whom novelty still means something, candidates of frictions and doubts
    are (1 + novelty) times as many.
    """
    gate, rule, service, money = market.gate, market.choice, market.service, market.money
    experience, buy, talk = market.experience, market.purchases, market.dialogue
    worst = max(provider.incidents for provider in market.providers) / DAYS_PER_MONTH
    return Law(
        per_day=gate.per == "day",
        per_purchase=gate.per == "purchase",
        per_renewal=gate.per == "renewal",
        no_contract=market.contract == "none",
        leave_rule=rule.rule == "leave",
        returns=rule.returns,
        own_availability=rule.own_availability,
        attention_none=F(gate.attention_none),
        g_grievance=F(gate.g_grievance),
        g_dissatisfaction=F(gate.g_dissatisfaction),
        g_peers=F(gate.g_peers),
        g_commitment=F(gate.g_commitment),
        s_ref=F(gate.s_ref),
        p_notice=F(gate.p_notice),
        p_expiry=F(gate.p_expiry),
        p_contact=F(gate.p_contact),
        match_scale=F(rule.match_scale),
        misfit=F(rule.misfit),
        category_exit=F(rule.category_exit),
        memory=F(rule.memory),
        in_person=F(rule.in_person),
        rho=F(experience.rho),
        worth_help=F(experience.worth_help),
        worth_recognition=F(experience.worth_recognition),
        worth_belonging=F(experience.worth_belonging),
        worth_content=F(experience.worth_content),
        worth_gift=F(experience.worth_gift),
        friction_candidates=F(service.friction * worst),
        doubt_candidates=F(service.doubt * worst),
        failure_candidates=F(service.failure * worst),
        novelty=F(service.novelty),
        learn=F(service.learn),
        familiar=F(service.learn * _FAMILIAR),
        drop_friction=F(service.drop_friction),
        drop_doubt=F(service.drop_doubt),
        drop_failure=F(service.drop_failure),
        grievance_friction=F(service.grievance_friction),
        grievance_doubt=F(service.grievance_doubt),
        recovery=F(service.recovery),
        heal=F(service.heal),
        wait_cost=F(service.wait_cost * 24.0),
        abandon_grievance=F(service.abandon_grievance),
        patience=F(service.patience / 24.0),
        minutes=F(service.minutes),
        u0=F(buy.u0),
        price_elasticity=F(buy.price_elasticity),
        salience_jump=F(buy.salience_jump),
        reference_gain=F(1.0 - exp64(-_LN2 / buy.reference_half_life)),
        advance=F(buy.advance),
        price=F(money.price),
        margin=F(money.margin),
        exit_fee=F(money.exit_fee if market.contract == "term" else 0.0),
        kept_permille=round(1000 * (1.0 - money.breakage)),
        acquisition_micros=round(money.acquisition * 1e6),
        term=F(market.term_months * DAYS_PER_MONTH),
        has_term=market.contract == "term",
        plan_error=F(market.people.plan_error),
        signal_error=F(market.people.signal_error),
        weak=F(market.network.weak / market.network.mean_weight),
        recommend=F(market.network.recommend / DAYS_PER_MONTH),
        p_recommend=F(market.network.p_recommend),
        eased=F(market.network.eased),
        responses=(F(talk.response_message), F(talk.response_call), F(talk.response_post)),
        reaction=F(talk.reaction),
        answer_error=F(talk.answer_error),
        asked=F(talk.asked),
        promise_days=F(talk.promise_days),
        broken_promise=F(talk.broken_promise),
        accept=F(talk.accept),
        lesson=F(talk.lesson / 60.0),
        effort=F(talk.effort),
        survey_minutes=F(talk.survey_minutes),
        renewed=F(market.people.drift.renewed),
    )


def pace_of(market: Market, law: Law, day: float, days: float, occasion: int) -> Pace:
    """The pace of the pulse that covers `(day, day + days]`, in the season of its middle.

    Commitment c and expectation e follow, at constant experience v over the pulse, the exact solution of
    dc/dt = -c/tau + kappa (v - e), de/dt = b (v - e) with b = ln 2 / h:
    e' = v + (e - v) E and c' = c T + kappa (v - e) (E - T) / (1/tau - b), with E = exp(-b days), T = exp(-days/tau);
    the quotient becomes days * T where 1/tau = b.
    """
    service, buy = market.service, market.purchases

    def kept(half_life_days: float) -> float:
        return float(exp64(-_LN2 * days / half_life_days))

    tau = market.experience.tau * DAYS_PER_MONTH
    slow, fast = 1.0 / tau, _LN2 / (market.experience.h * DAYS_PER_MONTH)
    t, e = exp64(-slow * days), exp64(-fast * days)
    quotient = days * t if abs(slow - fast) * days < 1e-9 else (e - t) / (slow - fast)
    small = float(law.friction_candidates + law.doubt_candidates)
    mean = (small + float(law.failure_candidates)) * days
    mean_new = (small * (1.0 + service.novelty) + float(law.failure_candidates)) * days
    return Pace(
        day=F(day),
        end=F(day + days),
        days=F(days),
        attention_season=F(market.gate.season.factor(day + 0.5 * days)),
        needing_days=F(days * buy.season.factor(day + 0.5 * days)),
        occasion=occasion,
        satisfaction_kept=F(kept(service.satisfaction_half_life * DAYS_PER_MONTH)),
        grievance_kept=F(kept(service.grievance_half_life * DAYS_PER_MONTH)),
        commitment_kept=F(t),
        expectation_kept=F(e),
        experience_gain=F(market.experience.kappa * quotient),
        pressure_kept=F(kept(market.contacts.half_life * 7.0)),
        salience_kept=F(kept(buy.salience_half_life * 7.0)),
        peers_kept=F(kept(market.network.half_life * DAYS_PER_MONTH)),
        no_incident=F(exp64(-mean)),
        incident_mean=F(mean),
        no_incident_new=F(exp64(-mean_new)),
        incident_mean_new=F(mean_new),
        no_need_change=F(exp64(-market.people.need_change * days / DAYS_PER_YEAR)),
        discount_factor=discount_factor(market.money.discount_rate, day + days),
    )


def discount_factor(rate: float, day: float) -> float:
    """What a unit of money on `day` is worth on the day of the fork: (1 + rate) ** (-day / 365.25), 1 before it."""
    return float(exp64(-log64(1.0 + rate) * max(day, 0.0) / DAYS_PER_YEAR))
