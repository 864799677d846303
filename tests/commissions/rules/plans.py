"""Plans and facts for tests of the language, in few words."""

from typing import Any

import msgspec

from commissions.queries.templates import list_templates
from commissions.rules.language.facts import Facts
from commissions.rules.language.model import Plan
from commissions.rules.language.reading import read_plan
from commissions.rules.pay.bases import Moment
from commissions.rules.pay.evaluate import changes_after, owed
from commissions.rules.pay.payments import Payment

FLAT = {"kind": "line", "name": "all", "pays": {"kind": "percentage", "rate_bp": 300}}


def template(code: str) -> Plan:
    return next(one.plan for one in list_templates() if one.code == code)


def plan(*rules: dict[str, Any], **fields: Any) -> Plan:
    return read_plan({"rules": list(rules) or [FLAT], **fields})


def table(points: dict[int, int], *, metric: str = "net", of: str = "person", **fields: Any) -> dict[str, Any]:
    return {
        "name": "t",
        "measure": {"metric": metric, "of": of},
        "method": "step",
        "gives": "rate",
        "points": [{"from": bound, "value": value} for bound, value in points.items()],
        **fields,
    }


BY_TABLE = {"kind": "line", "name": "tiers", "pays": {"kind": "table", "table": "t"}}


def line(net: int, to: str = "G1", **fields: Any) -> dict[str, Any]:
    return {"net": net, "credits": [{"to": to}], **fields}


def facts(*lines: dict[str, Any], **fields: Any) -> Facts:
    return msgspec.convert({"lines": list(lines), **fields}, Facts)


def example(code: str, number: int) -> Facts:
    return template(code).examples[number].facts


def sums(payments: list[Payment]) -> dict[str, int]:
    """By beneficiary, without those who get nothing."""
    found: dict[str, int] = {}
    for payment in payments:
        found[payment.to.code] = found.get(payment.to.code, 0) + payment.amount
    return {code: amount for code, amount in sorted(found.items()) if amount}


def pay(by: Plan, given: Facts, moment: Moment = Moment.APPROVAL) -> dict[str, int]:
    return sums(owed(by, given, moment).payments)


def later(by: Plan, given: Facts) -> dict[str, int]:
    return sums(changes_after(by, given))


def by_line(by: Plan, given: Facts) -> list[int]:
    found = [0] * len(given.lines)
    for payment in owed(by, given).payments:
        assert payment.line is not None
        found[payment.line] += payment.amount
    return found
