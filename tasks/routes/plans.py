"""Plans: set, changed, published, paused and ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit import clock
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve_shown, tag
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.queries import home_of
from staff.queries.regions import RegionNotFound
from staff.queries.stores import StoreNotFound, get_store
from staff.rules import MANAGERS
from tasks import present
from tasks.queries import plans as queries
from tasks.queries.board import read_plan_shares
from tasks.queries.plans import TaskPlanNotFound
from tasks.routes.blueprint import bp
from tasks.rules.plans import Audience, PlanDraft
from tasks.rules.schedule import Schedule
from tasks.rules.states import TaskPlanStateForbids
from tasks.schemas.plans import TaskPlanDetailOut, TaskPlanIn, TaskPlanListIn, TaskPlanPageOut, TaskPlanPatch
from tasks.service import plans as service
from tasks.service.plans import NoGuides, TaskPlanDiffers, TaskPlanNotYours

Answer = dict[str, Any]


@bp.post("/task-plans")
@auth(roles=MANAGERS)
@refuses(NoGuides, RegionNotFound, StoreNotFound, TaskPlanDiffers, TaskPlanNotFound)
@body(TaskPlanIn)
@reply(TaskPlanDetailOut, 201)
def create_task_plan(id: UUID, publish: bool, **said: Any) -> Answer:
    """Set tasks for the people of any number of stores, once or as a rule repeats them."""
    draft = _draft(**said)
    plan_id = service.create_plan(plan_id=id, draft=draft, publish=publish, principal=principal(), now=clock.now())
    return _answer(plan_id)


@bp.get("/task-plans")
@auth(roles=MANAGERS)
@refuses(StoreNotFound)
@query(TaskPlanListIn)
@reply(TaskPlanPageOut)
def list_task_plans(limit: int, cursor: str | None, store_id: UUID | None) -> Answer:
    """What was set for my stores, newest first, and how far each guide is."""
    if store_id:
        get_store(store_id, principal=principal())

    def fetch(after: list[Any] | None, count: int) -> list[Answer]:
        last = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else None
        ids = queries.list_plan_ids(principal=principal(), store_id=store_id, after=last, limit=count)
        return queries.list_plans(ids)

    found = page(fetch, name="task-plans", cursor=cursor, limit=limit, key=_key)
    shares = read_plan_shares([plan["id"] for plan in found["items"]], principal=principal())
    return {**found, "items": [present.plan_answer(plan, shares[plan["id"]]) for plan in found["items"]]}


@bp.get("/task-plans/<uuid:plan_id>")
@auth(roles=MANAGERS)
@refuses(TaskPlanNotFound)
@reply(TaskPlanDetailOut)
@etagged
def get_task_plan(plan_id: UUID) -> Answer:
    """One plan: what it says, what it said, and how far each guide is."""
    plan, answer = _shown(plan_id)
    serve_shown(plan["version"], answer)
    return answer


@bp.patch("/task-plans/<uuid:plan_id>")
@auth(roles=MANAGERS)
@refuses(RegionNotFound, StoreNotFound, TaskPlanNotFound, TaskPlanNotYours, TaskPlanStateForbids)
@body(TaskPlanPatch)
@reply(TaskPlanDetailOut)
@if_match
def change_task_plan(plan_id: UUID, expected_version: int, **said: Any) -> Answer:
    """Make a new version: what has not opened takes it, what is open keeps its own."""
    kind = queries.get_plan(plan_id, principal=principal())["kind"]
    service.change_plan(
        plan_id,
        draft=_draft(kind=kind, **said),
        expected_version=expected_version,
        principal=principal(),
        now=clock.now(),
    )
    return _answer(plan_id)


@bp.post("/task-plans/<uuid:plan_id>/publish")
@auth(roles=MANAGERS)
@refuses(NoGuides, TaskPlanNotFound, TaskPlanNotYours, TaskPlanStateForbids)
@reply(TaskPlanDetailOut)
def publish_task_plan(plan_id: UUID) -> Answer:
    """Give a draft out, or go on with what was paused."""
    return _moved(plan_id, "publish")


@bp.post("/task-plans/<uuid:plan_id>/pause")
@auth(roles=MANAGERS)
@refuses(TaskPlanNotFound, TaskPlanNotYours, TaskPlanStateForbids)
@reply(TaskPlanDetailOut)
def pause_task_plan(plan_id: UUID) -> Answer:
    """Give out nothing more for now; what is open stays."""
    return _moved(plan_id, "pause")


@bp.post("/task-plans/<uuid:plan_id>/end")
@auth(roles=MANAGERS)
@refuses(TaskPlanNotFound, TaskPlanNotYours, TaskPlanStateForbids)
@reply(TaskPlanDetailOut)
def end_task_plan(plan_id: UUID) -> Answer:
    """End a plan, and call off what is not done yet."""
    return _moved(plan_id, "end")


def _moved(plan_id: UUID, command: str) -> Answer:
    service.move(plan_id, command=command, principal=principal(), now=clock.now())
    return _answer(plan_id)


def _answer(plan_id: UUID) -> Answer:
    plan, answer = _shown(plan_id)
    tag(plan["version"])
    return answer


def _shown(plan_id: UUID) -> tuple[Answer, Answer]:
    plan = queries.get_plan(plan_id, principal=principal())
    shares = read_plan_shares([plan_id], principal=principal())[plan_id]
    return plan, {**present.plan_answer(plan, shares), "versions": queries.list_versions(plan_id)}


def _draft(*, audience: dict[str, Any], schedule: dict[str, Any], **said: Any) -> PlanDraft:
    first_day = schedule["first_day"] or clock.business_day(clock.now(), home_of(principal()).time_zone)
    when = Schedule(
        first_day=first_day,
        rrule=schedule["rrule"],
        except_days=tuple(schedule["except_days"]),
        holidays=schedule["holidays"],
        slots=tuple((slot["opens"], slot["due"]) for slot in schedule["slots"]),
    )
    whom = {name: tuple(dict.fromkeys(values)) for name, values in audience.items()}
    return PlanDraft(audience=Audience(**whom), schedule=when, **said)


def _key(plan: Answer) -> list[str]:
    return [plan["created_at"].isoformat(), str(plan["id"])]
