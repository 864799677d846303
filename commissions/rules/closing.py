"""What closing a period owes: what a plan pays for it, without what is posted with each sale."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from commissions.rules.language.facts import Facts
from commissions.rules.language.model import ContestRule, GuaranteeRule, Plan, PoolRule, Rule
from commissions.rules.pay.bases import Moment, To
from commissions.rules.pay.evaluate import changes_after, owed
from commissions.rules.pay.payments import Payment, Question

Cause = Literal["period_rule", "pool", "contest", "guarantee"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
# The plan's own limit is no rule; it takes from all of them.
LIMIT_NO = 0
_CAUSES: Mapping[type[Rule], Cause] = {PoolRule: "pool", ContestRule: "contest", GuaranteeRule: "guarantee"}


class Due(NamedTuple):
    """An amount in fen for somebody by a rule, of a line of the facts by its number, or of none."""

    to: To
    rule_no: int
    line: int | None
    fen: int


class Dues(NamedTuple):
    """All amounts of a period, and what nobody could answer."""

    dues: list[Due]
    questions: list[Question]


def dues_of(plan: Plan, facts: Facts, *, at_once: frozenset[str], approved: bool) -> Dues:
    """What the period owes by all rules but those whose money is posted `at_once`, each sum once.

    Once it is approved, what refunds change after it is in it, by how the plan reverses.
    """
    outcome = owed(plan, facts, Moment.APPROVAL)
    payments = [*outcome.payments, *(changes_after(plan, facts) if approved else ())]
    numbers = {rule.name: number for number, rule in enumerate(plan.rules, 1)}
    paid = _paid_roles(plan, facts)
    found: dict[tuple[To, int, int | None], int] = {}
    for payment in payments:
        if payment.rule not in at_once and (paid is None or payment.to.kind == "b_store" or payment.to.code in paid):
            key = _key(payment, numbers)
            found[key] = found.get(key, 0) + payment.amount
    return Dues([Due(*key, fen) for key, fen in found.items() if fen], outcome.questions)


def _key(payment: Payment, numbers: Mapping[str, int]) -> tuple[To, int, int | None]:
    return payment.to, LIMIT_NO if payment.rule is None else numbers[payment.rule], payment.line


def _paid_roles(plan: Plan, facts: Facts) -> frozenset[str] | None:
    """Whom a plan pays that names roles; None: everybody."""
    roles = plan.audience.roles
    return frozenset(one.staff_no for one in facts.people if one.role in roles) if roles else None


def cause_of(plan: Plan, rule_no: int) -> Cause:
    """What a rule's money is posted as."""
    return "period_rule" if rule_no == LIMIT_NO else _CAUSES.get(type(plan.rules[rule_no - 1]), "period_rule")
