"""A whole plan on the facts of a period: what is owed at approval, and what refunds change after it."""

from collections.abc import Iterator, Sequence

from commissions.rules.language.facts import Facts
from commissions.rules.language.model import (
    ContestRule,
    GuaranteeRule,
    LineRule,
    NewCustomerRule,
    OverrideRule,
    Plan,
    PoolRule,
)
from commissions.rules.pay.bases import Moment, left_of
from commissions.rules.pay.exact import kept
from commissions.rules.pay.lines import pay_lines
from commissions.rules.pay.measures import World
from commissions.rules.pay.payments import Outcome, Payment, total
from commissions.rules.pay.period_rules import (
    pay_contest,
    pay_guarantees,
    pay_new_customers,
    pay_override,
    pay_pool,
)


def owed(plan: Plan, facts: Facts, moment: Moment = Moment.APPROVAL) -> Outcome:
    """What the plan pays for the facts that are known at a moment, and what it has to ask."""
    world = World(plan, facts, moment)
    payments, questions = pay_lines(world)
    for rule in plan.rules:
        if isinstance(rule, NewCustomerRule):
            payments += pay_new_customers(world, rule)
        elif isinstance(rule, PoolRule):
            payments += pay_pool(world, rule)
        elif isinstance(rule, ContestRule):
            payments += pay_contest(world, rule)
    for rule in plan.rules:
        if isinstance(rule, OverrideRule):
            # Of what guides earn by their own work: not of a manager's part that another rule made.
            payments += [*pay_override(world, rule, _own(plan, payments))]
    payments += [*_over_the_most(plan, payments)]
    guarantees = [rule for rule in plan.rules if isinstance(rule, GuaranteeRule)]
    payments += [*pay_guarantees(world, guarantees, payments)]
    return Outcome(payments, questions)


def _own(plan: Plan, payments: Sequence[Payment]) -> list[Payment]:
    lines = {rule.name for rule in plan.rules if isinstance(rule, LineRule)}
    return [payment for payment in payments if payment.rule in lines]


def _over_the_most(plan: Plan, payments: Sequence[Payment]) -> Iterator[Payment]:
    for to in sorted({payment.to for payment in payments}):
        over = 0 if plan.most is None else total(payments, to=to) - plan.most
        if over > 0:
            yield Payment(to, None, None, -over)


def changes_after(plan: Plan, facts: Facts) -> list[Payment]:
    """What refunds after approval add to what was approved: entries of the first open period.

    `as_posted` takes back of each posted line its part of what came back; `recompute` the difference that the whole
    plan makes.
    """
    if not _has_changed(facts):
        return []
    before = owed(plan, facts, Moment.APPROVAL).payments
    if plan.refunds.reverse == "recompute":
        return _differences(before, owed(plan, facts, Moment.NOW).payments)
    return [change for payment in before if (change := _taken_back(plan, facts, payment)).amount] + _revoked(
        plan, facts
    )


def _has_changed(facts: Facts) -> bool:
    """Whether anything of the facts came after approval."""
    returned = any(one.returned_after_days is not None for one in facts.new_customers)
    return returned or any(refund.when == "after_approval" for line in facts.lines for refund in line.refunds)


def _taken_back(plan: Plan, facts: Facts, payment: Payment) -> Payment:
    if payment.line is None:
        return payment._replace(amount=0)
    line = facts.lines[payment.line]
    base, remaining = (getattr(left_of(plan, line, at), payment.base) for at in (Moment.APPROVAL, Moment.NOW))
    return payment._replace(amount=kept(payment.amount, kept_base=remaining, base=base) - payment.amount)


def _revoked(plan: Plan, facts: Facts) -> list[Payment]:
    """What returns before their day change of customers who were paid for."""
    changes: list[Payment] = []
    for rule in plan.rules:
        if isinstance(rule, NewCustomerRule):
            paid, left = ([*pay_new_customers(World(plan, facts, at), rule)] for at in (Moment.APPROVAL, Moment.NOW))
            changes += _differences(paid, left)
    return changes


def _differences(before: Sequence[Payment], after: Sequence[Payment]) -> list[Payment]:
    found: dict[tuple[object, ...], Payment] = {}
    for sign, payments in ((-1, before), (1, after)):
        for payment in payments:
            key = (payment.to, payment.rule, payment.line)
            held = found.get(key, payment._replace(amount=0))
            found[key] = held._replace(amount=held.amount + sign * payment.amount)
    return [payment for payment in found.values() if payment.amount]
