"""Task plans."""

from datetime import datetime
from typing import Any

from kit import clock
from kit.db import unit_of_work
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import Staff
from tasks import service


def task_plan(*, by: Staff, now: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A plan that the store manager `by` sets for their own store."""
    defaults = {
        "kind": "custom",
        "title": "陈列检查",
        "instructions": "",
        "store_id": None,
        "content_id": None,
        "target_count": 1,
        "day": None,
        "due_at": None,
    }
    with unit_of_work():
        return service.create_plan(
            plan_id=new_id(),
            draft=service.PlanDraft(**{**defaults, **fields}),
            principal=_manager(by),
            now=now or clock.now(),
        )


def cancelled_plan(plan: dict[str, Any], *, by: Staff, now: datetime | None = None) -> dict[str, Any]:
    """The plan, called off by the store manager `by`."""
    with unit_of_work():
        return service.cancel_plan(plan_id=plan["id"], principal=_manager(by), now=now or clock.now())


def _manager(by: Staff) -> Principal:
    return Principal(
        id=by.id, kind="staff", name=by.name, roles=frozenset(by.roles), reach=Reach.STORE, store_id=by.store_id
    )
