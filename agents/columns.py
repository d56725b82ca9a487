"""The columns of the population: names for the rows of a few dense arrays.

Customers are columns of arrays, not objects. Row numbers are `IntEnum` members, which compiled code reads as constants:
`state[S.SATISFACTION, i]`. Floating columns are float32; money is int64 in whole millionths of the currency.
"""

from __future__ import annotations

from enum import IntEnum

NONE = -1
"""The provider of a person who has none."""


class T(IntEnum):
    """Traits, float32: what a customer is. The first `COPULA` are drawn by the Gaussian copula.

    Product taste (`POSITION`) and `NEED` are drawn anew at life events, tastes for experiences follow fashions.
    """

    ATTENTION = 0
    USAGE_RATE = 1
    SPEND = 2
    PRICE_WEIGHT = 3
    QUALITY_WEIGHT = 4
    CONTACT_TOLERANCE = 5
    VOICE = 6
    CANDOUR = 7
    SOCIABILITY = 8
    TASTE_HELP = 9
    TASTE_RECOGNITION = 10
    TASTE_BELONGING = 11
    TASTE_CONTENT = 12
    TASTE_GIFT = 13
    VALUE_OF_TIME = 14
    HASSLE = 15
    HORIZON = 16
    PHASE = 17
    BILL_PHASE = 18
    POSITION = 19
    LEAVES_MARKET = 20
    NEED = 21


COPULA = 16
"""How many leading traits the Gaussian copula draws."""


class S(IntEnum):
    """States, float32: what changes. Hidden from firms.

    `PRESSURE` is that of all channels together: what a contact adds is its channel's weight, all of it fades alike, and
    only the sum is felt.
    """

    SATISFACTION = 0
    GRIEVANCE = 1
    COMMITMENT = 2
    EXPECTATION = 3
    PRESSURE = 4
    REFERENCE_PRICE = 5
    SALIENCE = 6
    USES = 7
    PEER_EXITS = 8
    LAST_GRIEVANCE = 9
    JOINED = 10
    CONTRACT_END = 11
    DISCOUNT = 12
    DISCOUNT_END = 13
    UNPROMPTED = 14
    EXPERIENCE = 15
    UNTOLD_DROP = 16
    UNTOLD_HURT = 17
    PROMISE_DUE = 18


class C(IntEnum):
    """Codes, int8: whole numbers up to `MOST`.

    `GENERATION` counts the persons of a slot, modulo 256; luck tells them apart by the occasion as well.
    `CIRCLE` holds bits: 1 the provider's community, 2 those who met at its events. `RECOMMENDED` is 1 + the number of
    the provider that a friend has recommended, 0 where none has; `REFERRED` is 1 where a recommendation led to the
    present provider. `ADVANCED` counts needs that contacts have advanced.
    """

    SEGMENT = 0
    GENERATION = 1
    PROVIDER = 2
    PLAN = 3
    LAST_PROVIDER = 4
    MEMBER = 5
    DISCOUNT_TAG = 6
    OFFERED_PLAN = 7
    ORIGIN = 8
    UNBROKEN = 9
    TIER = 10
    CIRCLE = 11
    RECOMMENDED = 12
    REFERRED = 13
    ADVANCED = 14


MOST = 127
"""The largest code."""


class B(IntEnum):
    """Bonds, int32: slots of other people, -1 for nobody. `RECOMMENDER` gave the last recommendation."""

    RECOMMENDER = 0


class V(IntEnum):
    """Money per customer, int64 millionths.

    `VALUE` and `SPENT` are discounted to the fork and count only with the provider of origin: margin less direct
    retention cost, and direct retention cost. `PAID` is what the person paid to anybody, undiscounted; `PAID_YEAR` to
    its present provider since the last review of levels.
    """

    VALUE = 0
    SPENT = 1
    PAID = 2
    POINTS = 3
    PAID_YEAR = 4


