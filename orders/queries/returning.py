"""What refunds, and negative lines of receipts, say of the sales that they take back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, Uuid, any_, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db
from models import Order, OrderLine, Refund, RefundLine
from orders.rules.returns import Document, SoldLine, StatedLine


class Sale(NamedTuple):
    """An order whose lines something takes back."""

    id: UUID
    currency: str
    lines: Sequence[SoldLine]


def find_sales(source_id: UUID, external_ids: Collection[str]) -> dict[str, Sale]:
    """These orders of a source with the lines that they sold, as far as they have arrived."""
    statement = (
        select(
            Order.external_id, Order.id, Order.currency, OrderLine.id, OrderLine.line_no,
            OrderLine.sku_code, OrderLine.told_code,
            OrderLine.quantity, OrderLine.paid_fen - OrderLine.tax_fen, OrderLine.tax_fen,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.source_id == source_id, Order.receipt_kind == "sale", Order.external_id == _any(external_ids))
        .where(OrderLine.quantity >= 0, OrderLine.paid_fen >= 0, OrderLine.original_line_id.is_(None))
    )  # fmt: skip
    found: dict[str, Sale] = {}
    lines: dict[str, list[SoldLine]] = defaultdict(list)
    rows: Any = db.session.execute(statement)
    for external_id, order_id, currency, line_id, line_no, code, told, *amounts in rows:
        lines[external_id].append(SoldLine(line_id, line_no, (code, told), *amounts))
        found[external_id] = Sale(order_id, currency, lines[external_id])
    return found


class Stated(NamedTuple):
    """A document as it stands, and its currency."""

    currency: str
    document: Document


def list_documents(
    source_id: UUID, external_ids: Collection[str], *, taken: Collection[UUID]
) -> dict[str | None, list[Stated]]:
    """What takes back these orders, by their external id; under None, what is `taken` and names no order."""
    lines: dict[tuple[str | None, UUID], list[StatedLine]] = defaultdict(list)
    for original, receipt_id, *line in db.session.execute(_lines(source_id, external_ids, taken)):
        lines[original, receipt_id].append(StatedLine(*line))
    found: dict[str | None, list[Stated]] = defaultdict(list)
    heads = _heads(source_id, external_ids, {receipt_id for _, receipt_id in lines})
    for original, receipt_id in lines.keys() | {(head.original, head.id) for head in heads.values() if head.whole}:
        head = heads[receipt_id]
        document = Document(
            receipt_id=receipt_id,
            at=head.at,
            external_id=head.external_id,
            void=head.cancelled,
            whole=head.whole,
            fee_fen=head.fee_fen,
            lines=lines[original, receipt_id],
        )
        found[original].append(Stated(head.currency, document))
    return found


class _Head(NamedTuple):
    id: UUID
    at: datetime
    external_id: str
    currency: str
    original: str | None
    whole: bool
    fee_fen: int
    cancelled: bool


def _heads(source_id: UUID, external_ids: Collection[str], receipt_ids: Collection[UUID]) -> dict[UUID, _Head]:
    """The documents of these ids, and the refunds that take back the whole of these orders."""
    statement = (
        select(
            Order.id, Order.ordered_at, Order.external_id, Order.currency, Refund.original_external_id,
            func.coalesce(Refund.whole, false()), func.coalesce(Refund.fee_fen, 0),
            func.coalesce(Refund.cancelled, false()),
        )
        .outerjoin(Refund, Refund.order_id == Order.id)
        .where(or_(Order.id == _any_id(receipt_ids), Order.id.in_(_whole(source_id, external_ids))))
    )  # fmt: skip
    return {row[0]: _Head(*row) for row in db.session.execute(statement)}


def _whole(source_id: UUID, external_ids: Collection[str]) -> Select[Any]:
    wanted = select(Refund.order_id).join(Order, Order.id == Refund.order_id)
    return wanted.where(Refund.whole, Refund.original_external_id == _any(external_ids), Order.source_id == source_id)


def _lines(source_id: UUID, external_ids: Collection[str], taken: Collection[UUID]) -> Any:
    named = RefundLine.original_external_id == _any(external_ids)
    unnamed = RefundLine.original_external_id.is_(None) & (OrderLine.order_id == _any_id(taken))
    return (
        select(
            RefundLine.original_external_id, OrderLine.order_id, OrderLine.line_no, RefundLine.original_line_no,
            RefundLine.sku_code, RefundLine.quantity, RefundLine.amount_fen, RefundLine.tax_fen,
        )
        .join(OrderLine, OrderLine.id == RefundLine.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(or_(named, unnamed), Order.source_id == source_id)
    )  # fmt: skip


def find_doubts(receipt_ids: Collection[UUID]) -> dict[UUID, str]:
    """What is doubtful about these documents, by the first of their lines about which something is."""
    statement = (
        select(OrderLine.order_id, RefundLine.doubt)
        .join(RefundLine, RefundLine.line_id == OrderLine.id)
        .where(OrderLine.order_id == _any_id(receipt_ids), RefundLine.doubt.is_not(None))
        .order_by(OrderLine.line_no.desc())
    )
    rows: Any = db.session.execute(statement)
    return dict(rows.all())


def lock_concerned(source_id: UUID, *, kind: str, external_ids: Collection[str], sales: Collection[str]) -> None:
    """Keep from other changes what a batch is going to change: these receipts, these sales, and what takes them back.

    By id, as all who work on several orders take them, so that nobody waits in a circle: it comes before the batch
    writes any of them, by whatever names it goes.
    """
    named = or_(
        (Order.receipt_kind == kind) & (Order.external_id == _any(external_ids)),
        (Order.receipt_kind == "sale") & (Order.external_id == _any(sales)),
    )
    ids = set(db.session.scalars(select(Order.id).where(Order.source_id == source_id, named)))
    if ids := ids | find_documents(source_id, sales):
        lock_documents(ids)


def lock_documents(receipt_ids: Collection[UUID]) -> None:
    """Keep these from other changes until the unit of work ends, in one order, so that nobody waits in a circle."""
    locked = select(Order.id).where(Order.id == _any_id(receipt_ids)).order_by(Order.id)
    db.session.execute(locked.with_for_update(key_share=True))


def find_documents(source_id: UUID, external_ids: Collection[str]) -> set[UUID]:
    """The documents that take something back of these orders."""
    whole = _whole(source_id, external_ids)
    lines = (
        select(OrderLine.order_id)
        .join(RefundLine, RefundLine.line_id == OrderLine.id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(RefundLine.original_external_id == _any(external_ids), Order.source_id == source_id)
    )
    return set(db.session.scalars(whole.union(lines)))


def _any(names: Collection[str]) -> ColumnElement[Any]:
    return any_(literal(list(names), ARRAY(String)))


def _any_id(ids: Collection[UUID]) -> ColumnElement[Any]:
    return any_(literal(list(ids), ARRAY(Uuid)))
