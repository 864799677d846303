"""Task plans."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import Staff, Store
from tasks.queries.board import read_plan_shares
from tasks.queries.plans import get_plan
from tasks.rules.plans import Audience, PlanDraft
from tasks.rules.schedule import END, Schedule
from tasks.service import commands, plans
from tests.make.content import principal_of

NOBODY = Audience((), (), (), ("guide",))


def plan_draft(
    *,
    day: date,
    audience: Audience = NOBODY,
    slots: tuple[tuple[str, str], ...] = (("00:00", END),),
    rrule: str | None = None,
    holidays: str = "keep",
    **said: Any,
) -> PlanDraft:
    """What a manager asks for: a checklist for a day, unless said otherwise."""
    defaults = {
        "kind": "custom",
        "title": "陈列检查",
        "instructions": "",
        "content_id": None,
        "target_count": 1,
        "share": "each",
        "share_count": None,
        "minutes": 0,
        "review": False,
        "late": "stay_overdue",
    }
    schedule = Schedule(first_day=day, rrule=rrule, except_days=(), holidays=holidays, slots=slots)
    return PlanDraft(audience=audience, schedule=schedule, **{**defaults, **said})


def task_plan(
    *, by: Staff, now: datetime | None = None, day: date | None = None, publish: bool = True, **said: Any
) -> dict[str, Any]:
    """A plan that `by` sets, as the API tells it: a store manager for their own store."""
    now = now or clock.now()
    if day is None:
        store = db.session.get(Store, by.store_id) if by.store_id else None
        day = clock.business_day(now, store.time_zone if store else "Asia/Shanghai")
    caller = as_manager(by)
    with unit_of_work():
        plan_id = plans.create_plan(
            plan_id=new_id(), draft=plan_draft(day=day, **said), publish=publish, principal=caller, now=now
        )
        return _told(plan_id, caller)


def ended_plan(plan: dict[str, Any], *, by: Staff, now: datetime | None = None) -> dict[str, Any]:
    """The plan, ended by the manager `by`."""
    with unit_of_work():
        plans.move(plan["id"], command="end", principal=as_manager(by), now=now or clock.now())
        return _told(plan["id"], as_manager(by))


def task_command(
    task_id: UUID, command: str, *, by: Staff, now: datetime | None = None, manages: bool = False, **said: Any
) -> UUID:
    """A command of somebody's, and its id."""
    given = commands.Command(**{"id": new_id(), "task_id": task_id, "command": command, **said})
    with unit_of_work():
        commands.give(given, principal=as_manager(by) if manages else principal_of(by), now=now or clock.now())
    return given.id


def _told(plan_id: UUID, caller: Principal) -> dict[str, Any]:
    shares = read_plan_shares([plan_id], principal=caller)[plan_id]
    return {**get_plan(plan_id, principal=caller), "guides": shares}


def as_manager(by: Staff) -> Principal:
    """Somebody as who manages the tasks of their store, region or chain; a guide, too, where a test is lazy."""
    found = principal_of(by)
    if found.reach is Reach.ALL:
        return found
    return replace(found, reach=Reach.REGION if by.region_id else Reach.STORE)
