"""Saving filters, and saying how long a stage of life lasts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from clienteling import queries
from clienteling.rules import Limits
from kit import jobs
from kit.db import db
from kit.errors import Forbidden
from kit.ids import new_id
from kit.principal import Principal
from kit.versions import expect
from models import LifeCycle, Segment

SHARERS = frozenset({"hq_admin"})


class SegmentNotYours(Forbidden):
    """Only who made a segment changes it; only headquarters share one with everybody."""

    code = "segment_not_yours"


def create_segment(*, name: str, filter: Mapping[str, Any], shared: bool, by: Principal, now: datetime) -> UUID:
    """The id of a new saved filter; raises SegmentNotYours if it may not be shared."""
    _check_sharing(shared, by)
    columns = {"name": name, "filter": dict(filter), "shared": shared, "created_by": by.id}
    segment = Segment(id=new_id(), **columns, created_at=now, updated_at=now)
    db.session.add(segment)
    db.session.flush()
    return segment.id


def change_segment(
    *, segment_id: UUID, changes: Mapping[str, Any], expected_version: int, by: Principal, now: datetime
) -> None:
    """Change what is given of name, filter, shared and archived; raises SegmentNotFound, SegmentNotYours, Stale."""
    queries.get_segment(segment_id, principal=by)
    segment = queries.lock_segment(segment_id)
    if segment.created_by != by.id:
        raise SegmentNotYours
    _check_sharing(changes.get("shared", False), by)
    expect(segment.version, expected=expected_version)
    columns = dict(changes)
    if "archived" in columns:
        segment.archived_at = now if columns.pop("archived") else None
    for name, value in columns.items():
        setattr(segment, name, value)
    segment.updated_at = now
    db.session.flush()


def set_limits(*, limits: Limits, by: Principal, now: datetime) -> None:
    """Let other day limits hold from now on; everybody's figures are computed anew in the background."""
    db.session.add(LifeCycle(id=new_id(), **asdict(limits), created_by=by.id, created_at=now))
    db.session.flush()
    request_refresh()


def request_refresh() -> None:
    """Have the figures refreshed in the background; asked twice, once."""
    jobs.enqueue("clienteling.jobs:refresh_figures", once_key="all")


def _check_sharing(shared: bool, by: Principal) -> None:
    if shared and not by.has_any(SHARERS):
        raise SegmentNotYours
