"""Approved plans, and postings."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from commissions import service
from kit import clock
from kit.db import db, unit_of_work
from models import Order, PayPeriod, PlanVersion
from tests.make.rows import next_number, save
from tests.make.staff import staff

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


FIELDS = {"brand": "brands", "category": "categories", "sku": "skus", "channel": "channels"}


def document(*rules: dict[str, Any], whole: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    """A plan of flat rules such as `{"brand": "兰梦", "rate_bp": 300}`; 5 % of everything unless told otherwise.

    Rules that are more than flat come `whole`.
    """
    if whole is not None:
        return {"rules": whole, **fields}
    return {"rules": [_rule(number, **rule) for number, rule in enumerate(rules or ({"rate_bp": 500},), 1)], **fields}


def _rule(number: int, *, rate_bp: int, **match: str) -> dict[str, Any]:
    matched = {FIELDS[field]: [value] for field, value in match.items()}
    pays = {"kind": "percentage", "rate_bp": rate_bp}
    return {"kind": "line", "name": f"rule {number}", "match": matched, "pays": pays}


def plan_version(
    *rules: dict[str, Any],
    effective_from: datetime = LONG_AGO,
    after: PlanVersion | None = None,
    approved: bool = True,
    **fields: Any,
) -> PlanVersion:
    """A version of a new plan, or of the plan of `after`; `fields` of its document beside the flat rules."""
    maker, checker = staff(roles=["hq_commission"]), staff(roles=["hq_commission"])
    number = next_number()
    with unit_of_work():
        plan_id = after.plan_id if after else service.create_plan(code=f"P{number}", name=f"方案{number}").id
        version = service.add_version(
            plan_id=plan_id,
            plan=document(*rules, **fields),
            effective_from=effective_from,
            created_by=maker.id,
        )
        if approved:
            service.approve_version(version_id=version.id, approved_by=checker.id, now=clock.now())
    return version


def pay_period(first: date = date(2026, 10, 1), last: date = date(2026, 10, 31), **columns: Any) -> PayPeriod:
    """A period of every store that is in no group of its own, past its states."""
    return save(PayPeriod(**{"group_code": "chain", "first_day": first, "last_day": last, **columns}))


def post_all() -> int:
    """Post every order there is; how many entries that took."""
    with unit_of_work():
        return service.post_orders(db.session.scalars(select(Order.id)).all())
