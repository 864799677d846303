"""Whom a plan version pays, and who of them has acknowledged it."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from commissions.queries.plans import PlanVersionNotFound, plan_of
from commissions.rules.language.model import Audience
from kit.db import db, fetch_all
from models import CommissionPlan, PlanAcknowledgement, PlanVersion, Staff, Store
from staff.queries.people import employed

# Whom a plan pays that names no roles.
SELLING = ("guide",)


class Payee(NamedTuple):
    """What of somebody decides which plans pay them."""

    roles: list[str]
    store_tags: list[str]


def list_paid(
    version: PlanVersion, *, on: date, missing: bool, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """The people whom a version pays, by staff number, with when they acknowledged it; `missing`: who has not."""
    own = and_(PlanAcknowledgement.staff_id == Staff.id, PlanAcknowledgement.version_id == version.id)
    at = PlanAcknowledgement.acknowledged_at
    statement = (
        select(Staff.id, Staff.staff_no, Staff.name, Store.code.label("store_code"), at)
        .join(Store, Store.id == Staff.store_id)
        .outerjoin(PlanAcknowledgement, own)
        .where(_in_audience(plan_of(version).audience), employed(on))
        .order_by(Staff.staff_no)
        .limit(limit)
    )
    if missing:
        statement = statement.where(at.is_(None))
    if after:
        statement = statement.where(Staff.staff_no > after[0])
    return list(fetch_all(statement))


def _in_audience(audience: Audience) -> ColumnElement[bool]:
    paid = Staff.roles.overlap(list(audience.roles or SELLING))
    return and_(paid, Store.tags.overlap(list(audience.store_tags))) if audience.store_tags else and_(paid)


def list_paying(staff_id: UUID, *, now: datetime) -> list[dict[str, Any]]:
    """The approved versions that pay somebody now or will, by plan, with when they acknowledged them."""
    own = and_(PlanAcknowledgement.staff_id == staff_id, PlanAcknowledgement.version_id == PlanVersion.id)
    statement = _in_force(now).outerjoin(PlanAcknowledgement, own)
    payee = _payee(staff_id)
    return [row for row in fetch_all(statement) if payee and _pays(row["document"], payee)]


def get_version_paying(*, plan_id: UUID, number: int, staff_id: UUID, now: datetime) -> UUID:
    """The version of this number, where it pays this person now or will; raises PlanVersionNotFound."""
    for row in list_paying(staff_id, now=now):
        if (row["plan_id"], row["number"]) == (plan_id, number):
            version_id: UUID = row["id"]
            return version_id
    raise PlanVersionNotFound


def _in_force(now: datetime) -> Select[*tuple[Any, ...]]:
    """Of each plan the approved version begun last, and those that begin later."""
    following = aliased(PlanVersion)
    followed = select(following.id).where(
        following.plan_id == PlanVersion.plan_id,
        following.approved_at.is_not(None),
        following.effective_from > PlanVersion.effective_from,
        following.effective_from <= now,
    )
    columns = (
        PlanVersion.id, PlanVersion.plan_id, PlanVersion.number, PlanVersion.document, PlanVersion.effective_from,
        CommissionPlan.code, CommissionPlan.name, PlanAcknowledgement.acknowledged_at,
    )  # fmt: skip
    return (
        select(*columns)
        .join(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
        .where(PlanVersion.approved_at.is_not(None), ~followed.exists())
        .order_by(CommissionPlan.code, PlanVersion.effective_from)
    )


def _payee(staff_id: UUID) -> Payee | None:
    statement = select(Staff.roles, Store.tags).join(Store, Store.id == Staff.store_id).where(Staff.id == staff_id)
    row = db.session.execute(statement).first()
    return None if row is None else Payee(*row)


def _pays(document: dict[str, Any], payee: Payee) -> bool:
    audience = msgspec.convert(document.get("audience", {}), Audience)
    in_role = not set(audience.roles or SELLING).isdisjoint(payee.roles)
    return in_role and (not audience.store_tags or not set(audience.store_tags).isdisjoint(payee.store_tags))
