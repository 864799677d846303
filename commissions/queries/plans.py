"""Plans and their versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, cast, select

from commissions.rules.language.model import Plan
from kit.db import db, fetch_all
from kit.errors import NotFound
from models import CommissionPlan, PlanVersion

# Held shared by whoever posts, alone by whoever approves a version.
VERSIONS_LOCK = "plan versions"


class PlanNotFound(NotFound):
    """There is no such plan."""

    code = "commission_plan_not_found"


class PlanVersionNotFound(NotFound):
    """There is no such version, or it does not pay who asks."""

    code = "plan_version_not_found"


def lock_plan(plan_id: UUID) -> None:
    """Hold the plan until the unit of work ends, so that its versions are numbered in turn; raises PlanNotFound."""
    if db.session.scalar(select(CommissionPlan.id).where(CommissionPlan.id == plan_id).with_for_update()) is None:
        raise PlanNotFound


def lock_version(version_id: UUID) -> PlanVersion:
    """A version, locked for approving it; raises PlanVersionNotFound."""
    version = db.session.scalar(select(PlanVersion).where(PlanVersion.id == version_id).with_for_update())
    if version is None:
        raise PlanVersionNotFound
    return version


def get_version(plan_id: UUID, number: int) -> PlanVersion:
    """A version of a plan by its number; raises PlanVersionNotFound."""
    # A path may hold any number.
    numbered = (PlanVersion.plan_id == plan_id, cast(PlanVersion.number, Text) == str(number))
    version = db.session.scalar(select(PlanVersion).where(*numbered))
    if version is None:
        raise PlanVersionNotFound
    return version


def plan_of(version: PlanVersion) -> Plan:
    """What a version says, read into its types."""
    return msgspec.convert(version.document, Plan)


def has_approved_version_since(plan_id: UUID, effective_from: datetime) -> bool:
    """Whether a version in force from then or later is approved."""
    later = (PlanVersion.plan_id == plan_id, PlanVersion.effective_from >= effective_from)
    statement = select(PlanVersion.id).where(*later, PlanVersion.approved_at.is_not(None))
    return db.session.scalars(statement.limit(1)).first() is not None


def get_plan(plan_id: UUID) -> dict[str, Any]:
    """A plan with its versions; raises PlanNotFound."""
    plan = next(iter(_plans(CommissionPlan.id == plan_id, limit=1)), None)
    if plan is None:
        raise PlanNotFound
    return plan


def list_plans(*, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Plans by code, each with its versions."""
    return _plans(*([CommissionPlan.code > after[0]] if after else []), limit=limit)


def _plans(*conditions: Any, limit: int) -> list[dict[str, Any]]:
    columns = (CommissionPlan.id, CommissionPlan.code, CommissionPlan.name)
    plans = fetch_all(select(*columns).where(*conditions).order_by(CommissionPlan.code).limit(limit))
    versions = _versions([plan["id"] for plan in plans])
    return [{**plan, "versions": [v for v in versions if v["plan_id"] == plan["id"]]} for plan in plans]


def _versions(plan_ids: list[UUID]) -> list[dict[str, Any]]:
    columns = (
        PlanVersion.id, PlanVersion.plan_id, PlanVersion.number, PlanVersion.effective_from,
        PlanVersion.created_by, PlanVersion.approved_by, PlanVersion.approved_at,
    )  # fmt: skip
    statement = select(*columns).where(PlanVersion.plan_id.in_(plan_ids))
    return list(fetch_all(statement.order_by(PlanVersion.plan_id, PlanVersion.number)))
