"""Task plans and the assignments they become."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from kit import clock
from kit.principal import Principal
from kit.web.auth import auth, principal
from kit.web.io import body, query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.queries import home_of
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF, MANAGERS, SELLERS
from tasks import queries, service
from tasks.queries import TaskNotFound, TaskPlanNotFound
from tasks.schemas import (
    SubmissionIn,
    SubmissionOut,
    TaskDetailOut,
    TaskListIn,
    TaskPageOut,
    TaskPlanIn,
    TaskPlanListIn,
    TaskPlanOut,
    TaskPlanPageOut,
)
from tasks.service import NoGuides, SubmissionDiffers, TaskCountsItself, TaskNotOpen, TaskPlanDiffers

bp = Blueprint("tasks", __name__, url_prefix="/v1", description="Tasks")


@bp.post("/task-plans")
@auth(roles=MANAGERS)
@refuses(NoGuides, StoreNotFound, TaskPlanDiffers, TaskPlanNotFound)
@body(TaskPlanIn)
@reply(TaskPlanOut, 201)
def create_task_plan(id: UUID, **plan: Any) -> dict[str, Any]:
    """Set a task for every guide of a store on one business day."""
    return service.create_plan(plan_id=id, draft=service.PlanDraft(**plan), principal=principal(), now=clock.now())


@bp.get("/task-plans")
@auth(roles=MANAGERS)
@query(TaskPlanListIn)
@reply(TaskPlanPageOut)
def list_task_plans(limit: int, cursor: str | None, store_id: UUID | None, day: date | None) -> dict[str, Any]:
    """What was set in my stores, newest first, and how far each guide is."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_plans(principal=principal(), store_id=store_id, day=day, after=after, limit=count)

    return page(fetch, name="task-plans", cursor=cursor, limit=limit, key=partial(_key, "created_at"))


@bp.post("/task-plans/<uuid:plan_id>/cancel")
@auth(roles=MANAGERS)
@refuses(TaskPlanNotFound)
@reply(TaskPlanOut)
def cancel_task_plan(plan_id: UUID) -> dict[str, Any]:
    """Call off what is not done yet."""
    return service.cancel_plan(plan_id=plan_id, principal=principal(), now=clock.now())


def _turn(caller: Principal, now: datetime) -> object:
    return quarter_hour(caller, now), queries.last_turn(caller, now)


@bp.get("/tasks")
@auth(roles=ANY_STAFF)
@listed("tasks", "content", "catalog", "availability", "people", turn=_turn)
@query(TaskListIn)
@reply(TaskPageOut)
def list_tasks(limit: int, cursor: str | None, day: date | None) -> dict[str, Any]:
    """My tasks of a day, the most urgent first."""
    now = clock.now()
    day = day or clock.business_day(now, home_of(principal()).time_zone)

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_tasks(principal(), day=day, now=now, after=after, limit=count)

    tasks = page(fetch, name="tasks", cursor=cursor, limit=limit, key=partial(_key, "due_at"))
    return {**tasks, "items": [_task(task) for task in tasks["items"]]}


@bp.get("/tasks/<uuid:task_id>")
@auth(roles=ANY_STAFF)
@refuses(TaskNotFound)
@reply(TaskDetailOut)
def get_task(task_id: UUID) -> dict[str, Any]:
    """One task of mine, or of a guide I manage, with what was handed in."""
    task = queries.get_task(task_id, principal=principal(), now=clock.now())
    return {**_task(task), "submissions": task["submissions"]}


@bp.post("/tasks/<uuid:task_id>/submissions")
@auth(roles=SELLERS)
@refuses(SubmissionDiffers, TaskCountsItself, TaskNotFound, TaskNotOpen)
@body(SubmissionIn)
@reply(SubmissionOut, 201)
def create_submission(task_id: UUID, id: UUID, note: str) -> dict[str, Any]:
    """Hand in a task of mine."""
    submission = service.submit(submission_id=id, task_id=task_id, note=note, guide=principal(), now=clock.now())
    return {name: submission[name] for name in ("id", "note", "created_at")}


_SHOWN = ("id", "plan_id", "kind", "title", "instructions", "day", "due_at", "state", "overdue")
_SHOWN_OF_CONTENT = ("id", "kind", "title", "thumbnail_url", "forwardable", "reasons")


def _task(task: dict[str, Any]) -> dict[str, Any]:
    progress = {"done": task["done"], "target": task["target_count"]}
    content = task["content"]
    return {
        **{name: task[name] for name in _SHOWN},
        "progress": progress,
        "content": content and {name: content[name] for name in _SHOWN_OF_CONTENT},
    }


def _key(column: str, row: dict[str, Any]) -> list[str]:
    at: datetime = row[column]
    return [at.isoformat(), str(row["id"])]
