"""What was sent in vain, for who mends it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select

from kit.db import db
from kit.errors import NotFound
from kit.sealing import unseal
from kit.words import Said
from models import OrderReject, Source, Store

PURPOSE = "rejected order"


class RejectNotFound(NotFound):
    """It was mended, replaced by a newer one, or was never there."""

    code = "order_reject_not_found"


class RejectRow(NamedTuple):
    """An order or refund that was not taken: why, and how often it was sent."""

    id: UUID
    source: str
    kind: str
    external_id: str | None
    version: int | None
    store_id: UUID | None
    store_code: str | None
    code: str
    said: Said
    whole: bool
    times: int
    first_at: datetime
    last_at: datetime


COLUMNS = (
    OrderReject.id, Source.code, OrderReject.receipt_kind, OrderReject.external_id, OrderReject.source_version,
    OrderReject.store_id, Store.code, OrderReject.code, OrderReject.said, OrderReject.whole, OrderReject.times,
    OrderReject.first_at, OrderReject.last_at,
)  # fmt: skip


def list_rejects(
    *, source_id: UUID, kind: str | None, code: str | None, after: list[str] | None, limit: int
) -> Sequence[RejectRow]:
    """What of a source was not taken, the newest first, past the id in `after`."""
    statement = _rows().where(OrderReject.source_id == source_id)
    if kind:
        statement = statement.where(OrderReject.receipt_kind == kind)
    if code:
        statement = statement.where(OrderReject.code == code)
    if after:
        statement = statement.where(OrderReject.id < UUID(after[0]))
    found: Any = db.session.execute(statement.order_by(OrderReject.id.desc()).limit(limit))
    return [RejectRow(*row) for row in found]


def find_rejects(where: ColumnElement[bool]) -> Sequence[RejectRow]:
    """Those that meet a condition, the newest first."""
    found: Any = db.session.execute(_rows().where(where).order_by(OrderReject.id.desc()))
    return [RejectRow(*row) for row in found]


def get_reject(reject_id: UUID) -> tuple[RejectRow, bytes]:
    """One with the item as it was sent, cut where it is not whole; raises RejectNotFound."""
    row: Any = db.session.execute(_rows(OrderReject.sealed_item).where(OrderReject.id == reject_id)).one_or_none()
    if row is None:
        raise RejectNotFound
    *columns, sealed = row
    return RejectRow(*columns), unseal(bytes(sealed), purpose=PURPOSE, place=str(reject_id))


def _rows(*also: Any) -> Any:
    statement = select(*COLUMNS, *also).join(Source, Source.id == OrderReject.source_id)
    return statement.outerjoin(Store, Store.id == OrderReject.store_id)
