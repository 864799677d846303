"""Orders, as their sources send them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from kit import clock
from kit.db import db, unit_of_work
from kit.principal import Principal, Reach
from models import Order, OrderLine, Source, Staff, Store
from orders.incoming import OrderItem
from orders.incoming_footfall import FootfallItem
from orders.incoming_refunds import RefundItem
from orders.rules.attribution import Policy
from orders.service import ingest_footfall, ingest_orders, ingest_refunds
from orders.service.claims import claim_line
from orders.service.policies import add_policy
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


def footfall(store: Store, count: int, *, day: date, hour: int = 14, source: Source | None = None) -> None:
    """People who came in within an hour, counted by a source of its own unless told otherwise."""
    item = FootfallItem(store=store.code, day=day, hour=hour, count=count, version=1)
    code = (source or order_source()).code
    with unit_of_work():
        [told] = ingest_footfall(source=code, items=[(0, item)], now=clock.now())
    assert told["outcome"] == "created", told


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


def attribution_policy(**terms: Any) -> UUID:
    """The id of a draft of the attribution policy, by somebody, in force for orders from 2020 on."""
    by = save(Staff(staff_no=f"P{next_number()}", name="起草人", roles=["hq_commission"], hired_on=date(2020, 1, 1)))
    with unit_of_work():
        return add_policy(Policy(**terms), effective_from=datetime(2020, 1, 1, tzinfo=UTC), created_by=by.id)


def claim(*, guide: Staff, share_bp: int = 10_000, line_id: UUID | None = None) -> UUID:
    """A guide's claim to a line: of a new order in their store that counts for nobody, unless told otherwise."""
    assert guide.store_id
    if line_id is None:
        sold = order(store=db.session.get_one(Store, guide.store_id))
        line_id = db.session.scalars(select(OrderLine.id).where(OrderLine.order_id == sold.id)).one()
    mine = Principal(id=guide.id, kind="staff", name=guide.name, reach=Reach.SELF, store_id=guide.store_id)
    with unit_of_work():
        return claim_line(line_id=line_id, share_bp=share_bp, evidence="试用登记", principal=mine, now=clock.now())


def _rfc3339(at: datetime) -> str:
    return at.isoformat()
