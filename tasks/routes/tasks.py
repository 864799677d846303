"""Tasks: a guide's list, one with its history, and what people do with it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit import clock
from kit.principal import Principal
from kit.web.auth import auth, principal
from kit.web.io import body, query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.queries import home_of
from staff.rules import ANY_STAFF, MANAGERS, SELLERS
from tasks import present
from tasks.queries import tasks as queries
from tasks.queries.tasks import TaskNotFound
from tasks.routes.blueprint import bp
from tasks.rules.states import TaskNotOpen
from tasks.schemas.tasks import TaskCommandIn, TaskDetailOut, TaskListIn, TaskPageOut
from tasks.service import commands as service
from tasks.service.commands import Command, TaskClaimed, TaskCommandDiffers, TaskCommandNotYours, TaskCountsItself

Answer = dict[str, Any]


def _turn(caller: Principal, now: datetime) -> object:
    return quarter_hour(caller, now), queries.last_turn(caller, now)


@bp.get("/tasks")
@auth(roles=ANY_STAFF)
@listed("tasks", "content", "catalog", "availability", "people", turn=_turn)
@query(TaskListIn)
@reply(TaskPageOut)
def list_tasks(limit: int, cursor: str | None, day: date | None, state: str | None) -> Answer:
    """My tasks of a day and those of my store to claim, in the order to do them: the open first, by deadline."""
    now = clock.now()
    day = day or clock.business_day(now, home_of(principal()).time_zone)

    def fetch(after: list[Any] | None, count: int) -> list[Answer]:
        return queries.list_tasks(principal(), day=day, state=state, now=now, after=after, limit=count)

    found = page(fetch, name="tasks", cursor=cursor, limit=limit, key=_key)
    return {**found, "items": [present.task_answer(task, now=now) for task in found["items"]]}


@bp.get("/tasks/<uuid:task_id>")
@auth(roles=ANY_STAFF)
@refuses(TaskNotFound)
@reply(TaskDetailOut)
def get_task(task_id: UUID) -> Answer:
    """One task of mine, or of a guide I manage, with what was handed in and what happened."""
    return _answer(task_id)


@bp.post("/tasks/<uuid:task_id>/commands")
@auth(roles=SELLERS | MANAGERS)
@refuses(TaskClaimed, TaskCommandDiffers, TaskCommandNotYours, TaskCountsItself, TaskNotFound, TaskNotOpen)
@body(TaskCommandIn)
@reply(TaskDetailOut, 201)
def give_task_command(task_id: UUID, **said: Any) -> Answer:
    """Claim, start, submit, block or unblock a task of mine; approve, return, reassign or cancel one of my people."""
    service.give(Command(task_id=task_id, **said), principal=principal(), now=clock.now())
    return _answer(task_id)


def _answer(task_id: UUID) -> Answer:
    now = clock.now()
    task = queries.get_task(task_id, principal=principal(), now=now)
    return {**present.task_answer(task, now=now), "submissions": task["submissions"], "history": task["history"]}


def _key(task: Answer) -> list[Any]:
    return [task["rank"], task["due_at"].isoformat(), str(task["id"])]