class K(IntEnum):
    """CRM columns of one provider, float32: what this firm has seen of the current relationship."""

    KNOWN = 0
    JOINED = 1
    PLAN = 2
    PRICE = 3
    DISCOUNT = 4
    DISCOUNT_END = 5
    PURCHASES = 6
    LAST_PURCHASE = 7
    SPEND = 8
    TICKETS = 9
    LAST_TICKET = 10
    CONTACTS = 11
    LAST_CONTACT = 12
    CONTACTS_MONTH = 13
    NEED_SEEN = 14
    POSITION_SEEN = 15
    SIGNALS = 16
    MEMBER = 17
    POINTS = 18
    MESSAGES_MONTH = 19
    CALLS_MONTH = 20
    LETTERS_MONTH = 21
    REACTIONS = 22
    ANSWER = 23
    ANSWERED = 24
    TOLD = 25
    SOLVED = 26
    ATTENDED = 27
    CIRCLE = 28
    TIER = 29
    SPEND_YEAR = 30
    REFERRED = 31
    STAGE = 32
    ARM = 33


class L(IntEnum):
    """Levers and facts of a provider, float32; the last row of the table stands for having none."""

    QUALITY = 0
    PROFILE = 1
    PRICE = 2
    LOG_AVAILABILITY = 3
    REPUTATION = 4
    FRICTION = 5
    DOUBT = 6
    FAILURE = 7
    SOLVED = 8
    ADVERTS = 9
    PROMPT_RATE = 10
    WELCOME_DEPTH = 11
    WELCOME_MONTHS = 12
    WELCOME_TAG = 13
    EARN = 14
    BURN_AT = 15
    PROGRAMME_TAG = 16
    PROGRAMME_HASSLE = 17
    FRICTION_BEFORE = 18
    DOUBT_BEFORE = 19
    FAILURE_BEFORE = 20
    STAGED = 21
    WAVE = 22
    PEERS = 23
    CIRCLE_TIES = 24
    COMMUNITY_TAG = 25
    REFERRAL_REWARD = 26
    REFERRAL_GIFT = 27
    REFERRAL_TAG = 28
    TIER_1 = 29
    TIER_2 = 30
    TIER_3 = 31
    BENEFIT_1 = 32
    BENEFIT_2 = 33
    BENEFIT_3 = 34
    STATUS = 35
    TIER_REVIEW = 36
    TIER_TAG = 37
    STAGE_TAG = 38
    EVENT_TIES = 39


class A(IntEnum):
    """Accounts of the books, int64 millionths, by provider, segment and tag (0: ordinary business, else strategies)."""

    REVENUE = 0
    SERVICE = 1
    ACQUISITION = 2
    EXIT_FEE = 3
    DISCOUNT = 4
    CONTACT = 5
    WAGES = 6
    REWARDS = 7
    FIXED = 8
    UPFRONT = 9
    EARNED = 10
    BURNT = 11
    FORFEITED = 12


SPENDING = (A.DISCOUNT, A.CONTACT, A.WAGES, A.REWARDS, A.FIXED, A.UPFRONT)
"""Accounts in which strategies spend."""


class N(IntEnum):
    """Counts, int64, per provider (the last row is none) and segment; sums of real columns in millionths."""

    PRESENT = 0
    STARTERS_PRESENT = 1
    LOOKS = 2
    LEFT = 3
    LEFT_INVOLUNTARY = 4
    JOINED = 5
    CONTACTS = 6
    PURCHASES = 7
    INCIDENTS = 8
    TICKETS = 9
    EXPECTED_TICKETS = 10
    SATISFACTION = 11
    PRESSURE = 12
    SURPLUS = 13
    RECORDED = 14
    SURPLUS_RECORDED = 15
    CUSTOMER_DAYS = 16
    SAVED = 17
    UNBROKEN = 18
    WORKED = 19
    ENGAGED = 20
    COMMITMENT = 21
    REFERRALS = 22
    PROACTIVE = 23
    STAYED = 24
    HELD = 25
    PROMISES_KEPT = 26
    PROMISES_BROKEN = 27
    EFFORT = 28
    FIT = 29
    VULNERABLE = 30
    BETTER_ELSEWHERE = 31
    FREEDOM = 32
    COMPARED = 33
    KNOWN_RIGHT = 34
    KNOWN = 35


class X(IntEnum):
    """Rows of the ticket buffer, float64: `ARRIVAL` is the share of the pulse that has passed, `PATIENCE` in days."""

    CUSTOMER = 0
    ARRIVAL = 1
    KIND = 2
    PROVIDER = 3
    MINUTES = 4
    PATIENCE = 5
    RESOLVED = 6
