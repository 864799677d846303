"""What guides earn, why, and by which plan."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from commissions import queries, service
from commissions.queries.entries import Selection
from commissions.queries.plans import PlanNotFound, PlanVersionNotFound
from commissions.schemas import (
    EntriesIn,
    EntryPageOut,
    PlanIn,
    PlanOut,
    PlanPageOut,
    PlanVersionIn,
    PlanVersionOut,
    SummaryIn,
    SummaryOut,
)  # fmt: skip
from commissions.service.plans import AlreadyApproved, PlanExists, SamePerson, VersionOutOfOrder
from kit import clock
from kit.errors import Invalid
from kit.principal import Reach
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.fresh_code import fresh_code
from kit.web.io import body, query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from kit.words import say
from models import PlanVersion
from staff.queries import home_of
from staff.service.grants import FreshCodeRequired

SEE_MONEY = {"guide", "store_manager", "regional_manager", "hq_commission", "hq_finance", "hq_admin"}
SEE_PLANS = {"hq_commission", "hq_finance", "hq_admin"}
MAX_DAYS = 366

bp = Blueprint("commissions", __name__, url_prefix="/v1", description="Commissions")


class BadPeriod(Invalid):
    """The period ends before it begins, or is longer than MAX_DAYS."""

    code = "bad_period"


MONEY = ("ledger", "orders", "people")


@bp.get("/commissions/summary")
@auth(roles=SEE_MONEY)
@refuses(BadPeriod)
@listed(*MONEY, turn=quarter_hour)
@query(SummaryIn)
@reply(SummaryOut)
def get_summary(**asked: Any) -> dict[str, Any]:
    """What was earned: accrued, reversed, net and pending, in all and by business day."""
    return queries.summarise(_selection(**asked))


@bp.get("/commissions/entries")
@auth(roles=SEE_MONEY)
@refuses(BadPeriod)
@listed(*MONEY, turn=quarter_hour)
@query(EntriesIn)
@reply(EntryPageOut)
def list_entries(cursor: str | None, limit: int, **asked: Any) -> dict[str, Any]:
    """Every posting with all that explains it, the newest business first."""
    selection = _selection(**asked)
    return page(
        lambda after, n: queries.list_entries(selection, after=after, limit=n),
        name="commission-entries",
        cursor=cursor,
        limit=limit,
        key=lambda entry: [entry["at"].isoformat(), entry["id"]],
    )


def _selection(*, first: date | None, last: date | None, guide_id: UUID | None, store_id: UUID | None) -> Selection:
    caller = principal()
    last = last or clock.business_day(clock.now(), home_of(caller).time_zone)
    first = first or last - timedelta(days=29)
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise BadPeriod(say("bad_period", days=MAX_DAYS))
    if guide_id is None and store_id is None and caller.reach is Reach.SELF:
        guide_id = caller.id
    return Selection(first=first, last=last, guide_id=guide_id, store_id=store_id, principal=caller)


@bp.get("/commission-plans")
@auth(roles=SEE_PLANS)
@query(PageIn)
@reply(PlanPageOut)
def list_plans(cursor: str | None, limit: int) -> dict[str, Any]:
    """Plans by code, with their versions."""
    return page(
        lambda after, n: queries.list_plans(after=after, limit=n),
        name="commission-plans",
        cursor=cursor,
        limit=limit,
        key=lambda plan: [plan["code"]],
    )


@bp.post("/commission-plans")
@auth(roles={"hq_commission"})
@refuses(PlanExists, PlanNotFound)
@body(PlanIn)
@reply(PlanOut, 201)
def create_plan(code: str, name: str) -> dict[str, Any]:
    """A new plan; it pays nothing until a version of it is approved."""
    return queries.get_plan(service.create_plan(code=code, name=name).id)


@bp.get("/commission-plans/<uuid:plan_id>")
@auth(roles=SEE_PLANS)
@refuses(PlanNotFound)
@reply(PlanOut)
def get_plan(plan_id: UUID) -> dict[str, Any]:
    """A plan with its versions."""
    return queries.get_plan(plan_id)


@bp.post("/commission-plans/<uuid:plan_id>/versions")
@auth(roles={"hq_commission"})
@refuses(PlanNotFound)
@body(PlanVersionIn)
@reply(PlanVersionOut, 201)
def create_version(plan_id: UUID, rules: list[dict[str, Any]], effective_from: datetime) -> dict[str, Any]:
    """A draft; somebody else approves it."""
    made = service.add_version(plan_id=plan_id, rules=rules, effective_from=effective_from, created_by=principal().id)
    return _version(made)


@bp.post("/plan-versions/<uuid:version_id>/approve")
@auth(roles={"hq_commission"})
@refuses(AlreadyApproved, FreshCodeRequired, PlanVersionNotFound, SamePerson, VersionOutOfOrder)
@idempotency.required
@fresh_code("plan_version_approval", subject="version_id")
@reply(PlanVersionOut)
def approve_version(version_id: UUID) -> dict[str, Any]:
    """Put a colleague's draft in force for good, with a fresh code; orders it concerns are posted again."""
    return _version(service.approve_version(version_id=version_id, approved_by=principal().id, now=clock.now()))


def _version(version: PlanVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "plan_id": version.plan_id,
        "number": version.number,
        "rules": version.rules,
        "effective_from": version.effective_from,
        "created_by": version.created_by,
        "approved_by": version.approved_by,
        "approved_at": version.approved_at,
    }
