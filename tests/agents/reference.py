"""The reference: a pulse of one customer and its choice, written down plainly from the model, in double precision.

No blocks, no columns, no shared tables: one person after the other, event after event, as one would tell it. What the
compiled passes do is held against this, see `test_reference`. Luck is the only thing taken from the model's own code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from agents.columns import C, L, S, T, V
from agents.world import World
from sim.luck import Decision, bits
from sim.marketplace import Pulse

MONTH = 30.4375
YEAR = 365.25
LEVERS = [lever.name.lower() for lever in L]


@dataclass
class Ticket:
    """An incident that the customer tells its provider."""

    time: float
    kind: int
    provider: int
    minutes: float
    patience: float
    resolved: float


@dataclass
class Person:
    """One customer; attributes are the model's names, read from the columns and compared with them afterwards."""

    slot: int
    traits: dict[str, float]
    state: dict[str, float]
    codes: dict[str, int]
    money: dict[str, int]
    tickets: list[Ticket] = field(default_factory=list)
    incidents: int = 0
    purchases: int = 0
    renews: bool = False
    looks: bool = False
    margin: float = math.inf
    """How near its luck came to a decision that could have fallen otherwise."""

    @classmethod
    def of(cls, world: World, slot: int) -> Person:
        """The person at a slot as it stands."""
        a = world.arrays
        return cls(
            slot,
            {t.name.lower(): float(a.traits[t, slot]) for t in T},
            {s.name.lower(): float(a.state[s, slot]) for s in S},
            {c.name.lower(): int(a.codes[c, slot]) for c in C},
            {v.name.lower(): int(a.money[v, slot]) for v in V},
        )

    def decide(self, luck: float, chance: float) -> bool:
        """Whether something with a probability happens; remembers how near that was to falling otherwise."""
        self.margin = min(self.margin, abs(luck - chance))
        return luck < chance


