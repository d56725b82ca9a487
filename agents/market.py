"""What a market is: the parameters of an industry's world, as frozen data.

Every field carries its meaning, unit and allowed range (`sim.quantities`); values come from `conf/market/*.yaml` with
their evidence. Rates of people are per day or per month as the unit says; money is in the market's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from sim.quantities import DAYS_PER_MONTH, choice, quantity, text, whole

KINDS = ("help", "recognition", "belonging", "content", "gift")
"""The kinds of experience, in the order of the `taste` traits."""
CHANNELS = ("message", "call", "post")
"""The channels of contact, in the order of the `pressure` states: e-mail and app, telephone, letter."""
INCIDENTS = ("friction", "doubt", "failure")
"""The kinds of incident, in the order of the product's rates."""


@dataclass(frozen=True, kw_only=True)
class Season:
    """How something varies over the calendar's twelve equal months, relative to their mean.

    factor(day) = month's value / mean of the twelve, so that a year's mean is 1 whatever is drawn. Day 0 of the clock
    is the first of January. A season that is left out is flat.
    """

    january: float = quantity("x mean", 0.01, 100.0, "Level in January.", default=1.0)
    february: float = quantity("x mean", 0.01, 100.0, "Level in February.", default=1.0)
    march: float = quantity("x mean", 0.01, 100.0, "Level in March.", default=1.0)
    april: float = quantity("x mean", 0.01, 100.0, "Level in April.", default=1.0)
    may: float = quantity("x mean", 0.01, 100.0, "Level in May.", default=1.0)
    june: float = quantity("x mean", 0.01, 100.0, "Level in June.", default=1.0)
    july: float = quantity("x mean", 0.01, 100.0, "Level in July.", default=1.0)
    august: float = quantity("x mean", 0.01, 100.0, "Level in August.", default=1.0)
    september: float = quantity("x mean", 0.01, 100.0, "Level in September.", default=1.0)
    october: float = quantity("x mean", 0.01, 100.0, "Level in October.", default=1.0)
    november: float = quantity("x mean", 0.01, 100.0, "Level in November.", default=1.0)
    december: float = quantity("x mean", 0.01, 100.0, "Level in December.", default=1.0)

    def factor(self, day: float) -> float:
        """The factor on a day of the clock; days before 0 belong to the years before. Flat: exactly 1."""
        levels = [getattr(self, field.name) for field in fields(self)]
        level: float = levels[int(day // DAYS_PER_MONTH) % 12]
        return float(level / (sum(levels) / 12.0))


FLAT = Season()
"""No season."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The attention gate: what makes a customer look (MODEL: P(look) = 1 - (1 - P_s) prod(1 - p_prompt))."""

    per: str = choice("When attention is drawn.", "day", "renewal", "purchase")
    attention: float = quantity(
        "per day, renewal or purchase", 1e-7, 1.0, "Mean attention of the average customer."
    )
    attention_none: float = quantity("per day", 0.0, 1.0, "Attention of people without a provider.")
    spread: float = quantity(
        "x of the segments", 0.0, 5.0, "Heterogeneity of attention here, times spread_attention.", default=1.0
    )
    g_grievance: float = quantity(
        "per core failure", 0.0, 5.0, "How grievance multiplies attention (log scale)."
    )
    g_dissatisfaction: float = quantity(
        "per unit of satisfaction", 0.0, 10.0, "How satisfaction below s_ref multiplies attention."
    )
    g_peers: float = quantity("per exited tie", 0.0, 3.0, "How exits among ties multiply attention.")
    g_commitment: float = quantity(
        "per utility unit", 0.0, 5.0, "How commitment lowers attention (log scale)."
    )
    s_ref: float = quantity("satisfaction", 0.0, 1.0, "The satisfaction that is taken for granted.")
    p_notice: float = quantity(
        "probability", 0.0, 1.0, "A renewal notice or contract end makes a customer look."
    )
    p_price_rise: float = quantity("probability", 0.0, 1.0, "A price rise makes a customer look.")
    p_expiry: float = quantity("probability", 0.0, 1.0, "The end of an offer makes a customer look.")
    p_contact: float = quantity(
        "probability", 0.0, 1.0, "A contact without any match to the customer makes it look."
    )
    p_advert: float = quantity(
        "probability", 0.0, 1.0, "A rival's advertisement that reaches a customer makes it look."
    )
    season: Season = text(
        "How attention per day varies over the year, that of people without a provider too.", default=FLAT
    )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a customer who looks compares."""

    rule: str = choice(
        "compare: a choice among all; leave: one who looks leaves (an exact special case).",
        "compare",
        "leave",
    )
    returns: bool = text("Whether people without a provider may come back; false is an exact special case.")
    match_scale: float = quantity("utility per unit of match", 0.0, 10.0, "Weight of match in the choice.")
    misfit: float = quantity("match per unit of need", 0.0, 4.0, "How a plan of the wrong size lowers match.")
    category_exit: float = quantity("utility", -50.0, 50.0, "Utility of having no provider.")
    memory: float = quantity(
        "days", 30.0, 365.0, "How long a customer's view of an alternative stays the same."
    )
    own_availability: bool = text(
        "Whether log(availability) also enters V_own (an exact special case: logit shares)."
    )
    in_person: float = quantity(
        "share", 0.0, 1.0, "Share of leavers who must cancel in person and can be met by a save desk."
    )


@dataclass(frozen=True, kw_only=True)
class Experience:
    """The only road into commitment: d commitment/dt = -commitment/tau + kappa (v - expectation)."""

    kappa: float = quantity(
        "utility per day and utility per day", 0.0, 10.0, "Gain from experience to commitment."
    )
    tau: float = quantity("months", 0.5, 120.0, "Time in which commitment fades.")
    h: float = quantity("months", 0.1, 120.0, "Half-life with which one gets used to what one experiences.")
    rho: float = quantity(
        "utility per unit of pressure", 0.0, 10.0, "What a contact above tolerance costs, as an experience."
    )
    worth_help: float = quantity("utility per currency unit", 0.0, 10.0, "Worth of help.")
    worth_recognition: float = quantity("utility per currency unit", 0.0, 10.0, "Worth of recognition.")
    worth_belonging: float = quantity("utility per currency unit", 0.0, 10.0, "Worth of belonging.")
    worth_content: float = quantity("utility per unit of match", 0.0, 10.0, "Worth of content that fits.")
    worth_gift: float = quantity("utility per currency unit", 0.0, 10.0, "Worth of a gift.")


@dataclass(frozen=True, kw_only=True)
class Service:
    """Incidents of the product, tickets, the desk and what they do to satisfaction and grievance."""

    friction: float = quantity("per customer and month", 0.0, 10.0, "Friction of site or app.")
    doubt: float = quantity("per customer and month", 0.0, 10.0, "Where is my order, what is this charge.")
    failure: float = quantity("per customer and month", 0.0, 10.0, "Failures of the core service.")
    novelty: float = quantity(
        "", 0.0, 10.0, "Friction and doubt of the new: x (1 + novelty exp(-uses / learn))."
    )
    learn: float = quantity("uses", 0.5, 1000.0, "Uses until a customer knows its way.")
    drop_friction: float = quantity("satisfaction", 0.0, 1.0, "Satisfaction lost by a friction.")
    drop_doubt: float = quantity("satisfaction", 0.0, 1.0, "Satisfaction lost by a doubt.")
    drop_failure: float = quantity("satisfaction", 0.0, 1.0, "Satisfaction lost by a core failure.")
    grievance_friction: float = quantity("core failures", 0.0, 1.0, "Grievance left by a friction.")
    grievance_doubt: float = quantity("core failures", 0.0, 1.0, "Grievance left by a doubt.")
    satisfaction_half_life: float = quantity(
        "months", 0.1, 60.0, "Half-life of satisfaction's way back to the provider's quality."
    )
    grievance_half_life: float = quantity("months", 0.1, 120.0, "Half-life of grievance.")
    recovery: float = quantity(
        "share", 0.0, 1.2, "Share of the lost satisfaction that a solved ticket restores."
    )
    heal: float = quantity("share", 0.0, 1.0, "Share of an incident's grievance that a solved ticket heals.")
    wait_cost: float = quantity(
        "satisfaction per hour",
        0.0,
        1.0,
        "Satisfaction lost by an hour of waiting, at most the incident's own drop.",
    )
    abandon_grievance: float = quantity(
        "core failures", 0.0, 2.0, "Grievance added when a customer gives up waiting."
    )
    patience: float = quantity("hours", 0.01, 1000.0, "Mean patience of a waiting customer (exponential).")
    minutes: float = quantity("minutes", 0.5, 600.0, "Mean time that staff work on a ticket (exponential).")
    solved: float = quantity("probability", 0.0, 1.0, "First-contact resolution without training.")
    team_customers: float = quantity(
        "customers", 500.0, 1e7, "Customers of the firm that one team of the desk serves."
    )
    load: float = quantity(
        "share", 0.0, 0.98, "Staffing under `today`: share of staffed minutes that the expected tickets fill."
    )
    hours: float = quantity("hours a day", 1.0, 24.0, "Opening hours of the desk, seven days a week.")
    desk: bool = text(
        "Whether tickets wait at a desk; false answers each at once, so that nobody affects another.",
        default=True,
    )


@dataclass(frozen=True, kw_only=True)
class Network:
    """Who knows whom, and what passes along ties: exits and recommendations. Without ties nobody affects anybody."""

    ties: float = quantity("ties", 0.0, 100.0, "Mean number of a person's ties; 0: no network.", default=0.0)
    homophily: float = quantity(
        "share", 0.0, 1.0, "Share of ties drawn among people alike in segment and taste.", default=0.0
    )
    strong: float = quantity("share", 0.0, 1.0, "Share of ties that are strong.", default=0.0)
    weak: float = quantity(
        "share of a strong tie's weight", 0.0, 1.0, "Weight of a weak tie; all ties weigh 1 on average.",
        default=1.0,
    )  # fmt: skip
    half_life: float = quantity(
        "months", 0.05, 60.0, "Half-life with which exits among ties are forgotten.", default=1.0
    )
    recommend: float = quantity(
        "per month and utility unit",
        0.0,
        10.0,
        "Rate of recommending: r max(0, satisfaction - s_ref + commitment + pull of a reward).",
        default=0.0,
    )
    p_recommend: float = quantity(
        "probability",
        0.0,
        1.0,
        "A recommendation over a tie of average weight makes a friend look.",
        default=0.0,
    )
    eased: float = quantity(
        "share", 0.0, 1.0, "Share of the hassle of switching that a friend's advice saves.", default=0.0
    )

    @property
    def mean_weight(self) -> float:
        """Mean weight of a tie where a strong one weighs 1; at least a millionth."""
        return max(self.strong + (1.0 - self.strong) * self.weak, 1e-6)


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """What happens when a firm asks, calls or invites: answers, revealed trouble, promises, acceptance, effort."""

    response_message: float = quantity(
        "probability", 0.0, 1.0, "A survey by message is answered.", default=0.2
    )
    response_call: float = quantity("probability", 0.0, 1.0, "A call is answered.", default=0.5)
    response_post: float = quantity("probability", 0.0, 1.0, "A survey by letter is answered.", default=0.1)
    reaction: float = quantity(
        "probability", 0.0, 1.0, "Content of full match is opened, followed or clicked.", default=0.2
    )
    answer_error: float = quantity(
        "satisfaction", 0.0, 2.0, "Standard deviation of a survey answer around satisfaction.", default=0.2
    )
    asked: float = quantity(
        "currency", 0.0, 100.0, "Recognition felt by who is asked and answers.", default=0.0
    )
    promise_days: float = quantity(
        "days", 0.1, 365.0, "Within so many days trouble that was told must be followed up.", default=30.0
    )
    broken_promise: float = quantity(
        "core failures",
        0.0,
        2.0,
        "Grievance added when told trouble is not followed up in time.",
        default=0.3,
    )
    accept: float = quantity(
        "utility", -10.0, 10.0,
        "Leaning to accept an invitation: logistic(accept + taste for belonging + commitment + quality).",
        default=-2.0,
    )  # fmt: skip
    lesson: float = quantity(
        "uses per hour", 0.0, 1000.0, "Uses that an hour of instruction replaces in learning the product.",
        default=10.0,
    )  # fmt: skip
    effort: float = quantity(
        "minutes", 0.0, 600.0, "Time that an incident itself costs a customer.", default=10.0
    )
    survey_minutes: float = quantity("minutes", 0.0, 120.0, "Time that an answer costs.", default=3.0)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Rules between the strategies of a provider: its contact calendar and its budget in all."""

    cap_message: int = whole("contacts per customer and month", 0, 1000, "Cap on messages.", default=1000)
    cap_call: int = whole("contacts per customer and month", 0, 1000, "Cap on calls.", default=1000)
    cap_post: int = whole("contacts per customer and month", 0, 1000, "Cap on letters.", default=1000)
    budget: float = quantity(
        "currency per customer of the firm and month",
        0.0,
        1e6,
        "Most that contacts and offers of all strategies together may commit.",
        default=1e6,
    )


@dataclass(frozen=True, kw_only=True)
class Product:
    """What money can do to the product's incidents: delayed, with diminishing returns, in need of upkeep."""

    ceiling: float = quantity(
        "share", 0.0, 1.0, "Largest share of an incident's rate that investment can remove."
    )
    scale: float = quantity(
        "currency per customer of the firm",
        0.01,
        10_000.0,
        "Investment that removes 63 % of what can be removed.",
    )
    delay: float = quantity("days", 0.0, 1000.0, "From money to release.")
    decay: float = quantity("per month", 0.0, 1.0, "Share of the improvement lost per month without upkeep.")


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """What a contact costs the firm, weighs on the customer, and how that fades."""

    weight_message: float = quantity("pressure", 0.0, 10.0, "Intrusiveness of a message.")
    weight_call: float = quantity("pressure", 0.0, 10.0, "Intrusiveness of a call.")
    weight_post: float = quantity("pressure", 0.0, 10.0, "Intrusiveness of a letter.")
    half_life: float = quantity("weeks", 0.1, 52.0, "Half-life of pressure.")
    cost_message: float = quantity("currency each", 0.0, 100.0, "Cost of a message.")
    cost_call: float = quantity("currency each", 0.0, 1000.0, "Cost of a call.")
    cost_post: float = quantity("currency each", 0.0, 100.0, "Cost of a letter.")
    cap: int = whole("contacts per customer and month", 0, 1000, "Contact cap of a provider's calendar.")


@dataclass(frozen=True, kw_only=True)
class Purchases:
    """Purchases without contract: a need becomes one with probability logistic(u0 + salience + price and points)."""

    usage_rate: float = quantity(
        "needs (or uses) per day", 1e-5, 10.0, "Mean rate of needs, or of uses under a contract."
    )
    u0: float = quantity(
        "utility", -10.0, 40.0, "Propensity to buy when a need arises; 40 makes every need a purchase."
    )
    price_elasticity: float = quantity(
        "utility per share of the price",
        0.0,
        20.0,
        "How the gap of reference price and price paid moves a purchase.",
    )
    salience_jump: float = quantity(
        "utility", 0.0, 5.0, "Salience gained by a contact that fits or a purchase."
    )
    salience_half_life: float = quantity("weeks", 0.1, 52.0, "Half-life of salience.")
    reference_half_life: float = quantity(
        "purchases", 0.5, 50.0, "Purchases (or bills) in which half of the way to the price paid is learned."
    )
    inactive_after: float = quantity(
        "own gaps", 1.0, 20.0, "The CRM calls a customer inactive after this multiple of its own gap."
    )
    advance: float = quantity(
        "probability", 0.0, 1.0, "A contact that fits advances a need, which lowers later ones."
    )
    season: Season = text("How needs (or uses) vary over the year.", default=FLAT)


@dataclass(frozen=True, kw_only=True)
class Money:
    """Prices, margins and unit costs that belong to the industry."""

    price: float = quantity(
        "currency per month, or per purchase",
        0.01,
        1e6,
        "Typical list price; without contract the mean basket.",
    )
    margin: float = quantity("share of list price", 0.0, 1.0, "Margin before retention cost.")
    acquisition: float = quantity("currency per join", 0.0, 1e6, "Cost to acquire a customer.")
    wage: float = quantity("currency per hour", 0.0, 1000.0, "Fully loaded wage of service staff.")
    discount_rate: float = quantity("per year", 0.0, 1.0, "Discount rate of money.")
    exit_fee: float = quantity(
        "share of the remaining fee", 0.0, 1.0, "Part of the remaining contract due when leaving early."
    )
    breakage: float = quantity("share", 0.0, 1.0, "Share of points expected never to be burnt.")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan: what size of need it suits, at which price relative to the typical one."""

    name: str = text("Name of the plan.")
    level: float = quantity("need", 0.0, 1.0, "The need that it fits.")
    price: float = quantity("x typical price", 0.01, 100.0, "Price relative to the typical price.")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A competing firm as the market starts."""

    name: str = text("Name of the provider.")
    quality: float = quantity("satisfaction", 0.0, 1.0, "Where satisfaction goes without incidents.")
    profile: float = quantity("product taste", -1.0, 1.0, "Position of its product in product taste.")
    price: float = quantity("x typical price", 0.01, 100.0, "Price level.")
    availability: float = quantity(
        "share", 1e-6, 1.0, "Share of lookers who find it available, by way of log(availability)."
    )
    adverts: float = quantity(
        "per person and month", 0.0, 10.0, "Advertisements that reach a person who is not its customer."
    )
    incidents: float = quantity("x market", 0.0, 10.0, "Incident rates relative to the market's.")


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How tastes move: fashions of whole segments, and the person's own at life events. Exogenous in every scenario."""

    fashion: float = quantity(
        "taste per square root of a year",
        0.0,
        5.0,
        "Standard deviation by which a segment's taste for each kind of experience wanders.",
        default=0.0,
    )
    renewed: float = quantity(
        "share", 0.0, 1.0, "Share of the way to a newly drawn product taste at a life event.", default=0.0
    )


@dataclass(frozen=True, kw_only=True)
class People:
    """Replacement and drift of the people in the market."""

    involuntary: float = quantity(
        "per month", 0.0, 0.5, "Moves, deaths and the like: the person leaves the market and another comes."
    )
    need_change: float = quantity("per year", 0.0, 10.0, "Life events that draw a new need.")
    plan_error: float = quantity(
        "need", 0.0, 1.0, "Standard deviation of a customer's error about its need when it takes a plan."
    )
    signal_error: float = quantity(
        "taste or need", 0.0, 10.0, "Standard deviation of what the CRM sees of a taste or need in a month."
    )
    drift: Drift = text("How tastes move over time.", default=Drift())


@dataclass(frozen=True, kw_only=True)
class Market:
    """An industry's world: contract form, providers, plans, and the laws that hold for all of them.

    The first provider is the focal one unless the experiment names another. `churn_target` is the monthly churn under
    `today` for which the mean attention is solved; None leaves attention as configured (fitted markets).
    """

    title: str = text("Title for reports.")
    currency: str = text("Currency of all money.")
    contract: str = choice("Contract form.", "subscription", "term", "none")
    term_months: float = quantity("months", 1.0, 60.0, "Length of a term contract.")
    pulse: float = quantity("days", 0.01, 92.0, "Length of a pulse.")
    warm_up: float = quantity("months", 0.0, 60.0, "Warm-up under `today` before the fork.")
    start: str = choice(
        "stock: a market in mid-life; cohort: everybody joins the focal provider on day 0.", "stock", "cohort"
    )
    customers: int = whole("customers", 1, 100_000_000, "People simulated.")
    firm_customers: float = quantity(
        "customers",
        1.0,
        1e9,
        "Customers of the real focal firm at the start; the simulated ones are a sample.",
    )
    churn_target: float | None = quantity(
        "per month", 0.0, 0.9, "Churn under `today` for which mean attention is solved."
    )
    gate: Gate = text("The attention gate.")
    choice: Choice = text("The choice.")
    experience: Experience = text("Experience and commitment.")
    service: Service = text("Incidents and the desk.")
    product: Product = text("The technology of product investment.")
    contacts: Contacts = text("Contacts.")
    purchases: Purchases = text("Purchases and uses.")
    money: Money = text("Prices and unit costs.")
    people: People = text("Replacement and drift.")
    plans: tuple[Plan, ...] = text("Plans, offered by every provider at its own price level.")
    providers: tuple[Provider, ...] = text("Providers; the focal one first.")
    network: Network = text("Ties between people.", default=Network())
    dialogue: Dialogue = text("Surveys, calls and invitations.", default=Dialogue())
    rules: Rules = text("Rules between a provider's strategies.", default=Rules())
