"""Plans, examples and explanations as answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from commissions.queries.missing import LineWhy, Receipt
from commissions.queries.templates import Template
from commissions.rules.language.model import Plan
from commissions.rules.language.prose import describe
from commissions.rules.pay.examples import Tried, try_examples
from commissions.rules.pay.explaining import Explanation, LineTried
from commissions.rules.pay.payments import Payment, Question
from commissions.rules.unposted import find_unposted
from commissions.service.closing import Projected
from kit.money import as_money, money_or_none
from kit.words import LANGUAGES, spell
from models import PayPeriod, PlanVersion

Answer = dict[str, Any]


def version(row: PlanVersion) -> Answer:
    """A version without what it says."""
    return {
        "id": row.id,
        "plan_id": row.plan_id,
        "number": row.number,
        "effective_from": row.effective_from,
        "created_by": row.created_by,
        "approved_by": row.approved_by,
        "approved_at": row.approved_at,
    }


def version_detail(row: PlanVersion, plan: Plan, *, idle_rules: list[str]) -> Answer:
    """A version with all that it says, and what there is to know of it."""
    return {
        **version(row),
        "plan": msgspec.to_builtins(plan),
        "prose": prose(plan),
        "examples": [_example(tried) for tried in try_examples(plan)],
        "idle_rules": idle_rules,
        "not_posted_yet": find_unposted(plan),
    }


def prose(plan: Plan) -> Answer:
    """A plan in sentences, in every language."""
    return {language: [spell(said, language) for said in describe(plan)] for language in LANGUAGES}


def template(one: Template) -> Answer:
    """A template with its plan and sentences."""
    name = {"zh": one.name.zh, "en": one.name.en}
    return {"code": one.code, "name": name, "plan": msgspec.to_builtins(one.plan), "prose": prose(one.plan)}


def _example(tried: Tried) -> Answer:
    differences = [
        {
            "to": one.expected.to,
            "rule": one.expected.rule,
            "expected": one.expected.amount,
            "amount": one.amount,
            "expected_later": one.expected.later,
            "later": one.later,
        }
        for one in tried.differences
    ]
    questions = [_question(one) for one in tried.outcome.questions]
    return {"name": tried.name, "passed": tried.passed, "differences": differences, "questions": questions}


def explanation(explained: Explanation) -> Answer:
    """Each rule tried, each rounding, each open question."""
    return {
        "lines": [_line(one) for one in explained.lines],
        "payments": [_payment(one) for one in explained.outcome.payments],
        "questions": [_question(one) for one in explained.outcome.questions],
    }


def _line(tried: LineTried) -> Answer:
    return {"line": tried.number, "excluded": tried.excluded, "rules": _trials(tried)}


def _trials(tried: LineTried) -> list[Answer]:
    return [
        {
            "rule": trial.rule.name,
            "verdict": trial.verdict,
            "misses": [miss._asdict() for miss in trial.misses],
            "paid_at_once": trial.is_paid_at_once,
        }
        for trial in tried.trials
    ]


def why_not(receipt: str, found: Sequence[Receipt], rejects: Sequence[Answer]) -> Answer:
    """What became of a receipt for who asks."""
    taken = ("order_id", "source", "store_id", "store_code", "ordered_at")
    receipts = [
        {
            **{name: one.order[name] for name in taken},
            "lines": [_why(line, one.order["currency"]) for line in one.lines],
        }
        for one in found
    ]
    return {"receipt": receipt, "arrived": bool(found or rejects), "receipts": receipts, "rejected": rejects}


def _why(line: LineWhy, currency: str) -> Answer:
    told = dict(line.row)
    posted = money_or_none(told.pop("posted_fen"), currency)
    tried = [
        {
            "plan_code": one.plan_code,
            "plan_version": one.plan_version,
            "excluded": one.line.excluded,
            "rules": _trials(one.line),
        }
        for one in line.tried
    ]
    return {**told, "posted": posted, "why": line.why, "plans": tried}


def _payment(payment: Payment) -> Answer:
    exact = payment.exact and {"numerator": payment.exact.numerator, "denominator": payment.exact.denominator}
    told = {"rule": payment.rule, "line": payment.line, "amount": payment.amount, "exact": exact}
    return {"to": payment.to.code, **told}


def _question(question: Question) -> Answer:
    to = question.to.code if question.to else None
    return {"rule": question.rule, "about": question.about, "line": question.line, "to": to}


def my_plan(row: Answer) -> Answer:
    """A version that pays who asks, in sentences."""
    document = msgspec.convert(row["document"], Plan)
    shown = ("plan_id", "code", "name", "number", "effective_from", "acknowledged_at")
    return {**{field: row[field] for field in shown}, "prose": prose(document)}


def period(row: PayPeriod) -> Answer:
    """A pay period."""
    shown = ("id", "first_day", "last_day", "state", "closed_by", "closed_at", "approved_by", "approved_at")
    return {**{field: getattr(row, field) for field in shown}, "group": row.group_code}


def projected(one: Projected) -> Answer:
    """What closing would post of a period of a plan, in sums of person and rule."""
    span, sums = one.span, dict[tuple[int, str, UUID | None, UUID], int]()
    for row in one.rows:
        key = (row.rule_no, row.cause, row.guide_id, row.store_id)
        sums[key] = sums.get(key, 0) + row.fen
    amounts = [
        {
            "rule": span.plan.rules[rule_no - 1].name if rule_no else None,
            "cause": cause,
            "guide_id": guide_id,
            "store_id": store_id,
            "amount": as_money(fen, span.plan.currency),
        }
        for (rule_no, cause, guide_id, store_id), fen in sums.items()
    ]
    days = {"first_day": span.days.first, "last_day": span.days.last}
    questions = [_question(question) for question in one.questions]
    return {"plan_version_id": span.version_id, **days, "amounts": amounts, "questions": questions}
