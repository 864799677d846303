"""Where products come from."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from kit.codes import fold_code
from kit.db import db, fetch_all
from kit.errors import NotFound
from kit.principal import Principal
from kit.words import say
from models import Source, Store
from staff.queries import StoreNotFound
from staff.scope import sees_store

# What people see of a source; its secrets are only counted.
SOURCE_FIELDS = ("id", "code", "name", "currency", "format", "mapping", "guard_bp", "unsigned_pushes", "rank")


class SourceNotFound(NotFound):
    """There is no such source."""

    code = "source_not_found"


def get_source(code: str) -> Source:
    """The source with this code; raises SourceNotFound."""
    source = db.session.scalar(select(Source).where(Source.code == code))
    if source is None:
        raise SourceNotFound(say("source_not_found", code=code))
    return source


def get_source_by_id(source_id: UUID) -> Source:
    """The source with this id, which is there for as long as anything refers to it."""
    return db.session.get_one(Source, source_id)


def list_sources(after: list[str] | None, limit: int) -> list[dict[str, Any]]:
    """Sources by code, past the code in `after`."""
    columns = [getattr(Source, name) for name in SOURCE_FIELDS]
    secrets = func.cardinality(Source.secrets).label("secrets")
    retired = Source.retired_at.is_not(None).label("retired")
    statement = select(*columns, secrets, retired).order_by(Source.code).limit(limit)
    if after:
        statement = statement.where(Source.code > after[0])
    return list(fetch_all(statement))


def get_store_id(code: str, *, principal: Principal) -> UUID:
    """The store with this code within the principal's scope; raises StoreNotFound."""
    store_id = db.session.scalar(
        select(Store.id).where(Store.code_key == fold_code(code), sees_store(Store.id, principal))
    )
    if store_id is None:
        raise StoreNotFound(say("store_not_found", code=code))
    return store_id
