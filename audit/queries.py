"""All reads of the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from kit.clock import with_z
from kit.db import fetch_all
from models import ApiKey, AuditEntry, Staff

COLUMNS = (
    AuditEntry.id,
    AuditEntry.created_at,
    AuditEntry.actor_kind,
    AuditEntry.principal_id,
    AuditEntry.address,
    AuditEntry.request_id,
    AuditEntry.table_name,
    AuditEntry.row_id,
    AuditEntry.action,
    AuditEntry.before,
    AuditEntry.after,
)


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to look for; None leaves a condition out."""

    table_name: str | None
    row_id: str | None
    principal_id: UUID | None
    action: str | None
    request_id: str | None
    since: datetime | None
    until: datetime | None


def list_entries(search: Search, *, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Entries that match all conditions, the latest first, past the key `after` (time, id)."""
    statement = (
        select(*COLUMNS, Staff.staff_no, ApiKey.name.label("api_key_name"))
        .outerjoin(Staff, Staff.id == AuditEntry.principal_id)
        .outerjoin(ApiKey, ApiKey.id == AuditEntry.principal_id)
        .where(*_conditions(search))
        .order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    if after is not None:
        last = (datetime.fromisoformat(after[0]), after[1])
        statement = statement.where(tuple_(AuditEntry.created_at, AuditEntry.id) < last)
    return [{**row, **{name: with_z(row[name]) for name in ("before", "after")}} for row in fetch_all(statement)]


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    equal = {
        AuditEntry.table_name: search.table_name,
        AuditEntry.row_id: search.row_id,
        AuditEntry.principal_id: search.principal_id,
        AuditEntry.action: search.action,
        AuditEntry.request_id: search.request_id,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if search.since is not None:
        conditions.append(AuditEntry.created_at >= search.since)
    if search.until is not None:
        conditions.append(AuditEntry.created_at < search.until)
    return conditions
