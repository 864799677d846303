"""Rejected orders and refunds, mended and sent again by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete

from kit import audit
from kit.complaints import read_complaint
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.words import say
from models import OrderReject
from orders.incoming import OrderItem
from orders.incoming_refunds import RefundItem
from orders.queries.rejects import RejectRow, get_reject
from orders.service.ingest import ingest_orders
from orders.service.refunds import ingest_refunds
from orders.service.versions import Outcome


class RejectCut(Conflict):
    """It was too long to be kept whole: it has to be sent."""

    code = "order_reject_cut"


class OtherReceipt(Invalid):
    """What is sent to mend an order or a refund is another one."""

    code = "order_reject_other_receipt"


def replay_reject(*, reject_id: UUID, item: Mapping[str, Any] | None, now: datetime) -> Outcome:
    """What becomes of a rejected order or refund, sent again as it is or as `item` says now.

    Once it is taken it is no longer among the rejected. Raises RejectNotFound, RejectCut, OtherReceipt, and Invalid
    where `item` is not of its shape.
    """
    row, kept = get_reject(reject_id)
    if item is None and not row.whole:
        raise RejectCut
    content = kept if item is None else msgspec.json.encode(item)
    if row.kind == "sale":
        order = _read(content, OrderItem, row)
        [told] = ingest_orders(source=row.source, items=[(0, order)], now=now)
    else:
        refund = _read(content, RefundItem, row)
        [told] = ingest_refunds(source=row.source, items=[(0, refund)], now=now)
    _note(row, "replayed", outcome=told["outcome"])
    if told["outcome"] != "rejected":
        # What had no name of its own, or is held by now in a newer version, is not replaced by being taken.
        db.session.execute(delete(OrderReject).where(OrderReject.id == reject_id))
    return told


def dismiss_reject(*, reject_id: UUID) -> None:
    """Give up a rejected order or refund; raises RejectNotFound."""
    row, _ = get_reject(reject_id)
    db.session.execute(delete(OrderReject).where(OrderReject.id == reject_id))
    _note(row, "dismissed")


def _read(content: bytes, shape: type[Any], row: RejectRow) -> Any:
    try:
        item = msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as error:
        raise Invalid(read_complaint(error)) from None
    if row.external_id is not None and item.external_id != row.external_id:
        raise OtherReceipt(say("order_reject_other_receipt.named", external_id=row.external_id))
    return item


def _note(row: RejectRow, action: str, **details: str) -> None:
    told = {"source": row.source, "external_id": row.external_id or "", "code": row.code, **details}
    audit.note(table_name="order_reject", row_id=str(row.id), action=action, **told)
