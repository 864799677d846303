"""Orders, as their sources send them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from kit import clock
from kit.db import db, unit_of_work
from models import Order, Source, Staff, Store
from orders.incoming import OrderItem
from orders.incoming_refunds import RefundItem
from orders.service import ingest_orders, ingest_refunds
from tests.make.rows import next_number, save


def order_source(**columns: Any) -> Source:
    number = next_number()
    return save(Source(**{"code": f"till-{number}", "name": f"收银{number}", **columns}))


def line(line_no: int = 1, **fields: Any) -> dict[str, Any]:
    """One line of an order as JSON: one piece for 100.00, unless told otherwise."""
    return {"line_no": line_no, "sku": f"SKU-{line_no}", "quantity": 1, "paid": 10_000, **fields}


def order_item(*, store: Store, served_by: Staff | None = None, **fields: Any) -> dict[str, Any]:
    """An order as JSON, of an hour ago, with one line unless told otherwise."""
    defaults: dict[str, Any] = {
        "external_id": f"E{next_number()}",
        "version": 1,
        "store": store.code,
        "ordered_at": _rfc3339(clock.now() - timedelta(hours=1)),
        "channel": "pos",
        "lines": [line()],
    }
    if served_by is not None:
        defaults["serving"] = [{"staff_no": served_by.staff_no, "share_bp": 10_000}]
    return {**defaults, **{key: _rfc3339(v) if isinstance(v, datetime) else v for key, v in fields.items()}}


def take_orders(source: Source, items: list[dict[str, Any]], *, now: datetime | None = None) -> list[dict[str, Any]]:
    """What becomes of a batch, past HTTP."""
    numbered = list(enumerate(msgspec.convert(items, list[OrderItem])))
    with unit_of_work():
        return ingest_orders(source=source.code, items=numbered, now=now or clock.now())


def refund_item(*, store: Store, **fields: Any) -> dict[str, Any]:
    """A refund as JSON, of half an hour ago; of a whole order, unless lines are told."""
    defaults: dict[str, Any] = {
        "external_id": f"R{next_number()}",
        "version": 1,
        "store": store.code,
        "refunded_at": _rfc3339(clock.now() - timedelta(minutes=30)),
    }
    return {**defaults, **{key: _rfc3339(v) if isinstance(v, datetime) else v for key, v in fields.items()}}


def take_refunds(source: Source, items: list[dict[str, Any]], *, now: datetime | None = None) -> list[dict[str, Any]]:
    """What becomes of a batch of refunds, past HTTP."""
    numbered = list(enumerate(msgspec.convert(items, list[RefundItem])))
    with unit_of_work():
        return ingest_refunds(source=source.code, items=numbered, now=now or clock.now())


def order(*, source: Source | None = None, **fields: Any) -> Order:
    """An order that came in."""
    source = source or order_source()
    item = order_item(**fields)
    [outcome] = take_orders(source, [item])
    assert outcome["outcome"] == "created", outcome
    found = db.session.scalar(
        select(Order).where(Order.source_id == source.id, Order.external_id == item["external_id"])
    )
    assert found is not None
    return found


def _rfc3339(at: datetime) -> str:
    return at.isoformat()
