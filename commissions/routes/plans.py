"""Commission plans: written by one, approved by another, explained to anybody who decides on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from commissions import present, queries, service
from commissions.queries.plans import PlanNotFound, PlanVersionNotFound
from commissions.queries.templates import list_templates
from commissions.routes.blueprint import bp
from commissions.rules.language.model import json_schema
from commissions.rules.language.reading import CommissionPlanInvalid, read_facts
from commissions.rules.pay.explaining import explain
from commissions.schemas.plans import (
    ExplainIn,
    ExplanationOut,
    PlanIn,
    PlanOut,
    PlanPageOut,
    PlanVersionDetailOut,
    PlanVersionIn,
    PlanVersionOut,
    SchemaOut,
    TemplatesOut,
)
from commissions.service.plans import (
    AlreadyApproved,
    PlanExamplesFail,
    PlanExists,
    PlanNotPostedYet,
    SamePerson,
    VersionOutOfOrder,
)
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.fresh_code import fresh_code
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from models import PlanVersion
from staff.service.grants import FreshCodeRequired

SEE_PLANS = {"hq_commission", "hq_finance", "hq_admin"}
APPROVE_PLANS = {"hq_commission", "hq_finance"}

Answer = dict[str, Any]


@bp.get("/commission-plan-schema")
@auth(roles=SEE_PLANS)
@reply(SchemaOut)
def get_schema() -> Answer:
    """The JSON Schema of what a plan version may say."""
    return {"schema": json_schema()}


@bp.get("/commission-plan-templates")
@auth(roles=SEE_PLANS)
@reply(TemplatesOut)
def get_templates() -> Answer:
    """Plans as chains have them, each with worked examples, to begin from."""
    return {"items": [present.template(one) for one in list_templates()]}


@bp.get("/commission-plans")
@auth(roles=SEE_PLANS)
@query(PageIn)
@reply(PlanPageOut)
def list_plans(cursor: str | None, limit: int) -> Answer:
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
def create_plan(code: str, name: str) -> Answer:
    """A new plan; it pays nothing until a version of it is approved."""
    return queries.get_plan(service.create_plan(code=code, name=name).id)


@bp.get("/commission-plans/<uuid:plan_id>")
@auth(roles=SEE_PLANS)
@refuses(PlanNotFound)
@reply(PlanOut)
def get_plan(plan_id: UUID) -> Answer:
    """A plan with its versions."""
    return queries.get_plan(plan_id)


@bp.post("/commission-plans/<uuid:plan_id>/versions")
@auth(roles={"hq_commission"})
@refuses(CommissionPlanInvalid, PlanNotFound)
@body(PlanVersionIn)
@reply(PlanVersionDetailOut, 201)
def create_version(plan_id: UUID, plan: Answer, effective_from: datetime) -> Answer:
    """A draft; somebody else approves it. Tells which examples fail, and which rules fit no SKU today."""
    made = service.add_version(plan_id=plan_id, plan=plan, effective_from=effective_from, created_by=principal().id)
    return _detail(made)


@bp.get("/commission-plans/<uuid:plan_id>/versions/<int:number>")
@auth(roles=SEE_PLANS)
@refuses(PlanVersionNotFound)
@reply(PlanVersionDetailOut)
def get_version(plan_id: UUID, number: int) -> Answer:
    """What a version says, in sentences too; its examples tried, and what keeps it from being approved."""
    return _detail(queries.get_version(plan_id, number))


@bp.post("/commission-plans/<uuid:plan_id>/versions/<int:number>/explain")
@auth(roles=SEE_PLANS)
@idempotency.unkept
@refuses(CommissionPlanInvalid, PlanVersionNotFound)
@body(ExplainIn)
@reply(ExplanationOut)
def explain_version(plan_id: UUID, number: int, facts: Answer) -> Answer:
    """What a version pays for sample facts, and why: each rule tried on each line, and each rounding."""
    plan = queries.plan_of(queries.get_version(plan_id, number))
    return present.explanation(explain(plan, read_facts(facts)))


@bp.post("/plan-versions/<uuid:version_id>/approve")
@auth(roles=APPROVE_PLANS)
@refuses(
    AlreadyApproved,
    FreshCodeRequired,
    PlanExamplesFail,
    PlanNotPostedYet,
    PlanVersionNotFound,
    SamePerson,
    VersionOutOfOrder,
)
@idempotency.required
@fresh_code("plan_version_approval", subject="version_id")
@reply(PlanVersionOut)
def approve_version(version_id: UUID) -> Answer:
    """Put a colleague's draft in force for good, with a fresh code; orders it concerns are posted again."""
    approved = service.approve_version(version_id=version_id, approved_by=principal().id, now=clock.now())
    return present.version(approved)


def _detail(version: PlanVersion) -> Answer:
    plan = queries.plan_of(version)
    return present.version_detail(version, plan, idle_rules=queries.list_idle_rules(plan))
