"""Reads of integrators' keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from kit.db import db, fetch_all
from kit.errors import NotFound
from models import ApiKey

COLUMNS = (
    ApiKey.id,
    ApiKey.name,
    ApiKey.scopes,
    ApiKey.created_at,
    ApiKey.expires_at,
    ApiKey.previous_until,
    ApiKey.revoked_at,
    ApiKey.last_used_on,
)


class ApiKeyNotFound(NotFound):
    """There is no such key."""

    code = "api_key_not_found"


def find_api_key(secret_hash: str, *, now: datetime) -> ApiKey | None:
    """The key that this secret's hash opens now: neither revoked nor expired, nor replaced too long ago."""
    replaced = (ApiKey.previous_hash == secret_hash) & (ApiKey.previous_until > now)
    live = ApiKey.revoked_at.is_(None) & or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now)
    return db.session.scalar(select(ApiKey).where(live, (ApiKey.secret_hash == secret_hash) | replaced))


def lock_api_key(key_id: UUID) -> ApiKey:
    """A key, held until the unit of work ends; raises ApiKeyNotFound."""
    key = db.session.scalar(select(ApiKey).where(ApiKey.id == key_id).with_for_update())
    if key is None:
        raise ApiKeyNotFound
    return key


def list_api_keys(*, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Keys, the newest first, revoked ones too; never a secret."""
    statement = select(*COLUMNS).order_by(ApiKey.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(ApiKey.id < UUID(after[0]))
    return list(fetch_all(statement))
