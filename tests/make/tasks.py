"""Task plans, and the forwards that count for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit import clock
from kit.db import unit_of_work
from kit.ids import new_id, new_token
from kit.principal import Principal, Reach
from models import Content, ContentVersion, Forward, Staff
from tasks import service
from tests.make.rows import save


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
    manager = Principal(
        id=by.id, kind="staff", name=by.name, roles=frozenset(by.roles), reach=Reach.STORE, store_id=by.store_id
    )
    with unit_of_work():
        return service.create_plan(
            plan_id=new_id(), principal=manager, now=now or clock.now(), **{**defaults, **fields}
        )


def shared(*, by: UUID) -> ContentVersion:
    """A published content's only version, for tests that need something forwarded and not the content room."""
    now = clock.now()
    content = save(
        Content(
            kind="article",
            state="published",
            category="新品",
            live_number=1,
            valid_from=now,
            published_at=now,
            created_by=by,
        )
    )
    return save(
        ContentVersion(
            content_id=content.id,
            number=1,
            title="新品上市",
            body="",
            texts={"default": "x"},
            poster_template="plain",
            created_by=by,
        )
    )


def forward_of(version: ContentVersion, *, guide: Staff, at: datetime | None = None, **columns: Any) -> Forward:
    """A forward as the content room would have recorded it."""
    defaults = {
        "store_id": guide.store_id,
        "channel": "link",
        "target": {},
        "text": "x",
        "token": new_token(),
        "shown": {},
    }
    return save(
        Forward(
            content_id=version.content_id,
            content_version_id=version.id,
            guide_id=guide.id,
            created_at=at or clock.now(),
            **{**defaults, **columns},
        )
    )
