"""Approved plans, and postings."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from commissions import service
from kit import clock
from kit.db import db, unit_of_work
from models import Order, PlanVersion
from tests.make.rows import next_number
from tests.make.staff import staff

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def plan_version(
    *rules: dict[str, Any], effective_from: datetime = LONG_AGO, after: PlanVersion | None = None, approved: bool = True
) -> PlanVersion:
    """A version of a new plan, or of the plan of `after`; 5 % of everything unless told otherwise."""
    maker, checker = staff(roles=["hq_commission"]), staff(roles=["hq_commission"])
    number = next_number()
    with unit_of_work():
        plan_id = after.plan_id if after else service.create_plan(code=f"P{number}", name=f"方案{number}").id
        version = service.add_version(
            plan_id=plan_id,
            rules=list(rules) or [{"rate_bp": 500}],
            effective_from=effective_from,
            created_by=maker.id,
        )
        if approved:
            service.approve_version(version_id=version.id, approved_by=checker.id, now=clock.now())
    return version


def post_all() -> int:
    """Post every order there is; how many entries that took."""
    with unit_of_work():
        return service.post_orders(db.session.scalars(select(Order.id)).all())
