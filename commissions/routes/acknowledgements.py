"""Who has read the plan that pays them."""

from typing import Any
from uuid import UUID

from commissions import present, queries, service
from commissions.queries.plans import PlanVersionNotFound
from commissions.routes.blueprint import bp
from commissions.routes.plans import SEE_PLANS
from commissions.schemas.plans import AcknowledgementOut, AcknowledgementsIn, MyPlansOut, PayeePageOut
from kit import clock
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.queries import home_of

PAID = {"guide", "store_manager", "regional_manager"}

Answer = dict[str, Any]


@bp.get("/commissions/plans")
@auth(roles=PAID)
@reply(MyPlansOut)
def list_my_plans() -> Answer:
    """The plan versions that pay me now or will, in sentences, and when I acknowledged them."""
    rows = queries.list_paying(principal().id, now=clock.now())
    return {"items": [present.my_plan(row) for row in rows]}


@bp.post("/commission-plans/<uuid:plan_id>/versions/<int:number>/acknowledgements")
@auth(roles=PAID)
@refuses(PlanVersionNotFound)
@reply(AcknowledgementOut)
def acknowledge_version(plan_id: UUID, number: int) -> Answer:
    """Say that I have read the version that pays me; the first time counts."""
    at = service.acknowledge_version(plan_id=plan_id, number=number, staff_id=principal().id, now=clock.now())
    return {"acknowledged_at": at}


@bp.get("/commission-plans/<uuid:plan_id>/versions/<int:number>/acknowledgements")
@auth(roles=SEE_PLANS)
@refuses(PlanVersionNotFound)
@query(AcknowledgementsIn)
@reply(PayeePageOut)
def list_acknowledgements(plan_id: UUID, number: int, cursor: str | None, limit: int, *, missing: bool) -> Answer:
    """The people whom a version pays, and when each acknowledged it. A missing acknowledgement holds no pay back."""
    version = queries.get_version(plan_id, number)
    today = clock.business_day(clock.now(), home_of(principal()).time_zone)
    return page(
        lambda after, n: queries.list_paid(version, on=today, missing=missing, after=after, limit=n),
        name="plan-acknowledgements",
        cursor=cursor,
        limit=limit,
        key=lambda payee: [payee["staff_no"]],
    )
