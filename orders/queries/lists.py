"""Lists of orders and refunds, as somebody sees them: begun with an index that knows the scope (docs/adr/0024)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, select

from kit.db import fetch_all
from kit.principal import Principal
from models import Attribution, Credit, Order, OrderLine, Source, Store
from orders.queries.served import IS_SELLER
from staff.scope import Listed, Page, read_page

BY_TIME = Listed(keys=(Order.ordered_at, Order.id), guide_id=None, store_id=Order.store_id)
# A business day begins and ends within this of the same day in UTC, wherever the store is.
ZONES_REACH = timedelta(hours=14)
# How much of a sale was taken back.
STATES = ("sold", "partly_returned", "returned", "nothing")
STATE = case(
    (Order.net_fen == 0, "nothing"),
    (Order.net_sales_fen == Order.net_fen, "sold"),
    (Order.net_sales_fen > 0, "partly_returned"),
    else_="returned",
)


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders are listed; None narrows nothing."""

    kind: str = "sale"
    store_id: UUID | None = None
    guide_id: UUID | None = None
    customer_id: UUID | None = None
    source: str | None = None
    channel: str | None = None
    state: str | None = None
    external_id: str | None = None
    first: date | None = None
    last: date | None = None


def list_orders(
    wanted: OrderFilter, *, principal: Principal, after: Sequence[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Orders, or refunds, of the stores in sight, the newest first, past the time and id in `after`."""
    columns = (
        Order.id, Order.receipt_kind.label("kind"), Source.code.label("source"), Order.external_id, Order.store_id,
        Store.code.label("store_code"), Store.name.label("store_name"), Order.customer_id, Order.channel,
        Order.ordered_at, Order.business_day, Order.currency, Order.net_fen, Order.net_sales_fen,
        Order.staff_purchase, STATE.label("state"),
    )  # fmt: skip
    rows = select(*columns).join(Source, Source.id == Order.source_id).join(Store, Store.id == Order.store_id)
    newest_first = rows.order_by(Order.ordered_at.desc(), Order.id.desc())
    page = Page(
        limit=limit,
        after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
        where=tuple(_conditions(wanted)),
        store_id=wanted.store_id,
    )
    return read_page(
        BY_TIME, page, principal=principal, read=lambda theirs: list(fetch_all(newest_first.where(theirs)))
    )


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Order.receipt_kind == wanted.kind]
    if wanted.guide_id:
        found.append(_is_credited_to(wanted.guide_id))
    if wanted.source:
        found.append(Order.source_id == select(Source.id).where(Source.code == wanted.source).scalar_subquery())
    if wanted.state:
        found.append(STATE.in_([wanted.state]))
    for name in ("customer_id", "channel", "external_id"):
        if (value := getattr(wanted, name)) is not None:
            found.append(getattr(Order, name) == value)
    return [*found, *_on_days(wanted)]


def _on_days(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    """The business days; and the times among which they lie, which the indexes know."""
    found: list[ColumnElement[bool]] = []
    if wanted.first:
        starts = datetime.combine(wanted.first, time(), UTC) - ZONES_REACH
        found.append(and_(Order.business_day >= wanted.first, Order.ordered_at >= starts))
    if wanted.last:
        ends = datetime.combine(wanted.last, time(), UTC) + timedelta(days=1) + ZONES_REACH
        found.append(and_(Order.business_day <= wanted.last, Order.ordered_at < ends))
    return found


def _is_credited_to(guide_id: UUID) -> ColumnElement[bool]:
    line = select(OrderLine.id).join(Attribution, Attribution.line_id == OrderLine.id).join(Credit, IS_SELLER)
    return line.where(OrderLine.order_id == Order.id, Credit.beneficiary_id == guide_id).correlate(Order).exists()
