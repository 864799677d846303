"""Money of a period that belongs to no line: new customers, pools, contests, managers' parts and guarantees."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from commissions.rules.language.facts import NewCustomer, Person
from commissions.rules.language.model import (
    WHOLE_BP,
    ContestRule,
    GuaranteeRule,
    Measure,
    NewCustomerRule,
    OverrideRule,
    PoolRule,
)
from commissions.rules.pay.bases import Moment, To
from commissions.rules.pay.exact import rounded, split
from commissions.rules.pay.measures import World, measured, reached, store_of
from commissions.rules.pay.payments import Payment, total


def staff(staff_no: str) -> To:
    """Somebody by their staff number."""
    return To("a_staff", staff_no)


def pay_new_customers(world: World, rule: NewCustomerRule) -> Iterator[Payment]:
    """The amount for each customer who qualifies and did not return the purchase in time, up to the most of a period.

    Of more than that, a revoked one changes nothing while enough are left.
    """
    qualified: dict[str, int] = {}
    for customer in world.facts.new_customers:
        if _qualifies(rule, customer, world.moment):
            qualified[customer.to] = qualified.get(customer.to, 0) + customer.count
    for staff_no, count in sorted(qualified.items()):
        paid = count if rule.at_most is None else min(count, rule.at_most)
        yield Payment(staff(staff_no), rule.name, None, paid * rule.amount)


def _qualifies(rule: NewCustomerRule, customer: NewCustomer, moment: Moment) -> bool:
    bought = customer.bought_net >= rule.first_purchase_from and customer.after_days <= rule.within_days
    returned = customer.returned_after_days
    revoked = moment is Moment.NOW and returned is not None and returned <= rule.matures_after_days
    return not customer.bound_before and set(rule.needs) <= set(customer.known) and bought and not revoked


def pay_pool(world: World, rule: PoolRule) -> Iterator[Payment]:
    """A share of each store's net, split by roles and among a role's people by weights, exact to the fen."""
    for store in sorted({person.store for person in world.facts.people}):
        at = To("b_store", store)
        if not all(reached(world, gate, at) for gate in rule.gates):
            continue
        net = measured(world, Measure(metric="net", of="store"), at) or Fraction(0)
        pots = split(rounded(net * rule.rate_bp / WHOLE_BP), [Fraction(share.share_bp) for share in rule.shares])
        for share, pot in zip(rule.shares, pots, strict=True):
            people = sorted(_people(world, store=store, role=share.role), key=lambda one: one.staff_no)
            weights = [_weight(rule, one) for one in people]
            # Where no hours are known at all, they are the same for everybody.
            parts = split(pot, weights if any(weights) else [Fraction(1)] * len(people))
            for person, amount in zip(people, parts, strict=True):
                yield Payment(staff(person.staff_no), rule.name, None, amount)


def _weight(rule: PoolRule, person: Person) -> Fraction:
    if rule.weights == "equal":
        return Fraction(1)
    if rule.weights == "minutes":
        return Fraction(person.minutes)
    grade = next((one.weight_bp for one in rule.grades if one.grade == person.grade), WHOLE_BP)
    return Fraction(person.minutes * grade)


def _people(world: World, *, store: str, role: str) -> list[Person]:
    return [person for person in world.facts.people if (person.store, person.role) == (store, role)]


def pay_contest(world: World, rule: ContestRule) -> Iterator[Payment]:
    """Prizes by rank among those who reach every gate; who is level shares the prizes of the places they fill.

    An odd fen goes to the smaller staff number.
    """
    figures = [(measured(world, rule.measure, to), to) for to in _entrants(world, rule)]
    ranked = sorted(((-figure, to) for figure, to in figures if figure is not None))
    place = 0
    for _, group in groupby(ranked, key=lambda one: one[0]):
        level = [to for _, to in group]
        prizes = sum(rule.prizes[place : place + len(level)])
        place += len(level)
        for to, amount in zip(level, split(prizes, [Fraction(1)] * len(level)), strict=True):
            if amount:
                yield Payment(to, rule.name, None, amount)


def _entrants(world: World, rule: ContestRule) -> list[To]:
    facts = world.facts
    grouped = [
        p for p in facts.people if not rule.store_tags or set(rule.store_tags) & set(facts.store_of(p.store).tags)
    ]
    if rule.measure.of == "person":
        entrants = {staff(person.staff_no) for person in grouped if person.role == "guide"}
    else:
        entrants = {To("b_store", person.store) for person in grouped}
    return [to for to in sorted(entrants) if all(reached(world, gate, to) for gate in rule.gates)]


def pay_override(world: World, rule: OverrideRule, paid: Sequence[Payment]) -> Iterator[Payment]:
    """What managers get of the commission or the net of the guides at their store, or in its region."""
    facts = world.facts
    for manager in facts.people:
        if manager.role != rule.role:
            continue
        if rule.of == "net":
            led_net = Measure(metric="net", of="store" if rule.role == "store_manager" else "region")
            base = measured(world, led_net, staff(manager.staff_no)) or Fraction(0)
        else:
            led = {staff(p.staff_no) for p in facts.people if p.role == "guide" and _leads(world, manager, p)}
            base = Fraction(sum(one.amount for one in paid if one.to in led))
        yield Payment(staff(manager.staff_no), rule.name, None, rounded(base * rule.rate_bp / WHOLE_BP))


def _leads(world: World, manager: Person, person: Person) -> bool:
    facts = world.facts
    if manager.role == "store_manager":
        return store_of(facts, person.staff_no) == manager.store
    return facts.store_of(person.store).region == facts.store_of(manager.store).region


def pay_guarantees(world: World, rules: Sequence[GuaranteeRule], paid: Sequence[Payment]) -> Iterator[Payment]:
    """The top-up to what is guaranteed for the days placed; of several guarantees for one person, the largest once."""
    whole = world.facts.period_days
    placements: dict[str, list[Person]] = {}
    for person in world.facts.people:
        if person.role == "guide":
            placements.setdefault(person.staff_no, []).append(person)
    for staff_no, placed in placements.items():
        held = [rule for rule in rules if min(one.month for one in placed) <= rule.months]
        if held:
            rule = max(held, key=lambda one: one.amount)
            days = min(whole, sum(whole if one.days_placed is None else one.days_placed for one in placed))
            missing = rounded(Fraction(rule.amount * days, whole)) - total(paid, to=staff(staff_no))
            if missing > 0:
                yield Payment(staff(staff_no), rule.name, None, missing)