@dataclass
class Reference:
    """The world at the beginning of a pulse, and what the pulse does to people."""

    world: World
    pulse: Pulse

    def __post_init__(self) -> None:
        self.market = self.world.market
        self.firms: list[dict[str, float]] = [
            dict(zip(LEVERS, row)) for row in self.world.levers.astype(float).tolist()
        ]
        self.none = self.firms.pop()
        self.plans: list[list[float]] = self.world.arrays.plans.astype(float).tolist()
        self.days, self.day, self.end = self.pulse.days, self.pulse.day, self.pulse.end
        middle = self.day + 0.5 * self.days
        self.attention_season = self.market.gate.season.factor(middle)
        self.needing_days = self.days * self.market.purchases.season.factor(middle)
        self.no_contract, self.has_term = self.market.contract == "none", self.market.contract == "term"
        self.discounting = (1.0 + self.market.money.discount_rate) ** (-max(self.end, 0.0) / YEAR)

    # Luck.

    def words(self, decision: Decision, person: Person, occasion: int, sub: int = 0) -> list[int]:
        """Four words of luck."""
        found = bits(self.world.key, int(decision), person.slot, person.codes["generation"], occasion, sub)
        return [int(word) for word in found]

    def marks(
        self, decision: Decision, person: Person, occasion: int | None = None, sub: int = 0
    ) -> list[float]:
        """Four uniform numbers of 23 bits."""
        number = self.pulse.number if occasion is None else occasion
        return [((word >> 9) + 0.5) / 2.0**23 for word in self.words(decision, person, number, sub)]

    # Living.

    def live(self, p: Person) -> None:
        """Everything that happens to a customer in the pulse, and whether it looks."""
        look, incident, purchase, life = self.marks(Decision.LOOK, p)
        self.fade(p)
        with_provider = p.codes["provider"] >= 0
        if not p.decide(life, math.exp(-self.market.people.need_change * self.days / YEAR)):
            self.life_changes(p)
        if with_provider:
            self.incidents(p, incident)
            if self.no_contract:
                self.needs(p, purchase)
            else:
                self.bill(p)
        if p.state["promise_due"] != 0.0 and p.state["promise_due"] <= self.end:
            p.state["promise_due"] = 0.0
            p.state["grievance"] += self.market.dialogue.broken_promise
        if with_provider and p.state["discount"] > 0.0 and self.day < p.state["discount_end"] <= self.end:
            p.state["unprompted"] *= 1.0 - self.market.gate.p_expiry
        if with_provider and self.has_term and self.day < p.state["contract_end"] <= self.end:
            p.renews = True
            if self.market.gate.per == "renewal":
                p.state["unprompted"] *= (1.0 - p.traits["attention"]) ** self.multiplier(p)
            else:
                p.state["unprompted"] *= 1.0 - self.market.gate.p_notice
        unseen = self.unseen(p)
        p.state["unprompted"] = 1.0
        p.looks = not p.decide(look, unseen) and (with_provider or self.market.choice.returns)

    def fade(self, p: Person) -> None:
        """Memories fade with their half-lives; commitment and expectation follow the experience of the pulse."""
        s, service = p.state, self.market.service

        def kept(half_life: float, unit: float) -> float:
            return float(0.5 ** (self.days / (half_life * unit)))

        own = self.firms[p.codes["provider"]] if p.codes["provider"] >= 0 else self.none
        calm = kept(service.satisfaction_half_life, MONTH)
        s["satisfaction"] = own["quality"] + (s["satisfaction"] - own["quality"]) * calm
        s["untold_drop"] *= calm
        for name in ("grievance", "last_grievance", "untold_hurt"):
            s[name] *= kept(service.grievance_half_life, MONTH)
        s["salience"] *= kept(self.market.purchases.salience_half_life, 7.0)
        s["peer_exits"] *= kept(self.market.network.half_life, MONTH)
        s["pressure"] *= kept(self.market.contacts.half_life, 7.0)
        # dc/dt = -c / tau + kappa (v - e), de/dt = b (v - e), at constant v.
        tau, b = self.market.experience.tau * MONTH, math.log(2.0) / (self.market.experience.h * MONTH)
        v = s["experience"] / self.days
        slow, fast = math.exp(-self.days / tau), math.exp(-b * self.days)
        carried = self.days * slow if math.isclose(b, 1.0 / tau) else (fast - slow) / (1.0 / tau - b)
        s["commitment"] = (
            s["commitment"] * slow + self.market.experience.kappa * (v - s["expectation"]) * carried
        )
        s["expectation"] = v + (s["expectation"] - v) * fast
        s["experience"] = 0.0
        if not self.no_contract:
            s["uses"] += self.needing_days * p.traits["usage_rate"]

    def life_changes(self, p: Person) -> None:
        """A life event renews the need for a plan and, in part, the taste."""
        need, taste, _, _ = self.marks(Decision.NEED, p)
        p.traits["need"] = need
        p.traits["position"] += self.market.people.drift.renewed * (2.0 * taste - 1.0 - p.traits["position"])

    def incidents(self, p: Person, luck: float) -> None:
        """Candidates come at the market's highest rates; each is kept with its own rate over that."""
        service, law = self.market.service, self.world.law
        novelty = 1.0 + service.novelty * math.exp(-p.state["uses"] / service.learn)
        more = 1.0 + service.novelty if p.state["uses"] <= float(law.familiar) else 1.0
        candidates = [
            float(law.friction_candidates) * more,
            float(law.doubt_candidates) * more,
            float(law.failure_candidates),
        ]
        drops = (service.drop_friction, service.drop_doubt, service.drop_failure)
        hurts = (service.grievance_friction, service.grievance_doubt, 1.0)
        provider = p.codes["provider"]
        firm = self.firms[provider]
        before = "_before" if self.behind(p, firm) else ""
        rates = [
            firm[f"friction{before}"] * novelty, firm[f"doubt{before}"] * novelty, firm[f"failure{before}"],
        ]  # fmt: skip
        for sub in range(self.poisson(p, luck, sum(candidates) * self.days)):
            which, accept, voice, time = self.marks(Decision.INCIDENT_MARK, p, sub=sub)
            place = which * sum(candidates)
            kind = 0 if place < candidates[0] else 1 if place < candidates[0] + candidates[1] else 2
            if not p.decide(accept, rates[kind] / candidates[kind]):
                continue
            p.incidents += 1
            p.state["satisfaction"] = max(0.0, p.state["satisfaction"] - drops[kind])
            p.state["grievance"] += hurts[kind]
            if not p.decide(voice, p.traits["voice"]):
                p.state["untold_drop"] += drops[kind]
                p.state["untold_hurt"] += hurts[kind]
                continue
            work, patience, resolved, answered = self.marks(Decision.TICKET, p, sub=sub)
            if kind < 2 and p.codes["circle"] & 1 and p.decide(answered, firm["peers"]):
                if p.decide(resolved, firm["solved"]):
                    p.state["satisfaction"] = min(
                        1.0, p.state["satisfaction"] + service.recovery * drops[kind]
                    )
                    p.state["grievance"] = max(0.0, p.state["grievance"] - service.heal * hurts[kind])
                continue
            p.tickets.append(
                Ticket(
                    time, kind, provider, -service.minutes * math.log(work),
                    -service.patience / 24.0 * math.log(patience), resolved,
                )
            )  # fmt: skip

    def behind(self, p: Person, firm: dict[str, float]) -> bool:
        """Whether the last release of the provider's product has not come to this customer yet."""
        if firm["staged"] >= 1.0:
            return False
        return not p.decide(self.marks(Decision.STAGE, p, int(firm["wave"]))[0], firm["staged"])

    def poisson(self, p: Person, luck: float, mean: float) -> int:
        """A Poisson number by inversion."""
        number, term = 0, math.exp(-mean)
        total = term
        while not p.decide(luck, total) and number < 32:
            number += 1
            term *= mean / number
            total += term
        return number

    # Money.

    def list_price(self, p: Person, provider: int, plan: int) -> float:
        """Per month under a contract, else per purchase."""
        level = self.firms[provider]["price"] * self.plans[plan][1]
        return float(self.market.money.price * level * p.traits["spend"])

    def bill(self, p: Person) -> None:
        """A bill a month, on the customer's own day."""
        first = math.floor((self.day - p.traits["bill_phase"]) / MONTH)
        if math.floor((self.end - p.traits["bill_phase"]) / MONTH) > first:
            self.charge(p, self.day)

    def charge(self, p: Person, day: float) -> None:
        """Charge once: what is paid counts towards levels and points, and moves the reference price."""
        s, firm, money = p.state, self.firms[p.codes["provider"]], self.market.money
        gross = self.list_price(p, p.codes["provider"], p.codes["plan"])
        cut = gross * s["discount"] if s["discount_end"] > day else 0.0
        p.money["paid"] += round((gross - cut) * 1e6)
        p.money["paid_year"] += round((gross - cut) * 1e6)
        thresholds = [firm[f"tier_{step}"] for step in (1, 2, 3)]
        if thresholds[0] > 0.0:
            level = max(
                (n + 1 for n, t in enumerate(thresholds) if t > 0.0 and p.money["paid_year"] >= t * 1e6),
                default=0,
            )
            if level > p.codes["tier"]:
                worth = p.traits["taste_recognition"] * self.market.experience.worth_recognition
                s["experience"] += worth * (level - p.codes["tier"]) * firm["status"]
                p.codes["tier"] = level
        reward = self.earn(p, gross - cut, firm)
        if p.codes["origin"] == p.codes["provider"]:
            p.money["value"] += round((gross * money.margin - cut - reward) * self.discounting * 1e6)
            p.money["spent"] += round((cut + reward) * self.discounting * 1e6)
        s["reference_price"] += (1.0 - cut / gross - s["reference_price"]) * (
            1.0 - 0.5 ** (1.0 / self.market.purchases.reference_half_life)
        )

    def earn(self, p: Person, paid: float, firm: dict[str, float]) -> float:
        """Points of a member: a liability at the share that will be kept, a gift when they are burnt."""
        if not p.codes["member"] or firm["earn"] <= 0.0:
            return 0.0
        kept = 1.0 - self.market.money.breakage
        points = math.floor(paid * firm["earn"] * 1000.0) / 1000.0  # in whole thousandths
        balance = p.money["points"] / 1e6 + points
        cost = points * kept
        if balance >= firm["burn_at"]:
            cost += balance * (1.0 - kept)
            p.state["experience"] += p.traits["taste_gift"] * self.market.experience.worth_gift * balance
            balance = 0.0
        p.money["points"] = round(balance * 1e6)
        return cost

    # Purchases without contract.

    def needs(self, p: Person, luck: float) -> None:
        """Needs come at the customer's rate, evenly over the pulse; each may become a purchase, each purchase a look."""
        s, per_purchase = p.state, self.market.gate.per == "purchase"
        number = self.poisson(p, luck, p.traits["usage_rate"] * self.needing_days)
        unseen = (1.0 - p.traits["attention"]) ** self.multiplier(p) if per_purchase else 1.0
        for sub in range(number):
            when, buys, ends, _ = self.marks(Decision.PURCHASE_MARK, p, sub=sub)
            if p.codes["advanced"] > 0:
                p.codes["advanced"] -= 1
                continue
            day = self.day + self.days * (sub + when) / number
            if not p.decide(buys, self.buying(p, day)):
                continue
            p.purchases += 1
            self.charge(p, day)
            s["salience"] = max(s["salience"], self.market.purchases.salience_jump)
            s["uses"] += 1.0
            if self.market.choice.rule != "leave":
                s["unprompted"] *= unseen
            elif not p.decide(ends, unseen):
                s["unprompted"] = 0.0
                return

    def buying(self, p: Person, day: float) -> float:
        """The probability that a need becomes a purchase."""
        s, firm, buy = p.state, self.firms[p.codes["provider"]], self.market.purchases
        price = 1.0 - (s["discount"] if s["discount_end"] > day else 0.0)
        bonus = (firm["earn"] if p.codes["member"] else 0.0) + self.progress(p, firm, day)
        utility = buy.u0 + s["salience"] + buy.price_elasticity * (s["reference_price"] - price + bonus)
        return 1.0 / (1.0 + math.exp(-utility))

    def progress(self, p: Person, firm: dict[str, float], day: float) -> float:
        """What a unit of spend brings who sees the next level within reach."""
        tier, spent = p.codes["tier"], p.money["paid_year"] / 1e6
        if tier >= 3 or firm[f"tier_{tier + 1}"] <= 0.0 or firm["tier_review"] <= day:
            return 0.0
        missing = firm[f"tier_{tier + 1}"] - spent
        if not 0.0 < missing <= spent:
            return 0.0
        gain = firm[f"benefit_{tier + 1}"] - (firm[f"benefit_{tier}"] if tier else 0.0)
        return max(0.0, min(0.5, gain / missing))

    # The gate.

    def multiplier(self, p: Person) -> float:
        """By how much experience multiplies attention."""
        gate, s = self.market.gate, p.state
        return math.exp(
            gate.g_grievance * s["grievance"]
            + gate.g_dissatisfaction * max(0.0, gate.s_ref - s["satisfaction"])
            + gate.g_peers * s["peer_exits"]
            - gate.g_commitment * s["commitment"]
        )

    def unseen(self, p: Person) -> float:
        """The probability that the pulse passes without a look."""
        gate, own = self.market.gate, p.codes["provider"]
        if own < 0:
            rate = gate.attention_none * self.attention_season + self.none["prompt_rate"]
        else:
            rate = self.firms[own]["prompt_rate"]
            if gate.per == "day":
                rate += p.traits["attention"] * self.attention_season * self.multiplier(p)
        return p.state["unprompted"] * math.exp(-min(80.0, rate * self.days))

    # The choice.

    def choose(self, p: Person, effort: float = 1.0) -> int:
        """Where a customer who looks goes: a provider, or -1; at equal views always to the same place."""
        if self.market.choice.rule == "leave" and p.codes["provider"] >= 0:
            return -1
        views = self.views(p, effort)
        window = math.floor((self.end + p.traits["phase"]) / self.market.choice.memory)
        for n in range(len(views)):
            views[n] -= math.log(-math.log(self.marks(Decision.CHOICE, p, window, n // 4)[n % 4]))
        best = max(range(len(views)), key=lambda n: views[n])
        p.margin = min(views[best] - view for n, view in enumerate(views) if n != best)
        return best if best < len(self.firms) else -1

    def views(self, p: Person, effort: float) -> list[float]:
        """The utility of every provider and, last, of none."""
        rule, gate, weights = self.market.choice, self.market.gate, p.traits
        own, behind = p.codes["provider"], self.leaving_cost(p)
        elsewhere = self.plan_taken(p)
        found = []
        for j, firm in enumerate(self.firms):
            if j == own:
                v = max(
                    self.own_plan(p, plan) for plan in {p.codes["plan"], p.codes["offered_plan"] - 1} - {-1}
                )
                v += (
                    weights["quality_weight"] * (p.state["satisfaction"] - gate.s_ref) + p.state["commitment"]
                )
                found.append(v + firm["log_availability"] if rule.own_availability else v)
                continue
            hassle = effort * weights["hassle"]
            if p.codes["recommended"] == j + 1:
                hassle = hassle * (1.0 - self.market.network.eased) - firm["referral_gift"]
            welcome = firm["welcome_depth"] * min(1.0, firm["welcome_months"] / weights["horizon"])
            cost = self.monthly(p, self.list_price(p, j, elsewhere)) * (1.0 - welcome)
            cost += (hassle + behind) / weights["horizon"]
            v = weights["quality_weight"] * (firm["reputation"] - gate.s_ref) + firm["log_availability"]
            v += rule.match_scale * self.match(p, firm, elsewhere) - weights["price_weight"] * cost
            found.append(v)
        return [*found, rule.category_exit - weights["price_weight"] * behind / weights["horizon"]]

    def own_plan(self, p: Person, plan: int) -> float:
        """What a plan of the own provider is worth: fit less cost, a running discount counted until it ends."""
        own = p.codes["provider"]
        rest = min(1.0, max(0.0, p.state["discount_end"] - self.end) / (MONTH * p.traits["horizon"]))
        cost = self.monthly(p, self.list_price(p, own, plan)) * (1.0 - p.state["discount"] * rest)
        fit = self.market.choice.match_scale * self.match(p, self.firms[own], plan)
        return fit - p.traits["price_weight"] * cost

    def monthly(self, p: Person, price: float) -> float:
        """A price as a cost per month."""
        return price * p.traits["usage_rate"] * MONTH if self.no_contract else price

    def match(self, p: Person, firm: dict[str, float], plan: int) -> float:
        """Fit of a provider and a plan to a customer."""
        wrong = float(self.market.choice.misfit) * abs(p.traits["need"] - self.plans[plan][0])
        return min(1.0, max(-1.0, 1.0 - abs(p.traits["position"] - firm["profile"]) - wrong))

    def plan_taken(self, p: Person) -> int:
        """The plan nearest to the need as the customer sees it in this memory window."""
        window = math.floor((self.end + p.traits["phase"]) / self.market.choice.memory)
        high, low, _, _ = self.words(Decision.PLAN, p, window)
        luck = ((high << 20 | low >> 12) + 0.5) / 2.0**52
        seen = p.traits["need"] + self.market.people.plan_error * NormalDist().inv_cdf(luck)
        return min(range(len(self.plans)), key=lambda plan: abs(self.plans[plan][0] - seen))

    def leaving_cost(self, p: Person) -> float:
        """What leaving costs once: the fee on the rest of the term, points, benefits until the review."""
        own = p.codes["provider"]
        if own < 0:
            return 0.0
        cost = p.money["points"] / 1e6
        if self.market.contract == "term":
            rest = max(0.0, p.state["contract_end"] - self.end) / MONTH
            cost += self.market.money.exit_fee * rest * self.list_price(p, own, p.codes["plan"])
        if p.codes["tier"]:
            share = min(1.0, max(0.0, self.firms[own]["tier_review"] - self.end) / YEAR)
            cost += self.firms[own][f"benefit_{p.codes['tier']}"] * share
        return cost


def differences(p: Person, arrays: Any) -> dict[str, float]:
    """What differs between a person and its columns: by name, the difference over the size of the number (1 at least)."""
    rows: list[tuple[Any, Any, Mapping[str, float], float]] = [
        (name, arrays.state[name, p.slot], p.state, 1.0) for name in S
    ]
    rows += [(name, arrays.traits[name, p.slot], p.traits, 1.0) for name in T]
    rows += [(name, arrays.codes[name, p.slot], p.codes, 1.0) for name in C]
    rows += [(name, arrays.money[name, p.slot], p.money, 1e6) for name in V]
    found = {}
    for name, theirs, told, unit in rows:
        ours = told[name.name.lower()]
        if ours != theirs:
            found[name.name.lower()] = abs(ours - float(theirs)) / max(unit, abs(ours))
    return found
